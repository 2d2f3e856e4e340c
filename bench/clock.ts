/**
 * The clock of the bench: time that the calling thread spent on a processor. Unlike wall time it does not count what
 * other processes of a busy machine take away.
 */
import koffi from 'koffi';

const CLOCK_THREAD_CPUTIME_ID = 3;

const clockGettime = koffi.load('libc.so.6').func('int clock_gettime(int clock, void *time)');
const timespec = new Int32Array(4);

/** Milliseconds of processor time of the calling thread. */
export function threadMs(): number {
  if (clockGettime(CLOCK_THREAD_CPUTIME_ID, timespec) !== 0) throw new Error('clock_gettime failed');
  return timespec[0]! * 1e3 + timespec[2]! / 1e6;
}
