/** POSIX timers that send the interrupt signal to one thread. */
import { nativeView, timerCreate, timerDelete, timerSettime } from './os.js';
import { processState, scratchPage } from './trap-handler.js';

const sigevThreadId = 4;
/** Offsets in a page of scratch memory. */
const enum Scratch {
  /** struct sigevent: value@0, signo@8, notify@12, tid@16. */
  event = 512,
  eventSize = 64,
  /** int. */
  id = 640,
  /** struct itimerspec: interval, value, each seconds and nanoseconds. */
  spec = 704,
  size = 1024,
}

export interface ThreadTimer {
  /** First expiry and period, in milliseconds (above 0). */
  start(first: number, period: number): void;
  /** No signal of this timer is pending any more if the thread is the calling one. */
  stop(): void;
  delete(): void;
}

/** A timer whose signals go to the thread with this kernel id. @throws OsError */
export function createThreadTimer(tid: number): ThreadTimer {
  const scratch = scratchPage();
  const view = new DataView(nativeView(scratch, Scratch.size));
  for (let i = 0; i < Scratch.eventSize; i++) view.setUint8(Scratch.event + i, 0);
  view.setInt32(Scratch.event + 8, processState().interruptSignal, true);
  view.setInt32(Scratch.event + 12, sigevThreadId, true);
  view.setInt32(Scratch.event + 16, tid, true);
  timerCreate(scratch + Scratch.event, scratch + Scratch.id);
  const id = view.getInt32(Scratch.id, true);
  const set = (first: number, period: number) => {
    writeTime(view, Scratch.spec, period);
    writeTime(view, Scratch.spec + 16, first);
    timerSettime(id, scratch + Scratch.spec);
  };
  return {
    start: set,
    stop: () => set(0, 0),
    delete: () => timerDelete(id),
  };
}

function writeTime(view: DataView, offset: number, milliseconds: number): void {
  const seconds = Math.floor(milliseconds / 1000);
  const nanoseconds = Math.ceil((milliseconds - seconds * 1000) * 1e6);
  view.setBigInt64(offset, BigInt(seconds), true);
  view.setBigInt64(offset + 8, BigInt(Math.min(nanoseconds, 999_999_999)), true);
}
