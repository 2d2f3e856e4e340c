import { Int8Array, Int32Array, Math, newList } from '../../support/dialect.js';
import { isFloat, Registers, Type } from '../../valuestack/types.js';
import { doubled, type Graph, Ir } from './ir.js';
import { callDistance, exitDistance, Liveness, never } from './liveness.js';
import { Def, type Machine, Use } from './machine.js';

/** A reload is worth a register if the next use after this one is not farther. */
const near: i32 = 40;
/** A store moves only from so many blocks up the dominator tree. */
const farthestStore: i32 = 256;

/**
 * Register allocation in one pass over the blocks: which values are in registers is decided as Braun and Hack's spilling
 * does it (the farthest next use goes; a loop's header keeps what the loop uses, and what lives through it if the
 * loop's own values leave room), on the registers themselves, with hints for which. A value that is ever
 * needed from memory is stored where it is made; constants are made again. On edges into blocks with several predecessors,
 * moves lead from one state to the other. Linear in operands times registers.
 */
export class Allocator {
  readonly live: Liveness = new Liveness();
  #m!: Machine;
  #g!: Graph;
  #general: i32 = 0;
  #xmm: i32 = 0;
  /** Value per register, or -1. */
  readonly #value: Int32Array = new Int32Array(Registers.count);
  /** Register per value, or -1; where the next use is. */
  #where: Int32Array = new Int32Array(1024);
  #next: Int32Array = new Int32Array(1024);
  /** Block in which the value is alive at the begin, plus one. */
  #aliveIn: Int32Array = new Int32Array(1024);
  /** Register that a value should have, or -1; phi that it becomes, or -1. */
  #hint: Int32Array = new Int32Array(1024);
  #phiHint: Int32Array = new Int32Array(1024);
  /** 1: the register that is wanted is that of a call's argument. */
  #hintIsCall: Int32Array = new Int32Array(1024);
  /** Registers at the end and at the begin of each block: 32 values each. */
  #exit: Int32Array = new Int32Array(32 * 64);
  #entry: Int32Array = new Int32Array(32 * 64);
  #pinned: i32 = 0;
  // Where blocks meet.
  #candidates: Int32Array = new Int32Array(64);
  #candidateCount: i32 = 0;
  #predecessorsWith: Int32Array = new Int32Array(1024);
  /** Join that the value is a candidate of, plus one. */
  #seen: Int32Array = new Int32Array(1024);
  readonly #taken: Int8Array = new Int8Array(Registers.count);
  /** References of the host, in the order of their definitions. */
  readonly references: i32[] = newList<i32>();

  run(m: Machine, general: i32, xmm: i32): void {
    this.#m = m;
    const g = m.graph;
    this.#g = g;
    this.#general = general;
    this.#xmm = xmm;
    this.live.run(m);
    this.#reserve(g);
    this.#collectHints();
    for (let r = 0; r < Registers.count; r++) this.#value[r] = -1;
    for (let b = 0; b < g.blocks; b++) this.#block(b);
    this.#placeStores();
  }

  /**
   * Stores move from the definition towards what needs them: to the nearest block that dominates all of it, is in no loop that the
   * definition is not in, and has the value in a register where it begins. A way that needs none then has none.
   */
  #placeStores(): void {
    const g = this.#g;
    const m = this.#m;
    for (let b = 0; b < g.blocks; b++) {
      for (let v = g.first[b]; v >= 0; v = g.next[v]) {
        if (m.spilled[v] === 0 || m.reg[v] < 0 || m.needBlock[v] < 0) continue;
        let d = m.needBlock[v];
        let steps = 0;
        for (; d !== b && steps < farthestStore; steps++) {
          if (g.loop[d] === g.loop[b] || g.loopDepth[d] < g.loopDepth[b]) {
            const r = this.#registerAt(d, v);
            if (r >= 0) {
              m.storeBlock[v] = d;
              m.storeReg[v] = r;
              m.storeNext[v] = m.storeHead[d];
              m.storeHead[d] = v;
              break;
            }
          }
          d = g.idom[d];
        }
        g.work.spend(steps);
      }
    }
  }

  /** The register that has the value where block `b` begins, or -1. */
  #registerAt(b: i32, v: i32): i32 {
    for (let r = 0; r < Registers.count; r++) if (this.#entry[32 * b + r] === v) return r;
    return -1;
  }

  #reserve(g: Graph): void {
    while (g.values > this.#where.length) {
      g.memory.take(24 * this.#where.length);
      this.#where = doubled(this.#where);
      this.#next = doubled(this.#next);
      this.#aliveIn = doubled(this.#aliveIn);
      this.#seen = doubled(this.#seen);
      this.#hint = doubled(this.#hint);
      this.#phiHint = doubled(this.#phiHint);
      this.#hintIsCall = doubled(this.#hintIsCall);
      this.#predecessorsWith = doubled(this.#predecessorsWith);
    }
    while (32 * g.blocks > this.#exit.length) {
      g.memory.take(8 * this.#exit.length);
      this.#exit = doubled(this.#exit);
      this.#entry = doubled(this.#entry);
    }
    for (let v = 0; v < g.values; v++) {
      this.#where[v] = -1;
      this.#next[v] = never;
      this.#aliveIn[v] = 0;
      this.#seen[v] = 0;
      this.#hint[v] = -1;
      this.#phiHint[v] = -1;
    }
  }

  #collectHints(): void {
    const g = this.#g;
    const m = this.#m;
    this.references.length = 0;
    for (let b = 0; b < g.blocks; b++) {
      for (let v = g.first[b]; v >= 0; v = g.next[v]) {
        if (g.type[v] === Type.externRef && g.op[v] !== Ir.constant) this.references.push(v);
        if (g.op[v] === Ir.phi) {
          for (let k = 0; k < g.count[v]; k++) {
            const value = g.pool[g.list[v] + k];
            const other = this.#phiHint[value];
            if (other < 0 || g.loopDepth[g.block[other]] <= g.loopDepth[b]) this.#phiHint[value] = v;
          }
          continue;
        }
        if (m.folded[v] !== 0) continue;
        const end = m.firstUse[v] + m.useCount[v];
        for (let u = m.firstUse[v]; u < end; u++) {
          if (m.useKind[u] < Use.fixed) continue;
          this.#hint[m.useValue[u]] = m.useKind[u] - Use.fixed;
          this.#hintIsCall[m.useValue[u]] = m.isCall[v];
        }
      }
    }
  }

  // State.

  #put(r: i32, v: i32): void {
    this.#value[r] = v;
    this.#where[v] = r;
  }

  #drop(r: i32): void {
    const v = this.#value[r];
    if (v >= 0) this.#where[v] = -1;
    this.#value[r] = -1;
  }

  /** Something in block `b` reads the value from memory. */
  #needMemory(v: i32, b: i32): void {
    const g = this.#g;
    const m = this.#m;
    if (g.op[v] === Ir.constant) return;
    m.spilled[v] = 1;
    m.needBlock[v] = m.needBlock[v] < 0 ? b : g.commonDominator(m.needBlock[v], b);
  }

  /** The value of `r` goes: whoever needs it later gets it from memory. */
  #evict(r: i32): void {
    this.#drop(r);
  }

  #classOf(v: i32): i32 {
    return isFloat(this.#g.type[v]) ? this.#xmm : this.#general;
  }

  #free(mask: i32): i32 {
    let free = 0;
    for (let m = mask; m !== 0; m &= m - 1) {
      const r = 31 - Math.clz32(m & -m);
      if (this.#value[r] < 0) free |= 1 << r;
    }
    return free;
  }

  /** A register of `mask` that is not pinned; whatever has the farthest next use goes. */
  #take(mask: i32): i32 {
    const candidates = mask & ~this.#pinned;
    const free = this.#free(candidates);
    if (free !== 0) return 31 - Math.clz32(free & -free);
    let best = -1;
    let farthest = -1;
    for (let m = candidates; m !== 0; m &= m - 1) {
      const r = 31 - Math.clz32(m & -m);
      const v = this.#value[r];
      const next = this.#next[v] + (this.#g.op[v] === Ir.constant ? 4 : 0);
      if (next > farthest) {
        farthest = next;
        best = r;
      }
    }
    if (best < 0) throw new Error('internal error: no register can be had');
    this.#evict(best);
    return best;
  }

  // Blocks.

  #block(b: i32): void {
    const g = this.#g;
    const m = this.#m;
    const live = this.live;
    for (let r = 0; r < Registers.count; r++) this.#drop(r);
    g.work.spend(this.references.length);
    for (let k = 0; k < this.references.length; k++) this.#next[this.references[k]] = never;
    const end = live.firstIn[b] + live.inCount[b];
    for (let k = live.firstIn[b]; k < end; k++) {
      const v = live.ins[k];
      this.#next[v] = live.distance[k];
      this.#aliveIn[v] = b + 1;
    }
    for (let v = g.first[b]; v >= 0 && g.op[v] === Ir.phi; v = g.next[v]) this.#next[v] = live.defNext[v];
    if (g.header[b] !== 0) this.#enterLoop(b);
    else if (g.edgeCount[b] === 1) this.#inherit(b, g.edgeFrom[g.edgeHead[b]]);
    else if (g.edgeCount[b] > 1) this.#enterJoin(b);
    this.#save(this.#entry, b);
    if (g.header[b] !== 0) this.#connect(g.edgeFrom[g.edgeHead[b]], b);
    else if (g.edgeCount[b] > 1) {
      for (let e = g.edgeHead[b]; e >= 0; e = g.edgeNext[e]) this.#connect(g.edgeFrom[e], b);
    }
    for (let v = g.first[b]; v >= 0; v = g.next[v]) {
      if (g.op[v] === Ir.phi) {
        m.reg[v] = this.#where[v];
        // Nobody reads it, but it is there until here.
        if (this.#next[v] >= never && this.#where[v] >= 0) this.#drop(this.#where[v]);
      } else if (m.folded[v] === 0) this.#instruction(v);
    }
    this.#save(this.#exit, b);
    const last = g.last[b];
    if (g.op[last] === Ir.jump && g.imm[last] <= b) this.#connect(b, g.imm[last]);
  }

  /** The value that register `r` holds where the block begins, or -1. */
  entryOf(b: i32, r: i32): i32 {
    return this.#entry[32 * b + r];
  }

  #save(states: Int32Array, b: i32): void {
    for (let r = 0; r < Registers.count; r++) states[32 * b + r] = this.#value[r];
  }

  #inherit(b: i32, from: i32): void {
    for (let r = 0; r < Registers.count; r++) {
      const v = this.#exit[32 * from + r];
      if (v >= 0 && this.#aliveIn[v] === b + 1) this.#put(r, v);
    }
  }

  #addCandidate(v: i32): void {
    const n = this.#candidateCount;
    if (n === this.#candidates.length) this.#candidates = doubled(this.#candidates);
    this.#candidates[n] = v;
    this.#candidateCount = n + 1;
  }

  /**
   * The best `limit` candidates of a class, those with the nearest uses, in `#candidates` from 0 on. Returns how many.
   * @param farthest only those whose next use is nearer
   */
  #choose(xmm: bool, limit: i32, farthest: i32, from: i32): i32 {
    const g = this.#g;
    const list = this.#candidates;
    let chosen = from;
    while (chosen - from < limit) {
      let best = -1;
      for (let k = chosen; k < this.#candidateCount; k++) {
        const v = list[k];
        if (isFloat(g.type[v]) !== xmm || this.#next[v] >= farthest) continue;
        if (best < 0 || this.#next[v] < this.#next[list[best]]) best = k;
      }
      if (best < 0) break;
      const v = list[best];
      list[best] = list[chosen];
      list[chosen++] = v;
    }
    return chosen;
  }

  #countBits(mask: i32): i32 {
    let n = 0;
    for (let m = mask; m !== 0; m &= m - 1) n++;
    return n;
  }

  // A join: what all predecessors have in registers stays there, as far as there is room.

  #enterJoin(b: i32): void {
    const g = this.#g;
    this.#candidateCount = 0;
    const edges = g.edgeCount[b];
    let index = 0;
    for (let e = g.edgeHead[b]; e >= 0; e = g.edgeNext[e], index++) {
      const from = g.edgeFrom[e];
      for (let r = 0; r < Registers.count; r++) {
        const v = this.#exit[32 * from + r];
        if (v < 0) continue;
        this.#where[v] = r;
        if (this.#aliveIn[v] === b + 1) this.#seeIn(v, b);
      }
      for (let v = g.first[b]; v >= 0 && g.op[v] === Ir.phi; v = g.next[v]) {
        const operand = g.pool[g.list[v] + index];
        // A constant is as good as in a register.
        if (this.#where[operand] >= 0 || g.op[operand] === Ir.constant) this.#seeIn(v, b);
      }
      for (let r = 0; r < Registers.count; r++) {
        const v = this.#exit[32 * from + r];
        if (v >= 0) this.#where[v] = -1;
      }
    }
    // What some have in memory is farther away.
    for (let k = 0; k < this.#candidateCount; k++) {
      const v = this.#candidates[k];
      if (this.#predecessorsWith[v] < edges && this.#next[v] < callDistance) this.#next[v] += callDistance;
    }
    const general = this.#choose(false, this.#countBits(this.#general), 2 * callDistance, 0);
    const all = this.#choose(true, this.#countBits(this.#xmm), 2 * callDistance, general);
    const enough = this.#chooseRest(edges, all);
    for (let k = 0; k < this.#candidateCount; k++) {
      const v = this.#candidates[k];
      if (this.#predecessorsWith[v] < edges && this.#next[v] >= callDistance && this.#next[v] < 2 * callDistance) {
        this.#next[v] -= callDistance;
      }
    }
    this.#place(b, enough);
    this.#leaveInMemory(b);
  }

  /** Far values that all predecessors have in registers, while registers are left. */
  #chooseRest(edges: i32, from: i32): i32 {
    const g = this.#g;
    let general = this.#countBits(this.#general);
    let xmm = this.#countBits(this.#xmm);
    for (let k = 0; k < from; k++) {
      if (isFloat(g.type[this.#candidates[k]])) xmm--;
      else general--;
    }
    let chosen = from;
    for (let k = from; k < this.#candidateCount; k++) {
      const v = this.#candidates[k];
      if (this.#predecessorsWith[v] < edges || this.#next[v] >= never) continue;
      if (isFloat(g.type[v]) ? xmm-- <= 0 : general-- <= 0) continue;
      this.#candidates[k] = this.#candidates[chosen];
      this.#candidates[chosen++] = v;
    }
    return chosen;
  }

  #seeIn(v: i32, b: i32): void {
    if (this.#seen[v] !== b + 1) {
      this.#seen[v] = b + 1;
      this.#addCandidate(v);
      this.#predecessorsWith[v] = 1;
    } else this.#predecessorsWith[v]++;
  }

  /** Give the first `count` candidates registers: those that a predecessor has them in, if that goes. */
  #place(b: i32, count: i32): void {
    const g = this.#g;
    for (let r = 0; r < Registers.count; r++) this.#taken[r] = 0;
    for (let k = 0; k < count; k++) this.#hintFrom[k & 63] = -1;
    let index = 0;
    for (let e = g.edgeHead[b]; e >= 0 && g.edgeFrom[e] < b; e = g.edgeNext[e], index++) {
      const exit = 32 * g.edgeFrom[e];
      for (let r = 0; r < Registers.count; r++) {
        const v = this.#exit[exit + r];
        if (v >= 0) this.#where[v] = r;
      }
      for (let k = 0; k < count; k++) {
        const v = this.#candidates[k];
        if (this.#hintFrom[k] >= 0) continue;
        const isPhi = g.op[v] === Ir.phi && g.block[v] === b;
        const r = this.#where[isPhi ? g.pool[g.list[v] + index] : v];
        if (r < 0 || this.#taken[r] !== 0) continue;
        // An operand that lives on keeps its register.
        if (isPhi && this.#aliveIn[g.pool[g.list[v] + index]] === b + 1) continue;
        this.#hintFrom[k] = r;
        this.#taken[r] = 1;
      }
      for (let r = 0; r < Registers.count; r++) {
        const v = this.#exit[exit + r];
        if (v >= 0) this.#where[v] = -1;
      }
      if (g.header[b] !== 0) break;
    }
    for (let k = 0; k < count; k++) {
      const v = this.#candidates[k];
      let r = this.#hintFrom[k];
      if (r < 0) {
        for (let m = this.#classOf(v); m !== 0; m &= m - 1) {
          const candidate = 31 - Math.clz32(m & -m);
          if (this.#taken[candidate] !== 0) continue;
          r = candidate;
          break;
        }
        if (r < 0) continue;
        this.#taken[r] = 1;
      }
      this.#put(r, v);
    }
  }

  readonly #hintFrom: Int32Array = new Int32Array(64);

  /** Phis without a register are written to memory by all predecessors. */
  #leaveInMemory(b: i32): void {
    const g = this.#g;
    for (let v = g.first[b]; v >= 0 && g.op[v] === Ir.phi; v = g.next[v]) {
      if (this.#where[v] < 0) this.#m.spilled[v] = 1;
    }
  }

  // A loop: its header has in registers what the loop uses.

  #enterLoop(b: i32): void {
    const g = this.#g;
    const live = this.live;
    this.#candidateCount = 0;
    const end = live.firstIn[b] + live.inCount[b];
    for (let k = live.firstIn[b]; k < end; k++) {
      // An integer constant is made again by one short instruction, and waits in no register.
      const v = live.ins[k];
      if (g.op[v] !== Ir.constant || isFloat(g.type[v])) this.#addCandidate(v);
    }
    for (let v = g.first[b]; v >= 0 && g.op[v] === Ir.phi; v = g.next[v]) {
      if (this.#next[v] < never) this.#addCandidate(v);
    }
    const general = this.#chooseForLoop(b, false, 0);
    const all = this.#chooseForLoop(b, true, general);
    this.#place(b, all);
    this.#leaveInMemory(b);
  }

  #chooseForLoop(b: i32, xmm: bool, from: i32): i32 {
    const g = this.#g;
    const room = this.#countBits(xmm ? this.#xmm : this.#general);
    const pressure = xmm ? this.live.xmm[b] : this.live.general[b];
    let chosen = this.#choose(xmm, room, callDistance, from);
    // What lives through, or is used behind a call only, if it is in a register anyway.
    let others = 0;
    const exit = 32 * g.edgeFrom[g.edgeHead[b]];
    const mask = xmm ? this.#xmm : this.#general;
    for (let m = mask; m !== 0; m &= m - 1) {
      const v = this.#exit[exit + 31 - Math.clz32(m & -m)];
      if (v >= 0 && this.#aliveIn[v] === b + 1 && this.#next[v] >= exitDistance) others++;
    }
    let extra = Math.min(room - (chosen - from), others - Math.max(0, pressure - room));
    for (let m = mask; m !== 0 && extra > 0; m &= m - 1) {
      const v = this.#exit[exit + 31 - Math.clz32(m & -m)];
      if (v < 0 || this.#aliveIn[v] !== b + 1 || this.#next[v] < exitDistance) continue;
      for (let k = chosen; k < this.#candidateCount; k++) {
        if (this.#candidates[k] !== v) continue;
        this.#candidates[k] = this.#candidates[chosen];
        this.#candidates[chosen++] = v;
        extra--;
        break;
      }
    }
    return chosen;
  }

  /** Moves at the end of `from` to what `b` expects. */
  #connect(from: i32, b: i32): void {
    const g = this.#g;
    const m = this.#m;
    const jump = g.last[from];
    const index = g.edgeIndex[from];
    // Registers of `from`: `#where` belongs to the block that is at hand, so its contents come back afterwards.
    for (let r = 0; r < Registers.count; r++) {
      const v = this.#value[r];
      if (v >= 0) this.#where[v] = -1;
    }
    for (let r = 0; r < Registers.count; r++) {
      const v = this.#exit[32 * from + r];
      if (v >= 0) this.#where[v] = r;
    }
    for (let r = 0; r < Registers.count; r++) {
      const v = this.#entry[32 * b + r];
      if (v < 0) continue;
      const isPhi = g.op[v] === Ir.phi && g.block[v] === b;
      const source = isPhi ? g.pool[g.list[v] + index] : v;
      const s = this.#where[source];
      if (s === r) continue;
      if (s < 0) this.#needMemory(source, from);
      m.addMove(jump, r, s, source, -1);
    }
    for (let v = g.first[b]; v >= 0 && g.op[v] === Ir.phi; v = g.next[v]) {
      if (this.#registerAt(b, v) >= 0) continue;
      if (m.spilled[v] === 0) continue;
      const source = g.pool[g.list[v] + index];
      if (source === v) continue;
      const s = this.#where[source];
      if (s < 0) this.#needMemory(source, from);
      m.addMove(jump, -1, s, source, v);
    }
    for (let r = 0; r < Registers.count; r++) {
      const v = this.#exit[32 * from + r];
      if (v >= 0) this.#where[v] = -1;
    }
    for (let r = 0; r < Registers.count; r++) {
      const v = this.#value[r];
      if (v >= 0) this.#where[v] = r;
    }
  }

  // Instructions.

  #instruction(v: i32): void {
    const m = this.#m;
    if (m.isCall[v] !== 0) {
      this.#call(v);
      return;
    }
    const first = m.firstUse[v];
    const end = first + m.useCount[v];
    const clobbers = m.clobbers[v];
    this.#pinned = 0;
    for (let u = first; u < end; u++) {
      const r = this.#where[m.useValue[u]];
      if (m.useKind[u] < Use.fixed && r >= 0 && ((clobbers >>> r) & 1) === 0) this.#pinned |= 1 << r;
    }
    let fixed = 0;
    for (let u = first; u < end; u++) if (m.useKind[u] >= Use.fixed) fixed |= 1 << (m.useKind[u] - Use.fixed);
    for (let u = first; u < end; u++) {
      if (m.useKind[u] >= Use.fixed) this.#useFixed(v, u, m.useKind[u] - Use.fixed, clobbers | fixed);
    }
    for (let u = first; u < end; u++) {
      if (m.useKind[u] < Use.fixed) this.#useAnywhere(v, u, clobbers | fixed);
    }
    // What the instruction destroys, and somebody still needs.
    for (let c = clobbers; c !== 0; c &= c - 1) {
      const r = 31 - Math.clz32(c & -c);
      const w = this.#value[r];
      if (w < 0) continue;
      if (this.#nextAfter(w, first, end) < never) this.#relocate(v, r, clobbers | fixed);
      else this.#drop(r);
    }
    this.#pinned |= clobbers | fixed;
    let temps = 0;
    for (let n = m.temps[v] & 15; n > 0; n--) temps |= this.#temp(this.#general);
    for (let n = m.temps[v] >> 4; n > 0; n--) temps |= this.#temp(this.#xmm);
    m.tempMask[v] = temps;
    let operands = 0;
    let dying = 0;
    for (let u = first; u < end; u++) {
      const value = m.useValue[u];
      const next = this.live.useNext[u];
      this.#next[value] = next;
      const r = m.useReg[u];
      if (r >= 0) operands |= 1 << r;
      const held = this.#where[value];
      if (next < never || held < 0) continue;
      if (held === r) dying |= 1 << r;
      this.#drop(held);
    }
    m.dying[v] = dying;
    const def = m.def[v];
    if (def !== Def.none) this.#define(v, def, operands, dying, temps);
  }

  #temp(mask: i32): i32 {
    const r = this.#take(mask);
    this.#pinned |= 1 << r;
    return 1 << r;
  }

  /** Next use of `w` after the instruction with the operands from `first` to `end`. */
  #nextAfter(w: i32, first: i32, end: i32): i32 {
    for (let u = first; u < end; u++) if (this.#m.useValue[u] === w) return this.live.useNext[u];
    return this.#next[w];
  }

  /** Get the value of `r` out of there: to a free register that is not of `avoid`, else memory has it. */
  #relocate(v: i32, r: i32, avoid: i32): void {
    const w = this.#value[r];
    const free = this.#free(this.#classOf(w) & ~avoid & ~this.#pinned);
    if (free === 0) {
      this.#evict(r);
      return;
    }
    const d = 31 - Math.clz32(free & -free);
    this.#m.addMove(v, d, r, w, -1);
    this.#value[r] = -1;
    this.#put(d, w);
  }

  #useFixed(v: i32, u: i32, r: i32, avoid: i32): void {
    const m = this.#m;
    const value = m.useValue[u];
    const s = this.#where[value];
    if (s === r) {
      // A copy, if it is needed afterwards or by another operand.
      const first = m.firstUse[v];
      const end = first + m.useCount[v];
      let isUsedTwice = false;
      for (let k = first; k < end; k++) if (k !== u && m.useValue[k] === value) isUsedTwice = true;
      if (isUsedTwice || this.live.useNext[u] < never) {
        const free = this.#free(this.#classOf(value) & ~avoid & ~this.#pinned);
        if (free !== 0) {
          const d = 31 - Math.clz32(free & -free);
          m.addMove(v, d, r, value, -1);
          this.#value[r] = -1;
          this.#put(d, value);
          this.#pinned |= 1 << d;
        } else {
          this.#drop(r);
        }
      } else this.#drop(r);
    } else {
      const w = this.#value[r];
      if (w >= 0) {
        if (this.#nextAfter(w, m.firstUse[v], m.firstUse[v] + m.useCount[v]) < never || this.#isOperand(v, w)) {
          this.#relocate(v, r, avoid);
        } else this.#drop(r);
      }
      if (s < 0) this.#needMemory(value, this.#g.block[v]);
      m.addMove(v, r, this.#where[value], value, -1);
    }
    this.#pinned |= 1 << r;
    m.useReg[u] = r;
  }

  #isOperand(v: i32, w: i32): bool {
    const m = this.#m;
    const end = m.firstUse[v] + m.useCount[v];
    for (let u = m.firstUse[v]; u < end; u++) if (m.useValue[u] === w) return true;
    return false;
  }

  #useAnywhere(v: i32, u: i32, avoid: i32): void {
    const m = this.#m;
    const value = m.useValue[u];
    let r = this.#where[value];
    if (r >= 0 && ((avoid >>> r) & 1) !== 0) {
      this.#relocate(v, r, avoid);
      r = this.#where[value];
    }
    if (r < 0) {
      const mask = this.#classOf(value) & ~avoid;
      if (m.useKind[u] === Use.any) {
        const hasFree = this.#free(mask & ~this.#pinned) !== 0;
        if (!hasFree || this.live.useNext[u] > near) {
          this.#needMemory(value, this.#g.block[v]);
          m.useReg[u] = -1;
          return;
        }
      }
      r = this.#take(mask);
      this.#needMemory(value, this.#g.block[v]);
      m.addMove(v, r, -1, value, -1);
      this.#put(r, value);
    }
    this.#pinned |= 1 << r;
    m.useReg[u] = r;
  }

  #define(v: i32, def: i32, operands: i32, dying: i32, temps: i32): void {
    const m = this.#m;
    const next = this.live.defNext[v];
    this.#next[v] = next;
    if (def === Def.memory) {
      m.spilled[v] = 1;
      return;
    }
    let r = -1;
    this.#pinned = temps;
    const mask = this.#classOf(v);
    if (def >= Def.fixed) {
      r = def - Def.fixed;
      if (this.#value[r] >= 0) this.#evict(r);
    } else {
      if (def === Def.same || def === Def.apart) {
        if (def === Def.same && m.useCount[v] > 0) {
          const first = m.useReg[m.firstUse[v]];
          if (first >= 0 && ((dying >>> first) & 1) !== 0) r = first;
          else if (m.swaps[v] !== 0 && m.useCount[v] === 2) {
            const second = m.useReg[m.firstUse[v] + 1];
            if (second >= 0 && ((dying >>> second) & 1) !== 0) r = second;
          }
        }
        this.#pinned |= operands;
      }
      if (r < 0) r = this.#hinted(v, mask & ~this.#pinned);
      if (r < 0 && def === Def.reg && (dying & mask) !== 0) r = 31 - Math.clz32(dying & mask & -(dying & mask));
      if (r < 0) r = this.#take(mask);
    }
    m.reg[v] = r;
    if (next < never) this.#put(r, v);
  }

  /** The register that the value should have, if it is free. */
  #hinted(v: i32, mask: i32): i32 {
    const phi = this.#phiHint[v];
    if (phi >= 0) {
      const r = this.#m.reg[phi];
      if (r >= 0 && ((mask >>> r) & 1) !== 0 && this.#value[r] < 0) return r;
    }
    const r = this.#hint[v];
    if (r < 0 || ((mask >>> r) & 1) === 0) return -1;
    const w = this.#value[r];
    if (w < 0) return r;
    // What the call would drop anyway, before its next use, can go now.
    if (this.#hintIsCall[v] === 0 || this.#next[w] <= this.#next[v]) return -1;
    this.#evict(r);
    return r;
  }

  /** A call, or a return: operands go to their places all at once, and no register keeps its value. */
  #call(v: i32): void {
    const m = this.#m;
    const first = m.firstUse[v];
    const end = first + m.useCount[v];
    for (let u = first; u < end; u++) {
      const value = m.useValue[u];
      const s = this.#where[value];
      if (s < 0) this.#needMemory(value, this.#g.block[v]);
      m.useReg[u] = s;
      if (m.useKind[u] >= Use.fixed && s !== m.useKind[u] - Use.fixed) {
        m.addMove(v, m.useKind[u] - Use.fixed, s, value, -1);
      }
    }
    for (let u = first; u < end; u++) this.#next[m.useValue[u]] = this.live.useNext[u];
    for (let r = 0; r < Registers.count; r++) if (this.#value[r] >= 0) this.#evict(r);
    if (this.references.length > 0) {
      this.#g.work.spend(this.references.length);
      for (let k = 0; k < this.references.length; k++) {
        const w = this.references[k];
        if (this.#next[w] >= never) continue;
        this.#needMemory(w, this.#g.block[v]);
        m.addLiveReference(v, w);
      }
    }
  }
}
