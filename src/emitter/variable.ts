import { Cc, Reg } from '../backends/x64/registers.js';
import { Condition, isFloat, Registers, Type, typeOfByte } from '../valuestack/types.js';
import type { EmitContext } from './context.js';

// Locals have no code of their own here: reading, writing and caching them is the value stack's work.

/** The cell of the global is reached through a pointer. */
function isIndirect(c: EmitContext, index: i32): bool {
  const info = c.info;
  return index < info.importedGlobals && info.globals.mutable(index);
}

/** global.get: from the instance context, or (imported, mutable) through the pointer there. */
export function globalGet(c: EmitContext, index: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const type = typeOfByte(c.info.globals.type(index));
  const d = vs.allocate(type);
  const offset = c.layout.globals + 16 * index;
  if (!isIndirect(c, index)) vs.load(type, d, Reg.r15, offset);
  else {
    asm.mov_rm(1, Registers.scratch, Reg.r15, offset);
    vs.load(type, d, Registers.scratch, 0);
  }
  vs.pushReg(type, d);
}

/** global.set */
export function globalSet(c: EmitContext, index: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const type = typeOfByte(c.info.globals.type(index));
  const offset = c.layout.globals + 16 * index;
  const s = vs.popReg();
  if (!isIndirect(c, index)) vs.store(type, Reg.r15, offset, s);
  else {
    asm.mov_rm(1, Registers.scratch, Reg.r15, offset);
    vs.store(type, Registers.scratch, 0, s);
  }
}

/**
 * select: the first value if the condition is not zero. Integers by cmov, floats by a short jump. Between the test
 * and its use there are only moves.
 */
export function select(c: EmitContext): void {
  const vs = c.vs;
  const condition = vs.popCondition();
  const type = vs.type[vs.height - 1];
  const b = vs.popReg();
  if (condition === Condition.floatNotEqual) {
    // "Not equal or unordered" is the negation of what two cmovs can say: start from the second value.
    const a = vs.popReg();
    const d = vs.owned(b) && b !== a ? b : vs.allocate(type);
    if (d !== b) vs.move(type, d, b);
    moveIf(c, type, Cc.ne, d, a);
    moveIf(c, type, Cc.p, d, a);
    vs.flagsLive = false;
    vs.pushReg(type, d);
    return;
  }
  const a = vs.popReg();
  let d = a;
  if (!vs.owned(a) || a === b) {
    d = vs.allocate(type);
    vs.move(type, d, a);
  }
  if (condition === Condition.floatEqual) {
    moveIf(c, type, Cc.ne, d, b);
    moveIf(c, type, Cc.p, d, b);
  } else moveIf(c, type, (condition ^ 1) as Cc, d, b);
  vs.flagsLive = false;
  vs.pushReg(type, d);
}

function moveIf(c: EmitContext, type: i32, cc: Cc, d: i32, s: i32): void {
  const asm = c.asm;
  if (!isFloat(type)) {
    asm.cmov_rr(cc, type === Type.i32 ? 0 : 1, d, s);
    return;
  }
  const over = asm.jcc8_forward((cc ^ 1) as Cc);
  c.vs.move(type, d, s);
  asm.bind8(over);
}
