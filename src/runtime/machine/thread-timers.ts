/** The two POSIX timers of a thread. Machine code starts and stops them (`interrupt-handler.ts`). */

import { Thread } from '../../backends/abi/layout.js';
import { DataView } from '../../support/primordials.js';
import { Clock, nativeView, timerCreate, timerDelete } from './os.js';
import { TimerKind } from './signals/signal-abi.js';
import { processState, scratchPage } from './signals/trap-handler.js';

const sigevThreadId = 4;
/** Offsets in a page of scratch memory. */
const enum Scratch {
  /** struct sigevent: value@0, signo@8, notify@12, tid@16. */
  event = 512,
  eventSize = 64,
  /** int. */
  id = 640,
  size = 1024,
}

/** Make the timers of the calling thread, whose record this is. @throws OsError */
export function createTimers(record: Int32Array): void {
  const deadline = createTimer(Clock.monotonic, record[Thread.tid >>> 2] as number, TimerKind.deadline);
  record[Thread.deadlineTimer >>> 2] = deadline;
  try {
    const watch = createTimer(Clock.threadTime, record[Thread.tid >>> 2] as number, TimerKind.watch);
    record[Thread.watchTimer >>> 2] = watch;
  } catch (error) {
    timerDelete(deadline);
    throw error;
  }
}

/** Delete the timers of a dead thread. */
export function deleteTimers(record: Int32Array): void {
  if (record[Thread.isReady >>> 2] === 0) return;
  timerDelete(record[Thread.deadlineTimer >>> 2] as number);
  timerDelete(record[Thread.watchTimer >>> 2] as number);
}

function createTimer(clock: Clock, tid: number, kind: TimerKind): number {
  const scratch = scratchPage();
  const view = new DataView(nativeView(scratch, Scratch.size));
  for (let i = 0; i < Scratch.eventSize; i++) view.setUint8(Scratch.event + i, 0);
  view.setInt32(Scratch.event, kind, true);
  view.setInt32(Scratch.event + 8, processState().timerSignal, true);
  view.setInt32(Scratch.event + 12, sigevThreadId, true);
  view.setInt32(Scratch.event + 16, tid, true);
  timerCreate(clock, scratch + Scratch.event, scratch + Scratch.id);
  return view.getInt32(Scratch.id, true);
}
