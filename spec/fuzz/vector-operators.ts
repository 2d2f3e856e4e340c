/** Vector operators, loads and stores, by what they take and give: a table of its own, apart from the engine's. */
import { F32, F64, I32, I64, V128, type ValueType } from '../support/wasm-types.js';
import type { MemoryOperator, Operator } from './operators.js';

const base = 0xfd << 16;

function range(from: number, to: number, params: ValueType[], result: ValueType, lanes = 0): Operator[] {
  const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  return numbers
    .filter((number) => !holes.has(number))
    .map((number) => ({ opcode: base + number, params, result, traps: false, lanes }));
}

/** Numbers without a meaning. */
const holes = new Set([154, 162, 165, 166, 175, 176, 178, 179, 180, 187, 194, 197, 198, 207, 208, 210, 211, 212]);
for (const number of [226, 238]) holes.add(number);

/** All lane shapes take the same places in a block of 32 numbers: i8x16 at 96, i16x8, i32x4, i64x2. */
const blocks = [96, 128, 160, 192];
const pair: ValueType[] = [V128, V128];

/** i8x16.shuffle, whose 16 lane numbers are below 32. */
export const shuffle: number = base + 13;

export const vectorOperators: readonly Operator[] = [
  ...range(13, 14, pair, V128), // shuffle swizzle
  ...range(15, 17, [I32], V128), // splats
  ...range(18, 18, [I64], V128),
  ...range(19, 19, [F32], V128),
  ...range(20, 20, [F64], V128),
  ...range(21, 22, [V128], I32, 16), // lanes
  ...range(23, 23, [V128, I32], V128, 16),
  ...range(24, 25, [V128], I32, 8),
  ...range(26, 26, [V128, I32], V128, 8),
  ...range(27, 27, [V128], I32, 4),
  ...range(28, 28, [V128, I32], V128, 4),
  ...range(29, 29, [V128], I64, 2),
  ...range(30, 30, [V128, I64], V128, 2),
  ...range(31, 31, [V128], F32, 4),
  ...range(32, 32, [V128, F32], V128, 4),
  ...range(33, 33, [V128], F64, 2),
  ...range(34, 34, [V128, F64], V128, 2),
  ...range(35, 76, pair, V128), // comparisons
  ...range(77, 77, [V128], V128), // not
  ...range(78, 81, pair, V128), // and andnot or xor
  ...range(82, 82, [V128, V128, V128], V128), // bitselect
  ...range(83, 83, [V128], I32), // any_true
  ...range(94, 95, [V128], V128), // demote promote
  ...blocks.flatMap((block) => range(block + 3, block + 4, [V128], I32)), // all_true bitmask
  ...blocks.flatMap((block) => range(block + 11, block + 13, [V128, I32], V128)), // shifts
  ...blocks.flatMap((block) => range(block, block + 1, [V128], V128)), // abs neg
  ...range(98, 98, [V128], V128), // i8x16.popcnt
  ...range(101, 102, pair, V128), // narrow
  ...range(103, 106, [V128], V128), // f32x4 rounding
  ...range(110, 115, pair, V128), // i8x16 add sub
  ...range(116, 117, [V128], V128), // f64x2 ceil floor
  ...range(118, 121, pair, V128),
  ...range(122, 122, [V128], V128), // f64x2.trunc
  ...range(123, 123, pair, V128),
  ...range(124, 127, [V128], V128), // extadd_pairwise
  ...range(130, 130, pair, V128), // q15mulr
  ...range(133, 134, pair, V128),
  ...range(135, 138, [V128], V128), // extend
  ...range(142, 147, pair, V128),
  ...range(148, 148, [V128], V128), // f64x2.nearest
  ...range(149, 159, pair, V128),
  ...range(167, 170, [V128], V128),
  ...range(174, 191, pair, V128),
  ...range(199, 202, [V128], V128),
  ...range(206, 223, pair, V128),
  ...range(224, 227, [V128], V128), // f32x4 abs neg sqrt
  ...range(228, 235, pair, V128),
  ...range(236, 239, [V128], V128),
  ...range(240, 247, pair, V128),
  ...range(248, 255, [V128], V128), // conversions
];

function access(number: number, size: number, lanes = 0): MemoryOperator {
  return { opcode: base + number, type: V128, size, lanes };
}

export const vectorLoads: readonly MemoryOperator[] = [
  access(0, 16),
  ...[1, 2, 3, 4, 5, 6].map((number) => access(number, 8)),
  ...[1, 2, 4, 8].map((size, i) => access(7 + i, size)),
  access(92, 4),
  access(93, 8),
  ...[1, 2, 4, 8].map((size, i) => access(84 + i, size, 16 / size)),
];

export const vectorStores: readonly MemoryOperator[] = [
  access(11, 16),
  ...[1, 2, 4, 8].map((size, i) => access(88 + i, size, 16 / size)),
];
