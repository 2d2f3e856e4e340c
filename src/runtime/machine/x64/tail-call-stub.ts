/**
 * Tail calls into another instance. Functions of a module call each other without keeping r15 and r14: whoever takes the place of one of
 * them must give them back. So the callee is called from an adapter frame, which lies where the frame of the function was:
 *
 *       stack results, for the caller            [rbp + 16]
 *       return address                           [rbp +  8]
 *       caller's rbp                             [rbp +  0]
 *       caller's r15                             [rbp -  8]
 *       bytes of stack results                   [rbp - 16]
 *       stack results, stack arguments, return address to `landing`
 *
 * A function that returns to an adapter needs no other one, whichever instances follow: a chain of tail calls has one at most.
 */
import { Context, Frame, TailAdapter } from '../../../backends/abi/layout.js';
import { Alu, type Assembler, Cc, Reg } from '../../../backends/x64/assembler.js';
import type { StubWriter } from './stub-writer.js';

const xmm15 = 15;

/**
 * Write the stub. It is jumped to with r10 = slot, r11 = record, r13 = context of the callee, whose arguments are in their registers and
 * at rsp; r8, r9, r12 = bytes of the function's own stack arguments, of the callee's, of stack results; `TailAdapter.room` bytes and room for
 * the stack results lie between arguments and frame. Nothing below rsp is written.
 */
export function writeTailCallStub(writer: StubWriter): number {
  const landing = writer.write(emitLanding);
  return writer.write((a) => {
    // The code of another engine or thread has its own landing: it is known by its first bytes.
    a.mov_rm(1, Reg.r14, Reg.rbp, Frame.returnAddress);
    a.alu_mi(Alu.cmp, 0, Reg.r14, 0, TailAdapter.mark);
    const first = a.jcc_forward(Cc.ne);
    a.alu_mi(Alu.cmp, 0, Reg.r14, 4, TailAdapter.name);
    const second = a.jcc_forward(Cc.ne);
    // There is one: take the place of the function, as within an instance.
    a.lea_x(1, Reg.r12, Reg.rbp, Reg.r8, 0, Frame.returnAddress);
    a.alu_rr(Alu.sub, 1, Reg.r12, Reg.r9);
    a.mov_rm(1, Reg.rbp, Reg.rbp, 0);
    emitCopyUp(a, Reg.r12, 8);
    a.mov_mr(1, Reg.r12, 0, Reg.r14);
    a.mov_rr(1, Reg.rsp, Reg.r12);
    const go = a.pos;
    a.mov_rr(1, Reg.r15, Reg.r13);
    a.mov_rm(1, Reg.r14, Reg.r15, Context.memoryBase);
    a.jmp_m(Reg.r10, 0);
    a.bind(first);
    a.bind(second);
    // r8 = where the return address of the adapter frame goes: the function's arguments are gone.
    a.lea_x(1, Reg.r8, Reg.rbp, Reg.r8, 0, Frame.returnAddress);
    a.mov_rm(1, Reg.rbp, Reg.rbp, 0);
    a.mov_mr(1, Reg.r8, 0, Reg.r14);
    a.mov_mr(1, Reg.r8, -8, Reg.rbp);
    a.mov_mr(1, Reg.r8, -8 + Frame.savedContext, Reg.r15);
    a.mov_mr(1, Reg.r8, -8 + TailAdapter.resultBytes, Reg.r12);
    a.lea(1, Reg.rbp, Reg.r8, -8);
    // r8 = where the callee's arguments go.
    a.lea(1, Reg.r8, Reg.r8, -8 + TailAdapter.resultBytes);
    a.alu_rr(Alu.sub, 1, Reg.r8, Reg.r12);
    a.alu_rr(Alu.sub, 1, Reg.r8, Reg.r9);
    emitCopyUp(a, Reg.r8, 0);
    a.lea_rip(Reg.r12, landing);
    a.mov_mr(1, Reg.r8, -8, Reg.r12);
    a.lea(1, Reg.rsp, Reg.r8, -8);
    a.jmp(go);
  });
}

/** Copy r9 bytes from rsp to a higher place, `disp` bytes behind `base`. */
function emitCopyUp(a: Assembler, base: number, disp: number): void {
  const loop = a.pos;
  a.alu_ri(Alu.sub, 1, Reg.r9, 8);
  const done = a.jcc8_forward(Cc.b);
  a.floadx(1, xmm15, Reg.rsp, Reg.r9, 0);
  a.fstorex(1, base, Reg.r9, disp, xmm15);
  a.jmp(loop);
  a.bind8(done);
}

/** Where the callee returns to: stack results go to the caller's place, and r15 and r14 are the caller's again. */
function emitLanding(a: Assembler): void {
  // An instruction that does nothing, and nobody else writes.
  a.int32(TailAdapter.mark);
  a.int32(TailAdapter.name);
  a.mov_rm(1, Reg.r15, Reg.rbp, Frame.savedContext);
  a.mov_rm(1, Reg.r14, Reg.r15, Context.memoryBase);
  a.mov_rm(1, Reg.r9, Reg.rbp, TailAdapter.resultBytes);
  emitCopyUp(a, Reg.rbp, Frame.stackArguments);
  a.leave();
  a.ret();
}
