import { Int32Array, newList } from '../../support/dialect.js';
import type { MemoryBudget } from '../../support/memory-budget.js';

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
  /** Stands behind a call, for the same return address: aux = the handler of what the call throws, see `HandlerCells`. */
  handler = 5,
}

/** The layout of a code map's chunks: `fields` int32 for each site. */
export const enum CodeMapChunk {
  bits = 12,
  entries = 4096,
  mask = 4095,
  fields = 3,
  /** The third field is the kind, and `aux` in the rest. */
  kindBits = 3,
}

/** The code map as it is written: a chunked list that growing never copies. */
export class CodeMapWriter {
  readonly #memory: MemoryBudget;
  protected chunks: Int32Array[] = newList<Int32Array>();
  protected sites: i32 = 0;
  /** Spans of code in emission order: code start, code end, first entry. */
  protected spanStart: i32[] = newList<i32>();
  protected spanEnd: i32[] = newList<i32>();
  protected spanFirst: i32[] = newList<i32>();
  #current: Int32Array = new Int32Array(0);

  constructor(memory: MemoryBudget) {
    this.#memory = memory;
  }

  /** Number of sites. */
  get length(): i32 {
    return this.sites;
  }

  /** Code emission goes on at `start`; entries that follow belong to [start, end). */
  beginSpan(start: i32, end: i32): void {
    this.spanStart.push(start);
    this.spanEnd.push(end);
    this.spanFirst.push(this.sites);
  }

  add(codeOffset: i32, wasmOffset: i32, kind: SiteKind, aux: i32): void {
    const i = this.sites & CodeMapChunk.mask;
    if (i === 0) {
      this.#memory.take(4 * CodeMapChunk.entries * CodeMapChunk.fields);
      this.#current = new Int32Array(CodeMapChunk.entries * CodeMapChunk.fields);
      this.chunks.push(this.#current);
    }
    const c = this.#current;
    c[i * 3] = codeOffset | 0;
    c[i * 3 + 1] = wasmOffset | 0;
    c[i * 3 + 2] = (aux << CodeMapChunk.kindBits) | kind;
    this.sites++;
  }
}
