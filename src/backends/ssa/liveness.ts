import { Int32Array, Math } from '../../support/dialect.js';
import { isFloat } from '../../valuestack/types.js';
import { outerLoop } from './cleanup.js';
import { doubled, type Graph, Ir } from './ir.js';
import type { Machine } from './machine.js';

/** No use follows. */
export const never: i32 = 0x3fffffff;
/** A use behind a call is so much farther: no register keeps a value across one. */
export const callDistance: i32 = 10_000;
/** What a use beyond the end of a loop is farther away than one inside. */
export const exitDistance: i32 = 1_000_000;

/**
 * Which values are alive where blocks begin, and how far their next uses are: as many instructions as there are on the
 * shortest way, uses behind a loop farther than all of it (Braun and Hack, "Register Spilling and Live-Range Splitting for
 * SSA-Form Programs", 2009).
 */
export class Liveness {
  /** Instructions of a block. */
  size: Int32Array = new Int32Array(128);
  /** Values that are alive at a block's begin, without its phis: first, and how many. */
  firstIn: Int32Array = new Int32Array(128);
  inCount: Int32Array = new Int32Array(128);
  ins: Int32Array = new Int32Array(1024);
  /** Distance of the next use from the block's begin. */
  distance: Int32Array = new Int32Array(1024);
  /** Next use after each operand, counted from the block's begin, and after each definition. */
  /** The most values that are alive at once, by class, in a block; in its loop for headers. */
  general: Int32Array = new Int32Array(128);
  xmm: Int32Array = new Int32Array(128);
  useNext: Int32Array = new Int32Array(1024);
  defNext: Int32Array = new Int32Array(1024);
  // Scratch.
  #head: Int32Array = new Int32Array(1024);
  #cellBlock: Int32Array = new Int32Array(1024);
  #cellNext: Int32Array = new Int32Array(1024);
  #cells: i32 = 0;
  /** By block: the value, then the measured block, that has been there. */
  #mark: Int32Array = new Int32Array(128);
  #count: Int32Array = new Int32Array(128);
  #work: Int32Array = new Int32Array(128);
  #current: Int32Array = new Int32Array(1024);
  /** Block that `#current` of a value is about, plus one. */
  #stamp: Int32Array = new Int32Array(1024);
  #stamps: i32 = 0;

  run(m: Machine): void {
    const g = m.graph;
    this.#reserve(g, m);
    this.#collectUses(m);
    this.#findLive(g);
    for (let round = 0; round < 2; round++) {
      for (let b = g.blocks - 1; b >= 0; b--) this.#measure(m, b);
    }
    for (let b = g.blocks - 1; b >= 0; b--) {
      // Inner loops come later than the headers around them.
      const header = g.loop[b] === b ? outerLoop(g, b) : g.loop[b];
      if (header < 0) continue;
      this.general[header] = Math.max(this.general[header], this.general[b]);
      this.xmm[header] = Math.max(this.xmm[header], this.xmm[b]);
    }
  }

  #reserve(g: Graph, m: Machine): void {
    while (g.blocks > this.size.length) {
      g.memory.take(24 * this.size.length);
      this.size = doubled(this.size);
      this.general = doubled(this.general);
      this.xmm = doubled(this.xmm);
      this.firstIn = doubled(this.firstIn);
      this.inCount = doubled(this.inCount);
      this.#mark = doubled(this.#mark);
      this.#count = doubled(this.#count);
      this.#work = doubled(this.#work);
    }
    while (g.values > this.defNext.length) {
      g.memory.take(16 * this.defNext.length);
      this.defNext = doubled(this.defNext);
      this.#head = doubled(this.#head);
      this.#current = doubled(this.#current);
      this.#stamp = doubled(this.#stamp);
    }
    while (m.uses > this.useNext.length) {
      g.memory.take(4 * this.useNext.length);
      this.useNext = doubled(this.useNext);
    }
  }

  #addUse(g: Graph, value: i32, block: i32): void {
    if (g.block[value] === block) return;
    const last = this.#head[value];
    if (last >= 0 && this.#cellBlock[last] === block) return;
    const k = this.#cells;
    if (k === this.#cellBlock.length) {
      g.memory.take(8 * k);
      this.#cellBlock = doubled(this.#cellBlock);
      this.#cellNext = doubled(this.#cellNext);
    }
    this.#cellBlock[k] = block;
    this.#cellNext[k] = last;
    this.#head[value] = k;
    this.#cells = k + 1;
  }

  /** Blocks that use a value which they do not make. The operands of phis are used where the predecessor ends. */
  #collectUses(m: Machine): void {
    const g = m.graph;
    for (let v = 0; v < g.values; v++) this.#head[v] = -1;
    this.#cells = 0;
    for (let b = 0; b < g.blocks; b++) {
      let n = 0;
      for (let v = g.first[b]; v >= 0; v = g.next[v]) {
        if (g.op[v] === Ir.phi) {
          let k = 0;
          for (let e = g.edgeHead[b]; e >= 0; e = g.edgeNext[e]) {
            const value = g.pool[g.list[v] + k++];
            // A phi of this block whose value a back edge of one block brings: it lives through.
            if (g.block[value] !== g.edgeFrom[e]) this.#addUse(g, value, g.edgeFrom[e]);
          }
          continue;
        }
        if (m.folded[v] !== 0) continue;
        n += m.isCall[v] !== 0 ? callDistance : 1;
        const end = m.firstUse[v] + m.useCount[v];
        for (let u = m.firstUse[v]; u < end; u++) this.#addUse(g, m.useValue[u], b);
      }
      this.size[b] = n;
    }
  }

  /** From each use upwards to the definition. */
  #findLive(g: Graph): void {
    const lists = this.#count;
    for (let b = 0; b < g.blocks; b++) {
      this.#mark[b] = -1;
      lists[b] = -1;
      this.inCount[b] = 0;
    }
    // Values come one after another, so a list per block is made first, of cells in `ins` and `distance`.
    let n = 0;
    for (let v = 0; v < g.values; v++) {
      let top = 0;
      let steps = 0;
      for (let k = this.#head[v]; k >= 0; k = this.#cellNext[k]) {
        const b = this.#cellBlock[k];
        if (this.#mark[b] !== v) {
          this.#mark[b] = v;
          this.#work[top++] = b;
        }
      }
      const home = g.block[v];
      while (top > 0) {
        const b = this.#work[--top];
        if (n === this.ins.length) {
          g.memory.take(8 * n);
          this.ins = doubled(this.ins);
          this.distance = doubled(this.distance);
        }
        this.ins[n] = v;
        this.distance[n] = lists[b];
        lists[b] = n++;
        this.inCount[b]++;
        steps++;
        for (let e = g.edgeHead[b]; e >= 0; e = g.edgeNext[e]) {
          steps++;
          const from = g.edgeFrom[e];
          if (from === home || this.#mark[from] === v) continue;
          this.#mark[from] = v;
          this.#work[top++] = from;
        }
        // Before what it leads to is made, not at the end.
        if (steps > 64) {
          g.work.spend(steps);
          steps = 0;
        }
      }
      g.work.spend(steps);
    }
    for (let b = 0; b < g.blocks; b++) this.#mark[b] = 0;
    this.#pack(g, n);
  }

  #packed: Int32Array = new Int32Array(1024);

  /** From lists to runs. */
  #pack(g: Graph, n: i32): void {
    while (n > this.#packed.length) {
      g.memory.take(4 * this.#packed.length);
      this.#packed = doubled(this.#packed);
    }
    let at = 0;
    for (let b = 0; b < g.blocks; b++) {
      this.firstIn[b] = at;
      for (let k = this.#count[b]; k >= 0; k = this.distance[k]) this.#packed[at++] = this.ins[k];
    }
    for (let k = 0; k < n; k++) {
      this.ins[k] = this.#packed[k];
      this.distance[k] = never;
    }
  }

  #liveGeneral: i32 = 0;
  #liveXmm: i32 = 0;

  #count1(g: Graph, value: i32, step: i32): void {
    if (isFloat(g.type[value])) this.#liveXmm += step;
    else this.#liveGeneral += step;
  }

  #see(g: Graph, value: i32, at: i32): void {
    if (this.#stamp[value] !== this.#stamps) {
      this.#count1(g, value, 1);
      this.#stamp[value] = this.#stamps;
      this.#current[value] = at;
    } else if (at < this.#current[value]) this.#current[value] = at;
  }

  #nextOf(value: i32): i32 {
    return this.#stamp[value] === this.#stamps ? this.#current[value] : never;
  }

  /** What a successor needs, seen from the end of block b. */
  #fromSuccessor(g: Graph, b: i32, s: i32): void {
    const size = this.size[b];
    const penalty = g.loopDepth[s] < g.loopDepth[b] ? exitDistance : 0;
    const end = this.firstIn[s] + this.inCount[s];
    for (let k = this.firstIn[s]; k < end; k++) {
      const d = this.distance[k];
      // Not yet known of a back edge: beyond what is in the loop.
      this.#see(g, this.ins[k], size + (d >= never ? exitDistance : Math.min(d + penalty, never - 1 - size)));
    }
    let v = g.first[s];
    if (v < 0 || g.op[v] !== Ir.phi) return;
    const index = g.edgeIndex[b];
    for (; v >= 0 && g.op[v] === Ir.phi; v = g.next[v]) this.#see(g, g.pool[g.list[v] + index], size);
  }

  #measure(m: Machine, b: i32): void {
    const g = m.graph;
    this.#stamps++;
    this.#liveGeneral = this.#liveXmm = 0;
    const last = g.last[b];
    switch (g.op[last]) {
      case Ir.jump:
        this.#fromSuccessor(g, b, g.imm[last]);
        break;
      case Ir.branch:
        this.#fromSuccessor(g, b, g.imm[last]);
        this.#fromSuccessor(g, b, g.imm2[last]);
        break;
      case Ir.table:
        for (let k = 0; k < g.count[last]; k++) {
          const s = g.pool[g.list[last] + k];
          if (this.#mark[s] === this.#stamps) continue;
          this.#mark[s] = this.#stamps;
          this.#fromSuccessor(g, b, s);
        }
        break;
      default:
    }
    let at = this.size[b];
    let general = this.#liveGeneral;
    let xmm = this.#liveXmm;
    for (let v = last; v >= 0; v = g.previous[v]) {
      if (g.op[v] === Ir.phi) {
        this.defNext[v] = this.#nextOf(v);
        continue;
      }
      if (m.folded[v] !== 0) {
        this.defNext[v] = this.#nextOf(v);
        continue;
      }
      at -= m.isCall[v] !== 0 ? callDistance : 1;
      this.defNext[v] = this.#nextOf(v);
      if (this.defNext[v] < never && g.op[v] !== Ir.constant) this.#count1(g, v, -1);
      const first = m.firstUse[v];
      for (let u = first + m.useCount[v] - 1; u >= first; u--) {
        const value = m.useValue[u];
        this.useNext[u] = this.#nextOf(value);
      }
      for (let u = first + m.useCount[v] - 1; u >= first; u--) {
        const value = m.useValue[u];
        if (this.#stamp[value] !== this.#stamps) this.#count1(g, value, 1);
        this.#stamp[value] = this.#stamps;
        this.#current[value] = at;
      }
      general = Math.max(general, this.#liveGeneral);
      xmm = Math.max(xmm, this.#liveXmm);
    }
    this.general[b] = general;
    this.xmm[b] = xmm;
    const end = this.firstIn[b] + this.inCount[b];
    for (let k = this.firstIn[b]; k < end; k++) this.distance[k] = this.#nextOf(this.ins[k]);
  }
}
