/** Whether a name was there before: a hash table over bytes of the module. */

import type { MemoryBudget } from '../support/memory-budget.js';
import { Int32Array, isolate, Math, Uint8Array } from '../support/primordials.js';
import { randomBytes } from '../support/random.js';
import { reserve } from '../support/reserve.js';
import { WireCursor } from './wire-cursor.js';

/** Tables of more slots are reserved: clearing them would be a long step. */
const largeTable = 1 << 14;

let key: Int32Array | undefined;

/** The process's secret. */
function secret(): Int32Array {
  const words = new Int32Array(2);
  const bytes = randomBytes(8);
  for (let i = 0; i < 8; i++) words[i >>> 2] |= (bytes[i] as number) << (8 * (i & 3));
  return words;
}

/**
 * Names that follow each other in a module, at most so many as the constructor is told. A slot of the table has the place of a
 * name; names are compared byte by byte. The hash has a secret key, so that nobody can choose names that meet in one slot:
 * a look-up takes constant time and the name's length.
 */
export class NameSet {
  static {
    isolate(this);
  }

  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #memory: MemoryBudget;
  /** One for all names: garbage would be collected in the middle of a slice. */
  readonly #cursor = new WireCursor(new Uint8Array(0), 0);

  /** @throws MemoryBudgetError */
  constructor(most: number, memory: MemoryBudget) {
    const slots = 2 << (32 - Math.clz32(most));
    memory.take(4 * slots);
    this.#memory = memory;
    this.#slots = slots > largeTable ? new Int32Array(reserve(4 * slots), 0, slots) : new Int32Array(slots);
    this.#mask = slots - 1;
  }

  /** Add the name at `at` (its length comes first). Returns false if it was there before. */
  add(bytes: Uint8Array, at: number): boolean {
    const cursor = this.#cursor;
    cursor.bytes = bytes;
    cursor.pos = at;
    const start = cursor.skipName();
    const end = cursor.pos;
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = hash(bytes, start, end) & mask;
    for (let other = slots[slot]; other !== 0; other = slots[slot]) {
      cursor.pos = other;
      const otherStart = cursor.skipName();
      if (cursor.pos - otherStart === end - start && isEqual(bytes, start, end, otherStart)) return false;
      slot = (slot + 1) & mask;
    }
    slots[slot] = at;
    return true;
  }

  /** The names are complete: their table is not needed any more. */
  release(): void {
    this.#memory.give(4 * this.#slots.length);
  }
}

function isEqual(bytes: Uint8Array, start: number, end: number, other: number): boolean {
  for (let i = start, k = other; i < end; i++, k++) if (bytes[i] !== bytes[k]) return false;
  return true;
}

/** HalfSipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF"): one round per four bytes, three at the end. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  key ??= secret();
  const k0 = key[0];
  const k1 = key[1];
  let v0 = k0;
  let v1 = k1;
  let v2 = 0x6c796765 ^ k0;
  let v3 = 0x74656462 ^ k1;
  const length = end - start;
  const words = (length >>> 2) + 1;
  for (let i = 0; i < words + 3; i++) {
    let word = 0;
    if (i < words - 1) word = wordAt(bytes, start + 4 * i);
    else if (i === words - 1) {
      word = length << 24;
      for (let k = start + 4 * i, shift = 0; k < end; k++, shift += 8) word |= bytes[k] << shift;
    } else if (i === words) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}
