/** Floats, and conversions that are one instruction. */
import { address } from '../../../emitter/memory.js';
import { Op } from '../../../stream/op.js';
import { Registers, Type } from '../../../valuestack/types.js';
import { Ir } from '../../ssa/ir.js';
import { Reg, SseOp } from '../registers.js';
import type { FunctionEmitter } from './emit.js';
import { accessAddress, markAccess } from './emit-memory.js';
import { isWholeLoad } from './select.js';

const x = Registers.firstXmm;

/** Code position of a float constant in memory. */
export function pooledFloat(c: FunctionEmitter, value: i32): i32 {
  return c.vectorConstant(c.g.imm[value], c.g.imm2[value], 0, 0);
}

export function emitFloat(c: FunctionEmitter, v: i32, op: i32): void {
  const g = c.g;
  const m = c.m;
  const asm = c.asm;
  const f = op < Op.f64Add ? 0 : 1;
  const sse = sseOf(f === 0 ? op : op - (Op.f64Add - Op.f32Add));
  const d = m.reg[v] - x;
  let a = c.reg(v, 0) - x;
  let y = g.y[v];
  if (m.folded[y] !== 0 && isWholeLoad(g.op[y])) {
    accessAddress(c, v, 1, y, f === 0 ? 4 : 8);
    c.vs.move(Type.f64, d + x, a + x);
    markAccess(c, y);
    asm.arith_xmx(sse, f, d, Reg.r14, address.index, address.displacement);
    return;
  }
  let s = c.reg(v, 1);
  if (s >= 0) {
    s -= x;
    if (d === a) asm.arith_xx(sse, f, d, s);
    else if (d === s && (sse === SseOp.add || sse === SseOp.mul)) asm.arith_xx(sse, f, d, a);
    else if (c.cpu.avx) asm.varith_xxx(sse, f, d, a, s);
    else {
      asm.movs_xx(f, d, a);
      asm.arith_xx(sse, f, d, s);
    }
    return;
  }
  if (d !== a) asm.movs_xx(f, d, a);
  a = d;
  y = g.y[v];
  if (g.op[y] === Ir.constant) asm.arith_xm_rip(sse, f, d, pooledFloat(c, y));
  else asm.arith_xm(sse, f, d, Reg.rbp, m.slot[y]);
}

export function emitUnary(c: FunctionEmitter, v: i32, op: i32): void {
  const asm = c.asm;
  const d = c.m.reg[v];
  const s = c.reg(v, 0);
  switch (op) {
    case Op.i32WrapI64:
      asm.mov_rr(0, d, s);
      return;
    case Op.i64ExtendI32U:
      if (d !== s) asm.mov_rr(0, d, s);
      return;
    case Op.i64ExtendI32S:
    case Op.i64Extend32S:
      asm.movsxd(d, s);
      return;
    case Op.i32Extend8S:
      asm.movsx8(0, d, s);
      return;
    case Op.i32Extend16S:
      asm.movsx16(0, d, s);
      return;
    case Op.i64Extend8S:
      asm.movsx8(1, d, s);
      return;
    case Op.i64Extend16S:
      asm.movsx16(1, d, s);
      return;
    case Op.f32Sqrt:
    case Op.f64Sqrt:
      if (d !== s) asm.xorp_xx(d - x, d - x);
      asm.arith_xx(SseOp.sqrt, op === Op.f32Sqrt ? 0 : 1, d - x, s - x);
      return;
    case Op.f32DemoteF64:
      if (d !== s) asm.xorp_xx(d - x, d - x);
      asm.cvt_sd2ss(d - x, s - x);
      return;
    case Op.f64PromoteF32:
      if (d !== s) asm.xorp_xx(d - x, d - x);
      asm.cvt_ss2sd(d - x, s - x);
      return;
    case Op.i32ReinterpretF32:
      asm.movd_rx(0, d, s - x);
      return;
    case Op.i64ReinterpretF64:
      asm.movd_rx(1, d, s - x);
      return;
    case Op.f32ReinterpretI32:
      asm.movd_xr(0, d - x, s);
      return;
    case Op.f64ReinterpretI64:
      asm.movd_xr(1, d - x, s);
      return;
    default: {
      // An unsigned i32 is a signed 64-bit number.
      const f = op >= Op.f64ConvertI32S ? 1 : 0;
      const w = op === Op.f32ConvertI32S || op === Op.f64ConvertI32S ? 0 : 1;
      asm.xorp_xx(d - x, d - x);
      asm.cvt_si2s(f, w, d - x, s);
    }
  }
}

function sseOf(op: i32): SseOp {
  switch (op) {
    case Op.f32Add:
      return SseOp.add;
    case Op.f32Sub:
      return SseOp.sub;
    case Op.f32Mul:
      return SseOp.mul;
    default:
      return SseOp.div;
  }
}
