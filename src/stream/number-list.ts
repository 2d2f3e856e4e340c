import type { MemoryBudget } from '../support/memory-budget.js';
import { Int32Array, isolate, listWith, Math } from '../support/primordials.js';

const chunkBits = 12;
const chunkMask = (1 << chunkBits) - 1;
const firstChunk = 64;

/** A growing list of int32, in chunks: growing copies nothing (but the first chunk of a short list). */
export class NumberList {
  static {
    isolate(this);
  }

  readonly #chunks: Int32Array[] = listWith(new Int32Array(firstChunk));
  length = 0;
  readonly #memory: MemoryBudget;

  constructor(memory: MemoryBudget) {
    this.#memory = memory;
  }

  push(value: number): void {
    const i = this.length;
    const at = i & chunkMask;
    const k = i >>> chunkBits;
    let chunk = this.#chunks[k];
    if (chunk === undefined) {
      this.#memory.take(4 << chunkBits);
      chunk = new Int32Array(1 << chunkBits);
      this.#chunks.push(chunk);
    } else if (at === chunk.length) {
      this.#memory.take(4 * (Math.min(4 * at, 1 << chunkBits) - at));
      const grown = new Int32Array(Math.min(4 * at, 1 << chunkBits));
      grown.set(chunk);
      this.#chunks[k] = chunk = grown;
    }
    chunk[at] = value;
    this.length = i + 1;
  }

  /** An empty list takes over numbers that somebody has in one piece; they are not copied. */
  fill(words: Int32Array): void {
    const { length } = words;
    for (let at = 0; at < length; at += 1 << chunkBits) {
      this.#chunks[at >>> chunkBits] = words.subarray(at, Math.min(length, at + (1 << chunkBits)));
    }
    this.length = length;
  }

  /** So many items can come without more memory. */
  get room(): number {
    const chunk = this.#chunks[this.length >>> chunkBits];
    return chunk === undefined ? 0 : chunk.length - (this.length & chunkMask);
  }

  /** At most `room` items. */
  pushAll(values: Int32Array): void {
    (this.#chunks[this.length >>> chunkBits] as Int32Array).set(values, this.length & chunkMask);
    this.length += values.length;
  }

  /** Copy all items to the begin of an array of 32-bit numbers: in chunks, a loop over a million takes 20 ms in a cold process. */
  copyTo(target: Int32Array | Uint32Array): void {
    const { length } = this;
    for (let at = 0; at < length; at += 1 << chunkBits) {
      const chunk = this.#chunks[at >>> chunkBits] as Int32Array;
      target.set(length - at < chunk.length ? chunk.subarray(0, length - at) : chunk, at);
    }
  }

  /** Item `i`, which must be below `length`. */
  at(i: number): number {
    return (this.#chunks[i >>> chunkBits] as Int32Array)[i & chunkMask];
  }
}
