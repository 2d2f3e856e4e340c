/** Comparisons, and what is done by their results. */

import { Op } from '../../../stream/op.js';
import { Math } from '../../../support/dialect.js';
import { Condition, isFloat, Registers } from '../../../valuestack/types.js';
import { Ir, isWide } from '../../ssa/ir.js';
import { Alu, Cc, Reg } from '../registers.js';
import type { FunctionEmitter } from './emit.js';
import { pooledFloat } from './emit-float.js';
import { aluOperand } from './emit-int.js';
import { isSwappedFloatCompare, isTestedBits } from './select.js';

const x = Registers.firstXmm;

/** Compare, from operand k on; returns the condition. */
function emitCompare(c: FunctionEmitter, v: i32, compare: i32, k: i32): i32 {
  const g = c.g;
  const asm = c.asm;
  const op = g.op[compare];
  const a = c.reg(v, k);
  const bits = g.x[compare];
  if (isTestedBits(g, c.m, bits)) {
    const w = g.op[bits] === Op.i32And ? 0 : 1;
    const mask = g.y[bits];
    if (g.op[mask] === Ir.constant && (w === 0 || g.imm2[mask] === g.imm[mask] >> 31)) asm.test_ri(w, a, g.imm[mask]);
    else asm.test_rr(w, a, c.reg(v, k + 1));
    return op === Op.i32Ne || op === Op.i64Ne ? Cc.ne : Cc.e;
  }
  if (op === Op.i32Eqz || op === Op.i64Eqz) {
    asm.test_rr(op === Op.i32Eqz ? 0 : 1, a, a);
    return Cc.e;
  }
  if (op < Op.f32Eq) {
    aluOperand(c, v, Alu.cmp, op < Op.i64Eqz ? 0 : 1, a, g.y[compare], k + 1);
    return conditionOf(op);
  }
  const f = op < Op.f64Eq ? 0 : 1;
  const y = isSwappedFloatCompare(op) ? g.x[compare] : g.y[compare];
  const s = c.reg(v, k + 1);
  if (s >= 0) asm.ucomis_xx(f, a - x, s - x);
  else if (g.op[y] === Ir.constant) asm.ucomis_xm_rip(f, a - x, pooledFloat(c, y));
  else asm.ucomis_xm(f, a - x, Reg.rbp, c.m.slot[y]);
  return conditionOf(op);
}

export function emitCompareValue(c: FunctionEmitter, v: i32): void {
  const asm = c.asm;
  const condition = emitCompare(c, v, v, 0);
  const d = c.m.reg[v];
  if (condition >= Condition.floatEqual) {
    const equal = condition === Condition.floatEqual;
    asm.setcc(equal ? Cc.np : Cc.p, Registers.scratch);
    asm.setcc(equal ? Cc.e : Cc.ne, d);
    asm.alu_rr(equal ? Alu.and : Alu.or, 0, d, Registers.scratch);
  } else asm.setcc(condition, d);
  asm.movzx8(d, d);
}

/** Flags for the condition of a branch or select, whose operands are from k on. */
function testCondition(c: FunctionEmitter, v: i32, condition: i32, k: i32): i32 {
  if (c.m.folded[condition] !== 0 && c.g.op[condition] !== Ir.constant) return emitCompare(c, v, condition, k);
  const r = c.reg(v, k);
  c.asm.test_rr(0, r, r);
  return Cc.ne;
}

export function emitBranch(c: FunctionEmitter, v: i32, following: i32): void {
  const g = c.g;
  const cc = testCondition(c, v, g.x[v], 0);
  if (c.isNext(g.imm[v], following)) c.jumpToBlockIf(cc ^ 1, g.imm2[v]);
  else {
    c.jumpToBlockIf(cc, g.imm[v]);
    c.jumpToBlock(g.imm2[v], following);
  }
}

export function emitSelect(c: FunctionEmitter, v: i32): void {
  const g = c.g;
  const asm = c.asm;
  const d = c.m.reg[v];
  const a = c.reg(v, 0);
  const b = c.reg(v, 1);
  const cc = testCondition(c, v, g.z[v], 2);
  const type = g.type[v];
  // Between the comparison and its use there are only moves.
  if (d !== a) c.vs.move(type, d, a);
  if (isFloat(type)) {
    if (cc === Condition.floatEqual) {
      const unordered = asm.jcc8_forward(Cc.p);
      const over = asm.jcc8_forward(Cc.e);
      asm.bind8(unordered);
      c.vs.move(type, d, b);
      asm.bind8(over);
    } else if (cc === Condition.floatNotEqual) {
      const over = asm.jcc8_forward(Cc.p);
      const over2 = asm.jcc8_forward(Cc.ne);
      c.vs.move(type, d, b);
      asm.bind8(over);
      asm.bind8(over2);
    } else {
      const over = asm.jcc8_forward(cc as Cc);
      c.vs.move(type, d, b);
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
export function emitTable(c: FunctionEmitter, v: i32): void {
  const g = c.g;
  const asm = c.asm;
  const count = g.count[v];
  const index = c.reg(v, 0);
  const temp = 31 - Math.clz32(c.m.tempMask[v]);
  asm.mov_ri(Registers.scratch, count - 1);
  asm.alu_ri(Alu.cmp, 0, index, count - 1);
  asm.cmov_rr(Cc.b, 0, Registers.scratch, index);
  c.reserveMore(5 * count + 64);
  asm.lea_x(1, Registers.scratch, Registers.scratch, Registers.scratch, 2, 0);
  const cells = asm.lea_rip_forward(temp);
  asm.alu_rr(Alu.add, 1, Registers.scratch, temp);
  asm.jmp_r(Registers.scratch);
  asm.bind(cells);
  for (let k = 0; k < count; k++) c.jumpCell(g.pool[g.list[v] + k]);
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
