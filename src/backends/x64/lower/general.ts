import * as atomic from '../../../emitter/atomic.js';
import { emitNumeric } from '../../../emitter/numeric.js';
import * as simd from '../../../emitter/simd/simd.js';
import * as table from '../../../emitter/table.js';
import { Op } from '../../../stream/op.js';
import { Registers } from '../../../valuestack/types.js';
import { noType } from '../../ssa/ir.js';
import { isAtomic } from '../../ssa/values.js';
import type { FunctionEmitter } from './emit.js';
import { isPushedConstant } from './select.js';

/**
 * Opcodes that become the code which the baseline tier makes of them: the value stack gets the operands in the registers
 * that the allocator chose, and may use those that it has set aside; the result is moved to its register.
 */
export function emitGeneral(c: FunctionEmitter, v: i32): void {
  const g = c.g;
  const m = c.m;
  const vs = c.vs;
  const d = m.reg[v];
  vs.resetStack();
  const operands = m.useCount[v];
  // The result's register is handed out first, and of the operands' only that one may be overwritten: so the result is
  // where it belongs in the end.
  let free = m.tempMask[v];
  if (d >= 0) free |= 1 << d;
  vs.free = free;
  // An operand that is still to be popped is no register to hand out.
  // One that the instruction itself wants for its result is no choice.
  const first = d >= 0 && m.clobbers[v] === 0 && ((m.dying[v] >>> d) & 1) === 0 ? 1 << d : 0;
  const isVector = d >= Registers.firstXmm;
  vs.prefer(
    first !== 0 && !isVector ? first : Registers.generalMask,
    first !== 0 && isVector ? first : Registers.xmmMask,
  );
  let k = 0;
  for (let i = 0; i < 3; i++) {
    const value = i === 0 ? g.x[v] : i === 1 ? g.y[v] : g.z[v];
    if (value < 0) continue;
    if (isPushedConstant(g, value)) {
      vs.pushConstant(g.type[value], g.imm[value], g.imm2[value]);
      continue;
    }
    const r = c.reg(v, k++);
    vs.pushReg(g.type[value], r);
    // One user more, whom nobody pops: the register keeps its value.
    if (((free >>> r) & 1) === 0) vs.uses[r]++;
  }
  if (k !== operands) throw new Error('internal error: operands of an instruction were lost');
  operation(c, v);
  if (g.type[v] !== noType) {
    if (vs.height !== 1) throw new Error('internal error: an instruction has left no value');
    const r = vs.popReg();
    if (r !== d) vs.move(g.type[v], d, r);
  }
  // The frame has no slots for operands.
  if (vs.slotsUsed !== 0) throw new Error(`internal error: opcode ${g.op[v]} had too few registers`);
  vs.prefer(vs.world.general, vs.world.xmm);
  vs.uses.fill(0);
  vs.free = Registers.allocatable;
  vs.resetStack();
}

function operation(c: FunctionEmitter, v: i32): void {
  const g = c.g;
  const op = g.op[v];
  const imm = g.imm[v];
  switch (op) {
    case Op.tableGet:
      return table.tableGet(c, imm);
    case Op.tableSet:
      return table.tableSet(c, imm);
    case Op.tableSize:
      return table.tableSize(c, imm);
    case Op.refFunc:
      return table.refFunc(c, imm);
    case Op.i8x16Shuffle: {
      const list = g.list[v];
      return simd.simdShuffle(c, g.pool[list], g.pool[list + 1], g.pool[list + 2], g.pool[list + 3]);
    }
    default:
  }
  if (isAtomic(op)) {
    if (op === Op.atomicFence) atomic.fence(c);
    else atomic.access(c, op, imm);
    return;
  }
  if (op < Op.v128Load) {
    emitNumeric(c, op);
    return;
  }
  if (op === Op.v128Store) simd.simdStore(c, op, imm);
  else if (op <= Op.v128Load64Splat || op === Op.v128Load32Zero || op === Op.v128Load64Zero) simd.simdLoad(c, op, imm);
  else if (op >= Op.v128Load8Lane && op <= Op.v128Load64Lane) simd.simdLoadLane(c, op, imm, g.imm2[v]);
  else if (op >= Op.v128Store8Lane && op <= Op.v128Store64Lane) simd.simdStoreLane(c, op, imm, g.imm2[v]);
  else if (op >= Op.i8x16ExtractLaneS && op <= Op.f64x2ReplaceLane) simd.simdLane(c, op, imm);
  else simd.simd(c, op);
}
