import { Frame } from '../backends/abi/layout.js';
import type { Assembler } from '../backends/x64/assembler.js';
import { Alu, Cc, Reg } from '../backends/x64/registers.js';
import { Limit } from '../stream/limits.js';
import { Int8Array, Int32Array, Math } from '../support/dialect.js';
import { grow } from '../support/reserve.js';
import { type World, worldOf } from '../support/world.js';
import { ReferenceRuns } from './reference-runs.js';
import { RegisterFile } from './register-file.js';
import { Condition, isFloat, Place, Registers, Type, Window } from './types.js';

/** Entries that the array of types has room for at first, and from one function to the next. */
const firstTypes = 4096;
const keptTypes = 1 << 16;
/** Room for the vector counts of usual stacks. */
const smallVectors = 1 << 12;
/** The most entries: what the validator allows, the exceptions below them (a catch takes four bytes), and what one opcode pushes. */
const mostEntries = Limit.operands + Limit.results + (Limit.functionSize >> 2);
/** No vector is on the stack: higher than any height. */
const noVector = 0x7fffffff;

/** How `popOperand` delivers a value. */
export const enum Operand {
  /** In `operandReg`. */
  reg = 0,
  /** At [rbp + operandDisp]. */
  memory = 1,
  /** `operandLow`, `operandHigh`; fits a sign-extended imm32. */
  immediate = 2,
  /** A vector constant at code position `operandLow`, 16-byte aligned. */
  rip = 3,
}

/**
 * The abstract operand stack. Each entry has a type and a canonical slot (a function of its height). Only the top
 * `World.window` entries can be elsewhere: their places are in ring buffers indexed by height; every entry below
 * `floor` is in its slot.
 *
 * `| 0` where a parameter is stored into a typed array: else V8, which has no other evidence that it is an integer,
 * converts it to a double and back.
 */
export class ValueStack extends RegisterFile {
  height: i32 = 0;
  /** All entries below are in their slots. */
  floor: i32 = 0;
  /** Types by height. */
  type: Int8Array = new Int8Array(firstTypes);
  /** Height of the lowest vector on the stack, or `noVector`. */
  #lowestVector: i32 = noVector;
  /** Number of vectors below each height above `#lowestVector`: each takes two slots. */
  #vectors: Int32Array = new Int32Array(0);
  /** Entries that can be elsewhere than in their slots. */
  readonly #window: i32;
  readonly place: Int8Array = new Int8Array(Window.ring);
  readonly a: Int32Array = new Int32Array(Window.ring);
  readonly b: Int32Array = new Int32Array(Window.ring);
  /** Which entries are references of the host. */
  readonly references: ReferenceRuns;

  /** Displacement from rbp of the end of the operand slots, which grow down from there. */
  slotBase: i32 = 0;
  /** Number of operand slots (of 8 bytes) that the frame needs. */
  slotsUsed: i32 = 0;

  /** Result of `popOperand`. */
  operandReg: i32 = 0;
  operandDisp: i32 = 0;
  operandLow: i32 = 0;
  operandHigh: i32 = 0;

  constructor(asm: Assembler, world: World = worldOf(false)) {
    super(asm, world);
    this.#window = world.window;
    this.references = new ReferenceRuns(this);
  }

  resetStack(): void {
    this.resetRegisters();
    this.height = 0;
    this.floor = 0;
    this.slotsUsed = 0;
    this.#lowestVector = noVector;
    this.references.reset();
  }

  /** The module is done: the next one pays for what it needs. */
  override endModule(): void {
    super.endModule();
    this.references.endModule();
    if (this.type.length > firstTypes) this.type = new Int8Array(firstTypes);
    if (this.#vectors.length > 0) this.#vectors = new Int32Array(0);
  }

  /** A function was given up somewhere in the middle of an opcode: nothing that is there can be trusted. */
  resetAfterError(): void {
    this.localRefs.fill(0);
    this.localReg.fill(-1);
    this.localIn.fill(-1);
    this.held = 0;
    this.uses.fill(0);
    this.resetStack();
  }

  /** All locals are declared: operand slots follow theirs. */
  setFrame(localSlots: i32): void {
    this.slotBase = Frame.localsBase - 8 * localSlots;
  }

  /** Number of vectors below `height`. */
  #vectorsBelow(height: i32): i32 {
    return height <= this.#lowestVector ? 0 : this.#vectors[height];
  }

  /** Displacement of the canonical slot (of a vector: of its two) of the entry at `height`. */
  slotDisp(height: i32): i32 {
    return this.slotBase - 8 * (height + 1 + this.#vectorsBelow(height + 1));
  }

  /** Displacement of the end of the slot at `height`: the begin of the one below. No entry need be there. */
  slotTop(height: i32): i32 {
    return this.slotBase - 8 * (height + this.#vectorsBelow(height));
  }

  /** The slots below `height` are written: the frame must hold them. */
  useSlots(height: i32): void {
    const slots = height + this.#vectorsBelow(height);
    if (slots > this.slotsUsed) this.slotsUsed = slots;
  }

  /** Number of slots of the top `count` entries. */
  topSlots(count: i32): i32 {
    const h = this.height;
    return count + this.#vectorsBelow(h) - this.#vectorsBelow(h - count);
  }

  /** The top `count` entries will be copied to the slots from height `to` (at most theirs) on. */
  useSlotsFor(count: i32, to: i32): void {
    const slots = to + this.#vectorsBelow(to) + this.topSlots(count);
    if (slots > this.slotsUsed) this.slotsUsed = slots;
  }

  // Pushing.

  #push(type: i32, place: i32): i32 {
    const h = this.height;
    if (h >= this.type.length) this.#growTypes(h + 1);
    if (h - this.floor >= this.#window) {
      this.materialize(this.floor);
      this.floor++;
    }
    this.height = h + 1;
    this.type[h] = type | 0;
    if (type >= Type.v128 || this.#lowestVector !== noVector) this.#note(h, type);
    const i = h & Window.mask;
    this.place[i] = place | 0;
    return i;
  }

  /** Keep accounts of vectors and references: an entry of `type` is now at height `h`. */
  #note(h: i32, type: i32): void {
    if (type === Type.externRef) this.references.push(h);
    const isVector = type === Type.v128;
    if (h <= this.#lowestVector) {
      // There is none below, and those that were above are gone.
      this.#lowestVector = isVector ? h : noVector;
      if (!isVector) return;
    }
    if (h + 1 >= this.#vectors.length) this.#growVectors(h + 2);
    this.#vectors[h + 1] = (h === this.#lowestVector ? 0 : this.#vectors[h]) + (isVector ? 1 : 0);
  }

  #growVectors(needed: i32): void {
    if (needed > smallVectors) {
      this.#vectors = grow(this.#vectors, needed, mostEntries + 1, this.memory);
      return;
    }
    this.memory.take(4 * smallVectors);
    this.#vectors = new Int32Array(smallVectors);
  }

  #growTypes(needed: i32): void {
    // Bodies with more operands than that are rare, and hostile: room for the most that can be is reserved.
    const many = needed > keptTypes;
    if (many) {
      this.type = grow(this.type, needed, mostEntries, this.memory);
      return;
    }
    this.memory.take(keptTypes);
    const grown = new Int8Array(keptTypes);
    grown.set(this.type);
    this.type = grown;
  }

  pushReg(type: i32, r: i32): void {
    const i = this.#push(type, Place.reg);
    this.a[i] = r | 0;
    this.uses[r]++;
    this.free &= ~(1 << r);
  }

  pushConstant(type: i32, low: i32, high: i32): void {
    const i = this.#push(type, Place.constant);
    this.a[i] = low | 0;
    this.b[i] = high | 0;
  }

  pushLocal(local: i32): void {
    if (this.zeroMask !== 0 && this.isZero(local)) {
      this.pushConstant(this.localType[local], 0, 0);
      return;
    }
    const i = this.#push(this.localType[local], Place.local);
    this.a[i] = local | 0;
    this.localRefs[local]++;
  }

  pushFlags(condition: i32): void {
    const i = this.#push(Type.i32, Place.flags);
    this.a[i] = condition | 0;
    this.flagsLive = true;
  }

  /** An entry whose value is already in its slot. */
  pushSlot(type: i32): void {
    this.#push(type, Place.slot);
    if (this.floor === this.height - 1) this.floor = this.height;
    this.useSlots(this.height);
  }

  /** Entries of the given types, all in their slots (block results, call results). */
  pushSlots(types: Int8Array): void {
    const count = types.length;
    const h = this.height;
    if (this.floor !== h || count < 16) {
      for (let k = 0; k < count; k++) this.pushSlot(types[k]);
      return;
    }
    if (h + count > this.type.length) this.#growTypes(h + count);
    this.type.set(types, h);
    if (h > this.#lowestVector || this.references.maps.carriesVectors(types)) {
      for (let k = 0; k < count; k++) this.#note(h + k, types[k] === Type.v128 ? Type.v128 : Type.i32);
    } else this.#lowestVector = noVector;
    this.references.pushList(h, types);
    this.height = this.floor = h + count;
    this.useSlots(h + count);
  }

  /** Remove the top `count` entries, all of which are in their slots (after `flushBelow(height)`). */
  dropSlots(count: i32): void {
    this.height -= count;
    this.floor = this.height;
  }

  // Looking.

  placeAt(height: i32): i32 {
    return height < this.floor ? Place.slot : this.place[height & Window.mask];
  }

  topIsConstant(): bool {
    const h = this.height - 1;
    return h >= this.floor && this.place[h & Window.mask] === Place.constant;
  }

  /** The entry `depth` below the top is a constant. */
  isConstantAt(depth: i32): bool {
    const h = this.height - 1 - depth;
    return h >= this.floor && this.place[h & Window.mask] === Place.constant;
  }

  /** Register `r` belongs to nobody: the current opcode may overwrite it. */
  owned(r: i32): bool {
    return (((Registers.allocatable & ~this.free) >>> r) & 1) === 0;
  }

  // Popping.

  /** Remove the top entry and forget its value. */
  drop(): void {
    const h = --this.height;
    if (h < this.floor) {
      this.floor = h;
      return;
    }
    const i = h & Window.mask;
    const place = this.place[i];
    if (place === Place.reg) this.releaseUse(this.a[i]);
    else if (place === Place.local) this.localRefs[this.a[i]]--;
    else if (place === Place.flags) this.flagsLive = false;
  }

  releaseUse(r: i32): void {
    if (--this.uses[r] === 0) this.free |= 1 << r;
  }

  /** Pop into a register, pinned until the opcode is done. It may be overwritten only if `owned`. */
  popReg(): i32 {
    const h = --this.height;
    const type = this.type[h];
    let r: i32;
    if (h < this.floor) {
      this.floor = h;
      r = this.allocate(type);
      this.loadSlot(type, r, this.slotDisp(h));
    } else {
      const i = h & Window.mask;
      switch (this.place[i]) {
        case Place.reg:
          r = this.a[i];
          if (--this.uses[r] === 0) this.free |= 1 << r;
          break;
        case Place.local:
          this.localRefs[this.a[i]]--;
          r = this.readLocal(this.a[i]);
          break;
        case Place.constant:
          r = this.allocate(type);
          this.loadConstant(type, r, this.a[i], this.b[i]);
          break;
        case Place.flags:
          r = this.allocate(Type.i32);
          this.#conditionToReg(this.a[i], r);
          break;
        default:
          r = this.allocate(type);
          this.loadSlot(type, r, this.slotDisp(h));
      }
    }
    this.pinned |= 1 << r;
    return r;
  }

  /**
   * Pop as a source operand: register, frame memory (vectors too: of any alignment), an immediate that fits a
   * sign-extended imm32 (integers only), or a vector constant in memory. Returns which; the details are in `operand*`.
   */
  popOperand(): Operand {
    const h = this.height - 1;
    if (h < this.floor) {
      this.height = h;
      this.floor = h;
      this.operandDisp = this.slotDisp(h);
      return Operand.memory;
    }
    const i = h & Window.mask;
    const place = this.place[i];
    if (place === Place.constant) {
      const type = this.type[h];
      if (type === Type.i32 || (!isFloat(type) && this.b[i] === this.a[i] >> 31)) {
        this.height = h;
        this.operandLow = this.a[i];
        this.operandHigh = this.b[i];
        return Operand.immediate;
      }
      if (type === Type.v128 && this.a[i] > 0) {
        this.height = h;
        this.operandLow = this.a[i];
        return Operand.rip;
      }
    } else if (place === Place.slot) {
      this.height = h;
      this.operandDisp = this.slotDisp(h);
      return Operand.memory;
    } else if (place === Place.local) {
      const local = this.a[i];
      if (this.localReg[local] < 0 && !this.hasFree(this.localType[local])) {
        this.height = h;
        this.localRefs[local]--;
        this.operandDisp = this.localDisp(local);
        return Operand.memory;
      }
    }
    this.operandReg = this.popReg();
    return Operand.reg;
  }

  /** Pop into a register that the opcode may overwrite. */
  popOwned(): i32 {
    const type = this.type[this.height - 1];
    const r = this.popReg();
    if (this.owned(r)) return r;
    const d = this.allocate(type);
    this.move(type, d, r);
    this.pinned |= 1 << d;
    return d;
  }

  /** Pop into exactly `r` (which the opcode may overwrite); whatever `r` holds moves elsewhere. */
  popInto(r: i32): void {
    const type = this.type[this.height - 1];
    const s = this.popReg();
    if (s === r) {
      if (!this.owned(r)) this.vacate(r);
    } else {
      this.vacate(r);
      this.move(type, r, s);
    }
    this.pinned |= 1 << r;
  }

  /** Make `r` free: its local or its entries move to another register or to memory. Its value stays in `r` too. */
  vacate(r: i32): void {
    const bit = 1 << r;
    if ((this.free & bit) !== 0) return;
    const wasPinned = this.pinned & bit;
    this.pinned |= bit;
    const local = this.localIn[r];
    if (local >= 0) {
      const type = this.localType[local];
      if (this.hasFree(type)) {
        const d = this.allocate(type);
        this.move(type, d, r);
        const dirty = (this.dirty >>> r) & 1;
        this.forgetLocal(r);
        this.assignLocal(local, d, dirty);
      } else this.releaseLocal(r);
    } else {
      let type: i32 = Type.i64;
      for (let h = this.floor; h < this.height; h++) {
        const i = h & Window.mask;
        if (this.place[i] === Place.reg && this.a[i] === r) type = Math.max(type, this.type[h]);
      }
      const d = this.allocate(r >= Registers.firstXmm ? Type.f64 : type);
      // `allocate` may have spilled the entries of `r` themselves only if `r` was not pinned.
      this.move(r >= Registers.firstXmm ? Type.f64 : Type.i64, d, r);
      for (let h = this.floor; h < this.height; h++) {
        const i = h & Window.mask;
        if (this.place[i] === Place.reg && this.a[i] === r) {
          this.a[i] = d | 0;
          this.uses[d]++;
        }
      }
      this.free &= ~(1 << d);
      this.uses[r] = 0;
      this.free |= bit;
    }
    if (wasPinned === 0) this.pinned &= ~bit;
  }

  // Flags.

  /** If the top entry is a comparison in the flags, turn it into a register. Every opcode that is not its consumer does. */
  settleFlags(): void {
    if (this.flagsLive) this.flagsToRegister();
  }

  /** Apart from `settleFlags`, so that V8 inlines that everywhere. */
  protected flagsToRegister(): void {
    const i = (this.height - 1) & Window.mask;
    const r = this.allocate(Type.i32);
    this.#conditionToReg(this.a[i], r);
    this.place[i] = Place.reg;
    this.a[i] = r | 0;
    this.uses[r]++;
    this.free &= ~(1 << r);
  }

  #conditionToReg(condition: i32, r: i32): void {
    const asm = this.asm;
    if (condition >= Condition.floatEqual) {
      const equal = condition === Condition.floatEqual;
      asm.setcc(equal ? Cc.np : Cc.p, Registers.scratch);
      asm.setcc(equal ? Cc.e : Cc.ne, r);
      if (equal) asm.alu_rr(Alu.and, 0, r, Registers.scratch);
      else asm.alu_rr(Alu.or, 0, r, Registers.scratch);
      asm.movzx8(r, r);
    } else {
      asm.setcc(condition, r);
      asm.movzx8(r, r);
    }
    this.flagsLive = false;
  }

  /**
   * Pop the condition of a branch or select and leave it in the flags: returns the condition code for "not zero".
   * `flagsLive` stays set until the caller has used them.
   */
  popCondition(): i32 {
    const h = this.height - 1;
    if (this.flagsLive) {
      this.height = h;
      return this.a[h & Window.mask];
    }
    const r = this.popReg();
    this.testZero(0, r);
    this.flagsLive = true;
    return Cc.ne;
  }

  // Spilling.

  /** Write the entry at `height` to its canonical slot. Leaves `floor` alone. */
  materialize(height: i32): void {
    if (height < this.floor) return;
    const i = height & Window.mask;
    const place = this.place[i];
    if (place === Place.slot) return;
    if (place === Place.flags) {
      this.settleFlags();
      this.materialize(height);
      return;
    }
    const type = this.type[height];
    const disp = this.slotDisp(height);
    this.useSlots(height + 1);
    if (place === Place.reg) {
      const r = this.a[i];
      this.storeSlot(type, disp, r);
      this.releaseUse(r);
    } else if (place === Place.local) {
      const local = this.a[i];
      let r = this.localReg[local];
      if (r < 0) {
        r = isFloat(type) ? Registers.scratchXmm + Registers.firstXmm : Registers.scratch;
        this.loadSlot(type, r, this.localDisp(local));
      }
      this.storeSlot(type, disp, r);
      this.localRefs[local]--;
    } else this.storeConstant(type, Reg.rbp, disp, this.a[i], this.b[i]);
    this.place[i] = Place.slot;
  }

  /** Write all entries below `height` to their slots. */
  flushBelow(height: i32): void {
    for (let h = this.floor; h < height; h++) this.materialize(h);
    if (height > this.floor) this.floor = height;
  }

  /** Before a call: entries in registers below `height` go to their slots, references wherever they are. */
  spillBelow(height: i32): void {
    for (let h = this.floor; h < height; h++) {
      if (this.place[h & Window.mask] === Place.reg || this.type[h] === Type.externRef) this.materialize(h);
    }
  }

  protected override spillEntry(mask: i32): i32 {
    for (let h = this.floor; h < this.height; h++) {
      const i = h & Window.mask;
      if (this.place[i] !== Place.reg) continue;
      const r = this.a[i];
      if (((mask >>> r) & 1) === 0 || ((this.pinned >>> r) & 1) !== 0) continue;
      for (let k = h; k < this.height; k++) {
        const j = k & Window.mask;
        if (this.place[j] === Place.reg && this.a[j] === r) this.materialize(k);
      }
      return r;
    }
    return -1;
  }

  /** Put the entry at `height` into a register that no other entry and no local shares. */
  ensureOwnReg(height: i32): void {
    const i = height & Window.mask;
    const place = height < this.floor ? Place.slot : this.place[i];
    const type = this.type[height];
    if (place === Place.reg && this.uses[this.a[i]] === 1) {
      this.pinned |= 1 << this.a[i];
      return;
    }
    let d: i32;
    if (place === Place.reg) {
      this.pinned |= 1 << this.a[i];
      d = this.allocate(type);
      this.pinned &= ~(1 << this.a[i]);
      this.move(type, d, this.a[i]);
      this.releaseUse(this.a[i]);
    } else if (place === Place.local) {
      const local = this.a[i];
      const held = this.localReg[local];
      if (held >= 0) this.pinned |= 1 << held;
      d = this.allocate(type);
      if (held >= 0) {
        this.pinned &= ~(1 << held);
        this.move(type, d, held);
      } else this.loadSlot(type, d, this.localDisp(local));
      this.localRefs[local]--;
    } else if (place === Place.constant) {
      d = this.allocate(type);
      this.loadConstant(type, d, this.a[i], this.b[i]);
    } else {
      d = this.allocate(type);
      this.loadSlot(type, d, this.slotDisp(height));
      // Entries between `height` and `floor` keep their slots as their places.
      for (let h = height; h < this.floor; h++) this.place[h & Window.mask] = Place.slot;
      if (height < this.floor) this.floor = height;
    }
    this.place[i] = Place.reg;
    this.a[i] = d | 0;
    this.uses[d]++;
    this.free &= ~(1 << d);
    this.pinned |= 1 << d;
  }

  // Locals.

  /** Pop the top entry into `local`. */
  setLocal(local: i32): void {
    this.zeroMask &= ~this.#zeroBit(local);
    const h = --this.height;
    const i = h & Window.mask;
    const type = this.localType[local];
    let place: i32 = Place.slot;
    if (h < this.floor) this.floor = h;
    else place = this.place[i];
    const value = this.a[i];
    if (place === Place.local) {
      this.localRefs[value]--;
      if (value === local) return;
    } else if (place === Place.reg) {
      if (--this.uses[value] === 0) {
        // The usual case: the value moves into the local without an instruction.
        this.free |= 1 << value;
        this.pinned |= 1 << value;
        if (this.localRefs[local] !== 0) this.#detach(local);
        const old = this.localReg[local];
        if (old >= 0) this.forgetLocal(old);
        this.assignLocal(local, value, 1);
        return;
      }
      this.pinned |= 1 << value;
    }
    let source = value;
    if (place === Place.local && this.localReg[value] >= 0) {
      source = this.localReg[value];
      this.pinned |= 1 << source;
      this.stamp[source] = this.clock++;
    }
    if (this.localRefs[local] !== 0) this.#detach(local);
    let d = this.localReg[local];
    if (d < 0) d = this.allocate(type);
    switch (place) {
      case Place.reg:
        this.move(type, d, source);
        break;
      case Place.local:
        if (this.localReg[value] >= 0) this.move(type, d, source);
        else this.loadSlot(type, d, this.localDisp(value));
        break;
      case Place.constant:
        this.loadConstant(type, d, value, this.b[i]);
        break;
      default:
        this.loadSlot(type, d, this.slotDisp(h));
    }
    this.assignLocal(local, d, 1);
  }

  #zeroBit(local: i32): i32 {
    const bit = local - this.zeroBase;
    return bit >= 0 && bit < 32 ? 1 << bit : 0;
  }

  /** Unread `local.get`s of `local` become register entries that own the old value. */
  #detach(local: i32): void {
    const type = this.localType[local];
    let r = this.localReg[local];
    if (r >= 0) this.forgetLocal(r);
    else {
      r = this.allocate(type);
      this.loadSlot(type, r, this.localDisp(local));
    }
    for (let h = this.floor; h < this.height; h++) {
      const i = h & Window.mask;
      if (this.place[i] === Place.local && this.a[i] === local) {
        this.place[i] = Place.reg;
        this.a[i] = r | 0;
        this.uses[r]++;
      }
    }
    this.localRefs[local] = 0;
    this.free &= ~(1 << r);
  }

  // Ends of straight-line code.

  /** After an unconditional transfer of control: nothing is anywhere. The caller sets `height` afterwards. */
  kill(): void {
    for (let h = this.floor; h < this.height; h++) {
      const i = h & Window.mask;
      if (this.place[i] === Place.local) this.localRefs[this.a[i]]--;
    }
    this.floor = this.height;
    this.dropRegisters();
    this.zeroMask = 0;
    this.flagsLive = false;
  }
}
