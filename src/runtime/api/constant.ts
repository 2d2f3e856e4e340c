/** Constant expressions at instantiation: initial values of globals, offsets of segments, entries of element segments. */
import { Op } from '../../stream/op.js';
import type { WireCursor } from '../../stream/wire-cursor.js';
import type { NativeBlock } from '../store/native-heap.js';
import type { InstanceState } from './instance.js';

/** The decoder lets nothing else pass: one instruction and its `end`. */
function unexpected(opcode: number): never {
  throw new Error(`opcode 0x${opcode.toString(16)} in a constant expression that was valid`);
}

/** Write the value of the expression at the cursor into a zeroed global cell at `offset` in `block`. */
export function evaluateInto(instance: InstanceState, cursor: WireCursor, block: NativeBlock, offset: number): void {
  const opcode = cursor.u8();
  switch (opcode) {
    case Op.i32Const:
      block.setU32(offset, cursor.s32());
      break;
    case Op.i64Const:
      cursor.s64();
      block.setU32(offset, cursor.low);
      block.setU32(offset + 4, cursor.high);
      break;
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
  const opcode = cursor.u8();
  switch (opcode) {
    case Op.i32Const:
      return cursor.s32() >>> 0;
    case Op.globalGet:
      return (instance.globalAt(cursor.u32()).value as number) >>> 0;
    default:
      return unexpected(opcode);
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
