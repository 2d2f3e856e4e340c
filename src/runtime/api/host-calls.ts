/**
 * Host calls: wasm returns to the JS function that has entered, which calls the host function, JS to JS, and resumes. One loop
 * per store group, which owns the host functions. Warm ones are written out in the loop's text, so that V8 sees one target per
 * call, and can inline it.
 */

import { Thread, TrapCode } from '../../backends/abi/layout.js';
import { isolate, List, Reflect } from '../../support/primordials.js';
import { resumePaused } from '../machine/calls/pause.js';
import type { EngineState, EngineStoreGroup } from './engine-state.js';
import { generateHostLoop, isGenerable } from './generated-call.js';
import type { HostFunction } from './host-function.js';

const hostIdIndex = Thread.hostId >>> 2;
const trapCodeIndex = Thread.trapCode >>> 2;
const activationIndex = Thread.activation >>> 3;
const wasmSpIndex = Thread.wasmSp >>> 3;
const stackLowIndex = Thread.stackLow >>> 3;
const stackHighIndex = Thread.stackHigh >>> 3;
const guardLowIndex = Thread.guardLow >>> 3;
const stubIndex = Thread.enterStub >>> 3;

/** Most host functions that a loop has written out. */
const mostWarm = 32;

/** Instead of a trap code: the activation waits for a promise, see `EngineState.suspension`; or it is left by an exception. */
export const suspended = -1 as TrapCode;

/** Goes on with the innermost activation, which has left with `code` for the function `id`, to its end; returns the code of that. */
export type HostLoop = (code: TrapCode, id: number) => TrapCode;

export class HostCalls {
  static {
    isolate(this);
  }

  /**
   * Host calls and pauses until the activation ends. What a host function throws leaves it to the caller to end the
   * activation.
   */
  run: HostLoop;
  readonly #engine: EngineState;
  readonly #group: EngineStoreGroup;
  readonly #warm: HostFunction[] = new List();

  constructor(engine: EngineState, group: EngineStoreGroup) {
    this.#engine = engine;
    this.#group = group;
    this.run = this.#makeLoop();
  }

  /** The loop as long as no function is warm. Each function between wasm and the host's costs depth of recursion. */
  #makeLoop(): HostLoop {
    const engine = this.#engine;
    const group = this.#group;
    const run: HostLoop = (code, id) => {
      const { enter, thread } = engine;
      const { i32, u32, f64 } = thread;
      const activation = f64[activationIndex] as number;
      const low = f64[stackLowIndex] as number;
      const high = f64[stackHighIndex] as number;
      const guard = f64[guardLowIndex] as number;
      for (;;) {
        if (code === TrapCode.hostCall) {
          const sp = f64[wasmSpIndex] as number;
          let waits = false;
          const host = id < 0 ? undefined : group.host(id);
          if (host === undefined || host.isSuspending) waits = this.call(id);
          else {
            // From here, not from a method of the function's: that is a frame less for each level of a recursion.
            host.count();
            const { callable, arity } = host;
            let value: unknown;
            if (arity === 0) value = callable();
            else if (arity === 1) value = callable(host.argument(0));
            else if (arity === 2) value = callable(host.argument(0), host.argument(1));
            else if (arity === 3) value = callable(host.argument(0), host.argument(1), host.argument(2));
            else value = Reflect.apply(callable, undefined, host.allArguments());
            host.returned();
            host.writeResult(value);
            this.#called(host);
          }
          // Activations that V8 has ended below are forgotten.
          f64[wasmSpIndex] = sp;
          f64[activationIndex] = activation;
          if (f64[stackHighIndex] !== high) thread.useStack(low, high, guard);
          if (waits) return suspended;
          f64[stubIndex] = engine.resumeBits;
          enter();
        } else if (code === TrapCode.paused) {
          if (engine.yieldsNow(group)) return code;
          resumePaused(thread, enter);
        } else return code;
        code = u32[trapCodeIndex] as TrapCode;
        id = i32[hostIdIndex] as number;
        if (this.run !== run) return this.run(code, id);
      }
    };
    return run;
  }

  /** One call, of a host function or builtin. True if the activation is to wait for its result, or an exception leaves it. */
  call(id: number): boolean {
    const engine = this.#engine;
    // V8 can have ended who was to take it.
    engine.unwinding.leaving = undefined;
    if (id < 0) {
      engine.machine.callBuiltin(id);
      if (this.#group.watch[0] === undefined) engine.resumeActivity(this.#group);
      return engine.unwinding.leaving !== undefined;
    }
    const host = this.#group.host(id);
    if (host.isSuspending) {
      engine.suspend(host);
      return true;
    }
    host.writeResult(host.callWithArguments());
    this.#called(host);
    return false;
  }

  /** JS has run. */
  #called(host: HostFunction): void {
    if (host.isWarm && this.#warm.length < mostWarm && !this.#warm.includes(host)) this.#addWarm(host);
    if (this.#group.watch[0] === undefined) this.#engine.resumeActivity(this.#group);
  }

  #addWarm(host: HostFunction): void {
    if (!isGenerable(host.signature)) return;
    this.#warm.push(host);
    this.run = generateHostLoop(this.#engine, this.#group, this, this.#warm) ?? this.run;
  }
}
