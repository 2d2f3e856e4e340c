/**
 * Stacks for activations that can be suspended: each has one of its own, so that its frames stay when its host returns. A
 * guard lies below each, pages are committed as they are used.
 *
 * The thread record has four words of the stack that is in use: whoever enters an activation on a stack of its own puts that stack's
 * there, and links the stack to the one that was there before (`StackLink`).
 */

import { ActivationFrame, PausedFrame, Stack, StackLink, Thread } from '../../backends/abi/layout.js';
import { FinalizationRegistry, Float64Array, isolate, List, Set, WeakRef } from '../../support/primordials.js';
import { addressOfBits, bitsAsDouble } from './address-bits.js';
import { nativeView } from './os.js';
import { mostStacks, StackTable, stackMappedBytes } from './stack-table.js';
import type { ThreadRecord } from './thread.js';

/** The most that are kept for the next activations. */
const mostIdle = 64;
/** Offsets from the end of the stack, in 8 bytes: the first activation's frame, and what is viewed. */
const frameFromEnd = (StackLink.size + ActivationFrame.size) / 8;
const viewedWords = 16;

const wasmSpIndex = Thread.wasmSp >>> 3;
const activationIndex = Thread.activation >>> 3;
const lowIndex = Thread.stackLow >>> 3;
const highIndex = Thread.stackHigh >>> 3;
const guardIndex = Thread.guardLow >>> 3;

const pausedPcIndex = viewedWords - frameFromEnd + (ActivationFrame.pausedPc >>> 3);
const pausedAtFromPc = (ActivationFrame.pausedAt - ActivationFrame.pausedPc) >>> 3;
const previousIndex = viewedWords - frameFromEnd + (ActivationFrame.previous >>> 3);

/** One stack, and where its activation waits. */
export class WasmStack {
  static {
    isolate(this);
  }

  /** Its place in the thread's table. */
  readonly index: number;
  readonly low: number;
  readonly high: number;
  /** The last words of the stack: the first activation's frame, the link. */
  readonly #link: Float64Array;
  readonly #top: Float64Array;
  // The words of the thread record while the stack is in use, as doubles of the same bits.
  readonly #topBits: number;
  readonly #lowBits: number;
  readonly #highBits: number;
  readonly #guardBits: number;
  /** The same of its activation, while it waits. */
  #wasmSp = 0;
  #activation = 0;

  constructor(address: number, index: number) {
    this.index = index;
    this.low = address + Stack.guard;
    this.high = address + stackMappedBytes;
    this.#top = new Float64Array(nativeView(this.high - 8 * viewedWords, 8 * viewedWords));
    this.#link = new Float64Array(this.#top.buffer, 8 * viewedWords - StackLink.size, StackLink.size / 8);
    this.#topBits = bitsAsDouble(this.high - StackLink.size);
    this.#lowBits = bitsAsDouble(this.low);
    this.#highBits = bitsAsDouble(this.high);
    this.#guardBits = bitsAsDouble(address);
  }

  /** From now on entries use this stack, which holds no activation. */
  begin(thread: ThreadRecord): void {
    this.#switch(thread.f64);
    thread.f64[wasmSpIndex] = this.#topBits;
  }

  /** Its activation, the innermost one, waits from now on; entries use the stack that was used before. */
  suspend(thread: ThreadRecord): void {
    const { f64 } = thread;
    this.#wasmSp = f64[wasmSpIndex] as number;
    this.#activation = f64[activationIndex] as number;
    f64[activationIndex] = this.#top[previousIndex] as number;
    this.leave(thread);
  }

  /** The activation that waits is the innermost one again. */
  resume(thread: ThreadRecord): void {
    const { f64 } = thread;
    const outer = f64[activationIndex] as number;
    this.#switch(f64);
    f64[wasmSpIndex] = this.#wasmSp;
    f64[activationIndex] = this.#activation;
    this.#top[previousIndex] = outer;
  }

  /** Where the activation waits: address of its `ThunkFrame`. */
  get waitsAt(): number {
    return addressOfBits(this.#wasmSp);
  }

  /** The general registers that its activation was interrupted with, if that is paused and its stack has room for them. */
  interruptedRegisters(): Float64Array | undefined {
    const top = this.#top;
    if (top[pausedPcIndex] === 0) return undefined;
    const at = addressOfBits(top[pausedPcIndex + pausedAtFromPc] as number);
    if (!(at >= this.low && at < this.high)) return undefined;
    return new Float64Array(nativeView(at + PausedFrame.registers, 8 * 16));
  }

  /** Its activation ends where it is; entries use the stack that was used before. */
  drop(thread: ThreadRecord): void {
    thread.f64[activationIndex] = this.#top[previousIndex] as number;
    this.leave(thread);
  }

  /** Its activation has ended: entries use the stack that was used before. */
  leave(thread: ThreadRecord): void {
    const { f64 } = thread;
    const link = this.#link;
    f64[wasmSpIndex] = link[StackLink.wasmSp >>> 3] as number;
    f64[lowIndex] = link[StackLink.stackLow >>> 3] as number;
    f64[highIndex] = link[StackLink.stackHigh >>> 3] as number;
    f64[guardIndex] = link[StackLink.guardLow >>> 3] as number;
  }

  #switch(f64: Float64Array): void {
    const link = this.#link;
    link[StackLink.wasmSp >>> 3] = f64[wasmSpIndex] as number;
    link[StackLink.stackLow >>> 3] = f64[lowIndex] as number;
    link[StackLink.stackHigh >>> 3] = f64[highIndex] as number;
    link[StackLink.guardLow >>> 3] = f64[guardIndex] as number;
    f64[lowIndex] = this.#lowBits;
    f64[highIndex] = this.#highBits;
    f64[guardIndex] = this.#guardBits;
  }
}

/** The time slices of a program. */
export interface TimeSlices {
  /** The watch has interrupted the program. True if its slice is over. */
  tick(): boolean;
  /** Wait for the next turn. @throws what ends the program */
  nextTurn(): Promise<void>;
}

/** Who goes on with a stack's activation. When nobody has it any more, the stack is free. */
export class StackOwner {
  static {
    isolate(this);
  }

  readonly stack: WasmStack;
  readonly self: WeakRef<StackOwner> = new WeakRef<StackOwner>(this);
  /** The list of those whose activations wait that it is in, where it stays for a while; whether its activation does. */
  listedIn: object | undefined = undefined;
  isWaiting = false;
  /** The time slices of its program, if it has some. */
  slicing: TimeSlices | undefined = undefined;
  readonly lease: StackLease;

  constructor(stack: WasmStack) {
    this.stack = stack;
    this.lease = { owner: this.self, stack };
  }
}

/** What finds a stack whose owner is gone. */
interface StackLease {
  readonly owner: WeakRef<StackOwner>;
  readonly stack: WasmStack;
}

/** The stacks of the thread, for all engines of this copy of the package. */
export class WasmStacks {
  static {
    isolate(this);
  }

  readonly #table: StackTable;
  /** Kept with their owners: to make one costs more than a call. */
  readonly #idle: StackOwner[] = new List();
  readonly #leases = new Set<StackLease>();
  readonly #lost = new FinalizationRegistry<StackLease>((lease) => this.#reclaim(lease));
  readonly #thread: ThreadRecord;
  readonly #collect: () => void;

  /** @param collect asks V8 for a collection */
  constructor(thread: ThreadRecord, collect: () => void) {
    this.#thread = thread;
    this.#table = new StackTable(thread);
    this.#collect = collect;
  }

  /** A stack for an activation. @throws RangeError if there are too many, OsError */
  take(): StackOwner {
    return this.#idle.pop() ?? this.#make();
  }

  #make(): StackOwner {
    let made = this.#table.allocate();
    if (made === undefined) {
      this.#collect();
      this.#leases.forEach((lease) => {
        if (lease.owner.deref() === undefined) this.#reclaim(lease);
      });
      made = this.#table.allocate();
    }
    if (made === undefined) {
      throw new RangeError(`more than ${mostStacks} activations of WebAssembly can be suspended at once`);
    }
    const owner = new StackOwner(new WasmStack(made.address, made.index));
    this.#leases.add(owner.lease);
    this.#lost.register(owner, owner.lease, owner);
    return owner;
  }

  /** The owner is done with its stack. */
  giveBack(owner: StackOwner): void {
    owner.isWaiting = false;
    if (this.#idle.length < mostIdle) {
      this.#idle.push(owner);
      return;
    }
    this.#lost.unregister(owner);
    this.#reclaim(owner.lease);
  }

  /**
   * Free a stack. V8 may have ended what ran on it a moment ago, and nobody has entered anything since: then it is still in use as far as
   * the thread record knows, and has to stay until another one is wanted.
   */
  #reclaim(lease: StackLease): void {
    if (this.#leases.has(lease) && !isInUse(this.#thread, lease.stack)) {
      this.#leases.delete(lease);
      this.#table.free(lease.stack.index);
    }
  }
}

/** True if entries use the stack, or go back to it when those activations end that run now. */
function isInUse(thread: ThreadRecord, stack: WasmStack): boolean {
  const first = thread.firstStackHigh;
  let high = thread.pointer(Thread.stackHigh);
  while (high !== first) {
    if (high === stack.high) return true;
    const link = new Float64Array(nativeView(high - StackLink.size, StackLink.size));
    high = addressOfBits(link[StackLink.stackHigh >>> 3] as number);
  }
  return false;
}
