/**
 * The work that has a deadline: machine code calls it, so that the deadline ends whichever way the work ends. One function per thread
 * and copy of the package; machine code has its address from `NativeCalls.call`.
 */

import { Thread } from '../../../backends/abi/layout.js';
import { BigInt, Math } from '../../../support/primordials.js';
import { processState } from '../signals/trap-handler.js';
import { ThreadRecord } from '../thread.js';

let work: (() => void) | undefined;

/** Called by machine code: see above. */
export function serve(): void {
  const run = work;
  work = undefined;
  run?.();
}

/** Nothing is counted as longer than this: some ten thousand years would be too much for the kernel. */
const longestMs = 1e12;

/**
 * Run a function within a deadline: wasm code that runs after it is interrupted, and none is entered until the function
 * ends. Within others, the earliest counts.
 * @param call address of the C function that calls `serve`
 * @param enter goes to the address at `Thread.enterStub`
 */
export function runScope<T>(call: number, enter: () => void, milliseconds: number, run: () => T): T {
  const thread = ThreadRecord.current();
  let outcome: 'value' | 'error' | undefined;
  let value: T | undefined;
  let error: unknown;
  thread.i64[Thread.scopeTime >>> 3] = BigInt(Math.ceil(Math.min(milliseconds, longestMs) * 1e6));
  thread.setPointer(Thread.scopeRun, call);
  thread.setPointer(Thread.enterStub, processState().scope);
  work = () => {
    try {
      value = run();
      outcome = 'value';
    } catch (thrown) {
      error = thrown;
      outcome = 'error';
    }
  };
  enter();
  // V8 had no stack left for the call.
  if (outcome === undefined) throw new RangeError('Maximum call stack size exceeded');
  if (outcome === 'error') throw error;
  return value as T;
}
