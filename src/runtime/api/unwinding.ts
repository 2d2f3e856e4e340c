/**
 * Exceptions in wasm: what code throws, and what host functions throw, goes on at the handler that is found by the return addresses of the
 * innermost activation's frames. JS never throws through wasm frames: an activation without a handler is left, and its caller throws.
 */

import { ActivationFrame, Context, Frame, Thread, ThunkFrame, type TrapCode } from '../../backends/abi/layout.js';
import { isolate } from '../../support/primordials.js';
import { isCatchable, makeUncatchable } from '../errors/catchable.js';
import { StackView } from '../machine/stack-walk.js';
import type { EngineState, EngineStoreGroup } from './engine-state.js';
import { captureThrown, placeThrown, type Thrown, thrownBy } from './exception.js';

const stubIndex = Thread.enterStub >>> 3;
const trapCodeIndex = Thread.trapCode >>> 2;
const hostIdIndex = Thread.hostId >>> 2;

export class Unwinding {
  static {
    isolate(this);
  }

  readonly #engine: EngineState;
  /** The stack in use, as it was looked at last. */
  #stack: StackView | undefined;
  /** What leaves the activation: nobody in it catches what its code has thrown. Taken by who entered it. */
  leaving: { readonly value: unknown } | undefined;

  constructor(engine: EngineState) {
    this.#engine = engine;
  }

  /**
   * A host function that the activation has called has thrown: go on at the handler in wasm, as the loop of host calls does, to the
   * activation's end.
   * @param activation address of its frame
   * @param below hide this function and what it called from the JS part of the error's stack
   * @throws what was thrown, or is then, if nobody catches it
   */
  goOn(error: unknown, group: EngineStoreGroup, activation: number, below: (...args: never[]) => unknown): TrapCode {
    const engine = this.#engine;
    const { f64, u32, i32 } = engine.thread;
    for (let thrown = error; ; ) {
      if (!this.#lands(thrown, group, activation)) {
        engine.leaveHost(thrown, below);
        throw thrown;
      }
      f64[stubIndex] = engine.resumeBits;
      engine.enter();
      try {
        return engine.hostCallsOf(group).run(u32[trapCodeIndex] as TrapCode, i32[hostIdIndex] as number);
      } catch (next) {
        thrown = next;
      }
    }
  }

  #lands(error: unknown, group: EngineStoreGroup, activation: number): boolean {
    const engine = this.#engine;
    const { thread } = engine;
    if (engine.disposed || !isCatchable(error)) return false;
    // V8 can have ended activations below.
    if (thread.pointer(Thread.activation) !== activation) engine.machine.settle();
    if (thread.pointer(Thread.activation) !== activation) return false;
    if (group.watch[0] === undefined || engine.activeGroup !== group) engine.resumeActivity(group);
    return this.#land(thrownBy(engine, error), group);
  }

  #stackInUse(): StackView {
    const { thread } = this.#engine;
    const low = thread.pointer(Thread.stackLow);
    const known = this.#stack;
    if (known !== undefined && known.low === low && known.high === thread.pointer(Thread.stackHigh)) return known;
    this.#stack = StackView.current(thread);
    return this.#stack;
  }

  /** The builtin behind `throw`: the code that has called it throws. */
  throwTag(group: EngineStoreGroup, tagIndex: number, disp: number): void {
    const engine = this.#engine;
    const { thread } = engine;
    const stack = this.#stackInUse();
    const fp = stack.word(thread.pointer(Thread.wasmSp) + ThunkFrame.fp);
    const { tags, group: own } = this.#instanceOf(group, thread.pointer(Thread.hostContext));
    const tag = tags[tagIndex] as NonNullable<(typeof tags)[number]>;
    const lowest = (fp + disp - 4 * tag.words - stack.low) >>> 2;
    const thrown = captureThrown(tag, own, stack, lowest);
    this.#throw(tag === engine.jsTag ? thrownBy(engine, thrown.value) : thrown, group);
  }

  /** The builtin behind `throw_ref` and `rethrow`. */
  throwRef(group: EngineStoreGroup, id: number): void {
    const { group: own } = this.#instanceOf(group, this.#engine.thread.pointer(Thread.hostContext));
    this.#throw(own.references.value(id) as Thrown, group);
  }

  #throw(thrown: Thrown, group: EngineStoreGroup): void {
    if (!this.#land(thrown, group)) this.leaving = { value: thrown.value };
  }

  #instanceOf(group: EngineStoreGroup, context: number) {
    return group.instance(this.#engine.heap.readU32(context + Context.instanceId));
  }

  /** If the innermost activation has a handler for what its host call throws, it goes on there when it is resumed. */
  #land(thrown: Thrown, group: EngineStoreGroup): boolean {
    const engine = this.#engine;
    const { thread, codes, machine } = engine;
    const stack = this.#stackInUse();
    if (stack.word(thread.pointer(Thread.activation) + ActivationFrame.pausedPc) !== 0) return false;
    const sp = thread.pointer(Thread.wasmSp);
    let pc = stack.word(sp + ThunkFrame.pc);
    let fp = stack.word(sp + ThunkFrame.fp);
    let handler = codes.handlerAt(pc);
    while (handler === 0) {
      // The entry stub calls with rbp = 0.
      pc = stack.word(fp + Frame.returnAddress);
      fp = stack.word(fp);
      if (fp === 0) return false;
      handler = codes.handlerAt(pc);
    }
    const { group: catching } = this.#instanceOf(group, stack.word(fp + Frame.savedContext));
    catching.safepoint();
    // Below the frames that end: the code that goes on takes the values from there before it needs the stack.
    const landing = sp - 4 * thrown.tag.words;
    if (landing < stack.low) throw makeUncatchable(new RangeError('Maximum call stack size exceeded'));
    placeThrown(thrown, catching, stack, (landing - stack.low) >>> 2);
    thread.setPointer(Thread.landingSp, landing);
    thread.setPointer(Thread.landingFp, fp);
    thread.setPointer(Thread.landingPc, handler);
    thread.u32[Thread.landingException >>> 2] = catching.references.add(thrown);
    thread.u32[Thread.landingTag >>> 2] = thrown.tag.id;
    const resume = (sp + ThunkFrame.resume - stack.low) >>> 2;
    const stub = machine.landingStub;
    stack.words[resume] = stub >>> 0;
    stack.words[resume + 1] = (stub - (stub >>> 0)) / 4294967296;
    return true;
  }
}
