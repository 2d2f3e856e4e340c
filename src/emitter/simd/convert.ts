import { Round } from '../../backends/x64/registers.js';
import { CmpPredicate, V, VShift } from '../../backends/x64/vector-ops.js';
import type { EmitContext } from '../context.js';
import {
  constant32,
  constant64,
  fresh,
  loadConstant,
  op1,
  op1i,
  op2,
  op2c,
  op2ci,
  op2i,
  pop,
  push,
  scratch,
  shiftBy,
  target,
  zero,
} from './shapes.js';

// The processor's conversions to integers give 0x80000000 for whatever does not fit.

/** 2^31 as an f32. */
const f32TwoTo31 = 0x4f000000;
/** High halves of 2^31 - 1 and 2^32 - 1 as f64; their low halves. */
const f64MaxSignedHigh = 0x41dfffff;
const f64MaxSignedLow = 0xffc00000 | 0;
const f64MaxUnsignedHigh = 0x41efffff;
const f64MaxUnsignedLow = 0xffe00000 | 0;
/** High half of 2^52 as an f64: an integer below 2^32 in the low half is added to it. */
const f64TwoTo52High = 0x43300000;

/** i32x4.trunc_sat_f32x4_s: NaN becomes 0 before, 0x80000000 from a large value 0x7fffffff afterwards. */
export function truncate32Signed(c: EmitContext): void {
  const s = pop(c);
  const d = fresh(c);
  op2i(c, V.cmpps, scratch, s, s, CmpPredicate.eq);
  op2(c, V.andps, scratch, scratch, s);
  loadConstant(c, d, constant32(c, f32TwoTo31));
  op2i(c, V.cmpps, d, d, s, CmpPredicate.le);
  op1(c, V.cvttps2dq, scratch, scratch);
  op2(c, V.pxor, d, d, scratch);
  push(c, d);
}

/**
 * i32x4.trunc_sat_f32x4_u: the sum of two signed conversions, of the value (0x80000000 from 2^31 on) and of what is
 * above 2^31 (at most 0x7fffffff).
 */
export function truncate32Unsigned(c: EmitContext): void {
  const twoTo31 = constant32(c, f32TwoTo31);
  const s = pop(c);
  const d = target(c, s);
  const above = fresh(c);
  // The second operand, 0, if the first is a NaN.
  zero(c, scratch);
  op2(c, V.maxps, d, s, scratch);
  op2c(c, V.subps, above, d, twoTo31);
  loadConstant(c, scratch, twoTo31);
  op2i(c, V.cmpps, scratch, scratch, above, CmpPredicate.le);
  op1(c, V.cvttps2dq, above, above);
  op2(c, V.pxor, above, above, scratch);
  zero(c, scratch);
  op2(c, V.pmaxsd, above, above, scratch);
  op1(c, V.cvttps2dq, d, d);
  op2(c, V.paddd, d, d, above);
  push(c, d);
}

/** i32x4.trunc_sat_f64x2_s_zero: the smaller of the value and 2^31 - 1; if the value is a NaN, the second operand, 0. */
export function truncate64Signed(c: EmitContext): void {
  const s = pop(c);
  const d = target(c, s);
  op2i(c, V.cmppd, scratch, s, s, CmpPredicate.eq);
  op2c(c, V.andpd, scratch, scratch, constant64(c, f64MaxSignedLow, f64MaxSignedHigh));
  op2(c, V.minpd, d, s, scratch);
  op1(c, V.cvttpd2dq, d, d);
  push(c, d);
}

/** i32x4.trunc_sat_f64x2_u_zero: clamped and truncated, the integer is the low half of the sum with 2^52. */
export function truncate64Unsigned(c: EmitContext): void {
  const s = pop(c);
  const d = target(c, s);
  zero(c, scratch);
  op2(c, V.maxpd, d, s, scratch);
  op2c(c, V.minpd, d, d, constant64(c, f64MaxUnsignedLow, f64MaxUnsignedHigh));
  op1i(c, V.roundpd, d, d, Round.trunc);
  op2c(c, V.addpd, d, d, constant64(c, 0, f64TwoTo52High));
  op2i(c, V.shufps, d, d, scratch, 0x88);
  push(c, d);
}

/**
 * f32x4.convert_i32x4_u: 2^23 + the low 16 bits and 2^39 + the high ones are floats by their bits; the two powers are
 * subtracted from the latter, exactly, so that only the sum is rounded.
 */
export function convert32Unsigned(c: EmitContext): void {
  const s = pop(c);
  const d = target(c, s);
  shiftBy(c, VShift.psrld, scratch, s, 16);
  op2ci(c, V.pblendw, d, s, constant32(c, 0x4b000000), 0xaa);
  op2ci(c, V.pblendw, scratch, scratch, constant32(c, 0x53000000), 0xaa);
  op2c(c, V.subps, scratch, scratch, constant32(c, 0x53000080));
  op2(c, V.addps, d, d, scratch);
  push(c, d);
}

/** f64x2.convert_low_i32x4_u: beside the high half of 2^52 the integer is 2^52 more. */
export function convertLow32Unsigned(c: EmitContext): void {
  const s = pop(c);
  const d = target(c, s);
  op2c(c, V.punpckldq, d, s, constant32(c, f64TwoTo52High));
  op2c(c, V.subpd, d, d, constant64(c, 0, f64TwoTo52High));
  push(c, d);
}
