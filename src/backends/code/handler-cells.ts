import { newList } from '../../support/dialect.js';
import type { MemoryBudget } from '../../support/memory-budget.js';
import type { CodeSpace } from './code-space.js';

/** Bytes of a chunk of cells. */
const firstChunk = 64;
const largestChunk = 4096;

/**
 * Where the handlers of a module's try blocks are: four bytes each, in the data part of the code memory. The calls in a block name
 * its cell in the code map before it is known where the handler will be. A cell holds a code offset; or the complement of the handler
 * number that is to be asked instead (delegate); or 0: the caller. Handler number n is the cell at data offset 4 n, 0 is none.
 */
export class HandlerCells {
  readonly #space: CodeSpace;
  readonly #memory: MemoryBudget;
  /** Pairs of data offset and number of bytes. */
  readonly #chunks: i32[] = newList<i32>();
  #next: i32 = 0;
  #end: i32 = 0;
  #chunk: i32 = firstChunk;

  constructor(space: CodeSpace, memory: MemoryBudget) {
    this.#space = space;
    this.#memory = memory;
  }

  /** The number of a new handler. @throws CodeMemoryError */
  add(): i32 {
    if (this.#next === this.#end) {
      const bytes = this.#chunk;
      this.#memory.take(bytes);
      this.#next = this.#space.allocateData(bytes);
      this.#end = this.#next + bytes;
      this.#chunks.push(this.#next);
      this.#chunks.push(bytes);
      if (bytes < largestChunk) this.#chunk = 2 * bytes;
    }
    const cell = this.#next;
    this.#next = cell + 4;
    const handler = cell >>> 2;
    this.set(handler, 0);
    return handler;
  }

  /** No block of the module has a handler. */
  get isEmpty(): bool {
    return this.#chunks.length === 0;
  }

  set(handler: i32, value: i32): void {
    const cells = this.#space.i32;
    cells[handler] = value | 0;
  }

  /** Give the memory back. Nothing that throws may run any more. */
  release(): void {
    for (let i = 0; i < this.#chunks.length; i += 2) this.#space.freeData(this.#chunks[i], this.#chunks[i + 1]);
    this.#chunks.length = 0;
    this.#next = this.#end = 0;
  }
}
