import type { MemoryBudget } from '../../support/memory-budget.js';
import { Atomics, Math } from '../../support/primordials.js';
import type { World } from '../../support/world.js';
import { CodeMap } from './code-map.js';
import { StackMaps } from './stack-maps.js';
import { VectorPool } from './vector-pool.js';

/** What the compiler needs of code memory (a `CodeMemory` fits). */
export interface CodeSpace {
  /** Read-write view of the whole region. */
  readonly bytes: Uint8Array;
  readonly i32: Int32Array;
  /** Address of the executable mapping. */
  readonly base: number;
  allocateCode(minBytes: number): { start: number; end: number };
  freeCode(start: number, end: number): void;
  /** Give back the end of a span that was never written. */
  trimCode(from: number, end: number): void;
  allocateData(bytes: number): number;
  freeData(offset: number, bytes: number): void;
}

/** Machine code that is complete, in this engine's region or in another's. */
export interface FinishedCode {
  /** Address of code offset 0. */
  readonly base: number;
  /** Code-memory data offset of the slot array. */
  readonly slots: number;
  readonly functions: number;
  readonly map: CodeMap;
  readonly stackMaps: StackMaps;
  /** Code spans, pairs of [start, end). */
  readonly spans: readonly number[];
  readonly codeBytes: number;
}

/** The machine code of one module: shared by its instances, released once. */
export class ModuleCode implements FinishedCode {
  readonly space: CodeSpace;
  /** Code-memory data offset of the slot array: own function i (without imports) has its entry at slots + 8 * i. */
  readonly slots: number;
  readonly functions: number;
  /** Entry (code offset) per own function. */
  readonly entries: Int32Array;
  readonly map: CodeMap;
  /** Which slots hold references at the calls. */
  readonly stackMaps: StackMaps;
  /** Code spans, pairs of [start, end). */
  readonly spans: number[] = [];
  readonly vectors: VectorPool;
  /** Machine-code bytes emitted so far. */
  codeBytes = 0;
  #released = false;

  /** @throws MemoryBudgetError, CodeMemoryError */
  constructor(space: CodeSpace, functions: number, memory: MemoryBudget, world: World) {
    memory.take(12 * functions);
    this.space = space;
    this.functions = functions;
    this.map = new CodeMap(memory);
    this.stackMaps = new StackMaps(memory);
    this.vectors = new VectorPool(space, memory, world);
    this.entries = new Int32Array(functions);
    this.slots = functions === 0 ? 0 : space.allocateData(8 * functions);
  }

  get base(): number {
    return this.space.base;
  }

  /** Publish the entry of own function `index`: one aligned 8-byte value, low half last (the high half is constant). */
  publish(index: number, entry: number): void {
    if (index >>> 0 >= this.functions) throw new Error(`internal error: the module has no own function ${index}`);
    this.entries[index] = entry;
    const address = this.space.base + entry;
    const at = (this.slots >>> 2) + 2 * index;
    const i32 = this.space.i32;
    i32[at + 1] = Math.floor(address / 4294967296);
    Atomics.store(i32, at, address | 0);
  }

  /** Give code and slots back. The caller knows that no frame can return into them. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    for (let i = 0; i < this.spans.length; i += 2) {
      this.space.freeCode(this.spans[i] as number, this.spans[i + 1] as number);
    }
    this.vectors.release();
    if (this.functions > 0) this.space.freeData(this.slots, 8 * this.functions);
  }
}
