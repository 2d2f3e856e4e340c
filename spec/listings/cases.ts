/**
 * The list of listing cases: one small module per file in text form, with lines such as
 *
 *     ;; cpu: baseline               compile the listing without instruction-set extensions
 *     ;; bounds: check               compile the listing with explicit bounds checks
 *     ;; functions: a b              list these functions only
 *     ;; assembler: binaryen         for what wabt does not know (V8 neither: such a case has no runs)
 *     ;; run: add(1, 2) = 3          call an export; the result is V8's
 *
 * and its machine code in a block comment below. The same list feeds the listing test and the execution tests.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import binaryen from 'binaryen';
import { baselineCpu, type CpuFeatures } from '../../src/backends/x64/cpu.js';
import { loadDisassembler } from '../../src/backends/x64/disassemble.js';
import { formatFunction, listModule } from '../../src/explore/listing.js';
import { wat } from '../api/wat.js';
import { projectRoot } from '../suite/format.js';
import type { Namespace } from '../support/engine.js';

/** All extensions, whatever this machine's processor has: listings are the same everywhere. */
const fullCpu: CpuFeatures = { avx: true, avx2: true, fma: true, bmi1: true, bmi2: true, lzcnt: true, popcnt: true };

const listingStart = '(; machine code';

export interface Run {
  /** As it is written: `add(1, 2)`. */
  readonly call: string;
  readonly name: string;
  readonly args: readonly unknown[];
  /** Formatted result, or undefined if the file does not have it yet. */
  readonly expected: string | undefined;
}

export interface ListingCase {
  /** `family/name`. */
  readonly name: string;
  readonly path: string;
  /** What comes before the machine code. */
  readonly source: string;
  readonly bytes: Uint8Array;
  /** The machine code that the file shows, '' if there is none yet. */
  readonly listing: string;
  readonly runs: readonly Run[];
}

export function casesFolder(): string {
  return join(projectRoot(), 'spec', 'listings');
}

/** All cases, by name. */
export function listingCases(): ListingCase[] {
  const folder = casesFolder();
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.wat'))
    .sort()
    .map((path) => readCase(path.slice(0, -4), join(folder, path)));
}

/** Binaryen's text parser. */
function newerWat(text: string): Uint8Array {
  const module = binaryen.parseText(text);
  try {
    module.setFeatures(binaryen.Features.All);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

function readCase(name: string, path: string): ListingCase {
  const text = readFileSync(path, 'utf8');
  const at = text.indexOf(listingStart);
  const source = at < 0 ? text : text.slice(0, at);
  try {
    const bytes = directive(source, 'assembler') === 'binaryen' ? newerWat(source) : wat(source);
    return { name, path, source, bytes, listing: at < 0 ? '' : text.slice(at), runs: readRuns(source) };
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`);
  }
}

const runLine = /^;; run: ([^(]+)\(([^)]*)\)(?: = (.*))?$/gm;

function readRuns(source: string): Run[] {
  return Array.from(source.matchAll(runLine), ([, name, args, expected]) => ({
    call: `${name}(${args})`,
    name: name as string,
    args: args === '' ? [] : (args as string).split(',').map((text) => readValue(text.trim())),
    expected,
  }));
}

function readValue(text: string): unknown {
  if (text === 'null') return null;
  if (text === 'inf' || text === '-inf') return text === 'inf' ? Infinity : -Infinity;
  if (text === 'nan') return Number.NaN;
  const negative = text.startsWith('-');
  const digits = negative ? text.slice(1) : text;
  if (digits.endsWith('n')) return BigInt(digits.slice(0, -1)) * (negative ? -1n : 1n);
  const value = Number(digits) * (negative ? -1 : 1);
  if (Number.isNaN(value)) throw new Error(`'${text}' is not a value`);
  return value;
}

function formatValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`;
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  return `${value}`.replace('Infinity', 'inf').replace('NaN', 'nan');
}

function directive(source: string, name: string): string | undefined {
  return new RegExp(`^;; ${name}: (.*)$`, 'm').exec(source)?.[1];
}

/** The machine code of a case, as its file should show it. */
export async function makeListing({ source, bytes }: ListingCase): Promise<string> {
  const names = directive(source, 'functions')?.split(' ');
  const functions = listModule(bytes, await loadDisassembler(), {
    cpu: directive(source, 'cpu') === 'baseline' ? baselineCpu : fullCpu,
    bounds: directive(source, 'bounds') === 'check' ? 'check' : 'guard',
    ...(names === undefined ? {} : { filter: (_index: number, name: string) => names.includes(name) }),
  });
  const texts = functions.map((listed) => formatFunction(listed).join('\n'));
  return `${listingStart}\n\n${texts.join('\n\n')}\n;)\n`;
}

/** The file's text with a listing and with results, in order of its runs. */
export function updatedText({ source }: ListingCase, listing: string, results: readonly string[]): string {
  let k = 0;
  const head = source.replace(runLine, (_, name: string, args: string) => `;; run: ${name}(${args}) = ${results[k++]}`);
  return `${head.trimEnd()}\n\n${listing}`;
}

/** What cases can import from `host`. */
function imports(engine: Namespace): Record<string, Record<string, unknown>> {
  return {
    host: {
      inc: (x: number) => (x + 1) | 0,
      mix: (a: number, b: bigint, c: number, d: number) => a + Number(b) + c + d,
      swap: (a: number, b: bigint) => [b, a],
      nothing: () => {},
      memory: new engine.Memory({ initial: 1, maximum: 3 }),
      table: new engine.Table({ element: 'anyfunc', initial: 4 }),
      counter: new engine.Global({ value: 'i32', mutable: true }, 5),
      wide: new engine.Global({ value: 'i64', mutable: true }, 5n),
      real: new engine.Global({ value: 'f64', mutable: true }, 2.5),
      fixed: new engine.Global({ value: 'i32', mutable: false }, 7),
    },
  };
}

/** Execute the runs of a case one after the other, in one instance. Results and traps are formatted. */
export function execute({ bytes, runs }: ListingCase, engine: Namespace): string[] {
  if (runs.length === 0) return [];
  const instance = new engine.Instance(new engine.Module(bytes as Uint8Array<ArrayBuffer>), imports(engine) as never);
  const exports = instance.exports as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
  return runs.map(({ name, args }) => {
    try {
      return formatValue((exports[name] as (...args: readonly unknown[]) => unknown)(...args));
    } catch (error) {
      if (error instanceof engine.RuntimeError) return `trap: ${error.message}`;
      if (error instanceof RangeError) return `RangeError: ${error.message}`;
      throw error;
    }
  });
}
