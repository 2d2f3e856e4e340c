/** Parallel moves: the machine code does what assigning all at once does. */
import test from 'ava';
import fc from 'fast-check';
import { Assembler } from '../../src/backends/x64/assembler.js';
import { loadDisassembler } from '../../src/backends/x64/disassemble.js';
import { LabelStates } from '../../src/valuestack/labels.js';
import { Registers, Type } from '../../src/valuestack/types.js';
import { low32, Simulator } from './simulator.js';

const disassembler = await loadDisassembler();

const general: number[] = [];
const floats: number[] = [];
for (let r = 0; r < 32; r++) {
  if (((Registers.generalMask >>> r) & 1) !== 0) general.push(r);
  if (((Registers.xmmMask >>> r) & 1) !== 0) floats.push(r);
}

type Source =
  | { readonly kind: 'register'; readonly r: number }
  | { readonly kind: 'slot'; readonly k: number; readonly type: number }
  | { readonly kind: 'constant'; readonly low: number; readonly high: number; readonly type: number };

/** Where a register's new value comes from; register moves stay in the class. */
function sourceFor(pool: readonly number[], types: readonly number[]): fc.Arbitrary<Source> {
  const type = fc.constantFrom(...types);
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('register' as const), r: fc.constantFrom(...pool) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('slot' as const), k: fc.nat(9), type }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('constant' as const),
        low: fc.oneof(fc.constant(0), fc.integer()),
        high: fc.oneof(fc.constant(0), fc.constant(-1), fc.integer()),
        type,
      }),
    },
  );
}

/** New values for some registers of a class. */
function assignments(pool: readonly number[], types: readonly number[]): fc.Arbitrary<(Source | null)[]> {
  return fc.tuple(...pool.map(() => fc.option(sourceFor(pool, types), { freq: 4 })));
}

/** Cycles only: every register gets the value of another one. */
function permutation(pool: readonly number[]): fc.Arbitrary<(Source | null)[]> {
  return fc
    .shuffledSubarray([...pool], { minLength: pool.length })
    .map((order) => order.map((r) => ({ kind: 'register' as const, r })));
}

const slot = (k: number): number => -16 - 8 * k;

/** Emit, execute, compare. Returns the number of instructions. */
function check(sources: ReadonlyMap<number, Source>, narrow: ReadonlySet<number>, flagsLive: boolean): number {
  const asm = new Assembler(new Uint8Array(4096));
  const registers = new LabelStates(asm);
  const simulator = new Simulator(disassembler);
  // i32 in a general register has a clear upper half; anything may be above an f32.
  for (let r = 0; r < 32; r++) {
    const value = BigInt(r + 1) * 0x1111111100000101n;
    simulator.registers[r] = BigInt.asUintN(64, r < 16 && narrow.has(r) ? low32(value) : value);
  }
  for (let k = 0; k < 10; k++) simulator.frame.set(slot(k), BigInt.asUintN(64, BigInt(k + 3) * 0x0909090912345677n));
  const before = [...simulator.registers];
  const frameBefore = new Map(simulator.frame);
  const typeOf = (r: number, narrowOne: boolean): number =>
    r < 16 ? (narrowOne ? Type.i32 : Type.i64) : narrowOne ? Type.f32 : Type.f64;
  const expected = new Map<number, [value: bigint, bits: number]>();
  const moves = registers.moves;
  moves.clear();
  registers.flagsLive = flagsLive;
  for (const [d, source] of sources) {
    if (source.kind === 'register') {
      const type = typeOf(d, narrow.has(source.r));
      moves.move(type, d, source.r);
      expected.set(d, [before[source.r] as bigint, type === Type.f32 ? 32 : 64]);
    } else if (source.kind === 'slot') {
      moves.load(source.type, d, slot(source.k));
      const wide = source.type === Type.i64 || source.type === Type.f64;
      const value = frameBefore.get(slot(source.k)) as bigint;
      expected.set(d, [wide ? value : low32(value), 64]);
    } else {
      moves.constant(source.type, d, source.low, source.high);
      const wide = source.type === Type.i64 || source.type === Type.f64;
      const low = BigInt.asUintN(32, BigInt(source.low));
      expected.set(d, [wide ? low | (BigInt.asUintN(32, BigInt(source.high)) << 32n) : low, 64]);
    }
  }
  moves.emit();
  const lines = simulator.run(asm.buffer.subarray(0, asm.pos));
  for (let r = 0; r < 32; r++) {
    if (r === Registers.scratch || r === Registers.firstXmm + Registers.scratchXmm) continue;
    const [value, bits] = expected.get(r) ?? [before[r] as bigint, 64];
    const actual = simulator.registers[r] as bigint;
    if (BigInt.asUintN(bits, actual) !== BigInt.asUintN(bits, value)) {
      throw new Error(`register ${r} is ${actual.toString(16)}, not ${value.toString(16)}:\n${lines.join('\n')}`);
    }
  }
  if (flagsLive && lines.some((line) => line.startsWith('xor '))) throw new Error(`flags change:\n${lines.join('\n')}`);
  return lines.length;
}

function collect(pool: readonly number[], sources: readonly (Source | null)[]): [number, Source][] {
  return pool.flatMap((d, i) => (sources[i] ? [[d, sources[i]] as [number, Source]] : []));
}

test('random moves, loads and constants', (t) => {
  fc.assert(
    fc.property(
      assignments(general, [Type.i32, Type.i64]),
      assignments(floats, [Type.f32, Type.f64]),
      fc.uniqueArray(fc.nat(31)),
      fc.boolean(),
      (integers, reals, narrow, flagsLive) => {
        const sources = new Map([...collect(general, integers), ...collect(floats, reals)]);
        const instructions = check(sources, new Set(narrow), flagsLive);
        // One each, one more per cycle (of two or more), and two for a float constant.
        if (instructions > 2 * sources.size) throw new Error(`${instructions} instructions for ${sources.size} moves`);
      },
    ),
    { numRuns: 3000 },
  );
  t.pass();
});

test('permutations of all registers', (t) => {
  fc.assert(
    fc.property(permutation(general), permutation(floats), fc.uniqueArray(fc.nat(31)), (integers, reals, narrow) => {
      const sources = new Map([...collect(general, integers), ...collect(floats, reals)]);
      check(sources, new Set(narrow), true);
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('one value to many registers, and a chain', (t) => {
  const register = (r: number) => ({ kind: 'register' as const, r });
  const first = general[0] as number;
  t.is(check(new Map(general.slice(1).map((d) => [d, register(first)])), new Set(), false), general.length - 1);
  const chain = new Map(general.slice(1).map((d, i) => [d, register(general[i] as number)]));
  t.is(check(chain, new Set(), false), general.length - 1);
  const second = general[1] as number;
  t.is(
    check(
      new Map([
        [first, register(second)],
        [second, register(first)],
      ]),
      new Set(),
      false,
    ),
    3,
  );
  t.is(check(new Map([[first, register(first)]]), new Set(), false), 0);
});
