/**
 * Each vector instruction beside V8's: with operands in all places, on all levels of the processor, with and without
 * forced spills, over special and random values. Where the standard leaves a NaN's bits open, both must be NaNs that it
 * allows.
 */
import test from 'ava';
import { type Opcode, opcodes } from '../../src/stream/opcodes.js';
import { wat } from '../api/wat.js';
import { loadEngine, type Namespace, v8 } from '../support/engine.js';
import { Random } from '../support/random.js';
import { operandBytes, programFor, usedBytes } from './programs.js';

const rounds = 40;
const checks = { checkInvariants: true, checkUpperHalves: true };
const spills = { ...checks, forceSpills: true };
const configurations = [
  { cpu: 'native', debug: checks },
  { cpu: 'native', debug: spills },
  { cpu: 'avx', debug: checks },
  { cpu: 'sse4.1', debug: checks },
  { cpu: 'sse4.1', debug: spills },
];

const special32 = [
  0, 1, -1, 0x7fffffff, 0x80000000, 0x7fc00000, 0xffc00000, 0x7fc12345, 0x7f812345, 0xff800001, 0x7f800000, 0xff800000,
  0x00000001, 0x807fffff, 0x3f000000, 0xbf000000, 0x3fc00000, 0x40200000, 0xbf800000, 0x3f7fffff, 0x4b000000,
  0x4b7fffff, 0x4effffff, 0x4f000000, 0x4f7fffff, 0x4f800000, 0xcf000000, 0xcf000001, 0xdf000000, 0x7f7fffff,
  0x00ff00ff, 0x80808080, 0x7f7f7f7f, 0x80007fff, 0x80008000, 0x01010101,
];
/** High and low halves. */
const special64: readonly (readonly [number, number])[] = [
  [0, 0],
  [0x80000000, 0],
  [-1, -1],
  [0x7fffffff, -1],
  [0, 1],
  [0, 0x80000000],
  [0, -1],
  [1, 0],
  [0x7ff80000, 0],
  [0xfff80000, 0],
  [0x7ff80000, 0x1234],
  [0x7ff00000, 1],
  [0xfff00123, 0x456],
  [0x7ff00000, 0],
  [0xfff00000, 0],
  [0x000fffff, -1],
  [0x7fefffff, -1],
  [0x3fe00000, 0],
  [0xbfe00000, 0],
  [0x3ff80000, 0],
  [0x40040000, 0],
  [0x41dfffff, 0xffc00000],
  [0x41dfffff, 0xffe00000],
  [0x41e00000, 0],
  [0xc1e00000, 0],
  [0xc1e00000, 0x00200000],
  [0x41efffff, 0xffe00000],
  [0x41efffff, 0xfff00000],
  [0x41f00000, 0],
  [0x43300000, 1],
  [0x43e00000, 0],
  [0x36a00000, 1],
  [0x47efffff, 0xf0000000],
];

/** Two words of a vector: a 64-bit special, two 32-bit ones, small lanes at their edges, or anything. */
function fillHalf(words: Int32Array, at: number, kind: number, random: Random): void {
  if (kind === 0) {
    const [high, low] = random.pick(special64);
    words[at] = low;
    words[at + 1] = high;
    return;
  }
  for (let k = 0; k < 2; k++) {
    if (kind === 1) words[at + k] = random.pick(special32);
    else if (kind === 2) {
      const edge = (): number => random.pick([0, 1, 0x7f, 0x80, 0xff, 0x7e, 0x81]);
      words[at + k] = edge() | (edge() << 8) | (edge() << 16) | (edge() << 24);
    } else words[at + k] = random.u32() & (kind === 3 ? -1 : 0x00ff03ff);
  }
}

/** Operands for round k. */
function operands(row: Opcode, k: number): Uint8Array {
  const random = new Random(row.code, k);
  const words = new Int32Array(usedBytes / 4);
  const kind = k % 5;
  for (let at = 0; at < words.length; at += 2) {
    if (at < operandBytes / 4 || at >= 64) fillHalf(words, at, kind, random);
  }
  // Operands that are equal, in a lane or all of them.
  if (k % 4 === 1) words.copyWithin(4, 0, random.pick([1, 2, 4]));
  // An address, sometimes at the end of memory; or a count, or a lane.
  if (/load|store/.test(row.name)) words[12] = random.oneIn(3) ? 65536 - random.below(20) : random.below(60000);
  else if (k % 3 !== 0) words[12] = random.below(140) - 6;
  return new Uint8Array(words.buffer);
}

/** Lanes whose NaN the standard does not fix bit by bit. */
function openLanes(row: Opcode): number {
  const name = /^(f32x4|f64x2)\.(?!abs|neg|pmin|pmax|splat|extract|replace|eq|ne|lt|gt|le|ge)/.exec(row.name);
  return name === null ? 0 : name[1] === 'f32x4' ? 4 : 8;
}

const isNaN32 = (bits: number): boolean => (bits & 0x7fffffff) > 0x7f800000;
const isNaN64 = (low: number, high: number): boolean =>
  (high & 0x7fffffff) > 0x7ff00000 || ((high & 0x7fffffff) === 0x7ff00000 && low !== 0);
const isCanonical = (size: number, low: number, high: number): boolean =>
  size === 4 ? (low & 0x7fffffff) === 0x7fc00000 : (high & 0x7fffffff) === 0x7ff80000 && low === 0;

/** A NaN among the operands with other payload than the canonical one. */
function hasOddNaN(words: Int32Array): boolean {
  for (let i = 0; i < words.length; i += 2) {
    for (const lane of [words[i]!, words[i + 1]!]) if (isNaN32(lane) && !isCanonical(4, lane, 0)) return true;
    if (isNaN64(words[i]!, words[i + 1]!) && !isCanonical(8, words[i]!, words[i + 1]!)) return true;
  }
  return false;
}

/** The result at 64 is one that the standard allows, given V8's. */
function isAllowed(own: Int32Array, theirs: Int32Array, size: number, oddNaN: boolean): boolean {
  for (let i = 16; i < 20; i += size / 4) {
    const high = size === 8 ? own[i + 1]! : 0;
    if (own[i] === theirs[i] && (size === 4 || high === theirs[i + 1])) continue;
    const both =
      size === 4
        ? isNaN32(own[i]!) && isNaN32(theirs[i]!)
        : isNaN64(own[i]!, high) && isNaN64(theirs[i]!, theirs[i + 1]!);
    const quiet = size === 4 ? (own[i]! & 0x00400000) !== 0 : (high & 0x00080000) !== 0;
    if (!both || !quiet || (!oddNaN && !isCanonical(size, own[i]!, high))) return false;
  }
  return true;
}

interface Runner {
  readonly label: string;
  readonly memory: Uint8Array;
  readonly engine: Namespace;
  readonly host: unknown;
}

async function runners(): Promise<Runner[]> {
  const engines: [string, Namespace][] = [['V8', v8]];
  for (const options of configurations) {
    const label = `${options.cpu}${options.debug === spills ? ', spills' : ''}`;
    engines.push([label, await loadEngine('beamline', options)]);
  }
  return engines.map(([label, engine]) => {
    const memory = new engine.Memory({ initial: 1 });
    return { label, engine, memory: new Uint8Array(memory.buffer), host: { host: { memory } } };
  });
}

const ready = runners();

type Functions = Readonly<Record<string, () => void>>;

/** What a function does: the bytes of memory it leaves, and the message if it traps. */
function outcome(runner: Runner, functions: Functions, name: string, input: Uint8Array, far: boolean): string {
  runner.memory.set(input);
  if (far) for (let i = 0xfff0; i < 0x10000; i++) runner.memory[i] = i & 0xff;
  try {
    functions[name]!();
    return '';
  } catch (error) {
    if (!(error instanceof runner.engine.RuntimeError)) throw error;
    return error.message;
  }
}

for (const row of opcodes.filter(({ feature }) => feature === 'SIMD')) {
  test(row.name, async (t) => {
    const program = programFor(row);
    const bytes = wat(program.text) as Uint8Array<ArrayBuffer>;
    const all = (await ready).map((runner) => {
      const instance = new runner.engine.Instance(new runner.engine.Module(bytes), runner.host as never);
      return { runner, functions: instance.exports as unknown as Functions };
    });
    const size = openLanes(row);
    const accesses = /load|store/.test(row.name);
    // Many functions need fewer rounds each.
    const each = program.functions.length > 200 ? 8 : rounds;
    const wrong: string[] = [];
    const compared = accesses ? 65536 : usedBytes;
    for (const { runner } of all) runner.memory.fill(0);
    for (let k = 0; k < each; k++) {
      const input = operands(row, k);
      const words = new Int32Array(input.buffer);
      const inputNaN = size !== 0 && hasOddNaN(words.subarray(0, operandBytes / 4));
      for (const { name, constants } of program.functions) {
        const [first, ...others] = all;
        const expected = outcome(first!.runner, first!.functions, name, input, accesses);
        const theirs = first!.runner.memory;
        for (const { runner, functions } of others) {
          const got = outcome(runner, functions, name, input, accesses);
          const own = runner.memory;
          if (got === expected && Buffer.compare(own.subarray(0, compared), theirs.subarray(0, compared)) === 0)
            continue;
          const odd = inputNaN || constants.some((constant) => hasOddNaN(Int32Array.from(constant)));
          const [a, b] = [own, theirs].map((memory) => new Int32Array(memory.buffer, 0, 20)) as [
            Int32Array,
            Int32Array,
          ];
          const rest = (memory: Uint8Array): Buffer => Buffer.from(memory.buffer as ArrayBuffer, 80, usedBytes - 80);
          if (got === expected && size !== 0 && isAllowed(a, b, size, odd) && rest(own).equals(rest(theirs))) continue;
          const hex = (memory: Uint8Array): string => Buffer.from(memory.slice(64, 80)).toString('hex');
          const operand = Buffer.from(input.slice(0, operandBytes)).toString('hex');
          wrong.push(`${runner.label}: ${name} of ${operand}: ${hex(own)} ${got}, V8 ${hex(theirs)} ${expected}`);
          if (wrong.length >= 5) k = each;
        }
      }
      // Stores at other places must not be seen by the next round.
      if (accesses) for (const { runner } of all) runner.memory.fill(0);
    }
    t.deepEqual(wrong.slice(0, 5), []);
  });
}
