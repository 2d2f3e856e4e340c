/** Zeroed memory that costs nothing until it is touched. */
import type { MemoryBudget } from './memory-budget.js';

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

/**
 * A longer view of a reserved array, or a reserved one with the same contents. Only what can be looked at counts: the
 * length doubles, so what is touched is at least half of it.
 * @param needed at most `most`, the length that the array can reach
 * @throws MemoryBudgetError
 */
export function growBytes(
  array: Int8Array<ArrayBuffer>,
  needed: number,
  most: number,
  memory: MemoryBudget,
): Int8Array<ArrayBuffer> {
  const length = Math.min(most, Math.max(needed, 2 * array.length));
  memory.take(length - array.length);
  if (array.buffer.byteLength >= most) return new Int8Array(array.buffer, 0, length);
  const grown = new Int8Array(reserve(most), 0, length);
  grown.set(array);
  return grown;
}

/** The same for int32. */
export function growInts(
  array: Int32Array<ArrayBuffer>,
  needed: number,
  most: number,
  memory: MemoryBudget,
): Int32Array<ArrayBuffer> {
  const length = Math.min(most, Math.max(needed, 2 * array.length));
  memory.take(4 * (length - array.length));
  if (array.buffer.byteLength >= 4 * most) return new Int32Array(array.buffer, 0, length);
  const grown = new Int32Array(reserve(4 * most), 0, length);
  grown.set(array);
  return grown;
}
