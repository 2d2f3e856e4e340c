import { V } from '../../backends/x64/vector-ops.js';
import { Math } from '../../support/dialect.js';
import { Registers, Type, Window } from '../../valuestack/types.js';
import type { EmitContext } from '../context.js';
import { constant32, fresh, loadConstant, op1, op1i, op2, op2i, pop, push, scratch, target, zero } from './shapes.js';

const x = Registers.firstXmm;

// Splats.

/** The top entry is a constant: its vector is one, too. */
function splatConstant(c: EmitContext, bits: i32): bool {
  const vs = c.vs;
  if (!vs.topIsConstant()) return false;
  const i = (vs.height - 1) & Window.mask;
  const low = vs.a[i];
  const high = vs.b[i];
  vs.drop();
  if (bits === 64) c.pushVector(low, high, low, high);
  else {
    const lanes =
      bits === 8 ? Math.imul(low & 0xff, 0x01010101) : bits === 16 ? Math.imul(low & 0xffff, 0x00010001) : low;
    c.pushVector(lanes, lanes, lanes, lanes);
  }
  return true;
}

/** d = the popped general register, in the low lane. */
function fromGeneral(c: EmitContext, w: i32): i32 {
  const r = c.vs.popReg();
  const d = fresh(c);
  c.asm.movd_xr(w, d, r);
  return d;
}

/** All bytes of d become its first one. */
export function broadcast8(c: EmitContext, d: i32): void {
  if (c.cpu.avx2) op1(c, V.vpbroadcastb, d, d);
  else {
    zero(c, scratch);
    op2(c, V.pshufb, d, d, scratch);
  }
}

/** All 16-bit lanes of d become its first one. */
export function broadcast16(c: EmitContext, d: i32): void {
  if (c.cpu.avx2) op1(c, V.vpbroadcastw, d, d);
  else {
    op1i(c, V.pshuflw, d, d, 0);
    op2(c, V.punpcklqdq, d, d, d);
  }
}

export function splat8(c: EmitContext): void {
  if (splatConstant(c, 8)) return;
  const d = fromGeneral(c, 0);
  broadcast8(c, d);
  push(c, d);
}

export function splat16(c: EmitContext): void {
  if (splatConstant(c, 16)) return;
  const d = fromGeneral(c, 0);
  broadcast16(c, d);
  push(c, d);
}

export function splat32(c: EmitContext): void {
  if (splatConstant(c, 32)) return;
  const d = fromGeneral(c, 0);
  op1i(c, V.pshufd, d, d, 0);
  push(c, d);
}

export function splat64(c: EmitContext): void {
  if (splatConstant(c, 64)) return;
  const d = fromGeneral(c, 1);
  op2(c, V.punpcklqdq, d, d, d);
  push(c, d);
}

export function splatF32(c: EmitContext): void {
  if (splatConstant(c, 32)) return;
  const s = pop(c);
  const d = target(c, s);
  op2i(c, V.shufps, d, s, s, 0);
  push(c, d);
}

export function splatF64(c: EmitContext): void {
  if (splatConstant(c, 64)) return;
  const s = pop(c);
  const d = target(c, s);
  op1(c, V.movddup, d, s);
  push(c, d);
}

// Single lanes.

/** `width` of the lane in bytes. An i32 below 32 bits is zero-extended, and sign-extended if `signed`. */
export function extract(c: EmitContext, width: i32, lane: i32, signed: bool): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = pop(c);
  const type = width === 8 ? Type.i64 : Type.i32;
  const d = vs.allocate(type);
  if (width >= 4) {
    const w = width === 8 ? 1 : 0;
    if (lane === 0) asm.movd_rx(w, d, s);
    else asm.pextr(V.pextrd, w, d, s, lane);
  } else if (width === 1) {
    asm.pextr(V.pextrb, 0, d, s, lane);
    if (signed) asm.movsx8(0, d, d);
  } else {
    asm.pextr(V.pextrw, 0, d, s, lane);
    if (signed) asm.movsx16(0, d, d);
  }
  vs.pushReg(type, d);
}

/** A float is the low lane of a register: what is above does not matter. */
export function extractFloat(c: EmitContext, f: i32, lane: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = pop(c);
  const d = target(c, s);
  if (lane !== 0) op1i(c, V.pshufd, d, s, f === 0 ? lane : 0xee);
  else if (d !== s) asm.movs_xx(1, d, s);
  vs.pushReg(Type.f32 + f, d + x);
}

/** pinsrb, pinsrw, pinsrd; pinsrq with w 1. */
export function replace(c: EmitContext, op: V, w: i32, lane: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const r = vs.popReg();
  const s = pop(c);
  const d = target(c, s);
  if (c.cpu.avx) asm.vpinsr(op, w, d, s, r, lane);
  else {
    if (d !== s) asm.movs_xx(1, d, s);
    asm.pinsr(op, w, d, r, lane);
  }
  push(c, d);
}

export function replaceF32(c: EmitContext, lane: i32): void {
  const value = pop(c);
  const s = pop(c);
  const d = target(c, s);
  op2i(c, V.insertps, d, s, value, lane << 4);
  push(c, d);
}

/** The low half by movsd (the upper stays), the high half by movlhps. */
export function replaceF64(c: EmitContext, lane: i32): void {
  const value = pop(c);
  const s = pop(c);
  const d = target(c, s);
  op2(c, lane === 0 ? V.movsd : V.movlhps, d, s, value);
  push(c, d);
}

/** An index above 15 gets its top bit by a saturating addition: pshufb then gives 0. */
export function swizzle(c: EmitContext): void {
  const indices = pop(c);
  const s = pop(c);
  const d = target(c, s);
  loadConstant(c, scratch, constant32(c, 0x70707070));
  op2(c, V.paddusb, scratch, scratch, indices);
  op2(c, V.pshufb, d, s, scratch);
  push(c, d);
}
