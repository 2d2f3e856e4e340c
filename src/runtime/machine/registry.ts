/**
 * The process-wide registry of thread records: native memory shared by all threads and all copies of this package.
 * It lets the signal handlers find the record of a thread, and whoever makes a new one reap what dead threads have left:
 * the finalizers of a worker that was terminated never run.
 */

import { CodeRange, Thread } from '../../backends/abi/layout.js';
import { Atomics, BigInt, Int32Array, List, Number } from '../../support/primordials.js';
import { nodeThreadId } from './node-thread.js';
import { gettid, nativeView, tgkill, unmap } from './os.js';
import { SharedCodeTable } from './shared-code-table.js';
import { processState } from './signals/trap-handler.js';
import { freeStacks } from './stack-table.js';
import { deleteTimers } from './thread-timers.js';

/** `Thread.tid` of a record that no thread has, and of one that is being reaped. */
const noThread = 0;
const reaping = -1;

/**
 * Enter the record of a new thread. Records are never unmapped, because other threads and the signal handlers read
 * them at any time; those of dead threads are used again.
 * @throws Error if there are too many threads
 */
export function registerThread(address: number): void {
  const { records } = processState();
  for (let i = 0; i < records.length; i++) {
    if (records[i] === 0n && Atomics.compareExchange(records, i, 0n, BigInt(address)) === 0n) return;
  }
  throw new Error(`more than ${records.length} threads run WebAssembly`);
}

/** The record that another copy of this package made for the calling thread, or 0. */
export function findRecord(): number {
  const own = gettid();
  for (const { address, i32 } of entries()) {
    if (i32[tidIndex] === own && i32[Thread.threadId >>> 2] === nodeThreadId) return address;
  }
  return 0;
}

/** Take the record of a dead thread for the thread `tid`: all zero but for its signal stack. 0 if there is none. */
export function claimRecord(tid: number): number {
  for (const { address, i32 } of entries()) {
    if (Atomics.compareExchange(i32, tidIndex, noThread, tid) === noThread) return address;
  }
  return 0;
}

const tidIndex = Thread.tid >>> 2;

/** A registered record. */
interface Entry {
  readonly address: number;
  readonly i32: Int32Array;
}

/** All records. Not a generator: a program can redefine its `next`. */
function entries(): Entry[] {
  const found = new List<Entry>();
  const { records } = processState();
  for (let index = 0; index < records.length; index++) {
    const address = Number(Atomics.load(records, index));
    // Entries are never removed.
    if (address === 0) break;
    found.push({ address, i32: new Int32Array(nativeView(address, Thread.size)) });
  }
  return found;
}

function pointer(i32: Int32Array, offset: number): number {
  return ((i32[offset >>> 2] as number) >>> 0) + (i32[(offset >>> 2) + 1] as number) * 4294967296;
}

/** Free the timers, stacks and code of threads that have ended. Returns how many there were. */
export function reapDeadThreads(): number {
  const own = gettid();
  let reaped = 0;
  for (const { i32 } of entries()) {
    const tid = Atomics.load(i32, tidIndex);
    if (tid === noThread || tid === reaping) continue;
    // A kernel id can be used again, a worker's id is not.
    const dead = tid === own ? i32[Thread.threadId >>> 2] !== nodeThreadId : !tgkill(tid, 0);
    if (!dead || Atomics.compareExchange(i32, tidIndex, tid, reaping) !== tid) continue;
    deleteTimers(i32);
    freeRegions(i32);
    SharedCodeTable.current().releaseThread(i32[Thread.threadId >>> 2] as number);
    const stack = pointer(i32, Thread.stackMapping);
    if (stack !== 0) unmap(stack, pointer(i32, Thread.stackMappingSize));
    freeStacks(pointer(i32, Thread.stackTable));
    i32.fill(0, 0, tidIndex);
    i32.fill(0, tidIndex + 1, Thread.altStack >>> 2);
    i32.fill(0, Thread.threadId >>> 2);
    Atomics.store(i32, tidIndex, noThread);
    reaped++;
  }
  return reaped;
}

function freeRegions(i32: Int32Array): void {
  const ranges = pointer(i32, Thread.ranges);
  if (ranges === 0) return;
  const bytes = i32[Thread.rangeBytes >>> 2] as number;
  const list = new Int32Array(nativeView(ranges, bytes));
  for (let i = 0; i < (i32[Thread.rangeCount >>> 2] as number); i++) {
    const at = i * CodeRange.size;
    const size = pointer(list, at + CodeRange.mappedSize);
    const region = list[(at + CodeRange.region) >>> 2] as number;
    if (region > 0) SharedCodeTable.current().closeRegion(region - 1);
    // Code of others is theirs.
    if (region > 0 || size === 0) continue;
    unmap(pointer(list, at + CodeRange.start), size);
    unmap(pointer(list, at + CodeRange.alias), size);
  }
  unmap(ranges, bytes);
}
