/** Register numbers, condition codes and instruction selectors of x86-64, as encoded (Intel SDM vol. 2, ch. 2 and B.1). */

export const enum Reg {
  rax = 0,
  rcx = 1,
  rdx = 2,
  rbx = 3,
  rsp = 4,
  rbp = 5,
  rsi = 6,
  rdi = 7,
  r8 = 8,
  r9 = 9,
  r10 = 10,
  r11 = 11,
  r12 = 12,
  r13 = 13,
  r14 = 14,
  r15 = 15,
}

/** The eight classic ALU operations; the value is the /digit of the 81 group. */
export const enum Alu {
  add = 0,
  or = 1,
  adc = 2,
  sbb = 3,
  and = 4,
  sub = 5,
  xor = 6,
  cmp = 7,
}

/** Shift and rotate operations; the value is the /digit of the C1/D3 group. */
export const enum Shift {
  rol = 0,
  ror = 1,
  shl = 4,
  shr = 5,
  sar = 7,
}

/** Condition codes as encoded in Jcc, SETcc, CMOVcc. `cc ^ 1` is the negation. */
export const enum Cc {
  o = 0,
  no = 1,
  b = 2,
  ae = 3,
  e = 4,
  ne = 5,
  be = 6,
  a = 7,
  s = 8,
  ns = 9,
  p = 10,
  np = 11,
  l = 12,
  ge = 13,
  le = 14,
  g = 15,
}

/**
 * What a load from memory reads, and to which width it extends. The value is the encoding itself
 * (see `Op` in emit.ts): opcode, opcode map, and REX.W in bit 11.
 */
export const enum LoadKind {
  /** movzx r32, m8 */
  u8_32 = 0x1b6,
  /** movsx r32, m8 */
  s8_32 = 0x1be,
  /** movzx r32, m16 */
  u16_32 = 0x1b7,
  /** movsx r32, m16 */
  s16_32 = 0x1bf,
  /** mov r32, m32 (zero-extends to 64 bits) */
  u32 = 0x08b,
  /** movsx r64, m8 */
  s8_64 = 0x9be,
  /** movsx r64, m16 */
  s16_64 = 0x9bf,
  /** movsxd r64, m32 */
  s32_64 = 0x863,
  /** mov r64, m64 */
  u64 = 0x88b,
}

/** Scalar SSE arithmetic; the value is the opcode in map 0F. */
export const enum SseOp {
  sqrt = 0x51,
  add = 0x58,
  mul = 0x59,
  sub = 0x5c,
  min = 0x5d,
  div = 0x5e,
  max = 0x5f,
}

/** Bitwise operations on whole xmm registers; the value is the opcode in map 0F. */
export const enum SseLogic {
  and = 0x54,
  /** d = ~d & s */
  andn = 0x55,
  or = 0x56,
  xor = 0x57,
}

/** Rounding mode of ROUNDSS/ROUNDSD, with the precision exception suppressed. */
export const enum Round {
  nearest = 8,
  floor = 9,
  ceil = 10,
  trunc = 11,
}

/** Bit test operations; the value is the /digit of 0F BA. */
export const enum BitOp {
  bt = 4,
  bts = 5,
  btr = 6,
  btc = 7,
}
