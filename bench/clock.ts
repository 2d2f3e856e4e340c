/**
 * The clocks of the bench count time spent on a processor: unlike wall time it does not contain what other processes
 * of a busy machine take away.
 */
import koffi from 'koffi';

const CLOCK_PROCESS_CPUTIME_ID = 2;
const CLOCK_THREAD_CPUTIME_ID = 3;

const clockGettime = koffi.load('libc.so.6').func('int clock_gettime(int clock, void *time)');
const timespec = new Int32Array(4);

function read(clock: number): number {
  if (clockGettime(clock, timespec) !== 0) throw new Error('clock_gettime failed');
  return timespec[0]! * 1e3 + timespec[2]! / 1e6;
}

/** Milliseconds of processor time of the calling thread. */
export function threadMs(): number {
  return read(CLOCK_THREAD_CPUTIME_ID);
}

/** Milliseconds of processor time of all threads: V8 gives eager compilation to another one, even single-threaded. */
export function processMs(): number {
  return read(CLOCK_PROCESS_CPUTIME_ID);
}
