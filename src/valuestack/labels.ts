import type { Assembler } from '../backends/x64/assembler.js';
import { Alu, Cc, Reg } from '../backends/x64/registers.js';
import { type Int8Array, Int32Array, Math, newList } from '../support/dialect.js';
import { type World, worldOf } from '../support/world.js';
import { MoveSet } from './moves.js';
import { Place, Registers, slotsOf, Window } from './types.js';
import { ValueStack } from './value-stack.js';

/** Fields of a label state in the pool: what each register holds at the label. */
const enum State {
  /** 0..31, for registers in the mask: local index, or `result` + k. */
  content = 0,
  /** Registers that hold something. */
  mask = 32,
  /** Registers whose local's slot is not known to be valid. */
  dirty = 33,
  stride = 34,
  /** Marks block result (or loop parameter) k. Locals have smaller numbers. */
  result = 0x40000000,
}

/** Binary logarithm of the number of states in a chunk. */
const chunkBits = 8;
const chunkBytes = (4 * State.stride) << chunkBits;
const chunkMask = (1 << chunkBits) - 1;
/** Chunks that stay from one function to the next. */
const keptChunks = 16;

/**
 * Label states and merges. The first branch to a label fixes its state: which local is in which register, and
 * which registers hold the block's results. Every later branch, and the code that falls into the label, moves its
 * values there. A merge looks at registers only: O(26), whatever the number of locals and the height of the stack.
 *
 * A local that a label state has in a register with a valid slot ("clean") is only a hint: a later branch that does
 * not have it in a register drops it from the state instead of loading it. Loop labels are fixed.
 */
export class LabelStates extends ValueStack {
  readonly moves: MoveSet;
  /** States by number, in chunks: growing copies nothing. */
  readonly #chunks: Int32Array[] = newList<Int32Array>();
  /** Free states, linked through their first field; -1 ends the list. */
  #free: i32 = -1;
  #used: i32 = 0;
  /** Chunks that the module has paid for: others may be there from the modules before. */
  #paid: i32 = 0;
  /** Registers whose local the current merge must store. */
  #stores: i32 = 0;

  constructor(asm: Assembler, world: World = worldOf(false)) {
    super(asm, world);
    this.moves = new MoveSet(this);
  }

  /** A new function has no labels yet; not much memory is kept from one that had very many. */
  override resetStack(): void {
    super.resetStack();
    this.#dropStates();
  }

  override endModule(): void {
    super.endModule();
    this.#dropStates();
    this.memory.give(this.#paid * chunkBytes);
    this.#paid = 0;
  }

  #dropStates(): void {
    this.#used = 0;
    this.#free = -1;
    if (this.#chunks.length > keptChunks) this.#chunks.length = keptChunks;
    const surplus = this.#paid - keptChunks;
    if (surplus <= 0) return;
    this.#paid = keptChunks;
    this.memory.give(surplus * chunkBytes);
  }

  #newState(): i32 {
    const free = this.#free;
    if (free >= 0) {
      this.#free = this.#chunks[free >>> chunkBits][(free & chunkMask) * State.stride];
      return free;
    }
    const s = this.#used;
    const chunk = s >>> chunkBits;
    if (chunk >= this.#paid) {
      this.memory.take(chunkBytes);
      this.#paid = chunk + 1;
      if (chunk === this.#chunks.length) this.#chunks.push(new Int32Array(State.stride << chunkBits));
    }
    this.#used = s + 1;
    return s;
  }

  freeState(s: i32): void {
    if (s < 0) return;
    this.#chunks[s >>> chunkBits][(s & chunkMask) * State.stride] = this.#free;
    this.#free = s;
  }

  /**
   * The state at the first branch to a label: as it is now. The top `count` entries (at most
   * `World.blockResults`) must have registers of their own (`ensureOwnReg`).
   */
  captureState(count: i32): i32 {
    const s = this.#newState();
    const pool = this.#chunks[s >>> chunkBits];
    const o = (s & chunkMask) * State.stride;
    const localIn = this.localIn;
    let mask = this.held;
    for (let m = mask; m !== 0; m &= m - 1) {
      const r = 31 - Math.clz32(m & -m);
      pool[o + r] = localIn[r];
    }
    for (let k = 0; k < count; k++) {
      const r = this.a[(this.height - count + k) & Window.mask];
      pool[o + r] = State.result + k;
      mask |= 1 << r;
    }
    pool[o + State.mask] = mask;
    pool[o + State.dirty] = this.dirty & mask;
    return s;
  }

  /** A state with every local in its slot and the results in the first registers of their class. */
  canonicalState(types: Int8Array, count: i32): i32 {
    const s = this.#newState();
    const pool = this.#chunks[s >>> chunkBits];
    const o = (s & chunkMask) * State.stride;
    let free: i32 = Registers.allocatable;
    let mask = 0;
    for (let k = 0; k < count; k++) {
      const candidates = free & (types[k] >= 2 && types[k] <= 4 ? Registers.xmmMask : Registers.generalMask);
      const r = 31 - Math.clz32(candidates & -candidates);
      free &= ~(1 << r);
      mask |= 1 << r;
      pool[o + r] = State.result + k;
    }
    pool[o + State.mask] = mask;
    pool[o + State.dirty] = 0;
    return s;
  }

  /** From now on (a loop header) every local in a register of state `s` counts as newer than its slot. */
  makeAllDirty(s: i32): void {
    const held = this.held;
    this.dirty = held;
    this.#chunks[s >>> chunkBits][(s & chunkMask) * State.stride + State.dirty] = held;
  }

  /**
   * Plan the way from here to label state `s`, whose results are the top `count` entries. `fixed`: the label's code
   * is already there (a loop). Returns the number of instructions, 0 if the states agree.
   */
  planMerge(s: i32, count: i32, fixed: bool): i32 {
    const pool = this.#chunks[s >>> chunkBits];
    const o = (s & chunkMask) * State.stride;
    const moves = this.moves;
    moves.clear();
    let cost = 0;
    const wanted = pool[o + State.mask];
    // Most registers hold what they should: this loop calls nothing, the next one sees the others.
    const localReg = this.localReg;
    let kept = 0;
    for (let m = wanted; m !== 0; ) {
      const r = 31 - Math.clz32(m);
      m ^= 1 << r;
      const content = pool[o + r];
      if (content < State.result && localReg[content] === r) kept |= 1 << r;
    }
    pool[o + State.dirty] |= this.dirty & kept;
    let mask = wanted & ~kept;
    while (mask !== 0) {
      const r = 31 - Math.clz32(mask);
      const bit = 1 << r;
      mask ^= bit;
      const content = pool[o + r];
      if (content >= State.result) {
        cost += this.#planEntry(r, this.height - count + content - State.result);
        continue;
      }
      const from = localReg[content];
      if (from >= 0) {
        kept |= 1 << from;
        if ((this.dirty >>> from) & 1) pool[o + State.dirty] |= bit;
        moves.move(this.localType[content], r, from);
        cost++;
      } else if (!fixed && (pool[o + State.dirty] & bit) === 0) {
        pool[o + State.mask] &= ~bit;
      } else {
        moves.load(this.localType[content], r, this.localDisp(content));
        cost++;
      }
    }
    this.#stores = this.dirty & ~kept;
    for (let m = this.#stores; m !== 0; m &= m - 1) cost++;
    return cost;
  }

  #planEntry(d: i32, height: i32): i32 {
    const i = height & Window.mask;
    const type = this.type[height];
    const place = height < this.floor ? Place.slot : this.place[i];
    if (place === Place.reg) {
      if (this.a[i] === d) return 0;
      this.moves.move(type, d, this.a[i]);
    } else if (place === Place.local) {
      const local = this.a[i];
      const r = this.localReg[local];
      if (r >= 0) this.moves.move(type, d, r);
      else this.moves.load(type, d, this.localDisp(local));
    } else if (place === Place.constant) this.moves.constant(type, d, this.a[i], this.b[i]);
    else this.moves.load(type, d, this.slotDisp(height));
    return 1;
  }

  /** Emit the planned merge. The abstract state stays that of the code before it. */
  emitMerge(): void {
    this.storeLocals(this.#stores);
    this.moves.emit();
  }

  /** The merge was emitted on the straight path too: the abstract state becomes `s`. No entry may be in a register. */
  adoptMergedLocals(s: i32): void {
    const pool = this.#chunks[s >>> chunkBits];
    const o = (s & chunkMask) * State.stride;
    const mask = pool[o + State.mask];
    const localReg = this.localReg;
    let dirty = 0;
    for (let m = mask; m !== 0; m &= m - 1) {
      const r = 31 - Math.clz32(m & -m);
      const from = localReg[pool[o + r]];
      if (from >= 0) dirty |= ((this.dirty >>> from) & 1) << r;
    }
    this.dropRegisters();
    this.#holdLocals(pool, o, dirty);
  }

  /** Nothing is in a register: those of the state at `o` hold their locals. As `assignLocal`, for all of them at once. */
  #holdLocals(pool: Int32Array, o: i32, dirty: i32): void {
    if (this.clock > this.mostStamps) this.renumberStamps();
    const localIn = this.localIn;
    const localReg = this.localReg;
    const stamp = this.stamp;
    let clock = this.clock;
    let locals = pool[o + State.mask];
    for (let m = locals; m !== 0; m &= m - 1) {
      const r = 31 - Math.clz32(m & -m);
      const content = pool[o + r];
      if (content < State.result) {
        localIn[r] = content;
        localReg[content] = r;
        stamp[r] = clock++;
      } else locals ^= 1 << r;
    }
    this.clock = clock;
    this.free &= ~locals;
    this.held = locals;
    this.dirty = dirty & locals;
  }

  /** Nothing is in a register (after `kill`): continue in state `s`, with `count` results pushed. */
  adoptState(s: i32, types: Int8Array, count: i32): void {
    const pool = this.#chunks[s >>> chunkBits];
    const o = (s & chunkMask) * State.stride;
    this.#holdLocals(pool, o, pool[o + State.dirty]);
    if (count > 0) this.pushResults(s, types, count);
  }

  /** Push the entries of state `s`'s results. */
  pushResults(s: i32, types: Int8Array, count: i32): void {
    const pool = this.#chunks[s >>> chunkBits];
    const o = (s & chunkMask) * State.stride;
    for (let k = 0; k < count; k++) {
      for (let m = pool[o + State.mask]; m !== 0; m &= m - 1) {
        const r = 31 - Math.clz32(m & -m);
        if (pool[o + r] === State.result + k) this.pushReg(types[k], r);
      }
    }
  }

  /** Loads that lead from "everything in slots" to state `s`; results lie in slots from `base` on. */
  emitFromCanonical(s: i32, types: Int8Array, base: i32): void {
    const pool = this.#chunks[s >>> chunkBits];
    const o = (s & chunkMask) * State.stride;
    const top = this.slotTop(base);
    for (let m = pool[o + State.mask]; m !== 0; m &= m - 1) {
      const r = 31 - Math.clz32(m & -m);
      const content = pool[o + r];
      if (content >= State.result) {
        const result = content - State.result;
        let slots = 0;
        for (let k = 0; k <= result; k++) slots += slotsOf(types[k]);
        this.loadSlot(types[result], r, top - 8 * slots);
      } else this.loadSlot(this.localType[content], r, this.localDisp(content));
    }
  }

  /** State `s` needs no loads when it is entered with everything in slots. */
  isCanonical(s: i32): bool {
    return this.#chunks[s >>> chunkBits][(s & chunkMask) * State.stride + State.mask] === 0;
  }

  /** Copy the slots of the top `count` entries to those from height `to` on; one loop if there are many. */
  emitSlotCopy(count: i32, to: i32): void {
    const from = this.height - count;
    if (from === to || count === 0) return;
    this.useSlots(this.height);
    const asm = this.asm;
    const slots = this.topSlots(count);
    const source = this.slotTop(from);
    const target = this.slotTop(to);
    if (slots <= 2) {
      for (let k = 1; k <= slots; k++) {
        asm.mov_rm(1, Registers.scratch, Reg.rbp, source - 8 * k);
        asm.mov_mr(1, Reg.rbp, target - 8 * k, Registers.scratch);
      }
      return;
    }
    // Ascending heights are descending addresses: r11 counts down from 8 * slots.
    asm.mov_ri(Registers.scratch, 8 * slots);
    const loop = asm.pos;
    asm.floadx(1, Registers.scratchXmm, Reg.rbp, Registers.scratch, source - 8 * slots - 8);
    asm.fstorex(1, Reg.rbp, Registers.scratch, target - 8 * slots - 8, Registers.scratchXmm);
    asm.alu_ri(Alu.sub, 0, Registers.scratch, 8);
    asm.jcc(Cc.ne, loop);
  }
}
