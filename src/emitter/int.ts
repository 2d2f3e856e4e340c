import { SiteKind } from '../backends/code/code-map-writer.js';
import { Alu, Cc, Reg, Shift } from '../backends/x64/registers.js';
import { Math } from '../support/dialect.js';
import { Place, Registers, Type, Window } from '../valuestack/types.js';
import { Operand } from '../valuestack/value-stack.js';
import type { EmitContext } from './context.js';

// Shapes of integer opcodes. `w` is 0 for i32, 1 for i64; the value type is the same number.

/** add, and, or, xor: `op d, source`; for add of two values that must be kept, `lea`. */
export function commutative(c: EmitContext, op: Alu, w: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  if (vs.isConstantAt(1)) {
    if (vs.topIsConstant()) {
      if (w === Type.i32) {
        foldI32(c, op);
        return;
      }
    } else swapTop(c);
  }
  const kind = vs.popOperand();
  const s = vs.operandReg;
  const disp = vs.operandDisp;
  const imm = vs.operandLow;
  const a = vs.popReg();
  if (kind === Operand.immediate) {
    if (vs.owned(a)) {
      asm.alu_ri(op, w, a, imm);
      vs.noteZeroFlag(a);
      vs.pushReg(w, a);
      return;
    }
    const d = vs.allocate(w);
    if (op === Alu.add) asm.lea(w, d, a, imm);
    else {
      asm.mov_rr(w, d, a);
      asm.alu_ri(op, w, d, imm);
      vs.noteZeroFlag(d);
    }
    vs.pushReg(w, d);
    return;
  }
  if (vs.owned(a)) {
    if (kind === Operand.reg) asm.alu_rr(op, w, a, s);
    else asm.alu_rm(op, w, a, Reg.rbp, disp);
    vs.noteZeroFlag(a);
    vs.pushReg(w, a);
    return;
  }
  if (kind === Operand.reg && vs.owned(s)) {
    asm.alu_rr(op, w, s, a);
    vs.noteZeroFlag(s);
    vs.pushReg(w, s);
    return;
  }
  const d = vs.allocate(w);
  if (kind === Operand.reg && op === Alu.add) asm.lea_x(w, d, a, s, 0, 0);
  else {
    asm.mov_rr(w, d, a);
    if (kind === Operand.reg) asm.alu_rr(op, w, d, s);
    else asm.alu_rm(op, w, d, Reg.rbp, disp);
    vs.noteZeroFlag(d);
  }
  vs.pushReg(w, d);
}

/** The lower operand is a constant, the upper is not: exchange them (commutative opcodes). */
function swapTop(c: EmitContext): void {
  const vs = c.vs;
  const h = vs.height - 1;
  // A slot belongs to its height: such an operand goes to a register first.
  if (vs.placeAt(h) === Place.slot) vs.ensureOwnReg(h);
  const i = h & Window.mask;
  const j = (h - 1) & Window.mask;
  const place = vs.place[i];
  const a = vs.a[i];
  vs.place[i] = Place.constant;
  vs.a[i] = vs.a[j];
  vs.b[i] = vs.b[j];
  vs.place[j] = place;
  vs.a[j] = a;
}

function foldI32(c: EmitContext, op: Alu): void {
  const vs = c.vs;
  vs.popOperand();
  const b = vs.operandLow;
  vs.popOperand();
  const a = vs.operandLow;
  let value = 0;
  switch (op) {
    case Alu.add:
      value = (a + b) | 0;
      break;
    case Alu.sub:
      value = (a - b) | 0;
      break;
    case Alu.and:
      value = a & b;
      break;
    case Alu.or:
      value = a | b;
      break;
    default:
      value = a ^ b;
  }
  vs.pushConstant(Type.i32, value, 0);
}

export function sub(c: EmitContext, w: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  if (w === Type.i32 && vs.isConstantAt(1) && vs.topIsConstant()) {
    foldI32(c, Alu.sub);
    return;
  }
  const kind = vs.popOperand();
  const s = vs.operandReg;
  const disp = vs.operandDisp;
  const imm = vs.operandLow;
  const a = vs.popReg();
  let d = a;
  if (!vs.owned(a)) {
    d = vs.allocate(w);
    if (kind === Operand.immediate && imm !== -0x80000000) {
      asm.lea(w, d, a, -imm);
      vs.pushReg(w, d);
      return;
    }
    asm.mov_rr(w, d, a);
  }
  if (kind === Operand.immediate) asm.alu_ri(Alu.sub, w, d, imm);
  else if (kind === Operand.reg) asm.alu_rr(Alu.sub, w, d, s);
  else asm.alu_rm(Alu.sub, w, d, Reg.rbp, disp);
  vs.noteZeroFlag(d);
  vs.pushReg(w, d);
}

/** `imul d, s`, `imul d, s, imm`; powers of two are shifts. */
export function mul(c: EmitContext, w: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  if (vs.isConstantAt(1) && !vs.topIsConstant()) swapTop(c);
  const kind = vs.popOperand();
  const s = vs.operandReg;
  const disp = vs.operandDisp;
  const imm = vs.operandLow;
  const a = vs.popReg();
  if (kind === Operand.immediate) {
    const shift = imm > 0 && (imm & (imm - 1)) === 0 ? 31 - Math.clz32(imm) : -1;
    const d = vs.owned(a) ? a : vs.allocate(w);
    if (shift >= 0) {
      if (d !== a) asm.mov_rr(w, d, a);
      if (shift > 0) asm.shift_i(Shift.shl, w, d, shift);
    } else asm.imul_rri(w, d, a, imm);
    vs.pushReg(w, d);
    return;
  }
  let d = a;
  if (!vs.owned(a)) {
    if (kind === Operand.reg && vs.owned(s)) {
      asm.imul_rr(w, s, a);
      vs.pushReg(w, s);
      return;
    }
    d = vs.allocate(w);
    asm.mov_rr(w, d, a);
  }
  if (kind === Operand.reg) asm.imul_rr(w, d, s);
  else asm.imul_rm(w, d, Reg.rbp, disp);
  vs.pushReg(w, d);
}

/** Comparison: `cmp`, and the result stays in the flags until somebody needs it. */
export function compare(c: EmitContext, w: i32, cc: Cc): void {
  const asm = c.asm;
  const vs = c.vs;
  if (vs.isConstantAt(1) && !vs.topIsConstant()) {
    swapTop(c);
    cc = swapCondition(cc);
  }
  const kind = vs.popOperand();
  const s = vs.operandReg;
  const disp = vs.operandDisp;
  const imm = vs.operandLow;
  const a = vs.popReg();
  if (kind === Operand.immediate) {
    if (imm !== 0) asm.alu_ri(Alu.cmp, w, a, imm);
    else if (cc === Cc.e || cc === Cc.ne) vs.testZero(w, a);
    else asm.test_rr(w, a, a);
  } else if (kind === Operand.reg) asm.alu_rr(Alu.cmp, w, a, s);
  else asm.alu_rm(Alu.cmp, w, a, Reg.rbp, disp);
  vs.pushFlags(cc);
}

/** The condition for exchanged operands. */
function swapCondition(cc: Cc): Cc {
  switch (cc) {
    case Cc.b:
      return Cc.a;
    case Cc.a:
      return Cc.b;
    case Cc.be:
      return Cc.ae;
    case Cc.ae:
      return Cc.be;
    case Cc.l:
      return Cc.g;
    case Cc.g:
      return Cc.l;
    case Cc.le:
      return Cc.ge;
    case Cc.ge:
      return Cc.le;
    default:
      return cc;
  }
}

/** i32.eqz of a comparison only negates the condition. */
export function eqz(c: EmitContext, w: i32): void {
  const vs = c.vs;
  if (vs.flagsLive) {
    vs.a[(vs.height - 1) & Window.mask] ^= 1;
    return;
  }
  vs.testZero(w, vs.popReg());
  vs.pushFlags(Cc.e);
}

/** shl, shr_s, shr_u, rotl, rotr. x86 masks the count as WebAssembly does. */
export function shift(c: EmitContext, op: Shift, w: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  if (vs.topIsConstant()) {
    const i = (vs.height - 1) & Window.mask;
    const count = vs.a[i] & (w === 0 ? 31 : 63);
    vs.drop();
    const a = vs.popReg();
    let d = a;
    if (!vs.owned(a)) {
      d = vs.allocate(w);
      if (c.cpu.bmi2 && (op === Shift.rol || op === Shift.ror)) {
        asm.rorx(w, d, a, op === Shift.ror ? count : (w === 0 ? 32 : 64) - count);
        vs.pushReg(w, d);
        return;
      }
      asm.mov_rr(w, d, a);
    }
    if (count !== 0) asm.shift_i(op, w, d, count);
    vs.pushReg(w, d);
    return;
  }
  if (c.cpu.bmi2 && op !== Shift.rol && op !== Shift.ror) {
    const count = vs.popReg();
    const a = vs.popReg();
    const d = vs.owned(a) ? a : vs.owned(count) ? count : vs.allocate(w);
    if (op === Shift.shl) asm.shlx(w, d, a, count);
    else if (op === Shift.shr) asm.shrx(w, d, a, count);
    else asm.sarx(w, d, a, count);
    vs.pushReg(w, d);
    return;
  }
  vs.popInto(Reg.rcx);
  const d = vs.popOwned();
  asm.shift_cl(op, w, d);
  vs.pushReg(w, d);
}

/**
 * Division. Zero and overflow raise SIGFPE, which the code map explains; only `rem_s` by -1, which is legal, is
 * tested. rax and rdx are the processor's choice.
 */
export function divide(c: EmitContext, w: i32, signed: bool, remainder: bool): void {
  const asm = c.asm;
  const vs = c.vs;
  if (vs.topIsConstant() && !signed) {
    const i = (vs.height - 1) & Window.mask;
    const low = vs.a[i];
    if ((w === 0 || vs.b[i] === 0) && low > 0 && (low & (low - 1)) === 0) {
      vs.drop();
      const d = vs.popOwned();
      if (!remainder) {
        if (low > 1) asm.shift_i(Shift.shr, w, d, 31 - Math.clz32(low));
      } else asm.alu_ri(Alu.and, w, d, low - 1);
      vs.pushReg(w, d);
      return;
    }
  }
  let divisor: i32 = Registers.scratch;
  if (vs.topIsConstant()) {
    const i = (vs.height - 1) & Window.mask;
    vs.loadConstant(w, divisor, vs.a[i], vs.b[i]);
    vs.drop();
  } else divisor = vs.popReg();
  if (divisor === Reg.rax || divisor === Reg.rdx) {
    asm.mov_rr(w, Registers.scratch, divisor);
    if (vs.owned(divisor)) vs.pinned &= ~(1 << divisor);
    divisor = Registers.scratch;
  }
  vs.popInto(Reg.rax);
  vs.vacate(Reg.rdx);
  vs.pinned |= 1 << Reg.rdx;
  divideBy(c, w, divisor, signed, remainder);
  vs.pushReg(w, remainder ? Reg.rdx : Reg.rax);
}

/** rax by a register that is neither rax nor rdx; the result is in rax or (remainder) rdx, the other one is lost. */
export function divideBy(c: EmitContext, w: i32, divisor: i32, signed: bool, remainder: bool): void {
  const asm = c.asm;
  const aux = divisor | (w << 4) | (signed ? 32 : 0) | (remainder ? 64 : 0);
  if (!signed) {
    asm.zero(Reg.rdx);
    c.mark(SiteKind.division, aux);
    asm.div(w, divisor);
  } else if (remainder) {
    asm.alu_ri(Alu.cmp, w, divisor, -1);
    const divide = asm.jcc8_forward(Cc.ne);
    asm.zero(Reg.rdx);
    const over = asm.jmp8_forward();
    asm.bind8(divide);
    asm.cdq(w);
    c.mark(SiteKind.division, aux);
    asm.idiv(w, divisor);
    asm.bind8(over);
  } else {
    asm.cdq(w);
    c.mark(SiteKind.division, aux);
    asm.idiv(w, divisor);
  }
}

export function clz(c: EmitContext, w: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg();
  const d = vs.owned(s) ? s : vs.allocate(w);
  if (c.cpu.lzcnt) asm.lzcnt(w, d, s);
  else {
    // bsr leaves the index of the highest bit; a zero source is made 2 * bits - 1, whose xor gives bits.
    const bits = w === 0 ? 32 : 64;
    asm.bsr(w, d, s);
    asm.mov_ri(Registers.scratch, 2 * bits - 1);
    asm.cmov_rr(Cc.e, 0, d, Registers.scratch);
    asm.alu_ri(Alu.xor, 0, d, bits - 1);
  }
  vs.pushReg(w, d);
}

export function ctz(c: EmitContext, w: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg();
  const d = vs.owned(s) ? s : vs.allocate(w);
  if (c.cpu.bmi1) asm.tzcnt(w, d, s);
  else {
    asm.bsf(w, d, s);
    asm.mov_ri(Registers.scratch, w === 0 ? 32 : 64);
    asm.cmov_rr(Cc.e, 0, d, Registers.scratch);
  }
  vs.pushReg(w, d);
}

/** popcnt, or the classic sum of bits in parallel (Hacker's Delight, 5-1). */
export function popcnt(c: EmitContext, w: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  if (c.cpu.popcnt) {
    const s = vs.popReg();
    const d = vs.owned(s) ? s : vs.allocate(w);
    asm.popcnt(w, d, s);
    vs.pushReg(w, d);
    return;
  }
  const d = vs.popOwned();
  const t = vs.allocate(w);
  const r11 = Registers.scratch;
  asm.mov_rr(w, t, d);
  asm.shift_i(Shift.shr, w, t, 1);
  loadPattern(c, w, 0x55555555);
  asm.alu_rr(Alu.and, w, t, r11);
  asm.alu_rr(Alu.sub, w, d, t);
  loadPattern(c, w, 0x33333333);
  asm.mov_rr(w, t, d);
  asm.alu_rr(Alu.and, w, d, r11);
  asm.shift_i(Shift.shr, w, t, 2);
  asm.alu_rr(Alu.and, w, t, r11);
  asm.alu_rr(Alu.add, w, d, t);
  asm.mov_rr(w, t, d);
  asm.shift_i(Shift.shr, w, t, 4);
  asm.alu_rr(Alu.add, w, d, t);
  loadPattern(c, w, 0x0f0f0f0f);
  asm.alu_rr(Alu.and, w, d, r11);
  loadPattern(c, w, 0x01010101);
  asm.imul_rr(w, d, r11);
  asm.shift_i(Shift.shr, w, d, w === 0 ? 24 : 56);
  vs.pushReg(w, d);
}

function loadPattern(c: EmitContext, w: i32, value: i32): void {
  c.asm.mov_ri64(Registers.scratch, value, w === 0 ? 0 : value);
}

/** i32.extend8_s and friends, i64.extend32_s. */
export function signExtend(c: EmitContext, w: i32, bits: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg();
  const d = vs.owned(s) ? s : vs.allocate(w);
  if (bits === 8) asm.movsx8(w, d, s);
  else if (bits === 16) asm.movsx16(w, d, s);
  else asm.movsxd(d, s);
  vs.pushReg(w, d);
}

/** i32.wrap_i64: the invariant of i32 registers wants the upper half cleared. */
export function wrap(c: EmitContext): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg();
  const d = vs.owned(s) ? s : vs.allocate(Type.i32);
  asm.mov_rr(0, d, s);
  vs.pushReg(Type.i32, d);
}

/** i64.extend_i32_u costs nothing: i32 registers have a clear upper half. */
export function extendUnsigned(c: EmitContext): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg();
  if (vs.owned(s)) {
    vs.pushReg(Type.i64, s);
    return;
  }
  const d = vs.allocate(Type.i64);
  asm.mov_rr(0, d, s);
  vs.pushReg(Type.i64, d);
}

export function extendSigned(c: EmitContext): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg();
  const d = vs.owned(s) ? s : vs.allocate(Type.i64);
  asm.movsxd(d, s);
  vs.pushReg(Type.i64, d);
}
