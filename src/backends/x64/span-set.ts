import { newList } from '../../support/dialect.js';
/** Disjoint spans of positions, to be asked whether something lies in one of them. */
export class SpanSet {
  /** In ascending order. */
  readonly #starts: i32[] = newList<i32>();
  readonly #ends: i32[] = newList<i32>();

  clear(): void {
    if (this.#starts.length === 0) return;
    this.#starts.length = 0;
    this.#ends.length = 0;
  }

  /** Index of the first span that begins behind `at`. */
  #behind(at: i32): i32 {
    const starts = this.#starts;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (starts[middle] <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Add [start, end). Mostly it lies behind the others. */
  add(start: i32, end: i32): void {
    const starts = this.#starts;
    const ends = this.#ends;
    const place = this.#behind(start);
    starts.push(start);
    ends.push(end);
    for (let i = starts.length - 1; i > place; i--) {
      starts[i] = starts[i - 1];
      ends[i] = ends[i - 1];
    }
    starts[place] = start;
    ends[place] = end;
  }

  /** Positions [from, to) are all in one span. */
  holds(from: i32, to: i32): bool {
    const i = this.#behind(from) - 1;
    return i >= 0 && to <= this.#ends[i];
  }
}
