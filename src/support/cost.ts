/**
 * What objects of V8 take, in bytes, places in growing arrays included (an array that grows is there twice for a moment).
 */
export const enum Cost {
  /** A function type that is used and was not there yet: two lists of value types; and per type in them. */
  type = 1120,
  typeInList = 4,
  /** A signature that the engine did not know, and per type in it. */
  signature = 1024,
  typeInSignature = 8,
  /** The calling convention of a type that code uses, and per parameter and result. */
  callShape = 1536,
  valueInCallShape = 16,
  typedArray = 256,
}
