/**
 * What the compiler core takes from its platform: numbers, typed arrays, arithmetic. The core is written in a language
 * that `tsc` and AssemblyScript both compile (docs/DIALECT.md); this is the platform of `tsc`'s build, `src/core/dialect.ts`
 * that of the other.
 */
import { type Int32Array, List, Math as ownMath, type Uint8Array } from './primordials.js';

declare global {
  /** A number that is always an int32: arithmetic on it may wrap, so what can exceed it is checked before. */
  type i32 = number;
  /** A number from 0 to 2^32 - 1. */
  type u32 = number;
  /** Numbers that need more than 32 bits, exact below 2^53. */
  type i64 = number;
  type f64 = number;
  type bool = boolean;
}

type Arithmetic = Pick<typeof globalThis.Math, 'abs' | 'clz32' | 'imul' | 'max' | 'min'>;
export const Math: Arithmetic = ownMath;

export { Int8Array, Int16Array, Int32Array, Map, Uint8Array, Uint16Array, Uint32Array } from './primordials.js';

/** An empty list that grows. */
export function newList<T>(): T[] {
  return new List<T>();
}

/** An int32's bits as a number from 0 to 2^32 - 1. */
export function unsigned(value: i32): u32 {
  return value >>> 0;
}

/** A number from the wire, from 0 to 2^32 - 1, is below an int32 that is not negative. */
export function below(value: u32, bound: i32): bool {
  return value >>> 0 < bound;
}

/** a * b, exact. */
export function product(a: i32, b: i32): f64 {
  return a * b;
}

/** The int32 number `i` of the bytes. */
export function wordAt(bytes: Uint8Array, i: i32): i32 {
  const at = 4 * i;
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

export function setWord(bytes: Uint8Array, i: i32, value: i32): void {
  for (let k = 0; k < 4; k++) bytes[4 * i + k] = value >> (8 * k);
}

/** Code memory, as bytes and as int32. */
export type CodeBytes = Uint8Array;
export type CodeWords = Int32Array;

/** The bytes up to `end`. */
export function spanOf(code: CodeBytes, end: i32): Uint8Array {
  return code.subarray(0, end);
}

/** Never reached. */
export function unreachable(): never {
  throw new Error('internal error: unreachable');
}
