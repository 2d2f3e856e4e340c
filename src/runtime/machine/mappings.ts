/** What is mapped in the process, by /proc/self/maps: lines `low-high rwxp ...` in the order of their addresses. */
import { readFileSync } from 'node:fs';
import { isolate, Uint8Array, viewOf } from '../../support/primordials.js';

const dash = 0x2d;
const newline = 0x0a;

export class Mappings {
  static {
    isolate(this);
  }

  readonly #text: Uint8Array;
  #at = 0;

  /** @param text what the system says; by default what it says now, nothing if it says nothing. */
  constructor(text: Uint8Array = read()) {
    this.#text = text;
  }

  /**
   * True if all of this area is mapped, and none of it can be accessed. Looks at few lines: a process has hundreds, and the first
   * memory of it is made by code that has never run.
   */
  isInaccessible(from: number, to: number): boolean {
    const text = this.#text;
    let covered = from;
    this.#at = this.#lineAt(from);
    while (covered < to && this.#at < text.length) {
      const low = this.#hex();
      const high = this.#hex();
      const at = this.#at;
      const isAccessible = text[at] !== dash || text[at + 1] !== dash || text[at + 2] !== dash;
      if (high > covered) {
        if (low > covered || isAccessible) return false;
        covered = high;
      }
      this.#at = this.#nextLine(at);
    }
    return covered >= to;
  }

  /** Where the last line begins whose mapping begins at `address` or below, or the first line. */
  #lineAt(address: number): number {
    // A line begins at `line`; those that begin at `end` or behind are of higher addresses.
    let line = 0;
    let end = this.#text.length;
    while (end - line > 1) {
      const middle = (line + end) >>> 1;
      const next = this.#nextLine(middle - 1);
      if (next >= end) end = middle;
      else if (this.#lowOf(next) <= address) line = next;
      else end = next;
    }
    return line;
  }

  #lowOf(line: number): number {
    this.#at = line;
    return this.#hex();
  }

  #nextLine(at: number): number {
    const end = this.#text.indexOf(newline, at);
    return end < 0 ? this.#text.length : end + 1;
  }

  /** The number at the cursor, and what follows it. */
  #hex(): number {
    const text = this.#text;
    for (let value = 0; ; ) {
      const byte = text[this.#at++] as number;
      if (byte >= 0x30 && byte <= 0x39) value = 16 * value + byte - 0x30;
      else if (byte >= 0x61 && byte <= 0x66) value = 16 * value + byte - 0x57;
      else return value;
    }
  }
}

function read(): Uint8Array {
  try {
    return viewOf(readFileSync('/proc/self/maps'));
  } catch {
    return new Uint8Array(0);
  }
}
