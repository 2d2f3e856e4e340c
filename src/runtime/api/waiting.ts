/** memory.atomic.notify and wait: V8's lists of waiters, so that wasm of either engine and `Atomics` wake each other. */

import { Thread } from '../../backends/abi/layout.js';
import { Atomics, BigInt, BigInt64Array, Int32Array, Math, Number, now } from '../../support/primordials.js';
import { makeUncatchable } from '../errors/catchable.js';
import { RuntimeError } from '../errors/errors.js';
import type { Machine } from '../machine/machine.js';
import { noDeadline } from '../machine/signals/signal-abi.js';
import type { MemoryStorage } from '../store/memory-storage.js';
import { buffer4, buffer8 } from './exported-function.js';
import type { MemoryState } from './memory.js';

const nanosecondsPerMillisecond = 1e6;
/** When a deadline has passed, the mark of it is looked for so often. */
const markInterval = 1;

/**
 * Install the JS side of the builtins: arguments are the address, the number or expected value, the timeout of a wait, the offset,
 * the memory.
 * @param memoryOfCaller a memory of the instance that calls
 */
export function defineWaiting(machine: Machine, memoryOfCaller: (index: number) => MemoryState): void {
  const { thread } = machine;
  const { i32, u32, i64 } = thread;

  const number = (position: number): number => u32[buffer4 + 4 * position] as number;

  /**
   * Where in the caller's memory, for an access of `size` bytes. Other JS can run here, and use the buffer of arguments.
   * @throws RuntimeError as an access traps
   */
  function storageFor(index: number, at: number, size: number): MemoryStorage {
    if (at % size !== 0) throw trap('operation does not support unaligned accesses');
    const memory = memoryOfCaller(index);
    memory.refresh();
    const { storage } = memory;
    if (at + size > storage.byteLength) throw trap('memory access out of bounds');
    return storage;
  }

  machine.onBuiltin('atomicNotify', () => {
    const at = number(0) + number(2);
    const count = number(1);
    const storage = storageFor(number(3), at, 4);
    i32[buffer4] = storage.isShared ? Atomics.notify(new Int32Array(storage.buffer), at / 4, count) : 0;
  });

  machine.onBuiltin('atomicWait32', () => {
    const at = number(0) + number(3);
    const expected = i32[buffer4 + 4] as number;
    const timeout = i64[buffer8 + 4] as bigint;
    const storage = storageFor(number(4), at, 4);
    checkShared(storage);
    const view = new Int32Array(storage.buffer);
    i32[buffer4] = wait(timeout, (milliseconds) => Atomics.wait(view, at / 4, expected, milliseconds));
  });

  machine.onBuiltin('atomicWait64', () => {
    const at = number(0) + number(3);
    const expected = i64[buffer8 + 2] as bigint;
    const timeout = i64[buffer8 + 4] as bigint;
    const storage = storageFor(number(4), at, 8);
    checkShared(storage);
    const view = new BigInt64Array(storage.buffer);
    i32[buffer4] = wait(timeout, (milliseconds) => Atomics.wait(view, at / 8, expected, milliseconds));
  });

  /**
   * @param timeout in nanoseconds, below 0 for ever
   * @returns 0: woken, 1: another value, 2: timed out. Also if a deadline has passed, which ends the code that waits.
   */
  function wait(timeout: bigint, waitFor: (milliseconds: number) => string): number {
    let left = timeout < 0n ? Number.POSITIVE_INFINITY : Number(timeout) / nanosecondsPerMillisecond;
    for (;;) {
      const most = untilDeadline();
      const result = attempt(() => waitFor(Math.min(left, most)));
      if (result === 'ok') return 0;
      if (result === 'not-equal') return 1;
      left -= most;
      if (!(left > 0) || machine.isInterrupted) return 2;
    }
  }

  /** Milliseconds: what the earliest deadline leaves. */
  function untilDeadline(): number {
    const deadline = i64[Thread.deadline >>> 3] as bigint;
    if (BigInt.asUintN(64, deadline) === noDeadline) return Number.POSITIVE_INFINITY;
    return Math.max(markInterval, Number(deadline) / nanosecondsPerMillisecond - now());
  }
}

const refused = 'Atomics.wait cannot be called in this context';

function checkShared({ isShared }: MemoryStorage): void {
  if (!isShared) throw trap(refused);
}

/** @throws RuntimeError where the program that V8 is in does not let the thread wait */
function attempt(waitFor: () => string): string {
  try {
    return waitFor();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw trap(refused);
  }
}

/** No handler of wasm catches it. */
function trap(message: string): Error {
  return makeUncatchable(new RuntimeError(message));
}
