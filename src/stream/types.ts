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
  /** An exception, or null; JavaScript never sees one. */
  exnref = 0x69,
}

/** What a control frame stands for; the first three in the order of their opcodes. */
export const enum BlockKind {
  block = 0,
  loop = 1,
  if_ = 2,
  else_ = 3,
  function_ = 4,
  /** The legacy forms: a try before its first catch, and the two kinds of catches. */
  try_ = 5,
  catch_ = 6,
  catchAll = 7,
  tryTable = 8,
}

export function isReference(type: i32): bool {
  return type === ValType.funcref || type === ValType.externref || type === ValType.exnref;
}

/** A reference of this type is the id of a value in a store group's table, which a collection has to find. */
export function holdsId(type: i32): bool {
  return type === ValType.externref || type === ValType.exnref;
}

/** Clauses of try_table, as the binary format numbers them: with a tag or for all, without the exception or with it. */
export const enum CatchKind {
  tag = 0,
  tagRef = 1,
  all = 2,
  allRef = 3,
}

/** The clause names a tag. */
export function catchesTag(kind: i32): bool {
  return kind <= CatchKind.tagRef;
}

/** The clause hands the exception on, behind its values. */
export function catchesReference(kind: i32): bool {
  return (kind & 1) !== 0;
}
