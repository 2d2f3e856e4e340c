/**
 * The thread record: what machine code knows of the JS thread it runs in. One per thread, shared by all engines of the
 * thread (and by all copies of this package), with the wasm stack and the alternate signal stack.
 *
 * Record and signal stack are one mapping: record | guard page | alternate stack | code page (`abandoned.ts`). The alternate
 * stack begins with the record's address and a magic word: the signal handlers find the record that way.
 */

import { CodeRange, Interrupt, Stack, Thread } from '../../backends/abi/layout.js';
import {
  BigInt,
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
  Int32Array,
  isolate,
  Math,
  Uint8Array,
  Uint32Array,
} from '../../support/primordials.js';
import { writeCodePage } from './abandoned.js';
import { nodeThreadId } from './node-thread.js';
import { discard, gettid, mapAnonymous, nativeFunction, nativeView, Prot, protect, sigaltstack, unmap } from './os.js';
import { claimRecord, findRecord, reapDeadThreads, registerThread } from './registry.js';
import type { RegionPlace } from './shared-code-table.js';
import { handlerMagic, noDeadline } from './signals/signal-abi.js';
import { scratchPage } from './signals/trap-handler.js';
import { createTimers } from './thread-timers.js';

const pageSize = 4096;
const altStackBytes = 128 << 10;
const recordBytes = Thread.size;
const initialRanges = 32;
const codePageAt = recordBytes + pageSize + altStackBytes;

/** Offsets of a piece of code. */
interface CodeSpan {
  readonly start: number;
  readonly end: number;
}

/** Bytes of the wasm stack unless an option says otherwise. */
export const defaultStackSize: number = 8 << 20;

export class ThreadRecord {
  static {
    isolate(this);
  }

  readonly address: number;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i64: BigInt64Array;

  #stackWords: Uint32Array | undefined;
  #stackWordsLow = 0;

  private constructor(address: number) {
    this.address = address;
    const buffer = nativeView(address, recordBytes);
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.i64 = new BigInt64Array(buffer);
  }

  static #current: ThreadRecord | undefined;

  /** The record of the calling thread; made when it is first asked for. @throws OsError */
  static current(): ThreadRecord {
    if (ThreadRecord.#current === undefined) {
      reapDeadThreads();
      const record = new ThreadRecord(findRecord() || ThreadRecord.#claim());
      // Another copy of the package can have done it; a `vm` timeout can have ended it in the middle.
      if (record.u32[Thread.isReady >>> 2] === 0) record.#initialize();
      ThreadRecord.#current = record;
    }
    return ThreadRecord.#current;
  }

  /** The address of a record for the calling thread: that of a dead thread, or a new one. */
  static #claim(): number {
    const tid = gettid();
    let address = claimRecord(tid);
    if (address === 0) {
      address = mapAnonymous(codePageAt + pageSize);
      protect(address + recordBytes, pageSize, Prot.none);
      writeCodePage(address, address + codePageAt);
      protect(address + codePageAt, pageSize, Prot.readExec);
      const i32 = new Int32Array(nativeView(address, recordBytes));
      i32[Thread.threadId >>> 2] = nodeThreadId;
      i32[Thread.tid >>> 2] = tid;
      registerThread(address);
    }
    return address;
  }

  #initialize(): void {
    const { address } = this;
    const altStack = address + recordBytes + pageSize;
    const head = new BigUint64Array(nativeView(altStack, 16));
    head[0] = BigInt(address);
    head[1] = BigInt(handlerMagic);
    this.setPointer(Thread.altStack, altStack);
    this.setPointer(Thread.altStackSize, altStackBytes);
    this.u32[Thread.threadId >>> 2] = nodeThreadId;
    this.i64[Thread.deadline >>> 3] = BigInt.asIntN(64, noDeadline);
    this.u32[Thread.interrupt >>> 2] = Interrupt.rest;
    this.#growRanges(initialRanges);
    createTimers(this.i32);
    const scratch = scratchPage();
    const stack = new BigUint64Array(nativeView(scratch, 24));
    stack[0] = BigInt(altStack);
    stack[1] = 0n;
    stack[2] = BigInt(altStackBytes);
    sigaltstack(scratch);
    nativeFunction(address + codePageAt)();
    this.u32[Thread.isReady >>> 2] = 1;
  }

  /** The address at this offset of the record. */
  pointer(offset: number): number {
    return (this.u32[offset >>> 2] as number) + (this.u32[(offset >>> 2) + 1] as number) * 4294967296;
  }

  setPointer(offset: number, value: number): void {
    this.u32[offset >>> 2] = value >>> 0;
    this.u32[(offset >>> 2) + 1] = Math.floor(value / 4294967296);
  }

  /** Where the thread's first wasm stack ends; others are in `wasm-stacks.ts`. */
  get firstStackHigh(): number {
    return this.pointer(Thread.stackMapping) + this.pointer(Thread.stackMappingSize);
  }

  /** The wasm stack that is in use, from `stackLow` up, for stack walks. */
  get stackWords(): Uint32Array {
    const low = this.pointer(Thread.stackLow);
    // Another one is in use, or another copy of the package has replaced it.
    if (
      this.#stackWords === undefined ||
      this.#stackWordsLow !== low ||
      this.#stackWords.length * 4 !== this.stackSize
    ) {
      this.#stackWords = new Uint32Array(nativeView(low, this.stackSize));
      this.#stackWordsLow = low;
    }
    return this.#stackWords;
  }

  /** Usable bytes of the wasm stack that is in use, 0 before the first `ensureStack`. */
  get stackSize(): number {
    return this.pointer(Thread.stackHigh) - this.pointer(Thread.stackLow);
  }

  /**
   * Give the thread a wasm stack of at least `bytes` usable bytes. A stack can only be replaced while no wasm is active
   * in the thread; otherwise it stays as it is. @throws OsError
   */
  ensureStack(bytes: number): void {
    bytes = Math.ceil(bytes / pageSize) * pageSize;
    if (this.stackSize >= bytes) return;
    const old = this.pointer(Thread.stackMapping);
    if (old !== 0) {
      if (this.pointer(Thread.activation) !== 0) return;
      unmap(old, this.pointer(Thread.stackMappingSize));
    }
    const size = bytes + Stack.guard;
    const address = mapAnonymous(size);
    protect(address, Stack.guard, Prot.none);
    this.setPointer(Thread.stackMapping, address);
    this.setPointer(Thread.stackMappingSize, size);
    this.setPointer(Thread.guardLow, address);
    this.setPointer(Thread.stackLow, address + Stack.guard);
    this.setPointer(Thread.stackHigh, address + size);
    this.setPointer(Thread.wasmSp, address + size);
  }

  /** An activation goes on, on the stack with these bounds (addresses, as doubles of the same bits). */
  useStack(low: number, high: number, guardLow: number): void {
    this.f64[Thread.stackLow >>> 3] = low;
    this.f64[Thread.stackHigh >>> 3] = high;
    this.f64[Thread.guardLow >>> 3] = guardLow;
  }

  /** Give the memory of the unused part of the wasm stack back (after a deep recursion). */
  trimStack(): void {
    const low = this.pointer(Thread.stackLow);
    const end = Math.floor((this.pointer(Thread.wasmSp) - pageSize) / pageSize) * pageSize;
    if (end > low) discard(low, end - low);
  }

  #growRanges(capacity: number): void {
    const bytes = Math.ceil((capacity * CodeRange.size) / pageSize) * pageSize;
    const address = mapAnonymous(bytes);
    const old = this.pointer(Thread.ranges);
    const oldBytes = this.u32[Thread.rangeBytes >>> 2] as number;
    if (old !== 0) new Uint8Array(nativeView(address, oldBytes)).set(new Uint8Array(nativeView(old, oldBytes)));
    // One aligned store: a signal sees the old array or the new one.
    this.i64[Thread.ranges >>> 3] = BigInt(address);
    this.u32[Thread.rangeBytes >>> 2] = bytes;
    if (old !== 0) unmap(old, oldBytes);
  }

  #rangeViews(): { count: number; words: BigUint64Array } {
    const count = this.u32[Thread.rangeCount >>> 2] as number;
    const bytes = this.u32[Thread.rangeBytes >>> 2] as number;
    return { count, words: new BigUint64Array(nativeView(this.pointer(Thread.ranges), bytes)) };
  }

  /**
   * Make the signal handlers of this thread know a code region, and the long-running stubs in it.
   * @param region its number in the table of shared code if this thread owns it, or -1
   */
  addRange(code: Omit<RegionPlace, 'loops'>, loops: CodeSpan, region: number): void {
    const per = CodeRange.size / 8;
    let { count, words } = this.#rangeViews();
    if ((count + 1) * per > words.length) {
      this.#growRanges(2 * count);
      ({ count, words } = this.#rangeViews());
    }
    const at = count * per;
    words[at + CodeRange.start / 8] = BigInt(code.base);
    words[at + CodeRange.end / 8] = BigInt(code.base + code.dataStart);
    words[at + CodeRange.functions / 8] = BigInt(code.base + code.codeStart);
    words[at + CodeRange.alias / 8] = BigInt(code.alias);
    words[at + CodeRange.mappedSize / 8] = BigInt(code.limit);
    words[at + CodeRange.loops / 8] = BigInt(code.base + loops.start);
    words[at + CodeRange.loopsEnd / 8] = BigInt(code.base + loops.end);
    words[at + CodeRange.region / 8] = BigInt(region + 1);
    this.u32[Thread.rangeCount >>> 2] = count + 1;
  }

  removeRange(region: { readonly base: number }): void {
    const per = CodeRange.size / 8;
    const { count, words } = this.#rangeViews();
    for (let i = 0; i < count; i++) {
      if (words[i * per] !== BigInt(region.base)) continue;
      words.copyWithin(i * per, (count - 1) * per, count * per);
      this.u32[Thread.rangeCount >>> 2] = count - 1;
      return;
    }
  }
}
