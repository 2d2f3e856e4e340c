import { Cc, Reg, type Round, SseOp } from '../backends/x64/registers.js';
import { type Condition, Registers, Type } from '../valuestack/types.js';
import { Operand } from '../valuestack/value-stack.js';
import type { EmitContext } from './context.js';

// Shapes of floating-point opcodes. `f` is 0 for f32, 1 for f64; the value type is f + 2. Registers of the value
// stack are numbered from 16, the assembler's xmm registers from 0.

const x = Registers.firstXmm;

/** add, sub, mul, div. */
export function arithmetic(c: EmitContext, op: SseOp, f: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const type = Type.f32 + f;
  const kind = vs.popOperand();
  const s = vs.operandReg;
  const disp = vs.operandDisp;
  const a = vs.popReg();
  if (vs.owned(a)) {
    if (kind === Operand.reg) asm.arith_xx(op, f, a - x, s - x);
    else asm.arith_xm(op, f, a - x, Reg.rbp, disp);
    vs.pushReg(type, a);
    return;
  }
  if (kind === Operand.reg && vs.owned(s) && (op === SseOp.add || op === SseOp.mul) && !c.cpu.avx) {
    asm.arith_xx(op, f, s - x, a - x);
    vs.pushReg(type, s);
    return;
  }
  const d = kind === Operand.reg && vs.owned(s) && c.cpu.avx ? s : vs.allocate(type);
  if (c.cpu.avx) {
    if (kind === Operand.reg) asm.varith_xxx(op, f, d - x, a - x, s - x);
    else asm.varith_xxm(op, f, d - x, a - x, Reg.rbp, disp);
  } else {
    asm.movs_xx(f, d - x, a - x);
    if (kind === Operand.reg) asm.arith_xx(op, f, d - x, s - x);
    else asm.arith_xm(op, f, d - x, Reg.rbp, disp);
  }
  vs.pushReg(type, d);
}

/**
 * min and max: the processor's instructions differ in NaN and in zeros of different sign. Equal operands are
 * combined bit by bit (zeros), unordered ones added (a quiet NaN).
 */
export function minMax(c: EmitContext, op: SseOp, f: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg() - x;
  const owned = vs.popOwned();
  const d = owned - x;
  asm.ucomis_xx(f, d, s);
  const different = asm.jcc8_forward(Cc.ne);
  const unordered = asm.jcc8_forward(Cc.p);
  if (op === SseOp.min) asm.orp_xx(d, s);
  else asm.andp_xx(d, s);
  const over = asm.jmp8_forward();
  asm.bind8(unordered);
  asm.arith_xx(SseOp.add, f, d, s);
  const over2 = asm.jmp8_forward();
  asm.bind8(different);
  asm.arith_xx(op, f, d, s);
  asm.bind8(over);
  asm.bind8(over2);
  vs.pushReg(Type.f32 + f, owned);
}

/** xmm15 = all bits but the sign, or the sign alone. */
function signMask(c: EmitContext, f: i32, signOnly: bool): void {
  const asm = c.asm;
  const mask = Registers.scratchXmm;
  asm.pcmpeqd_xx(mask, mask);
  if (signOnly) {
    if (f === 0) asm.pslld_i(mask, 31);
    else asm.psllq_i(mask, 63);
  } else if (f === 0) asm.psrld_i(mask, 1);
  else asm.psrlq_i(mask, 1);
}

export function abs(c: EmitContext, f: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const d = vs.popOwned();
  signMask(c, f, false);
  asm.andp_xx(d - x, Registers.scratchXmm);
  vs.pushReg(Type.f32 + f, d);
}

export function neg(c: EmitContext, f: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const d = vs.popOwned();
  signMask(c, f, true);
  asm.xorp_xx(d - x, Registers.scratchXmm);
  vs.pushReg(Type.f32 + f, d);
}

/** Magnitude of the lower operand, sign of the upper. */
export function copysign(c: EmitContext, f: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const sign = vs.popOwned();
  const magnitude = vs.popReg();
  signMask(c, f, true);
  asm.andp_xx(sign - x, Registers.scratchXmm);
  asm.andnp_xx(Registers.scratchXmm, magnitude - x);
  asm.orp_xx(sign - x, Registers.scratchXmm);
  vs.pushReg(Type.f32 + f, sign);
}

export function sqrt(c: EmitContext, f: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg();
  const d = vs.owned(s) ? s : vs.allocate(Type.f32 + f);
  asm.arith_xx(SseOp.sqrt, f, d - x, s - x);
  vs.pushReg(Type.f32 + f, d);
}

export function round(c: EmitContext, f: i32, mode: Round): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg();
  const d = vs.owned(s) ? s : vs.allocate(Type.f32 + f);
  asm.round_xx(f, d - x, s - x, mode);
  vs.pushReg(Type.f32 + f, d);
}

/** eq and ne look at the zero and the parity flag (unordered). */
export function compareEqual(c: EmitContext, f: i32, condition: Condition): void {
  const asm = c.asm;
  const vs = c.vs;
  const kind = vs.popOperand();
  const s = vs.operandReg;
  const disp = vs.operandDisp;
  const a = vs.popReg();
  if (kind === Operand.reg) asm.ucomis_xx(f, a - x, s - x);
  else asm.ucomis_xm(f, a - x, Reg.rbp, disp);
  vs.pushFlags(condition);
}

/**
 * lt, gt, le, ge as "above" and "above or equal", which are false for unordered operands; lt and le compare the
 * other way round.
 */
export function compareOrder(c: EmitContext, f: i32, cc: Cc, swap: bool): void {
  const asm = c.asm;
  const vs = c.vs;
  const b = vs.popReg();
  const a = vs.popReg();
  if (swap) asm.ucomis_xx(f, b - x, a - x);
  else asm.ucomis_xx(f, a - x, b - x);
  vs.pushFlags(cc);
}
