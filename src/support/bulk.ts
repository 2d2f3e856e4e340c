/**
 * Filling and copying parts of typed arrays that are mostly short. V8 calls C++ for `fill` and `set`: some 80 ns, however little
 * there is to do.
 */

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
