/**
 * Opcodes of the vector instructions in the packing of `Op` (emit.ts): opcode byte, map, mandatory prefix. The same
 * number serves the legacy form and the VEX form of an instruction. Intel SDM vol. 2.
 */
export const enum V {
  // Moves.
  movups = 0x110,
  movupsStore = 0x111,
  /** Low 8 bytes; a load keeps the upper half. */
  movlps = 0x112,
  movlpsStore = 0x113,
  /** High 8 bytes. */
  movhps = 0x116,
  movhpsStore = 0x117,
  movss = 0xf30110,
  movsd = 0xf20110,
  /** SSE3: the low 8 bytes twice. */
  movddup = 0xf20112,

  // Integers: two operands.
  punpcklbw = 0x660160,
  punpcklwd = 0x660161,
  punpckldq = 0x660162,
  packsswb = 0x660163,
  pcmpgtb = 0x660164,
  pcmpgtw = 0x660165,
  pcmpgtd = 0x660166,
  packuswb = 0x660167,
  punpckhbw = 0x660168,
  punpckhwd = 0x660169,
  punpckhdq = 0x66016a,
  packssdw = 0x66016b,
  punpcklqdq = 0x66016c,
  punpckhqdq = 0x66016d,
  pcmpeqb = 0x660174,
  pcmpeqw = 0x660175,
  pcmpeqd = 0x660176,
  psrlw = 0x6601d1,
  psrld = 0x6601d2,
  psrlq = 0x6601d3,
  paddq = 0x6601d4,
  pmullw = 0x6601d5,
  psubusb = 0x6601d8,
  psubusw = 0x6601d9,
  pminub = 0x6601da,
  pand = 0x6601db,
  paddusb = 0x6601dc,
  paddusw = 0x6601dd,
  pmaxub = 0x6601de,
  /** d = ~d & s. */
  pandn = 0x6601df,
  pavgb = 0x6601e0,
  psraw = 0x6601e1,
  psrad = 0x6601e2,
  pavgw = 0x6601e3,
  pmulhuw = 0x6601e4,
  pmulhw = 0x6601e5,
  psubsb = 0x6601e8,
  psubsw = 0x6601e9,
  pminsw = 0x6601ea,
  por = 0x6601eb,
  paddsb = 0x6601ec,
  paddsw = 0x6601ed,
  pmaxsw = 0x6601ee,
  pxor = 0x6601ef,
  psllw = 0x6601f1,
  pslld = 0x6601f2,
  psllq = 0x6601f3,
  pmuludq = 0x6601f4,
  pmaddwd = 0x6601f5,
  psubb = 0x6601f8,
  psubw = 0x6601f9,
  psubd = 0x6601fa,
  psubq = 0x6601fb,
  paddb = 0x6601fc,
  paddw = 0x6601fd,
  paddd = 0x6601fe,

  // SSSE3, SSE4.1: two operands.
  pshufb = 0x660300,
  pmaddubsw = 0x660304,
  pmulhrsw = 0x66030b,
  pmuldq = 0x660328,
  pcmpeqq = 0x660329,
  packusdw = 0x66032b,
  /** SSE4.2: only together with AVX. */
  pcmpgtq = 0x660337,
  pminsb = 0x660338,
  pminsd = 0x660339,
  pminuw = 0x66033a,
  pminud = 0x66033b,
  pmaxsb = 0x66033c,
  pmaxsd = 0x66033d,
  pmaxuw = 0x66033e,
  pmaxud = 0x66033f,
  pmulld = 0x660340,

  // One operand (VEX form without a second source).
  ptest = 0x660317,
  pabsb = 0x66031c,
  pabsw = 0x66031d,
  pabsd = 0x66031e,
  pmovsxbw = 0x660320,
  pmovsxwd = 0x660323,
  pmovsxdq = 0x660325,
  pmovzxbw = 0x660330,
  pmovzxwd = 0x660333,
  pmovzxdq = 0x660335,
  /** AVX, memory operand only (registers: AVX2). */
  vbroadcastss = 0x660318,
  /** AVX2. */
  vpbroadcastb = 0x660378,
  /** AVX2. */
  vpbroadcastw = 0x660379,

  // One operand and an immediate.
  pshufd = 0x660170,
  pshuflw = 0xf20170,
  pshufhw = 0xf30170,
  roundps = 0x660508,
  roundpd = 0x660509,

  // Two operands and an immediate.
  shufps = 0x1c6,
  cmpps = 0x1c2,
  cmppd = 0x6601c2,
  pblendw = 0x66050e,
  palignr = 0x66050f,
  insertps = 0x660521,
  /** VEX only: a fourth register in the immediate. */
  vpblendvb = 0x66054c,
  vblendvps = 0x66054a,
  vblendvpd = 0x66054b,

  // FMA3, VEX only; VEX.W chooses f64x2. d = a * b + d, d = d - a * b.
  vfmadd231ps = 0x6603b8,
  vfnmadd231ps = 0x6603bc,

  // General register or memory on one side, and an immediate.
  pinsrb = 0x660520,
  pinsrw = 0x6601c4,
  pinsrd = 0x660522,
  pextrb = 0x660514,
  /** Also to memory, unlike the older form in map 0F. */
  pextrw = 0x660515,
  pextrd = 0x660516,
  pmovmskb = 0x6601d7,
  movmskps = 0x150,
  movmskpd = 0x660150,

  // Floats: two operands.
  /** High half of d from the low half of s. */
  movlhps = 0x116,
  andps = 0x154,
  orps = 0x156,
  xorps = 0x157,
  addps = 0x158,
  mulps = 0x159,
  subps = 0x15c,
  minps = 0x15d,
  divps = 0x15e,
  maxps = 0x15f,
  andpd = 0x660154,
  addpd = 0x660158,
  mulpd = 0x660159,
  subpd = 0x66015c,
  minpd = 0x66015d,
  divpd = 0x66015e,
  maxpd = 0x66015f,

  // Floats: one operand.
  sqrtps = 0x151,
  sqrtpd = 0x660151,
  cvtps2pd = 0x15a,
  cvtpd2ps = 0x66015a,
  cvtdq2ps = 0x15b,
  cvttps2dq = 0xf3015b,
  cvtdq2pd = 0xf301e6,
  cvttpd2dq = 0x6601e6,
}

/** Shifts by an immediate: the opcode, and the digit in ModRM.reg from bit 24 on. */
export const enum VShift {
  psrlw = 0x2660171,
  psraw = 0x4660171,
  psllw = 0x6660171,
  psrld = 0x2660172,
  psrad = 0x4660172,
  pslld = 0x6660172,
  psrlq = 0x2660173,
  psllq = 0x6660173,
}

/** Predicates of cmpps, cmppd. */
export const enum CmpPredicate {
  eq = 0,
  lt = 1,
  le = 2,
  unordered = 3,
  neq = 4,
  nlt = 5,
  nle = 6,
  ordered = 7,
}
