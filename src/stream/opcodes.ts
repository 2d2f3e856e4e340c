/**
 * The opcode table: the one place that knows names, immediates, signatures and features of opcodes. Decoder,
 * validator, printers and tests derive from it. Prefixed opcodes are written 0xfc00 | n.
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
  /** Not decoded: the feature is not there yet. */
  unsupported = 255,
}

export interface Opcode {
  readonly code: number;
  readonly name: string;
  readonly immediate: Immediate;
  /** `params:results` by letter (i i32, l i64, f f32, d f64), or '' if it depends on the immediates. */
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
  [0xfd, 'simd prefix', 'SIMD'],
  [0xfe, 'atomic prefix', 'threads'],
] as const) {
  op(code, name, Immediate.unsupported, '', feature);
}

/** All opcodes, in order of their codes. */
export const opcodes: readonly Opcode[] = rows.sort((a, b) => a.code - b.code);

const byCode = new Map(rows.map((row) => [row.code, row]));

export function opcodeInfo(code: number): Opcode | undefined {
  return byCode.get(code);
}

export function opcodeName(code: number): string {
  return byCode.get(code)?.name ?? `0x${code.toString(16)}`;
}

const letters: Readonly<Record<string, number>> = { i: 0x7f, l: 0x7e, f: 0x7d, d: 0x7c };

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

for (const row of rows) {
  if (row.signature === '' || row.signature.length > 4) continue;
  if (row.code < 256) packedSignature[row.code] = pack(row.signature);
  else if (row.code < 0xfc08) packedSaturating[row.code & 0xff] = pack(row.signature);
}
naturalAlignment.set([2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2], 0x28);
