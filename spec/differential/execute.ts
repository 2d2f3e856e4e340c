/**
 * Executes an instrumented module and writes down everything that can be seen of it, as lines of text: results, traps,
 * host calls, memory, tables, globals. Host functions and arguments depend on the seed only, so that two engines give
 * the same lines.
 */
import { createHash } from 'node:crypto';
import { Bridge } from '../suite/bridge.js';
import type { Namespace } from '../support/engine.js';
import { Random, randomF32Bits, randomF64Bits, randomI32, randomI64 } from '../support/random.js';
import { functionType, type Import, type ModuleShape, readModule } from '../support/reader.js';
import {
  EXTERNREF,
  F32,
  F64,
  type FunctionType,
  I32,
  I64,
  Kind,
  typeName,
  V128,
  type ValueType,
} from '../support/wasm-types.js';
import { forwarder } from './forwarder.js';
import { randomHostValue, showHostValue } from './host-values.js';
import { fuelExport, fuelPerCall, prefix } from './instrument.js';

type Callable = (...args: unknown[]) => unknown;

export interface Outcome {
  lines: string[];
  /** The stack overflowed: from here on, engines may differ. The lines up to there still count. */
  overflow: boolean;
  /** The engine lacks a feature. */
  unsupported: boolean;
}

const defaultLines = 3000;
const hashLimit = 1 << 19;
const scratch = new DataView(new ArrayBuffer(8));

/** Kinds of traps by the messages of V8 and of the specification. */
const trapKinds: readonly [RegExp, string][] = [
  [/unreachable/, 'unreachable'],
  [/memory access|data segment/, 'memory bounds'],
  [/divide by zero|remainder by zero/, 'division by zero'],
  [/divide result|integer overflow/, 'integer overflow'],
  [/float unrepresentable|invalid conversion/, 'conversion'],
  [/table (index|access|or element)|element segment/, 'table bounds'],
  [/null function|signature mismatch|indirect call|uninitialized element/, 'indirect call'],
];

export interface ExecuteOptions {
  /** Calls per exported function. */
  rounds?: number;
  maxExports?: number;
  maxLines?: number;
  /** Sees each line as it is written. */
  onLine?: (line: string) => void;
  /** Sees the exports before any of them is used. */
  onInstance?: (exports: Record<string, unknown>, log: (line: string) => void) => void;
}

/** What a host function throws. */
class HostError extends Error {}

export class Executor {
  readonly #engine: Namespace;
  readonly #seed: number;
  readonly #options: ExecuteOptions;
  readonly #maxLines: number;
  readonly #lines: string[] = [];
  readonly #shape: ModuleShape;
  /** JavaScript has no vectors: what takes or gives them is called, and read, through a module. */
  readonly #bridge: Bridge;
  #exports: Record<string, unknown> = {};
  #depth = 0;
  #hostCalls = 0;
  #overflow = false;
  #unsupported = false;

  /** @param bytes a module from `instrument` */
  constructor(engine: Namespace, bytes: Uint8Array, seed: number, options: ExecuteOptions = {}) {
    this.#engine = engine;
    this.#seed = seed;
    this.#options = options;
    this.#maxLines = options.maxLines ?? defaultLines;
    this.#shape = readModule(bytes);
    this.#bridge = new Bridge(engine);
  }

  run(): Outcome {
    const { rounds = 2, maxExports = 40 } = this.#options;
    if (this.#instantiate()) {
      this.#state('start');
      const names = this.#functionExports();
      for (let round = 0; round < rounds; round++) {
        for (const name of names.slice(0, maxExports)) {
          if (this.#overflow || this.#lines.length > this.#maxLines) break;
          // By name: a reducer that drops other exports does not change the arguments.
          this.#callExport(name, new Random(this.#seed, hashName(name), round));
          this.#state(name);
        }
      }
    }
    return { lines: this.#lines, overflow: this.#overflow, unsupported: this.#unsupported };
  }

  #log(line: string): void {
    if (this.#overflow || this.#lines.length > this.#maxLines) return;
    this.#lines.push(line);
    this.#options.onLine?.(line);
  }

  #functionExports(): string[] {
    return this.#shape.exports.filter(({ kind }) => kind === Kind.function).map(({ name }) => name);
  }

  #instantiate(): boolean {
    try {
      const imports: Record<string, Record<string, unknown>> = Object.create(null);
      this.#shape.imports.forEach((entry, index) => {
        (imports[entry.module] ??= Object.create(null) as Record<string, unknown>)[entry.name] = this.#stub(
          entry,
          index,
        );
      });
      const module = new this.#engine.Module(this.#shape.bytes);
      this.#exports = new this.#engine.Instance(module, imports).exports;
      this.#log('instantiate: ok');
      this.#options.onInstance?.(this.#exports, (line) => this.#log(line));
      return true;
    } catch (error) {
      this.#log(`instantiate: ${this.#describe(error)}`);
      return false;
    }
  }

  /** Something that fits an import. */
  #stub(entry: Import, index: number): unknown {
    switch (entry.kind) {
      case Kind.function:
        return this.#function(entry, this.#shape.types[entry.type]!, index);
      case Kind.memory:
        return new this.#engine.Memory({ initial: entry.min, maximum: Math.min(entry.max ?? 65536, entry.min + 8) });
      case Kind.table: {
        const maximum = Math.min(entry.max ?? 1e7, entry.min + 64);
        return new this.#engine.Table({ element: hostTypeName(entry.element), initial: entry.min, maximum });
      }
      case Kind.global: {
        const value = randomValue(entry.type, new Random(this.#seed, index, 77));
        return new this.#engine.Global({ value: hostTypeName(entry.type), mutable: entry.mutable }, value);
      }
      default:
        return undefined;
    }
  }

  /** A host function, or a function of another instance that calls it. */
  #function(entry: Import, type: FunctionType, index: number): unknown {
    const target = this.#hostFunction(entry, type, index);
    if (!new Random(this.#seed, index, 55).oneIn(3)) return target;
    const module = new this.#engine.Module(forwarder(type));
    return new this.#engine.Instance(module, { '': { f: target } }).exports.f;
  }

  #hostFunction(entry: Import, type: FunctionType, index: number): Callable {
    return (...args) => {
      const call = this.#hostCalls++;
      const random = new Random(this.#seed, index, call);
      this.#log(`host ${entry.name}(${args.map((value, i) => show(value, type.params[i])).join(', ')})`);
      if (random.oneIn(100)) throw new HostError('thrown by the host');
      if (random.oneIn(12) && this.#depth < 2) this.#reenter(random);
      const results = type.results.map((result) => randomValue(result, random));
      return results.length > 1 ? results : results[0];
    };
  }

  /** A host function calls back into the module. */
  #reenter(random: Random): void {
    const names = this.#functionExports();
    if (names.length === 0 || Object.keys(this.#exports).length === 0) return;
    this.#depth++;
    const name = random.pick(names);
    this.#log(`nested begin ${name}`);
    try {
      this.#invoke(name, random, 'nested ');
    } finally {
      this.#depth--;
    }
  }

  #callExport(name: string, random: Random): void {
    const fuel = this.#exports[fuelExport] as { value: number };
    fuel.value = fuelPerCall;
    this.#invoke(name, random, '');
    this.#log(`fuel ${fuel.value}`);
  }

  #invoke(name: string, random: Random, kind: string): void {
    const entry = this.#shape.exports.find((other) => other.name === name)!;
    const type = functionType(this.#shape, entry.index);
    const args = type.params.map((param) => randomValue(param, random));
    const call = `${kind}call ${name}(${args.map((value, i) => show(value, type.params[i])).join(', ')})`;
    try {
      const target = this.#exports[name] as Callable;
      const bridged = [...type.params, ...type.results].includes(V128);
      const result = bridged ? this.#callVectors(target, type, args) : target(...args);
      const list = type.results.length > 1 ? (result as unknown[]) : type.results.length === 1 ? [result] : [];
      const shown = list.map((value, i) => show(value, type.results[i])).join(', ');
      this.#log(`${call} = ${shown}${type.results.length === 0 && result !== undefined ? String(result) : ''}`);
    } catch (error) {
      this.#log(`${call}: ${this.#describe(error)}`);
    }
  }

  /** Call a function that takes or gives vectors. The result is as from JavaScript, vectors are 16 bytes. */
  #callVectors(target: Callable, type: FunctionType, args: unknown[]): unknown {
    const raw = args.map((value, i) => toBits(value, type.params[i]!));
    const results = this.#bridge.call(target, type, raw).map((value, i) => fromBits(value, type.results[i]!));
    return results.length > 1 ? results : results[0];
  }

  /** Memory, tables and globals as they are now. */
  #state(after: string): void {
    for (const [index, { name, kind }] of this.#shape.exports.entries()) {
      if (!name.startsWith(prefix)) continue;
      const value = this.#exports[name];
      if (kind === Kind.memory) {
        const { buffer } = value as { buffer: ArrayBuffer };
        // Large memories cost too much to compare after each call.
        if (buffer.byteLength > hashLimit && after !== 'start') continue;
        const hash = createHash('md5').update(new Uint8Array(buffer)).digest('hex').slice(0, 12);
        this.#log(`memory ${buffer.byteLength} ${hash}`);
      } else if (kind === Kind.table) {
        const { element } = this.#shape.tables[this.#shape.exports[index]!.index]!;
        this.#log(`table ${showTable(value as { length: number; get(i: number): unknown }, element)}`);
      } else if (kind === Kind.global && name !== fuelExport) {
        const { type, mutable } = this.#shape.globals[this.#shape.exports[index]!.index]!;
        const global = value as { value: unknown };
        const content = type === V128 ? this.#bridge.readGlobal(global, type, mutable) : global.value;
        this.#log(`${name.slice(prefix.length)} ${show(content, type)}`);
      }
    }
  }

  #describe(error: unknown): string {
    if (error instanceof HostError) return 'host error';
    if (!(error instanceof Error)) return `thrown ${String(error)}`;
    if (error.message.includes('not supported yet')) this.#unsupported = true;
    if (isA(error, this.#engine.RuntimeError)) {
      const kind = trapKinds.find(([pattern]) => pattern.test(error.message));
      return `trap: ${kind?.[1] ?? error.message}`;
    }
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      this.#overflow = true;
      return 'stack overflow';
    }
    if (isA(error, this.#engine.CompileError)) return `CompileError: ${error.message}`;
    return isA(error, this.#engine.LinkError) ? 'LinkError' : `${error.constructor.name}: ${error.message}`;
  }
}

/** `instanceof` that tells the type checker nothing: all these classes look alike to it. */
function isA(error: Error, type: abstract new (...args: never[]) => unknown): boolean {
  return error instanceof type;
}

/** Name of a type for descriptors. */
function hostTypeName(type: ValueType): 'anyfunc' {
  const name = typeName(type);
  return (name === 'funcref' ? 'anyfunc' : name) as 'anyfunc';
}

/** FNV-1a. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A JS value of a type. */
function randomValue(type: ValueType, random: Random): unknown {
  if (type === I32) return randomI32(random);
  if (type === I64) return randomI64(random);
  if (type === F32) {
    scratch.setUint32(0, randomF32Bits(random));
    return scratch.getFloat32(0);
  }
  if (type === F64) {
    scratch.setBigUint64(0, randomF64Bits(random));
    return scratch.getFloat64(0);
  }
  if (type === V128) return Uint8Array.from({ length: 16 }, () => random.below(256));
  return type === EXTERNREF ? randomHostValue(random) : null;
}

/** A float as its bits: what the bridge takes. */
function toBits(value: unknown, type: ValueType): unknown {
  if (type === F32) scratch.setFloat32(0, value as number);
  else if (type === F64) scratch.setFloat64(0, value as number);
  return type === F32 ? scratch.getInt32(0) : type === F64 ? scratch.getBigInt64(0) : value;
}

function fromBits(value: unknown, type: ValueType): unknown {
  if (type === F32) scratch.setInt32(0, value as number);
  else if (type === F64) scratch.setBigInt64(0, value as bigint);
  return type === F32 ? scratch.getFloat32(0) : type === F64 ? scratch.getFloat64(0) : value;
}

/** A value to the bit; all NaNs are one. */
export function show(value: unknown, type: ValueType | undefined): string {
  if (type === F64 || type === F32) return typeof value === 'number' && Object.is(value, -0) ? '-0' : String(value);
  if (type === V128 && value instanceof Uint8Array) return `0x${Buffer.from(value).reverse().toString('hex')}`;
  if (type === EXTERNREF) return showHostValue(value);
  if (value === null) return 'null';
  if (typeof value === 'function') return `function ${value.name}`;
  return typeof value === 'bigint' ? `${value}n` : typeof value === 'object' ? 'object' : String(value);
}

function showTable(table: { length: number; get(i: number): unknown }, element: ValueType): string {
  const shown: string[] = [];
  for (let i = 0; i < Math.min(table.length, 64); i++) {
    const value = table.get(i);
    shown.push(value === null ? '-' : element === EXTERNREF ? showHostValue(value) : (value as Callable).name);
  }
  return `${table.length}: ${shown.join(' ')}`;
}
