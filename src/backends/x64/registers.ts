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

/** Operand width of an integer instruction. */
export const enum Width {
  w32 = 0,
  w64 = 1,
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
