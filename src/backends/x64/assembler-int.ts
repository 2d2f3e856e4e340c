import type { CodeBytes } from '../../support/dialect.js';
import { Emit, Op, Rex, VexMap, VexPp } from './emit.js';
import type { Alu, BitOp, Cc, LoadKind, Shift } from './registers.js';

/**
 * General-purpose instructions. Conventions: `w` is 0 for 32-bit and 1 for 64-bit operands, `d` the destination, `s` the
 * source, `disp` and `imm` signed 32-bit ints; suffixes name the operands in order: r register, i immediate,
 * m memory [base + disp], x memory [base + index + disp], rip memory at a position of the buffer. The shortest
 * encoding is chosen. A 32-bit destination has its upper half zeroed by the processor.
 */
export class IntAssembler extends Emit {
  constructor(memory: CodeBytes, pos: i32 = 0) {
    super(memory, pos);
  }

  // Moves. MOV, MOVZX, MOVSX, MOVSXD, LEA, XCHG: no flags.

  /** mov d, s. With w = 0 and d = s it clears the upper half. */
  mov_rr(w: i32, d: i32, s: i32): void {
    this.rr(0x8b, w << 3, d, s);
  }

  /** mov r32, imm32: zero-extends, keeps the flags (unlike `zero`). */
  mov_ri(d: i32, imm: i32): void {
    if (d > 7) this.byte(0x41);
    this.byte(0xb8 | (d & 7));
    this.int32(imm);
  }

  /** xor r32, r32: the shortest zero; destroys the flags. */
  zero(d: i32): void {
    this.rr(0x33, 0, d, d);
  }

  /** A 64-bit constant in two halves: mov r32, imm32, or mov r64, simm32, or mov r64, imm64. Keeps the flags. */
  mov_ri64(d: i32, low: i32, high: i32): void {
    if (high === 0) {
      this.mov_ri(d, low);
    } else if (high === -1 && low < 0) {
      this.rr(0xc7, Rex.w, 0, d);
      this.int32(low);
    } else {
      this.byte(0x48 | (d >> 3));
      this.byte(0xb8 | (d & 7));
      this.int32(low);
      this.int32(high);
    }
  }

  mov_rm(w: i32, d: i32, base: i32, disp: i32): void {
    this.rm(0x8b, w << 3, d, base, disp);
  }

  mov_mr(w: i32, base: i32, disp: i32, s: i32): void {
    this.rm(0x89, w << 3, s, base, disp);
  }

  /** mov d, [rbp + disp]. */
  mov_rslot(w: i32, d: i32, disp: i32): void {
    this.slot(0x8b, w << 3, d, disp);
  }

  /** mov [rbp + disp], s. */
  mov_slotr(w: i32, disp: i32, s: i32): void {
    this.slot(0x89, w << 3, s, disp);
  }

  /** With w = 1 the immediate is sign-extended. */
  mov_mi(w: i32, base: i32, disp: i32, imm: i32): void {
    this.rm(0xc7, w << 3, 0, base, disp);
    this.int32(imm);
  }

  mov_rm_rip(w: i32, d: i32, target: i32): void {
    this.rrip(0x8b, w << 3, d, target, 0);
  }

  mov_mr_rip(w: i32, target: i32, s: i32): void {
    this.rrip(0x89, w << 3, s, target, 0);
  }

  /** Load of any size and extension from [base + index + disp]; base or index -1: none. */
  loadx(kind: LoadKind, d: i32, base: i32, index: i32, disp: i32): void {
    this.rx(kind & 0x7ff, (kind >> 11) << 3, d, base, index, 0, disp);
  }

  /** Load of any size and extension from [base + disp]. */
  loadm(kind: LoadKind, d: i32, base: i32, disp: i32): void {
    this.rm(kind & 0x7ff, (kind >> 11) << 3, d, base, disp);
  }

  /** Store of the low `size` (1, 2, 4, 8) bytes of s to [base + index + disp]. */
  storex(size: i32, base: i32, index: i32, disp: i32, s: i32): void {
    if (size === 2) this.byte(0x66);
    this.rx(size === 1 ? 0x88 : 0x89, sizeRex(size, s), s, base, index, 0, disp);
  }

  /** Store of the low `size` (1, 2, 4, 8) bytes of s to [base + disp]. */
  storem(size: i32, base: i32, disp: i32, s: i32): void {
    if (size === 2) this.byte(0x66);
    this.rm(size === 1 ? 0x88 : 0x89, sizeRex(size, s), s, base, disp);
  }

  /** Store of an immediate to [base + index + disp]: its low `size` bytes; size 8 sign-extends it. */
  storex_i(size: i32, base: i32, index: i32, disp: i32, imm: i32): void {
    if (size === 2) this.byte(0x66);
    this.rx(size === 1 ? 0xc6 : 0xc7, size === 8 ? Rex.w : 0, 0, base, index, 0, disp);
    if (size === 1) this.byte(imm);
    else if (size === 2) this.int16(imm);
    else this.int32(imm);
  }

  lea(w: i32, d: i32, base: i32, disp: i32): void {
    this.rm(0x8d, w << 3, d, base, disp);
  }

  /** d = base + (index << scaleLog2) + disp; base -1: none. */
  lea_x(w: i32, d: i32, base: i32, index: i32, scaleLog2: i32, disp: i32): void {
    if (base < 0 && scaleLog2 === 1) {
      // Without a base a disp32 is compulsory; r*2 is r + r.
      base = index;
      scaleLog2 = 0;
    }
    this.rx(0x8d, w << 3, d, base, index, scaleLog2, disp);
  }

  /** The address of position `target` of the buffer. */
  lea_rip(d: i32, target: i32): void {
    this.rrip(0x8d, Rex.w, d, target, 0);
  }

  /** The address of a position not yet known; returns the field for `bind` or `bind_to`. */
  lea_rip_forward(d: i32): i32 {
    this.rrip(0x8d, Rex.w, d, this.pos + 7, 0);
    return this.pos - 4;
  }

  /** Zero-extends the low byte of s to 64 bits. */
  movzx8(d: i32, s: i32): void {
    this.rr(Op.m0f | 0xb6, s > 3 ? Rex.force : 0, d, s);
  }

  /** Zero-extends the low 16 bits of s to 64 bits. */
  movzx16(d: i32, s: i32): void {
    this.rr(Op.m0f | 0xb7, 0, d, s);
  }

  movsx8(w: i32, d: i32, s: i32): void {
    this.rr(Op.m0f | 0xbe, (w << 3) | (s > 3 ? Rex.force : 0), d, s);
  }

  movsx16(w: i32, d: i32, s: i32): void {
    this.rr(Op.m0f | 0xbf, w << 3, d, s);
  }

  /** Sign-extends 32 to 64 bits. */
  movsxd(d: i32, s: i32): void {
    this.rr(0x63, Rex.w, d, s);
  }

  xchg_rr(w: i32, a: i32, b: i32): void {
    // 90+r only between different registers: 90 alone is a nop and would not clear the upper half.
    if ((a === 0 || b === 0) && a !== b) {
      const rex = (w << 3) | ((a | b) >> 3);
      if (rex !== 0) this.byte(0x40 | rex);
      this.byte(0x90 | ((a | b) & 7));
    } else {
      this.rr(0x87, w << 3, b, a);
    }
  }

  push(r: i32): void {
    if (r > 7) this.byte(0x41);
    this.byte(0x50 | (r & 7));
  }

  pop(r: i32): void {
    if (r > 7) this.byte(0x41);
    this.byte(0x58 | (r & 7));
  }

  /** Pushes a sign-extended 64-bit value. */
  push_i(imm: i32): void {
    if ((imm << 24) >> 24 === imm) {
      this.byte(0x6a);
      this.byte(imm);
    } else {
      this.byte(0x68);
      this.int32(imm);
    }
  }

  push_m(base: i32, disp: i32): void {
    this.rm(0xff, 0, 6, base, disp);
  }

  /** If base is rsp, the address is computed after rsp was incremented. */
  pop_m(base: i32, disp: i32): void {
    this.rm(0x8f, 0, 0, base, disp);
  }

  // The eight ALU operations. All set O, S, Z, A, C, P; cmp writes no operand.

  alu_rr(op: Alu, w: i32, d: i32, s: i32): void {
    this.rr((op << 3) | 3, w << 3, d, s);
  }

  alu_ri(op: Alu, w: i32, d: i32, imm: i32): void {
    if ((imm << 24) >> 24 === imm) {
      this.rr(0x83, w << 3, op, d);
      this.byte(imm);
    } else if (d === 0) {
      if (w !== 0) this.byte(0x48);
      this.byte((op << 3) | 5);
      this.int32(imm);
    } else {
      this.rr(0x81, w << 3, op, d);
      this.int32(imm);
    }
  }

  /** The imm32 form whatever the value; returns the position of the immediate, for `patch32` (frame sizes). */
  alu_ri32(op: Alu, w: i32, d: i32, imm: i32): i32 {
    this.rr(0x81, w << 3, op, d);
    this.int32(imm);
    return this.pos - 4;
  }

  alu_rm(op: Alu, w: i32, d: i32, base: i32, disp: i32): void {
    this.rm((op << 3) | 3, w << 3, d, base, disp);
  }

  alu_mr(op: Alu, w: i32, base: i32, disp: i32, s: i32): void {
    this.rm((op << 3) | 1, w << 3, s, base, disp);
  }

  alu_mi(op: Alu, w: i32, base: i32, disp: i32, imm: i32): void {
    if ((imm << 24) >> 24 === imm) {
      this.rm(0x83, w << 3, op, base, disp);
      this.byte(imm);
    } else {
      this.rm(0x81, w << 3, op, base, disp);
      this.int32(imm);
    }
  }

  /** d op= [base + index + disp]. */
  alu_rx(op: Alu, w: i32, d: i32, base: i32, index: i32, disp: i32): void {
    this.rx((op << 3) | 3, w << 3, d, base, index, 0, disp);
  }

  alu_rm_rip(op: Alu, w: i32, d: i32, target: i32): void {
    this.rrip((op << 3) | 3, w << 3, d, target, 0);
  }

  alu_mr_rip(op: Alu, w: i32, target: i32, s: i32): void {
    this.rrip((op << 3) | 1, w << 3, s, target, 0);
  }

  /** For counters next to the code. */
  alu_mi_rip(op: Alu, w: i32, target: i32, imm: i32): void {
    if ((imm << 24) >> 24 === imm) {
      this.rrip(0x83, w << 3, op, target, 1);
      this.byte(imm);
    } else {
      this.rrip(0x81, w << 3, op, target, 4);
      this.int32(imm);
    }
  }

  /** Flags of a & b; O and C are cleared. */
  test_rr(w: i32, a: i32, b: i32): void {
    this.rr(0x85, w << 3, b, a);
  }

  /** Flags of a & imm. A narrower operation is used where it sets the same flags. */
  test_ri(w: i32, a: i32, imm: i32): void {
    if (imm >= 0 && imm < 128) {
      if (a === 0) this.byte(0xa8);
      else this.rr(0xf6, a > 3 ? Rex.force : 0, 0, a);
      this.byte(imm);
      return;
    }
    const rex = imm < 0 ? w << 3 : 0;
    if (a === 0) {
      if (rex !== 0) this.byte(0x48);
      this.byte(0xa9);
    } else {
      this.rr(0xf7, rex, 0, a);
    }
    this.int32(imm);
  }

  test_mr(w: i32, base: i32, disp: i32, s: i32): void {
    this.rm(0x85, w << 3, s, base, disp);
  }

  test_mi(w: i32, base: i32, disp: i32, imm: i32): void {
    this.rm(0xf7, w << 3, 0, base, disp);
    this.int32(imm);
  }

  // Multiplication and division.

  imul_rr(w: i32, d: i32, s: i32): void {
    this.rr(Op.m0f | 0xaf, w << 3, d, s);
  }

  imul_rm(w: i32, d: i32, base: i32, disp: i32): void {
    this.rm(Op.m0f | 0xaf, w << 3, d, base, disp);
  }

  /** d = s * imm. */
  imul_rri(w: i32, d: i32, s: i32, imm: i32): void {
    if ((imm << 24) >> 24 === imm) {
      this.rr(0x6b, w << 3, d, s);
      this.byte(imm);
    } else {
      this.rr(0x69, w << 3, d, s);
      this.int32(imm);
    }
  }

  not(w: i32, r: i32): void {
    this.rr(0xf7, w << 3, 2, r);
  }

  neg(w: i32, r: i32): void {
    this.rr(0xf7, w << 3, 3, r);
  }

  /** rdx:rax = rax * r, unsigned. */
  mul(w: i32, r: i32): void {
    this.rr(0xf7, w << 3, 4, r);
  }

  /** rdx:rax = rax * r, signed. */
  imul1(w: i32, r: i32): void {
    this.rr(0xf7, w << 3, 5, r);
  }

  /** rax, rdx = quotient, remainder of rdx:rax / r, unsigned; #DE on zero and overflow. */
  div(w: i32, r: i32): void {
    this.rr(0xf7, w << 3, 6, r);
  }

  /** Signed `div`. */
  idiv(w: i32, r: i32): void {
    this.rr(0xf7, w << 3, 7, r);
  }

  div_m(w: i32, base: i32, disp: i32): void {
    this.rm(0xf7, w << 3, 6, base, disp);
  }

  idiv_m(w: i32, base: i32, disp: i32): void {
    this.rm(0xf7, w << 3, 7, base, disp);
  }

  /** cdq or cqo: rdx = sign of rax. */
  cdq(w: i32): void {
    if (w !== 0) this.byte(0x48);
    this.byte(0x99);
  }

  // Shifts and rotates. The processor masks the count with 31 or 63, as wasm does.

  /** Count in cl. */
  shift_cl(op: Shift, w: i32, r: i32): void {
    this.rr(0xd3, w << 3, op, r);
  }

  shift_i(op: Shift, w: i32, r: i32, count: i32): void {
    if (count === 1) {
      this.rr(0xd1, w << 3, op, r);
    } else {
      this.rr(0xc1, w << 3, op, r);
      this.byte(count);
    }
  }

  /** BMI2: d = s << count, any registers, no flags. */
  shlx(w: i32, d: i32, s: i32, count: i32): void {
    this.vrr(VexMap.m38, VexPp.p66, w, 0xf7, d, count, s);
  }

  /** BMI2: d = s >>> count. */
  shrx(w: i32, d: i32, s: i32, count: i32): void {
    this.vrr(VexMap.m38, VexPp.pf2, w, 0xf7, d, count, s);
  }

  /** BMI2: d = s >> count. */
  sarx(w: i32, d: i32, s: i32, count: i32): void {
    this.vrr(VexMap.m38, VexPp.pf3, w, 0xf7, d, count, s);
  }

  /** BMI2: d = s rotated right by imm, no flags. */
  rorx(w: i32, d: i32, s: i32, imm: i32): void {
    this.vrr(VexMap.m3a, VexPp.pf2, w, 0xf0, d, 0, s);
    this.byte(imm);
  }

  /** BMI1: d = ~a & b. */
  andn(w: i32, d: i32, a: i32, b: i32): void {
    this.vrr(VexMap.m38, VexPp.none, w, 0xf2, d, a, b);
  }

  // Bits.

  /** Index of the highest set bit. If s is 0, Z is set and d is not to be relied on. */
  bsr(w: i32, d: i32, s: i32): void {
    this.rr(Op.m0f | 0xbd, w << 3, d, s);
  }

  /** Index of the lowest set bit; as bsr. */
  bsf(w: i32, d: i32, s: i32): void {
    this.rr(Op.m0f | 0xbc, w << 3, d, s);
  }

  /** Needs LZCNT; executes as bsr without it. */
  lzcnt(w: i32, d: i32, s: i32): void {
    this.rr(Op.pf3 | Op.m0f | 0xbd, w << 3, d, s);
  }

  /** Needs BMI1; executes as bsf without it. */
  tzcnt(w: i32, d: i32, s: i32): void {
    this.rr(Op.pf3 | Op.m0f | 0xbc, w << 3, d, s);
  }

  popcnt(w: i32, d: i32, s: i32): void {
    this.rr(Op.pf3 | Op.m0f | 0xb8, w << 3, d, s);
  }

  bswap(w: i32, r: i32): void {
    const rex = (w << 3) | (r >> 3);
    if (rex !== 0) this.byte(0x40 | rex);
    this.byte(0x0f);
    this.byte(0xc8 | (r & 7));
  }

  /** bt, bts, btr, btc with an immediate bit number; C is the old bit. */
  bit_ri(op: BitOp, w: i32, r: i32, bit: i32): void {
    this.rr(Op.m0f | 0xba, w << 3, op, r);
    this.byte(bit);
  }

  /** bt a, b: C is bit b of a. */
  bt_rr(w: i32, a: i32, b: i32): void {
    this.rr(Op.m0f | 0xa3, w << 3, b, a);
  }

  // Conditions.

  /** Writes 0 or 1 to the low byte of r only. */
  setcc(cc: Cc, r: i32): void {
    this.rr(Op.m0f | 0x90 | cc, r > 3 ? Rex.force : 0, 0, r);
  }

  /** With w = 0 the upper half of d is cleared even if the condition is false. */
  cmov_rr(cc: Cc, w: i32, d: i32, s: i32): void {
    this.rr(Op.m0f | 0x40 | cc, w << 3, d, s);
  }

  /** Reads memory even if the condition is false. */
  cmov_rm(cc: Cc, w: i32, d: i32, base: i32, disp: i32): void {
    this.rm(Op.m0f | 0x40 | cc, w << 3, d, base, disp);
  }

  // Atomics.

  /** If [m] = rax then [m] = s, Z = 1; else rax = [m], Z = 0. */
  lock_cmpxchg_mr(w: i32, base: i32, disp: i32, s: i32): void {
    this.byte(0xf0);
    this.rm(Op.m0f | 0xb1, w << 3, s, base, disp);
  }

  /** [m] += s; s = old [m]. */
  lock_xadd_mr(w: i32, base: i32, disp: i32, s: i32): void {
    this.byte(0xf0);
    this.rm(Op.m0f | 0xc1, w << 3, s, base, disp);
  }

  /** [m] op= imm. */
  lock_alu_mi(op: Alu, w: i32, base: i32, disp: i32, imm: i32): void {
    this.byte(0xf0);
    this.alu_mi(op, w, base, disp, imm);
  }

  /** d = a segment register (1: cs, 2: ss), zero-extended. */
  mov_rs(d: i32, segment: i32): void {
    this.rr(0x8c, 0, segment, d);
  }

  /** Swaps s and [m]; locked without a prefix. */
  xchg_mr(w: i32, base: i32, disp: i32, s: i32): void {
    this.rm(0x87, w << 3, s, base, disp);
  }

  /** The same for 1, 2, 4 or 8 bytes at [base + index + disp]. */
  lock_cmpxchg_x(size: i32, base: i32, index: i32, disp: i32, s: i32): void {
    this.byte(0xf0);
    if (size === 2) this.byte(0x66);
    this.rx(Op.m0f | (size === 1 ? 0xb0 : 0xb1), sizeRex(size, s), s, base, index, 0, disp);
  }

  lock_xadd_x(size: i32, base: i32, index: i32, disp: i32, s: i32): void {
    this.byte(0xf0);
    if (size === 2) this.byte(0x66);
    this.rx(Op.m0f | (size === 1 ? 0xc0 : 0xc1), sizeRex(size, s), s, base, index, 0, disp);
  }

  xchg_x(size: i32, base: i32, index: i32, disp: i32, s: i32): void {
    if (size === 2) this.byte(0x66);
    this.rx(size === 1 ? 0x86 : 0x87, sizeRex(size, s), s, base, index, 0, disp);
  }

  /** lock add/or/and/sub/xor [m], s (op must not be cmp). */
  lock_alu_mr(op: Alu, w: i32, base: i32, disp: i32, s: i32): void {
    this.byte(0xf0);
    this.alu_mr(op, w, base, disp, s);
  }
}

/** REX bits for an operand of `size` bytes in register r: W for 8; byte registers 4..7 need an empty REX. */
function sizeRex(size: i32, r: i32): i32 {
  return size === 8 ? Rex.w : size === 1 && r > 3 ? Rex.force : 0;
}
