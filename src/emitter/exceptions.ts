import { TrapCode } from '../backends/abi/layout.js';
import { callShape } from '../backends/code/call-shape.js';
import { Alu, Cc, Reg } from '../backends/x64/registers.js';
import { ValType } from '../stream/types.js';
import { type Int8Array, Uint8Array } from '../support/dialect.js';
import { Registers, slotsOf, Type } from '../valuestack/types.js';
import { callStub } from './calls.js';
import type { EmitContext } from './context.js';

/*
 * Throwing is a call of a builtin that does not return: JS makes the exception, looks for the handler by the return addresses of the
 * frames, and goes on there (the landing stub), with rbp, r15 and r14 of the handler's function, rax = the exception, edx = its tag,
 * and its values at rsp, as in operand slots.
 */

const int32: i32 = ValType.i32;
const exnref: i32 = ValType.exnref;
const noResults = new Uint8Array(0);
const throwTagShape = callShape(Uint8Array.of(int32, int32), noResults);
const throwRefShape = callShape(Uint8Array.of(exnref), noResults);

/** throw: JS finds the values in their slots. */
export function throwTag(c: EmitContext, tag: i32): void {
  const vs = c.vs;
  const count = c.shapeOf(c.info.tags.type(tag)).params.length;
  const top = vs.slotTop(vs.height - count);
  vs.flushBelow(vs.height);
  vs.pushConstant(Type.i32, tag, 0);
  vs.pushConstant(Type.i32, top, -1);
  callStub(c, throwTagShape, c.stubs.throwTag);
  c.asm.ud2();
  vs.kill();
}

/** throw_ref */
export function throwRef(c: EmitContext): void {
  const vs = c.vs;
  const r = vs.popReg();
  c.asm.test_rr(1, r, r);
  c.trapIf(Cc.e, TrapCode.nullReference);
  vs.pushReg(Type.externRef, r);
  throwAgain(c);
}

/** Throw the exception on top of the stack, which is not null. */
export function throwAgain(c: EmitContext): void {
  callStub(c, throwRefShape, c.stubs.throwRef);
  c.asm.ud2();
  c.vs.kill();
}

/** Push the values of the exception that has landed. They are at rsp, which goes back to where the frame ends. Keeps rax. */
export function takeValues(c: EmitContext, types: Int8Array): void {
  const vs = c.vs;
  const asm = c.asm;
  let slots = 0;
  for (let k = 0; k < types.length; k++) slots += slotsOf(types[k]);
  if (types.length > c.world.blockResults) {
    // As in their slots: the first value has the highest address. r11 counts down.
    const target = vs.slotTop(vs.height) - 8 * slots;
    asm.mov_ri(Registers.scratch, 8 * slots);
    const loop = asm.pos;
    asm.floadx(1, Registers.scratchXmm, Reg.rsp, Registers.scratch, -8);
    asm.fstorex(1, Reg.rbp, Registers.scratch, target - 8, Registers.scratchXmm);
    asm.alu_ri(Alu.sub, 0, Registers.scratch, 8);
    asm.jcc(Cc.ne, loop);
    vs.pushSlots(types);
  } else {
    vs.pinned |= 1 << Reg.rax;
    for (let k = 0, end = slots; k < types.length; k++) {
      end -= slotsOf(types[k]);
      const r = vs.allocate(types[k]);
      vs.load(types[k], r, Reg.rsp, 8 * end);
      vs.pushReg(types[k], r);
    }
  }
  c.restoreStackPointer();
}
