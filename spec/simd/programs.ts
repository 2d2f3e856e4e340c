/**
 * Modules that apply one vector instruction, with its operands in every kind of place: registers that are free
 * afterwards, locals that are not, slots of the frame, constants, all registers taken.
 *
 * Memory: vector operands at 0, 16 and 32, a scalar operand or an address at 48, the result from 64 on; 18 more vectors
 * from 256 on, which the functions copy to 1024 to show that they still have them.
 */
import { Immediate, type Opcode, simdLanes } from '../../src/stream/opcodes.js';
import { Random } from '../support/random.js';

export const operandBytes = 64;
export const crowd = 18;
const resultAt = 64;
const crowdAt = 256;
const copiesAt = 1024;
export const usedBytes = copiesAt + 16 * crowd;

export interface Program {
  readonly text: string;
  /** Export names, with the constants (four 32-bit lanes each) that the function has as operands. */
  readonly functions: readonly { readonly name: string; readonly constants: readonly number[][] }[];
}

const types: Readonly<Record<string, string>> = { i: 'i32', l: 'i64', f: 'f32', d: 'f64', v: 'v128' };

const vectorConstants: readonly number[][] = [
  [0, 0, 0, 0],
  [-1, -1, -1, -1],
  [0x80000000 | 0, 0x7fffffff, 0x7f800000, 0xff800000 | 0],
  [0x03020100, 0x12345678, 0x3ff00000, 0x40200000],
];
const scalarConstants: Readonly<Record<string, readonly string[]>> = {
  i: ['0', '1', '7', '8', '9', '15', '16', '31', '32', '33', '63', '64', '-1', '0x12345680'],
  l: ['0', '-1', '0x123456789abcdef0'],
  f: ['0', '-0', 'nan', '1.5'],
  d: ['0', '-0', 'nan', '1.5'],
};

/** Lane lists for i8x16.shuffle: each known pattern, patterns that almost are one, and random ones. */
export function shuffles(): number[][] {
  const lists: number[][] = [];
  const units = (size: number, list: readonly number[]): number[] =>
    list.flatMap((unit) => Array.from({ length: size }, (_, i) => unit * size + i));
  const range = Array.from({ length: 16 }, (_, i) => i);
  for (let n = 0; n < 32; n++) lists.push(range.map((i) => (n + i) & 31));
  for (const n of [0, 1, 7, 15])
    lists.push(
      range.map((i) => (n + i) & 15),
      range.map((i) => 16 + ((n + i) & 15)),
    );
  for (const lane of [0, 1, 5, 15, 16, 31]) lists.push(range.map(() => lane));
  for (const unit of [0, 1, 6, 8, 13])
    lists.push(
      units(
        2,
        range.slice(0, 8).map(() => unit),
      ),
    );
  for (let size = 1; size <= 8; size *= 2) {
    const count = 16 / size;
    const half = count / 2;
    for (const from of [0, half]) {
      const first = Array.from({ length: count }, (_, i) => (i >> 1) + from + (i & 1) * count);
      lists.push(units(size, first));
      lists.push(
        units(
          size,
          first.map((unit) => unit ^ count),
        ),
      );
      lists.push(
        units(
          size,
          first.map((unit) => unit & (count - 1)),
        ),
      );
      lists.push(
        units(
          size,
          first.map((unit) => unit | count),
        ),
      );
    }
  }
  const random = new Random(4, 13);
  const draw = (size: number, limit: number): number[] =>
    units(
      size,
      Array.from({ length: 16 / size }, () => random.below(limit)),
    );
  for (let k = 0; k < 12; k++) {
    lists.push(
      draw(1, 32),
      draw(1, 16),
      draw(1, 16).map((lane) => lane + 16),
    );
    lists.push(draw(2, 16), draw(2, 8), draw(4, 8), draw(4, 4), draw(8, 4));
    // Blends: each unit keeps its place.
    for (const size of [1, 2, 4, 8]) {
      lists.push(
        units(
          size,
          Array.from({ length: 16 / size }, (_, i) => i + (random.below(2) * 16) / size),
        ),
      );
    }
    // shufps; pshuflw, pshufhw.
    const [a, b] = [random.below(2) * 4, random.below(2) * 4];
    lists.push(units(4, [a + random.below(4), a + random.below(4), b + random.below(4), b + random.below(4)]));
    const low = Array.from({ length: 4 }, () => random.below(4));
    lists.push(units(2, [...low, 4, 5, 6, 7]), units(2, [0, 1, 2, 3, ...low.map((unit) => unit + 4)]));
  }
  return lists;
}

/** The immediates that an instruction is tried with. */
function immediates(row: Opcode): string[] {
  const lanes = Array.from({ length: simdLanes[row.code & 0xff] ?? 0 }, (_, lane) => `${lane}`);
  switch (row.immediate) {
    case Immediate.lane:
      return lanes;
    case Immediate.shuffle:
      return [...new Set(shuffles().map((list) => list.join(' ')))];
    case Immediate.v128:
      return vectorConstants.map((constant) => `i32x4 ${constant.join(' ')}`);
    case Immediate.memory:
      return ['', 'offset=5', 'offset=0x10000', 'offset=0xfffffff0'];
    case Immediate.memoryLane:
      return [...lanes, ...['offset=5', 'offset=0xfffffff0'].map((offset) => `${offset} ${lanes.at(-1)}`)];
    default:
      return [''];
  }
}

/** A load of operand k from its place. */
function operand(letter: string, k: number): string {
  return `(${types[letter]}.load (i32.const ${letter === 'v' ? 16 * k : 48}))`;
}

/** The module for an opcode. */
export function programFor(row: Opcode): Program {
  const [params, results] = row.signature.split(':') as [string, string];
  const letters = [...params];
  const functions: { name: string; constants: readonly number[][] }[] = [];
  const texts: string[] = [];
  const stored = (value: string): string =>
    results === '' ? value : `(${types[results]}.store (i32.const ${resultAt}) ${value})`;
  const add = (name: string, body: string, constants: readonly number[][] = []): void => {
    functions.push({ name, constants });
    texts.push(`(func (export "${name}") ${body})`);
  };
  const crowded = Array.from({ length: crowd }, (_, k) => `(local $c${k} v128)`).join(' ');
  const loaded = Array.from({ length: crowd }, (_, k) => {
    return `(local.set $c${k} (v128.load (i32.const ${k < 3 ? 16 * k : crowdAt + 16 * k})))`;
  }).join(' ');
  const copied = Array.from({ length: crowd }, (_, k) => {
    return `(v128.store (i32.const ${copiesAt + 16 * k}) (local.get $c${k}))`;
  }).join(' ');
  for (const [index, immediate] of immediates(row).entries()) {
    const op = (...operands: string[]): string => `(${row.name} ${immediate} ${operands.join(' ')})`;
    const loads = letters.map(operand);
    const suffix = immediate === '' ? '' : ` ${immediate}`;
    add(`fresh${suffix}`, stored(op(...loads)));
    // The locals keep the registers; the scalar is one, too.
    const locals = letters.map((letter, k) => (letter === 'v' ? `(local.get $c${k})` : '(local.get $s)'));
    const scalar = letters.findIndex((letter) => letter !== 'v');
    const declared = scalar < 0 ? crowded : `${crowded} (local $s ${types[letters[scalar]!]})`;
    const setScalar = scalar < 0 ? '' : `(local.set $s ${loads[scalar]})`;
    add(`crowded${suffix}`, `${declared} ${loaded} ${setScalar} ${stored(op(...locals))} ${copied}`);
    // Of the many shuffles, a few with all places of operands.
    if (row.immediate === Immediate.shuffle && index % 5 !== 0) continue;
    const few = '(local $c0 v128) (local $c1 v128) (local $c2 v128)';
    const loadedFew = [0, 1, 2].map((k) => `(local.set $c${k} (v128.load (i32.const ${16 * k})))`).join(' ');
    const copiedFew = [0, 1, 2]
      .map((k) => `(v128.store (i32.const ${copiesAt + 16 * k}) (local.get $c${k}))`)
      .join(' ');
    const kept = scalar < 0 ? few : `${few} (local $s ${types[letters[scalar]!]})`;
    add(`kept${suffix}`, `${kept} ${loadedFew} ${setScalar} ${stored(op(...locals))} ${copiedFew}`);
    // A call sends operands to their slots.
    const result = results === '' ? '' : `(local $r ${types[results]})`;
    const taken = results === '' ? '' : `local.set $r ${stored('(local.get $r)')}`;
    add(`slots${suffix}`, `${result} ${loads.join(' ')} call $nothing ${row.name} ${immediate} ${taken}`);
    // Of two vectors: the same, or one of them in its slot.
    if (letters.filter((letter) => letter === 'v').length >= 2) {
      const same = letters.map(() => '(local.get $c0)');
      add(`same${suffix}`, `${few} ${loadedFew} ${stored(op(...same))} ${copiedFew}`);
      const one = `${loads[0]} call $nothing ${loads.slice(1).join(' ')} ${row.name} ${immediate} ${taken}`;
      add(`lower in slot${suffix}`, `${result} ${one}`);
      const tee = [`(local.tee $c0 ${loads[0]})`, ...letters.slice(1).map(() => '(local.get $c0)')];
      add(`tee${suffix}`, `${few} ${stored(op(...tee))}`);
    }
    addConstants();

    /** Each operand in turn is a constant. An address is not: that is what `offset` is for. */
    function addConstants(): void {
      letters.forEach((letter, k) => {
        if (letter === 'v') {
          for (const constant of vectorConstants) {
            const operands = loads.map((load, i) => (i === k ? `(v128.const i32x4 ${constant.join(' ')})` : load));
            add(`constant ${k} ${constant.join(' ')}${suffix}`, stored(op(...operands)), [constant]);
          }
        } else if (row.immediate !== Immediate.memory && row.immediate !== Immediate.memoryLane) {
          for (const constant of scalarConstants[letter]!) {
            const operands = loads.map((load, i) => (i === k ? `(${types[letter]}.const ${constant})` : load));
            add(`constant ${k} ${constant}${suffix}`, stored(op(...operands)));
          }
        } else add(`constant address${suffix}`, stored(op('(i32.const 13)', ...loads.slice(1))));
      });
    }
  }
  const text = `(module (import "host" "memory" (memory 1)) (func $nothing) ${texts.join('\n')})`;
  return { text, functions };
}
