import { Alu, Cc, Round, Shift, SseOp } from '../backends/x64/registers.js';
import { Condition } from '../valuestack/types.js';
import type { EmitContext } from './context.js';
import * as convert from './convert.js';
import * as float from './float.js';
import * as int from './int.js';

/** The numeric opcodes, each with the code it becomes. 0: 32-bit, 1: 64-bit. */
export function emitNumeric(c: EmitContext, opcode: number): void {
  switch (opcode) {
    case 0x45: // i32.eqz
      return int.eqz(c, 0);
    case 0x46: // i32.eq
      return int.compare(c, 0, Cc.e);
    case 0x47: // i32.ne
      return int.compare(c, 0, Cc.ne);
    case 0x48: // i32.lt_s
      return int.compare(c, 0, Cc.l);
    case 0x49: // i32.lt_u
      return int.compare(c, 0, Cc.b);
    case 0x4a: // i32.gt_s
      return int.compare(c, 0, Cc.g);
    case 0x4b: // i32.gt_u
      return int.compare(c, 0, Cc.a);
    case 0x4c: // i32.le_s
      return int.compare(c, 0, Cc.le);
    case 0x4d: // i32.le_u
      return int.compare(c, 0, Cc.be);
    case 0x4e: // i32.ge_s
      return int.compare(c, 0, Cc.ge);
    case 0x4f: // i32.ge_u
      return int.compare(c, 0, Cc.ae);
    case 0x50: // i64.eqz
      return int.eqz(c, 1);
    case 0x51: // i64.eq
      return int.compare(c, 1, Cc.e);
    case 0x52: // i64.ne
      return int.compare(c, 1, Cc.ne);
    case 0x53: // i64.lt_s
      return int.compare(c, 1, Cc.l);
    case 0x54: // i64.lt_u
      return int.compare(c, 1, Cc.b);
    case 0x55: // i64.gt_s
      return int.compare(c, 1, Cc.g);
    case 0x56: // i64.gt_u
      return int.compare(c, 1, Cc.a);
    case 0x57: // i64.le_s
      return int.compare(c, 1, Cc.le);
    case 0x58: // i64.le_u
      return int.compare(c, 1, Cc.be);
    case 0x59: // i64.ge_s
      return int.compare(c, 1, Cc.ge);
    case 0x5a: // i64.ge_u
      return int.compare(c, 1, Cc.ae);
    case 0x5b: // f32.eq
      return float.compareEqual(c, 0, Condition.floatEqual);
    case 0x5c: // f32.ne
      return float.compareEqual(c, 0, Condition.floatNotEqual);
    case 0x5d: // f32.lt
      return float.compareOrder(c, 0, Cc.a, true);
    case 0x5e: // f32.gt
      return float.compareOrder(c, 0, Cc.a, false);
    case 0x5f: // f32.le
      return float.compareOrder(c, 0, Cc.ae, true);
    case 0x60: // f32.ge
      return float.compareOrder(c, 0, Cc.ae, false);
    case 0x61: // f64.eq
      return float.compareEqual(c, 1, Condition.floatEqual);
    case 0x62: // f64.ne
      return float.compareEqual(c, 1, Condition.floatNotEqual);
    case 0x63: // f64.lt
      return float.compareOrder(c, 1, Cc.a, true);
    case 0x64: // f64.gt
      return float.compareOrder(c, 1, Cc.a, false);
    case 0x65: // f64.le
      return float.compareOrder(c, 1, Cc.ae, true);
    case 0x66: // f64.ge
      return float.compareOrder(c, 1, Cc.ae, false);
    case 0x67: // i32.clz
      return int.clz(c, 0);
    case 0x68: // i32.ctz
      return int.ctz(c, 0);
    case 0x69: // i32.popcnt
      return int.popcnt(c, 0);
    case 0x6a: // i32.add
      return int.commutative(c, Alu.add, 0);
    case 0x6b: // i32.sub
      return int.sub(c, 0);
    case 0x6c: // i32.mul
      return int.mul(c, 0);
    case 0x6d: // i32.div_s
      return int.divide(c, 0, true, false);
    case 0x6e: // i32.div_u
      return int.divide(c, 0, false, false);
    case 0x6f: // i32.rem_s
      return int.divide(c, 0, true, true);
    case 0x70: // i32.rem_u
      return int.divide(c, 0, false, true);
    case 0x71: // i32.and
      return int.commutative(c, Alu.and, 0);
    case 0x72: // i32.or
      return int.commutative(c, Alu.or, 0);
    case 0x73: // i32.xor
      return int.commutative(c, Alu.xor, 0);
    case 0x74: // i32.shl
      return int.shift(c, Shift.shl, 0);
    case 0x75: // i32.shr_s
      return int.shift(c, Shift.sar, 0);
    case 0x76: // i32.shr_u
      return int.shift(c, Shift.shr, 0);
    case 0x77: // i32.rotl
      return int.shift(c, Shift.rol, 0);
    case 0x78: // i32.rotr
      return int.shift(c, Shift.ror, 0);
    case 0x79: // i64.clz
      return int.clz(c, 1);
    case 0x7a: // i64.ctz
      return int.ctz(c, 1);
    case 0x7b: // i64.popcnt
      return int.popcnt(c, 1);
    case 0x7c: // i64.add
      return int.commutative(c, Alu.add, 1);
    case 0x7d: // i64.sub
      return int.sub(c, 1);
    case 0x7e: // i64.mul
      return int.mul(c, 1);
    case 0x7f: // i64.div_s
      return int.divide(c, 1, true, false);
    case 0x80: // i64.div_u
      return int.divide(c, 1, false, false);
    case 0x81: // i64.rem_s
      return int.divide(c, 1, true, true);
    case 0x82: // i64.rem_u
      return int.divide(c, 1, false, true);
    case 0x83: // i64.and
      return int.commutative(c, Alu.and, 1);
    case 0x84: // i64.or
      return int.commutative(c, Alu.or, 1);
    case 0x85: // i64.xor
      return int.commutative(c, Alu.xor, 1);
    case 0x86: // i64.shl
      return int.shift(c, Shift.shl, 1);
    case 0x87: // i64.shr_s
      return int.shift(c, Shift.sar, 1);
    case 0x88: // i64.shr_u
      return int.shift(c, Shift.shr, 1);
    case 0x89: // i64.rotl
      return int.shift(c, Shift.rol, 1);
    case 0x8a: // i64.rotr
      return int.shift(c, Shift.ror, 1);
    case 0x8b: // f32.abs
      return float.abs(c, 0);
    case 0x8c: // f32.neg
      return float.neg(c, 0);
    case 0x8d: // f32.ceil
      return float.round(c, 0, Round.ceil);
    case 0x8e: // f32.floor
      return float.round(c, 0, Round.floor);
    case 0x8f: // f32.trunc
      return float.round(c, 0, Round.trunc);
    case 0x90: // f32.nearest
      return float.round(c, 0, Round.nearest);
    case 0x91: // f32.sqrt
      return float.sqrt(c, 0);
    case 0x92: // f32.add
      return float.arithmetic(c, SseOp.add, 0);
    case 0x93: // f32.sub
      return float.arithmetic(c, SseOp.sub, 0);
    case 0x94: // f32.mul
      return float.arithmetic(c, SseOp.mul, 0);
    case 0x95: // f32.div
      return float.arithmetic(c, SseOp.div, 0);
    case 0x96: // f32.min
      return float.minMax(c, SseOp.min, 0);
    case 0x97: // f32.max
      return float.minMax(c, SseOp.max, 0);
    case 0x98: // f32.copysign
      return float.copysign(c, 0);
    case 0x99: // f64.abs
      return float.abs(c, 1);
    case 0x9a: // f64.neg
      return float.neg(c, 1);
    case 0x9b: // f64.ceil
      return float.round(c, 1, Round.ceil);
    case 0x9c: // f64.floor
      return float.round(c, 1, Round.floor);
    case 0x9d: // f64.trunc
      return float.round(c, 1, Round.trunc);
    case 0x9e: // f64.nearest
      return float.round(c, 1, Round.nearest);
    case 0x9f: // f64.sqrt
      return float.sqrt(c, 1);
    case 0xa0: // f64.add
      return float.arithmetic(c, SseOp.add, 1);
    case 0xa1: // f64.sub
      return float.arithmetic(c, SseOp.sub, 1);
    case 0xa2: // f64.mul
      return float.arithmetic(c, SseOp.mul, 1);
    case 0xa3: // f64.div
      return float.arithmetic(c, SseOp.div, 1);
    case 0xa4: // f64.min
      return float.minMax(c, SseOp.min, 1);
    case 0xa5: // f64.max
      return float.minMax(c, SseOp.max, 1);
    case 0xa6: // f64.copysign
      return float.copysign(c, 1);
    case 0xa7: // i32.wrap_i64
      return int.wrap(c);
    case 0xa8: // i32.trunc_f32_s
      return convert.truncSigned(c, 0, 0);
    case 0xa9: // i32.trunc_f32_u
      return convert.truncUnsigned32(c, 0);
    case 0xaa: // i32.trunc_f64_s
      return convert.truncSigned(c, 0, 1);
    case 0xab: // i32.trunc_f64_u
      return convert.truncUnsigned32(c, 1);
    case 0xac: // i64.extend_i32_s
      return int.extendSigned(c);
    case 0xad: // i64.extend_i32_u
      return int.extendUnsigned(c);
    case 0xae: // i64.trunc_f32_s
      return convert.truncSigned(c, 1, 0);
    case 0xaf: // i64.trunc_f32_u
      return convert.truncUnsigned64(c, 0);
    case 0xb0: // i64.trunc_f64_s
      return convert.truncSigned(c, 1, 1);
    case 0xb1: // i64.trunc_f64_u
      return convert.truncUnsigned64(c, 1);
    case 0xb2: // f32.convert_i32_s
      return convert.convert(c, 0, 0);
    case 0xb3: // f32.convert_i32_u
      return convert.convert(c, 0, 1);
    case 0xb4: // f32.convert_i64_s
      return convert.convert(c, 0, 1);
    case 0xb5: // f32.convert_i64_u
      return convert.convertUnsigned64(c, 0);
    case 0xb6: // f32.demote_f64
      return convert.resize(c, 0);
    case 0xb7: // f64.convert_i32_s
      return convert.convert(c, 1, 0);
    case 0xb8: // f64.convert_i32_u
      return convert.convert(c, 1, 1);
    case 0xb9: // f64.convert_i64_s
      return convert.convert(c, 1, 1);
    case 0xba: // f64.convert_i64_u
      return convert.convertUnsigned64(c, 1);
    case 0xbb: // f64.promote_f32
      return convert.resize(c, 1);
    case 0xbc: // i32.reinterpret_f32
      return convert.floatBits(c, 0);
    case 0xbd: // i64.reinterpret_f64
      return convert.floatBits(c, 1);
    case 0xbe: // f32.reinterpret_i32
      return convert.bitsFloat(c, 0);
    case 0xbf: // f64.reinterpret_i64
      return convert.bitsFloat(c, 1);
    case 0xc0: // i32.extend8_s
      return int.signExtend(c, 0, 8);
    case 0xc1: // i32.extend16_s
      return int.signExtend(c, 0, 16);
    case 0xc2: // i64.extend8_s
      return int.signExtend(c, 1, 8);
    case 0xc3: // i64.extend16_s
      return int.signExtend(c, 1, 16);
    case 0xc4: // i64.extend32_s
      return int.signExtend(c, 1, 32);
    default:
      return emitSaturating(c, opcode);
  }
}

/** Saturating truncations. Apart, because V8 makes a jump table only of cases that are close together. */
function emitSaturating(c: EmitContext, opcode: number): void {
  switch (opcode) {
    case 0xfc00: // i32.trunc_sat_f32_s
      return convert.saturateSigned(c, 0, 0);
    case 0xfc01: // i32.trunc_sat_f32_u
      return convert.saturateUnsigned32(c, 0);
    case 0xfc02: // i32.trunc_sat_f64_s
      return convert.saturateSigned(c, 0, 1);
    case 0xfc03: // i32.trunc_sat_f64_u
      return convert.saturateUnsigned32(c, 1);
    case 0xfc04: // i64.trunc_sat_f32_s
      return convert.saturateSigned(c, 1, 0);
    case 0xfc05: // i64.trunc_sat_f32_u
      return convert.saturateUnsigned64(c, 0);
    case 0xfc06: // i64.trunc_sat_f64_s
      return convert.saturateSigned(c, 1, 1);
    case 0xfc07: // i64.trunc_sat_f64_u
      return convert.saturateUnsigned64(c, 1);
    default:
      throw new Error(`internal error: numeric opcode 0x${opcode.toString(16)} has no code`);
  }
}
