import { Op } from '../../stream/op.js';
import { Int32Array, Math } from '../../support/dialect.js';

// What is known about opcodes, and their results for constants.

/** What an opcode is, beside its operands. */
export const enum Kind {
  /** Depends on the operands only, and cannot trap: can be removed, moved, done once. */
  pure = 0,
  /** Depends on the operands only, but can trap. */
  trapping = 1,
  other = 2,
}

/** Of the opcodes that `numeric` and `simd` bring. */
export function kindOf(op: i32): Kind {
  if (op >= Op.i32DivS && op <= Op.i32RemU) return Kind.trapping;
  if (op >= Op.i64DivS && op <= Op.i64RemU) return Kind.trapping;
  if (op >= Op.i32TruncF32S && op <= Op.i32TruncF64U) return Kind.trapping;
  if (op >= Op.i64TruncF32S && op <= Op.i64TruncF64U) return Kind.trapping;
  return Kind.pure;
}

export function isCompare(op: i32): bool {
  return op >= Op.i32Eqz && op <= Op.f64Ge;
}

export function isIntegerCompare(op: i32): bool {
  return op >= Op.i32Eqz && op <= Op.i64GeU;
}

export function isCommutative(op: i32): bool {
  switch (op) {
    case Op.i32Add:
    case Op.i32Mul:
    case Op.i32And:
    case Op.i32Or:
    case Op.i32Xor:
    case Op.i64Add:
    case Op.i64Mul:
    case Op.i64And:
    case Op.i64Or:
    case Op.i64Xor:
    case Op.i32Eq:
    case Op.i32Ne:
    case Op.i64Eq:
    case Op.i64Ne:
    case Op.f32Add:
    case Op.f64Add:
    case Op.f32Mul:
    case Op.f64Mul:
      return true;
    default:
      return false;
  }
}

/** The comparison with exchanged operands. */
export function swappedCompare(op: i32): i32 {
  switch (op) {
    case Op.i32LtS:
      return Op.i32GtS;
    case Op.i32LtU:
      return Op.i32GtU;
    case Op.i32GtS:
      return Op.i32LtS;
    case Op.i32GtU:
      return Op.i32LtU;
    case Op.i32LeS:
      return Op.i32GeS;
    case Op.i32LeU:
      return Op.i32GeU;
    case Op.i32GeS:
      return Op.i32LeS;
    case Op.i32GeU:
      return Op.i32LeU;
    case Op.i64LtS:
      return Op.i64GtS;
    case Op.i64LtU:
      return Op.i64GtU;
    case Op.i64GtS:
      return Op.i64LtS;
    case Op.i64GtU:
      return Op.i64LtU;
    case Op.i64LeS:
      return Op.i64GeS;
    case Op.i64LeU:
      return Op.i64GeU;
    case Op.i64GeS:
      return Op.i64LeS;
    case Op.i64GeU:
      return Op.i64LeU;
    default:
      return op;
  }
}

/** The integer comparison that holds when `op` does not; -1 if there is none (floats, whose order is partial). */
export function negatedCompare(op: i32): i32 {
  switch (op) {
    case Op.i32Eq:
      return Op.i32Ne;
    case Op.i32Ne:
      return Op.i32Eq;
    case Op.i32LtS:
      return Op.i32GeS;
    case Op.i32LtU:
      return Op.i32GeU;
    case Op.i32GtS:
      return Op.i32LeS;
    case Op.i32GtU:
      return Op.i32LeU;
    case Op.i32LeS:
      return Op.i32GtS;
    case Op.i32LeU:
      return Op.i32GtU;
    case Op.i32GeS:
      return Op.i32LtS;
    case Op.i32GeU:
      return Op.i32LtU;
    case Op.i64Eq:
      return Op.i64Ne;
    case Op.i64Ne:
      return Op.i64Eq;
    case Op.i64LtS:
      return Op.i64GeS;
    case Op.i64LtU:
      return Op.i64GeU;
    case Op.i64GtS:
      return Op.i64LeS;
    case Op.i64GtU:
      return Op.i64LeU;
    case Op.i64LeS:
      return Op.i64GtS;
    case Op.i64LeU:
      return Op.i64GtU;
    case Op.i64GeS:
      return Op.i64LtS;
    case Op.i64GeU:
      return Op.i64LtU;
    case Op.f32Eq:
      return Op.f32Ne;
    case Op.f32Ne:
      return Op.f32Eq;
    case Op.f64Eq:
      return Op.f64Ne;
    case Op.f64Ne:
      return Op.f64Eq;
    default:
      return -1;
  }
}

/** Result of `fold32` and `fold64`. */
export class Folded {
  low: i32 = 0;
  high: i32 = 0;
}

function lessUnsigned(a: i32, b: i32): bool {
  return (a ^ (-0x80000000 | 0)) < (b ^ (-0x80000000 | 0));
}

/** An i32 opcode of two constants. Returns false if it is not folded (divisions stay). */
export function fold32(op: i32, a: i32, b: i32, result: Folded): bool {
  let value = 0;
  switch (op) {
    case Op.i32Add:
      value = (a + b) | 0;
      break;
    case Op.i32Sub:
      value = (a - b) | 0;
      break;
    case Op.i32Mul:
      value = Math.imul(a, b);
      break;
    case Op.i32And:
      value = a & b;
      break;
    case Op.i32Or:
      value = a | b;
      break;
    case Op.i32Xor:
      value = a ^ b;
      break;
    case Op.i32Shl:
      value = a << (b & 31);
      break;
    case Op.i32ShrS:
      value = a >> (b & 31);
      break;
    case Op.i32ShrU:
      value = (a >>> (b & 31)) | 0;
      break;
    case Op.i32Eq:
      value = a === b ? 1 : 0;
      break;
    case Op.i32Ne:
      value = a !== b ? 1 : 0;
      break;
    case Op.i32LtS:
      value = a < b ? 1 : 0;
      break;
    case Op.i32LtU:
      value = lessUnsigned(a, b) ? 1 : 0;
      break;
    case Op.i32GtS:
      value = a > b ? 1 : 0;
      break;
    case Op.i32GtU:
      value = lessUnsigned(b, a) ? 1 : 0;
      break;
    case Op.i32LeS:
      value = a <= b ? 1 : 0;
      break;
    case Op.i32LeU:
      value = lessUnsigned(b, a) ? 0 : 1;
      break;
    case Op.i32GeS:
      value = a >= b ? 1 : 0;
      break;
    case Op.i32GeU:
      value = lessUnsigned(a, b) ? 0 : 1;
      break;
    default:
      return false;
  }
  result.low = value;
  result.high = 0;
  return true;
}

/** An i64 opcode of two constants whose result is an i64; only those that need no wide arithmetic. */
export function fold64(op: i32, aLow: i32, aHigh: i32, bLow: i32, bHigh: i32, result: Folded): bool {
  switch (op) {
    case Op.i64And:
      result.low = aLow & bLow;
      result.high = aHigh & bHigh;
      return true;
    case Op.i64Or:
      result.low = aLow | bLow;
      result.high = aHigh | bHigh;
      return true;
    case Op.i64Xor:
      result.low = aLow ^ bLow;
      result.high = aHigh ^ bHigh;
      return true;
    case Op.i64Add: {
      const low = (aLow + bLow) | 0;
      result.low = low;
      result.high = (aHigh + bHigh + (lessUnsigned(low, aLow) ? 1 : 0)) | 0;
      return true;
    }
    case Op.i64Sub: {
      result.low = (aLow - bLow) | 0;
      result.high = (aHigh - bHigh - (lessUnsigned(aLow, bLow) ? 1 : 0)) | 0;
      return true;
    }
    default:
      return false;
  }
}

/** log2 of a power of two, or -1. */
export function powerOfTwo(value: i32): i32 {
  return value > 0 && (value & (value - 1)) === 0 ? 31 - Math.clz32(value) : -1;
}

/** Keys of the value numbering: values by hash, two places each. */
export class NumberTable {
  readonly #values: Int32Array = new Int32Array(8192);

  clear(): void {
    this.#values.fill(-1);
  }

  /** Candidate k (0 or 1) for the hash, or -1. */
  at(hash: i32, k: i32): i32 {
    return this.#values[((hash & 4095) << 1) | k];
  }

  add(hash: i32, value: i32): void {
    const i = (hash & 4095) << 1;
    this.#values[i + 1] = this.#values[i];
    this.#values[i] = value;
  }
}
