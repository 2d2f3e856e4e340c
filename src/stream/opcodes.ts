/**
 * The opcode table: the one place that knows names, immediates, signatures and features of opcodes. Decoder,
 * validator, printers and tests derive from it.
 */
import { Op, simdNumber } from './op.js';

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
  tagIndex = 27,
  /** block type, number of clauses; the clauses follow */
  tryTable = 28,
  /** Not decoded: the feature is not there yet. */
  unsupported = 255,
}

export interface Opcode {
  readonly code: number;
  readonly name: string;
  readonly immediate: Immediate;
  /** `params:results` by letter (i i32, l i64, f f32, d f64, v v128), or '' if it depends on the immediates. */
  readonly signature: string;
  /** Operands, without those of a label or a function. */
  readonly operands: number;
  readonly feature: string;
}

const rows: Opcode[] = [];

/** @param type the signature, or how many operands there are if it depends on the immediates */
function op(code: Op, name: string, immediate: Immediate, type: string | number = 0, feature = 'mvp'): void {
  const signature = typeof type === 'string' ? type : '';
  const operands = typeof type === 'string' ? Math.max(0, type.indexOf(':')) : type;
  rows.push({ code, name, immediate, signature, operands, feature });
}

/** A run of opcodes with one signature. */
function run(first: Op, names: string, signature: string, feature = 'mvp'): void {
  names.split(' ').forEach((name, i) => {
    op(first + i, name, Immediate.none, signature, feature);
  });
}

/** A run of memory accesses with one signature. */
function accesses(first: Op, names: string, signature: string): void {
  names.split(' ').forEach((name, i) => {
    op(first + i, name, Immediate.memory, signature);
  });
}

op(Op.unreachable, 'unreachable', Immediate.none);
op(Op.nop, 'nop', Immediate.none, ':');
op(Op.block, 'block', Immediate.blockType);
op(Op.loop, 'loop', Immediate.blockType);
op(Op.if_, 'if', Immediate.blockType, 1);
op(Op.else_, 'else', Immediate.none);
op(Op.try_, 'try', Immediate.blockType, 0, 'legacy-exceptions');
op(Op.catch_, 'catch', Immediate.tagIndex, 0, 'legacy-exceptions');
op(Op.throw_, 'throw', Immediate.tagIndex, 0, 'exceptions');
op(Op.rethrow, 'rethrow', Immediate.label, 0, 'legacy-exceptions');
op(Op.throwRef, 'throw_ref', Immediate.none, 1, 'exceptions');
op(Op.end, 'end', Immediate.none);
op(Op.br, 'br', Immediate.label);
op(Op.brIf, 'br_if', Immediate.label, 1);
op(Op.brTable, 'br_table', Immediate.labelTable, 1);
op(Op.return_, 'return', Immediate.none);
op(Op.call, 'call', Immediate.functionIndex);
op(Op.callIndirect, 'call_indirect', Immediate.callIndirect, 1);
op(Op.returnCall, 'return_call', Immediate.functionIndex, 0, 'tail-call');
op(Op.returnCallIndirect, 'return_call_indirect', Immediate.callIndirect, 1, 'tail-call');
op(Op.delegate, 'delegate', Immediate.label, 0, 'legacy-exceptions');
op(Op.catchAll, 'catch_all', Immediate.none, 0, 'legacy-exceptions');
op(Op.tryTable, 'try_table', Immediate.tryTable, 0, 'exceptions');
op(Op.drop, 'drop', Immediate.none, 1);
op(Op.select, 'select', Immediate.none, 3);
op(Op.selectTyped, 'select', Immediate.selectTypes, 3, 'reference-types');
op(Op.localGet, 'local.get', Immediate.localIndex);
op(Op.localSet, 'local.set', Immediate.localIndex, 1);
op(Op.localTee, 'local.tee', Immediate.localIndex, 1);
op(Op.globalGet, 'global.get', Immediate.globalIndex);
op(Op.globalSet, 'global.set', Immediate.globalIndex, 1);
op(Op.tableGet, 'table.get', Immediate.tableIndex, 1, 'reference-types');
op(Op.tableSet, 'table.set', Immediate.tableIndex, 2, 'reference-types');
accesses(Op.i32Load, 'i32.load', 'i:i');
accesses(Op.i64Load, 'i64.load', 'i:l');
accesses(Op.f32Load, 'f32.load', 'i:f');
accesses(Op.f64Load, 'f64.load', 'i:d');
accesses(Op.i32Load8S, 'i32.load8_s i32.load8_u i32.load16_s i32.load16_u', 'i:i');
accesses(Op.i64Load8S, 'i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u', 'i:l');
accesses(Op.i32Store, 'i32.store', 'ii:');
accesses(Op.i64Store, 'i64.store', 'il:');
accesses(Op.f32Store, 'f32.store', 'if:');
accesses(Op.f64Store, 'f64.store', 'id:');
accesses(Op.i32Store8, 'i32.store8 i32.store16', 'ii:');
accesses(Op.i64Store8, 'i64.store8 i64.store16 i64.store32', 'il:');
op(Op.memorySize, 'memory.size', Immediate.memoryIndex, ':i');
op(Op.memoryGrow, 'memory.grow', Immediate.memoryIndex, 'i:i');
op(Op.i32Const, 'i32.const', Immediate.i32, ':i');
op(Op.i64Const, 'i64.const', Immediate.i64, ':l');
op(Op.f32Const, 'f32.const', Immediate.f32, ':f');
op(Op.f64Const, 'f64.const', Immediate.f64, ':d');
run(Op.i32Eqz, 'i32.eqz', 'i:i');
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
run(Op.i32Eq, order('i32'), 'ii:i');
run(Op.i64Eqz, 'i64.eqz', 'l:i');
run(Op.i64Eq, order('i64'), 'll:i');
run(Op.f32Eq, floatOrder('f32'), 'ff:i');
run(Op.f64Eq, floatOrder('f64'), 'dd:i');
run(Op.i32Clz, 'i32.clz i32.ctz i32.popcnt', 'i:i');
run(Op.i32Add, binary('i32'), 'ii:i');
run(Op.i64Clz, 'i64.clz i64.ctz i64.popcnt', 'l:l');
run(Op.i64Add, binary('i64'), 'll:l');
run(Op.f32Abs, floatUnary('f32'), 'f:f');
run(Op.f32Add, floatBinary('f32'), 'ff:f');
run(Op.f64Abs, floatUnary('f64'), 'd:d');
run(Op.f64Add, floatBinary('f64'), 'dd:d');
run(Op.i32WrapI64, 'i32.wrap_i64', 'l:i');
run(Op.i32TruncF32S, 'i32.trunc_f32_s i32.trunc_f32_u', 'f:i');
run(Op.i32TruncF64S, 'i32.trunc_f64_s i32.trunc_f64_u', 'd:i');
run(Op.i64ExtendI32S, 'i64.extend_i32_s i64.extend_i32_u', 'i:l');
run(Op.i64TruncF32S, 'i64.trunc_f32_s i64.trunc_f32_u', 'f:l');
run(Op.i64TruncF64S, 'i64.trunc_f64_s i64.trunc_f64_u', 'd:l');
run(Op.f32ConvertI32S, 'f32.convert_i32_s f32.convert_i32_u', 'i:f');
run(Op.f32ConvertI64S, 'f32.convert_i64_s f32.convert_i64_u', 'l:f');
run(Op.f32DemoteF64, 'f32.demote_f64', 'd:f');
run(Op.f64ConvertI32S, 'f64.convert_i32_s f64.convert_i32_u', 'i:d');
run(Op.f64ConvertI64S, 'f64.convert_i64_s f64.convert_i64_u', 'l:d');
run(Op.f64PromoteF32, 'f64.promote_f32', 'f:d');
run(Op.i32ReinterpretF32, 'i32.reinterpret_f32', 'f:i');
run(Op.i64ReinterpretF64, 'i64.reinterpret_f64', 'd:l');
run(Op.f32ReinterpretI32, 'f32.reinterpret_i32', 'i:f');
run(Op.f64ReinterpretI64, 'f64.reinterpret_i64', 'l:d');
run(Op.i32Extend8S, 'i32.extend8_s i32.extend16_s', 'i:i', 'sign-extension');
run(Op.i64Extend8S, 'i64.extend8_s i64.extend16_s i64.extend32_s', 'l:l', 'sign-extension');
op(Op.refNull, 'ref.null', Immediate.refType, 0, 'reference-types');
op(Op.refIsNull, 'ref.is_null', Immediate.none, 1, 'reference-types');
op(Op.refFunc, 'ref.func', Immediate.functionIndex, 0, 'reference-types');
run(Op.i32TruncSatF32S, 'i32.trunc_sat_f32_s i32.trunc_sat_f32_u', 'f:i', 'saturating-float-to-int');
run(Op.i32TruncSatF64S, 'i32.trunc_sat_f64_s i32.trunc_sat_f64_u', 'd:i', 'saturating-float-to-int');
run(Op.i64TruncSatF32S, 'i64.trunc_sat_f32_s i64.trunc_sat_f32_u', 'f:l', 'saturating-float-to-int');
run(Op.i64TruncSatF64S, 'i64.trunc_sat_f64_s i64.trunc_sat_f64_u', 'd:l', 'saturating-float-to-int');
op(Op.memoryInit, 'memory.init', Immediate.memoryInit, 'iii:', 'bulk-memory');
op(Op.dataDrop, 'data.drop', Immediate.dataIndex, ':', 'bulk-memory');
op(Op.memoryCopy, 'memory.copy', Immediate.memoryCopy, 'iii:', 'bulk-memory');
op(Op.memoryFill, 'memory.fill', Immediate.memoryIndex, 'iii:', 'bulk-memory');
op(Op.tableInit, 'table.init', Immediate.tableInit, 'iii:', 'bulk-memory');
op(Op.elemDrop, 'elem.drop', Immediate.elementIndex, ':', 'bulk-memory');
op(Op.tableCopy, 'table.copy', Immediate.tableCopy, 'iii:', 'bulk-memory');
op(Op.tableGrow, 'table.grow', Immediate.tableIndex, 2, 'reference-types');
op(Op.tableSize, 'table.size', Immediate.tableIndex, ':i', 'reference-types');
op(Op.tableFill, 'table.fill', Immediate.tableIndex, 3, 'reference-types');
run(Op.i64Add128, 'i64.add128 i64.sub128', 'llll:ll', 'wide-arithmetic');
run(Op.i64MulWideS, 'i64.mul_wide_s i64.mul_wide_u', 'll:ll', 'wide-arithmetic');
for (const [code, name, feature] of [
  [Op.callRef, 'call_ref', 'typed function references'],
  [Op.returnCallRef, 'return_call_ref', 'tail calls'],
  [Op.refEq, 'ref.eq', 'garbage collection'],
  [Op.refAsNonNull, 'ref.as_non_null', 'typed function references'],
  [Op.brOnNull, 'br_on_null', 'typed function references'],
  [Op.brOnNonNull, 'br_on_non_null', 'typed function references'],
  [Op.prefixGc, 'gc prefix', 'garbage collection'],
] as const) {
  op(code, name, Immediate.unsupported, 0, feature);
}

/** The proposal that an opcode without a row belongs to, if it is known. */
export function proposalOf(opcode: number): string | undefined {
  if (opcode >= 0xe0 && opcode <= 0xe6) return 'stack switching';
  if (opcode === 0xfc12) return 'memory control';
  return undefined;
}

/** SIMD opcodes of one signature; `-` is a number without a meaning. */
function simd(first: Op, names: string, signature: string, immediate: Immediate = Immediate.none): void {
  names.split(' ').forEach((name, i) => {
    if (name !== '-') op(first + i, name, immediate, signature, 'SIMD');
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

simd(Op.v128Load, 'v128.load v128.load8x8_s v128.load8x8_u v128.load16x4_s v128.load16x4_u', 'i:v', Immediate.memory);
simd(Op.v128Load32x2S, 'v128.load32x2_s v128.load32x2_u v128.load8_splat v128.load16_splat', 'i:v', Immediate.memory);
simd(Op.v128Load32Splat, 'v128.load32_splat v128.load64_splat', 'i:v', Immediate.memory);
simd(Op.v128Store, 'v128.store', 'iv:', Immediate.memory);
simd(Op.v128Const, 'v128.const', ':v', Immediate.v128);
simd(Op.i8x16Shuffle, 'i8x16.shuffle', 'vv:v', Immediate.shuffle);
simd(Op.i8x16Swizzle, 'i8x16.swizzle', 'vv:v');
simd(Op.i8x16Splat, 'i8x16.splat i16x8.splat i32x4.splat', 'i:v');
simd(Op.i64x2Splat, 'i64x2.splat', 'l:v');
simd(Op.f32x4Splat, 'f32x4.splat', 'f:v');
simd(Op.f64x2Splat, 'f64x2.splat', 'd:v');
simd(Op.i8x16ExtractLaneS, 'i8x16.extract_lane_s i8x16.extract_lane_u', 'v:i', Immediate.lane);
simd(Op.i8x16ReplaceLane, 'i8x16.replace_lane', 'vi:v', Immediate.lane);
simd(Op.i16x8ExtractLaneS, 'i16x8.extract_lane_s i16x8.extract_lane_u', 'v:i', Immediate.lane);
simd(Op.i16x8ReplaceLane, 'i16x8.replace_lane', 'vi:v', Immediate.lane);
simd(Op.i32x4ExtractLane, 'i32x4.extract_lane', 'v:i', Immediate.lane);
simd(Op.i32x4ReplaceLane, 'i32x4.replace_lane', 'vi:v', Immediate.lane);
simd(Op.i64x2ExtractLane, 'i64x2.extract_lane', 'v:l', Immediate.lane);
simd(Op.i64x2ReplaceLane, 'i64x2.replace_lane', 'vl:v', Immediate.lane);
simd(Op.f32x4ExtractLane, 'f32x4.extract_lane', 'v:f', Immediate.lane);
simd(Op.f32x4ReplaceLane, 'f32x4.replace_lane', 'vf:v', Immediate.lane);
simd(Op.f64x2ExtractLane, 'f64x2.extract_lane', 'v:d', Immediate.lane);
simd(Op.f64x2ReplaceLane, 'f64x2.replace_lane', 'vd:v', Immediate.lane);
simd(Op.i8x16Eq, shaped('i8x16', ordered), 'vv:v');
simd(Op.i16x8Eq, shaped('i16x8', ordered), 'vv:v');
simd(Op.i32x4Eq, shaped('i32x4', ordered), 'vv:v');
simd(Op.f32x4Eq, shaped('f32x4', floatOrdered), 'vv:v');
simd(Op.f64x2Eq, shaped('f64x2', floatOrdered), 'vv:v');
simd(Op.v128Not, 'v128.not', 'v:v');
simd(Op.v128And, shaped('v128', 'and andnot or xor'), 'vv:v');
simd(Op.v128Bitselect, 'v128.bitselect', 'vvv:v');
simd(Op.v128AnyTrue, 'v128.any_true', 'v:i');
simd(Op.v128Load8Lane, shaped('v128', 'load8_lane load16_lane load32_lane load64_lane'), 'iv:v', Immediate.memoryLane);
simd(
  Op.v128Store8Lane,
  shaped('v128', 'store8_lane store16_lane store32_lane store64_lane'),
  'iv:',
  Immediate.memoryLane,
);
simd(Op.v128Load32Zero, 'v128.load32_zero v128.load64_zero', 'i:v', Immediate.memory);
simd(Op.f32x4DemoteF64x2Zero, 'f32x4.demote_f64x2_zero f64x2.promote_low_f32x4', 'v:v');
simd(Op.i8x16Abs, shaped('i8x16', 'abs neg popcnt'), 'v:v');
simd(Op.i8x16AllTrue, shaped('i8x16', 'all_true bitmask'), 'v:i');
simd(Op.i8x16NarrowI16x8S, shaped('i8x16', 'narrow_i16x8_s narrow_i16x8_u'), 'vv:v');
simd(Op.f32x4Ceil, shaped('f32x4', 'ceil floor trunc nearest'), 'v:v');
simd(Op.i8x16Shl, shaped('i8x16', 'shl shr_s shr_u'), 'vi:v');
simd(Op.i8x16Add, shaped('i8x16', accumulate), 'vv:v');
simd(Op.f64x2Ceil, shaped('f64x2', 'ceil floor'), 'v:v');
simd(Op.i8x16MinS, shaped('i8x16', extremes), 'vv:v');
simd(Op.f64x2Trunc, 'f64x2.trunc', 'v:v');
simd(Op.i8x16AvgrU, 'i8x16.avgr_u', 'vv:v');
simd(Op.i16x8ExtaddPairwiseI8x16S, shaped('i16x8', 'extadd_pairwise_i8x16_s extadd_pairwise_i8x16_u'), 'v:v');
simd(Op.i32x4ExtaddPairwiseI16x8S, shaped('i32x4', 'extadd_pairwise_i16x8_s extadd_pairwise_i16x8_u'), 'v:v');
simd(Op.i16x8Abs, shaped('i16x8', 'abs neg'), 'v:v');
simd(Op.i16x8Q15mulrSatS, 'i16x8.q15mulr_sat_s', 'vv:v');
simd(Op.i16x8AllTrue, shaped('i16x8', 'all_true bitmask'), 'v:i');
simd(Op.i16x8NarrowI32x4S, shaped('i16x8', 'narrow_i32x4_s narrow_i32x4_u'), 'vv:v');
simd(Op.i16x8ExtendLowI8x16S, shaped('i16x8', halves('extend', 'i8x16')), 'v:v');
simd(Op.i16x8Shl, shaped('i16x8', 'shl shr_s shr_u'), 'vi:v');
simd(Op.i16x8Add, shaped('i16x8', accumulate), 'vv:v');
simd(Op.f64x2Nearest, 'f64x2.nearest', 'v:v');
simd(Op.i16x8Mul, shaped('i16x8', `mul ${extremes} - avgr_u ${halves('extmul', 'i8x16')}`), 'vv:v');
simd(Op.i32x4Abs, shaped('i32x4', 'abs neg'), 'v:v');
simd(Op.i32x4AllTrue, shaped('i32x4', 'all_true bitmask'), 'v:i');
simd(Op.i32x4ExtendLowI16x8S, shaped('i32x4', halves('extend', 'i16x8')), 'v:v');
simd(Op.i32x4Shl, shaped('i32x4', 'shl shr_s shr_u'), 'vi:v');
simd(
  Op.i32x4Add,
  shaped('i32x4', `add - - sub - - - mul ${extremes} dot_i16x8_s - ${halves('extmul', 'i16x8')}`),
  'vv:v',
);
simd(Op.i64x2Abs, shaped('i64x2', 'abs neg'), 'v:v');
simd(Op.i64x2AllTrue, shaped('i64x2', 'all_true bitmask'), 'v:i');
simd(Op.i64x2ExtendLowI32x4S, shaped('i64x2', halves('extend', 'i32x4')), 'v:v');
simd(Op.i64x2Shl, shaped('i64x2', 'shl shr_s shr_u'), 'vi:v');
simd(Op.i64x2Add, shaped('i64x2', 'add - - sub - - - mul eq ne lt_s gt_s le_s ge_s'), 'vv:v');
simd(Op.i64x2ExtmulLowI32x4S, shaped('i64x2', halves('extmul', 'i32x4')), 'vv:v');
simd(Op.f32x4Abs, shaped('f32x4', 'abs neg - sqrt'), 'v:v');
simd(Op.f32x4Add, shaped('f32x4', 'add sub mul div min max pmin pmax'), 'vv:v');
simd(Op.f64x2Abs, shaped('f64x2', 'abs neg - sqrt'), 'v:v');
simd(Op.f64x2Add, shaped('f64x2', 'add sub mul div min max pmin pmax'), 'vv:v');
simd(
  Op.i32x4TruncSatF32x4S,
  'i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u',
  'v:v',
);
simd(Op.i32x4TruncSatF64x2SZero, 'i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero', 'v:v');
simd(Op.f64x2ConvertLowI32x4S, 'f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u', 'v:v');

/** A run of atomic accesses with one signature. */
function atomics(first: Op, names: string, signature: string): void {
  names.split(' ').forEach((name, i) => {
    op(first + i, name, Immediate.memory, signature, 'threads');
  });
}

atomics(Op.memoryAtomicNotify, 'memory.atomic.notify', 'ii:i');
atomics(Op.memoryAtomicWait32, 'memory.atomic.wait32', 'iil:i');
atomics(Op.memoryAtomicWait64, 'memory.atomic.wait64', 'ill:i');
op(Op.atomicFence, 'atomic.fence', Immediate.memoryIndex, ':', 'threads');
atomics(Op.i32AtomicLoad, 'i32.atomic.load', 'i:i');
atomics(Op.i64AtomicLoad, 'i64.atomic.load', 'i:l');
atomics(Op.i32AtomicLoad8U, 'i32.atomic.load8_u i32.atomic.load16_u', 'i:i');
atomics(Op.i64AtomicLoad8U, 'i64.atomic.load8_u i64.atomic.load16_u i64.atomic.load32_u', 'i:l');
atomics(Op.i32AtomicStore, 'i32.atomic.store', 'ii:');
atomics(Op.i64AtomicStore, 'i64.atomic.store', 'il:');
atomics(Op.i32AtomicStore8, 'i32.atomic.store8 i32.atomic.store16', 'ii:');
atomics(Op.i64AtomicStore8, 'i64.atomic.store8 i64.atomic.store16 i64.atomic.store32', 'il:');
'add sub and or xor xchg cmpxchg'.split(' ').forEach((operation, i) => {
  const first = Op.i32AtomicRmwAdd + 7 * i;
  const narrow = (type: string, sizes: string) =>
    sizes
      .split(' ')
      .map((size) => `${type}.atomic.rmw${size}.${operation}_u`)
      .join(' ');
  const isCompared = operation === 'cmpxchg';
  atomics(first, `i32.atomic.rmw.${operation}`, isCompared ? 'iii:i' : 'ii:i');
  atomics(first + 1, `i64.atomic.rmw.${operation}`, isCompared ? 'ill:l' : 'il:l');
  atomics(first + 2, narrow('i32', '8 16'), isCompared ? 'iii:i' : 'ii:i');
  atomics(first + 4, narrow('i64', '8 16 32'), isCompared ? 'ill:l' : 'il:l');
});

/** All opcodes, in order of their codes. */
export const opcodes: readonly Opcode[] = rows.sort((a, b) => a.code - b.code);

/** Relaxed SIMD: numbers from 0x100 on. */
function relaxed(first: Op, names: string, signature: string): void {
  run(first, names, signature, 'relaxed-simd');
}
relaxed(Op.i8x16RelaxedSwizzle, 'i8x16.relaxed_swizzle', 'vv:v');
relaxed(Op.i32x4RelaxedTruncF32x4S, 'i32x4.relaxed_trunc_f32x4_s i32x4.relaxed_trunc_f32x4_u', 'v:v');
relaxed(Op.i32x4RelaxedTruncF64x2SZero, 'i32x4.relaxed_trunc_f64x2_s_zero i32x4.relaxed_trunc_f64x2_u_zero', 'v:v');
relaxed(Op.f32x4RelaxedMadd, 'f32x4.relaxed_madd f32x4.relaxed_nmadd f64x2.relaxed_madd f64x2.relaxed_nmadd', 'vvv:v');
relaxed(Op.i8x16RelaxedLaneselect, 'i8x16.relaxed_laneselect i16x8.relaxed_laneselect', 'vvv:v');
relaxed(Op.i32x4RelaxedLaneselect, 'i32x4.relaxed_laneselect i64x2.relaxed_laneselect', 'vvv:v');
relaxed(Op.f32x4RelaxedMin, 'f32x4.relaxed_min f32x4.relaxed_max f64x2.relaxed_min f64x2.relaxed_max', 'vv:v');
relaxed(Op.i16x8RelaxedQ15mulrS, 'i16x8.relaxed_q15mulr_s i16x8.relaxed_dot_i8x16_i7x16_s', 'vv:v');
relaxed(Op.i32x4RelaxedDotI8x16I7x16AddS, 'i32x4.relaxed_dot_i8x16_i7x16_add_s', 'vvv:v');

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
/** Immediates of the single-byte opcodes and of those behind 0xfc and 0xfe, by their number: an `Immediate`. */
export const singleImmediate: Uint8Array = new Uint8Array(256);
export const bulkImmediate: Uint8Array = new Uint8Array(256);
export const atomicImmediate: Uint8Array = new Uint8Array(256);
/** log2 of the natural alignment of 0x28..0x3e. */
export const naturalAlignment: Uint8Array = new Uint8Array(256);

/**
 * Of the SIMD opcodes, by the number after the prefix: result << 24 | third operand << 16 | second << 8 | first.
 * 0 for numbers without a meaning.
 */
export const simdSignature: Int32Array = new Int32Array(512);
/** Their immediates. */
export const simdImmediate: Uint8Array = new Uint8Array(256);
/** log2 of the natural alignment of the SIMD opcodes that access memory. */
export const simdAlignment: Uint8Array = new Uint8Array(256);
/** Number of lanes that the immediate of a SIMD opcode chooses from. */
export const simdLanes: Uint8Array = new Uint8Array(256);

/** The opcode of a number behind a prefix. */
export function prefixedOpcode(prefix: number, number: number): number {
  return number > 0xff && prefix === Op.prefixSimd ? (prefix << 12) | number : (prefix << 8) | number;
}

/** The same of the atomic opcodes. */
export const atomicSignature: Int32Array = new Int32Array(256);
/** log2 of the size of their accesses, and of the alignment that they must have; 0 for those that access nothing. */
export const atomicSize: Uint8Array = new Uint8Array(256);

/** result << 24 | third operand << 16 | second << 8 | first */
function packWide(signature: string): number {
  const [params, results] = signature.split(':') as [string, string];
  const types = [params[0], params[1], params[2], results[0]].map((letter) => letters[letter ?? ''] ?? 0);
  return (types[3] << 24) | (types[2] << 16) | (types[1] << 8) | types[0];
}

/** Fills the tables of atomic opcodes. Sizes are in the names: `i64.atomic.rmw32.add_u`, `memory.atomic.wait64`. */
function tabulateAtomic({ code, name, immediate, signature }: Opcode): void {
  const sub = code & 0xff;
  atomicImmediate[sub] = immediate;
  atomicSignature[sub] = packWide(signature);
  const [, type, bits] = /^(?:i(\d+)|memory)\.atomic\.[a-z]+(\d*)/.exec(name) ?? [undefined, '8', ''];
  atomicSize[sub] = Math.log2(Number(bits || type || 32) / 8);
}

/** Fills the tables of SIMD opcodes. Lanes and sizes are in the names: `i16x8.replace_lane`, `v128.load32_lane`. */
function tabulateSimd({ code, name, immediate, signature }: Opcode): void {
  const sub = simdNumber(code);
  simdSignature[sub] = packWide(signature);
  simdImmediate[sub] = immediate;
  if (immediate === Immediate.memory || immediate === Immediate.memoryLane) {
    const [, bits, lanes] = /^v128\.(?:load|store)(\d*)(?:x(\d))?/.exec(name) as RegExpExecArray;
    const bytes = bits === '' ? 16 : (Number(bits) / 8) * Number(lanes ?? 1);
    simdAlignment[sub] = Math.log2(bytes);
    if (immediate === Immediate.memoryLane) simdLanes[sub] = 16 / bytes;
  } else if (immediate === Immediate.lane) simdLanes[sub] = Number(/x(\d+)\./.exec(name)?.[1]);
}

for (const row of rows) {
  if (row.code < 256) singleImmediate[row.code] = row.immediate;
  else if (row.code >> 8 === Op.prefixBulk) bulkImmediate[row.code & 0xff] = row.immediate;
  if (row.code >> 8 === Op.prefixAtomic) tabulateAtomic(row);
  else if (row.code >= Op.v128Load) tabulateSimd(row);
  if (row.signature === '' || row.signature.length > 4) continue;
  if (row.code < 256) packedSignature[row.code] = pack(row.signature);
  else if (row.code < Op.memoryInit) packedSaturating[row.code & 0xff] = pack(row.signature);
}
naturalAlignment.set([2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2], Op.i32Load);

/** By `Immediate`: how many LEB128 numbers an instruction has, and how many bytes follow them. Lists of numbers are not in it. */
export const immediateNumbers: Uint8Array = new Uint8Array(256);
export const immediateBytes: Uint8Array = new Uint8Array(256);

function sizes(immediate: Immediate, numbers: number, bytes = 0): void {
  immediateNumbers[immediate] = numbers;
  immediateBytes[immediate] = bytes;
}
sizes(Immediate.blockType, 1);
sizes(Immediate.label, 1);
sizes(Immediate.labelTable, 1);
sizes(Immediate.functionIndex, 1);
sizes(Immediate.callIndirect, 2);
sizes(Immediate.localIndex, 1);
sizes(Immediate.globalIndex, 1);
sizes(Immediate.tableIndex, 1);
sizes(Immediate.memory, 2);
sizes(Immediate.memoryIndex, 1);
sizes(Immediate.i32, 1);
sizes(Immediate.i64, 1);
sizes(Immediate.f32, 0, 4);
sizes(Immediate.f64, 0, 8);
sizes(Immediate.selectTypes, 1);
sizes(Immediate.refType, 1);
sizes(Immediate.memoryInit, 2);
sizes(Immediate.dataIndex, 1);
sizes(Immediate.memoryCopy, 2);
sizes(Immediate.tableInit, 2);
sizes(Immediate.elementIndex, 1);
sizes(Immediate.tableCopy, 2);
sizes(Immediate.v128, 0, 16);
sizes(Immediate.shuffle, 0, 16);
sizes(Immediate.lane, 0, 1);
sizes(Immediate.memoryLane, 2, 1);
sizes(Immediate.tagIndex, 1);
sizes(Immediate.tryTable, 2);
