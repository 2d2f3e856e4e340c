import { StackMaps } from '../backends/code/stack-maps.js';
import { Limit } from '../stream/limits.js';
import { type Int8Array, Int32Array, Math } from '../support/dialect.js';
import { MemoryBudget } from '../support/memory-budget.js';
import { grow } from '../support/reserve.js';
import { Type } from './types.js';
import type { ValueStack } from './value-stack.js';

/** Fields of a run. */
const enum Run {
  /** Height of the first entry. */
  start = 0,
  /** Number of references. */
  count = 1,
  /** `ReferenceList` of the entries from `start` on, 0: all are references. */
  list = 2,
  /** Stack-map node of the run when it had `nodeCount` references, and all below. */
  node = 3,
  nodeCount = 4,
  fields = 5,
}

/** Runs that there is room for at first, and the most there can be: between two of them are other operands, or they are lists. */
const firstRuns = 1024;
const mostRuns = Limit.operands / 2 + 1;

/**
 * Where references (externref) are among the operands: runs by ascending height. They are brought up to date only when
 * a reference is pushed and at calls. In between, operands that were popped, or replaced by others, leave runs behind
 * that are wrong at their upper end and nowhere else; so looking at the top is enough to find what is left. Each step
 * back is paid for by the push of what it removes.
 */
export class ReferenceRuns {
  readonly #operands: ValueStack;
  #runs: Int32Array = new Int32Array(firstRuns * Run.fields);
  /** Offset of the last run, `-fields` if there is none. */
  #top: i32 = -Run.fields;
  /** Stack maps of the module that is compiled. */
  maps: StackMaps = new StackMaps(new MemoryBudget());

  constructor(operands: ValueStack) {
    this.#operands = operands;
  }

  reset(): void {
    this.#top = -Run.fields;
  }

  /** The module is done: not much memory is kept. */
  endModule(): void {
    if (this.#runs.length > firstRuns * Run.fields) this.#runs = new Int32Array(firstRuns * Run.fields);
  }

  /** No entry at or above `height` is left. */
  cut(height: i32): void {
    const runs = this.#runs;
    for (let t = this.#top; t >= 0; t -= Run.fields) {
      const start = runs[t + Run.start];
      if (start < height) {
        const list = runs[t + Run.list];
        let left = height - start;
        if (list !== 0) {
          const counts = this.maps.list(list).counts;
          left = counts[Math.min(left, counts.length - 1)];
        }
        if (left < runs[t + Run.count]) runs[t + Run.count] = left;
        if (runs[t + Run.count] > 0) {
          this.#top = t;
          return;
        }
      }
    }
    this.#top = -Run.fields;
  }

  /** As `cut`, and what was replaced by entries of other types is gone too. */
  #settle(height: i32): void {
    this.cut(height);
    const type = this.#operands.type;
    const runs = this.#runs;
    while (this.#top >= 0) {
      const t = this.#top;
      const count = runs[t + Run.count];
      const list = runs[t + Run.list];
      const position = list === 0 ? count - 1 : this.maps.list(list).positions[count - 1];
      if (type[runs[t + Run.start] + position] === Type.externRef) return;
      if (count > 1) runs[t + Run.count] = count - 1;
      else this.#top = t - Run.fields;
    }
  }

  /** A reference was pushed at `height`. */
  push(height: i32): void {
    this.#settle(height);
    const t = this.#top;
    const runs = this.#runs;
    if (t >= 0 && runs[t + Run.list] === 0 && runs[t + Run.start] + runs[t + Run.count] === height) {
      runs[t + Run.count]++;
    } else this.#add(height, 1, 0);
  }

  /** Entries of these types were pushed from `height` on. */
  pushList(height: i32, types: Int8Array): void {
    this.cut(height);
    const list = this.maps.listOf(types);
    if (list === 0) return;
    this.#settle(height);
    this.#add(height, this.maps.list(list).offsets.length, list);
  }

  #add(start: i32, count: i32, list: i32): void {
    const t = this.#top + Run.fields;
    if (t === this.#runs.length) {
      this.#runs = grow(this.#runs, t + Run.fields, Run.fields * mostRuns, this.#operands.memory);
    }
    const runs = this.#runs;
    runs[t + Run.start] = start;
    runs[t + Run.count] = count;
    runs[t + Run.list] = list;
    runs[t + Run.nodeCount] = 0;
    this.#top = t;
  }

  /** The stack map of the references below `height`, all of which are in their slots, and of those in `parent`. */
  nodeBelow(height: i32, parent: i32): i32 {
    if (this.#top < 0) return parent;
    this.#settle(height);
    const runs = this.#runs;
    let t = this.#top;
    while (t >= 0 && runs[t + Run.nodeCount] !== runs[t + Run.count]) t -= Run.fields;
    let node = t < 0 ? parent : runs[t + Run.node];
    for (t += Run.fields; t <= this.#top; t += Run.fields) {
      const start = runs[t + Run.start];
      const list = runs[t + Run.list];
      const count = runs[t + Run.count];
      const disp = list === 0 ? this.#operands.slotDisp(start) : this.#operands.slotTop(start);
      node = this.maps.add(list, disp, count, node);
      runs[t + Run.node] = node;
      runs[t + Run.nodeCount] = count;
    }
    return node;
  }
}
