import { isolate, listWith, Number } from '../../support/primordials.js';
/**
 * First-fit allocation of spans in an address range. Holes are kept sorted by address and are merged with their
 * neighbours when a span is freed.
 */
export class SpanAllocator {
  static {
    isolate(this);
  }

  readonly #starts: number[];
  readonly #ends: number[];
  /** No hole before this index has ever been large enough for `#hintSize`: where the search for that size begins. */
  #hint = 0;
  #hintSize = Number.POSITIVE_INFINITY;
  #inUse = 0;
  /** The hole that the last `free` made or joined. */
  holeStart = 0;
  holeEnd = 0;

  constructor(start: number, end: number) {
    this.#starts = listWith(start);
    this.#ends = listWith(end);
  }

  /** Bytes in spans that are in use. */
  get inUse(): number {
    return this.#inUse;
  }

  /** Number of holes. */
  get holes(): number {
    return this.#starts.length;
  }

  /** All holes, by address. */
  eachHole(use: (start: number, end: number) => void): void {
    for (let i = 0; i < this.#starts.length; i++) use(this.#starts[i] as number, this.#ends[i] as number);
  }

  /** Start of a span of `size` bytes, or -1. */
  allocate(size: number): number {
    const starts = this.#starts;
    const ends = this.#ends;
    // Without the hint, many small holes at the beginning would make a series of large allocations quadratic.
    for (let i = size >= this.#hintSize ? this.#hint : 0; i < starts.length; i++) {
      const start = starts[i] as number;
      if ((ends[i] as number) - start < size) continue;
      if (start + size === ends[i]) {
        starts.splice(i, 1);
        ends.splice(i, 1);
      } else {
        starts[i] = start + size;
      }
      this.#hint = i;
      this.#hintSize = size;
      this.#inUse += size;
      return start;
    }
    return -1;
  }

  /** Give [start, end) back. @throws Error if it was not in use: that would be a bug in the engine. */
  free(start: number, end: number): void {
    const starts = this.#starts;
    const ends = this.#ends;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] as number) < start) low = middle + 1;
      else high = middle;
    }
    const before = low > 0 ? (ends[low - 1] as number) : -1;
    const after = low < starts.length ? (starts[low] as number) : Number.POSITIVE_INFINITY;
    if (before > start || after < end) throw new Error(`code memory: span ${start}..${end} is freed twice`);
    this.#hint = 0;
    this.#hintSize = Number.POSITIVE_INFINITY;
    this.#inUse -= end - start;
    if (before === start && after === end) {
      ends[low - 1] = ends[low] as number;
      starts.splice(low, 1);
      ends.splice(low, 1);
      low--;
    } else if (before === start) {
      ends[low - 1] = end;
      low--;
    } else if (after === end) {
      starts[low] = start;
    } else {
      starts.splice(low, 0, start);
      ends.splice(low, 0, end);
    }
    this.holeStart = starts[low] as number;
    this.holeEnd = ends[low] as number;
  }
}
