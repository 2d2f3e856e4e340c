/** Integer arithmetic. */
import { divideBy } from '../../../emitter/int.js';
import { address } from '../../../emitter/memory.js';
import { Op } from '../../../stream/op.js';
import { Registers, Type } from '../../../valuestack/types.js';
import { Ir } from '../../ssa/ir.js';
import { Alu, Reg, Shift } from '../registers.js';
import type { FunctionEmitter } from './emit.js';
import { accessAddress, markAccess } from './emit-memory.js';
import { isWholeLoad } from './select.js';

/** d = d op the second operand `y`, which is the operand k if it is one. */
export function aluOperand(c: FunctionEmitter, v: i32, alu: Alu, w: i32, d: i32, y: i32, k: i32): void {
  const g = c.g;
  const asm = c.asm;
  if (g.op[y] === Ir.constant && (g.type[y] === Type.i32 || g.imm2[y] === g.imm[y] >> 31)) {
    if (alu === Alu.cmp && g.imm[y] === 0) asm.test_rr(w, d, d);
    else asm.alu_ri(alu, w, d, g.imm[y]);
    return;
  }
  if (c.m.folded[y] !== 0 && isWholeLoad(g.op[y])) {
    accessAddress(c, v, k, y, w === 0 ? 4 : 8);
    markAccess(c, y);
    asm.alu_rx(alu, w, d, Reg.r14, address.index, address.displacement);
    return;
  }
  const s = c.reg(v, k);
  if (s >= 0) asm.alu_rr(alu, w, d, s);
  else if (g.op[y] === Ir.constant) {
    c.load(Registers.scratch, y);
    asm.alu_rr(alu, w, d, Registers.scratch);
  } else asm.alu_rm(alu, w, d, Reg.rbp, c.m.slot[y]);
}

export function emitInteger(c: FunctionEmitter, v: i32, op: i32): void {
  const g = c.g;
  const m = c.m;
  const asm = c.asm;
  const w = op >= Op.i64Clz ? 1 : 0;
  const base = w === 0 ? op : op - (Op.i64Add - Op.i32Add);
  const d = m.reg[v];
  let y = g.y[v];
  switch (base) {
    case Op.i32DivS:
    case Op.i32DivU:
    case Op.i32RemS:
    case Op.i32RemU:
      divide(c, v, w, base);
      return;
    case Op.i32Shl:
      shift(c, v, Shift.shl, w);
      return;
    case Op.i32ShrS:
      shift(c, v, Shift.sar, w);
      return;
    case Op.i32ShrU:
      shift(c, v, Shift.shr, w);
      return;
    case Op.i32Rotl:
      shift(c, v, Shift.rol, w);
      return;
    case Op.i32Rotr:
      shift(c, v, Shift.ror, w);
      return;
    default:
  }
  let a = c.reg(v, 0);
  const scaled = g.x[v];
  if (base === Op.i32Add && m.folded[scaled] !== 0 && g.op[scaled] === Op.i32Shl) {
    asm.lea_x(w, d, -1, a, g.imm[g.y[scaled]], g.imm[y]);
    return;
  }
  if (base === Op.i32Add && m.folded[y] !== 0 && g.op[y] === Op.i32Shl) {
    asm.lea_x(w, d, a, c.reg(v, 1), g.imm[g.y[y]], 0);
    return;
  }
  let k = 1;
  const isRegister = m.useCount[v] === 2 && !(m.folded[y] !== 0 && isWholeLoad(g.op[y]));
  if (isRegister && d !== a && c.reg(v, 1) === d) {
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
    if (isRegister && c.reg(v, k) >= 0) {
      asm.lea_x(w, d, a, c.reg(v, k), 0, 0);
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
    const s = c.reg(v, k);
    if (s >= 0) asm.imul_rr(w, d, s);
    else if (g.op[y] === Ir.constant) {
      c.load(Registers.scratch, y);
      asm.imul_rr(w, d, Registers.scratch);
    } else asm.imul_rm(w, d, Reg.rbp, m.slot[y]);
    return;
  }
  if (d !== a) asm.mov_rr(w, d, a);
  if (base === Op.i32Xor && g.op[y] === Ir.constant && g.imm[y] === -1 && (w === 0 || g.imm2[y] === -1)) asm.not(w, d);
  else aluOperand(c, v, aluOf(base), w, d, y, k);
}

function divide(c: FunctionEmitter, v: i32, w: i32, base: i32): void {
  const signed = base === Op.i32DivS || base === Op.i32RemS;
  const remainder = base === Op.i32RemS || base === Op.i32RemU;
  divideBy(c, w, c.reg(v, 1), signed, remainder);
}

function shift(c: FunctionEmitter, v: i32, op: Shift, w: i32): void {
  const g = c.g;
  const asm = c.asm;
  const d = c.m.reg[v];
  const a = c.reg(v, 0);
  const y = g.y[v];
  if (g.op[y] === Ir.constant) {
    const count = g.imm[y] & (w === 0 ? 31 : 63);
    if (d !== a && c.cpu.bmi2 && (op === Shift.rol || op === Shift.ror)) {
      asm.rorx(w, d, a, op === Shift.ror ? count : (w === 0 ? 32 : 64) - count);
      return;
    }
    if (d !== a) asm.mov_rr(w, d, a);
    asm.shift_i(op, w, d, count);
    return;
  }
  if (c.cpu.bmi2 && op !== Shift.rol && op !== Shift.ror) {
    const count = c.reg(v, 1);
    if (op === Shift.shl) asm.shlx(w, d, a, count);
    else if (op === Shift.shr) asm.shrx(w, d, a, count);
    else asm.sarx(w, d, a, count);
    return;
  }
  if (d !== a) asm.mov_rr(w, d, a);
  asm.shift_cl(op, w, d);
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
