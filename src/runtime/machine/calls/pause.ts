/** A pause of wasm code between two instructions (the watch, see `interrupt-handler.ts`): V8 sees to its requests here. */

import { Thread } from '../../../backends/abi/layout.js';
import { processState } from '../signals/trap-handler.js';
import type { ThreadRecord } from '../thread.js';

const activationIndex = Thread.activation >>> 3;
const wasmSpIndex = Thread.wasmSp >>> 3;

/**
 * Go on with the activation that was paused, when V8 has seen to its requests.
 * @param enter the machine's
 */
export function resumePaused(thread: ThreadRecord, enter: () => void): void {
  const { f64 } = thread;
  const sp = f64[wasmSpIndex] as number;
  const activation = f64[activationIndex] as number;
  attend(2);
  // Whatever JS the inspector has run may have called wasm that V8 has ended.
  f64[wasmSpIndex] = sp;
  f64[activationIndex] = activation;
  thread.setPointer(Thread.enterStub, processState().resumePaused);
  enter();
}

/** V8 looks at its requests where functions begin and loops go on; a recursion is not inlined whole. */
export function attend(depth: number): void {
  if (depth > 0) attend(depth - 1);
}
