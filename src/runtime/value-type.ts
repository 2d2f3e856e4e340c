/** Value types as encoded in the binary format, and their names in the JS API. */
export const enum ValueType {
  i32 = 0x7f,
  i64 = 0x7e,
  f32 = 0x7d,
  f64 = 0x7c,
  v128 = 0x7b,
  funcref = 0x70,
  externref = 0x6f,
}

const names = new Map<string, ValueType>([
  ['i32', ValueType.i32],
  ['i64', ValueType.i64],
  ['f32', ValueType.f32],
  ['f64', ValueType.f64],
  ['anyfunc', ValueType.funcref],
  ['externref', ValueType.externref],
]);

/** The value type with this name in the JS API's enumeration ValueType, else undefined. */
export function valueTypeByName(name: string): ValueType | undefined {
  return names.get(name);
}

/** True for types whose values are references. */
export function isReference(type: ValueType): boolean {
  return type === ValueType.funcref || type === ValueType.externref;
}
