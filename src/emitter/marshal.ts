import { Frame } from '../backends/abi/layout.js';
import { type CallShape, PlaceOf } from '../backends/code/call-shape.js';
import { Reg } from '../backends/x64/registers.js';
import type { Int8Array, Int16Array } from '../support/dialect.js';
import { Registers, slotsOf, Type } from '../valuestack/types.js';
import type { EmitContext } from './context.js';

/**
 * Out-of-line code that moves all values of one function type between operand slots and the places of the calling
 * convention. A call or return of two bytes can carry a thousand values: the moves stand once per type and module,
 * paid for by the type's bytes, and are called with r11 = end of the first value's slot.
 */

/** Code bytes per value at most (a load and a store with 32-bit displacements), and of what is around. */
const valueBytes = 20;
const fixedBytes = 64;

/** Parameters from slots to registers and outgoing stack area. Keeps r10. Emitted here if it is not there yet. */
export function passHelper(c: EmitContext, shape: CallShape): i32 {
  if (shape.passHelper === 0) {
    const over = open(c, shape.params.length, true);
    shape.passHelper = c.asm.pos;
    // The return address lies below the area.
    fromSlots(c, shape.params, shape.paramPlace, Reg.rsp, 8 + 8 * shape.stackParams);
    c.asm.ret();
    c.asm.bind(over);
  }
  return shape.passHelper;
}

/** Results from registers and the stack area to slots. Emitted here if it is not there yet. */
export function takeHelper(c: EmitContext, shape: CallShape): i32 {
  if (shape.takeHelper === 0) {
    const over = open(c, shape.results.length, true);
    shape.takeHelper = c.asm.pos;
    toSlots(c, shape.results, shape.resultPlace, 8 + 8 * shape.stackResults);
    c.asm.ret();
    c.asm.bind(over);
  }
  return shape.takeHelper;
}

/** Results from slots to where the caller wants them, and back to it: jumped to. Emitted between two functions. */
export function ensureReturnHelper(c: EmitContext, shape: CallShape): void {
  if (shape.returnHelper !== 0) return;
  open(c, shape.results.length, false);
  shape.returnHelper = c.asm.pos;
  const top = Frame.stackArguments + 8 * shape.stackParams + 8 * shape.stackResults;
  fromSlots(c, shape.results, shape.resultPlace, Reg.rbp, top);
  c.asm.leave();
  c.asm.ret_n(8 * shape.stackParams);
}

/** Room for `count` values, and a jump over them if code falls into them here. */
function open(c: EmitContext, count: i32, fallsIn: bool): i32 {
  c.reserveMore(count * valueBytes + fixedBytes);
  return fallsIn ? c.asm.jmp_forward() : 0;
}

/** Two values of one slot that follow each other on both sides move together, as one vector does. */
function isPair(types: Int8Array, places: Int16Array, i: i32): bool {
  return (
    i + 1 < types.length && places[i + 1] === places[i] + 1 && types[i] !== Type.v128 && types[i + 1] !== Type.v128
  );
}

/** Stack items first: the registers are still the scratch ones. `top` is the end of the first stack item. */
function fromSlots(c: EmitContext, types: Int8Array, places: Int16Array, base: i32, top: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const count = types.length;
  for (let i = 0, slots = 0; i < count; i++) {
    const k = places[i] - PlaceOf.firstStack;
    slots += slotsOf(types[i]);
    if (k < 0) continue;
    const pair = isPair(types, places, i);
    if (pair) {
      slots++;
      i++;
    }
    if (pair || types[i] === Type.v128) {
      asm.movups_xm(Registers.scratchXmm, Registers.scratch, -8 * slots);
      asm.movups_mx(base, top - 8 * (k + 2), Registers.scratchXmm);
    } else {
      asm.movs_xm(1, Registers.scratchXmm, Registers.scratch, -8 * slots);
      asm.movs_mx(1, base, top - 8 * (k + 1), Registers.scratchXmm);
    }
  }
  for (let i = 0, slots = 0; i < count; i++) {
    slots += slotsOf(types[i]);
    if (places[i] < PlaceOf.firstStack) vs.load(types[i], places[i], Registers.scratch, -8 * slots);
  }
}

/** The other way. */
function toSlots(c: EmitContext, types: Int8Array, places: Int16Array, top: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const count = types.length;
  for (let i = 0, slots = 0; i < count; i++) {
    const k = places[i] - PlaceOf.firstStack;
    slots += slotsOf(types[i]);
    if (k < 0) {
      vs.store(types[i], Registers.scratch, -8 * slots, places[i]);
      continue;
    }
    const pair = isPair(types, places, i);
    if (pair) {
      slots++;
      i++;
    }
    if (pair || types[i] === Type.v128) {
      asm.movups_xm(Registers.scratchXmm, Reg.rsp, top - 8 * (k + 2));
      asm.movups_mx(Registers.scratch, -8 * slots, Registers.scratchXmm);
    } else {
      asm.movs_xm(1, Registers.scratchXmm, Reg.rsp, top - 8 * (k + 1));
      asm.movs_mx(1, Registers.scratch, -8 * slots, Registers.scratchXmm);
    }
  }
}
