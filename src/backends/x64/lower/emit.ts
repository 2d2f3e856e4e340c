import type { Debug } from '../../../debug.js';
import { callElement, findCallee } from '../../../emitter/calls.js';
import { EmitContext } from '../../../emitter/context.js';
import { address, checkAddress } from '../../../emitter/memory.js';
import { Op } from '../../../stream/op.js';
import { Int32Array, Math, newList } from '../../../support/dialect.js';
import { Condition, isFloat, Registers, slotsOf, Type } from '../../../valuestack/types.js';
import { Context, FunctionElement, MemoryRecord, SegmentRecord, Stack, Thread, TrapCode } from '../../abi/layout.js';
import { type CallShape, PlaceOf } from '../../code/call-shape.js';
import { SiteKind } from '../../code/code-map-writer.js';
import type { CompilerTarget } from '../../code/target.js';
import { type Graph, Ir, isWide, noType, Stub } from '../../ssa/ir.js';
import type { Machine } from '../../ssa/machine.js';
import { Alu, Cc, LoadKind, Reg, Shift, SseOp } from '../registers.js';
import { emitGeneral } from './general.js';
import { Layout } from './layout.js';
import {
  isFloatArithmetic,
  isShortAddress,
  isSimpleUnary,
  isStoredConstant,
  isSwappedFloatCompare,
  isTestedBits,
  isWholeLoad,
} from './select.js';

const x = Registers.firstXmm;

/** Writes the machine code of an allocated graph. */
export class FunctionEmitter extends EmitContext {
  m!: Machine;
  g!: Graph;
  readonly #layout: Layout = new Layout();
  /** Code position per block, -1: not yet; its forward jumps. */
  #position: Int32Array = new Int32Array(128);
  #chain: Int32Array = new Int32Array(128);
  /** Types of the stubs, by `Stub`. */
  stubShapes: CallShape[] = newList<CallShape>();
  #hasCalls: bool = false;
  #frame: i32 = 0;

  constructor(target: CompilerTarget, debug: Debug | null) {
    super(target, debug);
  }

  /** @param index of the function in its module */
  emit(m: Machine, shape: CallShape, index: i32): void {
    const g = m.graph;
    this.m = m;
    this.g = g;
    this.shape = shape;
    this.functionIndex = index;
    this.#placeSlots();
    this.#layout.run(m);
    if (g.blocks > this.#position.length) {
      let n = this.#position.length;
      while (n < g.blocks) n *= 2;
      this.#position = new Int32Array(n);
      this.#chain = new Int32Array(n);
    }
    for (let b = 0; b < g.blocks; b++) {
      this.#position[b] = -1;
      this.#chain[b] = 0;
    }
    this.vs.resetStack();
    this.ensureSpace();
    const asm = this.asm;
    asm.align(16);
    this.entry = asm.pos;
    const hooks = this.hooks;
    if (hooks !== null) hooks.beginFunction(this);
    this.#prologue();
    const layout = this.#layout;
    for (let k = 0; k < layout.count; k++)
      this.#block(layout.order[k], k + 1 < layout.count ? layout.order[k + 1] : -1);
    for (let b = 0; b < g.blocks; b++) {
      if (this.#position[b] < 0 && this.#chain[b] !== 0) throw new Error(`internal error: block ${b} was left out`);
    }
    this.closeTraps();
    if (hooks !== null) hooks.endFunction(this);
    asm.checkRoom();
    this.code.publish(index - this.importedFunctions, this.entry);
  }

  // The frame.

  /** Places in memory: parameters on the stack have theirs, the others follow the saved context. */
  #placeSlots(): void {
    const g = this.g;
    const m = this.m;
    let slots = 0;
    this.#hasCalls = false;
    this.outgoingBytes = 0;
    for (let b = 0; b < g.blocks; b++) {
      for (let v = g.first[b]; v >= 0; v = g.next[v]) {
        const op = g.op[v];
        if (op === Op.call || op === Op.callIndirect || op === Ir.stub) {
          this.#hasCalls = true;
          const shape = this.#calledShape(v);
          const bytes = 8 * (shape.stackParams + shape.stackResults);
          if (bytes > this.outgoingBytes) this.outgoingBytes = bytes;
        }
        if (m.spilled[v] === 0) continue;
        if (op === Ir.param && this.shape.paramPlace[g.imm[v]] >= PlaceOf.firstStack) {
          m.slot[v] = this.shape.paramDisp[g.imm[v]];
          continue;
        }
        // A vector that crosses a cache line costs twice: with most callers rbp is a multiple of 16.
        if (g.type[v] === Type.v128 && (slots & 1) === 0) slots++;
        slots += slotsOf(g.type[v]);
        m.slot[v] = -8 - 8 * slots;
      }
    }
    this.#frame = slots === 0 && !this.#hasCalls ? 0 : 8 + 8 * slots;
    // Values of phis in memory pass through the stack.
    this.outgoingBytes += 16 * this.#mostPushed();
  }

  #mostPushed(): i32 {
    const m = this.m;
    const g = this.g;
    let most = 0;
    for (let b = 0; b < g.blocks; b++) {
      const last = g.last[b];
      if (g.op[last] === Ir.jump && m.moveCount[last] > most) most = m.moveCount[last];
    }
    return most;
  }

  #prologue(): void {
    const asm = this.asm;
    asm.push(Reg.rbp);
    asm.mov_rr(1, Reg.rbp, Reg.rsp);
    const frame = this.#frame;
    if (frame + this.outgoingBytes > Stack.guard - Stack.reserve) {
      asm.push(Reg.rax);
      asm.mov_rm(1, Reg.rax, Reg.r15, Context.thread);
      asm.lea(1, Registers.scratch, Reg.rbp, -frame - this.outgoingBytes);
      asm.alu_rm(Alu.cmp, 1, Registers.scratch, Reg.rax, Thread.stackLow);
      asm.pop(Reg.rax);
      this.trapUnless(Cc.a, TrapCode.stackOverflow);
    }
    if (frame > 0) asm.alu_ri(Alu.sub, 1, Reg.rsp, frame);
  }

  // Blocks.

  #block(b: i32, following: i32): void {
    const g = this.g;
    const m = this.m;
    this.ensureSpace();
    if (g.header[b] !== 0 && this.#layout.isInnermost(g, b)) this.asm.align(32);
    this.bindChain(this.#chain[b]);
    this.#position[b] = this.asm.pos;
    const hooks = this.hooks;
    for (let v = m.storeHead[b]; v >= 0; v = m.storeNext[v]) {
      this.ensureSpace();
      this.vs.storeSlot(g.type[v], m.slot[v], m.storeReg[v]);
    }
    for (let v = g.first[b]; v >= 0; v = g.next[v]) {
      if (g.op[v] === Ir.phi) {
        if (m.reg[v] >= 0 && m.spilled[v] !== 0 && m.storeBlock[v] < 0) {
          this.ensureSpace();
          this.vs.storeSlot(g.type[v], m.slot[v], m.reg[v]);
        }
        continue;
      }
      if (m.folded[v] !== 0) continue;
      this.wasmOffset = g.at[v];
      this.ensureSpace();
      if (hooks !== null) hooks.at(this, this.wasmOffset);
      this.#instruction(v, following);
      if (m.spilled[v] !== 0 && m.reg[v] >= 0 && m.storeBlock[v] < 0 && g.type[v] !== noType) {
        this.vs.storeSlot(g.type[v], m.slot[v], m.reg[v]);
      }
    }
  }

  #jump(target: i32, following: i32): void {
    const t = this.#layout.target(target);
    if (t === following) return;
    if (this.#position[t] >= 0) this.asm.jmp(this.#position[t]);
    else this.#chain[t] = this.jumpForward(this.#chain[t]);
  }

  #jumpIf(condition: i32, target: i32): void {
    const t = this.#layout.target(target);
    if (this.#position[t] >= 0) this.jumpBackIf(condition, this.#position[t]);
    else this.#chain[t] = this.jumpIf(condition, this.#chain[t]);
  }

  // Operands.

  /** Register of operand k. */
  reg(v: i32, k: i32): i32 {
    return this.m.useReg[this.m.firstUse[v] + k];
  }

  /** The value in a register, from wherever it is. */
  load(d: i32, value: i32): void {
    const g = this.g;
    if (g.op[value] === Ir.constant) this.vs.loadConstant(g.type[value], d, g.imm[value], g.imm2[value]);
    else this.vs.loadSlot(g.type[value], d, this.m.slot[value]);
  }

  #moveTo(d: i32, s: i32, value: i32): void {
    if (s < 0) this.load(d, value);
    else this.vs.move(this.g.type[value], d, s);
  }

  /** Moves before an instruction, one after another. */
  #moves(v: i32): void {
    const m = this.m;
    const end = m.firstMove[v] + m.moveCount[v];
    for (let k = m.firstMove[v]; k < end; k++) this.#moveTo(m.moveTo[k], m.moveFrom[k], m.moveValue[k]);
  }

  /** Moves into registers, all at once. */
  #parallelMoves(v: i32): void {
    const g = this.g;
    const m = this.m;
    const moves = this.vs.moves;
    moves.clear();
    const end = m.firstMove[v] + m.moveCount[v];
    for (let k = m.firstMove[v]; k < end; k++) {
      const value = m.moveValue[k];
      const type = g.type[value];
      const d = m.moveTo[k];
      if (m.moveFrom[k] >= 0) moves.move(type, d, m.moveFrom[k]);
      else if (g.op[value] === Ir.constant) moves.constant(type, d, g.imm[value], g.imm2[value]);
      else moves.load(type, d, m.slot[value]);
    }
    moves.emit();
  }

  /** The moves of an edge. If phis in memory are written, what is read from memory goes through the stack. */
  #edgeMoves(v: i32): void {
    const m = this.m;
    const g = this.g;
    const first = m.firstMove[v];
    const end = first + m.moveCount[v];
    let toMemory = 0;
    for (let k = first; k < end; k++) if (m.moveTo[k] < 0) toMemory++;
    if (toMemory === 0) {
      this.#parallelMoves(v);
      return;
    }
    const asm = this.asm;
    this.reserveMore(32 * m.moveCount[v]);
    for (let k = first; k < end; k++) {
      const value = m.moveValue[k];
      if (m.moveFrom[k] >= 0 || g.op[value] === Ir.constant) continue;
      for (let s = slotsOf(g.type[value]) - 1; s >= 0; s--) asm.push_m(Reg.rbp, m.slot[value] + 8 * s);
    }
    for (let k = first; k < end; k++) {
      if (m.moveTo[k] >= 0) continue;
      const value = m.moveValue[k];
      const disp = m.slot[m.movePhi[k]];
      if (m.moveFrom[k] >= 0) this.vs.storeSlot(g.type[value], disp, m.moveFrom[k]);
      else if (g.op[value] === Ir.constant)
        this.vs.storeConstant(g.type[value], Reg.rbp, disp, g.imm[value], g.imm2[value]);
    }
    const moves = this.vs.moves;
    moves.clear();
    for (let k = first; k < end; k++) {
      if (m.moveTo[k] < 0) continue;
      const value = m.moveValue[k];
      if (m.moveFrom[k] >= 0) moves.move(g.type[value], m.moveTo[k], m.moveFrom[k]);
      else if (g.op[value] === Ir.constant) moves.constant(g.type[value], m.moveTo[k], g.imm[value], g.imm2[value]);
    }
    moves.emit();
    for (let k = end - 1; k >= first; k--) {
      const value = m.moveValue[k];
      if (m.moveFrom[k] >= 0 || g.op[value] === Ir.constant) continue;
      const type = g.type[value];
      if (m.moveTo[k] < 0) {
        for (let s = 0; s < slotsOf(type); s++) asm.pop_m(Reg.rbp, m.slot[m.movePhi[k]] + 8 * s);
      } else if (isFloat(type)) {
        this.vs.load(type, m.moveTo[k], Reg.rsp, 0);
        asm.lea(1, Reg.rsp, Reg.rsp, 8 * slotsOf(type));
      } else {
        asm.pop(m.moveTo[k]);
        if (type === Type.i32) asm.mov_rr(0, m.moveTo[k], m.moveTo[k]);
      }
    }
  }

  // Instructions.

  #instruction(v: i32, following: i32): void {
    const g = this.g;
    const m = this.m;
    const op = g.op[v];
    if (op === Ir.jump) {
      if (m.moveCount[v] > 0) this.#edgeMoves(v);
      this.#jump(g.imm[v], following);
      return;
    }
    if (m.isCall[v] !== 0) {
      this.#call(v, op);
      return;
    }
    this.#moves(v);
    switch (op) {
      case Ir.param:
      case Ir.result:
        return;
      case Ir.branch:
        this.#branch(v, following);
        return;
      case Ir.table:
        this.#table(v);
        return;
      case Ir.trap:
        this.trap(g.imm[v]);
        return;
      case Op.globalGet:
        this.#globalGet(v);
        return;
      case Op.globalSet:
        this.#globalSet(v);
        return;
      case Op.memorySize:
        this.loadMemoryRecord(m.reg[v]);
        this.asm.mov_rm(1, m.reg[v], m.reg[v], MemoryRecord.byteLength);
        this.asm.shift_i(Shift.shr, 1, m.reg[v], 16);
        return;
      case Op.dataDrop:
        this.asm.mov_mi(1, Reg.r15, this.layout.dataSegments + SegmentRecord.size * g.imm[v] + SegmentRecord.length, 0);
        return;
      case Op.elemDrop:
        this.asm.mov_mi(
          1,
          Reg.r15,
          this.layout.elementSegments + SegmentRecord.size * g.imm[v] + SegmentRecord.length,
          0,
        );
        return;
      case Op.select:
        this.#select(v);
        return;
      default:
        if (op >= Op.i32Load && op <= Op.i64Load32U) this.#load(v, op);
        else if (op >= Op.i32Store && op <= Op.i64Store32) this.#store(v, op);
        else if (op >= Op.i32Eqz && op <= Op.f64Ge) this.#compareValue(v);
        else if (op >= Op.i32Add && op <= Op.i64Rotr && op !== Op.i64Clz && op !== Op.i64Ctz && op !== Op.i64Popcnt) {
          this.#integer(v, op);
        } else if (isFloatArithmetic(op)) this.#float(v, op);
        else if (isSimpleUnary(op)) this.#unary(v, op);
        else emitGeneral(this, v);
    }
  }

  // Memory.

  /** Where an access is: sets `address`. `k` is the operand of the address, if it has one. */
  #address(v: i32, k: i32, access: i32, size: i32): void {
    const g = this.g;
    const base = g.x[access];
    const offset = g.imm[access];
    if (isShortAddress(g, base, access)) {
      const sum = (g.imm[base] + offset) | 0;
      address.index = -1;
      address.displacement = sum;
      if (!this.checksBounds || sum <= this.leastMemory - size) return;
      this.asm.mov_ri(Registers.scratch, sum);
      checkAddress(this, Registers.scratch, 0, size);
      return;
    }
    const r = this.reg(v, k);
    if (!this.checksBounds && offset >= 0) {
      address.index = r;
      address.displacement = offset;
    } else checkAddress(this, r, offset, size);
  }

  #markAccess(access: i32): void {
    const offset = this.wasmOffset;
    this.wasmOffset = this.g.at[access];
    this.mark(SiteKind.memory, 0);
    this.wasmOffset = offset;
  }

  #load(v: i32, op: i32): void {
    const d = this.m.reg[v];
    this.#address(v, 0, v, accessSize(op));
    this.mark(SiteKind.memory, 0);
    if (op === Op.f32Load || op === Op.f64Load) {
      this.asm.floadx(op === Op.f32Load ? 0 : 1, d - x, Reg.r14, address.index, address.displacement);
    } else this.asm.loadx(loadKind(op), d, Reg.r14, address.index, address.displacement);
  }

  #store(v: i32, op: i32): void {
    const g = this.g;
    const asm = this.asm;
    const size = accessSize(op);
    this.#address(v, 0, v, size);
    this.mark(SiteKind.memory, 0);
    const value = g.y[v];
    if (isStoredConstant(g, value)) {
      asm.storex_i(size, Reg.r14, address.index, address.displacement, g.imm[value]);
      return;
    }
    const s = this.reg(v, isShortAddress(g, g.x[v], v) ? 0 : 1);
    if (op === Op.f32Store || op === Op.f64Store) {
      asm.fstorex(op === Op.f32Store ? 0 : 1, Reg.r14, address.index, address.displacement, s - x);
    } else asm.storex(size, Reg.r14, address.index, address.displacement, s);
  }

  // Integers.

  /** d = d op the second operand `y`, which is the operand k if it is one. */
  #aluOperand(v: i32, alu: Alu, w: i32, d: i32, y: i32, k: i32): void {
    const g = this.g;
    const asm = this.asm;
    if (g.op[y] === Ir.constant && (g.type[y] === Type.i32 || g.imm2[y] === g.imm[y] >> 31)) {
      if (alu === Alu.cmp && g.imm[y] === 0) asm.test_rr(w, d, d);
      else asm.alu_ri(alu, w, d, g.imm[y]);
      return;
    }
    if (this.m.folded[y] !== 0 && isWholeLoad(g.op[y])) {
      this.#address(v, k, y, w === 0 ? 4 : 8);
      this.#markAccess(y);
      asm.alu_rx(alu, w, d, Reg.r14, address.index, address.displacement);
      return;
    }
    const s = this.reg(v, k);
    if (s >= 0) asm.alu_rr(alu, w, d, s);
    else if (g.op[y] === Ir.constant) {
      this.load(Registers.scratch, y);
      asm.alu_rr(alu, w, d, Registers.scratch);
    } else asm.alu_rm(alu, w, d, Reg.rbp, this.m.slot[y]);
  }

  #integer(v: i32, op: i32): void {
    const g = this.g;
    const m = this.m;
    const asm = this.asm;
    const w = op >= Op.i64Clz ? 1 : 0;
    const base = w === 0 ? op : op - (Op.i64Add - Op.i32Add);
    const d = m.reg[v];
    let y = g.y[v];
    switch (base) {
      case Op.i32DivS:
      case Op.i32DivU:
      case Op.i32RemS:
      case Op.i32RemU:
        this.#divide(v, w, base);
        return;
      case Op.i32Shl:
        this.#shift(v, Shift.shl, w);
        return;
      case Op.i32ShrS:
        this.#shift(v, Shift.sar, w);
        return;
      case Op.i32ShrU:
        this.#shift(v, Shift.shr, w);
        return;
      case Op.i32Rotl:
        this.#shift(v, Shift.rol, w);
        return;
      case Op.i32Rotr:
        this.#shift(v, Shift.ror, w);
        return;
      default:
    }
    let a = this.reg(v, 0);
    const scaled = g.x[v];
    if (base === Op.i32Add && m.folded[scaled] !== 0 && g.op[scaled] === Op.i32Shl) {
      asm.lea_x(w, d, -1, a, g.imm[g.y[scaled]], g.imm[y]);
      return;
    }
    if (base === Op.i32Add && m.folded[y] !== 0 && g.op[y] === Op.i32Shl) {
      asm.lea_x(w, d, a, this.reg(v, 1), g.imm[g.y[y]], 0);
      return;
    }
    let k = 1;
    const isRegister = m.useCount[v] === 2 && !(m.folded[y] !== 0 && isWholeLoad(g.op[y]));
    if (isRegister && d !== a && this.reg(v, 1) === d) {
      // The operands are exchanged: the second's register becomes the result's.
      a = d;
      y = g.x[v];
      k = 0;
    }
    if (base === Op.i32Add && d !== a) {
      if (g.op[y] === Ir.constant && m.useCount[v] === 1) {
        asm.lea(w, d, a, g.imm[y]);
        return;
      }
      if (isRegister && this.reg(v, k) >= 0) {
        asm.lea_x(w, d, a, this.reg(v, k), 0, 0);
        return;
      }
    }
    if (base === Op.i32Mul) {
      if (g.op[y] === Ir.constant && m.useCount[v] === 1) {
        // 3, 5 and 9 times are sums: a cycle instead of three.
        const factor = g.imm[y];
        const scale = factor === 3 ? 1 : factor === 5 ? 2 : factor === 9 ? 3 : 0;
        if (scale > 0) asm.lea_x(w, d, a, a, scale, 0);
        else asm.imul_rri(w, d, a, factor);
        return;
      }
      if (d !== a) asm.mov_rr(w, d, a);
      const s = this.reg(v, k);
      if (s >= 0) asm.imul_rr(w, d, s);
      else if (g.op[y] === Ir.constant) {
        this.load(Registers.scratch, y);
        asm.imul_rr(w, d, Registers.scratch);
      } else asm.imul_rm(w, d, Reg.rbp, m.slot[y]);
      return;
    }
    if (d !== a) asm.mov_rr(w, d, a);
    if (base === Op.i32Xor && g.op[y] === Ir.constant && g.imm[y] === -1 && (w === 0 || g.imm2[y] === -1))
      asm.not(w, d);
    else this.#aluOperand(v, aluOf(base), w, d, y, k);
  }

  #divide(v: i32, w: i32, base: i32): void {
    const asm = this.asm;
    const signed = base === Op.i32DivS || base === Op.i32RemS;
    const remainder = base === Op.i32RemS || base === Op.i32RemU;
    const divisor = this.reg(v, 1);
    const aux = divisor | (w << 4) | (signed ? 32 : 0) | (remainder ? 64 : 0);
    if (!signed) {
      asm.zero(Reg.rdx);
      this.mark(SiteKind.division, aux);
      asm.div(w, divisor);
      return;
    }
    if (!remainder) {
      asm.cdq(w);
      this.mark(SiteKind.division, aux);
      asm.idiv(w, divisor);
      return;
    }
    asm.alu_ri(Alu.cmp, w, divisor, -1);
    const divide = asm.jcc8_forward(Cc.ne);
    asm.zero(Reg.rdx);
    const over = asm.jmp8_forward();
    asm.bind8(divide);
    asm.cdq(w);
    this.mark(SiteKind.division, aux);
    asm.idiv(w, divisor);
    asm.bind8(over);
  }

  #shift(v: i32, op: Shift, w: i32): void {
    const g = this.g;
    const asm = this.asm;
    const d = this.m.reg[v];
    const a = this.reg(v, 0);
    const y = g.y[v];
    if (g.op[y] === Ir.constant) {
      const count = g.imm[y] & (w === 0 ? 31 : 63);
      if (d !== a && this.cpu.bmi2 && (op === Shift.rol || op === Shift.ror)) {
        asm.rorx(w, d, a, op === Shift.ror ? count : (w === 0 ? 32 : 64) - count);
        return;
      }
      if (d !== a) asm.mov_rr(w, d, a);
      asm.shift_i(op, w, d, count);
      return;
    }
    if (this.cpu.bmi2 && op !== Shift.rol && op !== Shift.ror) {
      const count = this.reg(v, 1);
      if (op === Shift.shl) asm.shlx(w, d, a, count);
      else if (op === Shift.shr) asm.shrx(w, d, a, count);
      else asm.sarx(w, d, a, count);
      return;
    }
    if (d !== a) asm.mov_rr(w, d, a);
    asm.shift_cl(op, w, d);
  }

  // Comparisons.

  /** Compare, from operand k on; returns the condition. */
  #compare(v: i32, compare: i32, k: i32): i32 {
    const g = this.g;
    const asm = this.asm;
    const op = g.op[compare];
    const a = this.reg(v, k);
    const bits = g.x[compare];
    if (isTestedBits(g, this.m, bits)) {
      const w = g.op[bits] === Op.i32And ? 0 : 1;
      const mask = g.y[bits];
      if (g.op[mask] === Ir.constant && (w === 0 || g.imm2[mask] === g.imm[mask] >> 31)) asm.test_ri(w, a, g.imm[mask]);
      else asm.test_rr(w, a, this.reg(v, k + 1));
      return op === Op.i32Ne || op === Op.i64Ne ? Cc.ne : Cc.e;
    }
    if (op === Op.i32Eqz || op === Op.i64Eqz) {
      asm.test_rr(op === Op.i32Eqz ? 0 : 1, a, a);
      return Cc.e;
    }
    if (op < Op.f32Eq) {
      this.#aluOperand(v, Alu.cmp, op < Op.i64Eqz ? 0 : 1, a, g.y[compare], k + 1);
      return conditionOf(op);
    }
    const f = op < Op.f64Eq ? 0 : 1;
    const y = isSwappedFloatCompare(op) ? g.x[compare] : g.y[compare];
    const s = this.reg(v, k + 1);
    if (s >= 0) asm.ucomis_xx(f, a - x, s - x);
    else if (g.op[y] === Ir.constant) asm.ucomis_xm_rip(f, a - x, this.#pooled(y));
    else asm.ucomis_xm(f, a - x, Reg.rbp, this.m.slot[y]);
    return conditionOf(op);
  }

  /** Code position of a float constant in memory. */
  #pooled(value: i32): i32 {
    return this.vectorConstant(this.g.imm[value], this.g.imm2[value], 0, 0);
  }

  #compareValue(v: i32): void {
    const asm = this.asm;
    const condition = this.#compare(v, v, 0);
    const d = this.m.reg[v];
    if (condition >= Condition.floatEqual) {
      const equal = condition === Condition.floatEqual;
      asm.setcc(equal ? Cc.np : Cc.p, Registers.scratch);
      asm.setcc(equal ? Cc.e : Cc.ne, d);
      asm.alu_rr(equal ? Alu.and : Alu.or, 0, d, Registers.scratch);
    } else asm.setcc(condition, d);
    asm.movzx8(d, d);
  }

  /** Flags for the condition of a branch or select, whose operands are from k on. */
  #condition(v: i32, condition: i32, k: i32): i32 {
    if (this.m.folded[condition] !== 0 && this.g.op[condition] !== Ir.constant) return this.#compare(v, condition, k);
    const r = this.reg(v, k);
    this.asm.test_rr(0, r, r);
    return Cc.ne;
  }

  #branch(v: i32, following: i32): void {
    const g = this.g;
    const cc = this.#condition(v, g.x[v], 0);
    if (this.#layout.target(g.imm[v]) === following) this.#jumpIf(cc ^ 1, g.imm2[v]);
    else {
      this.#jumpIf(cc, g.imm[v]);
      this.#jump(g.imm2[v], following);
    }
  }

  #select(v: i32): void {
    const g = this.g;
    const asm = this.asm;
    const d = this.m.reg[v];
    const a = this.reg(v, 0);
    const b = this.reg(v, 1);
    const cc = this.#condition(v, g.z[v], 2);
    const type = g.type[v];
    // Between the comparison and its use there are only moves.
    if (d !== a) this.vs.move(type, d, a);
    if (isFloat(type)) {
      if (cc === Condition.floatEqual) {
        const unordered = asm.jcc8_forward(Cc.p);
        const over = asm.jcc8_forward(Cc.e);
        asm.bind8(unordered);
        this.vs.move(type, d, b);
        asm.bind8(over);
      } else if (cc === Condition.floatNotEqual) {
        const over = asm.jcc8_forward(Cc.p);
        const over2 = asm.jcc8_forward(Cc.ne);
        this.vs.move(type, d, b);
        asm.bind8(over);
        asm.bind8(over2);
      } else {
        const over = asm.jcc8_forward(cc as Cc);
        this.vs.move(type, d, b);
        asm.bind8(over);
      }
      return;
    }
    const w = isWide(type) ? 1 : 0;
    if (cc === Condition.floatEqual) {
      asm.cmov_rr(Cc.ne, w, d, b);
      asm.cmov_rr(Cc.p, w, d, b);
    } else if (cc === Condition.floatNotEqual) {
      // b only if equal and ordered: keep a otherwise.
      const over = asm.jcc8_forward(Cc.p);
      asm.cmov_rr(Cc.e, w, d, b);
      asm.bind8(over);
    } else asm.cmov_rr((cc ^ 1) as Cc, w, d, b);
  }

  /** br_table: an indirect jump into cells of five bytes. */
  #table(v: i32): void {
    const g = this.g;
    const asm = this.asm;
    const count = g.count[v];
    const index = this.reg(v, 0);
    const temp = 31 - Math.clz32(this.m.tempMask[v]);
    asm.mov_ri(Registers.scratch, count - 1);
    asm.alu_ri(Alu.cmp, 0, index, count - 1);
    asm.cmov_rr(Cc.b, 0, Registers.scratch, index);
    this.reserveMore(5 * count + 64);
    asm.lea_x(1, Registers.scratch, Registers.scratch, Registers.scratch, 2, 0);
    const cells = asm.lea_rip_forward(temp);
    asm.alu_rr(Alu.add, 1, Registers.scratch, temp);
    asm.jmp_r(Registers.scratch);
    asm.bind(cells);
    for (let k = 0; k < count; k++) {
      const t = this.#layout.target(g.pool[g.list[v] + k]);
      if (this.#position[t] >= 0) asm.jmp32(this.#position[t]);
      else this.#chain[t] = this.jumpForward(this.#chain[t]);
    }
  }

  // Globals.

  #isIndirect(index: i32): bool {
    return index < this.info.importedGlobals && this.info.globals.mutable(index);
  }

  #globalGet(v: i32): void {
    const index = this.g.imm[v];
    const d = this.m.reg[v];
    const offset = this.layout.globals + 16 * index;
    if (!this.#isIndirect(index)) this.vs.load(this.g.type[v], d, Reg.r15, offset);
    else {
      this.asm.mov_rm(1, Registers.scratch, Reg.r15, offset);
      this.vs.load(this.g.type[v], d, Registers.scratch, 0);
    }
  }

  #globalSet(v: i32): void {
    const index = this.g.imm[v];
    const s = this.reg(v, 0);
    const type = this.g.type[this.g.x[v]];
    const offset = this.layout.globals + 16 * index;
    if (!this.#isIndirect(index)) this.vs.store(type, Reg.r15, offset, s);
    else {
      this.asm.mov_rm(1, Registers.scratch, Reg.r15, offset);
      this.vs.store(type, Registers.scratch, 0, s);
    }
  }

  // Floats.

  #float(v: i32, op: i32): void {
    const g = this.g;
    const m = this.m;
    const asm = this.asm;
    const f = op < Op.f64Add ? 0 : 1;
    const sse = sseOf(f === 0 ? op : op - (Op.f64Add - Op.f32Add));
    const d = m.reg[v] - x;
    let a = this.reg(v, 0) - x;
    let y = g.y[v];
    if (m.folded[y] !== 0 && isWholeLoad(g.op[y])) {
      this.#address(v, 1, y, f === 0 ? 4 : 8);
      this.vs.move(Type.f64, d + x, a + x);
      this.#markAccess(y);
      asm.arith_xmx(sse, f, d, Reg.r14, address.index, address.displacement);
      return;
    }
    let s = this.reg(v, 1);
    if (s >= 0) {
      s -= x;
      if (d === a) asm.arith_xx(sse, f, d, s);
      else if (d === s && (sse === SseOp.add || sse === SseOp.mul)) asm.arith_xx(sse, f, d, a);
      else if (this.cpu.avx) asm.varith_xxx(sse, f, d, a, s);
      else {
        asm.movs_xx(f, d, a);
        asm.arith_xx(sse, f, d, s);
      }
      return;
    }
    if (d !== a) asm.movs_xx(f, d, a);
    a = d;
    y = g.y[v];
    if (g.op[y] === Ir.constant) asm.arith_xm_rip(sse, f, d, this.#pooled(y));
    else asm.arith_xm(sse, f, d, Reg.rbp, m.slot[y]);
  }

  #unary(v: i32, op: i32): void {
    const asm = this.asm;
    const d = this.m.reg[v];
    const s = this.reg(v, 0);
    switch (op) {
      case Op.i32WrapI64:
        asm.mov_rr(0, d, s);
        return;
      case Op.i64ExtendI32U:
        if (d !== s) asm.mov_rr(0, d, s);
        return;
      case Op.i64ExtendI32S:
      case Op.i64Extend32S:
        asm.movsxd(d, s);
        return;
      case Op.i32Extend8S:
        asm.movsx8(0, d, s);
        return;
      case Op.i32Extend16S:
        asm.movsx16(0, d, s);
        return;
      case Op.i64Extend8S:
        asm.movsx8(1, d, s);
        return;
      case Op.i64Extend16S:
        asm.movsx16(1, d, s);
        return;
      case Op.f32Sqrt:
      case Op.f64Sqrt:
        if (d !== s) asm.xorp_xx(d - x, d - x);
        asm.arith_xx(SseOp.sqrt, op === Op.f32Sqrt ? 0 : 1, d - x, s - x);
        return;
      case Op.f32DemoteF64:
        if (d !== s) asm.xorp_xx(d - x, d - x);
        asm.cvt_sd2ss(d - x, s - x);
        return;
      case Op.f64PromoteF32:
        if (d !== s) asm.xorp_xx(d - x, d - x);
        asm.cvt_ss2sd(d - x, s - x);
        return;
      case Op.i32ReinterpretF32:
        asm.movd_rx(0, d, s - x);
        return;
      case Op.i64ReinterpretF64:
        asm.movd_rx(1, d, s - x);
        return;
      case Op.f32ReinterpretI32:
        asm.movd_xr(0, d - x, s);
        return;
      case Op.f64ReinterpretI64:
        asm.movd_xr(1, d - x, s);
        return;
      default: {
        // An unsigned i32 is a signed 64-bit number.
        const f = op >= Op.f64ConvertI32S ? 1 : 0;
        const w = op === Op.f32ConvertI32S || op === Op.f64ConvertI32S ? 0 : 1;
        asm.xorp_xx(d - x, d - x);
        asm.cvt_si2s(f, w, d - x, s);
      }
    }
  }

  // Calls.

  #calledShape(v: i32): CallShape {
    const g = this.g;
    return g.op[v] === Ir.stub ? this.stubShapes[g.imm[v]] : this.shapeOf(g.imm2[v]);
  }

  /** Store operand k, wherever it is. */
  #storeOperand(v: i32, k: i32, base: i32, disp: i32): void {
    const g = this.g;
    const value = this.m.useValue[this.m.firstUse[v] + k];
    const type = g.type[value];
    let r = this.reg(v, k);
    if (r < 0 && g.op[value] === Ir.constant) {
      this.vs.storeConstant(type, base, disp, g.imm[value], g.imm2[value]);
      return;
    }
    if (r < 0) {
      r = isFloat(type) ? Registers.firstXmm + Registers.scratchXmm : Registers.scratch;
      this.load(r, value);
    }
    this.vs.store(type, base, disp, r);
  }

  #call(v: i32, op: i32): void {
    const g = this.g;
    const m = this.m;
    const asm = this.asm;
    if (m.useCount[v] > 16) this.reserveMore(32 * m.useCount[v]);
    if (op === Ir.return_) {
      this.#return(v);
      return;
    }
    const shape = this.#calledShape(v);
    const area = 8 * (shape.stackParams + shape.stackResults);
    if (area > 0) asm.alu_ri(Alu.sub, 1, Reg.rsp, area);
    const top = 8 * shape.stackParams;
    for (let k = 0; k < shape.params.length; k++) {
      const item = shape.paramPlace[k] - PlaceOf.firstStack;
      if (item >= 0) this.#storeOperand(v, k, Reg.rsp, top - 8 * (item + slotsOf(shape.params[k])));
    }
    this.#parallelMoves(v);
    const map = this.#stackMap(v);
    if (op === Ir.stub) {
      asm.call32(this.#stubOf(g.imm[v]));
      this.markCall(map);
    } else if (op === Op.callIndirect) {
      findCallee(this, g.imm2[v], g.imm[v]);
      callElement(this, Reg.r10, 0, map);
    } else if (g.imm[v] < this.importedFunctions) {
      callElement(this, Reg.r15, this.layout.imports + FunctionElement.size * g.imm[v], map);
    } else {
      asm.call_rip(this.code.slots + 8 * (g.imm[v] - this.importedFunctions));
      this.markCall(map);
    }
    if (shape.stackResults > 0) this.#takeStackResults(v, shape);
  }

  #stubOf(stub: i32): i32 {
    const stubs = this.stubs;
    switch (stub) {
      case Stub.memoryGrow:
        return stubs.memoryGrow;
      case Stub.memoryFill:
        return stubs.memoryFill;
      case Stub.memoryCopy:
        return stubs.memoryCopy;
      case Stub.memoryInit:
        return stubs.memoryInit;
      case Stub.tableGrow:
        return stubs.tableGrow;
      case Stub.tableFill:
        return stubs.tableFill;
      case Stub.tableCopy:
        return stubs.tableCopy;
      case Stub.functionsFill:
        return stubs.functionsFill;
      case Stub.functionsCopy:
        return stubs.functionsCopy;
      case Stub.functionsInit:
        return stubs.functionsInit;
      default:
        return stubs.tableInit;
    }
  }

  /** Results on the stack go to the places of their values. */
  #takeStackResults(call: i32, shape: CallShape): void {
    const g = this.g;
    const asm = this.asm;
    const top = 8 * shape.stackResults;
    this.reserveMore(32 * shape.results.length);
    for (let v = g.next[call]; v >= 0 && g.op[v] === Ir.result; v = g.next[v]) {
      const item = g.imm2[v] - PlaceOf.firstStack;
      if (item < 0 || this.m.spilled[v] === 0) continue;
      const slots = slotsOf(g.type[v]);
      for (let k = 0; k < slots; k++) {
        // Results in registers are live: only the scratch register is free.
        asm.mov_rm(1, Registers.scratch, Reg.rsp, top - 8 * (item + slots) + 8 * k);
        asm.mov_mr(1, Reg.rbp, this.m.slot[v] + 8 * k, Registers.scratch);
      }
    }
    asm.lea(1, Reg.rsp, Reg.rsp, top);
  }

  /** Which slots hold references that live through the call. */
  #stackMap(call: i32): i32 {
    const m = this.m;
    const maps = this.code.stackMaps;
    let map = 0;
    const first = m.firstReference[call];
    for (let k = 0; k < m.referenceCount[call]; k++) map = maps.add(0, m.slot[m.liveReferences[first + k]], 1, map);
    return map;
  }

  #return(v: i32): void {
    const asm = this.asm;
    const shape = this.shape;
    const top = 16 + 8 * (shape.stackParams + shape.stackResults);
    for (let k = 0; k < shape.results.length; k++) {
      const item = shape.resultPlace[k] - PlaceOf.firstStack;
      if (item >= 0) this.#storeOperand(v, k, Reg.rbp, top - 8 * (item + slotsOf(shape.results[k])));
    }
    this.#parallelMoves(v);
    if (this.#frame > 0) asm.leave();
    else asm.pop(Reg.rbp);
    asm.ret_n(8 * shape.stackParams);
  }

  // The module: what the driver calls.

  open(info: EmitContext['info'], layout: EmitContext['layout']): EmitContext['code'] {
    return this.openModule(info, layout);
  }

  close(): void {
    this.vs.endModule();
    this.closeModule();
  }

  forget(): void {
    this.forgetModule();
  }
}

function aluOf(op: i32): Alu {
  switch (op) {
    case Op.i32Add:
      return Alu.add;
    case Op.i32Sub:
      return Alu.sub;
    case Op.i32And:
      return Alu.and;
    case Op.i32Or:
      return Alu.or;
    default:
      return Alu.xor;
  }
}

function sseOf(op: i32): SseOp {
  switch (op) {
    case Op.f32Add:
      return SseOp.add;
    case Op.f32Sub:
      return SseOp.sub;
    case Op.f32Mul:
      return SseOp.mul;
    default:
      return SseOp.div;
  }
}

/** The condition that a comparison leaves: a `Cc` or a `Condition`. */
function conditionOf(op: i32): i32 {
  switch (op) {
    case Op.i32Eq:
    case Op.i64Eq:
      return Cc.e;
    case Op.i32Ne:
    case Op.i64Ne:
      return Cc.ne;
    case Op.i32LtS:
    case Op.i64LtS:
      return Cc.l;
    case Op.i32LtU:
    case Op.i64LtU:
      return Cc.b;
    case Op.i32GtS:
    case Op.i64GtS:
      return Cc.g;
    case Op.i32GtU:
    case Op.i64GtU:
      return Cc.a;
    case Op.i32LeS:
    case Op.i64LeS:
      return Cc.le;
    case Op.i32LeU:
    case Op.i64LeU:
      return Cc.be;
    case Op.i32GeS:
    case Op.i64GeS:
      return Cc.ge;
    case Op.i32GeU:
    case Op.i64GeU:
      return Cc.ae;
    case Op.f32Eq:
    case Op.f64Eq:
      return Condition.floatEqual;
    case Op.f32Ne:
    case Op.f64Ne:
      return Condition.floatNotEqual;
    case Op.f32Lt:
    case Op.f32Gt:
    case Op.f64Lt:
    case Op.f64Gt:
      return Cc.a;
    default:
      return Cc.ae;
  }
}

function accessSize(op: i32): i32 {
  switch (op) {
    case Op.i32Load8S:
    case Op.i32Load8U:
    case Op.i64Load8S:
    case Op.i64Load8U:
    case Op.i32Store8:
    case Op.i64Store8:
      return 1;
    case Op.i32Load16S:
    case Op.i32Load16U:
    case Op.i64Load16S:
    case Op.i64Load16U:
    case Op.i32Store16:
    case Op.i64Store16:
      return 2;
    case Op.i64Load:
    case Op.f64Load:
    case Op.i64Store:
    case Op.f64Store:
      return 8;
    default:
      return 4;
  }
}

function loadKind(op: i32): LoadKind {
  switch (op) {
    case Op.i64Load:
      return LoadKind.u64;
    case Op.i32Load8S:
      return LoadKind.s8_32;
    case Op.i32Load8U:
    case Op.i64Load8U:
      return LoadKind.u8_32;
    case Op.i32Load16S:
      return LoadKind.s16_32;
    case Op.i32Load16U:
    case Op.i64Load16U:
      return LoadKind.u16_32;
    case Op.i64Load8S:
      return LoadKind.s8_64;
    case Op.i64Load16S:
      return LoadKind.s16_64;
    case Op.i64Load32S:
      return LoadKind.s32_64;
    default:
      return LoadKind.u32;
  }
}
