/**
 * Where the bytes of a linear memory are. Both ways keep the base fixed for life, and let every access of a 32-bit
 * index and offset beyond the length fault.
 */
import { readFileSync } from 'node:fs';
import { v8 } from '../v8.js';
import type { Memory, MemoryConstructor } from './api-types.js';
import { maxPages, pageBytes } from './memory-limits.js';
import { addressOf } from './native-memory.js';

export interface MemoryStorage {
  /** Address of the first byte; never changes. */
  readonly base: number;
  /** Current length, whoever grew it. */
  readonly byteLength: number;
  /** The ArrayBuffer over the current bytes; detached by growth. */
  readonly buffer: ArrayBuffer;
  /** Add pages; false if that is not possible. */
  grow(delta: number): boolean;
}

/** V8's class with the interface that JS sees. */
export const V8Memory: MemoryConstructor = v8.Memory as unknown as MemoryConstructor;

const v8Prototype = V8Memory.prototype;
const getBuffer = Object.getOwnPropertyDescriptor(v8Prototype, 'buffer')?.get as () => ArrayBuffer;
const growBy = v8Prototype.grow;

/** The buffer of one of V8's memories. @throws TypeError if it is none */
export function v8Buffer(memory: unknown): ArrayBuffer {
  return Reflect.apply(getBuffer, memory, []);
}

/** Grow one of V8's memories; returns the previous number of pages, or -1 if it cannot grow so far. */
export function v8Grow(memory: Memory, delta: number): number {
  try {
    return Reflect.apply(growBy, memory, [delta]);
  } catch (error) {
    if (error instanceof RangeError) return -1;
    throw error;
  }
}

/** True for a WebAssembly.Memory of V8 (also of another realm, also with another prototype). */
export function isV8Memory(value: unknown): value is Memory {
  try {
    v8Buffer(value);
    return true;
  } catch {
    return false;
  }
}

/** A memory stored in one of V8's: it reserves the address space, grows in place and detaches by itself. */
export class V8Storage implements MemoryStorage {
  readonly base: number;
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
    this.base = addressOf(this.buffer);
  }

  get buffer(): ArrayBuffer {
    return v8Buffer(this.#memory);
  }

  get byteLength(): number {
    return this.buffer.byteLength;
  }

  grow(delta: number): boolean {
    return v8Grow(this.#memory, delta) >= 0;
  }
}

let reserved: boolean | undefined;

/**
 * True if V8's memories have everything that a 32-bit access can reach reserved and inaccessible behind their length.
 * Without it (V8 runs without its trap handler) code without bounds checks must not use them. Looked up once.
 */
export function v8MemoriesAreReserved(): boolean {
  reserved ??= checkReservation();
  return reserved;
}

function checkReservation(): boolean {
  const memory = new V8Memory({ initial: 1 });
  const base = addressOf(memory.buffer);
  const end = base + 2 * maxPages * pageBytes;
  let covered = base;
  for (const line of readFileSync('/proc/self/maps', 'latin1').split('\n')) {
    const match = /^([0-9a-f]+)-([0-9a-f]+) (...)/.exec(line);
    if (match === null) continue;
    const low = Number.parseInt(match[1] as string, 16);
    const high = Number.parseInt(match[2] as string, 16);
    if (high <= covered) continue;
    if (low > covered) return false;
    const accessible = match[3] !== '---';
    if (accessible !== (covered === base) || (accessible && high !== base + pageBytes)) return false;
    covered = high;
    if (covered >= end) return true;
  }
  return false;
}
