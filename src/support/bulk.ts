/**
 * Filling and copying parts of typed arrays that are mostly short. V8 calls C++ for `fill` and `set`: some 80 ns, however little
 * there is to do.
 */
import { Buffer } from 'node:buffer';
import { type Int8Array, Uint8Array } from './primordials.js';

const { compare } = Buffer;

/** From this many elements on the built-in methods are faster. */
const long = 48;

/** array[from .. to) = value. */
export function fillBytes(array: Int8Array, value: number, from: number, to: number): void {
  if (to - from > long) array.fill(value, from, to);
  else for (let i = from; i < to; i++) array[i] = value;
}

/** array[0 .. source.length) = source. */
export function copyBytes(array: Int8Array, source: Int8Array | Uint8Array): void {
  const count = source.length;
  if (count > long) array.set(source);
  else for (let i = 0; i < count; i++) array[i] = source[i] as number;
}

/** a[i .. i + count) equals b[j .. j + count). */
export function sameBytes(
  a: Int8Array | Uint8Array,
  i: number,
  b: Int8Array | Uint8Array,
  j: number,
  count: number,
): boolean {
  if (count > long) {
    const bytes = new Uint8Array(a.buffer, a.byteOffset + i, count);
    return compare(bytes, new Uint8Array(b.buffer, b.byteOffset + j, count)) === 0;
  }
  for (let k = 0; k < count; k++) if (a[i + k] !== b[j + k]) return false;
  return true;
}
