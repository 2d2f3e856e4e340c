import { isolate, List, Math } from '../../support/primordials.js';
import { SpanAllocator } from './span-allocator.js';

const pageBytes = 4096;
/** Stubs begin on cache lines; sizes are multiples of it. */
const granule = 64;

/** A page that is cut into spans of one size. */
interface Page {
  readonly start: number;
  readonly size: number;
  /** Which spans are in use: span i is bit i & 31 of word i >>> 5. */
  low: number;
  high: number;
  used: number;
  /** Neighbours among the pages of this size that have room. */
  previous: Page | undefined;
  next: Page | undefined;
}

/**
 * Room for stubs, which come and go with the signatures of modules. A page has spans of one size only: allocating and
 * freeing take constant time, and a page whose last stub is freed serves any size again.
 */
export class StubAllocator {
  static {
    isolate(this);
  }

  readonly #pages: SpanAllocator;
  readonly #first: number;
  /** By number of the page; undefined if nothing is in it. */
  readonly #inPage: (Page | undefined)[] = new List();
  /** The first page with room, by size in granules. */
  readonly #open: (Page | undefined)[] = new List();
  #inUse = 0;

  /** @param start, end multiples of 4096 */
  constructor(start: number, end: number) {
    this.#first = start;
    this.#pages = new SpanAllocator(start, end);
    // Thousands of pages: no loop in code that has never run.
    this.#inPage.length = (end - start) / pageBytes;
    this.#inPage.fill(undefined);
    for (let size = 0; size <= pageBytes; size += granule) this.#open.push(undefined);
  }

  /** Bytes in spans that are in use. */
  get inUse(): number {
    return this.#inUse;
  }

  /** Start of a span of at least `bytes` bytes (4096 at most), or -1. */
  allocate(bytes: number): number {
    const units = Math.ceil(bytes / granule);
    const page = this.#open[units] ?? this.#openPage(units);
    if (page === undefined) return -1;
    let i = Math.clz32(~page.low & -~page.low) ^ 31;
    if (page.low !== -1) page.low |= 1 << i;
    else {
      i = Math.clz32(~page.high & -~page.high) ^ 31;
      page.high |= 1 << i;
      i += 32;
    }
    page.used++;
    if ((page.used + 1) * page.size > pageBytes) this.#unlink(page);
    this.#inUse += page.size;
    return page.start + i * page.size;
  }

  /** Give the span that begins at `start` back. @throws Error if it was not in use: that would be a bug in the engine. */
  free(start: number): void {
    const page = this.#inPage[((start - this.#first) / pageBytes) | 0];
    const i = page === undefined ? -1 : (start - page.start) / page.size;
    const bit = 1 << (i & 31);
    if (page === undefined || i !== (i | 0) || ((i < 32 ? page.low : page.high) & bit) === 0) {
      throw new Error(`code memory: stub ${start} is freed twice`);
    }
    const wasFull = (page.used + 1) * page.size > pageBytes;
    if (i < 32) page.low &= ~bit;
    else page.high &= ~bit;
    page.used--;
    this.#inUse -= page.size;
    if (page.used === 0) {
      if (!wasFull) this.#unlink(page);
      this.#inPage[(page.start - this.#first) / pageBytes] = undefined;
      this.#pages.free(page.start, page.start + pageBytes);
    } else if (wasFull) this.#link(page);
  }

  /** All pages without a stub. */
  eachHole(use: (start: number, end: number) => void): void {
    this.#pages.eachHole(use);
  }

  #openPage(units: number): Page | undefined {
    const start = this.#pages.allocate(pageBytes);
    if (start < 0) return undefined;
    const page: Page = { start, size: units * granule, low: 0, high: 0, used: 0, previous: undefined, next: undefined };
    this.#inPage[(start - this.#first) / pageBytes] = page;
    this.#link(page);
    return page;
  }

  #link(page: Page): void {
    const units = page.size / granule;
    const next = this.#open[units];
    page.next = next;
    if (next !== undefined) next.previous = page;
    this.#open[units] = page;
  }

  #unlink(page: Page): void {
    const { previous, next } = page;
    if (previous === undefined) this.#open[page.size / granule] = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    page.previous = undefined;
    page.next = undefined;
  }
}
