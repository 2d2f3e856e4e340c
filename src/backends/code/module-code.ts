import { below, Int32Array, newList } from '../../support/dialect.js';
import type { MemoryBudget } from '../../support/memory-budget.js';
import type { World } from '../../support/world.js';
import { CodeMap } from './code-map.js';
import type { CodeSpace } from './code-space.js';
import { HandlerCells } from './handler-cells.js';
import { StackMaps } from './stack-maps.js';
import { VectorPool } from './vector-pool.js';

/** Machine code that is complete, in this engine's region or in another's. */
export interface FinishedCode {
  /** Address of code offset 0. */
  readonly base: i32;
  /** Code-memory data offset of the slot array. */
  readonly slots: i32;
  readonly functions: i32;
  readonly map: CodeMap;
  readonly stackMaps: StackMaps;
  /** Code spans, pairs of [start, end). */
  readonly spans: readonly i32[];
  readonly codeBytes: i32;
}

/** Code in the engine's own region. */
export interface OwnedCode extends FinishedCode {
  /** Give code and slots back. The caller knows that no frame can return into them. */
  release(): void;
}

/** The machine code of one module: shared by its instances, released once. */
export class ModuleCode implements OwnedCode {
  readonly space: CodeSpace;
  /** Code-memory data offset of the slot array: own function i (without imports) has its entry at slots + 8 * i. */
  readonly slots: i32;
  readonly functions: i32;
  /** Entry (code offset) per own function. */
  readonly entries: Int32Array;
  readonly map: CodeMap;
  /** Which slots hold references at the calls. */
  readonly stackMaps: StackMaps;
  /** Code spans, pairs of [start, end). */
  readonly spans: i32[] = newList<i32>();
  readonly vectors: VectorPool;
  readonly handlers: HandlerCells;
  /** Machine-code bytes emitted so far. */
  codeBytes: i32 = 0;
  #released: bool = false;

  /** @throws MemoryBudgetError, CodeMemoryError */
  constructor(space: CodeSpace, functions: i32, memory: MemoryBudget, world: World) {
    memory.take(12 * functions);
    this.space = space;
    this.functions = functions;
    this.map = new CodeMap(memory);
    this.stackMaps = new StackMaps(memory);
    this.vectors = new VectorPool(space, memory, world);
    this.handlers = new HandlerCells(space, memory);
    this.entries = new Int32Array(functions);
    this.slots = functions === 0 ? 0 : space.allocateData(8 * functions);
  }

  get base(): i32 {
    return this.space.base;
  }

  /** Publish the entry of own function `index`: one aligned 8-byte value, readers see all of it. */
  publish(index: i32, entry: i32): void {
    if (!below(index, this.functions)) throw new Error(`internal error: the module has no own function ${index}`);
    this.entries[index] = entry;
    this.space.writeEntry(this.slots + 8 * index, entry);
  }

  /** Give code and slots back. The caller knows that no frame can return into them. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    for (let i = 0; i < this.spans.length; i += 2) {
      this.space.freeCode(this.spans[i], this.spans[i + 1]);
    }
    this.vectors.release();
    this.handlers.release();
    if (this.functions > 0) this.space.freeData(this.slots, 8 * this.functions);
  }
}
