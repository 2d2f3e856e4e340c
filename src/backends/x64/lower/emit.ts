import type { Debug } from '../../../debug.js';
import { EmitContext } from '../../../emitter/context.js';
import type { ModuleInfo } from '../../../stream/module.js';
import { Op } from '../../../stream/op.js';
import { Int32Array, newList } from '../../../support/dialect.js';
import { isFloat, Registers, slotsOf, Type } from '../../../valuestack/types.js';
import { Context, type ContextLayout, MemoryRecord, SegmentRecord, Stack, Thread, TrapCode } from '../../abi/layout.js';
import { type CallShape, PlaceOf } from '../../code/call-shape.js';
import type { ModuleCode } from '../../code/module-code.js';
import type { CompilerTarget } from '../../code/target.js';
import { type Graph, Ir, noType } from '../../ssa/ir.js';
import type { Machine } from '../../ssa/machine.js';
import { Alu, Cc, Reg, Shift } from '../registers.js';
import { calledShape, emitCall } from './emit-calls.js';
import { emitBranch, emitCompareValue, emitSelect, emitTable } from './emit-conditions.js';
import { emitFloat, emitUnary } from './emit-float.js';
import { emitInteger } from './emit-int.js';
import { emitGlobalGet, emitGlobalSet, emitLoad, emitStore } from './emit-memory.js';
import { emitGeneral } from './general.js';
import { Layout } from './layout.js';
import { isFloatArithmetic, isSimpleUnary } from './select.js';

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
  /** Bytes of the frame below rbp. */
  frame: i32 = 0;

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
          const shape = calledShape(this, v);
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
    this.frame = slots === 0 && !this.#hasCalls ? 0 : 8 + 8 * slots;
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
    const frame = this.frame;
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

  /** @param following the block that is the next one in the code */
  jumpToBlock(target: i32, following: i32): void {
    const t = this.#layout.target(target);
    if (t === following) return;
    if (this.#position[t] >= 0) this.asm.jmp(this.#position[t]);
    else this.#chain[t] = this.jumpForward(this.#chain[t]);
  }

  /** True if the block is the next one in the code. */
  isNext(target: i32, following: i32): bool {
    return this.#layout.target(target) === following;
  }

  /** A jump of five bytes. */
  jumpCell(target: i32): void {
    const t = this.#layout.target(target);
    if (this.#position[t] >= 0) this.asm.jmp32(this.#position[t]);
    else this.#chain[t] = this.jumpForward(this.#chain[t]);
  }

  jumpToBlockIf(condition: i32, target: i32): void {
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
  parallelMoves(v: i32): void {
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
      this.parallelMoves(v);
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
      this.jumpToBlock(g.imm[v], following);
      return;
    }
    if (m.isCall[v] !== 0) {
      emitCall(this, v, op);
      return;
    }
    this.#moves(v);
    switch (op) {
      case Ir.param:
      case Ir.result:
        return;
      case Ir.branch:
        emitBranch(this, v, following);
        return;
      case Ir.table:
        emitTable(this, v);
        return;
      case Ir.trap:
        this.trap(g.imm[v]);
        return;
      case Op.globalGet:
        emitGlobalGet(this, v);
        return;
      case Op.globalSet:
        emitGlobalSet(this, v);
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
        emitSelect(this, v);
        return;
      default:
        if (op >= Op.i32Load && op <= Op.i64Load32U) emitLoad(this, v, op);
        else if (op >= Op.i32Store && op <= Op.i64Store32) emitStore(this, v, op);
        else if (op >= Op.i32Eqz && op <= Op.f64Ge) emitCompareValue(this, v);
        else if (op >= Op.i32Add && op <= Op.i64Rotr && op !== Op.i64Clz && op !== Op.i64Ctz && op !== Op.i64Popcnt) {
          emitInteger(this, v, op);
        } else if (isFloatArithmetic(op)) emitFloat(this, v, op);
        else if (isSimpleUnary(op)) emitUnary(this, v, op);
        else emitGeneral(this, v);
    }
  }

  // The module: what the driver calls.

  open(info: ModuleInfo, layout: ContextLayout): ModuleCode {
    return this.openModule(info, layout);
  }

  close(): void {
    this.vs.endModule();
    this.closeSpan();
  }

  /** Another context goes on with the module. */
  pause(): void {
    this.closeSpan();
  }

  forget(): void {
    this.forgetModule();
  }
}
