/**
 * The JS side of host calls: one koffi callback per thread and copy of the package, on top level, because koffi
 * callbacks must not be registered below another native call.
 */
import { Thread } from './layout.js';
import { registerCallback } from './os.js';
import { ThreadRecord } from './thread.js';

/** What a machine does with a call from wasm. Host functions have ids from 0 on, builtins below 0. */
export interface HostCallTarget {
  hostCall(hostId: number): void;
}

let thread: ThreadRecord | undefined;
const targets: (HostCallTarget | undefined)[] = [];

const hostIdIndex = Thread.hostId >>> 2;
const machineIdIndex = Thread.machineId >>> 2;
const pendingIndex = Thread.pending >>> 2;

function dispatch(): void {
  const t = thread as ThreadRecord;
  (targets[t.u32[machineIdIndex] as number] as HostCallTarget).hostCall(t.i32[hostIdIndex] as number);
  // Must stay the last statement: a thunk that finds the mark still set knows that an exception is on its way.
  t.u32[pendingIndex] = 0;
}

/** Address of the callback. */
export const dispatcherAddress: number = registerCallback(dispatch);

/** The number under which host thunks name a machine. */
export function addTarget(target: HostCallTarget): number {
  thread ??= ThreadRecord.current();
  let id = targets.indexOf(undefined);
  if (id < 0) id = targets.length;
  targets[id] = target;
  return id;
}

export function removeTarget(id: number): void {
  targets[id] = undefined;
}
