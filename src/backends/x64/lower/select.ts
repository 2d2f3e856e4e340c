import type { EmitContext } from '../../../emitter/context.js';
import { Op } from '../../../stream/op.js';
import { type Int16Array, Int32Array } from '../../../support/dialect.js';
import { isFloat, Type } from '../../../valuestack/types.js';
import type { CallShape } from '../../code/call-shape.js';
import { PlaceOf } from '../../code/call-shape.js';
import { isCommutative, isCompare, isIntegerCompare, swappedCompare } from '../../ssa/fold.js';
import { type Graph, Ir, noType } from '../../ssa/ir.js';
import { Def, type Machine, Use } from '../../ssa/machine.js';
import { Reg } from '../registers.js';
import { isOneVectorInstruction, isVectorShift } from './vectors.js';

/** Registers by their meaning in masks. */
const rax: i32 = 1 << Reg.rax;
const rdx: i32 = 1 << Reg.rdx;

/**
 * Instruction selection: which values are part of the instruction that uses them (constants, addresses, loads,
 * comparisons), and what each instruction wants of its operands. Says the same about operands, in the same order, as the
 * emission of the instruction expects.
 */
export class Selector {
  readonly #c: EmitContext;
  readonly #stubs: CallShape[];
  #g!: Graph;
  #m!: Machine;
  #shape!: CallShape;
  /** How often branches and selects of its block read a comparison. */
  #asked: Int32Array = new Int32Array(1024);
  /** Uses per value; number of instructions with effects before it. */
  #count: Int32Array = new Int32Array(1024);
  #epoch: Int32Array = new Int32Array(1024);

  /** @param stubs types of the stubs, by `Stub` */
  constructor(c: EmitContext, stubs: CallShape[]) {
    this.#c = c;
    this.#stubs = stubs;
  }

  run(m: Machine, shape: CallShape): void {
    this.#m = m;
    const g = m.graph;
    this.#g = g;
    this.#shape = shape;
    m.begin();
    this.#countUses(g);
    // Users first: they decide what becomes of their operands.
    for (let b = 0; b < g.blocks; b++) for (let v = g.last[b]; v >= 0; v = g.previous[v]) this.#fold(v);
    for (let b = 0; b < g.blocks; b++) {
      for (let v = g.first[b]; v >= 0; v = g.next[v]) {
        if (g.op[v] === Ir.phi || m.folded[v] !== 0) continue;
        m.open(v);
        this.#select(v);
      }
    }
  }

  #countUses(g: Graph): void {
    if (g.values > this.#count.length) {
      let n = this.#count.length;
      while (n < g.values) n *= 2;
      g.memory.take(8 * (n - this.#count.length));
      this.#count = new Int32Array(n);
      this.#asked = new Int32Array(n);
      this.#epoch = new Int32Array(n);
    }
    const count = this.#count;
    for (let v = 0; v < g.values; v++) count[v] = this.#asked[v] = 0;
    let epoch = 0;
    for (let b = 0; b < g.blocks; b++) {
      epoch++;
      for (let v = g.first[b]; v >= 0; v = g.next[v]) {
        if (g.x[v] >= 0) count[g.x[v]]++;
        if (g.y[v] >= 0) count[g.y[v]]++;
        if (g.z[v] >= 0) count[g.z[v]]++;
        if (g.op[v] !== Ir.table) for (let k = 0; k < g.count[v]; k++) count[g.pool[g.list[v] + k]]++;
        const condition = g.op[v] === Ir.branch ? g.x[v] : g.op[v] === Op.select ? g.z[v] : -1;
        if (condition >= 0 && g.block[condition] === b) this.#asked[condition]++;
        if (hasEffect(g, v)) epoch++;
        this.#epoch[v] = epoch;
      }
    }
  }

  // What becomes part of its user.

  #fold(v: i32): void {
    const g = this.#g;
    const m = this.#m;
    const op = g.op[v];
    if (op === Ir.constant) {
      m.folded[v] = 1;
      return;
    }
    if (op === Ir.branch) this.#foldCompare(v, g.x[v]);
    else if (op === Op.select) this.#foldCompare(v, g.z[v]);
    if (m.folded[v] !== 0 && !isCompare(op)) return;
    if (isCompare(op)) this.#foldTest(v, v);
    // After a comparison was folded its own operands are looked at for the user.
    const operation = op;
    if (isLoadOperator(operation)) {
      if (isCommutative(operation) && !this.#canFoldLoad(v, g.y[v]) && this.#canFoldLoad(v, g.x[v])) this.#exchange(v);
      else if (
        isIntegerCompare(operation) &&
        g.y[v] >= 0 &&
        !this.#canFoldLoad(v, g.y[v]) &&
        this.#canFoldLoad(v, g.x[v])
      ) {
        g.op[v] = swappedCompare(operation);
        this.#exchange(v);
      }
      if (this.#canFoldLoad(v, g.y[v])) m.folded[g.y[v]] = 1;
    }
    if (op === Op.i32Add && m.folded[g.y[v]] === 0) this.#foldScale(v);
  }

  #exchange(v: i32): void {
    const g = this.#g;
    const x = g.x[v];
    g.x[v] = g.y[v];
    g.y[v] = x;
  }

  /** A comparison that only branches and selects read leaves its result in the flags: it is done for each of them. */
  #foldCompare(v: i32, condition: i32): void {
    const g = this.#g;
    const uses = this.#count[condition];
    if (!isCompare(g.op[condition]) || g.block[condition] !== g.block[v]) return;
    if (uses !== this.#asked[condition] || uses > (g.op[condition] < Op.f32Eq ? 3 : 1)) return;
    this.#m.folded[condition] = 1;
    // What it reads is read here, by each: a load must be done once, and not later than what can change memory.
    const at = this.#epoch[v] - (g.op[v] === Ir.branch ? 1 : 0);
    if (uses > 1 || this.#epoch[condition] !== at) this.#epoch[condition] = -1;
  }

  /** A comparison with zero of bits that nobody else reads: `test`. */
  #foldTest(v: i32, compare: i32): void {
    const g = this.#g;
    const op = g.op[compare];
    if (op === Op.i64Ne || op === Op.i32Ne) {
      const zero = g.y[compare];
      if (g.op[zero] !== Ir.constant || (g.imm[zero] | g.imm2[zero]) !== 0) return;
    } else if (op !== Op.i32Eqz && op !== Op.i64Eqz) return;
    const bits = g.x[compare];
    if (g.op[bits] !== Op.i32And && g.op[bits] !== Op.i64And) return;
    if (this.#count[bits] !== 1 || g.block[bits] !== g.block[v] || this.#count[compare] !== 1) return;
    this.#m.folded[bits] = 1;
  }

  /** The load `l` can be done by the instruction that uses it: nothing happens between the two. */
  #canFoldLoad(v: i32, l: i32): bool {
    const g = this.#g;
    if (l < 0 || this.#count[l] !== 1 || g.block[l] !== g.block[v] || this.#m.folded[l] !== 0) return false;
    if (!isWholeLoad(g.op[l])) return false;
    if (wantedLoad(g.op[v]) !== g.op[l]) return false;
    return this.#epoch[l] === this.#epoch[v];
  }

  /** x + (y << 1..3): `lea`. */
  #foldScale(v: i32): void {
    const g = this.#g;
    if (g.op[g.y[v]] === Ir.constant) {
      if (this.#isScale(v, g.x[v])) this.#m.folded[g.x[v]] = 1;
      return;
    }
    if (!this.#isScale(v, g.y[v])) {
      if (!this.#isScale(v, g.x[v])) return;
      this.#exchange(v);
    }
    this.#m.folded[g.y[v]] = 1;
  }

  #isScale(v: i32, s: i32): bool {
    const g = this.#g;
    if (g.op[s] !== Op.i32Shl || this.#count[s] !== 1 || g.block[s] !== g.block[v] || this.#m.folded[s] !== 0)
      return false;
    const k = g.y[s];
    return g.op[k] === Ir.constant && g.imm[k] >= 1 && g.imm[k] <= 3;
  }

  // What instructions want.

  #isImmediate(v: i32): bool {
    const g = this.#g;
    if (g.op[v] !== Ir.constant) return false;
    if (g.type[v] === Type.i32) return true;
    return !isFloat(g.type[v]) && g.imm2[v] === g.imm[v] >> 31;
  }

  /** The address of an access: a constant needs no register. */
  #address(v: i32, access: i32): void {
    const x = this.#g.x[access];
    if (this.#isShortAddress(x, access)) return;
    this.#m.use(v, x, Use.reg);
  }

  #isShortAddress(x: i32, access: i32): bool {
    return isShortAddress(this.#g, x, access);
  }

  /** A second operand: immediate, part of the instruction, register or memory. */
  #operand(v: i32, y: i32): void {
    const m = this.#m;
    if (this.#isImmediate(y)) return;
    if (m.folded[y] !== 0 && isWholeLoad(this.#g.op[y])) this.#address(v, y);
    else m.use(v, y, Use.any);
  }

  #compareOperands(v: i32, compare: i32): void {
    const g = this.#g;
    const m = this.#m;
    const op = g.op[compare];
    let x = g.x[compare];
    let y = g.y[compare];
    if (y >= 0 && isSwappedFloatCompare(op)) {
      x = g.y[compare];
      y = g.x[compare];
    }
    if (isTestedBits(g, m, x)) {
      m.use(v, g.x[x], Use.reg);
      if (!this.#isImmediate(g.y[x])) m.use(v, g.y[x], Use.reg);
      return;
    }
    m.use(v, x, Use.reg);
    if (y >= 0) this.#operand(v, y);
  }

  #select(v: i32): void {
    const g = this.#g;
    const m = this.#m;
    const op = g.op[v];
    if (g.type[v] !== noType) m.def[v] = Def.reg;
    if (isCompare(op)) {
      this.#compareOperands(v, v);
      return;
    }
    switch (op) {
      case Ir.param:
        this.#place(v, this.#shape.paramPlace[g.imm[v]]);
        return;
      case Ir.result:
        this.#place(v, g.imm2[v]);
        return;
      case Ir.jump:
      case Ir.trap:
      case Op.globalGet:
      case Op.memorySize:
      case Op.dataDrop:
      case Op.elemDrop:
        return;
      case Ir.branch:
        if (m.folded[g.x[v]] !== 0 && isCompare(g.op[g.x[v]])) this.#compareOperands(v, g.x[v]);
        else m.use(v, g.x[v], Use.reg);
        return;
      case Ir.table:
        m.use(v, g.x[v], Use.reg);
        m.temps[v] = 1;
        return;
      case Ir.return_:
        this.#list(v, this.#shape.resultPlace, g.count[v]);
        return;
      case Ir.stub:
        this.#list(v, this.#stubs[g.imm[v]].paramPlace, g.count[v]);
        return;
      case Op.call:
        this.#list(v, this.#c.shapeOf(g.imm2[v]).paramPlace, g.count[v]);
        return;
      case Op.callIndirect:
        this.#list(v, this.#c.shapeOf(g.imm2[v]).paramPlace, g.count[v] - 1);
        m.use(v, g.pool[g.list[v] + g.count[v] - 1], Use.fixed + Reg.r10);
        return;
      case Op.globalSet:
        m.use(v, g.x[v], Use.reg);
        return;
      case Op.select:
        m.def[v] = Def.same;
        m.use(v, g.x[v], Use.reg);
        m.use(v, g.y[v], Use.reg);
        if (m.folded[g.z[v]] !== 0 && isCompare(g.op[g.z[v]])) this.#compareOperands(v, g.z[v]);
        else m.use(v, g.z[v], Use.reg);
        return;
      default:
        if (op >= Op.i32Load && op <= Op.i64Load32U) this.#address(v, v);
        else if (op >= Op.i32Store && op <= Op.i64Store32) {
          this.#address(v, v);
          if (!isStoredConstant(g, g.y[v])) m.use(v, g.y[v], Use.reg);
        } else if (op >= Op.i32Add && op <= Op.i64Rotr && op !== Op.i64Clz && op !== Op.i64Ctz && op !== Op.i64Popcnt) {
          this.#integer(v, op);
        } else if (isFloatArithmetic(op)) {
          m.def[v] = this.#c.cpu.avx && m.folded[g.y[v]] === 0 ? Def.reg : Def.same;
          if (m.def[v] === Def.same && isCommutative(op)) this.#swap(v);
          m.use(v, g.x[v], Use.reg);
          this.#operand(v, g.y[v]);
        } else if (isSimpleUnary(op)) m.use(v, g.x[v], Use.reg);
        else if (op >= Op.i32AtomicRmwAnd && op < Op.i32AtomicRmwXchg) this.#atomicLoop(v, op);
        else if (op >= Op.i32AtomicRmwCmpxchg && op <= Op.i64AtomicRmw32CmpxchgU) this.#compareExchange(v);
        else this.#general(v, op);
    }
  }

  /** The operands can be exchanged if both are values: the second operand of a folded load is its address. */
  #swap(v: i32): void {
    this.#m.swaps[v] = this.#m.folded[this.#g.y[v]] === 0 ? 1 : 0;
  }

  #place(v: i32, place: i32): void {
    this.#m.def[v] = place < PlaceOf.firstStack ? Def.fixed + place : Def.memory;
  }

  /** Arguments of a call, results of a return. */
  #list(v: i32, places: Int16Array, count: i32): void {
    const g = this.#g;
    const m = this.#m;
    m.isCall[v] = 1;
    for (let k = 0; k < count; k++) {
      const place = places[k];
      m.use(v, g.pool[g.list[v] + k], place < PlaceOf.firstStack ? Use.fixed + place : Use.any);
    }
  }

  #integer(v: i32, op: i32): void {
    const g = this.#g;
    const m = this.#m;
    const x = g.x[v];
    const y = g.y[v];
    const w = op >= Op.i64Clz ? 1 : 0;
    const base = w === 0 ? op : op - (Op.i64Add - Op.i32Add);
    switch (base) {
      case Op.i32DivS:
      case Op.i32DivU:
      case Op.i32RemS:
      case Op.i32RemU:
        m.use(v, x, Use.fixed + Reg.rax);
        m.use(v, y, Use.reg);
        m.clobbers[v] = rax | rdx;
        m.def[v] = Def.fixed + (base === Op.i32DivS || base === Op.i32DivU ? Reg.rax : Reg.rdx);
        return;
      case Op.i32Shl:
      case Op.i32ShrS:
      case Op.i32ShrU:
      case Op.i32Rotl:
      case Op.i32Rotr:
        if (g.op[y] === Ir.constant) {
          m.use(v, x, Use.reg);
          m.def[v] = this.#c.cpu.bmi2 && base >= Op.i32Rotl ? Def.reg : Def.same;
        } else if (this.#c.cpu.bmi2 && base < Op.i32Rotl) {
          m.use(v, x, Use.reg);
          m.use(v, y, Use.reg);
        } else {
          m.use(v, x, Use.reg);
          m.use(v, y, Use.fixed + Reg.rcx);
          m.def[v] = Def.same;
        }
        return;
      case Op.i32Add:
        if (m.folded[x] !== 0 && g.op[x] === Op.i32Shl) {
          m.use(v, g.x[x], Use.reg);
          return;
        }
        m.use(v, x, Use.reg);
        if (m.folded[y] !== 0 && g.op[y] === Op.i32Shl) {
          m.use(v, g.x[y], Use.reg);
          return;
        }
        this.#operand(v, y);
        // `lea` where the first operand is needed afterwards, else `add`: either way any register will do, but with memory.
        if (!this.#isImmediate(y)) {
          m.def[v] = Def.same;
          this.#swap(v);
        }
        return;
      case Op.i32Mul:
        m.use(v, x, Use.reg);
        if (this.#isImmediate(y)) return;
        this.#operand(v, y);
        m.def[v] = Def.same;
        this.#swap(v);
        return;
      default:
        m.use(v, x, Use.reg);
        this.#operand(v, y);
        m.def[v] = Def.same;
        if (isCommutative(op)) this.#swap(v);
    }
  }

  /** cmpxchg has the old value in rax. */
  #atomicLoop(v: i32, op: i32): void {
    const m = this.#m;
    this.#general(v, op);
    // What is stored, and each operand that is a constant.
    m.temps[v] = 3;
    m.clobbers[v] = rax;
    m.def[v] = Def.fixed + Reg.rax;
  }

  /** The expected value is in rax, afterwards the old one. */
  #compareExchange(v: i32): void {
    const g = this.#g;
    const m = this.#m;
    for (let k = 0; k < 3; k++) {
      const operand = k === 0 ? g.x[v] : k === 1 ? g.y[v] : g.z[v];
      if (!isPushedConstant(g, operand)) m.use(v, operand, k === 1 ? Use.fixed + Reg.rax : Use.reg);
    }
    // Each operand can be a constant.
    m.temps[v] = 3;
    m.clobbers[v] = rax;
    m.def[v] = Def.fixed + Reg.rax;
  }

  /** What the value stack's emitters make, between registers: operands in order, and some registers to spare. */
  #general(v: i32, op: i32): void {
    const g = this.#g;
    const m = this.#m;
    let vectors = 0;
    let numbers = 0;
    for (let k = 0; k < 3; k++) {
      const operand = k === 0 ? g.x[v] : k === 1 ? g.y[v] : g.z[v];
      if (operand < 0) continue;
      if (!isPushedConstant(g, operand)) m.use(v, operand, Use.reg);
      else if (g.type[operand] === Type.v128) vectors++;
      else numbers++;
    }
    if (this.#c.cpu.avx && (isOneVectorInstruction(op) || (isVectorShift(op) && g.op[g.y[v]] === Ir.constant))) {
      // A constant address that is no displacement goes to a register.
      m.temps[v] = numbers | (vectors << 4);
      return;
    }
    if (op === Op.i8x16Shuffle) m.temps[v] = (2 + vectors) << 4;
    else m.temps[v] = op >= Op.v128Load ? 2 | ((3 + vectors) << 4) : 2 | (2 << 4);
    if (g.type[v] !== noType) m.def[v] = Def.apart;
  }
}

/** Its place among others matters: what reads memory must not pass it. */
function hasEffect(g: Graph, v: i32): bool {
  const op = g.op[v];
  if (op === Ir.phi || op === Ir.constant || op === Ir.param || op === Ir.result) return false;
  if (op >= Op.i32Load && op <= Op.i64Load32U) return false;
  if (op >= Op.i32Eqz && op <= Op.i64Extend32S) {
    // A trap of another kind must not come before a load's.
    return (
      (op >= Op.i32DivS && op <= Op.i32RemU) ||
      (op >= Op.i64DivS && op <= Op.i64RemU) ||
      (op >= Op.i32TruncF32S && op <= Op.i64TruncF64U && g.op[v] !== Op.i64ExtendI32S && g.op[v] !== Op.i64ExtendI32U)
    );
  }
  if (op === Op.globalGet || op === Op.select || op === Op.refFunc || op === Op.memorySize) return false;
  return op < Op.i32TruncSatF32S || op > Op.i64TruncSatF64U;
}

/** Takes its second operand from memory. */
function isLoadOperator(op: i32): bool {
  return wantedLoad(op) >= 0;
}

/** The load whose result can be the second operand in memory, or -1. */
function wantedLoad(op: i32): i32 {
  switch (op) {
    case Op.i32Add:
    case Op.i32Sub:
    case Op.i32And:
    case Op.i32Or:
    case Op.i32Xor:
      return Op.i32Load;
    case Op.i64Add:
    case Op.i64Sub:
    case Op.i64And:
    case Op.i64Or:
    case Op.i64Xor:
      return Op.i64Load;
    default:
  }
  if (op > Op.i32Eqz && op <= Op.i32GeU) return Op.i32Load;
  if (op > Op.i64Eqz && op <= Op.i64GeU) return Op.i64Load;
  if (op >= Op.f32Add && op <= Op.f32Div) return Op.f32Load;
  if (op >= Op.f64Add && op <= Op.f64Div) return Op.f64Load;
  return -1;
}

/** A load that reads as many bytes as its type has. */
export function isWholeLoad(op: i32): bool {
  return op >= Op.i32Load && op <= Op.f64Load;
}

export function isFloatArithmetic(op: i32): bool {
  return (op >= Op.f32Add && op <= Op.f32Div) || (op >= Op.f64Add && op <= Op.f64Div);
}

/** lt and le are gt and ge of exchanged operands: conditions that are false for unordered ones. */
export function isSwappedFloatCompare(op: i32): bool {
  return op === Op.f32Lt || op === Op.f32Le || op === Op.f64Lt || op === Op.f64Le;
}

/** One instruction from register to register. */
export function isSimpleUnary(op: i32): bool {
  switch (op) {
    case Op.i32WrapI64:
    case Op.i64ExtendI32S:
    case Op.i64ExtendI32U:
    case Op.i32Extend8S:
    case Op.i32Extend16S:
    case Op.i64Extend8S:
    case Op.i64Extend16S:
    case Op.i64Extend32S:
    case Op.f32Sqrt:
    case Op.f64Sqrt:
    case Op.f32ConvertI32S:
    case Op.f64ConvertI32S:
    case Op.f32ConvertI32U:
    case Op.f64ConvertI32U:
    case Op.f32ConvertI64S:
    case Op.f64ConvertI64S:
    case Op.f32DemoteF64:
    case Op.f64PromoteF32:
    case Op.i32ReinterpretF32:
    case Op.i64ReinterpretF64:
    case Op.f32ReinterpretI32:
    case Op.f64ReinterpretI64:
      return true;
    default:
      return false;
  }
}

/** The address is a constant that stands in the instruction. */
export function isShortAddress(g: Graph, x: i32, access: i32): bool {
  if (g.op[x] !== Ir.constant) return false;
  const low = g.imm[x];
  const offset = g.imm[access];
  return low >= 0 && offset >= 0 && ((low + offset) | 0) >= 0;
}

/** A constant that a store has as an immediate. */
export function isStoredConstant(g: Graph, y: i32): bool {
  if (g.op[y] !== Ir.constant) return false;
  const type = g.type[y];
  if (type === Type.i32 || type === Type.f32) return true;
  if (type === Type.v128) return false;
  return g.imm2[y] === g.imm[y] >> 31;
}

/** A constant that the value stack's emitters get as one. */
export function isPushedConstant(g: Graph, v: i32): bool {
  return g.op[v] === Ir.constant && (g.type[v] === Type.v128 || g.type[v] === Type.i32);
}

/** Bits that are part of the comparison with zero that reads them. */
export function isTestedBits(g: Graph, m: Machine, x: i32): bool {
  return m.folded[x] !== 0 && (g.op[x] === Op.i32And || g.op[x] === Op.i64And);
}
