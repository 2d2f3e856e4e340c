import { TrapCode } from '../backends/abi/layout.js';
import { Alu, BitOp, Cc, Shift, SseOp } from '../backends/x64/registers.js';
import { Registers, Type } from '../valuestack/types.js';
import type { EmitContext } from './context.js';

// Conversions between integers and floats. `f` is 0 for f32, 1 for f64; `w` 0 for i32, 1 for i64.

const x = Registers.firstXmm;
const scratchX = Registers.scratchXmm;

/** xmm15 = a float constant given by its bits. */
function loadBits(c: EmitContext, f: i32, low: i32, high: i32): void {
  c.asm.mov_ri64(Registers.scratch, low, f === 0 ? 0 : high);
  c.asm.movd_xr(f, scratchX, Registers.scratch);
}

/** NaN is an invalid conversion. */
function trapNaN(c: EmitContext, f: i32, s: i32): void {
  c.asm.ucomis_xx(f, s, s);
  c.trapUnless(Cc.np, TrapCode.invalidConversion);
}

/**
 * i32.trunc_f*_s, i64.trunc_f*_s. cvtt gives the smallest integer for everything it cannot convert; `cmp d, 1`
 * overflows for just that value. Then it was legal only if lower bound < x < 0.
 */
export function truncSigned(c: EmitContext, w: i32, f: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg() - x;
  const d = vs.allocate(w);
  asm.cvtt_s2si(f, w, d, s);
  asm.alu_ri(Alu.cmp, w, d, 1);
  const over = asm.jcc_forward(Cc.no);
  trapNaN(c, f, s);
  // f64 to i32: x > -2147483649; else the bound itself is representable: x >= -2^31 or -2^63.
  if (w === 0) loadBits(c, f, f === 0 ? 0xcf000000 | 0 : 0x00200000, 0xc1e00000 | 0);
  else loadBits(c, f, f === 0 ? 0xdf000000 | 0 : 0, 0xc3e00000 | 0);
  asm.ucomis_xx(f, s, scratchX);
  c.trapUnless(w === 0 && f === 1 ? Cc.a : Cc.ae, TrapCode.integerOverflow);
  asm.xorp_xx(scratchX, scratchX);
  asm.ucomis_xx(f, scratchX, s);
  c.trapUnless(Cc.a, TrapCode.integerOverflow);
  asm.bind(over);
  vs.pushReg(w, d);
}

/** i32.trunc_f*_u: a 64-bit conversion whose upper half must be zero. */
export function truncUnsigned32(c: EmitContext, f: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg() - x;
  const d = vs.allocate(Type.i32);
  asm.cvtt_s2si(f, 1, d, s);
  asm.mov_rr(1, Registers.scratch, d);
  asm.shift_i(Shift.shr, 1, Registers.scratch, 32);
  const over = asm.jcc8_forward(Cc.e);
  trapNaN(c, f, s);
  c.trap(TrapCode.integerOverflow);
  asm.bind8(over);
  vs.pushReg(Type.i32, d);
}

/** i64.trunc_f*_u: from 2^63 on the conversion is done for 2^63 - x, negated. */
export function truncUnsigned64(c: EmitContext, f: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg() - x;
  const d = vs.allocate(Type.i64);
  loadBits(c, f, f === 0 ? 0x5f000000 : 0, 0x43e00000);
  asm.ucomis_xx(f, s, scratchX);
  const big = asm.jcc8_forward(Cc.ae);
  asm.cvtt_s2si(f, 1, d, s);
  asm.test_rr(1, d, d);
  const over = asm.jcc8_forward(Cc.ns);
  trapNaN(c, f, s);
  c.trap(TrapCode.integerOverflow);
  asm.bind8(big);
  asm.arith_xx(SseOp.sub, f, scratchX, s);
  asm.cvtt_s2si(f, 1, d, scratchX);
  asm.neg(1, d);
  c.trapUnless(Cc.ns, TrapCode.integerOverflow);
  asm.bit_ri(BitOp.btc, 1, d, 63);
  asm.bind8(over);
  vs.pushReg(Type.i64, d);
}

/** Saturating, signed: NaN is 0; what cvtt could not convert and is positive becomes the largest integer. */
export function saturateSigned(c: EmitContext, w: i32, f: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg() - x;
  const d = vs.allocate(w);
  asm.cvtt_s2si(f, w, d, s);
  asm.alu_ri(Alu.cmp, w, d, 1);
  const over = asm.jcc8_forward(Cc.no);
  asm.ucomis_xx(f, s, s);
  const number = asm.jcc8_forward(Cc.np);
  asm.zero(d);
  const over2 = asm.jmp8_forward();
  asm.bind8(number);
  asm.xorp_xx(scratchX, scratchX);
  asm.ucomis_xx(f, scratchX, s);
  const over3 = asm.jcc8_forward(Cc.a);
  if (w === 0) asm.mov_ri(d, 0x7fffffff);
  else asm.mov_ri64(d, -1, 0x7fffffff);
  asm.bind8(over);
  asm.bind8(over2);
  asm.bind8(over3);
  vs.pushReg(w, d);
}

export function saturateUnsigned32(c: EmitContext, f: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg() - x;
  const d = vs.allocate(Type.i32);
  asm.cvtt_s2si(f, 1, d, s);
  asm.mov_rr(1, Registers.scratch, d);
  asm.shift_i(Shift.shr, 1, Registers.scratch, 32);
  const over = asm.jcc8_forward(Cc.e);
  asm.zero(d);
  asm.xorp_xx(scratchX, scratchX);
  asm.ucomis_xx(f, s, scratchX);
  const over2 = asm.jcc8_forward(Cc.be);
  asm.mov_ri(d, -1);
  asm.bind8(over);
  asm.bind8(over2);
  vs.pushReg(Type.i32, d);
}

export function saturateUnsigned64(c: EmitContext, f: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg() - x;
  const d = vs.allocate(Type.i64);
  loadBits(c, f, f === 0 ? 0x5f000000 : 0, 0x43e00000);
  asm.ucomis_xx(f, s, scratchX);
  const big = asm.jcc8_forward(Cc.ae);
  asm.cvtt_s2si(f, 1, d, s);
  asm.test_rr(1, d, d);
  const over = asm.jcc8_forward(Cc.ns);
  asm.zero(d);
  const over2 = asm.jmp8_forward();
  asm.bind8(big);
  asm.arith_xx(SseOp.sub, f, scratchX, s);
  asm.cvtt_s2si(f, 1, d, scratchX);
  asm.neg(1, d);
  const fits = asm.jcc8_forward(Cc.ns);
  asm.mov_ri64(d, -1, -1);
  const over3 = asm.jmp8_forward();
  asm.bind8(fits);
  asm.bit_ri(BitOp.btc, 1, d, 63);
  asm.bind8(over);
  asm.bind8(over2);
  asm.bind8(over3);
  vs.pushReg(Type.i64, d);
}

/** f*.convert_i32_s, f*.convert_i64_s; i32_u is the signed conversion of the zero-extended 64 bits. */
export function convert(c: EmitContext, f: i32, w: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg();
  const d = vs.allocate(Type.f32 + f);
  // cvtsi2s leaves the rest of the register: clearing it first ends the dependency on its old value.
  asm.xorp_xx(d - x, d - x);
  asm.cvt_si2s(f, w, d - x, s);
  vs.pushReg(Type.f32 + f, d);
}

/** f*.convert_i64_u: with the top bit set, half of the value (rounded to odd) is converted and doubled. */
export function convertUnsigned64(c: EmitContext, f: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popOwned();
  const d = vs.allocate(Type.f32 + f);
  asm.xorp_xx(d - x, d - x);
  asm.test_rr(1, s, s);
  const big = asm.jcc8_forward(Cc.s);
  asm.cvt_si2s(f, 1, d - x, s);
  const over = asm.jmp8_forward();
  asm.bind8(big);
  asm.mov_rr(1, Registers.scratch, s);
  asm.shift_i(Shift.shr, 1, s, 1);
  asm.alu_ri(Alu.and, 0, Registers.scratch, 1);
  asm.alu_rr(Alu.or, 1, s, Registers.scratch);
  asm.cvt_si2s(f, 1, d - x, s);
  asm.arith_xx(SseOp.add, f, d - x, d - x);
  asm.bind8(over);
  vs.pushReg(Type.f32 + f, d);
}

/** f32.demote_f64 (f = 0), f64.promote_f32 (f = 1). */
export function resize(c: EmitContext, f: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg();
  const d = vs.owned(s) ? s : vs.allocate(Type.f32 + f);
  if (f === 0) asm.cvt_sd2ss(d - x, s - x);
  else asm.cvt_ss2sd(d - x, s - x);
  vs.pushReg(Type.f32 + f, d);
}

/** i32.reinterpret_f32, i64.reinterpret_f64. */
export function floatBits(c: EmitContext, w: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg();
  const d = vs.allocate(w);
  asm.movd_rx(w, d, s - x);
  vs.pushReg(w, d);
}

/** f32.reinterpret_i32, f64.reinterpret_i64. */
export function bitsFloat(c: EmitContext, f: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg();
  const d = vs.allocate(Type.f32 + f);
  asm.movd_xr(f, d - x, s);
  vs.pushReg(Type.f32 + f, d);
}
