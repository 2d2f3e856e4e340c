/**
 * The opcode table: the one place that knows names, immediates, signatures and features of opcodes. Decoder,
 * validator, printers and tests derive from it. Prefixed opcodes are written 0xfc00 | n, 0xfd00 | n.
 */

/** What follows the opcode. */
export const enum Immediate {
  none = 0,
  blockType = 1,
  label = 2,
  labelTable = 3,
  functionIndex = 4,
  /** type index, table index */
  callIndirect = 5,
  localIndex = 6,
  globalIndex = 7,
  tableIndex = 8,
  /** alignment, offset */
  memory = 9,
  /** one zero byte */
  memoryIndex = 10,
  i32 = 11,
  i64 = 12,
  f32 = 13,
  f64 = 14,
  selectTypes = 15,
  refType = 16,
  /** data index, zero byte */
  memoryInit = 17,
  dataIndex = 18,
  /** two zero bytes */
  memoryCopy = 19,
  /** element index, table index */
  tableInit = 20,
  elementIndex = 21,
  /** table index, table index */
  tableCopy = 22,
  /** 16 bytes */
  v128 = 23,
  /** 16 lane numbers */
  shuffle = 24,
  /** lane number */
  lane = 25,
  /** alignment, offset, lane number */
  memoryLane = 26,
  /** Not decoded: the feature is not there yet. */
  unsupported = 255,
}

export interface Opcode {
  readonly code: number;
  readonly name: string;
  readonly immediate: Immediate;
  /** `params:results` by letter (i i32, l i64, f f32, d f64, v v128), or '' if it depends on the immediates. */
  readonly signature: string;
  readonly feature: string;
}

const rows: Opcode[] = [];

function op(code: number, name: string, immediate: Immediate, signature = '', feature = 'mvp'): void {
  rows.push({ code, name, immediate, signature, feature });
}

/** A run of opcodes with one signature. */
function run(first: number, names: string, signature: string, feature = 'mvp'): void {
  names.split(' ').forEach((name, i) => {
    op(first + i, name, Immediate.none, signature, feature);
  });
}

/** A run of memory accesses with one signature. */
function accesses(first: number, names: string, signature: string): void {
  names.split(' ').forEach((name, i) => {
    op(first + i, name, Immediate.memory, signature);
  });
}

op(0x00, 'unreachable', Immediate.none);
op(0x01, 'nop', Immediate.none, ':');
op(0x02, 'block', Immediate.blockType);
op(0x03, 'loop', Immediate.blockType);
op(0x04, 'if', Immediate.blockType);
op(0x05, 'else', Immediate.none);
op(0x0b, 'end', Immediate.none);
op(0x0c, 'br', Immediate.label);
op(0x0d, 'br_if', Immediate.label);
op(0x0e, 'br_table', Immediate.labelTable);
op(0x0f, 'return', Immediate.none);
op(0x10, 'call', Immediate.functionIndex);
op(0x11, 'call_indirect', Immediate.callIndirect);
op(0x1a, 'drop', Immediate.none);
op(0x1b, 'select', Immediate.none);
op(0x1c, 'select', Immediate.selectTypes, '', 'reference-types');
op(0x20, 'local.get', Immediate.localIndex);
op(0x21, 'local.set', Immediate.localIndex);
op(0x22, 'local.tee', Immediate.localIndex);
op(0x23, 'global.get', Immediate.globalIndex);
op(0x24, 'global.set', Immediate.globalIndex);
op(0x25, 'table.get', Immediate.tableIndex, '', 'reference-types');
op(0x26, 'table.set', Immediate.tableIndex, '', 'reference-types');
accesses(0x28, 'i32.load', 'i:i');
accesses(0x29, 'i64.load', 'i:l');
accesses(0x2a, 'f32.load', 'i:f');
accesses(0x2b, 'f64.load', 'i:d');
accesses(0x2c, 'i32.load8_s i32.load8_u i32.load16_s i32.load16_u', 'i:i');
accesses(0x30, 'i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u', 'i:l');
accesses(0x36, 'i32.store', 'ii:');
accesses(0x37, 'i64.store', 'il:');
accesses(0x38, 'f32.store', 'if:');
accesses(0x39, 'f64.store', 'id:');
accesses(0x3a, 'i32.store8 i32.store16', 'ii:');
accesses(0x3c, 'i64.store8 i64.store16 i64.store32', 'il:');
op(0x3f, 'memory.size', Immediate.memoryIndex, ':i');
op(0x40, 'memory.grow', Immediate.memoryIndex, 'i:i');
op(0x41, 'i32.const', Immediate.i32, ':i');
op(0x42, 'i64.const', Immediate.i64, ':l');
op(0x43, 'f32.const', Immediate.f32, ':f');
op(0x44, 'f64.const', Immediate.f64, ':d');
run(0x45, 'i32.eqz', 'i:i');
const order = (t: string) =>
  ['eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u'].map((n) => `${t}.${n}`).join(' ');
const floatOrder = (t: string) => ['eq', 'ne', 'lt', 'gt', 'le', 'ge'].map((n) => `${t}.${n}`).join(' ');
const binary = (t: string) =>
  ['add', 'sub', 'mul', 'div_s', 'div_u', 'rem_s', 'rem_u', 'and', 'or', 'xor', 'shl', 'shr_s', 'shr_u', 'rotl', 'rotr']
    .map((n) => `${t}.${n}`)
    .join(' ');
const floatUnary = (t: string) =>
  ['abs', 'neg', 'ceil', 'floor', 'trunc', 'nearest', 'sqrt'].map((n) => `${t}.${n}`).join(' ');
const floatBinary = (t: string) =>
  ['add', 'sub', 'mul', 'div', 'min', 'max', 'copysign'].map((n) => `${t}.${n}`).join(' ');
run(0x46, order('i32'), 'ii:i');
run(0x50, 'i64.eqz', 'l:i');
run(0x51, order('i64'), 'll:i');
run(0x5b, floatOrder('f32'), 'ff:i');
run(0x61, floatOrder('f64'), 'dd:i');
run(0x67, 'i32.clz i32.ctz i32.popcnt', 'i:i');
run(0x6a, binary('i32'), 'ii:i');
run(0x79, 'i64.clz i64.ctz i64.popcnt', 'l:l');
run(0x7c, binary('i64'), 'll:l');
run(0x8b, floatUnary('f32'), 'f:f');
run(0x92, floatBinary('f32'), 'ff:f');
run(0x99, floatUnary('f64'), 'd:d');
run(0xa0, floatBinary('f64'), 'dd:d');
run(0xa7, 'i32.wrap_i64', 'l:i');
run(0xa8, 'i32.trunc_f32_s i32.trunc_f32_u', 'f:i');
run(0xaa, 'i32.trunc_f64_s i32.trunc_f64_u', 'd:i');
run(0xac, 'i64.extend_i32_s i64.extend_i32_u', 'i:l');
run(0xae, 'i64.trunc_f32_s i64.trunc_f32_u', 'f:l');
run(0xb0, 'i64.trunc_f64_s i64.trunc_f64_u', 'd:l');
run(0xb2, 'f32.convert_i32_s f32.convert_i32_u', 'i:f');
run(0xb4, 'f32.convert_i64_s f32.convert_i64_u', 'l:f');
run(0xb6, 'f32.demote_f64', 'd:f');
run(0xb7, 'f64.convert_i32_s f64.convert_i32_u', 'i:d');
run(0xb9, 'f64.convert_i64_s f64.convert_i64_u', 'l:d');
run(0xbb, 'f64.promote_f32', 'f:d');
run(0xbc, 'i32.reinterpret_f32', 'f:i');
run(0xbd, 'i64.reinterpret_f64', 'd:l');
run(0xbe, 'f32.reinterpret_i32', 'i:f');
run(0xbf, 'f64.reinterpret_i64', 'l:d');
run(0xc0, 'i32.extend8_s i32.extend16_s', 'i:i', 'sign-extension');
run(0xc2, 'i64.extend8_s i64.extend16_s i64.extend32_s', 'l:l', 'sign-extension');
op(0xd0, 'ref.null', Immediate.refType, '', 'reference-types');
op(0xd1, 'ref.is_null', Immediate.none, '', 'reference-types');
op(0xd2, 'ref.func', Immediate.functionIndex, '', 'reference-types');
run(0xfc00, 'i32.trunc_sat_f32_s i32.trunc_sat_f32_u', 'f:i', 'saturating-float-to-int');
run(0xfc02, 'i32.trunc_sat_f64_s i32.trunc_sat_f64_u', 'd:i', 'saturating-float-to-int');
run(0xfc04, 'i64.trunc_sat_f32_s i64.trunc_sat_f32_u', 'f:l', 'saturating-float-to-int');
run(0xfc06, 'i64.trunc_sat_f64_s i64.trunc_sat_f64_u', 'd:l', 'saturating-float-to-int');
op(0xfc08, 'memory.init', Immediate.memoryInit, 'iii:', 'bulk-memory');
op(0xfc09, 'data.drop', Immediate.dataIndex, ':', 'bulk-memory');
op(0xfc0a, 'memory.copy', Immediate.memoryCopy, 'iii:', 'bulk-memory');
op(0xfc0b, 'memory.fill', Immediate.memoryIndex, 'iii:', 'bulk-memory');
op(0xfc0c, 'table.init', Immediate.tableInit, 'iii:', 'bulk-memory');
op(0xfc0d, 'elem.drop', Immediate.elementIndex, ':', 'bulk-memory');
op(0xfc0e, 'table.copy', Immediate.tableCopy, 'iii:', 'bulk-memory');
op(0xfc0f, 'table.grow', Immediate.tableIndex, '', 'reference-types');
op(0xfc10, 'table.size', Immediate.tableIndex, ':i', 'reference-types');
op(0xfc11, 'table.fill', Immediate.tableIndex, '', 'reference-types');
for (const [code, name, feature] of [
  [0x06, 'try', 'legacy exceptions'],
  [0x07, 'catch', 'legacy exceptions'],
  [0x08, 'throw', 'exceptions'],
  [0x09, 'rethrow', 'legacy exceptions'],
  [0x0a, 'throw_ref', 'exceptions'],
  [0x12, 'return_call', 'tail calls'],
  [0x13, 'return_call_indirect', 'tail calls'],
  [0x14, 'call_ref', 'typed function references'],
  [0x15, 'return_call_ref', 'tail calls'],
  [0x18, 'delegate', 'legacy exceptions'],
  [0x19, 'catch_all', 'legacy exceptions'],
  [0x1f, 'try_table', 'exceptions'],
  [0xd3, 'ref.eq', 'garbage collection'],
  [0xd4, 'ref.as_non_null', 'typed function references'],
  [0xd5, 'br_on_null', 'typed function references'],
  [0xd6, 'br_on_non_null', 'typed function references'],
  [0xfb, 'gc prefix', 'garbage collection'],
  [0xfe, 'atomic prefix', 'threads'],
] as const) {
  op(code, name, Immediate.unsupported, '', feature);
}

/** SIMD opcodes of one signature; `-` is a number without a meaning. */
function simd(first: number, names: string, signature: string, immediate: Immediate = Immediate.none): void {
  names.split(' ').forEach((name, i) => {
    if (name !== '-') op(0xfd00 | (first + i), name, immediate, signature, 'SIMD');
  });
}

/** Names of one shape: `shape.name` for each name. */
const shaped = (shape: string, names: string) => names.replace(/[^ -]+/g, (name) => `${shape}.${name}`);
const ordered = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u';
const floatOrdered = 'eq ne lt gt le ge';
const accumulate = 'add add_sat_s add_sat_u sub sub_sat_s sub_sat_u';
const extremes = 'min_s min_u max_s max_u';
const halves = (name: string, from: string) =>
  `${name}_low_${from}_s ${name}_high_${from}_s ${name}_low_${from}_u ${name}_high_${from}_u`;

simd(0, 'v128.load v128.load8x8_s v128.load8x8_u v128.load16x4_s v128.load16x4_u', 'i:v', Immediate.memory);
simd(5, 'v128.load32x2_s v128.load32x2_u v128.load8_splat v128.load16_splat', 'i:v', Immediate.memory);
simd(9, 'v128.load32_splat v128.load64_splat', 'i:v', Immediate.memory);
simd(11, 'v128.store', 'iv:', Immediate.memory);
simd(12, 'v128.const', ':v', Immediate.v128);
simd(13, 'i8x16.shuffle', 'vv:v', Immediate.shuffle);
simd(14, 'i8x16.swizzle', 'vv:v');
simd(15, 'i8x16.splat i16x8.splat i32x4.splat', 'i:v');
simd(18, 'i64x2.splat', 'l:v');
simd(19, 'f32x4.splat', 'f:v');
simd(20, 'f64x2.splat', 'd:v');
simd(21, 'i8x16.extract_lane_s i8x16.extract_lane_u', 'v:i', Immediate.lane);
simd(23, 'i8x16.replace_lane', 'vi:v', Immediate.lane);
simd(24, 'i16x8.extract_lane_s i16x8.extract_lane_u', 'v:i', Immediate.lane);
simd(26, 'i16x8.replace_lane', 'vi:v', Immediate.lane);
simd(27, 'i32x4.extract_lane', 'v:i', Immediate.lane);
simd(28, 'i32x4.replace_lane', 'vi:v', Immediate.lane);
simd(29, 'i64x2.extract_lane', 'v:l', Immediate.lane);
simd(30, 'i64x2.replace_lane', 'vl:v', Immediate.lane);
simd(31, 'f32x4.extract_lane', 'v:f', Immediate.lane);
simd(32, 'f32x4.replace_lane', 'vf:v', Immediate.lane);
simd(33, 'f64x2.extract_lane', 'v:d', Immediate.lane);
simd(34, 'f64x2.replace_lane', 'vd:v', Immediate.lane);
simd(35, shaped('i8x16', ordered), 'vv:v');
simd(45, shaped('i16x8', ordered), 'vv:v');
simd(55, shaped('i32x4', ordered), 'vv:v');
simd(65, shaped('f32x4', floatOrdered), 'vv:v');
simd(71, shaped('f64x2', floatOrdered), 'vv:v');
simd(77, 'v128.not', 'v:v');
simd(78, shaped('v128', 'and andnot or xor'), 'vv:v');
simd(82, 'v128.bitselect', 'vvv:v');
simd(83, 'v128.any_true', 'v:i');
simd(84, shaped('v128', 'load8_lane load16_lane load32_lane load64_lane'), 'iv:v', Immediate.memoryLane);
simd(88, shaped('v128', 'store8_lane store16_lane store32_lane store64_lane'), 'iv:', Immediate.memoryLane);
simd(92, 'v128.load32_zero v128.load64_zero', 'i:v', Immediate.memory);
simd(94, 'f32x4.demote_f64x2_zero f64x2.promote_low_f32x4', 'v:v');
simd(96, shaped('i8x16', 'abs neg popcnt'), 'v:v');
simd(99, shaped('i8x16', 'all_true bitmask'), 'v:i');
simd(101, shaped('i8x16', 'narrow_i16x8_s narrow_i16x8_u'), 'vv:v');
simd(103, shaped('f32x4', 'ceil floor trunc nearest'), 'v:v');
simd(107, shaped('i8x16', 'shl shr_s shr_u'), 'vi:v');
simd(110, shaped('i8x16', accumulate), 'vv:v');
simd(116, shaped('f64x2', 'ceil floor'), 'v:v');
simd(118, shaped('i8x16', extremes), 'vv:v');
simd(122, 'f64x2.trunc', 'v:v');
simd(123, 'i8x16.avgr_u', 'vv:v');
simd(124, shaped('i16x8', 'extadd_pairwise_i8x16_s extadd_pairwise_i8x16_u'), 'v:v');
simd(126, shaped('i32x4', 'extadd_pairwise_i16x8_s extadd_pairwise_i16x8_u'), 'v:v');
simd(128, shaped('i16x8', 'abs neg'), 'v:v');
simd(130, 'i16x8.q15mulr_sat_s', 'vv:v');
simd(131, shaped('i16x8', 'all_true bitmask'), 'v:i');
simd(133, shaped('i16x8', 'narrow_i32x4_s narrow_i32x4_u'), 'vv:v');
simd(135, shaped('i16x8', halves('extend', 'i8x16')), 'v:v');
simd(139, shaped('i16x8', 'shl shr_s shr_u'), 'vi:v');
simd(142, shaped('i16x8', accumulate), 'vv:v');
simd(148, 'f64x2.nearest', 'v:v');
simd(149, shaped('i16x8', `mul ${extremes} - avgr_u ${halves('extmul', 'i8x16')}`), 'vv:v');
simd(160, shaped('i32x4', 'abs neg'), 'v:v');
simd(163, shaped('i32x4', 'all_true bitmask'), 'v:i');
simd(167, shaped('i32x4', halves('extend', 'i16x8')), 'v:v');
simd(171, shaped('i32x4', 'shl shr_s shr_u'), 'vi:v');
simd(174, shaped('i32x4', `add - - sub - - - mul ${extremes} dot_i16x8_s - ${halves('extmul', 'i16x8')}`), 'vv:v');
simd(192, shaped('i64x2', 'abs neg'), 'v:v');
simd(195, shaped('i64x2', 'all_true bitmask'), 'v:i');
simd(199, shaped('i64x2', halves('extend', 'i32x4')), 'v:v');
simd(203, shaped('i64x2', 'shl shr_s shr_u'), 'vi:v');
simd(206, shaped('i64x2', 'add - - sub - - - mul eq ne lt_s gt_s le_s ge_s'), 'vv:v');
simd(220, shaped('i64x2', halves('extmul', 'i32x4')), 'vv:v');
simd(224, shaped('f32x4', 'abs neg - sqrt'), 'v:v');
simd(228, shaped('f32x4', 'add sub mul div min max pmin pmax'), 'vv:v');
simd(236, shaped('f64x2', 'abs neg - sqrt'), 'v:v');
simd(240, shaped('f64x2', 'add sub mul div min max pmin pmax'), 'vv:v');
simd(248, 'i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u', 'v:v');
simd(252, 'i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero', 'v:v');
simd(254, 'f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u', 'v:v');

/** All opcodes, in order of their codes. */
export const opcodes: readonly Opcode[] = rows.sort((a, b) => a.code - b.code);

const byCode = new Map(rows.map((row) => [row.code, row]));

export function opcodeInfo(code: number): Opcode | undefined {
  return byCode.get(code);
}

export function opcodeName(code: number): string {
  return byCode.get(code)?.name ?? `0x${code.toString(16)}`;
}

const letters: Readonly<Record<string, number>> = { i: 0x7f, l: 0x7e, f: 0x7d, d: 0x7c, v: 0x7b };

/** Signature packed for the hot loop: count << 24 | result << 16 | upper operand << 8 | lower (or only) operand. */
function pack(signature: string): number {
  const [params, results] = signature.split(':') as [string, string];
  const lower = letters[params[0] ?? ''] ?? 0;
  const upper = letters[params[1] ?? ''] ?? 0;
  return (params.length << 24) | ((letters[results[0] ?? ''] ?? 0) << 16) | (upper << 8) | lower;
}

/** Packed signatures of the single-byte opcodes with a fixed one, 0 for others. */
export const packedSignature: Int32Array = new Int32Array(256);
/** Packed signatures of 0xfc00 + 0..7. */
export const packedSaturating: Int32Array = new Int32Array(8);
/** log2 of the natural alignment of 0x28..0x3e. */
export const naturalAlignment: Uint8Array = new Uint8Array(256);

/**
 * Of the SIMD opcodes, by the number after the prefix: result << 24 | third operand << 16 | second << 8 | first.
 * 0 for numbers without a meaning.
 */
export const simdSignature: Int32Array = new Int32Array(256);
/** Their immediates: an `Immediate`. */
export const simdImmediate: Uint8Array = new Uint8Array(256);
/** log2 of the natural alignment of the SIMD opcodes that access memory. */
export const simdAlignment: Uint8Array = new Uint8Array(256);
/** Number of lanes that the immediate of a SIMD opcode chooses from. */
export const simdLanes: Uint8Array = new Uint8Array(256);

/** Fills the tables of SIMD opcodes. Lanes and sizes are in the names: `i16x8.replace_lane`, `v128.load32_lane`. */
function tabulateSimd({ code, name, immediate, signature }: Opcode): void {
  const [params, results] = signature.split(':') as [string, string];
  const types = [params[0], params[1], params[2], results[0]].map((letter) => letters[letter ?? ''] ?? 0);
  const sub = code & 0xff;
  simdSignature[sub] = (types[3] << 24) | (types[2] << 16) | (types[1] << 8) | types[0];
  simdImmediate[sub] = immediate;
  if (immediate === Immediate.memory || immediate === Immediate.memoryLane) {
    const [, bits, lanes] = /^v128\.(?:load|store)(\d*)(?:x(\d))?/.exec(name) as RegExpExecArray;
    const bytes = bits === '' ? 16 : (Number(bits) / 8) * Number(lanes ?? 1);
    simdAlignment[sub] = Math.log2(bytes);
    if (immediate === Immediate.memoryLane) simdLanes[sub] = 16 / bytes;
  } else if (immediate === Immediate.lane) simdLanes[sub] = Number(/x(\d+)\./.exec(name)?.[1]);
}

for (const row of rows) {
  if (row.feature === 'SIMD') tabulateSimd(row);
  if (row.signature === '' || row.signature.length > 4) continue;
  if (row.code < 256) packedSignature[row.code] = pack(row.signature);
  else if (row.code < 0xfc08) packedSaturating[row.code & 0xff] = pack(row.signature);
}
naturalAlignment.set([2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2], 0x28);
