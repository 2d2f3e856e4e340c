import { Frame, FunctionElement, TailAdapter } from '../backends/abi/layout.js';
import type { CallShape } from '../backends/code/call-shape.js';
import { Alu, Cc, Reg } from '../backends/x64/registers.js';
import { Registers } from '../valuestack/types.js';
import { findCallee, placeArguments } from './calls.js';
import type { EmitContext } from './context.js';

/*
 * Tail calls. The arguments are placed as for any call, below the frame; then those on the stack are copied up to where the function's
 * own ended, the return address goes below them, and the callee is jumped to. Callees pop their arguments, so their number may differ.
 * A callee of another instance gives the caller its r15 back by the adapter frame that the stub `tailCall` leaves (once per chain).
 */

/** Stack arguments up to this number are copied without a loop. */
const shortRun = 4;

/** return_call: a function of the module through its slot, an import through its record. */
export function returnCall(c: EmitContext, functionIndex: i32): void {
  const asm = c.asm;
  const shape = c.shapeOf(c.functionTypes[functionIndex]);
  if (functionIndex >= c.importedFunctions) {
    placeArguments(c, shape, 8 * shape.stackParams, true);
    replaceFrame(c, shape);
    asm.jmp_rip(c.code.slots + 8 * (functionIndex - c.importedFunctions));
  } else {
    const disp = c.layout.imports + FunctionElement.size * functionIndex;
    placeArguments(c, shape, outgoing(shape), true);
    asm.mov_rm(1, Registers.scratch, Reg.r15, disp + FunctionElement.record);
    asm.mov_rm(1, Reg.r13, Reg.r15, disp + FunctionElement.context);
    asm.mov_rm(1, Reg.r10, Reg.r15, disp + FunctionElement.slot);
    leaveFor(c, shape);
  }
  c.vs.kill();
}

/** return_call_indirect */
export function returnCallIndirect(c: EmitContext, typeIndex: i32, table: i32): void {
  const asm = c.asm;
  const shape = c.shapeOf(typeIndex);
  c.vs.popInto(Reg.r10);
  findCallee(c, typeIndex, table);
  placeArguments(c, shape, outgoing(shape), true);
  asm.mov_rm(1, Registers.scratch, Reg.r10, FunctionElement.record);
  asm.mov_rm(1, Reg.r13, Reg.r10, FunctionElement.context);
  asm.mov_rm(1, Reg.r10, Reg.r10, FunctionElement.slot);
  leaveFor(c, shape);
  c.vs.kill();
}

/** Room for the arguments and, above them, what the stub's adapter frame may need more than the function's own frame has. */
function outgoing(shape: CallShape): i32 {
  return 8 * (shape.stackParams + shape.stackResults) + TailAdapter.room;
}

/** Go to the function in r10 (slot), r11 (record), r13 (context), which may be another instance's. */
function leaveFor(c: EmitContext, shape: CallShape): void {
  const asm = c.asm;
  asm.alu_rr(Alu.cmp, 1, Reg.r13, Reg.r15);
  const same = asm.jcc8_forward(Cc.e);
  asm.mov_ri(Reg.r8, 8 * c.shape.stackParams);
  asm.mov_ri(Reg.r9, 8 * shape.stackParams);
  asm.mov_ri(Reg.r12, 8 * shape.stackResults);
  asm.jmp32(c.stubs.tailCall);
  asm.bind8(same);
  replaceFrame(c, shape);
  asm.jmp_m(Reg.r10, 0);
}

/**
 * The arguments at rsp become those of the function's caller. Clobbers r8, r9 and r12. The code can be paused at any instruction:
 * rbp leads to the caller's frame, or is the caller's, before anything of this frame is overwritten, and nothing that counts is below rsp.
 */
function replaceFrame(c: EmitContext, shape: CallShape): void {
  const asm = c.asm;
  const own = c.shape.stackParams;
  const count = shape.stackParams;
  if (own === 0 && count === 0) {
    asm.leave();
    return;
  }
  asm.mov_rm(1, Reg.r9, Reg.rbp, Frame.returnAddress);
  asm.lea(1, Reg.r12, Reg.rbp, Frame.returnAddress + 8 * (own - count));
  asm.mov_rm(1, Reg.rbp, Reg.rbp, 0);
  // From the highest on: they go up.
  if (count <= shortRun) {
    for (let k = count - 1; k >= 0; k--) {
      asm.movs_xm(1, Registers.scratchXmm, Reg.rsp, 8 * k);
      asm.movs_mx(1, Reg.r12, 8 + 8 * k, Registers.scratchXmm);
    }
  } else {
    asm.mov_ri(Reg.r8, 8 * count);
    const loop = asm.pos;
    asm.floadx(1, Registers.scratchXmm, Reg.rsp, Reg.r8, -8);
    asm.fstorex(1, Reg.r12, Reg.r8, 0, Registers.scratchXmm);
    asm.alu_ri(Alu.sub, 0, Reg.r8, 8);
    asm.jcc(Cc.ne, loop);
  }
  asm.mov_mr(1, Reg.r12, 0, Reg.r9);
  asm.mov_rr(1, Reg.rsp, Reg.r12);
}
