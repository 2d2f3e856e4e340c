import { Round } from '../../backends/x64/registers.js';
import { CmpPredicate, V, VShift } from '../../backends/x64/vector-ops.js';
import { Op } from '../../stream/op.js';
import type { EmitContext } from '../context.js';
import * as convert from './convert.js';
import * as float from './float.js';
import * as int from './int.js';
import * as lanes from './lanes.js';
import * as memory from './memory.js';
import { relaxed } from './relaxed.js';
import { binary, binarySwapped, unary, unaryImmediate } from './shapes.js';
import { shuffle } from './shuffle.js';

// The opcodes behind the prefix 0xfd, each with the code it becomes. `binary(c, V.paddb, true)` is one instruction:
// paddb, whose operands can be exchanged; where several instructions are needed, a function by that name has them.

/** v128.const */
export function v128Const(c: EmitContext, l0: i32, l1: i32, l2: i32, l3: i32): void {
  c.pushVector(l0, l1, l2, l3);
}

/** i8x16.shuffle: four lanes in each number. */
export function simdShuffle(c: EmitContext, l0: i32, l1: i32, l2: i32, l3: i32): void {
  shuffle(c, l0, l1, l2, l3);
}

/** All opcodes without immediates. */
export function simd(c: EmitContext, opcode: i32): void {
  if (opcode > Op.f64x2ConvertLowI32x4U) {
    relaxed(c, opcode);
    return;
  }
  switch (opcode) {
    case Op.i8x16Swizzle:
      return lanes.swizzle(c);
    case Op.i8x16Splat:
      return lanes.splat8(c);
    case Op.i16x8Splat:
      return lanes.splat16(c);
    case Op.i32x4Splat:
      return lanes.splat32(c);
    case Op.i64x2Splat:
      return lanes.splat64(c);
    case Op.f32x4Splat:
      return lanes.splatF32(c);
    case Op.f64x2Splat:
      return lanes.splatF64(c);
    case Op.i8x16Eq:
      return binary(c, V.pcmpeqb, true);
    case Op.i8x16Ne:
      return int.notEqual(c, V.pcmpeqb);
    case Op.i8x16LtS:
      return binarySwapped(c, V.pcmpgtb);
    case Op.i8x16LtU:
      return int.compareBy(c, V.pmaxub, V.pcmpeqb, true);
    case Op.i8x16GtS:
      return binary(c, V.pcmpgtb, false);
    case Op.i8x16GtU:
      return int.compareBy(c, V.pminub, V.pcmpeqb, true);
    case Op.i8x16LeS:
      return int.compareBy(c, V.pminsb, V.pcmpeqb, false);
    case Op.i8x16LeU:
      return int.compareBy(c, V.pminub, V.pcmpeqb, false);
    case Op.i8x16GeS:
      return int.compareBy(c, V.pmaxsb, V.pcmpeqb, false);
    case Op.i8x16GeU:
      return int.compareBy(c, V.pmaxub, V.pcmpeqb, false);
    case Op.i16x8Eq:
      return binary(c, V.pcmpeqw, true);
    case Op.i16x8Ne:
      return int.notEqual(c, V.pcmpeqw);
    case Op.i16x8LtS:
      return binarySwapped(c, V.pcmpgtw);
    case Op.i16x8LtU:
      return int.compareBy(c, V.pmaxuw, V.pcmpeqw, true);
    case Op.i16x8GtS:
      return binary(c, V.pcmpgtw, false);
    case Op.i16x8GtU:
      return int.compareBy(c, V.pminuw, V.pcmpeqw, true);
    case Op.i16x8LeS:
      return int.compareBy(c, V.pminsw, V.pcmpeqw, false);
    case Op.i16x8LeU:
      return int.compareBy(c, V.pminuw, V.pcmpeqw, false);
    case Op.i16x8GeS:
      return int.compareBy(c, V.pmaxsw, V.pcmpeqw, false);
    case Op.i16x8GeU:
      return int.compareBy(c, V.pmaxuw, V.pcmpeqw, false);
    case Op.i32x4Eq:
      return binary(c, V.pcmpeqd, true);
    case Op.i32x4Ne:
      return int.notEqual(c, V.pcmpeqd);
    case Op.i32x4LtS:
      return binarySwapped(c, V.pcmpgtd);
    case Op.i32x4LtU:
      return int.compareBy(c, V.pmaxud, V.pcmpeqd, true);
    case Op.i32x4GtS:
      return binary(c, V.pcmpgtd, false);
    case Op.i32x4GtU:
      return int.compareBy(c, V.pminud, V.pcmpeqd, true);
    case Op.i32x4LeS:
      return int.compareBy(c, V.pminsd, V.pcmpeqd, false);
    case Op.i32x4LeU:
      return int.compareBy(c, V.pminud, V.pcmpeqd, false);
    case Op.i32x4GeS:
      return int.compareBy(c, V.pmaxsd, V.pcmpeqd, false);
    case Op.i32x4GeU:
      return int.compareBy(c, V.pmaxud, V.pcmpeqd, false);
    case Op.f32x4Eq:
      return float.compare(c, 0, CmpPredicate.eq);
    case Op.f32x4Ne:
      return float.compare(c, 0, CmpPredicate.neq);
    case Op.f32x4Lt:
      return float.compare(c, 0, CmpPredicate.lt);
    case Op.f32x4Gt:
      return float.compareSwapped(c, 0, CmpPredicate.lt);
    case Op.f32x4Le:
      return float.compare(c, 0, CmpPredicate.le);
    case Op.f32x4Ge:
      return float.compareSwapped(c, 0, CmpPredicate.le);
    case Op.f64x2Eq:
      return float.compare(c, 1, CmpPredicate.eq);
    case Op.f64x2Ne:
      return float.compare(c, 1, CmpPredicate.neq);
    case Op.f64x2Lt:
      return float.compare(c, 1, CmpPredicate.lt);
    case Op.f64x2Gt:
      return float.compareSwapped(c, 1, CmpPredicate.lt);
    case Op.f64x2Le:
      return float.compare(c, 1, CmpPredicate.le);
    case Op.f64x2Ge:
      return float.compareSwapped(c, 1, CmpPredicate.le);
    case Op.v128Not:
      return int.not(c);
    case Op.v128And:
      return binary(c, V.pand, true);
    case Op.v128Andnot:
      return binarySwapped(c, V.pandn);
    case Op.v128Or:
      return binary(c, V.por, true);
    case Op.v128Xor:
      return binary(c, V.pxor, true);
    case Op.v128Bitselect:
      return int.bitselect(c);
    case Op.v128AnyTrue:
      return int.anyTrue(c);
    case Op.f32x4DemoteF64x2Zero:
      return unary(c, V.cvtpd2ps);
    case Op.f64x2PromoteLowF32x4:
      return unary(c, V.cvtps2pd);
    case Op.i8x16Abs:
      return unary(c, V.pabsb);
    case Op.i8x16Neg:
      return int.negate(c, V.psubb);
    case Op.i8x16Popcnt:
      return int.popcnt(c);
    case Op.i8x16AllTrue:
      return int.allTrue(c, V.pcmpeqb);
    case Op.i8x16Bitmask:
      return int.bitmask(c, V.pmovmskb);
    case Op.i8x16NarrowI16x8S:
      return binary(c, V.packsswb, false);
    case Op.i8x16NarrowI16x8U:
      return binary(c, V.packuswb, false);
    case Op.f32x4Ceil:
      return unaryImmediate(c, V.roundps, Round.ceil);
    case Op.f32x4Floor:
      return unaryImmediate(c, V.roundps, Round.floor);
    case Op.f32x4Trunc:
      return unaryImmediate(c, V.roundps, Round.trunc);
    case Op.f32x4Nearest:
      return unaryImmediate(c, V.roundps, Round.nearest);
    case Op.i8x16Shl:
      return int.shift8(c, true);
    case Op.i8x16ShrS:
      return int.shiftRight8Signed(c);
    case Op.i8x16ShrU:
      return int.shift8(c, false);
    case Op.i8x16Add:
      return binary(c, V.paddb, true);
    case Op.i8x16AddSatS:
      return binary(c, V.paddsb, true);
    case Op.i8x16AddSatU:
      return binary(c, V.paddusb, true);
    case Op.i8x16Sub:
      return binary(c, V.psubb, false);
    case Op.i8x16SubSatS:
      return binary(c, V.psubsb, false);
    case Op.i8x16SubSatU:
      return binary(c, V.psubusb, false);
    case Op.f64x2Ceil:
      return unaryImmediate(c, V.roundpd, Round.ceil);
    case Op.f64x2Floor:
      return unaryImmediate(c, V.roundpd, Round.floor);
    case Op.i8x16MinS:
      return binary(c, V.pminsb, true);
    case Op.i8x16MinU:
      return binary(c, V.pminub, true);
    case Op.i8x16MaxS:
      return binary(c, V.pmaxsb, true);
    case Op.i8x16MaxU:
      return binary(c, V.pmaxub, true);
    case Op.f64x2Trunc:
      return unaryImmediate(c, V.roundpd, Round.trunc);
    case Op.i8x16AvgrU:
      return binary(c, V.pavgb, true);
    case Op.i16x8ExtaddPairwiseI8x16S:
      return int.pairwiseAdd8Signed(c);
    case Op.i16x8ExtaddPairwiseI8x16U:
      return int.pairwiseAdd8Unsigned(c);
    case Op.i32x4ExtaddPairwiseI16x8S:
      return int.pairwiseAdd16Signed(c);
    case Op.i32x4ExtaddPairwiseI16x8U:
      return int.pairwiseAdd16Unsigned(c);
    case Op.i16x8Abs:
      return unary(c, V.pabsw);
    case Op.i16x8Neg:
      return int.negate(c, V.psubw);
    case Op.i16x8Q15mulrSatS:
      return int.q15Mul(c);
    case Op.i16x8AllTrue:
      return int.allTrue(c, V.pcmpeqw);
    case Op.i16x8Bitmask:
      return int.bitmask16(c);
    case Op.i16x8NarrowI32x4S:
      return binary(c, V.packssdw, false);
    case Op.i16x8NarrowI32x4U:
      return binary(c, V.packusdw, false);
    case Op.i16x8ExtendLowI8x16S:
      return unary(c, V.pmovsxbw);
    case Op.i16x8ExtendHighI8x16S:
      return int.extendHighSigned(c, V.pmovsxbw);
    case Op.i16x8ExtendLowI8x16U:
      return unary(c, V.pmovzxbw);
    case Op.i16x8ExtendHighI8x16U:
      return int.extendHighUnsigned(c, V.punpckhbw);
    case Op.i16x8Shl:
      return int.shift(c, V.psllw, VShift.psllw, 16);
    case Op.i16x8ShrS:
      return int.shift(c, V.psraw, VShift.psraw, 16);
    case Op.i16x8ShrU:
      return int.shift(c, V.psrlw, VShift.psrlw, 16);
    case Op.i16x8Add:
      return binary(c, V.paddw, true);
    case Op.i16x8AddSatS:
      return binary(c, V.paddsw, true);
    case Op.i16x8AddSatU:
      return binary(c, V.paddusw, true);
    case Op.i16x8Sub:
      return binary(c, V.psubw, false);
    case Op.i16x8SubSatS:
      return binary(c, V.psubsw, false);
    case Op.i16x8SubSatU:
      return binary(c, V.psubusw, false);
    case Op.f64x2Nearest:
      return unaryImmediate(c, V.roundpd, Round.nearest);
    case Op.i16x8Mul:
      return binary(c, V.pmullw, true);
    case Op.i16x8MinS:
      return binary(c, V.pminsw, true);
    case Op.i16x8MinU:
      return binary(c, V.pminuw, true);
    case Op.i16x8MaxS:
      return binary(c, V.pmaxsw, true);
    case Op.i16x8MaxU:
      return binary(c, V.pmaxuw, true);
    case Op.i16x8AvgrU:
      return binary(c, V.pavgw, true);
    case Op.i16x8ExtmulLowI8x16S:
      return int.extendedMul8(c, V.pmovsxbw, false);
    case Op.i16x8ExtmulHighI8x16S:
      return int.extendedMul8(c, V.pmovsxbw, true);
    case Op.i16x8ExtmulLowI8x16U:
      return int.extendedMul8(c, V.pmovzxbw, false);
    case Op.i16x8ExtmulHighI8x16U:
      return int.extendedMul8(c, V.pmovzxbw, true);
    case Op.i32x4Abs:
      return unary(c, V.pabsd);
    case Op.i32x4Neg:
      return int.negate(c, V.psubd);
    case Op.i32x4AllTrue:
      return int.allTrue(c, V.pcmpeqd);
    case Op.i32x4Bitmask:
      return int.bitmask(c, V.movmskps);
    case Op.i32x4ExtendLowI16x8S:
      return unary(c, V.pmovsxwd);
    case Op.i32x4ExtendHighI16x8S:
      return int.extendHighSigned(c, V.pmovsxwd);
    case Op.i32x4ExtendLowI16x8U:
      return unary(c, V.pmovzxwd);
    case Op.i32x4ExtendHighI16x8U:
      return int.extendHighUnsigned(c, V.punpckhwd);
    case Op.i32x4Shl:
      return int.shift(c, V.pslld, VShift.pslld, 32);
    case Op.i32x4ShrS:
      return int.shift(c, V.psrad, VShift.psrad, 32);
    case Op.i32x4ShrU:
      return int.shift(c, V.psrld, VShift.psrld, 32);
    case Op.i32x4Add:
      return binary(c, V.paddd, true);
    case Op.i32x4Sub:
      return binary(c, V.psubd, false);
    case Op.i32x4Mul:
      return binary(c, V.pmulld, true);
    case Op.i32x4MinS:
      return binary(c, V.pminsd, true);
    case Op.i32x4MinU:
      return binary(c, V.pminud, true);
    case Op.i32x4MaxS:
      return binary(c, V.pmaxsd, true);
    case Op.i32x4MaxU:
      return binary(c, V.pmaxud, true);
    case Op.i32x4DotI16x8S:
      return binary(c, V.pmaddwd, true);
    case Op.i32x4ExtmulLowI16x8S:
      return int.extendedMul16(c, V.pmulhw, V.punpcklwd);
    case Op.i32x4ExtmulHighI16x8S:
      return int.extendedMul16(c, V.pmulhw, V.punpckhwd);
    case Op.i32x4ExtmulLowI16x8U:
      return int.extendedMul16(c, V.pmulhuw, V.punpcklwd);
    case Op.i32x4ExtmulHighI16x8U:
      return int.extendedMul16(c, V.pmulhuw, V.punpckhwd);
    case Op.i64x2Abs:
      return int.abs64(c);
    case Op.i64x2Neg:
      return int.negate(c, V.psubq);
    case Op.i64x2AllTrue:
      return int.allTrue(c, V.pcmpeqq);
    case Op.i64x2Bitmask:
      return int.bitmask(c, V.movmskpd);
    case Op.i64x2ExtendLowI32x4S:
      return unary(c, V.pmovsxdq);
    case Op.i64x2ExtendHighI32x4S:
      return int.extendHighSigned(c, V.pmovsxdq);
    case Op.i64x2ExtendLowI32x4U:
      return unary(c, V.pmovzxdq);
    case Op.i64x2ExtendHighI32x4U:
      return int.extendHighUnsigned(c, V.punpckhdq);
    case Op.i64x2Shl:
      return int.shift(c, V.psllq, VShift.psllq, 64);
    case Op.i64x2ShrS:
      return int.shiftRight64Signed(c);
    case Op.i64x2ShrU:
      return int.shift(c, V.psrlq, VShift.psrlq, 64);
    case Op.i64x2Add:
      return binary(c, V.paddq, true);
    case Op.i64x2Sub:
      return binary(c, V.psubq, false);
    case Op.i64x2Mul:
      return int.mul64(c);
    case Op.i64x2Eq:
      return binary(c, V.pcmpeqq, true);
    case Op.i64x2Ne:
      return int.notEqual(c, V.pcmpeqq);
    case Op.i64x2LtS:
      return int.compare64(c, true, false);
    case Op.i64x2GtS:
      return int.compare64(c, false, false);
    case Op.i64x2LeS:
      return int.compare64(c, false, true);
    case Op.i64x2GeS:
      return int.compare64(c, true, true);
    case Op.i64x2ExtmulLowI32x4S:
      return int.extendedMul32(c, V.pmuldq, 0x50);
    case Op.i64x2ExtmulHighI32x4S:
      return int.extendedMul32(c, V.pmuldq, 0xfa);
    case Op.i64x2ExtmulLowI32x4U:
      return int.extendedMul32(c, V.pmuludq, 0x50);
    case Op.i64x2ExtmulHighI32x4U:
      return int.extendedMul32(c, V.pmuludq, 0xfa);
    case Op.f32x4Abs:
      return float.abs(c, 0);
    case Op.f32x4Neg:
      return float.neg(c, 0);
    case Op.f32x4Sqrt:
      return unary(c, V.sqrtps);
    case Op.f32x4Add:
      return binary(c, V.addps, true);
    case Op.f32x4Sub:
      return binary(c, V.subps, false);
    case Op.f32x4Mul:
      return binary(c, V.mulps, true);
    case Op.f32x4Div:
      return binary(c, V.divps, false);
    case Op.f32x4Min:
      return float.minMax(c, 0, V.minps, V.orps);
    case Op.f32x4Max:
      return float.minMax(c, 0, V.maxps, V.andps);
    case Op.f32x4Pmin:
      return binarySwapped(c, V.minps);
    case Op.f32x4Pmax:
      return binarySwapped(c, V.maxps);
    case Op.f64x2Abs:
      return float.abs(c, 1);
    case Op.f64x2Neg:
      return float.neg(c, 1);
    case Op.f64x2Sqrt:
      return unary(c, V.sqrtpd);
    case Op.f64x2Add:
      return binary(c, V.addpd, true);
    case Op.f64x2Sub:
      return binary(c, V.subpd, false);
    case Op.f64x2Mul:
      return binary(c, V.mulpd, true);
    case Op.f64x2Div:
      return binary(c, V.divpd, false);
    case Op.f64x2Min:
      return float.minMax(c, 1, V.minpd, V.orps);
    case Op.f64x2Max:
      return float.minMax(c, 1, V.maxpd, V.andps);
    case Op.f64x2Pmin:
      return binarySwapped(c, V.minpd);
    case Op.f64x2Pmax:
      return binarySwapped(c, V.maxpd);
    case Op.i32x4TruncSatF32x4S:
      return convert.truncate32Signed(c);
    case Op.i32x4TruncSatF32x4U:
      return convert.truncate32Unsigned(c);
    case Op.f32x4ConvertI32x4S:
      return unary(c, V.cvtdq2ps);
    case Op.f32x4ConvertI32x4U:
      return convert.convert32Unsigned(c);
    case Op.i32x4TruncSatF64x2SZero:
      return convert.truncate64Signed(c);
    case Op.i32x4TruncSatF64x2UZero:
      return convert.truncate64Unsigned(c);
    case Op.f64x2ConvertLowI32x4S:
      return unary(c, V.cvtdq2pd);
    case Op.f64x2ConvertLowI32x4U:
      return convert.convertLow32Unsigned(c);
    default:
      throw noCode(opcode);
  }
}

/** Opcodes with a lane. */
export function simdLane(c: EmitContext, opcode: i32, lane: i32): void {
  switch (opcode) {
    case Op.i8x16ExtractLaneS:
      return lanes.extract(c, 1, lane, true);
    case Op.i8x16ExtractLaneU:
      return lanes.extract(c, 1, lane, false);
    case Op.i8x16ReplaceLane:
      return lanes.replace(c, V.pinsrb, 0, lane);
    case Op.i16x8ExtractLaneS:
      return lanes.extract(c, 2, lane, true);
    case Op.i16x8ExtractLaneU:
      return lanes.extract(c, 2, lane, false);
    case Op.i16x8ReplaceLane:
      return lanes.replace(c, V.pinsrw, 0, lane);
    case Op.i32x4ExtractLane:
      return lanes.extract(c, 4, lane, false);
    case Op.i32x4ReplaceLane:
      return lanes.replace(c, V.pinsrd, 0, lane);
    case Op.i64x2ExtractLane:
      return lanes.extract(c, 8, lane, false);
    case Op.i64x2ReplaceLane:
      return lanes.replace(c, V.pinsrd, 1, lane);
    case Op.f32x4ExtractLane:
      return lanes.extractFloat(c, 0, lane);
    case Op.f32x4ReplaceLane:
      return lanes.replaceF32(c, lane);
    case Op.f64x2ExtractLane:
      return lanes.extractFloat(c, 1, lane);
    case Op.f64x2ReplaceLane:
      return lanes.replaceF64(c, lane);
    default:
      throw noCode(opcode);
  }
}

/** Loads of a whole vector. `offset` is an unsigned 32-bit number. */
export function simdLoad(c: EmitContext, opcode: i32, offset: i32): void {
  switch (opcode) {
    case Op.v128Load:
      return memory.load(c, V.movups, 16, offset);
    case Op.v128Load8x8S:
      return memory.load(c, V.pmovsxbw, 8, offset);
    case Op.v128Load8x8U:
      return memory.load(c, V.pmovzxbw, 8, offset);
    case Op.v128Load16x4S:
      return memory.load(c, V.pmovsxwd, 8, offset);
    case Op.v128Load16x4U:
      return memory.load(c, V.pmovzxwd, 8, offset);
    case Op.v128Load32x2S:
      return memory.load(c, V.pmovsxdq, 8, offset);
    case Op.v128Load32x2U:
      return memory.load(c, V.pmovzxdq, 8, offset);
    case Op.v128Load8Splat:
      return memory.loadSplat8(c, offset);
    case Op.v128Load16Splat:
      return memory.loadSplat16(c, offset);
    case Op.v128Load32Splat:
      return memory.loadSplat32(c, offset);
    case Op.v128Load64Splat:
      return memory.load(c, V.movddup, 8, offset);
    case Op.v128Load32Zero:
      return memory.load(c, V.movss, 4, offset);
    case Op.v128Load64Zero:
      return memory.load(c, V.movsd, 8, offset);
    default:
      throw noCode(opcode);
  }
}

/** v128.store. */
export function simdStore(c: EmitContext, _opcode: i32, offset: i32): void {
  memory.store(c, offset);
}

/** Loads of one lane. */
export function simdLoadLane(c: EmitContext, opcode: i32, offset: i32, lane: i32): void {
  switch (opcode) {
    case Op.v128Load8Lane:
      return memory.loadLane(c, V.pinsrb, 1, offset, lane);
    case Op.v128Load16Lane:
      return memory.loadLane(c, V.pinsrw, 2, offset, lane);
    case Op.v128Load32Lane:
      return memory.loadLane(c, V.pinsrd, 4, offset, lane);
    case Op.v128Load64Lane:
      return memory.loadLane64(c, offset, lane);
    default:
      throw noCode(opcode);
  }
}

/** Stores of one lane. */
export function simdStoreLane(c: EmitContext, opcode: i32, offset: i32, lane: i32): void {
  switch (opcode) {
    case Op.v128Store8Lane:
      return memory.storeLane(c, V.pextrb, 1, offset, lane);
    case Op.v128Store16Lane:
      return memory.storeLane(c, V.pextrw, 2, offset, lane);
    case Op.v128Store32Lane:
      return memory.storeLane(c, V.pextrd, 4, offset, lane);
    case Op.v128Store64Lane:
      return memory.storeLane64(c, offset, lane);
    default:
      throw noCode(opcode);
  }
}

function noCode(opcode: i32): Error {
  return new Error(`internal error: vector opcode ${opcode} has no code`);
}
