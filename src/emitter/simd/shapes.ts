import { Reg } from '../../backends/x64/registers.js';
import { V, type VShift } from '../../backends/x64/vector-ops.js';
import { Registers, Type } from '../../valuestack/types.js';
import { Operand } from '../../valuestack/value-stack.js';
import type { EmitContext } from '../context.js';

// What the families of vector opcodes are written with. Registers are the assembler's xmm numbers, 0 to 15. With AVX
// every instruction has its three-operand form; without, a move comes first if the destination is another register.

const x = Registers.firstXmm;

/** xmm15: for a value that does not outlive the opcode. Pushing may use it: push last. */
export const scratch = Registers.scratchXmm;

/** Pop into a register; to be overwritten only if `owned`. */
export function pop(c: EmitContext): i32 {
  return c.vs.popReg() - x;
}

/** Pop into a register that the opcode may overwrite. */
export function popOwned(c: EmitContext): i32 {
  return c.vs.popOwned() - x;
}

export function push(c: EmitContext, d: i32): void {
  c.vs.pushReg(Type.v128, d + x);
}

/** A register of its own for an intermediate value or the result. */
export function fresh(c: EmitContext): i32 {
  const d = c.vs.allocate(Type.v128);
  c.vs.pinned |= 1 << d;
  return d - x;
}

/** Register for the result of an instruction that reads `s`: the same one if nobody else needs it. */
export function target(c: EmitContext, s: i32): i32 {
  return c.vs.owned(s + x) ? s : fresh(c);
}

/**
 * Register for the result of `op(d, a, b)`. Without AVX it is never `b`, unless that is `a` too: `d = a` comes first.
 */
export function target2(c: EmitContext, a: i32, b: i32): i32 {
  if (c.vs.owned(a + x)) return a;
  return c.cpu.avx ? target(c, b) : fresh(c);
}

// Instructions.

/** The whole register. */
export function move(c: EmitContext, d: i32, s: i32): void {
  if (d !== s) c.asm.movs_xx(1, d, s);
}

/** d = op(s). */
export function op1(c: EmitContext, op: V, d: i32, s: i32): void {
  if (c.cpu.avx) c.asm.vex_xxx(op, d, 0, s);
  else c.asm.sse_xx(op, d, s);
}

/** d = op(s, immediate): one source. */
export function op1i(c: EmitContext, op: V, d: i32, s: i32, immediate: i32): void {
  if (c.cpu.avx) c.asm.vex_xxxi(op, d, 0, s, immediate);
  else c.asm.sse_xxi(op, d, s, immediate);
}

/** d = op(a, b). Without AVX d is not b, unless a is b. */
export function op2(c: EmitContext, op: V, d: i32, a: i32, b: i32): void {
  if (c.cpu.avx) c.asm.vex_xxx(op, d, a, b);
  else {
    move(c, d, a);
    c.asm.sse_xx(op, d, b);
  }
}

/** d = op(a, b, immediate). */
export function op2i(c: EmitContext, op: V, d: i32, a: i32, b: i32, immediate: i32): void {
  if (c.cpu.avx) c.asm.vex_xxxi(op, d, a, b, immediate);
  else {
    move(c, d, a);
    c.asm.sse_xxi(op, d, b, immediate);
  }
}

/** d = op(a, constant): `position` is that of a pooled constant. */
export function op2c(c: EmitContext, op: V, d: i32, a: i32, position: i32): void {
  if (c.cpu.avx) c.asm.vex_xx_rip(op, d, a, position);
  else {
    move(c, d, a);
    c.asm.sse_x_rip(op, d, position);
  }
}

/** d = op(a, constant, immediate). */
export function op2ci(c: EmitContext, op: V, d: i32, a: i32, position: i32, immediate: i32): void {
  if (c.cpu.avx) c.asm.vex_xx_ripi(op, d, a, position, immediate);
  else {
    move(c, d, a);
    c.asm.sse_x_ripi(op, d, position, immediate);
  }
}

/** d = s shifted by a constant. */
export function shiftBy(c: EmitContext, op: VShift, d: i32, s: i32, count: i32): void {
  if (c.cpu.avx) c.asm.vex_shift(op, d, s, count);
  else {
    move(c, d, s);
    c.asm.sse_shift(op, d, count);
  }
}

/** d = 0. */
export function zero(c: EmitContext, d: i32): void {
  c.asm.xorp_xx(d, d);
}

/** All bits of d. */
export function ones(c: EmitContext, d: i32): void {
  c.asm.pcmpeqd_xx(d, d);
}

/** d = ~d. */
export function invert(c: EmitContext, d: i32): void {
  ones(c, scratch);
  op2(c, V.pxor, d, d, scratch);
}

// Pooled constants.

/** Four times the same 32 bits. */
export function constant32(c: EmitContext, bits: i32): i32 {
  return c.vectorConstant(bits, bits, bits, bits);
}

/** Twice the same 64 bits. */
export function constant64(c: EmitContext, low: i32, high: i32): i32 {
  return c.vectorConstant(low, high, low, high);
}

export function loadConstant(c: EmitContext, d: i32, position: i32): void {
  c.asm.movaps_xm_rip(d, position);
}

// Shapes of opcodes. The last source can be in memory: a slot of the frame, at any alignment, or a constant.

/** d = op(a, the source that `popOperand` delivered). */
function fromOperand(c: EmitContext, kind: Operand, op: V, d: i32, a: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  if (kind === Operand.reg) op2(c, op, d, a, vs.operandReg - x);
  else if (kind === Operand.rip) op2c(c, op, d, a, vs.operandLow);
  else if (c.cpu.avx) asm.vex_xxm(op, d, a, Reg.rbp, vs.operandDisp);
  else {
    asm.movups_xm(scratch, Reg.rbp, vs.operandDisp);
    op2(c, op, d, a, scratch);
  }
}

/** op(lower, upper); in either order if `commutative`. */
export function binary(c: EmitContext, op: V, commutative: bool): void {
  binaryResult(c, op, commutative);
}

/** op(upper, lower). */
export function binarySwapped(c: EmitContext, op: V): void {
  binarySwappedResult(c, op);
}

/** As `binary`; returns the result's register, which is already pushed. */
export function binaryResult(c: EmitContext, op: V, commutative: bool): i32 {
  const vs = c.vs;
  const kind = vs.popOperand();
  const a = pop(c);
  let d: i32;
  if (kind === Operand.reg) {
    const b = vs.operandReg - x;
    d = target2(c, a, vs.owned(b + x) ? b : a);
    if (commutative && !c.cpu.avx && d !== a && vs.owned(b + x)) {
      d = b;
      op2(c, op, b, b, a);
      push(c, b);
      return b;
    }
  } else d = target(c, a);
  fromOperand(c, kind, op, d, a);
  push(c, d);
  return d;
}

/** As `binarySwapped`; returns the result's register, which is already pushed. */
export function binarySwappedResult(c: EmitContext, op: V): i32 {
  const vs = c.vs;
  const a = pop(c);
  const kind = vs.popOperand();
  const d = kind === Operand.reg ? target2(c, a, vs.operandReg - x) : target(c, a);
  fromOperand(c, kind, op, d, a);
  push(c, d);
  return d;
}

/** op(lower, upper, immediate). */
export function binaryImmediate(c: EmitContext, op: V, immediate: i32): void {
  const vs = c.vs;
  const kind = vs.popOperand();
  const a = pop(c);
  const d = kind === Operand.reg ? target2(c, a, vs.operandReg - x) : target(c, a);
  immediateFromOperand(c, kind, op, d, a, immediate);
}

/** op(upper, lower, immediate). */
export function binarySwappedImmediate(c: EmitContext, op: V, immediate: i32): void {
  const vs = c.vs;
  const a = pop(c);
  const kind = vs.popOperand();
  const d = kind === Operand.reg ? target2(c, a, vs.operandReg - x) : target(c, a);
  immediateFromOperand(c, kind, op, d, a, immediate);
}

function immediateFromOperand(c: EmitContext, kind: Operand, op: V, d: i32, a: i32, immediate: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  if (kind === Operand.reg) op2i(c, op, d, a, vs.operandReg - x, immediate);
  else if (kind === Operand.rip) op2ci(c, op, d, a, vs.operandLow, immediate);
  else if (c.cpu.avx) asm.vex_xxmi(op, d, a, Reg.rbp, vs.operandDisp, immediate);
  else {
    asm.movups_xm(scratch, Reg.rbp, vs.operandDisp);
    op2i(c, op, d, a, scratch, immediate);
  }
  push(c, d);
}

/** op(s). */
export function unary(c: EmitContext, op: V): void {
  const asm = c.asm;
  const vs = c.vs;
  const kind = vs.popOperand();
  let d: i32;
  if (kind === Operand.reg) {
    const s = vs.operandReg - x;
    d = target(c, s);
    op1(c, op, d, s);
  } else {
    d = fresh(c);
    if (kind === Operand.rip) {
      if (c.cpu.avx) asm.vex_xx_rip(op, d, 0, vs.operandLow);
      else asm.sse_x_rip(op, d, vs.operandLow);
    } else if (c.cpu.avx) asm.vex_xxm(op, d, 0, Reg.rbp, vs.operandDisp);
    else {
      asm.movups_xm(d, Reg.rbp, vs.operandDisp);
      asm.sse_xx(op, d, d);
    }
  }
  push(c, d);
}

/** op(s, immediate). */
export function unaryImmediate(c: EmitContext, op: V, immediate: i32): void {
  const s = pop(c);
  const d = target(c, s);
  op1i(c, op, d, s, immediate);
  push(c, d);
}

/** op(s, pooled constant). */
export function withConstant(c: EmitContext, op: V, position: i32): void {
  const s = pop(c);
  const d = target(c, s);
  op2c(c, op, d, s, position);
  push(c, d);
}
