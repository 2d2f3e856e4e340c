import { V, VShift } from '../../backends/x64/vector-ops.js';
import { Op } from '../../stream/op.js';
import type { EmitContext } from '../context.js';
import * as convert from './convert.js';
import {
  binary,
  binarySwapped,
  constant32,
  fresh,
  move,
  op1i,
  op2,
  op2c,
  pop,
  push,
  scratch,
  shiftBy,
  target,
  unary,
  zero,
} from './shapes.js';

/*
 * Relaxed SIMD: the standard lets the processor decide what comes of some operands. Here it is what V8's code gives on the same
 * processor (both of its compilers); the instructions are the same, or give the same where a level has none of them.
 */

/** The opcodes from 0xfd 0x100 on. */
export function relaxed(c: EmitContext, opcode: i32): void {
  switch (opcode) {
    case Op.i8x16RelaxedSwizzle:
      return binary(c, V.pshufb, false);
    case Op.i32x4RelaxedTruncF32x4S:
      return unary(c, V.cvttps2dq);
    case Op.i32x4RelaxedTruncF32x4U:
      return convert.truncate32Unsigned(c);
    case Op.i32x4RelaxedTruncF64x2SZero:
      return unary(c, V.cvttpd2dq);
    case Op.i32x4RelaxedTruncF64x2UZero:
      return convert.truncate64Unsigned(c);
    case Op.f32x4RelaxedMadd:
      return multiplyAdd(c, V.vfmadd231ps, 0, V.mulps, V.addps);
    case Op.f32x4RelaxedNmadd:
      return multiplyAdd(c, V.vfnmadd231ps, 0, V.mulps, V.subps);
    case Op.f64x2RelaxedMadd:
      return multiplyAdd(c, V.vfmadd231ps, 1, V.mulpd, V.addpd);
    case Op.f64x2RelaxedNmadd:
      return multiplyAdd(c, V.vfnmadd231ps, 1, V.mulpd, V.subpd);
    case Op.i8x16RelaxedLaneselect:
    case Op.i16x8RelaxedLaneselect:
      return select(c, V.vpblendvb, 8);
    case Op.i32x4RelaxedLaneselect:
      return select(c, V.vblendvps, 32);
    case Op.i64x2RelaxedLaneselect:
      return select(c, V.vblendvpd, 64);
    case Op.f32x4RelaxedMin:
      return binary(c, V.minps, false);
    case Op.f32x4RelaxedMax:
      return binary(c, V.maxps, false);
    case Op.f64x2RelaxedMin:
      return binary(c, V.minpd, false);
    case Op.f64x2RelaxedMax:
      return binary(c, V.maxpd, false);
    case Op.i16x8RelaxedQ15mulrS:
      return binary(c, V.pmulhrsw, true);
    case Op.i16x8RelaxedDotI8x16I7x16S:
      return binarySwapped(c, V.pmaddubsw);
    case Op.i32x4RelaxedDotI8x16I7x16AddS:
      return dotAdd(c);
    default:
      throw new Error(`internal error: vector opcode ${opcode} has no code`);
  }
}

/** a * b + addend, or addend - a * b: rounded once where the processor has FMA, else twice. `f` is 0 for f32x4, 1 for f64x2. */
function multiplyAdd(c: EmitContext, fused: V, f: i32, multiply: V, combine: V): void {
  const addend = pop(c);
  const b = pop(c);
  const a = pop(c);
  if (c.cpu.fma) {
    const d = target(c, addend);
    move(c, d, addend);
    c.asm.vex_fma(fused, f, d, a, b);
    push(c, d);
    return;
  }
  const d = fresh(c);
  op2(c, multiply, scratch, a, b);
  op2(c, combine, d, addend, scratch);
  push(c, d);
}

/** Lanes of a where the mask's sign bit is set, else of b. Bytes also for lanes of 16 bits, for which there is no instruction. */
function select(c: EmitContext, blend: V, bits: i32): void {
  const mask = pop(c);
  const b = pop(c);
  const a = pop(c);
  if (c.cpu.avx) {
    const d = target(c, mask);
    c.asm.vex_xxxx(blend, d, b, a, mask);
    push(c, d);
    return;
  }
  // The older instructions have their mask in xmm0.
  const d = fresh(c);
  if (bits === 8) {
    zero(c, d);
    op2(c, V.pcmpgtb, d, d, mask);
  } else {
    shiftBy(c, VShift.psrad, d, mask, 31);
    if (bits === 64) op1i(c, V.pshufd, d, d, 0xf5);
  }
  move(c, scratch, a);
  op2(c, V.pand, scratch, scratch, d);
  op2(c, V.pandn, d, d, b);
  op2(c, V.por, d, d, scratch);
  push(c, d);
}

/** Sums of four products: pairs with saturation to 16 bits, if the second operand has more than 7; then pairs of those. */
function dotAdd(c: EmitContext): void {
  const addend = pop(c);
  const b = pop(c);
  const a = pop(c);
  const d = target(c, addend);
  op2(c, V.pmaddubsw, scratch, b, a);
  op2c(c, V.pmaddwd, scratch, scratch, constant32(c, 0x00010001));
  op2(c, V.paddd, d, addend, scratch);
  push(c, d);
}
