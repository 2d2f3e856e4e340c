/**
 * The code map: for every instruction that can fault, every trap-stub call and every call, the machine-code
 * offset, the wasm offset and what kind of site it is. Entries are appended in emission order while compiling and
 * looked up by binary search, exact match. Storage is chunked, so that growing never copies.
 */

import { Int32Array } from '../../support/dialect.js';
import { MemoryBudget } from '../../support/memory-budget.js';
import { List, Math } from '../../support/primordials.js';
import { CodeMapChunk, CodeMapWriter, SiteKind } from './code-map-writer.js';

export interface Site {
  readonly codeOffset: i32;
  readonly wasmOffset: i32;
  readonly kind: SiteKind;
  readonly aux: i32;
}

const chunkEntries = CodeMapChunk.entries;
const fields = CodeMapChunk.fields;
const kindMask = (1 << CodeMapChunk.kindBits) - 1;

export class CodeMap extends CodeMapWriter {
  constructor(memory: MemoryBudget) {
    super(memory);
    // The engine's lists, where the core's own class has plain arrays.
    this.chunks = new List();
    this.spanStart = new List();
    this.spanEnd = new List();
    this.spanFirst = new List();
  }

  /** A map that was made before: what `parts` has given, in one piece each. */
  static over(spans: Int32Array, sites: Int32Array): CodeMap {
    const map = new CodeMap(new MemoryBudget());
    for (let i = 0; i < spans.length; i += 3) {
      map.spanStart.push(spans[i]);
      map.spanEnd.push(spans[i + 1]);
      map.spanFirst.push(spans[i + 2]);
    }
    for (let at = 0; at < sites.length; at += fields * chunkEntries) {
      map.chunks.push(sites.subarray(at, at + fields * chunkEntries));
    }
    map.sites = sites.length / fields;
    return map;
  }

  /** A map that was made before, of the writer's chunks: the last one can be shorter. */
  static of(spans: Int32Array, chunks: readonly Int32Array[]): CodeMap {
    const map = CodeMap.over(spans, new Int32Array(0));
    for (let k = 0; k < chunks.length; k++) {
      const chunk = chunks[k] as Int32Array;
      map.chunks.push(chunk);
      map.sites += chunk.length / fields;
    }
    return map;
  }

  /** All that look-ups need. */
  parts(): { spans: i32[]; chunks: Int32Array[] } {
    const spans = new List<i32>();
    for (let i = 0; i < this.spanStart.length; i++) {
      spans.push(this.spanStart[i]);
      spans.push(this.spanEnd[i]);
      spans.push(this.spanFirst[i]);
    }
    const chunks = this.chunks.map((chunk, i) => {
      const entries = Math.min(chunkEntries, this.sites - i * chunkEntries);
      return chunk.subarray(0, fields * entries);
    });
    return { spans, chunks };
  }

  /** Off-heap bytes held. */
  get byteLength(): i32 {
    return this.chunks.length * chunkEntries * fields * 4;
  }

  #code(i: i32): i32 {
    return (this.chunks[i >>> CodeMapChunk.bits] as Int32Array)[(i & CodeMapChunk.mask) * 3];
  }

  /** Number of the first entry at exactly this code offset, or -1. O(spans + log entries). */
  #find(codeOffset: i32): i32 {
    for (let s = 0; s < this.spanStart.length; s++) {
      // A call can be the last instruction of a span: its return address is the span's end.
      if (codeOffset < this.spanStart[s] || codeOffset > this.spanEnd[s]) continue;
      let low = this.spanFirst[s];
      let high = s + 1 < this.spanFirst.length ? this.spanFirst[s + 1] : this.sites;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (this.#code(middle) < codeOffset) low = middle + 1;
        else high = middle;
      }
      const last = s + 1 < this.spanFirst.length ? this.spanFirst[s + 1] : this.sites;
      if (low < last && this.#code(low) === codeOffset) return low;
    }
    return -1;
  }

  #site(i: i32): Site {
    const c = this.chunks[i >>> CodeMapChunk.bits] as Int32Array;
    const k = (i & CodeMapChunk.mask) * 3;
    const packed = c[k + 2];
    return {
      codeOffset: c[k],
      wasmOffset: c[k + 1],
      kind: (packed & kindMask) as SiteKind,
      aux: packed >>> CodeMapChunk.kindBits,
    };
  }

  /** The site at exactly this code offset, or undefined. O(spans + log entries). */
  lookup(codeOffset: i32): Site | undefined {
    const i = this.#find(codeOffset);
    return i < 0 ? undefined : this.#site(i);
  }

  /** The handler of what the call throws that returns to this code offset (see `HandlerCells`), 0 if there is none. */
  handler(codeOffset: i32): i32 {
    const i = this.#find(codeOffset) + 1;
    if (i === 0 || i >= this.sites || this.#code(i) !== codeOffset) return 0;
    const site = this.#site(i);
    return site.kind === SiteKind.handler ? site.aux : 0;
  }

  /** Off-heap bytes per site. */
  static readonly bytesPerSite: i32 = fields * 4;
}
