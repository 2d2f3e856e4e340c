/** Zeroed memory that costs nothing until it is touched. */

import type { MemoryBudget } from './memory-budget.js';
import { ArrayBuffer, bare, byteLengthOf, Int8Array, Int32Array, Math } from './primordials.js';
import { bufferOf, v8 } from './v8.js';

const page = 65536;

/**
 * A buffer for at least `bytes` bytes, zero, of which the system hands out what is touched: the storage of a memory of V8,
 * mapped for the purpose. An `ArrayBuffer` of that size can be cleared byte by byte, and one that grows is copied: both
 * would be long steps in work that promises short ones.
 * @throws RangeError if there is no room
 */
export function reserve(bytes: number): ArrayBuffer {
  const pages = Math.ceil(bytes / page);
  // Without WebAssembly in V8, or without the address space that V8 takes for each memory, a buffer is what there is.
  if (v8 === undefined) return new ArrayBuffer(pages * page);
  try {
    return bufferOf(new v8.Memory(bare({ initial: pages, maximum: pages })));
  } catch (error) {
    if (error instanceof RangeError) return new ArrayBuffer(pages * page);
    throw error;
  }
}

/**
 * A longer view of a reserved array, or a reserved one with the same contents. Only what can be looked at counts: the
 * length doubles, so what is touched is at least half of it.
 * @param needed at most `most`, the length that the array can reach
 * @throws MemoryBudgetError; Error if more is needed: stores behind the end of a typed array would be lost without a word
 */
export function grow<T extends Int8Array | Int32Array>(
  array: T,
  needed: number,
  most: number,
  memory: MemoryBudget,
): T {
  if (needed > most) throw new Error(`internal error: ${needed} elements are wanted of an array of ${most}`);
  const kind = array instanceof Int8Array ? Int8Array : Int32Array;
  const View = kind as unknown as new (buffer: ArrayBuffer, offset: number, length: number) => T;
  const width = array.BYTES_PER_ELEMENT;
  const length = Math.min(most, Math.max(needed, 2 * array.length));
  memory.take(width * (length - array.length));
  if (byteLengthOf(array.buffer) >= width * most) return new View(array.buffer as ArrayBuffer, 0, length);
  const grown = new View(reserve(width * most), 0, length);
  grown.set(array);
  return grown;
}
