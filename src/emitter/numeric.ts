import { Alu, Cc, Round, Shift, SseOp } from '../backends/x64/registers.js';
import { Op } from '../stream/op.js';
import { Condition } from '../valuestack/types.js';
import type { EmitContext } from './context.js';
import * as convert from './convert.js';
import * as float from './float.js';
import * as int from './int.js';

/** The numeric opcodes, each with the code it becomes. 0: 32-bit, 1: 64-bit. */
export function emitNumeric(c: EmitContext, opcode: i32): void {
  switch (opcode) {
    case Op.i32Eqz:
      return int.eqz(c, 0);
    case Op.i32Eq:
      return int.compare(c, 0, Cc.e);
    case Op.i32Ne:
      return int.compare(c, 0, Cc.ne);
    case Op.i32LtS:
      return int.compare(c, 0, Cc.l);
    case Op.i32LtU:
      return int.compare(c, 0, Cc.b);
    case Op.i32GtS:
      return int.compare(c, 0, Cc.g);
    case Op.i32GtU:
      return int.compare(c, 0, Cc.a);
    case Op.i32LeS:
      return int.compare(c, 0, Cc.le);
    case Op.i32LeU:
      return int.compare(c, 0, Cc.be);
    case Op.i32GeS:
      return int.compare(c, 0, Cc.ge);
    case Op.i32GeU:
      return int.compare(c, 0, Cc.ae);
    case Op.i64Eqz:
      return int.eqz(c, 1);
    case Op.i64Eq:
      return int.compare(c, 1, Cc.e);
    case Op.i64Ne:
      return int.compare(c, 1, Cc.ne);
    case Op.i64LtS:
      return int.compare(c, 1, Cc.l);
    case Op.i64LtU:
      return int.compare(c, 1, Cc.b);
    case Op.i64GtS:
      return int.compare(c, 1, Cc.g);
    case Op.i64GtU:
      return int.compare(c, 1, Cc.a);
    case Op.i64LeS:
      return int.compare(c, 1, Cc.le);
    case Op.i64LeU:
      return int.compare(c, 1, Cc.be);
    case Op.i64GeS:
      return int.compare(c, 1, Cc.ge);
    case Op.i64GeU:
      return int.compare(c, 1, Cc.ae);
    case Op.f32Eq:
      return float.compareEqual(c, 0, Condition.floatEqual);
    case Op.f32Ne:
      return float.compareEqual(c, 0, Condition.floatNotEqual);
    case Op.f32Lt:
      return float.compareOrder(c, 0, Cc.a, true);
    case Op.f32Gt:
      return float.compareOrder(c, 0, Cc.a, false);
    case Op.f32Le:
      return float.compareOrder(c, 0, Cc.ae, true);
    case Op.f32Ge:
      return float.compareOrder(c, 0, Cc.ae, false);
    case Op.f64Eq:
      return float.compareEqual(c, 1, Condition.floatEqual);
    case Op.f64Ne:
      return float.compareEqual(c, 1, Condition.floatNotEqual);
    case Op.f64Lt:
      return float.compareOrder(c, 1, Cc.a, true);
    case Op.f64Gt:
      return float.compareOrder(c, 1, Cc.a, false);
    case Op.f64Le:
      return float.compareOrder(c, 1, Cc.ae, true);
    case Op.f64Ge:
      return float.compareOrder(c, 1, Cc.ae, false);
    case Op.i32Clz:
      return int.clz(c, 0);
    case Op.i32Ctz:
      return int.ctz(c, 0);
    case Op.i32Popcnt:
      return int.popcnt(c, 0);
    case Op.i32Add:
      return int.commutative(c, Alu.add, 0);
    case Op.i32Sub:
      return int.sub(c, 0);
    case Op.i32Mul:
      return int.mul(c, 0);
    case Op.i32DivS:
      return int.divide(c, 0, true, false);
    case Op.i32DivU:
      return int.divide(c, 0, false, false);
    case Op.i32RemS:
      return int.divide(c, 0, true, true);
    case Op.i32RemU:
      return int.divide(c, 0, false, true);
    case Op.i32And:
      return int.commutative(c, Alu.and, 0);
    case Op.i32Or:
      return int.commutative(c, Alu.or, 0);
    case Op.i32Xor:
      return int.commutative(c, Alu.xor, 0);
    case Op.i32Shl:
      return int.shift(c, Shift.shl, 0);
    case Op.i32ShrS:
      return int.shift(c, Shift.sar, 0);
    case Op.i32ShrU:
      return int.shift(c, Shift.shr, 0);
    case Op.i32Rotl:
      return int.shift(c, Shift.rol, 0);
    case Op.i32Rotr:
      return int.shift(c, Shift.ror, 0);
    case Op.i64Clz:
      return int.clz(c, 1);
    case Op.i64Ctz:
      return int.ctz(c, 1);
    case Op.i64Popcnt:
      return int.popcnt(c, 1);
    case Op.i64Add:
      return int.commutative(c, Alu.add, 1);
    case Op.i64Sub:
      return int.sub(c, 1);
    case Op.i64Mul:
      return int.mul(c, 1);
    case Op.i64DivS:
      return int.divide(c, 1, true, false);
    case Op.i64DivU:
      return int.divide(c, 1, false, false);
    case Op.i64RemS:
      return int.divide(c, 1, true, true);
    case Op.i64RemU:
      return int.divide(c, 1, false, true);
    case Op.i64And:
      return int.commutative(c, Alu.and, 1);
    case Op.i64Or:
      return int.commutative(c, Alu.or, 1);
    case Op.i64Xor:
      return int.commutative(c, Alu.xor, 1);
    case Op.i64Shl:
      return int.shift(c, Shift.shl, 1);
    case Op.i64ShrS:
      return int.shift(c, Shift.sar, 1);
    case Op.i64ShrU:
      return int.shift(c, Shift.shr, 1);
    case Op.i64Rotl:
      return int.shift(c, Shift.rol, 1);
    case Op.i64Rotr:
      return int.shift(c, Shift.ror, 1);
    case Op.f32Abs:
      return float.abs(c, 0);
    case Op.f32Neg:
      return float.neg(c, 0);
    case Op.f32Ceil:
      return float.round(c, 0, Round.ceil);
    case Op.f32Floor:
      return float.round(c, 0, Round.floor);
    case Op.f32Trunc:
      return float.round(c, 0, Round.trunc);
    case Op.f32Nearest:
      return float.round(c, 0, Round.nearest);
    case Op.f32Sqrt:
      return float.sqrt(c, 0);
    case Op.f32Add:
      return float.arithmetic(c, SseOp.add, 0);
    case Op.f32Sub:
      return float.arithmetic(c, SseOp.sub, 0);
    case Op.f32Mul:
      return float.arithmetic(c, SseOp.mul, 0);
    case Op.f32Div:
      return float.arithmetic(c, SseOp.div, 0);
    case Op.f32Min:
      return float.minMax(c, SseOp.min, 0);
    case Op.f32Max:
      return float.minMax(c, SseOp.max, 0);
    case Op.f32Copysign:
      return float.copysign(c, 0);
    case Op.f64Abs:
      return float.abs(c, 1);
    case Op.f64Neg:
      return float.neg(c, 1);
    case Op.f64Ceil:
      return float.round(c, 1, Round.ceil);
    case Op.f64Floor:
      return float.round(c, 1, Round.floor);
    case Op.f64Trunc:
      return float.round(c, 1, Round.trunc);
    case Op.f64Nearest:
      return float.round(c, 1, Round.nearest);
    case Op.f64Sqrt:
      return float.sqrt(c, 1);
    case Op.f64Add:
      return float.arithmetic(c, SseOp.add, 1);
    case Op.f64Sub:
      return float.arithmetic(c, SseOp.sub, 1);
    case Op.f64Mul:
      return float.arithmetic(c, SseOp.mul, 1);
    case Op.f64Div:
      return float.arithmetic(c, SseOp.div, 1);
    case Op.f64Min:
      return float.minMax(c, SseOp.min, 1);
    case Op.f64Max:
      return float.minMax(c, SseOp.max, 1);
    case Op.f64Copysign:
      return float.copysign(c, 1);
    case Op.i32WrapI64:
      return int.wrap(c);
    case Op.i32TruncF32S:
      return convert.truncSigned(c, 0, 0);
    case Op.i32TruncF32U:
      return convert.truncUnsigned32(c, 0);
    case Op.i32TruncF64S:
      return convert.truncSigned(c, 0, 1);
    case Op.i32TruncF64U:
      return convert.truncUnsigned32(c, 1);
    case Op.i64ExtendI32S:
      return int.extendSigned(c);
    case Op.i64ExtendI32U:
      return int.extendUnsigned(c);
    case Op.i64TruncF32S:
      return convert.truncSigned(c, 1, 0);
    case Op.i64TruncF32U:
      return convert.truncUnsigned64(c, 0);
    case Op.i64TruncF64S:
      return convert.truncSigned(c, 1, 1);
    case Op.i64TruncF64U:
      return convert.truncUnsigned64(c, 1);
    case Op.f32ConvertI32S:
      return convert.convert(c, 0, 0);
    case Op.f32ConvertI32U:
      return convert.convert(c, 0, 1);
    case Op.f32ConvertI64S:
      return convert.convert(c, 0, 1);
    case Op.f32ConvertI64U:
      return convert.convertUnsigned64(c, 0);
    case Op.f32DemoteF64:
      return convert.resize(c, 0);
    case Op.f64ConvertI32S:
      return convert.convert(c, 1, 0);
    case Op.f64ConvertI32U:
      return convert.convert(c, 1, 1);
    case Op.f64ConvertI64S:
      return convert.convert(c, 1, 1);
    case Op.f64ConvertI64U:
      return convert.convertUnsigned64(c, 1);
    case Op.f64PromoteF32:
      return convert.resize(c, 1);
    case Op.i32ReinterpretF32:
      return convert.floatBits(c, 0);
    case Op.i64ReinterpretF64:
      return convert.floatBits(c, 1);
    case Op.f32ReinterpretI32:
      return convert.bitsFloat(c, 0);
    case Op.f64ReinterpretI64:
      return convert.bitsFloat(c, 1);
    case Op.i32Extend8S:
      return int.signExtend(c, 0, 8);
    case Op.i32Extend16S:
      return int.signExtend(c, 0, 16);
    case Op.i64Extend8S:
      return int.signExtend(c, 1, 8);
    case Op.i64Extend16S:
      return int.signExtend(c, 1, 16);
    case Op.i64Extend32S:
      return int.signExtend(c, 1, 32);
    default:
      return emitSaturating(c, opcode);
  }
}

/** Saturating truncations. Apart, because V8 makes a jump table only of cases that are close together. */
function emitSaturating(c: EmitContext, opcode: i32): void {
  switch (opcode) {
    case Op.i32TruncSatF32S:
      return convert.saturateSigned(c, 0, 0);
    case Op.i32TruncSatF32U:
      return convert.saturateUnsigned32(c, 0);
    case Op.i32TruncSatF64S:
      return convert.saturateSigned(c, 0, 1);
    case Op.i32TruncSatF64U:
      return convert.saturateUnsigned32(c, 1);
    case Op.i64TruncSatF32S:
      return convert.saturateSigned(c, 1, 0);
    case Op.i64TruncSatF32U:
      return convert.saturateUnsigned64(c, 0);
    case Op.i64TruncSatF64S:
      return convert.saturateSigned(c, 1, 1);
    case Op.i64TruncSatF64U:
      return convert.saturateUnsigned64(c, 1);
    default:
      throw new Error(`internal error: numeric opcode 0x${opcode.toString(16)} has no code`);
  }
}
