/**
 * JavaScript Promise Integration: functions of wasm that give promises, and host functions whose promises wasm waits for
 * (https://webassembly.github.io/js-promise-integration/js-api/). A call of the first kind runs on a wasm stack of its own. When it calls
 * the second, its host function is called as ever, but instead of resuming the JS function that has entered waits, with `await`:
 * the frames stay where they are. V8 keeps async stack traces and AsyncLocalStorage, and finds out when nobody can go on.
 */

import { ActivationFrame, Interrupt, StackLink, Thread, TrapCode } from '../../backends/abi/layout.js';
import { Atomics, bare, isolate, List, Math, Object, String, type WeakRef } from '../../support/primordials.js';
import { SuspendError } from '../errors/errors.js';
import { addressOfBits, bitsAsDouble } from '../machine/address-bits.js';
import { processState } from '../machine/signals/trap-handler.js';
import type { ThreadRecord } from '../machine/thread.js';
import { type StackOwner, type WasmStack, WasmStacks } from '../machine/wasm-stacks.js';
import { isForWasmOnly } from '../signature.js';
import { collectNow } from '../store/collect.js';
import { brand, type Constructor, finishClass, platformObject } from '../webidl/shape.js';
import type { EngineState, EngineStoreGroup } from './engine-state.js';
import {
  type Callable,
  convertAndWrite,
  exportedIndex,
  readResults,
  refuseVector,
  type WasmFunction,
  wasmFunctionOf,
} from './exported-function.js';
import { suspended } from './host-calls.js';
import type { HostFunction } from './host-function.js';
import { MemoryPlaces, type SliceOptions, Slicing } from './time-slices.js';

/** What stands behind a `Suspending` object. */
export class SuspendingFunction {
  static {
    isolate(this);
  }

  readonly callable: Callable;

  constructor(callable: Callable) {
    this.callable = callable;
  }
}

const suspendings = brand<SuspendingFunction>();
const promisings = brand<WasmFunction>();

/** What stands behind a value if it is a `Suspending` object. */
export function suspendingOf(value: unknown): SuspendingFunction | undefined {
  return suspendings.get(value);
}

/** A host function has been called, and its activation waits for what the result promises. */
export interface Suspension {
  readonly host: HostFunction;
  readonly value: unknown;
}

const enterIndex = Thread.enterRecord >>> 3;
const hostIdIndex = Thread.hostId >>> 2;
const trapCodeIndex = Thread.trapCode >>> 2;
const interruptIndex = Thread.interrupt >>> 2;

/**
 * Check that the innermost activation is one that can wait.
 * @throws SuspendError
 */
export function checkSuspendable(thread: ThreadRecord): void {
  const high = thread.pointer(Thread.stackHigh);
  if (high === thread.firstStackHigh) throw new SuspendError('trying to suspend without WebAssembly.promising');
  // The first one on its stack: JS called the others, and JS cannot wait.
  if (thread.pointer(Thread.activation) !== high - StackLink.size - ActivationFrame.size) {
    throw new SuspendError('trying to suspend JS frames');
  }
}

let stacks: WasmStacks | undefined;
/** Whose stack the program with time slices has that runs now. Weak: V8 may end it without a word. */
let sliced: WeakRef<StackOwner> | undefined;

/**
 * The watch has interrupted wasm code of the group. True if that waits for its next turn now. Not while JS has called wasm on the program's
 * stack: that call has to end first. And not with the address of a table's element at hand: what the code knows of the element must
 * hold until it is done with it.
 */
export function yieldsNow(thread: ThreadRecord, group: EngineStoreGroup): boolean {
  const owner = sliced?.deref();
  if (owner?.slicing === undefined) return false;
  const { stack, slicing } = owner;
  if (thread.pointer(Thread.stackHigh) !== stack.high) return false;
  if (thread.pointer(Thread.activation) !== stack.high - StackLink.size - ActivationFrame.size) return false;
  if (!slicing.tick()) return false;
  // What was interrupted lies on the stack, and stays there.
  const registers = stack.interruptedRegisters();
  if (registers === undefined) return false;
  for (let i = 0; i < registers.length; i++) {
    if (group.isInTable(addressOfBits(registers[i] as number))) return false;
  }
  return true;
}

/** What was thrown: any value, undefined too. */
interface Failure {
  readonly error: unknown;
}

/** Conversions run JS, and can fail. */
function writeResult(host: HostFunction, result: unknown): Failure | undefined {
  try {
    host.writeResult(result);
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** One call of a function that gives a promise. Its `runWasm` holds the stack's owner, wherever it waits. */
export class PromisingCall {
  static {
    isolate(this);
  }

  readonly target: WasmFunction;
  readonly #owner: StackOwner;
  /** The stack is in use: entries go there. */
  #isIn = false;
  #previous: ReturnType<EngineState['beginActivity']>;
  #outerSliced: WeakRef<StackOwner> | undefined;

  /**
   * @param slicing its time slices, if it has some
   * @throws RangeError, OsError
   */
  constructor(target: WasmFunction, slicing: Slicing | undefined) {
    this.target = target;
    stacks ??= new WasmStacks(target.engine.thread, collectNow);
    this.#owner = stacks.take();
    this.#owner.slicing = slicing;
  }

  /** Run the function with the arguments that are in the thread's buffer, to its end. */
  async runWasm(): Promise<unknown> {
    const { target } = this;
    const { stack } = this.#owner;
    const { engine } = target;
    const { f64 } = engine.thread;
    let code: TrapCode;
    /** What wasm gets instead of a result. */
    let failure: Failure | undefined;
    try {
      const stub = engine.machine.entryStub(target.signature);
      this.#begin();
      stack.begin(engine.thread);
      f64[enterIndex] = bitsAsDouble(target.record);
      f64[enterIndex + 1] = bitsAsDouble(stub);
      for (;;) {
        code = this.#run(failure);
        failure = undefined;
        if (code === TrapCode.paused) {
          await this.#waitForTurn();
          f64[enterIndex + 1] = bitsAsDouble(processState().resumePaused);
          continue;
        }
        if (code !== suspended || engine.unwinding.leaving !== undefined) break;
        const { host, value } = engine.takeSuspension();
        this.#wait();
        let result: unknown;
        try {
          result = await value;
        } catch (error) {
          failure = { error };
        }
        engine.checkUsable();
        failure ??= writeResult(host, result);
        this.#begin();
        stack.resume(engine.thread);
        this.#owner.isWaiting = false;
        f64[enterIndex + 1] = engine.resumeBits;
      }
    } catch (error) {
      if (this.#isIn) engine.leaveHost(error, this.runWasm);
      this.#end(true);
      throw error;
    }
    if (code === TrapCode.none) {
      this.#end(false);
      return readResults(target);
    }
    try {
      throw engine.takeTrapError(this.runWasm);
    } finally {
      this.#end(code === suspended);
    }
  }

  /** Enter, or go on by throwing, up to where the activation ends or waits. */
  #run(failure: Failure | undefined): TrapCode {
    const { engine, group } = this.target;
    const { u32, i32 } = engine.thread;
    let problem = failure;
    if (problem === undefined) {
      engine.enter();
      const code = u32[trapCodeIndex] as TrapCode;
      if (code === TrapCode.none) return code;
      try {
        return engine.hostCallsOf(group).run(code, i32[hostIdIndex] as number);
      } catch (error) {
        problem = { error };
      }
    }
    const activation = this.#owner.stack.high - StackLink.size - ActivationFrame.size;
    return engine.unwinding.goOn(problem.error, group, activation, this.runWasm);
  }

  /** The activation is paused, and waits for its next slice. @throws the signal's reason, RuntimeError */
  async #waitForTurn(): Promise<void> {
    const { engine, group } = this.target;
    const places = new MemoryPlaces(group);
    this.#wait();
    await this.#owner.slicing?.nextTurn();
    engine.checkUsable();
    this.#begin();
    this.#owner.stack.resume(engine.thread);
    this.#owner.isWaiting = false;
    places.check();
  }

  /** It does not run. */
  abandon(): void {
    this.#end(false);
  }

  #begin(): void {
    this.#previous = this.target.engine.beginActivity(this.target.group);
    this.#isIn = true;
    this.#outerSliced = sliced;
    sliced = undefined;
    if (this.#owner.slicing === undefined) return;
    sliced = this.#owner.self;
    // Whoever enters with this mark wakes the watch, which begins its period: so slices are of one length.
    Atomics.or(this.target.engine.thread.u32, interruptIndex, Interrupt.rest);
  }

  /** The activation waits; whoever has called goes on. */
  #wait(): void {
    const { engine } = this.target;
    this.#owner.stack.suspend(engine.thread);
    this.#owner.isWaiting = true;
    this.#isIn = false;
    engine.waiting.add(this.#owner);
    sliced = this.#outerSliced;
    engine.endActivity(this.#previous);
  }

  /** The activation has ended, or (`isLeft`) ends where it is. */
  #end(isLeft: boolean): void {
    const { engine } = this.target;
    if (this.#isIn) {
      if (isLeft) this.#owner.stack.drop(engine.thread);
      else this.#owner.stack.leave(engine.thread);
      sliced = this.#outerSliced;
      engine.endActivity(this.#previous);
    }
    this.#isIn = false;
    stacks?.giveBack(this.#owner);
  }
}

/**
 * The calls of an engine that wait. Held weakly: a promise that nobody can resolve any more does not keep its activation.
 */
export class WaitingCalls {
  static {
    isolate(this);
  }

  #owners: WeakRef<StackOwner>[] = new List();
  /** So many are looked through before the next is added. */
  #limit = 64;

  add(owner: StackOwner): void {
    if (owner.listedIn === this) return;
    owner.listedIn = this;
    if (this.#owners.length >= this.#limit) {
      this.#sweep();
      this.#limit = Math.max(64, 2 * this.#owners.length);
    }
    this.#owners.push(owner.self);
  }

  #sweep(): void {
    const kept: WeakRef<StackOwner>[] = new List();
    for (let i = 0; i < this.#owners.length; i++) {
      const owner = (this.#owners[i] as WeakRef<StackOwner>).deref();
      if (owner?.listedIn !== this) continue;
      if (owner.isWaiting) kept.push(owner.self);
      else owner.listedIn = undefined;
    }
    this.#owners = kept;
  }

  /** The stacks of those that wait now. */
  stacks(): WasmStack[] {
    this.#sweep();
    const list: WasmStack[] = new List();
    for (let i = 0; i < this.#owners.length; i++) {
      const owner = (this.#owners[i] as WeakRef<StackOwner>).deref();
      if (owner !== undefined) list.push(owner.stack);
    }
    return list;
  }
}

export interface PromiseIntegration {
  promising(exported: unknown): (...args: unknown[]) => Promise<unknown>;
  readonly Suspending: new (callable: Callable) => object;
}

/** `promising` and `Suspending` of an engine's namespace. */
export function definePromiseIntegration(engine: EngineState): PromiseIntegration {
  class Suspending {
    constructor(callable: unknown) {
      const what = 'WebAssembly.Suspending(): Argument 0';
      if (typeof callable !== 'function') throw new TypeError(`${what} must be a function`);
      if (exportedIndex(callable) !== undefined || promisings.get(callable) !== undefined) {
        throw new TypeError(`${what} must not be a WebAssembly function`);
      }
      const object = platformObject(new.target as Constructor, Suspending as Constructor);
      suspendings.stamp(object, new SuspendingFunction(callable as Callable));
      // biome-ignore lint/correctness/noConstructorReturn: a platform object has its state in a brand.
      return object;
    }
  }
  finishClass(Suspending, 'WebAssembly.Suspending', 1);

  return {
    Suspending: Suspending as unknown as PromiseIntegration['Suspending'],
    promising(exported: unknown): (...args: unknown[]) => Promise<unknown> {
      const what = 'WebAssembly.promising(): Argument 0';
      if (typeof exported !== 'function') throw new TypeError(`${what} must be a function`);
      const target = wasmFunctionOf(engine, exported) ?? promisings.get(exported);
      if (target === undefined) throw new TypeError(`${what} must be a WebAssembly exported function`);
      return promisingFunction(target, undefined) as (...args: unknown[]) => Promise<unknown>;
    },
  };
}

/** A function that calls another one on a stack of its own, and gives a promise of the result. */
function promisingFunction(target: WasmFunction, options: SliceOptions | undefined): Callable {
  const callable = (...args: unknown[]): Promise<unknown> => {
    if (isForWasmOnly(target.signature)) refuseVector();
    target.group.safepoint();
    const call = new PromisingCall(target, options === undefined ? undefined : new Slicing(options));
    try {
      convertAndWrite(target, args);
    } catch (error) {
      call.abandon();
      throw error;
    }
    return call.runWasm();
  };
  Object.defineProperty(callable, 'name', bare({ value: String(target.index), configurable: true }));
  const { length } = target.signature.params;
  Object.defineProperty(callable, 'length', bare({ value: length, configurable: true }));
  promisings.stamp(callable, target);
  return callable;
}

/** See `Engine.sliced`. @throws TypeError */
export function slicedFunction(
  engine: EngineState,
  exported: unknown,
  options: SliceOptions,
): (...args: unknown[]) => Promise<unknown> {
  const target = wasmFunctionOf(engine, exported) ?? promisings.get(exported);
  if (target === undefined || target.engine !== engine) {
    throw new TypeError('Engine.sliced(): the function must be one that WebAssembly of this engine exports');
  }
  // Wrong options are found now.
  new Slicing(options);
  return promisingFunction(target, options) as (...args: unknown[]) => Promise<unknown>;
}
