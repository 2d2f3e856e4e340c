/** Bounding how long compilation holds the event loop. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SliceReport } from './engine.js';

/** What slices are measured with, in milliseconds. The bench measures processor time instead. */
export const sliceClock: { now: () => number } = { now: () => performance.now() };

/** Buckets of the histogram. */
const buckets = 64;
const bucketsPerMs = 4;

/** How long the slices of all asynchronous compilations of an engine took. */
export class SliceStatistics {
  count = 0;
  totalMs = 0;
  longestMs = 0;
  readonly #histogram = new Uint32Array(buckets);

  add(ms: number): void {
    this.count++;
    this.totalMs += ms;
    if (ms > this.longestMs) this.longestMs = ms;
    this.#histogram[Math.min(buckets - 1, Math.floor(ms * bucketsPerMs))]++;
  }

  read(): SliceReport {
    const { count, totalMs, longestMs } = this;
    return { count, totalMs, longestMs, histogram: [...this.#histogram] };
  }
}

/** Bytes that are decoded between two looks at the clock: so many that it takes about `stepMs`, as far as that can be foreseen. */
const enum Step {
  first = 512,
  least = 64,
  most = 8192,
}

const stepMs = 0.1;

/**
 * The slices of one asynchronous compilation. A slice is the work between two turns of the event loop: it may be
 * interrupted by waiting for bytes (`pause`, `resume`) that are there without such a turn.
 */
export class Slices {
  readonly #maxMs: number;
  readonly #statistics: SliceStatistics;
  /** Work of the slice up to the last pause. */
  #used = 0;
  /** When the work began, or went on. */
  #since = 0;
  /** When the last step ended. */
  #last = 0;
  /** How many bytes the next step should have. */
  step: number = Step.first;

  /** @param maxMs 0 or Infinity: the work is never interrupted. */
  constructor(maxMs: number, statistics: SliceStatistics) {
    this.#maxMs = maxMs === 0 ? Number.POSITIVE_INFINITY : maxMs;
    this.#statistics = statistics;
  }

  /** Work begins or goes on. */
  resume(): void {
    this.#since = this.#last = sliceClock.now();
  }

  /** Work is done for now. */
  pause(): void {
    this.#used += sliceClock.now() - this.#since;
    this.#since = this.#last = 0;
  }

  /** A step of the work is done. True when it is time to let others run. */
  stepDone(): boolean {
    const now = sliceClock.now();
    const took = now - this.#last;
    this.#last = now;
    if (took > stepMs) {
      if (this.step > Step.least) this.step >>>= 1;
    } else if (2 * took < stepMs && this.step < Step.most) this.step <<= 1;
    return this.#used + now - this.#since >= this.#maxMs;
  }

  /** The slice has had its time. Only asked while paused. */
  get over(): boolean {
    return this.#used >= this.#maxMs;
  }

  /** Let the event loop turn once, then begin a new slice. Only while paused. */
  async yield(): Promise<void> {
    this.end();
    await nextTurn();
  }

  /** The slice is over. */
  end(): void {
    if (this.#used > 0) this.#statistics.add(this.#used);
    this.#used = 0;
  }
}
