/** The JS side of host calls: one function per thread and copy of the package, which machine code calls. */

import { Thread } from '../../../backends/abi/layout.js';
import { List, WeakRef } from '../../../support/primordials.js';
import { ThreadRecord } from '../thread.js';

/** What a machine does with a call from wasm. Host functions have ids from 0 on, builtins below 0. */
export interface HostCallTarget {
  hostCall(hostId: number): void;
}

let thread: ThreadRecord | undefined;
/** Weak: an engine that nobody uses any more is freed. */
const targets: (WeakRef<HostCallTarget> | undefined)[] = new List();
/** The target of the last call: `deref` takes about 20 ns. */
let lastId = -1;
let lastTarget: HostCallTarget | undefined;

const hostIdIndex = Thread.hostId >>> 2;
const machineIdIndex = Thread.machineId >>> 2;
const pendingIndex = Thread.pending >>> 2;

export function dispatch(): void {
  const t = thread as ThreadRecord;
  const id = t.u32[machineIdIndex] as number;
  if (id !== lastId) switchTarget(id);
  (lastTarget as HostCallTarget).hostCall(t.i32[hostIdIndex] as number);
  // Must stay the last statement: a thunk that finds the mark still set knows that an exception is on its way.
  t.u32[pendingIndex] = 0;
}

function switchTarget(id: number): void {
  lastTarget = targets[id]?.deref();
  lastId = id;
}

/** The number under which host thunks name a machine. The dispatcher holds it weakly. */
export function addTarget(target: HostCallTarget): number {
  thread ??= ThreadRecord.current();
  let id = targets.indexOf(undefined);
  if (id < 0) id = targets.length;
  targets[id] = new WeakRef(target);
  return id;
}

export function removeTarget(id: number): void {
  targets[id] = undefined;
  if (id !== lastId) return;
  lastId = -1;
  lastTarget = undefined;
}
