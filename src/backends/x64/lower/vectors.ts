import { Op } from '../../../stream/op.js';

/**
 * Vector opcodes that are one instruction where there is AVX: the baseline's emitters need no register beside operands and
 * result (`binary`, `binarySwapped`, `unary`, `unaryImmediate` of emitter/simd/shapes.ts, loads and stores).
 */
export function isOneVectorInstruction(op: i32): bool {
  switch (op) {
    case Op.v128Load:
    case Op.v128Load8x8S:
    case Op.v128Load8x8U:
    case Op.v128Load16x4S:
    case Op.v128Load16x4U:
    case Op.v128Load32x2S:
    case Op.v128Load32x2U:
    case Op.v128Load32Splat:
    case Op.v128Load64Splat:
    case Op.v128Load32Zero:
    case Op.v128Load64Zero:
    case Op.v128Store:
    case Op.i8x16Eq:
    case Op.i8x16LtS:
    case Op.i8x16GtS:
    case Op.i16x8Eq:
    case Op.i16x8LtS:
    case Op.i16x8GtS:
    case Op.i32x4Eq:
    case Op.i32x4LtS:
    case Op.i32x4GtS:
    case Op.v128And:
    case Op.v128Andnot:
    case Op.v128Or:
    case Op.v128Xor:
    case Op.f32x4DemoteF64x2Zero:
    case Op.f64x2PromoteLowF32x4:
    case Op.i8x16Abs:
    case Op.i8x16NarrowI16x8S:
    case Op.i8x16NarrowI16x8U:
    case Op.f32x4Ceil:
    case Op.f32x4Floor:
    case Op.f32x4Trunc:
    case Op.f32x4Nearest:
    case Op.i8x16Add:
    case Op.i8x16AddSatS:
    case Op.i8x16AddSatU:
    case Op.i8x16Sub:
    case Op.i8x16SubSatS:
    case Op.i8x16SubSatU:
    case Op.f64x2Ceil:
    case Op.f64x2Floor:
    case Op.i8x16MinS:
    case Op.i8x16MinU:
    case Op.i8x16MaxS:
    case Op.i8x16MaxU:
    case Op.f64x2Trunc:
    case Op.i8x16AvgrU:
    case Op.i16x8Abs:
    case Op.i16x8NarrowI32x4S:
    case Op.i16x8NarrowI32x4U:
    case Op.i16x8ExtendLowI8x16S:
    case Op.i16x8ExtendLowI8x16U:
    case Op.i16x8Add:
    case Op.i16x8AddSatS:
    case Op.i16x8AddSatU:
    case Op.i16x8Sub:
    case Op.i16x8SubSatS:
    case Op.i16x8SubSatU:
    case Op.f64x2Nearest:
    case Op.i16x8Mul:
    case Op.i16x8MinS:
    case Op.i16x8MinU:
    case Op.i16x8MaxS:
    case Op.i16x8MaxU:
    case Op.i16x8AvgrU:
    case Op.i32x4Abs:
    case Op.i32x4ExtendLowI16x8S:
    case Op.i32x4ExtendLowI16x8U:
    case Op.i32x4Add:
    case Op.i32x4Sub:
    case Op.i32x4Mul:
    case Op.i32x4MinS:
    case Op.i32x4MinU:
    case Op.i32x4MaxS:
    case Op.i32x4MaxU:
    case Op.i32x4DotI16x8S:
    case Op.i64x2ExtendLowI32x4S:
    case Op.i64x2ExtendLowI32x4U:
    case Op.i64x2Add:
    case Op.i64x2Sub:
    case Op.i64x2Eq:
    case Op.f32x4Sqrt:
    case Op.f32x4Add:
    case Op.f32x4Sub:
    case Op.f32x4Mul:
    case Op.f32x4Div:
    case Op.f32x4Pmin:
    case Op.f32x4Pmax:
    case Op.f64x2Sqrt:
    case Op.f64x2Add:
    case Op.f64x2Sub:
    case Op.f64x2Mul:
    case Op.f64x2Div:
    case Op.f64x2Pmin:
    case Op.f64x2Pmax:
    case Op.f32x4ConvertI32x4S:
    case Op.f64x2ConvertLowI32x4S:
      return true;
    default:
      return false;
  }
}

/** Shifts of lanes that are one instruction if the count is a constant. */
export function isVectorShift(op: i32): bool {
  switch (op) {
    case Op.i16x8Shl:
    case Op.i16x8ShrS:
    case Op.i16x8ShrU:
    case Op.i32x4Shl:
    case Op.i32x4ShrS:
    case Op.i32x4ShrU:
    case Op.i64x2Shl:
    case Op.i64x2ShrU:
      return true;
    default:
      return false;
  }
}
