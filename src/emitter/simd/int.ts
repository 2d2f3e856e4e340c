import { Alu, Cc } from '../../backends/x64/registers.js';
import { V, VShift } from '../../backends/x64/vector-ops.js';
import { Math } from '../../support/dialect.js';
import { Registers, Type, Window } from '../../valuestack/types.js';
import type { EmitContext } from '../context.js';
import {
  binaryResult,
  binarySwappedResult,
  constant32,
  constant64,
  fresh,
  invert,
  loadConstant,
  ones,
  op1,
  op1i,
  op2,
  op2c,
  pop,
  popOwned,
  push,
  scratch,
  shiftBy,
  target,
  withConstant,
  zero,
} from './shapes.js';

// Bits.

export function not(c: EmitContext): void {
  const s = pop(c);
  const d = target(c, s);
  ones(c, scratch);
  op2(c, V.pxor, d, s, scratch);
  push(c, d);
}

/** (a & mask) | (b & ~mask). */
export function bitselect(c: EmitContext): void {
  const mask = pop(c);
  const b = pop(c);
  const a = pop(c);
  const d = target(c, mask);
  op2(c, V.pand, scratch, a, mask);
  op2(c, V.pandn, d, mask, b);
  op2(c, V.por, d, d, scratch);
  push(c, d);
}

/** Some bit is set. The result stays in the flags. */
export function anyTrue(c: EmitContext): void {
  const s = pop(c);
  op1(c, V.ptest, s, s);
  c.vs.pushFlags(Cc.ne);
}

/** No lane is zero: of the lanes that equal zero none is there. */
export function allTrue(c: EmitContext, equal: V): void {
  const s = pop(c);
  zero(c, scratch);
  op2(c, equal, scratch, scratch, s);
  op1(c, V.ptest, scratch, scratch);
  c.vs.pushFlags(Cc.e);
}

/** The lanes' sign bits, by an instruction for just that. */
export function bitmask(c: EmitContext, signs: V): void {
  const s = pop(c);
  const d = c.vs.allocate(Type.i32);
  c.asm.signs(signs, d, s);
  c.vs.pushReg(Type.i32, d);
}

/** Sign bits of 16-bit lanes: as bytes, twice. */
export function bitmask16(c: EmitContext): void {
  const s = pop(c);
  const d = c.vs.allocate(Type.i32);
  op2(c, V.packsswb, scratch, s, s);
  c.asm.signs(V.pmovmskb, d, scratch);
  c.asm.movzx8(d, d);
  c.vs.pushReg(Type.i32, d);
}

// Comparisons: all bits of a lane, or none.

export function notEqual(c: EmitContext, equal: V): void {
  invert(c, binaryResult(c, equal, true));
}

/**
 * ge: max(a, b) = a; le: min(a, b) = a; lt and gt are the negations. For the orders that no instruction compares by:
 * unsigned ones, and those that include equality.
 */
export function compareBy(c: EmitContext, minMax: V, equal: V, negate: bool): void {
  const b = pop(c);
  const a = pop(c);
  const d = target(c, b);
  op2(c, minMax, d, b, a);
  op2(c, equal, d, d, a);
  if (negate) invert(c, d);
  push(c, d);
}

/** i64x2.gt_s; `swap`: lt_s; with `negate` le_s and ge_s. */
export function compare64(c: EmitContext, swap: bool, negate: bool): void {
  if (c.cpu.avx) {
    const d = swap ? binarySwappedResult(c, V.pcmpgtq) : binaryResult(c, V.pcmpgtq, false);
    if (negate) invert(c, d);
    return;
  }
  const upper = pop(c);
  const lower = pop(c);
  const a = swap ? upper : lower;
  const b = swap ? lower : upper;
  const d = fresh(c);
  // The high halves decide; if they are equal, the borrow of b - a does, which is all of its high half.
  op2(c, V.psubq, scratch, b, a);
  op2(c, V.pcmpeqd, d, a, b);
  op2(c, V.pand, d, d, scratch);
  op2(c, V.pcmpgtd, scratch, a, b);
  op2(c, V.por, d, d, scratch);
  op1i(c, V.pshufd, d, d, 0xf5);
  if (negate) invert(c, d);
  push(c, d);
}

// Arithmetic.

export function negate(c: EmitContext, sub: V): void {
  const s = pop(c);
  const d = fresh(c);
  zero(c, d);
  op2(c, sub, d, d, s);
  push(c, d);
}

export function abs64(c: EmitContext): void {
  const s = pop(c);
  if (c.cpu.avx) {
    const d = target(c, s);
    zero(c, scratch);
    op2(c, V.psubq, scratch, scratch, s);
    c.asm.vex_xxxx(V.vblendvpd, d, s, scratch, s);
    push(c, d);
    return;
  }
  // With all bits of the sign: (s ^ sign) - sign.
  const d = target(c, s);
  op1i(c, V.pshufd, scratch, s, 0xf5);
  shiftBy(c, VShift.psrad, scratch, scratch, 31);
  op2(c, V.pxor, d, s, scratch);
  op2(c, V.psubq, d, d, scratch);
  push(c, d);
}

/** Bits per byte: a table of the 16 nibbles, looked up for both nibbles of each byte. */
export function popcnt(c: EmitContext): void {
  const nibbles = constant32(c, 0x0f0f0f0f);
  const table = c.vectorConstant(0x02010100, 0x03020201, 0x03020201, 0x04030302);
  const d = popOwned(c);
  const low = fresh(c);
  shiftBy(c, VShift.psrlw, scratch, d, 4);
  op2c(c, V.pand, scratch, scratch, nibbles);
  op2c(c, V.pand, d, d, nibbles);
  loadConstant(c, low, table);
  if (c.cpu.avx) {
    op2(c, V.pshufb, d, low, d);
    op2(c, V.pshufb, scratch, low, scratch);
    op2(c, V.paddb, d, d, scratch);
  } else {
    op2(c, V.pshufb, low, low, d);
    loadConstant(c, d, table);
    op2(c, V.pshufb, d, d, scratch);
    op2(c, V.paddb, d, d, low);
  }
  push(c, d);
}

/** 64-bit products of 32-bit halves: low * low + ((high * low + low * high) << 32). */
export function mul64(c: EmitContext): void {
  const b = pop(c);
  const a = pop(c);
  const cross = fresh(c);
  shiftBy(c, VShift.psrlq, scratch, a, 32);
  op2(c, V.pmuludq, scratch, scratch, b);
  shiftBy(c, VShift.psrlq, cross, b, 32);
  op2(c, V.pmuludq, cross, cross, a);
  op2(c, V.paddq, scratch, scratch, cross);
  shiftBy(c, VShift.psllq, scratch, scratch, 32);
  op2(c, V.pmuludq, cross, a, b);
  op2(c, V.paddq, cross, cross, scratch);
  push(c, cross);
}

/** pmulhrsw gives 0x8000 for the product of two 0x8000, and only then: all bits are turned. */
export function q15Mul(c: EmitContext): void {
  const d = binaryResult(c, V.pmulhrsw, true);
  if (c.cpu.avx) op2c(c, V.pcmpeqw, scratch, d, constant32(c, 0x80008000 | 0));
  else {
    loadConstant(c, scratch, constant32(c, 0x80008000 | 0));
    op2(c, V.pcmpeqw, scratch, scratch, d);
  }
  op2(c, V.pxor, d, d, scratch);
}

// Wider results.

/** The upper half's lanes, sign-extended (`extend` is a pmovsx). */
export function extendHighSigned(c: EmitContext, extend: V): void {
  const s = pop(c);
  const d = target(c, s);
  op1i(c, V.pshufd, d, s, 0xee);
  op1(c, extend, d, d);
  push(c, d);
}

/** The upper half's lanes between zeros (`unpack` is a punpckh). */
export function extendHighUnsigned(c: EmitContext, unpack: V): void {
  const s = pop(c);
  const d = target(c, s);
  zero(c, scratch);
  op2(c, unpack, d, s, scratch);
  push(c, d);
}

/** Products of bytes: both extended, multiplied. */
export function extendedMul8(c: EmitContext, extend: V, high: bool): void {
  const b = pop(c);
  const a = pop(c);
  const d = target(c, a);
  if (high) {
    op1i(c, V.pshufd, scratch, b, 0xee);
    op1(c, extend, scratch, scratch);
    op1i(c, V.pshufd, d, a, 0xee);
    op1(c, extend, d, d);
  } else {
    op1(c, extend, scratch, b);
    op1(c, extend, d, a);
  }
  op2(c, V.pmullw, d, d, scratch);
  push(c, d);
}

/** Products of 16-bit lanes: their low and high halves, interleaved. */
export function extendedMul16(c: EmitContext, mulHigh: V, unpack: V): void {
  const b = pop(c);
  const a = pop(c);
  const d = target(c, a);
  op2(c, mulHigh, scratch, a, b);
  op2(c, V.pmullw, d, a, b);
  op2(c, unpack, d, d, scratch);
  push(c, d);
}

/** Products of 32-bit lanes, which are spread to the even ones: `spread` is 0x50 for the low ones, 0xfa for the high ones. */
export function extendedMul32(c: EmitContext, mul: V, spread: i32): void {
  const b = pop(c);
  const a = pop(c);
  const d = target(c, a);
  op1i(c, V.pshufd, scratch, b, spread);
  op1i(c, V.pshufd, d, a, spread);
  op2(c, mul, d, d, scratch);
  push(c, d);
}

/** i16x8.extadd_pairwise_i8x16_s: pmaddubsw with ones as the unsigned operand. */
export function pairwiseAdd8Signed(c: EmitContext): void {
  const s = pop(c);
  const d = fresh(c);
  loadConstant(c, d, constant32(c, 0x01010101));
  op2(c, V.pmaddubsw, d, d, s);
  push(c, d);
}

export function pairwiseAdd8Unsigned(c: EmitContext): void {
  withConstant(c, V.pmaddubsw, constant32(c, 0x01010101));
}

export function pairwiseAdd16Signed(c: EmitContext): void {
  withConstant(c, V.pmaddwd, constant32(c, 0x00010001));
}

/** Each lane less 0x8000 is signed; the sum of two then lacks 0x10000. */
export function pairwiseAdd16Unsigned(c: EmitContext): void {
  const s = pop(c);
  const d = target(c, s);
  op2c(c, V.pxor, d, s, constant32(c, 0x80008000 | 0));
  op2c(c, V.pmaddwd, d, d, constant32(c, 0x00010001));
  op2c(c, V.paddd, d, d, constant32(c, 0x00010000));
  push(c, d);
}

// Shifts. Counts are taken modulo the lanes' width.

/** The top entry is a constant: pop it, modulo the lanes' width. */
function popConstantCount(c: EmitContext, mask: i32): i32 {
  const vs = c.vs;
  const count = vs.a[(vs.height - 1) & Window.mask] & mask;
  vs.drop();
  return count;
}

/** xmm15 = the count that is popped, modulo the lanes' width, plus `more`. */
function popCount(c: EmitContext, mask: i32, more: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const r = vs.popReg();
  asm.mov_rr(0, Registers.scratch, r);
  asm.alu_ri(Alu.and, 0, Registers.scratch, mask);
  if (more !== 0) asm.alu_ri(Alu.add, 0, Registers.scratch, more);
  asm.movd_xr(0, scratch, Registers.scratch);
}

/** Lanes of 16, 32 and 64 bits. */
export function shift(c: EmitContext, op: V, immediate: VShift, bits: i32): void {
  if (c.vs.topIsConstant()) {
    const count = popConstantCount(c, bits - 1);
    if (count === 0) return;
    const s = pop(c);
    const d = target(c, s);
    shiftBy(c, immediate, d, s, count);
    push(c, d);
    return;
  }
  popCount(c, bits - 1, 0);
  const s = pop(c);
  const d = target(c, s);
  op2(c, op, d, s, scratch);
  push(c, d);
}

/** i64x2.shr_s: shifted logically, the sign bit (at its new place) is extended: (v ^ m) - m. */
export function shiftRight64Signed(c: EmitContext): void {
  if (c.vs.topIsConstant()) {
    const count = popConstantCount(c, 63);
    if (count === 0) return;
    const s = pop(c);
    const d = target(c, s);
    const sign =
      count < 32 ? constant64(c, 0, 0x80000000 >>> count) : constant64(c, (0x80000000 >>> (count - 32)) | 0, 0);
    shiftBy(c, VShift.psrlq, d, s, count);
    op2c(c, V.pxor, d, d, sign);
    op2c(c, V.psubq, d, d, sign);
    push(c, d);
    return;
  }
  popCount(c, 63, 0);
  const s = pop(c);
  const d = target(c, s);
  const sign = fresh(c);
  loadConstant(c, sign, constant64(c, 0, 0x80000000 | 0));
  op2(c, V.psrlq, d, s, scratch);
  op2(c, V.psrlq, sign, sign, scratch);
  op2(c, V.pxor, d, d, sign);
  op2(c, V.psubq, d, d, sign);
  push(c, d);
}

/** Four bytes of the same value. */
function bytes(value: i32): i32 {
  return Math.imul(value & 0xff, 0x01010101);
}

/** i8x16.shl, i8x16.shr_u: 16-bit shifts; what came from the neighbour is masked away. */
export function shift8(c: EmitContext, left: bool): void {
  if (c.vs.topIsConstant()) {
    const count = popConstantCount(c, 7);
    if (count === 0) return;
    const s = pop(c);
    const d = target(c, s);
    shiftBy(c, left ? VShift.psllw : VShift.psrlw, d, s, count);
    op2c(c, V.pand, d, d, constant32(c, bytes(left ? 0xff << count : 0xff >>> count)));
    push(c, d);
    return;
  }
  popCount(c, 7, 0);
  const s = pop(c);
  const d = target(c, s);
  const mask = fresh(c);
  const op = left ? V.psllw : V.psrlw;
  ones(c, mask);
  op2(c, op, d, s, scratch);
  op2(c, op, mask, mask, scratch);
  // The byte that was shifted away from its neighbour is right: the low one, or the high one.
  if (!left) shiftBy(c, VShift.psrlw, mask, mask, 8);
  if (c.cpu.avx2) op1(c, V.vpbroadcastb, mask, mask);
  else {
    zero(c, scratch);
    op2(c, V.pshufb, mask, mask, scratch);
  }
  op2(c, V.pand, d, d, mask);
  push(c, d);
}

/** i8x16.shr_s: each byte as the upper one of a 16-bit lane, shifted by 8 more. */
export function shiftRight8Signed(c: EmitContext): void {
  const vs = c.vs;
  const immediate = vs.topIsConstant();
  let count = 0;
  if (immediate) {
    count = popConstantCount(c, 7);
    if (count === 0) return;
  } else popCount(c, 7, 8);
  const s = pop(c);
  const d = target(c, s);
  const high = fresh(c);
  op2(c, V.punpckhbw, high, s, s);
  op2(c, V.punpcklbw, d, s, s);
  if (immediate) {
    shiftBy(c, VShift.psraw, high, high, 8 + count);
    shiftBy(c, VShift.psraw, d, d, 8 + count);
  } else {
    op2(c, V.psraw, high, high, scratch);
    op2(c, V.psraw, d, d, scratch);
  }
  op2(c, V.packsswb, d, d, high);
  push(c, d);
}
