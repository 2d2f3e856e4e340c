/** Disjoint spans of positions, to be asked whether something lies in one of them. */
export class SpanSet {
  /** In ascending order. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  clear(): void {
    if (this.#starts.length === 0) return;
    this.#starts.length = 0;
    this.#ends.length = 0;
  }

  /** Index of the first span that begins behind `at`. */
  #behind(at: number): number {
    const starts = this.#starts;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] as number) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Add [start, end). Mostly it lies behind the others. */
  add(start: number, end: number): void {
    const i = this.#behind(start);
    this.#starts.splice(i, 0, start);
    this.#ends.splice(i, 0, end);
  }

  /** Positions [from, to) are all in one span. */
  holds(from: number, to: number): boolean {
    const i = this.#behind(from) - 1;
    return i >= 0 && to <= (this.#ends[i] as number);
  }
}
