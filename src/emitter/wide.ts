import { Alu, Reg } from '../backends/x64/registers.js';
import { Registers, Type } from '../valuestack/types.js';
import type { EmitContext } from './context.js';

/** Wide arithmetic: numbers of 128 bits as two of 64, the lower half below the upper one. */

/** i64.add128: add, adc. */
export function add(c: EmitContext): void {
  halves(c, Alu.add, Alu.adc);
}

/** i64.sub128: sub, sbb. */
export function subtract(c: EmitContext): void {
  halves(c, Alu.sub, Alu.sbb);
}

/** The operation on the lower halves leaves its carry to that on the upper ones: nothing may change flags in between. */
function halves(c: EmitContext, lower: Alu, upper: Alu): void {
  const vs = c.vs;
  const upperRight = vs.popReg();
  const lowerRight = vs.popReg();
  const upperLeft = vs.popOwned();
  const lowerLeft = vs.popOwned();
  c.asm.alu_rr(lower, 1, lowerLeft, lowerRight);
  c.asm.alu_rr(upper, 1, upperLeft, upperRight);
  vs.pushReg(Type.i64, lowerLeft);
  vs.pushReg(Type.i64, upperLeft);
}

/** i64.mul_wide_s, i64.mul_wide_u: imul or mul with one operand, whose places are rax and rdx. */
export function multiply(c: EmitContext, signed: bool): void {
  const asm = c.asm;
  const vs = c.vs;
  let right = vs.popReg();
  if (right === Reg.rax || right === Reg.rdx) {
    asm.mov_rr(1, Registers.scratch, right);
    if (vs.owned(right)) vs.pinned &= ~(1 << right);
    right = Registers.scratch;
  }
  vs.popInto(Reg.rax);
  vs.vacate(Reg.rdx);
  vs.pinned |= 1 << Reg.rdx;
  if (signed) asm.imul1(1, right);
  else asm.mul(1, right);
  vs.pushReg(Type.i64, Reg.rax);
  vs.pushReg(Type.i64, Reg.rdx);
}
