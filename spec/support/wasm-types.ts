/** Codes of the binary format that readers, writers and generators share. */

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;
export const FUNCREF = 0x70;
export const EXTERNREF = 0x6f;
/** Block type without parameters and results. */
export const EMPTY = 0x40;

/** A value type, as its byte. */
export type ValueType = number;

export interface FunctionType {
  params: ValueType[];
  results: ValueType[];
}

export const enum Section {
  custom = 0,
  type = 1,
  import = 2,
  function = 3,
  table = 4,
  memory = 5,
  global = 6,
  export = 7,
  start = 8,
  element = 9,
  code = 10,
  data = 11,
  dataCount = 12,
  tag = 13,
}

export const enum Kind {
  function = 0,
  table = 1,
  memory = 2,
  global = 3,
  tag = 4,
}

const names = new Map([
  [I32, 'i32'],
  [I64, 'i64'],
  [F32, 'f32'],
  [F64, 'f64'],
  [V128, 'v128'],
  [FUNCREF, 'funcref'],
  [EXTERNREF, 'externref'],
]);

/** Name of a value type in the text format. */
export function typeName(type: ValueType): string {
  return names.get(type) ?? `type 0x${type.toString(16)}`;
}

export function isReference(type: ValueType): boolean {
  return type === FUNCREF || type === EXTERNREF;
}

export function signatureName(type: FunctionType): string {
  return `(${type.params.map(typeName).join(' ')}) -> (${type.results.map(typeName).join(' ')})`;
}

export function sameSignature(a: FunctionType, b: FunctionType): boolean {
  return signatureName(a) === signatureName(b);
}
