import { Int32Array } from '../../../support/dialect.js';
import { outerLoop } from '../../ssa/cleanup.js';
import { doubled, type Graph, Ir } from '../../ssa/ir.js';
import type { Machine } from '../../ssa/machine.js';

/**
 * The order of the blocks in memory: as they were made, but what lies between the blocks of a loop and is not of it (ways out)
 * comes behind the loop. Blocks that only jump are left out.
 */
export class Layout {
  order: Int32Array = new Int32Array(128);
  count: i32 = 0;
  #target: Int32Array = new Int32Array(128);
  /** Last block of each loop, by header; 1: there is a loop inside. */
  #loopEnd: Int32Array = new Int32Array(128);
  #hasInner: Int32Array = new Int32Array(128);
  /** Blocks that wait for a block to be placed: the first, and the next of each. */
  #waiting: Int32Array = new Int32Array(128);
  #waitingLast: Int32Array = new Int32Array(128);
  #nextWaiting: Int32Array = new Int32Array(128);
  #open: Int32Array = new Int32Array(32);
  /** Headers of the loops that hold a block, the outermost first. */
  #held: Int32Array = new Int32Array(32);

  run(m: Machine): void {
    const g = m.graph;
    while (g.blocks > this.order.length) {
      g.memory.take(28 * this.order.length);
      this.order = doubled(this.order);
      this.#target = doubled(this.#target);
      this.#loopEnd = doubled(this.#loopEnd);
      this.#hasInner = doubled(this.#hasInner);
      this.#waiting = doubled(this.#waiting);
      this.#waitingLast = doubled(this.#waitingLast);
      this.#nextWaiting = doubled(this.#nextWaiting);
    }
    this.#findTargets(m);
    this.#findLoops(g);
    this.count = 0;
    let open = 0;
    for (let b = 0; b < g.blocks; b++) {
      while (open > 0 && this.#loopEnd[this.#open[open - 1]] < b) open--;
      if (g.header[b] !== 0) {
        if (open === this.#open.length) this.#open = doubled(this.#open);
        this.#open[open++] = b;
      }
      const outside = this.#outside(g, b, open);
      if (outside >= 0 && this.#loopEnd[outside] > b) this.#wait(this.#loopEnd[outside], b);
      else this.#place(b);
    }
  }

  /** The outermost of the open loops that does not hold the block, or -1. */
  #outside(g: Graph, b: i32, open: i32): i32 {
    const held = g.loopDepth[b];
    while (held > this.#held.length) this.#held = doubled(this.#held);
    let h = g.loop[b];
    for (let k = held - 1; k >= 0; k--) {
      this.#held[k] = h;
      h = outerLoop(g, h);
    }
    for (let k = 0; k < open; k++) if (k >= held || this.#open[k] !== this.#held[k]) return this.#open[k];
    return -1;
  }

  #findTargets(m: Machine): void {
    const g = m.graph;
    for (let b = g.blocks - 1; b >= 0; b--) {
      const last = g.last[b];
      const isEmpty =
        g.first[b] === last &&
        g.op[last] === Ir.jump &&
        m.moveCount[last] === 0 &&
        g.header[b] === 0 &&
        m.storeHead[b] < 0;
      const to = g.imm[last];
      // A loop's header is never left out: back edges lead to it as it is.
      this.#target[b] = !isEmpty ? b : to > b ? this.#target[to] : to;
    }
  }

  #findLoops(g: Graph): void {
    for (let b = 0; b < g.blocks; b++) {
      this.#waiting[b] = this.#waitingLast[b] = this.#nextWaiting[b] = -1;
      this.#hasInner[b] = 0;
      this.#loopEnd[b] = b;
    }
    for (let b = g.blocks - 1; b >= 0; b--) {
      const header = g.loop[b];
      if (header < 0) continue;
      if (this.#loopEnd[header] < b) this.#loopEnd[header] = b;
      if (header !== b) continue;
      // All blocks of the loop have come by.
      const outer = g.loop[g.edgeFrom[g.edgeHead[b]]];
      if (outer < 0) continue;
      this.#hasInner[outer] = 1;
      if (this.#loopEnd[outer] < this.#loopEnd[b]) this.#loopEnd[outer] = this.#loopEnd[b];
    }
  }

  #wait(end: i32, b: i32): void {
    if (this.#waiting[end] < 0) this.#waiting[end] = b;
    else this.#nextWaiting[this.#waitingLast[end]] = b;
    this.#waitingLast[end] = b;
    // Those that wait for the block itself come right behind it.
    if (this.#waiting[b] < 0) return;
    this.#nextWaiting[b] = this.#waiting[b];
    this.#waitingLast[end] = this.#waitingLast[b];
    this.#waiting[b] = -1;
  }

  #place(b: i32): void {
    if (this.#target[b] === b) this.order[this.count++] = b;
    for (let w = this.#waiting[b]; w >= 0; w = this.#nextWaiting[w])
      if (this.#target[w] === w) this.order[this.count++] = w;
  }

  /** Where a jump to block `b` leads in the end. */
  target(b: i32): i32 {
    return this.#target[b];
  }

  isInnermost(g: Graph, header: i32): bool {
    return g.header[header] !== 0 && this.#hasInner[header] === 0;
  }
}
