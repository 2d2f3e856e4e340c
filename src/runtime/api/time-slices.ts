/**
 * Time slices: programs whose calls take turns with the event loop, and with each other. The watch interrupts wasm code now and then, at
 * any instruction, and control goes to JS: there an activation on a stack of its own can wait for its next turn as it waits for a promise.
 */

import { isolate, List, Math, Promise } from '../../support/primordials.js';
import { inTurn } from '../../support/timers.js';
import { RuntimeError } from '../errors/errors.js';
import type { TimeSlices } from '../machine/wasm-stacks.js';
import type { GroupMemory } from '../store/store-group.js';
import type { EngineStoreGroup } from './engine-state.js';

/** The period of the watch, in milliseconds of the thread's processor time. */
const period = 5;

/** What `Engine.sliced` takes. */
export interface SliceOptions {
  /** How long the program runs at a time, in milliseconds of processor time; a multiple of 5. */
  readonly sliceMs?: number;
  /** Ends the program at the end of its slice, or when its next would begin: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** One program's slices. */
export class Slicing implements TimeSlices {
  static {
    isolate(this);
  }

  /** Ticks of the watch in a slice. */
  readonly ticks: number;
  readonly signal: AbortSignal | undefined;
  /** So many are over in this one. */
  passed = 0;

  /** @throws TypeError that names the wrong option */
  constructor({ sliceMs = period, signal }: SliceOptions) {
    if (!(typeof sliceMs === 'number' && sliceMs > 0 && sliceMs <= 60_000)) {
      throw new TypeError('Engine.sliced(): sliceMs must be a number of milliseconds up to 60,000');
    }
    if (signal !== undefined && typeof signal?.aborted !== 'boolean') {
      throw new TypeError('Engine.sliced(): signal must be an AbortSignal');
    }
    this.ticks = Math.max(1, Math.round(sliceMs / period));
    this.signal = signal;
  }

  tick(): boolean {
    return ++this.passed >= this.ticks;
  }

  /** @throws the signal's reason */
  async nextTurn(): Promise<void> {
    this.passed = 0;
    await new Promise<void>((resolve) => enqueue(resolve));
    if (this.signal?.aborted === true) throw this.signal.reason;
  }
}

/**
 * The event loop turns so often between two slices: to accept a connection, to read from it and to answer are turns of their own, and a
 * request shall not wait for a slice at each. A turn in which nothing happens takes a few microseconds.
 */
const turnsBetween = 4;

/** Programs that wait for their turns, in order. */
const queue: (() => void)[] = new List();
let isScheduled = false;

function enqueue(goOn: () => void): void {
  queue.push(goOn);
  schedule();
}

function schedule(): void {
  if (isScheduled || queue.length === 0) return;
  isScheduled = true;
  turn(turnsBetween);
}

function turn(left: number): void {
  inTurn(() => {
    if (left > 1) {
      turn(left - 1);
      return;
    }
    isScheduled = false;
    const goOn = queue.shift();
    schedule();
    goOn?.();
  });
}

/** Where the memories were that code was using when it was interrupted: it may hold their addresses in any register. */
export class MemoryPlaces {
  static {
    isolate(this);
  }

  readonly #memories: GroupMemory[] = new List();
  readonly #bases: number[] = new List();

  constructor(group: EngineStoreGroup) {
    group.reach().forEach((memory) => {
      this.#memories.push(memory);
      this.#bases.push(memory.base);
    });
  }

  /** @throws RuntimeError if one of them is elsewhere */
  check(): void {
    for (let i = 0; i < this.#memories.length; i++) {
      if ((this.#memories[i] as GroupMemory).base !== this.#bases[i]) {
        throw new RuntimeError('a memory has moved while its program waited for its turn');
      }
    }
  }
}
