import { Float64Array, isolate, Number } from '../../support/primordials.js';
/**
 * First-fit allocation of spans in an address range. Holes are kept sorted by address and are merged with their
 * neighbours when a span is freed.
 */
export class SpanAllocator {
  static {
    isolate(this);
  }

  // Typed arrays: a hole that comes or goes moves those behind it in one block.
  #starts: Float64Array = new Float64Array(16);
  #ends: Float64Array = new Float64Array(16);
  #holes = 1;
  /** No hole before this index has ever been large enough for `#hintSize`: where the search for that size begins. */
  #hint = 0;
  #hintSize = Number.POSITIVE_INFINITY;
  #inUse = 0;
  /** The hole that the last `free` made or joined. */
  holeStart = 0;
  holeEnd = 0;

  constructor(start: number, end: number) {
    this.#starts[0] = start;
    this.#ends[0] = end;
  }

  /** Bytes in spans that are in use. */
  get inUse(): number {
    return this.#inUse;
  }

  /** Number of holes. */
  get holes(): number {
    return this.#holes;
  }

  /** All holes, by address. */
  eachHole(use: (start: number, end: number) => void): void {
    for (let i = 0; i < this.#holes; i++) use(this.#starts[i] as number, this.#ends[i] as number);
  }

  /** Start of a span of `size` bytes, or -1. */
  allocate(size: number): number {
    const starts = this.#starts;
    const ends = this.#ends;
    // Without the hint, many small holes at the beginning would make a series of large allocations quadratic.
    for (let i = size >= this.#hintSize ? this.#hint : 0; i < this.#holes; i++) {
      const start = starts[i] as number;
      if ((ends[i] as number) - start < size) continue;
      if (start + size === ends[i]) {
        this.#removeHole(i);
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
    let high = this.#holes;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] as number) < start) low = middle + 1;
      else high = middle;
    }
    const before = low > 0 ? (ends[low - 1] as number) : -1;
    const after = low < this.#holes ? (starts[low] as number) : Number.POSITIVE_INFINITY;
    if (before > start || after < end) throw new Error(`code memory: span ${start}..${end} is freed twice`);
    this.#hint = 0;
    this.#hintSize = Number.POSITIVE_INFINITY;
    this.#inUse -= end - start;
    if (before === start && after === end) {
      ends[low - 1] = ends[low] as number;
      this.#removeHole(low);
      low--;
    } else if (before === start) {
      ends[low - 1] = end;
      low--;
    } else if (after === end) {
      starts[low] = start;
    } else {
      this.#insertHole(low, start, end);
    }
    this.holeStart = this.#starts[low] as number;
    this.holeEnd = this.#ends[low] as number;
  }

  #removeHole(i: number): void {
    this.#starts.copyWithin(i, i + 1, this.#holes);
    this.#ends.copyWithin(i, i + 1, this.#holes);
    this.#holes--;
  }

  #insertHole(i: number, start: number, end: number): void {
    if (this.#holes === this.#starts.length) {
      this.#starts = grown(this.#starts);
      this.#ends = grown(this.#ends);
    }
    this.#starts.copyWithin(i + 1, i, this.#holes);
    this.#ends.copyWithin(i + 1, i, this.#holes);
    this.#starts[i] = start;
    this.#ends[i] = end;
    this.#holes++;
  }
}

function grown(list: Float64Array): Float64Array {
  const longer = new Float64Array(2 * list.length);
  longer.set(list);
  return longer;
}
