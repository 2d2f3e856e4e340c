/** Value types as the binary format encodes them (Core Specification, 5.3.1). */
export const enum ValType {
  /** The type of values popped from the polymorphic stack of unreachable code. */
  bottom = 0,
  i32 = 0x7f,
  i64 = 0x7e,
  f32 = 0x7d,
  f64 = 0x7c,
  v128 = 0x7b,
  funcref = 0x70,
  externref = 0x6f,
}

/** What a control frame stands for; the first three in the order of their opcodes. */
export const enum BlockKind {
  block = 0,
  loop = 1,
  if = 2,
  else = 3,
  function = 4,
}

export function typeName(type: number): string {
  switch (type) {
    case ValType.i32:
      return 'i32';
    case ValType.i64:
      return 'i64';
    case ValType.f32:
      return 'f32';
    case ValType.f64:
      return 'f64';
    case ValType.v128:
      return 'v128';
    case ValType.funcref:
      return 'funcref';
    case ValType.externref:
      return 'externref';
    default:
      return '<bot>';
  }
}

export function isReference(type: number): boolean {
  return type === ValType.funcref || type === ValType.externref;
}
