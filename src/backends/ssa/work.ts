import { Math, product } from '../../support/dialect.js';
import type { World } from '../../support/world.js';

/** Bytes of machine code per byte of a body, and for each function: what BOUNDS.md promises. */
const mostCode: i32 = 40;
const freeCode: i32 = 128;

/** The function at hand is left to the compiler that makes one pass. */
export class GivenUpError extends Error {
  constructor(message: string) {
    super(message);
  }
}

/**
 * What compiling one function may cost, counted where it can grow faster than the function's bytes: values, blocks, edges,
 * operands of phis, values alive where blocks begin, steps of searches. A unit is some ten nanoseconds, and at most some thirty
 * bytes. The largest functions of real modules take up to 150 units per byte, the usual one five: what needs more than the limit
 * was made for that.
 */
export class Work {
  readonly #free: i32;
  readonly #perByte: i32;
  readonly #most: i32;
  /** The function at hand was given up. */
  isGivenUp: bool = false;
  used: i32 = 0;
  #limit: i32 = 0;
  #start: i32 = 0;
  #bytes: i32 = 0;

  constructor(world: World) {
    this.#free = world.freeWork;
    this.#perByte = world.workPerByte;
    this.#most = world.mostWork;
  }

  /** A function whose body begins at this module offset. */
  begin(start: i32): void {
    this.isGivenUp = false;
    this.used = 0;
    this.#start = start;
    this.#bytes = 0;
    this.#limit = this.#free;
  }

  /** The decoder is at this module offset. A body is shorter than 2^23 bytes. */
  at(offset: i32): void {
    this.#bytes = offset - this.#start;
    this.#limit = Math.min(this.#most, this.#free + this.#perByte * this.#bytes);
  }

  /** @throws GivenUpError beyond the limit */
  spend(units: i32): void {
    this.used += units;
    if (this.used > this.#limit) this.giveUp();
  }

  /** The function becomes about so many bytes of machine code. @throws GivenUpError beyond the limit */
  emits(code: f64): void {
    if (code > product(mostCode, this.#bytes) + freeCode) this.giveUp();
  }

  /** @throws GivenUpError always */
  giveUp(): void {
    this.isGivenUp = true;
    throw new GivenUpError('internal error: the compiler has no second way for a function that it gives up');
  }
}
