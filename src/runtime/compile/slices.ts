/** Bounding how long compilation holds the event loop. */
import { isolate, Math, Number, toArray, Uint32Array } from '../../support/primordials.js';
import { sliceClock, Turns } from '../../support/turns.js';
import type { SliceReport } from '../api/engine.js';

/** Buckets of the histogram. */
const buckets = 64;
const bucketsPerMs = 4;

/** How long the slices of all asynchronous compilations of an engine took. */
export class SliceStatistics {
  static {
    isolate(this);
  }

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
    return { count, totalMs, longestMs, histogram: toArray(this.#histogram) };
  }
}

/** Bytes that are decoded between two looks at the clock: so many that it takes about `stepMs`, as far as that can be foreseen. */
const enum Step {
  first = 512,
  /** In a cold process V8 compiles the compiler, at each opcode's first use: a millisecond for a few bytes. */
  least = 8,
  most = 8192,
  /** Before the code: a byte of a section says nothing of what the first byte of code will take, in a cold process above all. */
  mostInSections = 512,
}

const stepMs = 0.1;
/** How much work it takes to forget a long step, and what part of a slice is left free at most because there may be another. */
const forgetMs = 10;
const mostReserved = 0.4;

/**
 * The slices of one asynchronous compilation. A slice is the work between two turns of the event loop: it may be
 * interrupted by waiting for bytes (`pause`, `resume`) that are there without such a turn. It ends by the time since the
 * last turn, so what the source takes counts; the statistics count the work alone.
 */
export class Slices {
  static {
    isolate(this);
  }

  readonly #maxMs: number;
  readonly turns: Turns;
  readonly #statistics: SliceStatistics;
  /** Work of the slice up to the last pause. */
  #used = 0;
  /** When the work began, or went on. */
  #since = 0;
  /** When the last step ended. */
  #last = 0;
  /** How many bytes the next step should have. */
  step: number = Step.first;
  #most: number = Step.mostInSections;
  /** How long the next step may take after what the others took: the longest, forgotten little by little. */
  #expected: number;

  /** @param maxMs 0 or Infinity: the work is never interrupted. */
  constructor(maxMs: number, statistics: SliceStatistics) {
    this.#maxMs = maxMs === 0 ? Number.POSITIVE_INFINITY : maxMs;
    this.turns = new Turns(maxMs);
    this.#expected = Number.isFinite(this.#maxMs) ? mostReserved * this.#maxMs : 0;
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
    if (took > stepMs) this.step = Math.max(Step.least, Math.min(this.step >>> 1, (this.step * stepMs) / took) | 0);
    else if (2 * took < stepMs && this.step < this.#most) this.step <<= 1;
    this.#expected = Math.max(took, this.#expected * Math.max(0, 1 - took / forgetMs));
    this.#expected = Math.min(this.#expected, this.#maxMs * mostReserved);
    return this.#isOver(now);
  }

  /** Code begins: nothing is known of its pace. */
  codeBegins(): void {
    this.step = Step.least;
    this.#most = Step.most;
  }

  /** The slice has had its time. Only asked while paused. */
  get over(): boolean {
    return this.#isOver(sliceClock.now());
  }

  #isOver(now: number): boolean {
    return this.turns.elapsed(now) + this.#expected >= this.#maxMs;
  }

  /** Let the event loop turn once, then begin a new slice. Only while paused. */
  async yield(): Promise<void> {
    this.end();
    await this.turns.turn();
  }

  /** The slice is over. */
  end(): void {
    if (this.#used > 0) this.#statistics.add(this.#used);
    this.#used = 0;
  }
}
