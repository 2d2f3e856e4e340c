import { Op } from '../../stream/op.js';
import { Int32Array } from '../../support/dialect.js';
import { Kind, kindOf } from './fold.js';
import { doubled, type Graph, Ir, noType } from './ir.js';
import { isAtomic } from './values.js';
import { replaceTrivial } from './variables.js';

/** The instruction can be left out if nobody reads its value. */
export function isRemovable(g: Graph, v: i32): bool {
  const op = g.op[v];
  if (op === Ir.phi || op === Ir.constant || op === Op.globalGet || op === Op.memorySize) return true;
  if (op === Op.refFunc || op === Op.select || op === Op.tableSize) return true;
  return isPure(op);
}

/** Depends on its operands only, and does nothing else. */
export function isPure(op: i32): bool {
  if (op >= Op.i32Eqz && op <= Op.i64Extend32S) return kindOf(op) === Kind.pure;
  if (op >= Op.i32TruncSatF32S && op <= Op.i64TruncSatF64U) return true;
  if (op >= Op.i8x16Shuffle && op <= Op.v128AnyTrue) return true;
  return (op >= Op.f32x4DemoteF64x2Zero && !isAtomic(op)) || op === Op.select || op === Op.refFunc;
}

/**
 * Passes that every function gets: phis that are no choice, operands that were replaced, instructions that nobody needs.
 * Each is linear, the first in the number of operands of phis times the rounds it takes: as many as loops are nested.
 */
export class Cleanup {
  #list: Int32Array = new Int32Array(256);
  #marks: Int32Array = new Int32Array(256);

  run(g: Graph): void {
    this.#removePhis(g);
    this.#resolveAll(g);
    this.#removeDead(g);
  }

  #removePhis(g: Graph): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (let b = 0; b < g.blocks; b++) {
        let v = g.first[b];
        while (v >= 0 && g.op[v] === Ir.phi) {
          const next = g.next[v];
          g.work.spend(g.count[v]);
          if (replaceTrivial(g, v)) changed = true;
          v = next;
        }
      }
    }
  }

  #resolveAll(g: Graph): void {
    for (let b = 0; b < g.blocks; b++) {
      for (let v = g.first[b]; v >= 0; v = g.next[v]) {
        g.x[v] = g.resolve(g.x[v]);
        g.y[v] = g.resolve(g.y[v]);
        g.z[v] = g.resolve(g.z[v]);
        if (g.op[v] === Ir.table) continue;
        const list = g.list[v];
        for (let k = 0; k < g.count[v]; k++) g.pool[list + k] = g.resolve(g.pool[list + k]);
      }
    }
  }

  #removeDead(g: Graph): void {
    while (g.values > this.#marks.length) this.#marks = doubled(this.#marks);
    while (g.values > this.#list.length) this.#list = doubled(this.#list);
    const marks = this.#marks;
    const list = this.#list;
    for (let v = 0; v < g.values; v++) marks[v] = 0;
    let n = 0;
    for (let b = 0; b < g.blocks; b++) {
      for (let v = g.first[b]; v >= 0; v = g.next[v]) {
        if (isRemovable(g, v)) continue;
        marks[v] = 1;
        list[n++] = v;
      }
    }
    while (n > 0) {
      const v = list[--n];
      for (let k = 0; k < 3; k++) {
        const operand = k === 0 ? g.x[v] : k === 1 ? g.y[v] : g.z[v];
        if (operand >= 0 && marks[operand] === 0) {
          marks[operand] = 1;
          list[n++] = operand;
        }
      }
      if (g.op[v] === Ir.table) continue;
      for (let k = 0; k < g.count[v]; k++) {
        const operand = g.pool[g.list[v] + k];
        if (marks[operand] === 0) {
          marks[operand] = 1;
          list[n++] = operand;
        }
      }
    }
    for (let b = 0; b < g.blocks; b++) {
      let v = g.first[b];
      while (v >= 0) {
        const next = g.next[v];
        if (marks[v] === 0) g.remove(v);
        v = next;
      }
    }
  }
}

/** Which loop each block is in: from each back edge upwards to the header, inner loops first. */
export class Loops {
  #work: Int32Array = new Int32Array(64);
  /** By header: the header of the loop around, as far as it is known. */
  #around: Int32Array = new Int32Array(64);

  run(g: Graph): void {
    while (g.blocks > this.#around.length) this.#around = doubled(this.#around);
    for (let b = 0; b < g.blocks; b++) {
      g.loop[b] = -1;
      g.loopDepth[b] = 0;
      this.#around[b] = -1;
    }
    for (let h = g.blocks - 1; h >= 0; h--) {
      if (g.header[h] === 0) continue;
      if (g.edgeCount[h] === 1) {
        g.header[h] = 0;
        continue;
      }
      let n = 0;
      g.loop[h] = h;
      for (let e = g.edgeNext[g.edgeHead[h]]; e >= 0; e = g.edgeNext[e]) n = this.#add(g, g.edgeFrom[e], h, n);
      while (n > 0) {
        const b = this.#work[--n];
        for (let e = g.edgeHead[b]; e >= 0; e = g.edgeNext[e]) n = this.#add(g, g.edgeFrom[e], h, n);
      }
    }
    for (let b = 0; b < g.blocks; b++) {
      const header = g.loop[b];
      if (header < 0) continue;
      if (header === b) {
        const outer = outerLoop(g, b);
        g.loopDepth[b] = outer < 0 ? 1 : g.loopDepth[outer] + 1;
      } else g.loopDepth[b] = g.loopDepth[header];
      // The layout goes through them.
      g.work.spend(g.loopDepth[b]);
    }
  }

  /** Block `b` can reach the header `h`: go on from it, or from the outermost known loop that it is in. */
  #add(g: Graph, b: i32, h: i32, n: i32): i32 {
    if (b === h) return n;
    let start = b;
    if (g.loop[b] >= 0) {
      // Already in a loop: this one, or one inside of it, of which the outermost counts.
      let header = g.loop[b];
      while (header !== h) {
        g.work.spend(1);
        const around = this.#around[header];
        if (around < 0) break;
        header = around;
      }
      if (header === h) return n;
      this.#around[header] = h;
      start = header;
    } else g.loop[b] = h;
    if (n === this.#work.length) this.#work = doubled(this.#work);
    this.#work[n] = start;
    return n + 1;
  }
}

/** The header of the loop around the one of header `h`, or -1. Known when all inner loops are. */
export function outerLoop(g: Graph, h: i32): i32 {
  return g.loop[g.edgeFrom[g.edgeHead[h]]];
}

/**
 * Loop-invariant code: what depends on nothing in a loop is computed before it. Only what is pure, and not what an
 * instruction has for free (sums that are addresses, comparisons that are branches).
 */
export class Invariants {
  run(g: Graph): void {
    for (let b = 0; b < g.blocks; b++) {
      if (g.loop[b] < 0) continue;
      let v = g.first[b];
      while (v >= 0) {
        const next = g.next[v];
        if (g.type[v] !== noType && isHoistable(g.op[v])) this.#hoist(g, v, b);
        v = next;
      }
    }
  }

  #hoist(g: Graph, v: i32, b: i32): void {
    // The block in front of the outermost loop that has all operands before it.
    let place = -1;
    for (let h = g.loop[b]; h >= 0; h = outerLoop(g, h)) {
      g.work.spend(1);
      const before = g.edgeFrom[g.edgeHead[h]];
      if (!availableAt(g, g.x[v], before) || !availableAt(g, g.y[v], before) || !availableAt(g, g.z[v], before)) break;
      place = before;
    }
    if (place < 0) return;
    g.remove(v);
    g.insertBefore(v, g.last[place]);
  }
}

function availableAt(g: Graph, v: i32, b: i32): bool {
  return v < 0 || g.dominates(g.block[v], b);
}

function isHoistable(op: i32): bool {
  if (op >= Op.i32Eqz && op <= Op.f64Ge) return false;
  return isPure(op);
}
