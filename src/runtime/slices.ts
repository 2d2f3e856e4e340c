/** Bounding how long compilation holds the event loop. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Measures the current slice of work; one per asynchronous compilation. */
export class Slices {
  readonly #maxMs: number;
  #end: number;

  /** @param maxMs 0 or Infinity: the work is never interrupted. */
  constructor(maxMs: number) {
    this.#maxMs = maxMs === 0 ? Number.POSITIVE_INFINITY : maxMs;
    this.#end = performance.now() + this.#maxMs;
  }

  /** True when it is time to let others run. */
  get over(): boolean {
    return performance.now() >= this.#end;
  }

  /** Let the event loop turn once, then begin a new slice. */
  async yield(): Promise<void> {
    await nextTurn();
    this.#end = performance.now() + this.#maxMs;
  }
}
