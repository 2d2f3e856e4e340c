import type { CodeBytes } from '../../support/dialect.js';
import { IntAssembler } from './assembler-int.js';
import { Op, Rex, VexMap, VexPp } from './emit.js';
import type { Round, SseLogic, SseOp } from './registers.js';

/**
 * Floating point: scalar SSE2, SSE4.1 rounding and the AVX three-operand forms. `f` is 0 for single and 1 for double
 * precision. Legacy (two-operand) instructions keep the upper bits of the destination; `movs_xm` clears them.
 */
export class FloatAssembler extends IntAssembler {
  constructor(memory: CodeBytes, pos: i32 = 0) {
    super(memory, pos);
  }

  // Moves.

  /** movaps d, s: the whole register, whatever f is (movss between registers would merge). */
  movs_xx(_f: i32, d: i32, s: i32): void {
    this.rr(Op.m0f | 0x28, 0, d, s);
  }

  /** movss/movsd d, [m]: the rest of d becomes zero. */
  movs_xm(f: i32, d: i32, base: i32, disp: i32): void {
    this.rm(scalar(f) | 0x10, 0, d, base, disp);
  }

  movs_mx(f: i32, base: i32, disp: i32, s: i32): void {
    this.rm(scalar(f) | 0x11, 0, s, base, disp);
  }

  movs_xm_rip(f: i32, d: i32, target: i32): void {
    this.rrip(scalar(f) | 0x10, 0, d, target, 0);
  }

  movs_mx_rip(f: i32, target: i32, s: i32): void {
    this.rrip(scalar(f) | 0x11, 0, s, target, 0);
  }

  /** 16 bytes, any alignment. */
  movups_xm(d: i32, base: i32, disp: i32): void {
    this.rm(Op.m0f | 0x10, 0, d, base, disp);
  }

  movups_mx(base: i32, disp: i32, s: i32): void {
    this.rm(Op.m0f | 0x11, 0, s, base, disp);
  }

  movups_xm_rip(d: i32, target: i32): void {
    this.rrip(Op.m0f | 0x10, 0, d, target, 0);
  }

  /** 16 bytes; the target must be 16-byte aligned. */
  movaps_xm_rip(d: i32, target: i32): void {
    this.rrip(Op.m0f | 0x28, 0, d, target, 0);
  }

  /** Load from [base + index + disp]. */
  floadx(f: i32, d: i32, base: i32, index: i32, disp: i32): void {
    this.rx(scalar(f) | 0x10, 0, d, base, index, 0, disp);
  }

  /** Store to [base + index + disp]. */
  fstorex(f: i32, base: i32, index: i32, disp: i32, s: i32): void {
    this.rx(scalar(f) | 0x11, 0, s, base, index, 0, disp);
  }

  /** movd/movq xmm, r: the rest of the xmm register becomes zero. */
  movd_xr(w: i32, d: i32, s: i32): void {
    this.rr(Op.p66 | Op.m0f | 0x6e, w << 3, d, s);
  }

  /** movd/movq r, xmm. */
  movd_rx(w: i32, d: i32, s: i32): void {
    this.rr(Op.p66 | Op.m0f | 0x7e, w << 3, s, d);
  }

  // Arithmetic.

  /** addss, subsd, sqrtss ... d op= s (sqrt: d = sqrt(s)). */
  arith_xx(op: SseOp, f: i32, d: i32, s: i32): void {
    this.rr(scalar(f) | op, 0, d, s);
  }

  arith_xm(op: SseOp, f: i32, d: i32, base: i32, disp: i32): void {
    this.rm(scalar(f) | op, 0, d, base, disp);
  }

  /** d op= [base + index + disp]. */
  arith_xmx(op: SseOp, f: i32, d: i32, base: i32, index: i32, disp: i32): void {
    this.rx(scalar(f) | op, 0, d, base, index, 0, disp);
  }

  arith_xm_rip(op: SseOp, f: i32, d: i32, target: i32): void {
    this.rrip(scalar(f) | op, 0, d, target, 0);
  }

  /** AVX: d = a op b; bits above the scalar come from a. sqrt: d = sqrt(b). */
  varith_xxx(op: SseOp, f: i32, d: i32, a: i32, b: i32): void {
    this.vrr(VexMap.m0f, f !== 0 ? VexPp.pf2 : VexPp.pf3, 0, op, d, a, b);
  }

  /** AVX: d = a op [base + disp]. */
  varith_xxm(op: SseOp, f: i32, d: i32, a: i32, base: i32, disp: i32): void {
    this.vrm(VexMap.m0f, f !== 0 ? VexPp.pf2 : VexPp.pf3, 0, op, d, a, base, disp);
  }

  /** Sets Z, P, C: unordered 111, greater 000, less 001, equal 100. */
  ucomis_xx(f: i32, a: i32, b: i32): void {
    this.rr((f !== 0 ? Op.p66 : 0) | Op.m0f | 0x2e, 0, a, b);
  }

  ucomis_xm(f: i32, a: i32, base: i32, disp: i32): void {
    this.rm((f !== 0 ? Op.p66 : 0) | Op.m0f | 0x2e, 0, a, base, disp);
  }

  ucomis_xm_rip(f: i32, a: i32, target: i32): void {
    this.rrip((f !== 0 ? Op.p66 : 0) | Op.m0f | 0x2e, 0, a, target, 0);
  }

  /** cmpss/cmpsd: d = all ones or zero. Predicate 0 eq, 1 lt, 2 le, 3 unordered, 4 neq, 5 nlt, 6 nle, 7 ordered. */
  cmps_xx(f: i32, d: i32, s: i32, predicate: i32): void {
    this.rr(scalar(f) | 0xc2, 0, d, s);
    this.byte(predicate);
  }

  /** roundss/roundsd (SSE4.1). */
  round_xx(f: i32, d: i32, s: i32, mode: Round): void {
    this.rr(Op.p66 | Op.m3a | (f !== 0 ? 0x0b : 0x0a), 0, d, s);
    this.byte(mode);
  }

  /** AVX vroundss/vroundsd: d = round(b), the bits above the scalar from a. */
  vround_xxx(f: i32, d: i32, a: i32, b: i32, mode: Round): void {
    this.vrr(VexMap.m3a, VexPp.p66, 0, f !== 0 ? 0x0b : 0x0a, d, a, b);
    this.byte(mode);
  }

  // Bits. All of them work on the whole register.

  /** andps, andnps, orps, xorps. */
  logic_xx(op: SseLogic, d: i32, s: i32): void {
    this.rr(Op.m0f | op, 0, d, s);
  }

  /** The memory operand must be 16-byte aligned. */
  logic_xm(op: SseLogic, d: i32, base: i32, disp: i32): void {
    this.rm(Op.m0f | op, 0, d, base, disp);
  }

  /** The memory operand must be 16-byte aligned. */
  logic_xm_rip(op: SseLogic, d: i32, target: i32): void {
    this.rrip(Op.m0f | op, 0, d, target, 0);
  }

  /** AVX: d = a op b. */
  vlogic_xxx(op: SseLogic, d: i32, a: i32, b: i32): void {
    this.vrr(VexMap.m0f, VexPp.none, 0, op, d, a, b);
  }

  andp_xx(d: i32, s: i32): void {
    this.rr(Op.m0f | 0x54, 0, d, s);
  }

  /** d = ~d & s. */
  andnp_xx(d: i32, s: i32): void {
    this.rr(Op.m0f | 0x55, 0, d, s);
  }

  orp_xx(d: i32, s: i32): void {
    this.rr(Op.m0f | 0x56, 0, d, s);
  }

  xorp_xx(d: i32, s: i32): void {
    this.rr(Op.m0f | 0x57, 0, d, s);
  }

  pand_xx(d: i32, s: i32): void {
    this.rr(Op.p66 | Op.m0f | 0xdb, 0, d, s);
  }

  /** d = ~d & s. */
  pandn_xx(d: i32, s: i32): void {
    this.rr(Op.p66 | Op.m0f | 0xdf, 0, d, s);
  }

  por_xx(d: i32, s: i32): void {
    this.rr(Op.p66 | Op.m0f | 0xeb, 0, d, s);
  }

  pxor_xx(d: i32, s: i32): void {
    this.rr(Op.p66 | Op.m0f | 0xef, 0, d, s);
  }

  /** With d = s: all ones. */
  pcmpeqd_xx(d: i32, s: i32): void {
    this.rr(Op.p66 | Op.m0f | 0x76, 0, d, s);
  }

  psrld_i(d: i32, count: i32): void {
    this.rr(Op.p66 | Op.m0f | 0x72, 0, 2, d);
    this.byte(count);
  }

  pslld_i(d: i32, count: i32): void {
    this.rr(Op.p66 | Op.m0f | 0x72, 0, 6, d);
    this.byte(count);
  }

  psrlq_i(d: i32, count: i32): void {
    this.rr(Op.p66 | Op.m0f | 0x73, 0, 2, d);
    this.byte(count);
  }

  psllq_i(d: i32, count: i32): void {
    this.rr(Op.p66 | Op.m0f | 0x73, 0, 6, d);
    this.byte(count);
  }

  /** movmskps/movmskpd: the sign bits of the lanes, in a general register. */
  movmsk(f: i32, d: i32, s: i32): void {
    this.rr((f !== 0 ? Op.p66 : 0) | Op.m0f | 0x50, 0, d, s);
  }

  // Conversions.

  cvt_ss2sd(d: i32, s: i32): void {
    this.rr(Op.pf3 | Op.m0f | 0x5a, 0, d, s);
  }

  cvt_sd2ss(d: i32, s: i32): void {
    this.rr(Op.pf2 | Op.m0f | 0x5a, 0, d, s);
  }

  /** Signed integer to float. Merges into d: clear d first (`xorp_xx`) to break the dependency. */
  cvt_si2s(f: i32, w: i32, d: i32, s: i32): void {
    this.rr(scalar(f) | 0x2a, w << 3, d, s);
  }

  cvt_si2s_m(f: i32, w: i32, d: i32, base: i32, disp: i32): void {
    this.rm(scalar(f) | 0x2a, w << 3, d, base, disp);
  }

  /** Float to signed integer, truncating; 80000000 (00000000) if it is NaN or out of range. */
  cvtt_s2si(f: i32, w: i32, d: i32, s: i32): void {
    this.rr(scalar(f) | 0x2c, w << 3, d, s);
  }

  /** ldmxcsr [m]. */
  ldmxcsr(base: i32, disp: i32): void {
    this.rm(Op.m0f | 0xae, Rex.none, 2, base, disp);
  }

  /** stmxcsr [m]. */
  stmxcsr(base: i32, disp: i32): void {
    this.rm(Op.m0f | 0xae, Rex.none, 3, base, disp);
  }
}

/** Prefix and map of the scalar instructions: F3 0F for single, F2 0F for double precision. */
function scalar(f: i32): i32 {
  return f !== 0 ? Op.pf2 | Op.m0f : Op.pf3 | Op.m0f;
}
