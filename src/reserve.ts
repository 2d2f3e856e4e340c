/** Zeroed memory that costs nothing until it is touched. */

const page = 65536;

/** V8's own class, whatever the global is replaced by later. */
const V8Memory = (
  globalThis as unknown as {
    WebAssembly: { Memory: new (descriptor: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer } };
  }
).WebAssembly.Memory;

/**
 * A buffer for at least `bytes` bytes, zero, of which the system hands out what is touched: the storage of a memory of V8,
 * mapped for the purpose. An `ArrayBuffer` of that size can be cleared byte by byte, and one that grows is copied: both
 * would be long steps in work that promises short ones.
 * @throws RangeError if there is no room
 */
export function reserve(bytes: number): ArrayBuffer {
  const pages = Math.ceil(bytes / page);
  return new V8Memory({ initial: pages, maximum: pages }).buffer;
}

/** An array of at least `length` int32, reserved. */
export function reserveInts(length: number): Int32Array<ArrayBuffer> {
  return new Int32Array(reserve(4 * length));
}
