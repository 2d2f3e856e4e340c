import { Frame } from '../backends/abi/layout.js';
import type { Assembler } from '../backends/x64/assembler.js';
import { Reg } from '../backends/x64/registers.js';
import { fillBytes } from '../support/bulk.js';
import { Int8Array, Int32Array, Math } from '../support/dialect.js';
import { MemoryBudget } from '../support/memory-budget.js';
import { type World, worldOf } from '../support/world.js';
import { isFloat, Registers, slotsOf, Type, VectorConstant } from './types.js';

/** Runs of declared locals that there is room for at first. */
const firstRuns = 64;

/** Locals (with parameters) a function can have: the standard's limit, and room for the parameters. */
const maxLocals = 51_200;

/**
 * The register file and the locals: which register holds which local, which registers are free, and where the
 * locals' slots are. A register holds either one local or any number of stack entries, never both.
 *
 * Everything is an integer or a typed array; one object per compiler, reused for all functions. Compile work never
 * depends on the number of locals: only those in registers (at most 26) are ever looked at.
 */
export class RegisterFile {
  readonly asm: Assembler;
  /** Registers that hold nothing. */
  free: i32 = Registers.allocatable;
  /** Registers that hold a local. */
  held: i32 = 0;
  /** Registers whose local has a newer value than its slot. */
  dirty: i32 = 0;
  /** Registers that the current opcode reads: not to be handed out until the opcode is done. */
  pinned: i32 = 0;
  /** The processor's flags hold a condition: emit nothing that changes them. */
  flagsLive: bool = false;
  /**
   * The last ALU instruction left ZF for the 32-bit value of register `zeroFlagOf`, if nothing was emitted since
   * `zeroFlagAt`.
   */
  zeroFlagOf: i32 = -1;
  zeroFlagAt: i32 = -1;
  /** Stack entries per register. */
  readonly uses: Int8Array = new Int8Array(Registers.count);
  /** Local per register, or -1. */
  readonly localIn: Int32Array = new Int32Array(Registers.count).fill(-1);
  /** When a register's local was last used: the oldest is evicted first. */
  readonly stamp: Int32Array = new Int32Array(Registers.count);
  /** The next stamp. */
  clock: i32 = 0;
  readonly world: World;
  /** Registers that are handed out, by class, if there is a choice. */
  #general: i32;
  #xmm: i32;
  /**
   * Stamps up to this fit beside a register number in one int32 (`#evictLocal`). A function of the largest size can need
   * more: then they begin again, and all that are older than `World.keptAge` are equally old.
   */
  protected readonly mostStamps: i32;

  /** Register per local, or -1; all -1 between functions. */
  readonly localReg: Int8Array = new Int8Array(maxLocals).fill(-1);
  readonly localType: Int8Array = new Int8Array(maxLocals);
  /** Unread `local.get`s per local on the value stack. */
  readonly localRefs: Int8Array = new Int8Array(maxLocals);
  localCount: i32 = 0;
  paramCount: i32 = 0;
  /** Displacement from rbp of each parameter. */
  paramDisp: Int32Array = new Int32Array(0);
  /** Displacement from rbp of the end of the first declared local's slot: the others follow below. */
  #declaredTop: i32 = 0;
  /** Slots (of 8 bytes) of the declared locals so far. */
  declaredSlots: i32 = 0;
  /** Runs of declared locals, looked at only if some are vectors, which take two slots: first local, slots before it. */
  #runs: i32 = 0;
  #runFirst: Int32Array = new Int32Array(firstRuns);
  #runSlots: Int32Array = new Int32Array(firstRuns);
  #vectorLocals: bool = false;
  /** Locals `zeroBase + bit` are zero but nobody wrote that to their slots yet. */
  zeroMask: i32 = 0;
  zeroBase: i32 = 0;
  /** Those of them that are references: stack maps name their slots, so the zeros must be there at a call. */
  zeroReferences: i32 = 0;
  /** Of the module that is compiled. */
  memory: MemoryBudget = new MemoryBudget();

  constructor(asm: Assembler, world: World = worldOf(false)) {
    this.asm = asm;
    this.world = world;
    this.#general = world.general;
    this.#xmm = world.xmm;
    this.mostStamps = world.mostStamps;
  }

  /** Forget everything: a new function. `slots` is the number of register parameters (they have slots of their own). */
  protected resetRegisters(): void {
    this.dropRegisters();
    this.zeroMask = 0;
    this.localCount = 0;
    this.paramCount = 0;
    this.declaredSlots = 0;
    this.#runs = 0;
    this.#vectorLocals = false;
    this.flagsLive = false;
    this.clock = this.world.firstStamp;
  }

  /** All parameters are known, by their displacements: declared locals follow the `slots` parameter slots. */
  setParameters(displacements: Int32Array, slots: i32): void {
    const count = displacements.length;
    this.paramDisp = displacements;
    this.paramCount = count;
    this.localCount = count;
    this.#declaredTop = Frame.localsBase - 8 * slots;
    this.zeroBase = count;
  }

  /** The module is done: the next one pays for what it needs. */
  endModule(): void {
    if (this.#runFirst.length === firstRuns) return;
    this.#runFirst = new Int32Array(firstRuns);
    this.#runSlots = new Int32Array(firstRuns);
  }

  /** A run of `count` declared locals of one type. */
  declareLocals(count: i32, type: Type): void {
    if (count === 0) return;
    const first = this.localCount;
    fillBytes(this.localType, type, first, first + count);
    const run = this.#runs++;
    if (run === this.#runFirst.length) {
      this.memory.take(8 * run);
      this.#runFirst = doubled(this.#runFirst);
      this.#runSlots = doubled(this.#runSlots);
    }
    this.#runFirst[run] = first;
    this.#runSlots[run] = this.declaredSlots;
    if (type === Type.v128) this.#vectorLocals = true;
    this.localCount = first + count;
    this.declaredSlots += slotsOf(type) * count;
  }

  /** Displacement from rbp of the local's slot (or of its two). */
  localDisp(local: i32): i32 {
    if (local < this.paramCount) return this.paramDisp[local];
    if (this.#vectorLocals) return this.#declaredTop - 8 * this.#slotsThrough(local);
    return this.#declaredTop - 8 * (local - this.paramCount + 1);
  }

  /** Slots of the declared locals up to and including `local`: a binary search over the runs. */
  #slotsThrough(local: i32): i32 {
    let low = 0;
    let high = this.#runs;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#runFirst[middle] <= local) low = middle;
      else high = middle;
    }
    return this.#runSlots[low] + slotsOf(this.localType[local]) * (local - this.#runFirst[low] + 1);
  }

  /** Forget what registers hold, without storing anything. */
  dropRegisters(): void {
    const held = this.held;
    const localIn = this.localIn;
    const localReg = this.localReg;
    for (let m = held; m !== 0; m &= m - 1) {
      const r = 31 - Math.clz32(m & -m);
      localReg[localIn[r]] = -1;
      localIn[r] = -1;
    }
    for (let m = Registers.allocatable & ~this.free & ~held; m !== 0; m &= m - 1) {
      this.uses[31 - Math.clz32(m & -m)] = 0;
    }
    this.free = Registers.allocatable;
    this.held = 0;
    this.dirty = 0;
    this.pinned = 0;
    this.forgetZeroFlag();
  }

  /** Here is a label: others arrive with flags of their own. */
  forgetZeroFlag(): void {
    this.zeroFlagAt = -1;
  }

  /** An ALU instruction that sets ZF by its result was just emitted for `r`. */
  noteZeroFlag(r: i32): void {
    this.zeroFlagOf = r;
    this.zeroFlagAt = this.asm.pos;
  }

  /** Set ZF by the value of `r`: a `test`, unless the instruction before has done so. */
  testZero(w: i32, r: i32): void {
    if (this.zeroFlagAt !== this.asm.pos || this.zeroFlagOf !== r) this.asm.test_rr(w, r, r);
  }

  // Moves. None of them changes the flags.

  move(type: i32, d: i32, s: i32): void {
    if (isFloat(type)) this.asm.movs_xx(1, d - Registers.firstXmm, s - Registers.firstXmm);
    else this.asm.mov_rr(type === Type.i32 ? 0 : 1, d, s);
  }

  load(type: i32, d: i32, base: i32, disp: i32): void {
    if (type === Type.v128) this.asm.movups_xm(d - Registers.firstXmm, base, disp);
    else if (isFloat(type)) this.asm.movs_xm(type === Type.f32 ? 0 : 1, d - Registers.firstXmm, base, disp);
    else this.asm.mov_rm(type === Type.i32 ? 0 : 1, d, base, disp);
  }

  store(type: i32, base: i32, disp: i32, s: i32): void {
    if (type === Type.v128) this.asm.movups_mx(base, disp, s - Registers.firstXmm);
    else if (isFloat(type)) this.asm.movs_mx(type === Type.f32 ? 0 : 1, base, disp, s - Registers.firstXmm);
    else this.asm.mov_mr(type === Type.i32 ? 0 : 1, base, disp, s);
  }

  /** Load from the frame: [rbp + disp]. */
  loadSlot(type: i32, d: i32, disp: i32): void {
    if (d < Registers.firstXmm) this.asm.mov_rslot(type === Type.i32 ? 0 : 1, d, disp);
    else this.load(type, d, Reg.rbp, disp);
  }

  /** Store to the frame. */
  storeSlot(type: i32, disp: i32, s: i32): void {
    if (s < Registers.firstXmm) this.asm.mov_slotr(type === Type.i32 ? 0 : 1, disp, s);
    else this.store(type, Reg.rbp, disp, s);
  }

  /**
   * Load a constant; general registers are cleared by xor only when no flags are live. A vector's `low` is its code
   * position, or a `VectorConstant`.
   */
  loadConstant(type: i32, d: i32, low: i32, high: i32): void {
    const asm = this.asm;
    if (isFloat(type)) {
      const x = d - Registers.firstXmm;
      if (low === 0 && high === 0) asm.xorp_xx(x, x);
      else if (type === Type.v128) {
        if (low === VectorConstant.ones) asm.pcmpeqd_xx(x, x);
        else asm.movaps_xm_rip(x, low);
      } else if (type === Type.f32) {
        asm.mov_ri(Registers.scratch, low);
        asm.movd_xr(0, x, Registers.scratch);
      } else {
        asm.mov_ri64(Registers.scratch, low, high);
        asm.movd_xr(1, x, Registers.scratch);
      }
    } else if (low === 0 && (high === 0 || type === Type.i32)) {
      if (this.flagsLive) asm.mov_ri(d, 0);
      else asm.zero(d);
    } else if (type === Type.i32) asm.mov_ri(d, low);
    else asm.mov_ri64(d, low, high);
  }

  storeConstant(type: i32, base: i32, disp: i32, low: i32, high: i32): void {
    const asm = this.asm;
    if (type === Type.v128) {
      if (low === VectorConstant.zero || low === VectorConstant.ones) {
        asm.mov_mi(1, base, disp, low);
        asm.mov_mi(1, base, disp + 8, low);
      } else {
        asm.movaps_xm_rip(Registers.scratchXmm, low);
        asm.movups_mx(base, disp, Registers.scratchXmm);
      }
    } else if (type === Type.i32 || type === Type.f32) asm.mov_mi(0, base, disp, low);
    else if (high === low >> 31) asm.mov_mi(1, base, disp, low);
    else {
      asm.mov_ri64(Registers.scratch, low, high);
      asm.mov_mr(1, base, disp, Registers.scratch);
    }
  }

  // Allocation.

  /** A register of the class for `type`, not pinned and not marked as used yet; evicts if none is free. */
  allocate(type: i32): i32 {
    const mask = isFloat(type) ? this.#xmm : this.#general;
    const candidates = this.free & ~this.pinned & mask;
    if (candidates !== 0) return 31 - Math.clz32(candidates & -candidates);
    return this.#evict(mask, isFloat(type) ? Registers.xmmMask : Registers.generalMask);
  }

  /** Registers that are handed out from now on, if there is a choice. */
  prefer(general: i32, xmm: i32): void {
    this.#general = general;
    this.#xmm = xmm;
  }

  hasFree(type: i32): bool {
    return (this.free & ~this.pinned & (isFloat(type) ? this.#xmm : this.#general)) !== 0;
  }

  /**
   * Free a register of the class: the least recently used local goes (clean ones first), else a stack entry. Whatever chose
   * the register: it is of the class, free and not pinned, or compilation ends here. A register too many would be
   * an operand lost, and an unchecked address.
   */
  #evict(mask: i32, ofClass: i32): i32 {
    const candidates = this.held & ~this.pinned & mask;
    let r = candidates === 0 ? this.spillEntry(mask) : this.#evictLocal(candidates);
    if (r < 0 && mask !== ofClass) {
      // All of those that are usually handed out are pinned.
      const others = this.free & ~this.pinned & ofClass;
      r = others !== 0 ? 31 - Math.clz32(others & -others) : this.#evict(ofClass, ofClass);
    }
    if (r !== (r & 31) || (((this.free & ~this.pinned & ofClass) >>> r) & 1) === 0) {
      throw new Error(`internal error: register ${r} was allocated, which is not free`);
    }
    return r;
  }

  #evictLocal(candidates: i32): i32 {
    if (this.clock > this.mostStamps) this.renumberStamps();
    const dirty = this.dirty;
    const stamp = this.stamp;
    let least = 0x7fffffff;
    for (let m = candidates; m !== 0; m &= m - 1) {
      const r = 31 - Math.clz32(m & -m);
      // A store costs about as much as a few opcodes of age. Of two that are equally old the higher register goes.
      const key = ((stamp[r] + (((dirty >>> r) & 1) << 3)) << 5) | (31 - r);
      // The minimum without a branch: which one it is cannot be predicted.
      const less = (key - least) | 0;
      least = (least + (less & (less >> 31))) | 0;
    }
    const oldest = 31 - (least & 31);
    this.releaseLocal(oldest);
    return oldest;
  }

  /** Stamps begin again before they get too large. Labels take the most of them, and `#evictLocal` relies on it. */
  protected renumberStamps(): void {
    const keptAge = this.world.keptAge;
    const passed = this.clock - keptAge;
    for (let m = this.held; m !== 0; m &= m - 1) {
      const r = 31 - Math.clz32(m & -m);
      this.stamp[r] = Math.max(0, this.stamp[r] - passed);
    }
    this.clock = keptAge;
  }

  /** Move the deepest stack entry that is in a register of `mask` to its slot; returns the register, or -1 if there is none. */
  protected spillEntry(_mask: i32): i32 {
    return -1;
  }

  /** Store the local of `r` if its slot is stale, and free the register. */
  releaseLocal(r: i32): void {
    this.cleanLocal(r);
    this.forgetLocal(r);
  }

  /** Store the local of `r` if its slot is stale. */
  cleanLocal(r: i32): void {
    if ((this.dirty >>> r) & 1) {
      const local = this.localIn[r];
      this.storeSlot(this.localType[local], this.localDisp(local), r);
      this.dirty &= ~(1 << r);
    }
  }

  /** The local of `r` is no longer there (its slot or another register has it). */
  forgetLocal(r: i32): void {
    this.localReg[this.localIn[r]] = -1;
    this.localIn[r] = -1;
    this.dirty &= ~(1 << r);
    this.held &= ~(1 << r);
    this.free |= 1 << r;
  }

  /** Register `r` now holds `local`. */
  assignLocal(local: i32, r: i32, dirty: i32): void {
    this.localIn[r] = local | 0;
    this.localReg[local] = r | 0;
    this.free &= ~(1 << r);
    this.held |= 1 << r;
    this.dirty = (this.dirty & ~(1 << r)) | (dirty << r);
    this.stamp[r] = this.clock++;
  }

  /** A register with the local's value, cached for the next use. */
  readLocal(local: i32): i32 {
    let r = this.localReg[local];
    if (r < 0) {
      const type = this.localType[local];
      r = this.allocate(type);
      this.loadSlot(type, r, this.localDisp(local));
      this.assignLocal(local, r, 0);
    } else this.stamp[r] = this.clock++;
    return r;
  }

  /** Store every dirty local to its slot; they stay cached. */
  cleanLocals(): void {
    this.storeLocals(this.dirty);
    this.dirty = 0;
  }

  /** Store the locals of these registers to their slots. */
  protected storeLocals(mask: i32): void {
    const localIn = this.localIn;
    const localType = this.localType;
    while (mask !== 0) {
      const r = 31 - Math.clz32(mask);
      mask ^= 1 << r;
      const local = localIn[r];
      this.storeSlot(localType[local], this.localDisp(local), r);
    }
  }

  isZero(local: i32): bool {
    const bit = local - this.zeroBase;
    return bit >= 0 && bit < 32 && ((this.zeroMask >>> bit) & 1) !== 0;
  }

  /** Write the zeros that are still only promised. Before any label that code can reach on another path. */
  writeZeros(): void {
    let mask = this.zeroMask;
    if (mask === 0) return;
    this.zeroMask = 0;
    const asm = this.asm;
    const viaRegister = (mask & (mask - 1)) !== 0;
    if (viaRegister) {
      if (this.flagsLive) asm.mov_ri(Registers.scratch, 0);
      else asm.zero(Registers.scratch);
    }
    while (mask !== 0) {
      const bit = 31 - Math.clz32(mask);
      mask ^= 1 << bit;
      const local = this.zeroBase + bit;
      const disp = this.localDisp(local);
      for (let k = slotsOf(this.localType[local]) - 1; k >= 0; k--) {
        if (viaRegister) asm.mov_mr(1, Reg.rbp, disp + 8 * k, Registers.scratch);
        else asm.mov_mi(1, Reg.rbp, disp + 8 * k, 0);
      }
    }
  }

  /** Give promised zeros registers, as long as `general` and `xmm` of them are not exceeded (loop headers). */
  zerosToRegisters(general: i32, xmm: i32): void {
    const held = this.held;
    let freeGeneral = general - bitCount(held & Registers.generalMask);
    let freeXmm = xmm - bitCount(held & Registers.xmmMask);
    let mask = this.zeroMask;
    while (mask !== 0) {
      const bit = 31 - Math.clz32(mask & -mask);
      mask &= mask - 1;
      const local = this.zeroBase + bit;
      const type = this.localType[local];
      if (!this.hasFree(type) || (isFloat(type) ? --freeXmm : --freeGeneral) < 0) continue;
      const r = this.allocate(type);
      this.loadConstant(type, r, 0, 0);
      this.assignLocal(local, r, 1);
      this.zeroMask &= ~(1 << bit);
    }
  }

  /** Evict the oldest locals until at most `limit` registers of `mask` hold locals. */
  limitLocals(mask: i32, limit: i32): void {
    let held = this.held & mask;
    for (let n = bitCount(held); n > limit; n--) {
      let oldest = -1;
      let rest = held;
      while (rest !== 0) {
        const r = 31 - Math.clz32(rest);
        rest ^= 1 << r;
        if (oldest < 0 || this.stamp[r] < this.stamp[oldest]) oldest = r;
      }
      this.releaseLocal(oldest);
      held &= ~(1 << oldest);
    }
  }
}

function doubled(array: Int32Array): Int32Array {
  const grown = new Int32Array(2 * array.length);
  grown.set(array);
  return grown;
}

export function bitCount(mask: i32): i32 {
  let m = mask - ((mask >>> 1) & 0x55555555);
  m = (m & 0x33333333) + ((m >>> 2) & 0x33333333);
  return (((m + (m >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
