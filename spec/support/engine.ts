/**
 * The engine under test: an object with the shape of the `WebAssembly` namespace, chosen by name. All harnesses are
 * written against this, so that they can be tried with V8 on both sides.
 */
import type {
  BufferSource,
  GlobalConstructor,
  InstanceConstructor,
  MemoryConstructor,
  ModuleConstructor,
  TableConstructor,
} from '../../src/runtime/webidl/api-types.js';
import { type SabotageKind, sabotage, sabotageKinds } from './sabotage.js';

/** The part of the namespace that the harnesses use. */
export interface Namespace {
  validate(bytes: BufferSource): boolean;
  Module: ModuleConstructor;
  Instance: InstanceConstructor;
  Memory: MemoryConstructor;
  Table: TableConstructor;
  Global: GlobalConstructor;
  CompileError: ErrorConstructor;
  LinkError: ErrorConstructor;
  RuntimeError: ErrorConstructor;
  /** Absent where the engine has no exception handling. */
  Exception?: unknown;
}

/** V8's own engine. */
export const v8 = (globalThis as unknown as { WebAssembly: Namespace }).WebAssembly;

/**
 * Load an engine.
 * @param name `v8`, `beamline`, `beamline-image` or `beamline-linked` (modules are loaded from code images), or `v8-KIND`: V8
 *   with one of the defects of sabotage.ts, to test the tests
 * @param options options of `new Engine()`, as JSON text or an object; only `beamline` and its variants take any
 * @throws Error if the name is unknown or the options are refused
 */
export async function loadEngine(name: string, options?: string | object): Promise<Namespace> {
  if (name === 'v8') return v8;
  if (name.startsWith('v8-')) {
    const kind = name.slice(3) as SabotageKind;
    if (sabotageKinds.includes(kind)) return sabotage(v8, kind);
  }
  const parsed = typeof options === 'string' ? JSON.parse(options || '{}') : (options ?? {});
  if (name === 'beamline') {
    const { Engine } = await import('../../src/index.js');
    return new Engine(parsed).WebAssembly as unknown as Namespace;
  }
  if (name === 'beamline-image' || name === 'beamline-linked') {
    const { throughImages } = await import('./image-engine.js');
    return throughImages(parsed, name === 'beamline-linked') as unknown as Namespace;
  }
  throw new Error(
    `unknown engine '${name}': v8, beamline, beamline-image, beamline-linked, ${sabotageKinds.map((kind) => `v8-${kind}`).join(', ')}`,
  );
}

/** True if an error says that a feature is known, and missing. */
export function isUnsupported(error: unknown): boolean {
  return error instanceof Error && error.message.includes('not supported yet');
}

/**
 * True if V8 of this Node refuses a module, with this message, only because it is older than what Beamline has: extended constant
 * expressions (V8 11.4), own globals in constant expressions (V8 11.9), wide arithmetic (not there in V8 14), relaxed SIMD (V8 11.4),
 * exceptions as references (V8 13.7),
 * tables with a value for their elements (V8 11.9), groups of imports (not there in V8 14), several memories (V8 12), 64-bit memories and
 * tables (V8 13.3).
 */
export function isNewerThanV8(refusal: string): boolean {
  return newer.test(refusal);
}

/**
 * True if Beamline refuses a module, with this message, that V8 of Node 20 takes and later versions do not: element segments with
 * expressions whose type is a number type (Core Specification 5.5.12), atomic accesses of less than natural alignment.
 */
export function isOlderInV8(refusal: string): boolean {
  return /invalid reference type 0x7[b-f]\b|invalid alignment for atomic operation/.test(refusal);
}

const newer =
  /opcode i(32|64)\.(add|sub|mul) is not allowed in constant expressions|non-imported globals cannot be used in|invalid numeric opcode: 0xfc1[3-6]|enable with --experimental-relaxed-simd|[Ii]nvalid opcode 0x(a|1f)|type 'no(extern|externref)'|experimental-wasm-exnref|invalid value type 0x40|unknown import kind 0x7[ef]|expected memory index 0, found|invalid [a-z ]+ limits flags|At most one memory is supported|memory count of \d+ exceeds internal limit of 1|actual alignment is (6[4-9]|7\d)\b/;
