/**
 * Stacks for activations that can be suspended: each has one of its own, so that its frames stay when its host returns. A
 * guard lies below each, pages are committed as they are used.
 *
 * The thread's first stack and these have the same four words in the thread record (`stackFields`): whoever enters an activation
 * on a stack of its own puts that stack's there, and links the stack to the one that was there before (`StackLink`).
 */

import { ActivationFrame, Stack, StackLink, Thread } from '../../backends/abi/layout.js';
import {
  BigInt,
  BigUint64Array,
  FinalizationRegistry,
  Float64Array,
  isolate,
  List,
  Number,
  Set,
  WeakRef,
} from '../../support/primordials.js';
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
  // The words of the thread record while the stack is in use: addresses, as doubles of the same bits.
  readonly #bits: Float64Array;
  /** The same of its activation, while it waits. */
  #wasmSp = 0;
  #activation = 0;

  constructor(address: number, index: number) {
    this.index = index;
    this.low = address + Stack.guard;
    this.high = address + stackMappedBytes;
    this.#top = new Float64Array(nativeView(this.high - 8 * viewedWords, 8 * viewedWords));
    this.#link = new Float64Array(this.#top.buffer, 8 * viewedWords - StackLink.size, StackLink.size / 8);
    const words = new BigUint64Array(4);
    words[0] = BigInt(this.high - StackLink.size);
    words[1] = BigInt(this.low);
    words[2] = BigInt(this.high);
    words[3] = BigInt(address);
    this.#bits = new Float64Array(words.buffer);
  }

  /** From now on entries use this stack, which holds no activation. */
  begin(thread: ThreadRecord): void {
    this.#switch(thread.f64);
    thread.f64[wasmSpIndex] = this.#bits[0] as number;
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
    const bits = new BigUint64Array(1);
    new Float64Array(bits.buffer)[0] = this.#wasmSp;
    return Number(bits[0]);
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
    const bits = this.#bits;
    link[StackLink.wasmSp >>> 3] = f64[wasmSpIndex] as number;
    link[StackLink.stackLow >>> 3] = f64[lowIndex] as number;
    link[StackLink.stackHigh >>> 3] = f64[highIndex] as number;
    link[StackLink.guardLow >>> 3] = f64[guardIndex] as number;
    f64[lowIndex] = bits[1] as number;
    f64[highIndex] = bits[2] as number;
    f64[guardIndex] = bits[3] as number;
  }
}

/** Who goes on with a stack's activation. When nobody has it any more, the stack is free. */
export class StackOwner {
  static {
    isolate(this);
  }

  readonly stack: WasmStack;
  readonly self: WeakRef<StackOwner>;
  /** The list of those whose activations wait that it is in, where it stays for a while; whether its activation does. */
  listedIn: object | undefined = undefined;
  isWaiting = false;
  lease!: StackLease;

  constructor(stack: WasmStack) {
    this.stack = stack;
    this.self = new WeakRef(this);
  }
}

/** What finds a stack whose owner is gone. */
export interface StackLease {
  readonly owner: WeakRef<StackOwner>;
  readonly index: number;
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

  readonly #collect: () => void;

  /** @param collect asks V8 for a collection */
  constructor(thread: ThreadRecord, collect: () => void) {
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
    const lease: StackLease = { owner: owner.self, index: made.index };
    owner.lease = lease;
    this.#leases.add(lease);
    this.#lost.register(owner, lease, owner);
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

  #reclaim(lease: StackLease): void {
    if (this.#leases.delete(lease)) this.#table.free(lease.index);
  }
}
