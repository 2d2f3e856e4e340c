/** How much memory a compilation holds: counted where its tables and arrays grow, never per opcode. */

import { isolate, Number } from './primordials.js';

export { Cost } from './cost.js';

/** The budget of a compilation is used up. */
export class MemoryBudgetError extends Error {
  override readonly name = 'MemoryBudgetError';
  readonly limit: number;

  constructor(limit: number) {
    super(`compile memory > ${limit} bytes`);
    this.limit = limit;
  }
}

/** The memory of one compilation, in bytes. */
export class MemoryBudget {
  static {
    isolate(this);
  }

  limit: number;
  held = 0;
  peak = 0;

  constructor(limit: number = Number.POSITIVE_INFINITY) {
    this.limit = limit;
  }

  /** About to hold so many bytes more. @throws MemoryBudgetError if that is too much: then they are not counted */
  take(bytes: number): void {
    const held = this.held + bytes;
    if (held > this.limit) throw new MemoryBudgetError(this.limit);
    this.held = held;
    if (held > this.peak) this.peak = held;
  }

  /** The compilation has ended well: what its module will hold from now on is not refused. */
  end(): void {
    this.limit = Number.POSITIVE_INFINITY;
  }

  /** So many bytes are not held any more. */
  give(bytes: number): void {
    this.held -= bytes;
  }
}
