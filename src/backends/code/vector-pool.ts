import { Int32Array, Math, newList } from '../../support/dialect.js';
import type { MemoryBudget } from '../../support/memory-budget.js';
import type { World } from '../../support/world.js';
import type { CodeSpace } from './code-space.js';

const bytesPerConstant = 16;

/**
 * A module's vector constants: 16 bytes each, 16-byte aligned, in the data part of the code memory (readable and
 * writable, never executable), where rip-relative operands reach them. A direct-mapped cache finds most repetitions;
 * it does not look further, so that no choice of constants makes it slow.
 */
export class VectorPool {
  readonly #space: CodeSpace;
  readonly #memory: MemoryBudget;
  /** Pairs of data offset and number of bytes. */
  readonly #chunks: i32[] = newList<i32>();
  #next: i32 = 0;
  #end: i32 = 0;
  /** Constants in the next chunk. */
  #chunk: i32;
  readonly #largestChunk: i32;
  readonly #cacheEntries: i32;
  /** Code-memory offsets by hash, 0 for none. */
  #cache: Int32Array = new Int32Array(0);

  constructor(space: CodeSpace, memory: MemoryBudget, world: World) {
    this.#space = space;
    this.#memory = memory;
    this.#chunk = world.firstPool;
    this.#largestChunk = world.largestPool;
    this.#cacheEntries = world.poolCache;
  }

  /** Code-memory offset of a constant with these four 32-bit lanes. @throws CodeMemoryError */
  add(a: i32, b: i32, c: i32, d: i32): i32 {
    if (this.#cache.length === 0) this.#cache = new Int32Array(this.#cacheEntries);
    const i32 = this.#space.i32;
    const slot = hash(a, b, c, d) & (this.#cacheEntries - 1);
    const known = this.#cache[slot];
    if (known !== 0) {
      const i = known >>> 2;
      if (i32[i] === a && i32[i + 1] === b && i32[i + 2] === c && i32[i + 3] === d) return known;
    }
    if (this.#next === this.#end) this.#newChunk();
    const offset = this.#next;
    this.#next += bytesPerConstant;
    const i = offset >>> 2;
    i32[i] = a;
    i32[i + 1] = b;
    i32[i + 2] = c;
    i32[i + 3] = d;
    this.#cache[slot] = offset;
    return offset;
  }

  #newChunk(): void {
    const bytes = bytesPerConstant * this.#chunk;
    this.#memory.take(bytes);
    this.#next = this.#space.allocateData(bytes);
    this.#end = this.#next + bytes;
    this.#chunks.push(this.#next);
    this.#chunks.push(bytes);
    if (this.#chunk < this.#largestChunk) this.#chunk *= 2;
  }

  /** Give the memory back. Nothing that uses the constants may run any more. */
  release(): void {
    for (let i = 0; i < this.#chunks.length; i += 2) this.#space.freeData(this.#chunks[i], this.#chunks[i + 1]);
    this.#chunks.length = 0;
    this.#next = this.#end = 0;
    this.#cache = new Int32Array(0);
  }
}

function hash(a: i32, b: i32, c: i32, d: i32): i32 {
  let h = Math.imul(a, -0x61c8864f) ^ Math.imul(b, -0x7a143595);
  h = Math.imul(h ^ (h >>> 15) ^ c, -0x3d4d51cb) ^ Math.imul(d, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 13), 0x165667b1);
  return h ^ (h >>> 16);
}
