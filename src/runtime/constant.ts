/** Constant expressions at instantiation: initial values of globals, offsets of segments, entries of element segments. */
import { type ConstExpr, ConstKind } from '../stream/module.js';
import type { GlobalState } from './global.js';
import type { InstanceState } from './instance.js';
import type { NativeBlock } from './native-heap.js';

/** Write the value into a zeroed global cell at `offset` in `block`. */
export function evaluateInto(instance: InstanceState, expression: ConstExpr, block: NativeBlock, offset: number): void {
  switch (expression.kind) {
    case ConstKind.value:
      block.setU32(offset, expression.low);
      block.setU32(offset + 4, expression.high);
      break;
    case ConstKind.vector:
      block.setU32(offset, expression.low);
      block.setU32(offset + 4, expression.high);
      block.setU32(offset + 8, expression.third);
      block.setU32(offset + 12, expression.fourth);
      break;
    case ConstKind.globalGet:
      (instance.globals[expression.low] as GlobalState).copyTo(block, offset);
      break;
    case ConstKind.refFunc:
      block.setPointer(offset, instance.recordAt(expression.low));
      break;
    case ConstKind.refNull:
      break;
  }
}

/** The offset of an active segment: an i32, as an unsigned number. */
export function evaluateOffset(instance: InstanceState, expression: ConstExpr): number {
  const value =
    expression.kind === ConstKind.globalGet
      ? ((instance.globals[expression.low] as GlobalState).value as number)
      : expression.low;
  return value >>> 0;
}

/** An entry of an element segment (function index, -1 for null, -2 - g for global g): address of a function record, or id of a value. */
export function evaluateEntry(instance: InstanceState, entry: number): number {
  if (entry >= 0) return instance.recordAt(entry);
  return entry === -1 ? 0 : (instance.globals[-2 - entry] as GlobalState).reference;
}
