/** Function bodies at the edges of the rules: the verdict is V8's. Each row is one body, `end` included unless noted. */
import test from 'ava';
import { disagreement, join, leb, many, moduleOf, sized } from './harness.js';

interface Setting {
  /** Type of the function: 0 [] -> [], 1 [] -> [i32], 2 [i32] -> [i32], 3 [i64] -> [f32 f64]. */
  type?: number;
  memory?: boolean;
  locals?: readonly number[] | Uint8Array;
}

const zeros = (count: number): number[] => new Array<number>(count).fill(0);

/** A module with one function, and two of all that code can name. */
function moduleWith(
  code: readonly number[] | Uint8Array,
  { type = 0, memory = true, locals = [0] }: Setting = {},
): Uint8Array {
  const body = join(locals, code);
  return moduleOf(
    [1, [4, 0x60, 0, 0, 0x60, 0, 1, 0x7f, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 1, 0x7e, 2, 0x7d, 0x7c]],
    [3, [1, type]],
    [4, [2, 0x70, 0, 5, 0x6f, 0, 5]],
    ...(memory ? [[5, [1, 0, 1]] as const] : []),
    [6, [2, 0x7f, 1, 0x41, 0, 0x0b, 0x7f, 0, 0x41, 0, 0x0b]],
    [7, [1, 1, 0x66, 0, 0]],
    [9, [3, 1, 0, 1, 0, 5, 0x70, 1, 0xd2, 0, 0x0b, 5, 0x6f, 1, 0xd0, 0x6f, 0x0b]],
    [12, [1]],
    [10, join([1], leb(body.length), body)],
    [11, [1, 1, 2, 1, 2]],
  );
}

const i32 = [0x41, 0];
const range = [...i32, ...i32, ...i32];
const drop = 0x1a;
const end = 0x0b;
const vector = [0xfd, 12, ...zeros(16)];
/** Opcode, number of lanes, operands. */
const lanes: readonly (readonly [number, number, readonly number[]])[] = [
  ...[21, 22].map((opcode) => [opcode, 16, vector] as const),
  [23, 16, [...vector, ...i32]],
  ...[24, 25].map((opcode) => [opcode, 8, vector] as const),
  [26, 8, [...vector, ...i32]],
  [27, 4, vector],
  [28, 4, [...vector, ...i32]],
  [29, 2, vector],
  [30, 2, [...vector, 0x42, 0]],
  [31, 4, vector],
  [32, 4, [...vector, 0x43, ...zeros(4)]],
  [33, 2, vector],
  [34, 2, [...vector, 0x44, ...zeros(8)]],
];
/** Opcode, logarithm of the bytes accessed. */
const laneAccesses = [84, 85, 86, 87, 88, 89, 90, 91].map((opcode) => [opcode, opcode & 3] as const);
const vectorLoads = [4, 3, 3, 3, 3, 3, 3, 0, 1, 2, 3]
  .map((log, opcode) => [opcode, log] as const)
  .concat([
    [92, 2],
    [93, 3],
  ]);

const rows: readonly (readonly [string, readonly number[] | Uint8Array, Setting?])[] = [
  ['nothing', [end]],
  ['no end', []],
  ['no end after nop', [0x01]],
  ['no end after br', [0x0c, 0]],
  ['one end too many', [end, end]],
  ['code after the end', [end, 0x01]],
  ['leftover operand', [...i32, end]],
  ['leftover operand in dead code', [0x00, ...i32, end]],

  ['block: empty type, padded', [0x02, 0xc0, 0x7f, end, end]],
  ['block: empty type, five bytes', [0x02, 0xc0, 0xff, 0xff, 0xff, 0x7f, end, end]],
  ['block: empty type, wrong sign', [0x02, 0xc0, 0xff, 0xff, 0xff, 0x0f, end, end]],
  ['block: value type, padded', [0x02, 0xff, 0x7f, ...i32, end, drop, end]],
  ['block: value type, five bytes', [0x02, 0xff, 0xff, 0xff, 0xff, 0x7f, ...i32, end, drop, end]],
  ['block: type index, padded', [0x02, 0x80, 0x00, end, end]],
  ['block: type index, five bytes', [0x02, 0x80, 0x80, 0x80, 0x80, 0x00, end, end]],
  ['block: type index of 33 bits', [0x02, 0x80, 0x80, 0x80, 0x80, 0x10, end, end]],
  ['block: type index of 2^31', [0x02, 0x80, 0x80, 0x80, 0x80, 0x08, end, end]],
  ['block: six bytes', [0x02, 0x80, 0x80, 0x80, 0x80, 0x80, 0, end, end]],
  ['block: type index out of range', [0x02, 0x20, end, end]],
  ['block: two-byte index out of range', [0x02, 0xc0, 0x00, end, end]],
  ['block: no type', [0x02, 0x41, end, end]],
  ['block: funcref', [0x02, 0x70, 0xd0, 0x70, end, drop, end]],
  ['block: funcref, padded', [0x02, 0xf0, 0x7f, 0xd0, 0x70, end, drop, end]],
  ['block: other reference', [0x02, 0x6d, 0x00, end, drop, end]],
  ['block: typed reference', [0x02, 0x63, 0x70, 0x00, end, drop, end]],
  ['loop with parameter', [...i32, 0x03, 2, end, drop, end]],
  ['branch to a loop', [0x03, 0x40, 0x0c, 0, end, end]],
  ['if with a result and no else', [...i32, 0x04, 0x7f, ...i32, end, drop, end]],
  ['if with equal parameter and result and no else', [...i32, ...i32, 0x04, 2, end, drop, end]],
  ['else without if', [0x02, 0x40, 0x05, end, end]],
  ['else twice', [...i32, 0x04, 0x40, 0x05, 0x05, end, end]],
  ['dead if with wrong else', [0x00, 0x04, 0x7f, ...i32, 0x05, 0x42, 0, end, drop, end]],
  ['blocks in dead code', [0x00, 0x02, 0x40, 0x02, 0x40, end, end, end]],
  ['typed operand in dead code', [0x00, 0x42, 0, 0x45, drop, end]],

  ['br, padded', [0x0c, 0x80, 0x00, end]],
  ['br too deep', [0x0c, 1, end]],
  ['br_table', [...i32, 0x0e, 1, 0, 0, end]],
  ['br_table, padded', [...i32, 0x0e, 0x81, 0, 0x80, 0, 0x80, 0, end]],
  ['br_table without default', [...i32, 0x0e, 1, 0]],
  ['br_table in dead code, arities differ', [0x00, 0x02, 0x7f, 0x0e, 1, 0, 1, end, drop, end]],
  [
    'br_table in dead code, types differ',
    [0x00, 0x02, 0x7f, 0x02, 0x7e, 0x0e, 1, 0, 1, end, drop, 0x00, end, drop, end],
  ],
  ['br_table of 65520', join(i32, [0x0e], many(65520, [0]), [0, end])],
  ['br_table of 65521', join(i32, [0x0e], many(65521, [0]), [0, end])],
  ['br_table with a huge count', [...i32, 0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, end]],
  ['br_if keeps types in dead code', [0x02, 0x7f, 0x00, 0x0d, 0, 0x50, drop, 0x00, end, drop, end]],
  ['return of two', [0x43, 0, 0, 0, 0, 0x44, ...zeros(8), 0x0f, end], { type: 3 }],
  ['return of two, swapped', [0x44, ...zeros(8), 0x43, 0, 0, 0, 0, 0x0f, end], { type: 3 }],

  ['call, padded', [0x10, 0x80, 0, end]],
  ['call out of range', [0x10, 9, end]],
  ['call cut off', [0x10]],
  ['call_indirect, padded', [...i32, 0x11, 0x80, 0x00, 0x80, 0x00, end]],
  ['call_indirect through externref', [...i32, 0x11, 0, 1, end]],
  ['call_indirect, no table', [...i32, 0x11, 0, 2, end]],
  ['call_indirect, no type', [...i32, 0x11, 9, 0, end]],
  ['call_indirect cut off', [...i32, 0x11, end]],
  ['return_call', [0x12, 0, end]],
  ['return_call, dead code behind', [0x12, 0, 0x6a, drop, end]],
  ['return_call in dead code', [0x00, 0x12, 0, end]],
  ['return_call out of range', [0x12, 9, end]],
  ['return_call cut off', [0x12]],
  ['return_call of other results', [0x12, 0, end], { type: 3 }],
  ['return_call with something below', [...i32, 0x12, 0, end]],
  ['return_call_indirect', [...i32, 0x13, 0, 0, end]],
  ['return_call_indirect, padded', [...i32, 0x13, 0x80, 0x00, 0x80, 0x00, end]],
  ['return_call_indirect without an index', [0x13, 0, 0, end]],
  ['return_call_indirect of other results', [...i32, 0x13, 3, 0, end]],
  ['return_call_indirect through externref', [...i32, 0x13, 0, 1, end]],
  ['return_call_indirect, no table', [...i32, 0x13, 0, 2, end]],
  ['return_call_indirect, no type', [...i32, 0x13, 9, 0, end]],
  ['return_call_indirect cut off', [...i32, 0x13, end]],

  ['drop of nothing', [drop, end]],
  ['drop of nothing in dead code', [0x00, drop, end]],
  ['select of a reference in dead code', [0x00, 0xd0, 0x70, ...i32, 0x1b, drop, end]],
  ['select of references', [0xd0, 0x70, 0xd0, 0x70, ...i32, 0x1b, drop, end]],
  ['select of two types', [...i32, 0x42, 0, ...i32, 0x1b, drop, end]],
  ['select t, padded count', [...range, 0x1c, 0x81, 0, 0x7f, drop, end]],
  ['select t of two types', [...range, 0x1c, 2, 0x7f, 0x7f, drop, end]],
  ['select t of none', [...range, 0x1c, 0, drop, end]],
  ['select t, padded type', [0xd0, 0x70, 0xd0, 0x70, ...i32, 0x1c, 1, 0xf0, 0x7f, drop, end]],
  ['select t of no type', [0x00, 0x1c, 1, 0x40, drop, end]],
  ['select t cut off', [0x00, 0x1c, 1]],

  ['local.get, five bytes', [0x20, 0x80, 0x80, 0x80, 0x80, 0x00, drop, end], { type: 2 }],
  ['local.get swallows the end', [0x20, end], { locals: [1, 20, 0x7f] }],
  ['local.get cut off', [0x20], { locals: [1, 20, 0x7f] }],
  ['global.set of a mutable one', [...i32, 0x24, 0, end]],
  ['global.set of an immutable one', [...i32, 0x24, 1, end]],
  ['global.get out of range', [0x23, 9, drop, end]],

  ['memory.size, padded', [0x3f, 0x80, 0x00, drop, end]],
  ['memory.size of another', [0x3f, 1, drop, end]],
  ['memory.size of another, padded', [0x3f, 0x81, 0, drop, end]],
  ['memory.grow, padded', [...i32, 0x40, 0x80, 0, drop, end]],
  ['memory.init, padded', [...range, 0xfc, 8, 0, 0x80, 0, end]],
  ['memory.copy, padded', [...range, 0xfc, 10, 0x80, 0, 0, end]],
  ['memory.copy of another', [...range, 0xfc, 10, 1, 0, end]],
  ['memory.fill, padded', [...range, 0xfc, 11, 0x80, 0, end]],
  ['load without memory', [...i32, 0x28, 2, 0, drop, end], { memory: false }],
  ['memory.size without memory', [0x3f, 0, drop, end], { memory: false }],
  ['memory.fill without memory, dead', [0x00, 0xfc, 11, 0, end], { memory: false }],
  ['memory.init without memory, dead', [0x00, 0xfc, 8, 0, 0, end], { memory: false }],
  ['load, padded', [...i32, 0x28, 0x82, 0x00, 0x80, 0x00, drop, end]],
  ['load, alignment too large', [...i32, 0x28, 3, 0, drop, end]],
  ['load, alignment with memory index', [...i32, 0x28, 0x42, 0, 0, drop, end]],
  ['load, alignment of 36 bits', [...i32, 0x28, 0x82, 0x80, 0x80, 0x80, 0x10, 0, drop, end]],
  ['load, largest offset', [...i32, 0x28, 2, 0xff, 0xff, 0xff, 0xff, 0x0f, drop, end]],
  ['load, offset of 33 bits', [...i32, 0x28, 2, 0xff, 0xff, 0xff, 0xff, 0x1f, drop, end]],
  ['load in dead code', [0x00, 0x28, 2, 0, drop, end]],
  ['load cut off behind its alignment', [...i32, 0x28, 2]],

  ['i32.const, largest', [0x41, 0xff, 0xff, 0xff, 0xff, 0x07, drop, end]],
  ['i32.const, smallest', [0x41, 0x80, 0x80, 0x80, 0x80, 0x78, drop, end]],
  ['i32.const, extra bits', [0x41, 0xff, 0xff, 0xff, 0xff, 0x0f, drop, end]],
  ['i32.const, missing sign bits', [0x41, 0x80, 0x80, 0x80, 0x80, 0x70, drop, end]],
  ['i32.const, six bytes', [0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0, drop, end]],
  ['i64.const, smallest', [0x42, ...zeros(9).fill(0x80), 0x7f, drop, end]],
  ['i64.const, extra bits', [0x42, ...zeros(9).fill(0x80), 0x01, drop, end]],
  ['i64.const, missing sign bit', [0x42, ...zeros(9).fill(0x80), 0x7e, drop, end]],
  ['i64.const, eleven bytes', [0x42, ...zeros(10).fill(0x80), 0x00, drop, end]],
  ['f32.const cut off', [0x43, 0, 0, end]],
  ['f64.const that swallows the end', [0x44, ...zeros(7), end]],

  ['prefix, padded', [...range, 0xfc, 0x8b, 0x00, 0, end]],
  ['prefix, three bytes', [...range, 0xfc, 0x8b, 0x80, 0x00, 0, end]],
  ['prefix, five bytes', [...range, 0xfc, 0x8b, 0x80, 0x80, 0x80, 0x00, 0, end]],
  ['prefix of 33 bits', [0xfc, 0x80, 0x80, 0x80, 0x80, 0x10, end]],
  ['prefix 18', [0xfc, 18, end]],
  ['prefix 0x1000b', [...range, 0xfc, 0x8b, 0x80, 0x04, 0, end]],
  ['saturating truncation, padded', [0x43, 0, 0, 0, 0, 0xfc, 0x80, 0, drop, end]],
  ['prefix swallows the end', [0xfc, end]],

  ['v128.const', [...vector, drop, end]],
  ['v128.const, prefix padded', [0xfd, 0x8c, 0x80, 0x80, 0x80, 0x00, ...zeros(16), drop, end]],
  ['v128.const, prefix of six bytes', [0xfd, 0x8c, 0x80, 0x80, 0x80, 0x80, 0x00, ...zeros(16), drop, end]],
  ['v128.const, prefix of 33 bits', [0xfd, 0x8c, 0x80, 0x80, 0x80, 0x10, ...zeros(16), drop, end]],
  ['v128.const cut off', [0xfd, 12, ...zeros(15), end]],
  ['v128.const that swallows the end', [0xfd, 12, ...zeros(15), end], { locals: [0] }],
  ['v128.const of 0x0b, the last one swallows the end', [0xfd, 12, ...zeros(16).fill(end)]],
  ['v128.const of 0x0b', [0xfd, 12, ...zeros(16).fill(end), drop, end]],
  ['simd prefix swallows the end', [0xfd, end]],
  ['simd prefix alone', [0xfd]],
  ['shuffle', [...vector, ...vector, 0xfd, 13, ...zeros(16).fill(31), drop, end]],
  ['shuffle, first lane 32', [...vector, ...vector, 0xfd, 13, 32, ...zeros(15), drop, end]],
  ['shuffle, last lane 32', [...vector, ...vector, 0xfd, 13, ...zeros(15), 32, drop, end]],
  ['shuffle, lane 128', [...vector, ...vector, 0xfd, 13, ...zeros(7), 128, ...zeros(8), drop, end]],
  ['shuffle in dead code, lane 255', [0x00, 0xfd, 13, ...zeros(9), 255, ...zeros(6), drop, end]],
  ['shuffle of one', [...vector, 0xfd, 13, ...zeros(16), drop, end]],
  ['extract_lane cut off', [...vector, 0xfd, 21]],
  ['extract_lane that swallows the end', [...vector, 0xfd, 21, end]],
  ['v128.load, padded', [...i32, 0xfd, 0, 0x84, 0x80, 0x80, 0x80, 0x00, 0x80, 0x00, drop, end]],
  ['v128.load, largest offset', [...i32, 0xfd, 0, 4, 0xff, 0xff, 0xff, 0xff, 0x0f, drop, end]],
  ['v128.load, offset of 33 bits', [...i32, 0xfd, 0, 4, 0xff, 0xff, 0xff, 0xff, 0x1f, drop, end]],
  ['v128.load, alignment with memory index', [...i32, 0xfd, 0, 0x44, 0, 0, drop, end]],
  ['v128.load without memory', [...i32, 0xfd, 0, 0, 0, drop, end], { memory: false }],
  ['v128.store without memory, dead', [0x00, 0xfd, 11, 0, 0, end], { memory: false }],
  ['load8_lane without memory, dead', [0x00, 0xfd, 84, 0, 0, 0, drop, end], { memory: false }],
  ['load8_lane without a lane', [...i32, ...vector, 0xfd, 84, 0, 0, end]],
  ['load8_lane cut off', [...i32, ...vector, 0xfd, 84, 0, 0]],
  [
    'store8_lane, all padded',
    [...i32, ...vector, 0xfd, 0xd8, 0x80, 0x80, 0x80, 0, 0x80, 0x80, 0x80, 0x80, 0, 0x84, 0x80, 0x80, 0x80, 0, 15, end],
  ],
  ['select of vectors', [...vector, ...vector, ...i32, 0x1b, drop, end]],
  ['select of a vector and a number', [...vector, ...i32, ...i32, 0x1b, drop, end]],
  ['select t of vectors', [...vector, ...vector, ...i32, 0x1c, 1, 0x7b, drop, end]],
  ['select t of vectors as numbers', [...vector, ...vector, ...i32, 0x1c, 1, 0x7f, drop, end]],
  ['select of a vector in dead code', [0x00, ...vector, ...i32, 0x1b, 0xfd, 77, drop, end]],
  ['select of a vector in dead code as a number', [0x00, ...vector, ...i32, 0x1b, 0x45, drop, end]],
  ['block of a vector', [0x02, 0x7b, ...vector, 0x0c, 0, end, drop, end]],
  ['block of a vector, padded type', [0x02, 0xfb, 0x7f, ...vector, end, drop, end]],
  ['loop of a vector that is a number', [0x03, 0x7b, ...i32, end, drop, end]],
  ['if of a vector without else', [...i32, 0x04, 0x7b, ...vector, end, drop, end]],
  ['condition that is a vector', [...vector, 0x04, 0x40, end, end]],
  ['local of a vector', [0x20, 0, 0x22, 0, 0x21, 0, end], { locals: [1, 1, 0x7b] }],
  ['local of a vector, a number', [...i32, 0x21, 0, end], { locals: [1, 1, 0x7b] }],
  ['ref.is_null of a vector', [...vector, 0xd1, drop, end]],
  ['table.set of a vector', [...i32, ...vector, 0x26, 0, end]],
  ...lanes.flatMap(([opcode, count, code]) =>
    [count - 1, count, 127, 128, 255].map(
      (lane) => [`opcode ${opcode}, lane ${lane}`, [...code, 0xfd, opcode, lane, drop, end]] as const,
    ),
  ),
  ...laneAccesses.flatMap(([opcode, log]) =>
    [0, 1].flatMap((extra) =>
      [16 >> log, (16 >> log) - 1].map(
        (lane) =>
          [
            `opcode ${opcode}, alignment ${log + extra}, lane ${lane}`,
            [...i32, ...vector, 0xfd, opcode, log + extra, 0, lane, ...(opcode < 88 ? [drop] : []), end],
          ] as const,
      ),
    ),
  ),
  ...vectorLoads.flatMap(([opcode, log]) =>
    [log, log + 1, 64].map(
      (alignment) =>
        [`opcode ${opcode}, alignment ${alignment}`, [...i32, 0xfd, opcode, alignment, 0, drop, end]] as const,
    ),
  ),
  ...[0x9a, 0xa2, 0xbb, 0xff, 0x100, 0x113, 0x114, 0x200, 0xfff, 0x1000, 0xffff, 0x10000].map(
    (number) =>
      [
        `simd opcode ${number}`,
        [...vector, ...vector, ...vector, 0xfd, ...leb(number), drop, drop, drop, end],
      ] as const,
  ),

  ['ref.null, padded', [0xd0, 0xf0, 0x7f, drop, end]],
  ['ref.null, five bytes', [0xd0, 0xf0, 0xff, 0xff, 0xff, 0x7f, drop, end]],
  ['ref.null, wrong sign', [0xd0, 0xf0, 0xff, 0xff, 0xff, 0x0f, drop, end]],
  ['ref.null of a type index', [0xd0, 0, drop, end]],
  ['ref.null of a number type', [0xd0, 0x7f, drop, end]],
  ...[0x69, 0x6b, 0x6d, 0x6e, 0x71, 0x73].map(
    (type) => [`ref.null 0x${type.toString(16)}`, [0xd0, type, drop, end]] as const,
  ),
  ['ref.is_null of a number', [...i32, 0xd1, drop, end]],
  ['ref.is_null in dead code', [0x00, 0xd1, drop, end]],
  ['ref.func', [0xd2, 0, drop, end]],
  ['ref.func out of range', [0xd2, 9, drop, end]],
  ['table.get', [...i32, 0x25, 0, drop, end]],
  ['table.get out of range', [...i32, 0x25, 9, drop, end]],
  ['table.set', [...i32, 0xd0, 0x6f, 0x26, 1, end]],
  ['table.set of another type', [...i32, 0xd0, 0x6f, 0x26, 0, end]],
  ['table.grow', [0xd0, 0x70, ...i32, 0xfc, 15, 0, drop, end]],
  ['table.size out of range', [0xfc, 16, 9, drop, end]],
  ['table.fill', [...i32, 0xd0, 0x70, ...i32, 0xfc, 17, 0, end]],
  ['table.copy', [...range, 0xfc, 14, 0, 0, end]],
  ['table.copy between types', [...range, 0xfc, 14, 0, 1, end]],
  ['table.init', [...range, 0xfc, 12, 0, 0, end]],
  ['table.init of another type', [...range, 0xfc, 12, 2, 0, end]],
  ['table.init of externref', [...range, 0xfc, 12, 2, 1, end]],
  ['elem.drop out of range', [0xfc, 13, 9, end]],
  ['data.drop', [0xfc, 9, 0, end]],
  ['data.drop out of range', [0xfc, 9, 9, end]],

  ['50,000 locals', [end], { locals: [1, ...leb(50000), 0x7f] }],
  ['50,001 locals', [end], { locals: [1, ...leb(50001), 0x7f] }],
  ['50,000 locals in two runs', [end], { locals: [2, ...leb(49999), 0x7f, 1, 0x7e] }],
  ['50,001 locals in two runs', [end], { locals: [2, ...leb(50000), 0x7f, 1, 0x7e] }],
  ['49,999 locals and a parameter', [...i32, end], { type: 2, locals: [1, ...leb(49999), 0x7f] }],
  ['50,000 locals and a parameter', [...i32, end], { type: 2, locals: [1, ...leb(50000), 0x7f] }],
  ['2^32 locals', [end], { locals: [2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 2, 0x7f] }],
  ['empty runs', [end], { locals: [3, 0, 0x7f, 0, 0x7e, 0, 0x7d] }],
  ['60,000 empty runs', [end], { locals: many(60000, [0, 0x7f]) }],
  ['empty run of no type', [end], { locals: [1, 0, 0x40] }],
  ['more runs than bytes', [end], { locals: [0xff, 0xff, 0xff, 0xff, 0x0f] }],
  ['runs, padded', [end], { locals: [0x81, 0x80, 0x80, 0x80, 0x00, 0x81, 0x80, 0x80, 0x80, 0, 0x7f] }],
  ['run count of 50 bytes', [end], { locals: [1, ...zeros(50).fill(0x80), 0, 0x7f] }],
  ['local type, padded', [end], { locals: [1, 1, 0xff, 0x7f] }],
  ...[0x63, 0x6b, 0x6c, 0x6d, 0x6e, 0x7a, 0x7b].map(
    (type) => [`local of type 0x${type.toString(16)}`, [end], { locals: [1, 1, type, 0x70] }] as const,
  ),
];

for (const [title, code, setting] of rows) {
  test(title, (t) => t.is(disagreement(moduleWith(code, setting)), undefined));
}

test('every opcode, live and dead, with enough operands of one type', (t) => {
  const constants = [[0x41, 0], [0x42, 0], [0x43, 0, 0, 0, 0], [0x44, ...zeros(8)], [0xd0, 0x70], vector];
  const opcodes = [
    ...Array.from({ length: 256 }, (_, op) => [op]),
    ...Array.from({ length: 20 }, (_, sub) => [0xfc, sub]),
    ...Array.from({ length: 0x120 }, (_, sub) => [0xfd, ...leb(sub)]),
  ];
  for (const opcode of opcodes) {
    for (const constant of constants) {
      for (const operands of [0, 1, 2, 3]) {
        for (const dropped of [0, 1]) {
          const use = [...opcode, 0, 0, ...zeros(dropped).fill(drop)];
          const live = [...new Array<number[]>(operands).fill(constant).flat(), ...use, 0x00, end];
          t.is(disagreement(moduleWith(live)), undefined, `live ${opcode} ${constant} ${operands} ${dropped}`);
          t.is(disagreement(moduleWith([0x00, ...live])), undefined, `dead ${opcode} ${constant} ${operands}`);
        }
      }
    }
  }
});

test('bodies of the largest size and one byte more', (t) => {
  for (const size of [7654321, 7654322]) {
    const body = new Uint8Array(size).fill(0x01);
    body[0] = 0;
    body[size - 1] = end;
    const bytes = moduleOf([1, [1, 0x60, 0, 0]], [3, [1, 0]], [10, join([1], leb(size), body)]);
    t.is(disagreement(bytes), undefined);
  }
});

test('ref.func needs a declaration before the code', (t) => {
  const use = [10, [1, ...sized([0, 0xd2, 0, drop, end])]] as const;
  const types = [1, [1, 0x60, 0, 0]] as const;
  t.is(disagreement(moduleOf(types, [3, [1, 0]], use)), undefined);
  t.is(disagreement(moduleOf(types, [3, [1, 0]], [8, [0]], use)), undefined);
  t.is(disagreement(moduleOf(types, [2, [1, 0, 0, 0, 0]], [3, [1, 0]], use)), undefined);
  t.is(disagreement(moduleOf(types, [3, [1, 0]], [9, [1, 3, 0, 1, 0]], use)), undefined);
  t.is(disagreement(moduleOf(types, [3, [1, 0]], [6, [1, 0x70, 0, 0xd2, 0, end]], use)), undefined);
});
