/** Turns of the event loop: how long others have been waiting for one. */

import { isolate, Math, now } from './primordials.js';

/** What is measured with, in milliseconds. The bench measures processor time instead. */
export const sliceClock: { now: () => number } = { now };

/** What a source may take when nothing else is said. Work that is never interrupted reads its source with turns all the same. */
const sourceMs = 50;

/**
 * The time since the last turn of the event loop that one piece of asynchronous work knows of. Promises that are settled
 * already give others no turn: whoever awaits again and again what somebody else supplies asks the clock each time.
 */
export class Turns {
  static {
    isolate(this);
  }

  readonly #sourceMs: number;
  #last = sliceClock.now();

  /** @param maxMs time between two turns; 0 or Infinity: as long as the work takes, but no longer than the source is read. */
  constructor(maxMs = 0) {
    this.#sourceMs = maxMs === 0 ? sourceMs : Math.min(maxMs, sourceMs);
  }

  /** Milliseconds at `now` since the last turn. */
  elapsed(now: number): number {
    return now - this.#last;
  }

  /** A source has delivered, and others have waited long enough. */
  get due(): boolean {
    return this.elapsed(sliceClock.now()) >= this.#sourceMs;
  }

  /** Let the event loop turn once. */
  async turn(): Promise<void> {
    await process.getBuiltinModule('node:timers/promises').setImmediate();
    this.#last = sliceClock.now();
  }
}
