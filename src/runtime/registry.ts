/**
 * The process-wide registry of thread records: native memory shared by all threads and all copies of this package.
 * It lets one thread interrupt wasm code that another runs, and reap what a dead thread has left: the finalizers of
 * a worker that was terminated never run.
 */
import { CodeRange, type Interrupt, Thread } from './layout.js';
import { gettid, nativeView, tgkill, unmap } from './os.js';
import { createThreadTimer, type ThreadTimer } from './thread-timer.js';
import { processState } from './trap-handler.js';

/** Enter a record. @throws Error if there are too many threads. */
export function registerThread(address: number): void {
  const { records } = processState();
  for (let i = 0; i < records.length; i++) {
    if (records[i] === 0n && Atomics.compareExchange(records, i, 0n, BigInt(address)) === 0n) return;
  }
  throw new Error(`more than ${records.length} threads run WebAssembly`);
}

/** A registered thread. */
interface Entry {
  readonly index: number;
  readonly address: number;
  readonly view: DataView;
}

function* entries(): Generator<Entry> {
  const { records } = processState();
  for (let index = 0; index < records.length; index++) {
    const address = Number(Atomics.load(records, index));
    if (address === 0) continue;
    yield { index, address, view: new DataView(nativeView(address, Thread.size)) };
  }
}

function pointer(view: DataView, offset: number): number {
  return Number(view.getBigUint64(offset, true));
}

/** Unmap the stacks, code and records of threads that have ended. Returns how many there were. */
export function reapDeadThreads(): number {
  const own = gettid();
  const { records } = processState();
  let reaped = 0;
  for (const { index, address, view } of entries()) {
    const tid = view.getUint32(Thread.tid, true);
    // A record with this thread's id that is not this thread's own belongs to a dead thread whose id is used again:
    // this function runs before the thread makes its record, and later only the own record has the own id.
    const dead = tid === own ? address !== ownRecord : !tgkill(tid, 0);
    if (!dead || Atomics.compareExchange(records, index, BigInt(address), 0n) !== BigInt(address)) continue;
    const ranges = pointer(view, Thread.ranges);
    const count = view.getUint32(Thread.rangeCount, true);
    const rangeBytes = view.getUint32(Thread.rangeBytes, true);
    const list = new DataView(nativeView(ranges, rangeBytes));
    for (let i = 0; i < count; i++) {
      const at = i * CodeRange.size;
      const size = pointer(list, at + CodeRange.mappedSize);
      unmap(pointer(list, at + CodeRange.start), size);
      unmap(pointer(list, at + CodeRange.alias), size);
    }
    unmap(ranges, rangeBytes);
    const stack = pointer(view, Thread.stackMapping);
    if (stack !== 0) unmap(stack, pointer(view, Thread.stackMappingSize));
    unmap(address, pointer(view, Thread.altStack) + pointer(view, Thread.altStackSize) - address);
    reaped++;
  }
  return reaped;
}
let ownRecord = 0;

/** Tell the registry which record is the calling thread's. */
export function setOwnRecord(address: number): void {
  ownRecord = address;
}

/** Wasm code of a thread is interrupted, again and again, until `stop` is called. */
export interface Interruption {
  stop(): void;
}

/**
 * Interrupt wasm code in other threads. The mark stays: those threads run no wasm code any more. The signal repeats
 * each millisecond, because one that comes just before wasm code is entered has no effect by itself.
 * @param threadId node's id of the worker (`Worker.threadId`), or undefined for all threads but the calling one
 */
export function interruptThreads(threadId: number | undefined, mark: Interrupt): Interruption {
  const own = gettid();
  const timers: ThreadTimer[] = [];
  for (const { view } of entries()) {
    const tid = view.getUint32(Thread.tid, true);
    if (tid === own || !tgkill(tid, 0)) continue;
    if (threadId !== undefined && view.getUint32(Thread.threadId, true) !== threadId) continue;
    view.setUint32(Thread.interrupt, mark, true);
    const timer = createThreadTimer(tid);
    timer.start(1, 1);
    timers.push(timer);
  }
  return {
    stop() {
      for (const timer of timers) timer.delete();
    },
  };
}
