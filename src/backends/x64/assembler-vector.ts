import type { CodeBytes } from '../../support/dialect.js';
import { Math } from '../../support/dialect.js';
import { FloatAssembler } from './assembler-float.js';
import type { V, VShift } from './vector-ops.js';

/**
 * 128-bit vectors. The instructions are regular, so each form is one method and the opcode an operand: legacy forms
 * (`sse_`, two operands: d = d op s) and VEX forms (`vex_`, three operands; with one source `a` is 0, which encodes
 * "none"). Suffixes: `x` xmm register, `m` [base + disp], `mx` [base + index + disp] (base or index -1: none),
 * `rip` a position in the code memory, `i` an immediate byte behind. Memory operands of legacy forms must be 16-byte
 * aligned unless the instruction is a move or reads less than 16 bytes.
 */
export class VectorAssembler extends FloatAssembler {
  constructor(memory: CodeBytes, pos: i32 = 0) {
    super(memory, pos);
  }

  sse_xx(op: V, d: i32, s: i32): void {
    this.rr(op, 0, d, s);
  }

  sse_xmx(op: V, d: i32, base: i32, index: i32, disp: i32): void {
    this.rx(op, 0, d, base, index, 0, disp);
  }

  sse_x_rip(op: V, d: i32, target: i32): void {
    this.rrip(op, 0, d, target, 0);
  }

  sse_xxi(op: V, d: i32, s: i32, immediate: i32): void {
    this.rr(op, 0, d, s);
    this.byte(immediate);
  }

  sse_x_ripi(op: V, d: i32, target: i32, immediate: i32): void {
    this.rrip(op, 0, d, target, 1);
    this.byte(immediate);
  }

  /** A memory operand and an immediate: lane loads and stores (`x` is the vector in either case). */
  sse_xmxi(op: V, w: i32, x: i32, base: i32, index: i32, disp: i32, immediate: i32): void {
    this.rx(op, w << 3, x, base, index, 0, disp);
    this.byte(immediate);
  }

  vex_xxx(op: V, d: i32, a: i32, b: i32): void {
    this.vrr(mapOf(op), ppOf(op), 0, op, d, a, b);
  }

  vex_xxm(op: V, d: i32, a: i32, base: i32, disp: i32): void {
    this.vrm(mapOf(op), ppOf(op), 0, op, d, a, base, disp);
  }

  vex_xxmx(op: V, d: i32, a: i32, base: i32, index: i32, disp: i32): void {
    if (index < 0) {
      this.vrm(mapOf(op), ppOf(op), 0, op, d, a, base, disp);
      return;
    }
    this.vex(mapOf(op), ppOf(op), 0, op, d, a, Math.max(base, 0), index);
    this.addressIndexed(d, base, index, 0, disp);
  }

  vex_xx_rip(op: V, d: i32, a: i32, target: i32): void {
    this.#vexRip(op, d, a, target, 0);
  }

  vex_xxmi(op: V, d: i32, a: i32, base: i32, disp: i32, immediate: i32): void {
    this.vrm(mapOf(op), ppOf(op), 0, op, d, a, base, disp);
    this.byte(immediate);
  }

  vex_xxxi(op: V, d: i32, a: i32, b: i32, immediate: i32): void {
    this.vrr(mapOf(op), ppOf(op), 0, op, d, a, b);
    this.byte(immediate);
  }

  vex_xx_ripi(op: V, d: i32, a: i32, target: i32, immediate: i32): void {
    this.#vexRip(op, d, a, target, 1);
    this.byte(immediate);
  }

  #vexRip(op: i32, d: i32, a: i32, target: i32, tail: i32): void {
    this.vex(mapOf(op), ppOf(op), 0, op, d, a, 0, 0);
    this.byte(((d & 7) << 3) | 5);
    this.int32(target - (this.pos + 4 + tail));
  }

  /** vpblendvb, vblendvps, vblendvpd: d = mask ? b : a, by the sign bits of the mask's lanes. */
  vex_xxxx(op: V, d: i32, a: i32, b: i32, mask: i32): void {
    this.vrr(mapOf(op), ppOf(op), 0, op, d, a, b);
    this.byte(mask << 4);
  }

  /** vfmadd231, vfnmadd231: d and a product; `w` is 1 for f64x2. */
  vex_fma(op: V, w: i32, d: i32, a: i32, b: i32): void {
    this.vrr(mapOf(op), ppOf(op), w, op, d, a, b);
  }

  // Shifts by an immediate.

  sse_shift(op: VShift, d: i32, count: i32): void {
    this.rr(op & 0xffffff, 0, op >> 24, d);
    this.byte(count);
  }

  vex_shift(op: VShift, d: i32, s: i32, count: i32): void {
    this.vrr(1, 1, 0, op & 0xff, op >> 24, d, s);
    this.byte(count);
  }

  // Lanes and general registers.

  /** pinsrb, pinsrw, pinsrd (w 1: pinsrq): lane of d = r. */
  pinsr(op: V, w: i32, d: i32, r: i32, lane: i32): void {
    this.rr(op, w << 3, d, r);
    this.byte(lane);
  }

  /** pextrb, pextrw, pextrd (w 1: pextrq): r = lane of s, zero-extended. */
  pextr(op: V, w: i32, r: i32, s: i32, lane: i32): void {
    this.rr(op, w << 3, s, r);
    this.byte(lane);
  }

  /** VEX form of `pinsr`: d = a with lane = r. */
  vpinsr(op: V, w: i32, d: i32, a: i32, r: i32, lane: i32): void {
    this.vrr(mapOf(op), ppOf(op), w, op, d, a, r);
    this.byte(lane);
  }

  /** VEX form of a lane load: d = a with lane = [base + index + disp]. */
  vpinsr_mx(op: V, w: i32, d: i32, a: i32, base: i32, index: i32, disp: i32, lane: i32): void {
    if (index < 0) this.vrm(mapOf(op), ppOf(op), w, op, d, a, base, disp);
    else {
      this.vex(mapOf(op), ppOf(op), w, op, d, a, base, index);
      this.addressIndexed(d, base, index, 0, disp);
    }
    this.byte(lane);
  }

  /** pmovmskb, movmskps, movmskpd: r = sign bits of the lanes. */
  signs(op: V, r: i32, s: i32): void {
    this.rr(op, 0, r, s);
  }
}

/** The mmmmm field: 1, 2, 3 for 0F, 0F 38, 0F 3A (bits 8 to 10 hold 1, 3, 5). */
function mapOf(op: i32): i32 {
  return (((op >> 8) & 7) + 1) >> 1;
}

/** The pp field for the mandatory prefix: none, 66, F3, F2. */
function ppOf(op: i32): i32 {
  const prefix = op >>> 16;
  return prefix === 0 ? 0 : prefix === 0x66 ? 1 : prefix === 0xf3 ? 2 : 3;
}
