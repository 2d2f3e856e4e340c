/**
 * The code map: for every instruction that can fault, every trap-stub call and every call, the machine-code
 * offset, the wasm offset and what kind of site it is. Entries are appended in emission order while compiling and
 * looked up by binary search, exact match. Storage is chunked, so that growing never copies.
 */

import { MemoryBudget } from '../../support/memory-budget.js';

export const enum SiteKind {
  /** Return address of a call (function, import, host, builtin): aux = stack map. */
  call = 0,
  /** A load or store of linear memory: a fault is "memory access out of bounds". */
  memory = 1,
  /** idiv/div: aux = divisor register | width << 4 | signed << 5 | remainder << 6. */
  division = 2,
  /** Return address of a call to a trap stub. */
  trap = 3,
  /** A store to the stack frame in a prologue: a fault is a stack overflow. */
  frame = 4,
}

export interface Site {
  readonly codeOffset: number;
  readonly wasmOffset: number;
  readonly kind: SiteKind;
  readonly aux: number;
}

const chunkBits = 12;
const chunkEntries = 1 << chunkBits;
const chunkMask = chunkEntries - 1;
const fields = 3;
/** The rest of the third field is for `aux`. */
const kindBits = 3;
const kindMask = (1 << kindBits) - 1;

export class CodeMap {
  readonly #memory: MemoryBudget;
  #chunks: Int32Array[] = [];
  #length = 0;
  /** Spans of code in emission order: code start, code end, first entry. */
  #spanStart: number[] = [];
  #spanEnd: number[] = [];
  #spanFirst: number[] = [];
  #current: Int32Array = new Int32Array(0);

  constructor(memory: MemoryBudget) {
    this.#memory = memory;
  }

  /** A map that was made before: what `parts` has given, in one piece each. */
  static over(spans: Int32Array, sites: Int32Array): CodeMap {
    const map = new CodeMap(new MemoryBudget());
    for (let i = 0; i < spans.length; i += 3) {
      map.#spanStart.push(spans[i] as number);
      map.#spanEnd.push(spans[i + 1] as number);
      map.#spanFirst.push(spans[i + 2] as number);
    }
    for (let at = 0; at < sites.length; at += fields * chunkEntries) {
      map.#chunks.push(sites.subarray(at, at + fields * chunkEntries));
    }
    map.#length = sites.length / fields;
    return map;
  }

  /** All that look-ups need. */
  parts(): { spans: number[]; chunks: Int32Array[] } {
    const spans = this.#spanStart.flatMap((start, i) => [
      start,
      this.#spanEnd[i] as number,
      this.#spanFirst[i] as number,
    ]);
    const chunks = this.#chunks.map((chunk, i) => {
      const entries = Math.min(chunkEntries, this.#length - i * chunkEntries);
      return chunk.subarray(0, fields * entries);
    });
    return { spans, chunks };
  }

  /** Number of entries. */
  get length(): number {
    return this.#length;
  }

  /** Off-heap bytes held. */
  get byteLength(): number {
    return this.#chunks.length * chunkEntries * fields * 4;
  }

  /** Code emission goes on at `start`; entries that follow belong to [start, end). */
  beginSpan(start: number, end: number): void {
    this.#spanStart.push(start);
    this.#spanEnd.push(end);
    this.#spanFirst.push(this.#length);
  }

  add(codeOffset: number, wasmOffset: number, kind: SiteKind, aux: number): void {
    const i = this.#length & chunkMask;
    if (i === 0) {
      this.#memory.take(4 * chunkEntries * fields);
      this.#current = new Int32Array(chunkEntries * fields);
      this.#chunks.push(this.#current);
    }
    const c = this.#current;
    c[i * 3] = codeOffset | 0;
    c[i * 3 + 1] = wasmOffset | 0;
    c[i * 3 + 2] = (aux << kindBits) | kind;
    this.#length++;
  }

  /** Forget the entries from `length` on (a body that is abandoned). */
  truncate(length: number): void {
    this.#length = length;
    this.#chunks.length = (length + chunkMask) >>> chunkBits;
    const last = this.#chunks.at(-1);
    if (last !== undefined) this.#current = last;
  }

  #code(i: number): number {
    return (this.#chunks[i >>> chunkBits] as Int32Array)[(i & chunkMask) * 3] as number;
  }

  /** The site at exactly this code offset, or undefined. O(spans + log entries). */
  lookup(codeOffset: number): Site | undefined {
    for (let s = 0; s < this.#spanStart.length; s++) {
      // A call can be the last instruction of a span: its return address is the span's end.
      if (codeOffset < (this.#spanStart[s] as number) || codeOffset > (this.#spanEnd[s] as number)) continue;
      let low = this.#spanFirst[s] as number;
      let high = s + 1 < this.#spanFirst.length ? (this.#spanFirst[s + 1] as number) : this.#length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (this.#code(middle) < codeOffset) low = middle + 1;
        else high = middle;
      }
      const last = s + 1 < this.#spanFirst.length ? (this.#spanFirst[s + 1] as number) : this.#length;
      if (low < last && this.#code(low) === codeOffset) {
        const c = this.#chunks[low >>> chunkBits] as Int32Array;
        const k = (low & chunkMask) * 3;
        const packed = c[k + 2] as number;
        return {
          codeOffset,
          wasmOffset: c[k + 1] as number,
          kind: (packed & kindMask) as SiteKind,
          aux: packed >>> kindBits,
        };
      }
    }
    return undefined;
  }

  /** Off-heap bytes per site. */
  static readonly bytesPerSite: number = fields * 4;
}
