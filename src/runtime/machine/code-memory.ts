/**
 * Code memory: one region of a memory file, mapped twice. `bytes` is the read-write alias, `base` the address of the
 * executable mapping (whose data part is read-write, never executable). Index i of the view is address base + i.
 *
 *     0            codeStart                     dataStart          limit
 *     | stubs      | function code               | data             |
 *     r-x          r-x                           rw-                       (executable mapping)
 *     rw-          rw-                           rw-                       (alias)
 */

import { Atomics, assignOwn, Int32Array, isolate, Math, Uint8Array, WeakRef } from '../../support/primordials.js';
import { cancel, later, restart } from '../../support/timers.js';
import {
  closeFile,
  mapFile,
  memoryFile,
  nativeFunction,
  nativeView,
  Prot,
  protect,
  punchHole,
  synchronizeCores,
  unmap,
} from './os.js';
import { SpanAllocator } from './span-allocator.js';
import { StubAllocator } from './stub-allocator.js';
import { uncountedView } from './uncounted-view.js';

const pageSize = 4096;
/** Code starts on cache lines. */
const codeAlignment = 64;
const dataAlignment = 16;
/** Stubs that every engine has are at the beginning, one behind the other; those of signatures come and go behind them. */
const fixedStubs = 8 * pageSize;
/** No stub is longer. */
export const longestStub: number = pageSize;
/**
 * Freed code keeps its pages for a while, for the next module: a fresh page costs as much as the code that goes there
 * (2 us). When more than this many bytes have gathered, so many stay; all go when no code was freed for a second.
 */
const idleMs = 1000;
/** Shares of the region: stubs a sixteenth, data an eighth. */
const stubShare = 16;
const dataShare = 8;

const defaultRetained = 64 << 20;
export const defaultCodeMemory: number = 512 << 20;

/** The engine's code memory is used up. */
export class CodeMemoryError extends RangeError {
  declare readonly name: 'CodeMemoryError';

  constructor(message: string) {
    super(message);
    assignOwn(this, { name: 'CodeMemoryError' });
  }
}

/** The two mappings of a region. */
export interface CodeRegion {
  /** Address of the executable mapping. */
  readonly base: number;
  /** Address of the read-write alias. */
  readonly alias: number;
  /** Bytes of each. */
  readonly limit: number;
}

export interface CodeMemoryStatistics {
  /** Bytes of address space per mapping. */
  readonly reserved: number;
  /** Bytes in spans, stubs and data that are in use. */
  readonly inUse: number;
  /** Highest `inUse` so far. */
  readonly peak: number;
  readonly code: number;
  readonly data: number;
  readonly stubs: number;
}

export class CodeMemory implements CodeRegion {
  static {
    isolate(this);
  }

  /** Read-write view of the whole region. */
  readonly bytes: Uint8Array;
  /** The same as 32-bit integers. */
  readonly i32: Int32Array;
  /** Address of the executable mapping. */
  readonly base: number;
  /** Address of the read-write alias. */
  readonly alias: number;
  readonly limit: number;
  /** Offset where function code begins and the stubs end. */
  readonly codeStart: number;
  /** Offset where data begins and function code ends. */
  readonly dataStart: number;
  /** Offset where the assembler writes a stub to learn how long it is, far away from all others. */
  readonly stubDraft: number;
  readonly #code: SpanAllocator;
  readonly #data: SpanAllocator;
  readonly #stubs: StubAllocator;
  #fixedNext = codeAlignment;
  #peak = 0;
  /** Bytes of freed code, at most, whose pages the system has not got back. */
  #retained = 0;
  readonly #mostRetained: number;
  /** No code was ever behind this offset. */
  #touched = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  /** Code memory was freed: cores must be synchronised before it is used again. */
  #stale = false;
  #serialize: (() => void) | undefined;
  /** Offset of the stub behind it; made a function of JS at the first need, which most systems do not have. */
  #serializer = 0;
  /** Frees what others have given back. */
  collect: (() => void) | undefined;
  #disposed = false;

  /**
   * @param retained bytes of freed code, at most, whose pages stay for a while
   * @param limit bytes of address space for code, stubs and data: 4 MiB to 1 GiB, used as needed
   * @throws OsError if the system refuses the mappings
   */
  constructor(limit: number = defaultCodeMemory, retained: number = defaultRetained) {
    this.#mostRetained = retained;
    if (!(limit >= 4 << 20 && limit <= 1 << 30)) throw new RangeError(`code memory of ${limit} bytes: 4 MiB to 1 GiB`);
    limit = Math.ceil(limit / (1 << 16)) * (1 << 16);
    this.limit = limit;
    this.codeStart = pageFloor(limit / stubShare);
    this.dataStart = pageFloor(limit - limit / dataShare);
    const fd = memoryFile('beamline-code', limit);
    try {
      this.alias = mapFile(fd, limit, Prot.readWrite);
      try {
        this.base = mapFile(fd, limit, Prot.readExec);
        protect(this.base + this.dataStart, limit - this.dataStart, Prot.readWrite);
      } catch (error) {
        unmap(this.alias, limit);
        throw error;
      }
    } finally {
      closeFile(fd);
    }
    const buffer = uncountedView(this.alias, limit) ?? nativeView(this.alias, limit);
    this.bytes = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.#code = new SpanAllocator(this.codeStart, this.dataStart);
    this.#data = new SpanAllocator(this.dataStart, limit);
    // Offset 0 is no stub: "0" can mean "none" in whatever holds a code offset.
    this.bytes.fill(0xcc, 0, codeAlignment);
    this.stubDraft = this.codeStart - longestStub;
    this.#stubs = new StubAllocator(fixedStubs, this.stubDraft);
  }

  /** End of the span that was opened last. */
  spanEnd = 0;

  /** The same, for the compiler. @throws CodeMemoryError */
  openSpan(minBytes: number): number {
    const { start, end } = this.allocateCode(minBytes);
    this.spanEnd = end;
    return start;
  }

  /** One aligned 8-byte value, low half last (the high half is constant). */
  writeEntry(slot: number, entry: number): void {
    const address = this.base + entry;
    const at = slot >>> 2;
    this.i32[at + 1] = Math.floor(address / 4294967296);
    Atomics.store(this.i32, at, address | 0);
  }

  /**
   * A span of at least `minBytes` bytes of function code, aligned to 64 bytes.
   * @throws CodeMemoryError
   */
  allocateCode(minBytes: number): { start: number; end: number } {
    this.collect?.();
    const size = (minBytes + codeAlignment - 1) & -codeAlignment;
    const start = this.#code.allocate(size);
    if (start < 0) this.#exhausted('code', this.dataStart - this.codeStart, this.#code.inUse, minBytes);
    this.#note();
    this.#retained = Math.max(0, this.#retained - size);
    this.#touched = Math.max(this.#touched, start + size);
    if (this.#stale) this.synchronize();
    return { start, end: start + size };
  }

  /** Give a span, or what is left of it after `shrink`, back. Nobody can return into it any more. */
  freeCode(start: number, end: number): void {
    if (this.#disposed || end <= start) return;
    this.#code.free(start, end);
    this.#stale = true;
    this.#retained += end - start;
    if (this.#retained > this.#mostRetained) this.#giveBack(0.75 * this.#mostRetained);
    this.#giveBackLater();
  }

  /** Give back what is not used of [start, end) behind `used`; returns the new end. */
  shrink(start: number, used: number, end: number): number {
    const newEnd = Math.max(start, (used + codeAlignment - 1) & -codeAlignment);
    if (newEnd >= end) return end;
    this.trimCode(newEnd, end);
    return newEnd;
  }

  /** Give back the end of a span that was never written: no core can have seen code there, and no page was touched. */
  trimCode(from: number, end: number): void {
    if (!this.#disposed && end > from) this.#code.free(from, end);
  }

  /** Zeroed data memory, aligned to 16 bytes; returns its offset. @throws CodeMemoryError */
  allocateData(bytes: number): number {
    const size = Math.max(dataAlignment, (bytes + dataAlignment - 1) & -dataAlignment);
    const offset = this.#data.allocate(size);
    if (offset < 0) this.#exhausted('data', this.limit - this.dataStart, this.#data.inUse, bytes);
    this.#note();
    // Pages that were wholly free are zero: fresh, or given back. Touching them all at once would be a long step.
    const end = offset + size;
    const from = pageCeil(offset);
    const to = pageFloor(end);
    this.bytes.fill(0, offset, Math.min(from, end));
    if (to >= from) this.bytes.fill(0, to, end);
    return offset;
  }

  freeData(offset: number, bytes: number): void {
    if (this.#disposed) return;
    const size = Math.max(dataAlignment, (bytes + dataAlignment - 1) & -dataAlignment);
    const end = offset + size;
    this.#data.free(offset, end);
    // Whole pages of the hole that the data now is part of go back to the system.
    const from = pageCeil(Math.max(this.#data.holeStart, offset - pageSize + 1));
    const to = pageFloor(Math.min(this.#data.holeEnd, end + pageSize - 1));
    if (to > from) punchHole(this.alias + from, to - from);
  }

  /** Where the next stub that stays is to be written: 16-byte aligned, with room for `longestStub` bytes. @throws CodeMemoryError */
  beginStub(): number {
    const offset = (this.#fixedNext + 15) & -16;
    if (offset + longestStub > fixedStubs) this.#exhausted('fixed stubs', fixedStubs, this.#fixedNext, longestStub);
    return offset;
  }

  /** The stub that was begun ends here. */
  endStub(end: number): void {
    this.#fixedNext = end;
    this.#note();
  }

  /** Where a stub of `bytes` bytes can be written, aligned to 64 bytes. @throws CodeMemoryError */
  allocateStub(bytes: number): number {
    const offset = this.#stubs.allocate(bytes);
    if (offset < 0) this.#exhausted('stubs', this.codeStart, this.#stubs.inUse, bytes);
    this.#note();
    if (this.#stale) this.synchronize();
    return offset;
  }

  /** Give a stub back. Nobody can call it or return into it any more. */
  freeStub(offset: number): void {
    if (this.#disposed) return;
    this.#stubs.free(offset);
    this.#stale = true;
    this.#giveBackLater();
  }

  /** True if the code offset is in a stub. */
  isStub(offset: number): boolean {
    return offset >= 0 && offset < this.codeStart;
  }

  /** True if the code offset is in function code. */
  isFunction(offset: number): boolean {
    return offset >= this.codeStart && offset < this.dataStart;
  }

  /** Code offset of an address, or -1 if it is not in stubs or function code. */
  offsetOf(address: number): number {
    const offset = address - this.base;
    return offset >= 0 && offset < this.dataStart ? offset : -1;
  }

  get statistics(): CodeMemoryStatistics {
    return {
      reserved: this.limit,
      inUse: this.#inUse(),
      peak: this.#peak,
      code: this.#code.inUse,
      data: this.#data.inUse,
      stubs: this.#fixedNext + this.#stubs.inUse,
    };
  }

  /** Nothing is allocated or freed any more. Whoever calls this unmaps the region, when nothing uses it. */
  dispose(): void {
    this.#disposed = true;
    if (this.#idleTimer !== undefined) cancel(this.#idleTimer);
  }

  /** Unmap a region. Nothing may use its views, or run its code, any more. */
  static unmap({ base, alias, limit }: CodeRegion): void {
    unmap(base, limit);
    unmap(alias, limit);
  }

  /** Offset of `cpuid; ret`, for systems without membarrier. Set by whoever writes the stubs. */
  set serializeStub(offset: number) {
    this.#serializer = offset;
  }

  /**
   * Code was written through the alias where other code may have run: make the processor forget the old one (Intel SDM
   * vol. 3, 9.1.3: cross-modifying code needs a serialising instruction).
   */
  synchronize(): void {
    this.#stale = false;
    if (synchronizeCores() || this.#serializer === 0) return;
    this.#serialize ??= nativeFunction(this.base + this.#serializer);
    this.#serialize();
  }

  #giveBackLater(): void {
    if (this.#idleTimer === undefined) this.#idleTimer = giveBackLater(new WeakRef(this));
    else restart(this.#idleTimer);
  }

  /** Give all pages without code back. */
  giveBack(): void {
    this.#idleTimer = undefined;
    if (this.#disposed) return;
    this.#giveBack(0);
    this.#stubs.eachHole((start, end) => punchHole(this.alias + start, end - start));
  }

  /** Whole pages without code go back to the system; those of the lowest `kept` bytes, which are used first, stay. */
  #giveBack(kept: number): void {
    this.#retained = kept;
    this.#code.eachHole((start, end) => {
      const touched = Math.min(end, this.#touched);
      const stays = Math.max(0, Math.min(kept, touched - start));
      kept -= stays;
      const from = pageCeil(start + stays);
      const to = touched === end ? pageFloor(end) : pageCeil(touched);
      if (to > from) punchHole(this.alias + from, to - from);
    });
  }

  #inUse(): number {
    return this.#code.inUse + this.#data.inUse + this.#fixedNext + this.#stubs.inUse;
  }

  #note(): void {
    const inUse = this.#inUse();
    if (inUse > this.#peak) this.#peak = inUse;
  }

  #exhausted(part: string, size: number, inUse: number, wanted: number): never {
    throw new CodeMemoryError(
      `code memory exhausted: ${inUse} of ${size} bytes for ${part} in use, ${wanted} more wanted; ` +
        `raise limits.codeMemory (now ${this.limit} bytes)`,
    );
  }
}

/** Holds the code memory weakly: a timer must not keep an engine alive. */
function giveBackLater(code: WeakRef<CodeMemory>): NodeJS.Timeout {
  return later(() => code.deref()?.giveBack(), idleMs);
}

function pageFloor(n: number): number {
  return Math.floor(n / pageSize) * pageSize;
}

function pageCeil(n: number): number {
  return Math.ceil(n / pageSize) * pageSize;
}
