/**
 * Linear memories in mappings of their own, for where V8's cannot be had, or on request: with everything reserved that
 * a 32-bit access can reach, so that it faults; or, for code with bounds checks, with what the memory needs and room to grow,
 * and somewhere else when that is used up.
 */
import { ArrayBuffer, bare, byteLengthOf, isolate, Math, Object, Set, Uint8Array } from '../../support/primordials.js';
import { inNextTurn } from '../../support/timers.js';
import { nativeBuffers } from '../machine/native-buffer.js';
import { commit, reserve, unmap } from '../machine/native-memory.js';
import { collectNow } from './collect.js';
import { guardedBytes, pageBytes } from './memory-limits.js';
import { MemoryStorage } from './memory-storage.js';
import type { NativeBlock, NativeHeap } from './native-heap.js';
import { releaseWith } from './store-group.js';

/** Without guards at least this is reserved, if the memory may become so large. */
const leastRoom = 16 * pageBytes;

/** Some 16,000 guarded areas fit in a process, and V8 does not count them: after this many new ones it is asked to collect. */
const areasPerCollection = 2000;
let areasUntilCollection = areasPerCollection;

/** Areas that no memory uses any more, and a buffer may. */
const retired = new Set<Area>();

/** Unmap what no buffer refers to any more. */
function sweep(): void {
  for (const area of retired) if (area.buffers === 0) area.unmap();
}

/**
 * A mapping. It outlives every buffer over it, whoever has it: buffers are counted down when V8 frees their memory, and that is
 * when an area may go.
 */
class Area {
  static {
    isolate(this);
  }

  readonly base: number;
  readonly bytes: number;
  readonly #heap: NativeHeap;
  readonly #counter: NativeBlock;

  /** @throws RangeError if there is no address space. */
  constructor(heap: NativeHeap, bytes: number) {
    sweep();
    if (--areasUntilCollection <= 0) {
      areasUntilCollection = areasPerCollection;
      collectNow();
    }
    this.bytes = bytes;
    this.#heap = heap;
    this.#counter = heap.allocate(4);
    try {
      this.base = reserve(bytes);
    } catch (error) {
      heap.free(this.#counter);
      throw error;
    }
  }

  /** How many buffers may refer to the area. */
  get buffers(): number {
    return this.#counter.getU32(0);
  }

  /** A buffer over the first bytes. */
  buffer(bytes: number): ArrayBuffer {
    if (bytes === 0) return new ArrayBuffer(0);
    const counter = this.#counter;
    counter.setU32(0, this.buffers + 1);
    const buffer = nativeBuffers().makeBuffer(this.base, bytes, counter.address);
    // Finalizers of native memory run a turn later.
    releaseWith(buffer, sweepSoon);
    return buffer;
  }

  /** No memory uses it any more. */
  retire(): void {
    retired.add(this);
    sweepSoon();
  }

  unmap(): void {
    retired.delete(this);
    unmap(this.base, this.bytes);
    this.#heap.free(this.#counter);
  }
}

function sweepSoon(): void {
  sweep();
  if (retired.size > 0) inNextTurn(() => inNextTurn(sweep));
}

/** Who asks a buffer politely gets V8's answer for buffers of its memories. (Others get the bytes, which stay where they are.) */
const refused = bare({
  value: () => {
    throw new TypeError('Cannot perform ArrayBuffer.prototype.transfer on a WebAssembly.Memory buffer');
  },
});

/** The area of a storage, for whoever cleans up after it. */
interface Place {
  area: Area;
}

/** What is committed for so many bytes. */
function wholePages(bytes: number): number {
  return Math.ceil(bytes / pageBytes) * pageBytes;
}

export class MappedStorage extends MemoryStorage {
  readonly isGuarded: boolean;
  readonly isShared = false;
  readonly #heap: NativeHeap;
  readonly #place: Place;
  /** In bytes. */
  readonly #limit: number;
  /** Bytes of one of its pages. */
  readonly #unit: number;
  #buffer: ArrayBuffer | undefined;

  /**
   * @param bytes so many at first
   * @param limit the most bytes that it may grow to
   * @param unit bytes of one of its pages
   * @throws RangeError if address space or memory cannot be had; Error if no buffers over native memory can be made
   */
  constructor(heap: NativeHeap, bytes: number, limit: number, isGuarded: boolean, unit: number) {
    super(heap);
    nativeBuffers();
    this.isGuarded = isGuarded;
    this.#heap = heap;
    this.#limit = limit;
    this.#unit = unit;
    const area = new Area(heap, isGuarded ? guardedBytes : this.#room(bytes));
    const place = { area };
    this.#place = place;
    releaseWith(this, () => place.area.retire());
    if (!commit(area.base, wholePages(bytes))) throw new RangeError('could not allocate memory');
    this.place(area.base, bytes);
  }

  get buffer(): ArrayBuffer {
    const { byteLength } = this;
    const known = this.#buffer;
    // It can have been transferred to another buffer, which shows the same bytes.
    if (known !== undefined && byteLengthOf(known) === byteLength) return known;
    const buffer = this.#place.area.buffer(byteLength);
    Object.defineProperties(buffer, bare({ transfer: refused, transferToFixedLength: refused }));
    this.#buffer = buffer;
    return buffer;
  }

  grow(delta: number): number {
    const { base, byteLength } = this;
    const grown = byteLength + delta * this.#unit;
    if (grown <= this.#place.area.bytes) {
      const done = wholePages(byteLength);
      if (!commit(base + done, wholePages(grown) - done)) return -1;
      this.place(base, grown);
    } else if (!this.#move(grown)) return -1;
    if (this.#buffer !== undefined) nativeBuffers().detachBuffer(this.#buffer);
    this.#buffer = undefined;
    return byteLength / this.#unit;
  }

  /** Nobody else can grow it. */
  refresh(): void {}

  /** What to reserve without guards: room for half as much again, so that growing step by step copies a constant number of times. */
  #room(bytes: number): number {
    const half = Math.floor(bytes / pageBytes / 2) * pageBytes;
    return wholePages(Math.max(bytes, pageBytes, Math.min(this.#limit, Math.max(leastRoom, bytes + half))));
  }

  /** Go on in a larger area. */
  #move(bytes: number): boolean {
    const { area } = this.#place;
    let larger: Area;
    try {
      larger = new Area(this.#heap, this.#room(bytes));
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    if (!commit(larger.base, wholePages(bytes))) {
      larger.unmap();
      return false;
    }
    const { byteLength } = this;
    if (byteLength > 0) new Uint8Array(larger.buffer(byteLength)).set(new Uint8Array(this.buffer));
    this.#place.area = larger;
    this.place(larger.base, bytes);
    area.retire();
    return true;
  }
}
