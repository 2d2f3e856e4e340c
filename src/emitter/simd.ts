import { Round } from '../backends/x64/registers.js';
import { CmpPredicate, V, VShift } from '../backends/x64/vector-ops.js';
import type { EmitContext } from './context.js';
import * as convert from './simd-convert.js';
import * as float from './simd-float.js';
import * as int from './simd-int.js';
import * as lanes from './simd-lanes.js';
import * as memory from './simd-memory.js';
import { binary, binarySwapped, unary, unaryImmediate } from './simd-shapes.js';
import { shuffle } from './simd-shuffle.js';

// The opcodes behind the prefix 0xfd, each with the code it becomes. `binary(c, V.paddb, true)` is one instruction:
// paddb, whose operands can be exchanged; where several instructions are needed, a function by that name has them.

export function v128Const(c: EmitContext, l0: number, l1: number, l2: number, l3: number): void {
  c.pushVector(l0, l1, l2, l3);
}

/** i8x16.shuffle: four lanes in each number. */
export function simdShuffle(c: EmitContext, l0: number, l1: number, l2: number, l3: number): void {
  shuffle(c, l0, l1, l2, l3);
}

/** All opcodes without immediates. */
export function simd(c: EmitContext, opcode: number): void {
  switch (opcode) {
    case 14: // i8x16.swizzle
      return lanes.swizzle(c);
    case 15: // i8x16.splat
      return lanes.splat8(c);
    case 16: // i16x8.splat
      return lanes.splat16(c);
    case 17: // i32x4.splat
      return lanes.splat32(c);
    case 18: // i64x2.splat
      return lanes.splat64(c);
    case 19: // f32x4.splat
      return lanes.splatF32(c);
    case 20: // f64x2.splat
      return lanes.splatF64(c);
    case 35: // i8x16.eq
      return binary(c, V.pcmpeqb, true);
    case 36: // i8x16.ne
      return int.notEqual(c, V.pcmpeqb);
    case 37: // i8x16.lt_s
      return binarySwapped(c, V.pcmpgtb);
    case 38: // i8x16.lt_u
      return int.compareBy(c, V.pmaxub, V.pcmpeqb, true);
    case 39: // i8x16.gt_s
      return binary(c, V.pcmpgtb, false);
    case 40: // i8x16.gt_u
      return int.compareBy(c, V.pminub, V.pcmpeqb, true);
    case 41: // i8x16.le_s
      return int.compareBy(c, V.pminsb, V.pcmpeqb, false);
    case 42: // i8x16.le_u
      return int.compareBy(c, V.pminub, V.pcmpeqb, false);
    case 43: // i8x16.ge_s
      return int.compareBy(c, V.pmaxsb, V.pcmpeqb, false);
    case 44: // i8x16.ge_u
      return int.compareBy(c, V.pmaxub, V.pcmpeqb, false);
    case 45: // i16x8.eq
      return binary(c, V.pcmpeqw, true);
    case 46: // i16x8.ne
      return int.notEqual(c, V.pcmpeqw);
    case 47: // i16x8.lt_s
      return binarySwapped(c, V.pcmpgtw);
    case 48: // i16x8.lt_u
      return int.compareBy(c, V.pmaxuw, V.pcmpeqw, true);
    case 49: // i16x8.gt_s
      return binary(c, V.pcmpgtw, false);
    case 50: // i16x8.gt_u
      return int.compareBy(c, V.pminuw, V.pcmpeqw, true);
    case 51: // i16x8.le_s
      return int.compareBy(c, V.pminsw, V.pcmpeqw, false);
    case 52: // i16x8.le_u
      return int.compareBy(c, V.pminuw, V.pcmpeqw, false);
    case 53: // i16x8.ge_s
      return int.compareBy(c, V.pmaxsw, V.pcmpeqw, false);
    case 54: // i16x8.ge_u
      return int.compareBy(c, V.pmaxuw, V.pcmpeqw, false);
    case 55: // i32x4.eq
      return binary(c, V.pcmpeqd, true);
    case 56: // i32x4.ne
      return int.notEqual(c, V.pcmpeqd);
    case 57: // i32x4.lt_s
      return binarySwapped(c, V.pcmpgtd);
    case 58: // i32x4.lt_u
      return int.compareBy(c, V.pmaxud, V.pcmpeqd, true);
    case 59: // i32x4.gt_s
      return binary(c, V.pcmpgtd, false);
    case 60: // i32x4.gt_u
      return int.compareBy(c, V.pminud, V.pcmpeqd, true);
    case 61: // i32x4.le_s
      return int.compareBy(c, V.pminsd, V.pcmpeqd, false);
    case 62: // i32x4.le_u
      return int.compareBy(c, V.pminud, V.pcmpeqd, false);
    case 63: // i32x4.ge_s
      return int.compareBy(c, V.pmaxsd, V.pcmpeqd, false);
    case 64: // i32x4.ge_u
      return int.compareBy(c, V.pmaxud, V.pcmpeqd, false);
    case 65: // f32x4.eq
      return float.compare(c, 0, CmpPredicate.eq);
    case 66: // f32x4.ne
      return float.compare(c, 0, CmpPredicate.neq);
    case 67: // f32x4.lt
      return float.compare(c, 0, CmpPredicate.lt);
    case 68: // f32x4.gt
      return float.compareSwapped(c, 0, CmpPredicate.lt);
    case 69: // f32x4.le
      return float.compare(c, 0, CmpPredicate.le);
    case 70: // f32x4.ge
      return float.compareSwapped(c, 0, CmpPredicate.le);
    case 71: // f64x2.eq
      return float.compare(c, 1, CmpPredicate.eq);
    case 72: // f64x2.ne
      return float.compare(c, 1, CmpPredicate.neq);
    case 73: // f64x2.lt
      return float.compare(c, 1, CmpPredicate.lt);
    case 74: // f64x2.gt
      return float.compareSwapped(c, 1, CmpPredicate.lt);
    case 75: // f64x2.le
      return float.compare(c, 1, CmpPredicate.le);
    case 76: // f64x2.ge
      return float.compareSwapped(c, 1, CmpPredicate.le);
    case 77: // v128.not
      return int.not(c);
    case 78: // v128.and
      return binary(c, V.pand, true);
    case 79: // v128.andnot
      return binarySwapped(c, V.pandn);
    case 80: // v128.or
      return binary(c, V.por, true);
    case 81: // v128.xor
      return binary(c, V.pxor, true);
    case 82: // v128.bitselect
      return int.bitselect(c);
    case 83: // v128.any_true
      return int.anyTrue(c);
    case 94: // f32x4.demote_f64x2_zero
      return unary(c, V.cvtpd2ps);
    case 95: // f64x2.promote_low_f32x4
      return unary(c, V.cvtps2pd);
    case 96: // i8x16.abs
      return unary(c, V.pabsb);
    case 97: // i8x16.neg
      return int.negate(c, V.psubb);
    case 98: // i8x16.popcnt
      return int.popcnt(c);
    case 99: // i8x16.all_true
      return int.allTrue(c, V.pcmpeqb);
    case 100: // i8x16.bitmask
      return int.bitmask(c, V.pmovmskb);
    case 101: // i8x16.narrow_i16x8_s
      return binary(c, V.packsswb, false);
    case 102: // i8x16.narrow_i16x8_u
      return binary(c, V.packuswb, false);
    case 103: // f32x4.ceil
      return unaryImmediate(c, V.roundps, Round.ceil);
    case 104: // f32x4.floor
      return unaryImmediate(c, V.roundps, Round.floor);
    case 105: // f32x4.trunc
      return unaryImmediate(c, V.roundps, Round.trunc);
    case 106: // f32x4.nearest
      return unaryImmediate(c, V.roundps, Round.nearest);
    case 107: // i8x16.shl
      return int.shift8(c, true);
    case 108: // i8x16.shr_s
      return int.shiftRight8Signed(c);
    case 109: // i8x16.shr_u
      return int.shift8(c, false);
    case 110: // i8x16.add
      return binary(c, V.paddb, true);
    case 111: // i8x16.add_sat_s
      return binary(c, V.paddsb, true);
    case 112: // i8x16.add_sat_u
      return binary(c, V.paddusb, true);
    case 113: // i8x16.sub
      return binary(c, V.psubb, false);
    case 114: // i8x16.sub_sat_s
      return binary(c, V.psubsb, false);
    case 115: // i8x16.sub_sat_u
      return binary(c, V.psubusb, false);
    case 116: // f64x2.ceil
      return unaryImmediate(c, V.roundpd, Round.ceil);
    case 117: // f64x2.floor
      return unaryImmediate(c, V.roundpd, Round.floor);
    case 118: // i8x16.min_s
      return binary(c, V.pminsb, true);
    case 119: // i8x16.min_u
      return binary(c, V.pminub, true);
    case 120: // i8x16.max_s
      return binary(c, V.pmaxsb, true);
    case 121: // i8x16.max_u
      return binary(c, V.pmaxub, true);
    case 122: // f64x2.trunc
      return unaryImmediate(c, V.roundpd, Round.trunc);
    case 123: // i8x16.avgr_u
      return binary(c, V.pavgb, true);
    case 124: // i16x8.extadd_pairwise_i8x16_s
      return int.pairwiseAdd8Signed(c);
    case 125: // i16x8.extadd_pairwise_i8x16_u
      return int.pairwiseAdd8Unsigned(c);
    case 126: // i32x4.extadd_pairwise_i16x8_s
      return int.pairwiseAdd16Signed(c);
    case 127: // i32x4.extadd_pairwise_i16x8_u
      return int.pairwiseAdd16Unsigned(c);
    case 128: // i16x8.abs
      return unary(c, V.pabsw);
    case 129: // i16x8.neg
      return int.negate(c, V.psubw);
    case 130: // i16x8.q15mulr_sat_s
      return int.q15Mul(c);
    case 131: // i16x8.all_true
      return int.allTrue(c, V.pcmpeqw);
    case 132: // i16x8.bitmask
      return int.bitmask16(c);
    case 133: // i16x8.narrow_i32x4_s
      return binary(c, V.packssdw, false);
    case 134: // i16x8.narrow_i32x4_u
      return binary(c, V.packusdw, false);
    case 135: // i16x8.extend_low_i8x16_s
      return unary(c, V.pmovsxbw);
    case 136: // i16x8.extend_high_i8x16_s
      return int.extendHighSigned(c, V.pmovsxbw);
    case 137: // i16x8.extend_low_i8x16_u
      return unary(c, V.pmovzxbw);
    case 138: // i16x8.extend_high_i8x16_u
      return int.extendHighUnsigned(c, V.punpckhbw);
    case 139: // i16x8.shl
      return int.shift(c, V.psllw, VShift.psllw, 16);
    case 140: // i16x8.shr_s
      return int.shift(c, V.psraw, VShift.psraw, 16);
    case 141: // i16x8.shr_u
      return int.shift(c, V.psrlw, VShift.psrlw, 16);
    case 142: // i16x8.add
      return binary(c, V.paddw, true);
    case 143: // i16x8.add_sat_s
      return binary(c, V.paddsw, true);
    case 144: // i16x8.add_sat_u
      return binary(c, V.paddusw, true);
    case 145: // i16x8.sub
      return binary(c, V.psubw, false);
    case 146: // i16x8.sub_sat_s
      return binary(c, V.psubsw, false);
    case 147: // i16x8.sub_sat_u
      return binary(c, V.psubusw, false);
    case 148: // f64x2.nearest
      return unaryImmediate(c, V.roundpd, Round.nearest);
    case 149: // i16x8.mul
      return binary(c, V.pmullw, true);
    case 150: // i16x8.min_s
      return binary(c, V.pminsw, true);
    case 151: // i16x8.min_u
      return binary(c, V.pminuw, true);
    case 152: // i16x8.max_s
      return binary(c, V.pmaxsw, true);
    case 153: // i16x8.max_u
      return binary(c, V.pmaxuw, true);
    case 155: // i16x8.avgr_u
      return binary(c, V.pavgw, true);
    case 156: // i16x8.extmul_low_i8x16_s
      return int.extendedMul8(c, V.pmovsxbw, false);
    case 157: // i16x8.extmul_high_i8x16_s
      return int.extendedMul8(c, V.pmovsxbw, true);
    case 158: // i16x8.extmul_low_i8x16_u
      return int.extendedMul8(c, V.pmovzxbw, false);
    case 159: // i16x8.extmul_high_i8x16_u
      return int.extendedMul8(c, V.pmovzxbw, true);
    case 160: // i32x4.abs
      return unary(c, V.pabsd);
    case 161: // i32x4.neg
      return int.negate(c, V.psubd);
    case 163: // i32x4.all_true
      return int.allTrue(c, V.pcmpeqd);
    case 164: // i32x4.bitmask
      return int.bitmask(c, V.movmskps);
    case 167: // i32x4.extend_low_i16x8_s
      return unary(c, V.pmovsxwd);
    case 168: // i32x4.extend_high_i16x8_s
      return int.extendHighSigned(c, V.pmovsxwd);
    case 169: // i32x4.extend_low_i16x8_u
      return unary(c, V.pmovzxwd);
    case 170: // i32x4.extend_high_i16x8_u
      return int.extendHighUnsigned(c, V.punpckhwd);
    case 171: // i32x4.shl
      return int.shift(c, V.pslld, VShift.pslld, 32);
    case 172: // i32x4.shr_s
      return int.shift(c, V.psrad, VShift.psrad, 32);
    case 173: // i32x4.shr_u
      return int.shift(c, V.psrld, VShift.psrld, 32);
    case 174: // i32x4.add
      return binary(c, V.paddd, true);
    case 177: // i32x4.sub
      return binary(c, V.psubd, false);
    case 181: // i32x4.mul
      return binary(c, V.pmulld, true);
    case 182: // i32x4.min_s
      return binary(c, V.pminsd, true);
    case 183: // i32x4.min_u
      return binary(c, V.pminud, true);
    case 184: // i32x4.max_s
      return binary(c, V.pmaxsd, true);
    case 185: // i32x4.max_u
      return binary(c, V.pmaxud, true);
    case 186: // i32x4.dot_i16x8_s
      return binary(c, V.pmaddwd, true);
    case 188: // i32x4.extmul_low_i16x8_s
      return int.extendedMul16(c, V.pmulhw, V.punpcklwd);
    case 189: // i32x4.extmul_high_i16x8_s
      return int.extendedMul16(c, V.pmulhw, V.punpckhwd);
    case 190: // i32x4.extmul_low_i16x8_u
      return int.extendedMul16(c, V.pmulhuw, V.punpcklwd);
    case 191: // i32x4.extmul_high_i16x8_u
      return int.extendedMul16(c, V.pmulhuw, V.punpckhwd);
    case 192: // i64x2.abs
      return int.abs64(c);
    case 193: // i64x2.neg
      return int.negate(c, V.psubq);
    case 195: // i64x2.all_true
      return int.allTrue(c, V.pcmpeqq);
    case 196: // i64x2.bitmask
      return int.bitmask(c, V.movmskpd);
    case 199: // i64x2.extend_low_i32x4_s
      return unary(c, V.pmovsxdq);
    case 200: // i64x2.extend_high_i32x4_s
      return int.extendHighSigned(c, V.pmovsxdq);
    case 201: // i64x2.extend_low_i32x4_u
      return unary(c, V.pmovzxdq);
    case 202: // i64x2.extend_high_i32x4_u
      return int.extendHighUnsigned(c, V.punpckhdq);
    case 203: // i64x2.shl
      return int.shift(c, V.psllq, VShift.psllq, 64);
    case 204: // i64x2.shr_s
      return int.shiftRight64Signed(c);
    case 205: // i64x2.shr_u
      return int.shift(c, V.psrlq, VShift.psrlq, 64);
    case 206: // i64x2.add
      return binary(c, V.paddq, true);
    case 209: // i64x2.sub
      return binary(c, V.psubq, false);
    case 213: // i64x2.mul
      return int.mul64(c);
    case 214: // i64x2.eq
      return binary(c, V.pcmpeqq, true);
    case 215: // i64x2.ne
      return int.notEqual(c, V.pcmpeqq);
    case 216: // i64x2.lt_s
      return int.compare64(c, true, false);
    case 217: // i64x2.gt_s
      return int.compare64(c, false, false);
    case 218: // i64x2.le_s
      return int.compare64(c, false, true);
    case 219: // i64x2.ge_s
      return int.compare64(c, true, true);
    case 220: // i64x2.extmul_low_i32x4_s
      return int.extendedMul32(c, V.pmuldq, 0x50);
    case 221: // i64x2.extmul_high_i32x4_s
      return int.extendedMul32(c, V.pmuldq, 0xfa);
    case 222: // i64x2.extmul_low_i32x4_u
      return int.extendedMul32(c, V.pmuludq, 0x50);
    case 223: // i64x2.extmul_high_i32x4_u
      return int.extendedMul32(c, V.pmuludq, 0xfa);
    case 224: // f32x4.abs
      return float.abs(c, 0);
    case 225: // f32x4.neg
      return float.neg(c, 0);
    case 227: // f32x4.sqrt
      return unary(c, V.sqrtps);
    case 228: // f32x4.add
      return binary(c, V.addps, true);
    case 229: // f32x4.sub
      return binary(c, V.subps, false);
    case 230: // f32x4.mul
      return binary(c, V.mulps, true);
    case 231: // f32x4.div
      return binary(c, V.divps, false);
    case 232: // f32x4.min
      return float.minMax(c, 0, V.minps, V.orps);
    case 233: // f32x4.max
      return float.minMax(c, 0, V.maxps, V.andps);
    case 234: // f32x4.pmin
      return binarySwapped(c, V.minps);
    case 235: // f32x4.pmax
      return binarySwapped(c, V.maxps);
    case 236: // f64x2.abs
      return float.abs(c, 1);
    case 237: // f64x2.neg
      return float.neg(c, 1);
    case 239: // f64x2.sqrt
      return unary(c, V.sqrtpd);
    case 240: // f64x2.add
      return binary(c, V.addpd, true);
    case 241: // f64x2.sub
      return binary(c, V.subpd, false);
    case 242: // f64x2.mul
      return binary(c, V.mulpd, true);
    case 243: // f64x2.div
      return binary(c, V.divpd, false);
    case 244: // f64x2.min
      return float.minMax(c, 1, V.minpd, V.orps);
    case 245: // f64x2.max
      return float.minMax(c, 1, V.maxpd, V.andps);
    case 246: // f64x2.pmin
      return binarySwapped(c, V.minpd);
    case 247: // f64x2.pmax
      return binarySwapped(c, V.maxpd);
    case 248: // i32x4.trunc_sat_f32x4_s
      return convert.truncate32Signed(c);
    case 249: // i32x4.trunc_sat_f32x4_u
      return convert.truncate32Unsigned(c);
    case 250: // f32x4.convert_i32x4_s
      return unary(c, V.cvtdq2ps);
    case 251: // f32x4.convert_i32x4_u
      return convert.convert32Unsigned(c);
    case 252: // i32x4.trunc_sat_f64x2_s_zero
      return convert.truncate64Signed(c);
    case 253: // i32x4.trunc_sat_f64x2_u_zero
      return convert.truncate64Unsigned(c);
    case 254: // f64x2.convert_low_i32x4_s
      return unary(c, V.cvtdq2pd);
    case 255: // f64x2.convert_low_i32x4_u
      return convert.convertLow32Unsigned(c);
    default:
      throw noCode(opcode);
  }
}

/** Opcodes with a lane. */
export function simdLane(c: EmitContext, opcode: number, lane: number): void {
  switch (opcode) {
    case 21: // i8x16.extract_lane_s
      return lanes.extract(c, 1, lane, true);
    case 22: // i8x16.extract_lane_u
      return lanes.extract(c, 1, lane, false);
    case 23: // i8x16.replace_lane
      return lanes.replace(c, V.pinsrb, 0, lane);
    case 24: // i16x8.extract_lane_s
      return lanes.extract(c, 2, lane, true);
    case 25: // i16x8.extract_lane_u
      return lanes.extract(c, 2, lane, false);
    case 26: // i16x8.replace_lane
      return lanes.replace(c, V.pinsrw, 0, lane);
    case 27: // i32x4.extract_lane
      return lanes.extract(c, 4, lane, false);
    case 28: // i32x4.replace_lane
      return lanes.replace(c, V.pinsrd, 0, lane);
    case 29: // i64x2.extract_lane
      return lanes.extract(c, 8, lane, false);
    case 30: // i64x2.replace_lane
      return lanes.replace(c, V.pinsrd, 1, lane);
    case 31: // f32x4.extract_lane
      return lanes.extractFloat(c, 0, lane);
    case 32: // f32x4.replace_lane
      return lanes.replaceF32(c, lane);
    case 33: // f64x2.extract_lane
      return lanes.extractFloat(c, 1, lane);
    case 34: // f64x2.replace_lane
      return lanes.replaceF64(c, lane);
    default:
      throw noCode(opcode);
  }
}

/** Loads of a whole vector. `offset` is an unsigned 32-bit number. */
export function simdLoad(c: EmitContext, opcode: number, offset: number): void {
  switch (opcode) {
    case 0: // v128.load
      return memory.load(c, V.movups, 16, offset);
    case 1: // v128.load8x8_s
      return memory.load(c, V.pmovsxbw, 8, offset);
    case 2: // v128.load8x8_u
      return memory.load(c, V.pmovzxbw, 8, offset);
    case 3: // v128.load16x4_s
      return memory.load(c, V.pmovsxwd, 8, offset);
    case 4: // v128.load16x4_u
      return memory.load(c, V.pmovzxwd, 8, offset);
    case 5: // v128.load32x2_s
      return memory.load(c, V.pmovsxdq, 8, offset);
    case 6: // v128.load32x2_u
      return memory.load(c, V.pmovzxdq, 8, offset);
    case 7: // v128.load8_splat
      return memory.loadSplat8(c, offset);
    case 8: // v128.load16_splat
      return memory.loadSplat16(c, offset);
    case 9: // v128.load32_splat
      return memory.loadSplat32(c, offset);
    case 10: // v128.load64_splat
      return memory.load(c, V.movddup, 8, offset);
    case 92: // v128.load32_zero
      return memory.load(c, V.movss, 4, offset);
    case 93: // v128.load64_zero
      return memory.load(c, V.movsd, 8, offset);
    default:
      throw noCode(opcode);
  }
}

/** v128.store. */
export function simdStore(c: EmitContext, _opcode: number, offset: number): void {
  memory.store(c, offset);
}

/** Loads of one lane. */
export function simdLoadLane(c: EmitContext, opcode: number, offset: number, lane: number): void {
  switch (opcode) {
    case 84: // v128.load8_lane
      return memory.loadLane(c, V.pinsrb, 1, offset, lane);
    case 85: // v128.load16_lane
      return memory.loadLane(c, V.pinsrw, 2, offset, lane);
    case 86: // v128.load32_lane
      return memory.loadLane(c, V.pinsrd, 4, offset, lane);
    case 87: // v128.load64_lane
      return memory.loadLane64(c, offset, lane);
    default:
      throw noCode(opcode);
  }
}

/** Stores of one lane. */
export function simdStoreLane(c: EmitContext, opcode: number, offset: number, lane: number): void {
  switch (opcode) {
    case 88: // v128.store8_lane
      return memory.storeLane(c, V.pextrb, 1, offset, lane);
    case 89: // v128.store16_lane
      return memory.storeLane(c, V.pextrw, 2, offset, lane);
    case 90: // v128.store32_lane
      return memory.storeLane(c, V.pextrd, 4, offset, lane);
    case 91: // v128.store64_lane
      return memory.storeLane64(c, offset, lane);
    default:
      throw noCode(opcode);
  }
}

function noCode(opcode: number): Error {
  return new Error(`internal error: vector opcode ${opcode} has no code`);
}
