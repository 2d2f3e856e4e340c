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
  if_ = 2,
  else_ = 3,
  function_ = 4,
}

export function isReference(type: i32): bool {
  return type === ValType.funcref || type === ValType.externref;
}
