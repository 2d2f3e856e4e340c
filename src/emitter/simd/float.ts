import { CmpPredicate, V, VShift } from '../../backends/x64/vector-ops.js';
import type { EmitContext } from '../context.js';
import {
  binaryImmediate,
  binarySwappedImmediate,
  constant32,
  constant64,
  fresh,
  op2,
  op2i,
  pop,
  push,
  scratch,
  shiftBy,
  withConstant,
} from './shapes.js';

// `f` is 0 for f32x4, 1 for f64x2.

/** eq, ne, lt, le: the predicates exist (ne is true for unordered operands). */
export function compare(c: EmitContext, f: i32, predicate: CmpPredicate): void {
  binaryImmediate(c, f === 0 ? V.cmpps : V.cmppd, predicate);
}

/** gt, ge: lt, le of the exchanged operands. */
export function compareSwapped(c: EmitContext, f: i32, predicate: CmpPredicate): void {
  binarySwappedImmediate(c, f === 0 ? V.cmpps : V.cmppd, predicate);
}

export function abs(c: EmitContext, f: i32): void {
  if (f === 0) withConstant(c, V.andps, constant32(c, 0x7fffffff));
  else withConstant(c, V.andps, constant64(c, -1, 0x7fffffff));
}

export function neg(c: EmitContext, f: i32): void {
  if (f === 0) withConstant(c, V.xorps, constant32(c, 0x80000000 | 0));
  else withConstant(c, V.xorps, constant64(c, 0, 0x80000000 | 0));
}

/**
 * min, max. The processor's give the second operand if the two are zeros, or one is a NaN. Combined with the same of the
 * exchanged operands, zeros are right: `combine` is or for min (-0 wins), and for max. Lanes with a NaN are filled with
 * ones, of which the payload bits below the quiet bit are turned off again: a canonical NaN.
 */
export function minMax(c: EmitContext, f: i32, op: V, combine: V): void {
  const b = pop(c);
  const a = pop(c);
  const d = fresh(c);
  op2(c, op, d, b, a);
  op2(c, op, scratch, a, b);
  op2(c, combine, d, d, scratch);
  op2i(c, f === 0 ? V.cmpps : V.cmppd, scratch, a, b, CmpPredicate.unordered);
  op2(c, V.orps, d, d, scratch);
  if (f === 0) shiftBy(c, VShift.psrld, scratch, scratch, 10);
  else shiftBy(c, VShift.psrlq, scratch, scratch, 13);
  op2(c, V.xorps, d, d, scratch);
  push(c, d);
}
