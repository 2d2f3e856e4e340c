/** Constant expressions at instantiation: initial values of globals, offsets of segments, entries of element segments. */
import { Op } from '../../stream/op.js';
import { ValType } from '../../stream/types.js';
import type { WireCursor } from '../../stream/wire-cursor.js';
import { BigInt, List, Math, Number } from '../../support/primordials.js';
import type { NativeBlock } from '../store/native-heap.js';
import type { InstanceState } from './instance.js';

/** The decoder lets nothing else pass. */
function unexpected(opcode: number): never {
  throw new Error(`opcode 0x${opcode.toString(16)} in a constant expression that was valid`);
}

/** Write the value of the expression of this type at the cursor into a zeroed global cell at `offset` in `block`. */
export function evaluateInto(
  instance: InstanceState,
  type: ValType,
  cursor: WireCursor,
  block: NativeBlock,
  offset: number,
): void {
  if (type === ValType.i32) {
    block.setU32(offset, evaluateI32(instance, cursor));
    return;
  }
  if (type === ValType.i64) {
    evaluateI64(instance, cursor);
    block.setU32(offset, cursor.low);
    block.setU32(offset + 4, cursor.high);
    return;
  }
  // Of the other types, expressions are one instruction.
  const opcode = cursor.u8();
  switch (opcode) {
    case Op.f32Const:
      block.setU32(offset, cursor.u32le());
      break;
    case Op.f64Const:
      block.setU32(offset, cursor.u32le());
      block.setU32(offset + 4, cursor.u32le());
      break;
    case Op.prefixSimd:
      cursor.skipLeb();
      for (let i = 0; i < 16; i += 4) block.setU32(offset + i, cursor.u32le());
      break;
    case Op.globalGet:
      instance.globalAt(cursor.u32()).copyTo(block, offset);
      break;
    case Op.refFunc:
      block.setPointer(offset, instance.recordAt(cursor.u32()));
      break;
    case Op.refNull:
      break;
    default:
      unexpected(opcode);
  }
}

/** The offset of an active segment: an i32, as an unsigned number. */
export function evaluateOffset(instance: InstanceState, cursor: WireCursor): number {
  return evaluateI32(instance, cursor) >>> 0;
}

/** The same of 64 bits: exact below 2^53, else nearly. */
export function evaluateWideOffset(instance: InstanceState, cursor: WireCursor): number {
  evaluateI64(instance, cursor);
  return (cursor.high >>> 0) * 4294967296 + (cursor.low >>> 0);
}

function evaluateI32(instance: InstanceState, cursor: WireCursor): number {
  // The operand on top, and those below.
  let top = 0;
  let height = 0;
  let below: number[] | undefined;
  for (;;) {
    const opcode = cursor.u8();
    switch (opcode) {
      case Op.end:
        return top;
      case Op.i32Const:
      case Op.globalGet:
        if (height > 0) {
          below ??= new List();
          below[height - 1] = top;
        }
        height++;
        top = opcode === Op.i32Const ? cursor.s32() : (instance.globalAt(cursor.u32()).value as number);
        break;
      default: {
        height--;
        const left = below?.[height - 1] as number;
        if (opcode === Op.i32Add) top = (left + top) | 0;
        else if (opcode === Op.i32Sub) top = (left - top) | 0;
        else if (opcode === Op.i32Mul) top = Math.imul(left, top);
        else unexpected(opcode);
      }
    }
  }
}

/** Leaves the value in the halves of the cursor. */
function evaluateI64(instance: InstanceState, cursor: WireCursor): void {
  let top = 0n;
  let height = 0;
  let below: bigint[] | undefined;
  for (;;) {
    const opcode = cursor.u8();
    switch (opcode) {
      case Op.end:
        cursor.low = Number(BigInt.asIntN(32, top));
        cursor.high = Number(BigInt.asIntN(32, top >> 32n));
        return;
      case Op.i64Const:
      case Op.globalGet:
        if (height > 0) {
          below ??= new List();
          below[height - 1] = top;
        }
        height++;
        if (opcode === Op.globalGet) top = instance.globalAt(cursor.u32()).value as bigint;
        else {
          cursor.s64();
          top = (BigInt(cursor.high) << 32n) | BigInt(cursor.low >>> 0);
        }
        break;
      default: {
        height--;
        const left = below?.[height - 1] as bigint;
        if (opcode === Op.i64Add) top = BigInt.asIntN(64, left + top);
        else if (opcode === Op.i64Sub) top = BigInt.asIntN(64, left - top);
        else if (opcode === Op.i64Mul) top = BigInt.asIntN(64, left * top);
        else unexpected(opcode);
      }
    }
  }
}

/** The reference that the expression at the cursor gives: address of a function record, or id of a value; the cursor passes over it. */
export function evaluateReference(instance: InstanceState, cursor: WireCursor): number {
  const opcode = cursor.u8();
  let reference = 0;
  switch (opcode) {
    case Op.refFunc:
      reference = instance.recordAt(cursor.u32());
      break;
    case Op.globalGet:
      reference = instance.globalAt(cursor.u32()).reference;
      break;
    case Op.refNull:
      cursor.skipLeb();
      break;
    default:
      unexpected(opcode);
  }
  cursor.pos++;
  return reference;
}
