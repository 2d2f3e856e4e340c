/** The ways between the host's stack and the wasm stack that all stubs share. */

import { ActivationFrame, Thread } from '../../../backends/abi/layout.js';
import { Alu, type Assembler, Reg } from '../../../backends/x64/assembler.js';

/** How control gets back to the host: where the processor cannot have predicted the return, a jump is faster. */
export const enum Way {
  return,
  jump,
}

/**
 * End the innermost activation, however deep its frames are, and return to the host. r12 holds the thread record;
 * everything else is dead.
 */
export function emitExit(a: Assembler, way: Way = Way.return): void {
  const t = Reg.r12;
  a.mov_rm(1, Reg.rsp, t, Thread.activation);
  a.pop_m(t, Thread.activation);
  a.alu_ri(Alu.add, 1, Reg.rsp, ActivationFrame.size - 8);
  a.mov_mr(1, t, Thread.wasmSp, Reg.rsp);
  emitToHost(a, way);
}

/** Return to the host; r12 = thread record. */
export function emitToHost(a: Assembler, way: Way): void {
  a.mov_rm(1, Reg.rsp, Reg.r12, Thread.savedRsp);
  emitRestoreHost(a, way);
}

/** Push what the C calling convention wants preserved. */
export function emitSaveHost(a: Assembler): void {
  a.push(Reg.rbp);
  a.push(Reg.rbx);
  a.push(Reg.r12);
  a.push(Reg.r13);
  a.push(Reg.r14);
  a.push(Reg.r15);
}

export function emitRestoreHost(a: Assembler, way: Way = Way.return): void {
  a.pop(Reg.r15);
  a.pop(Reg.r14);
  a.pop(Reg.r13);
  a.pop(Reg.r12);
  a.pop(Reg.rbx);
  a.pop(Reg.rbp);
  if (way === Way.return) {
    a.ret();
    return;
  }
  a.pop(Reg.rcx);
  a.jmp_r(Reg.rcx);
}

/**
 * The host enters the innermost activation again: rax = thread record, r10 = place of the JS frame (see `emitEnter`).
 * Leaves r12 = thread record, rax = the activation's frame; rsp is still the host's.
 */
export function emitReenter(a: Assembler): void {
  const t = Reg.r12;
  emitSaveHost(a);
  a.mov_rr(1, t, Reg.rax);
  a.mov_mr(1, t, Thread.savedRsp, Reg.rsp);
  a.mov_rm(1, Reg.rax, t, Thread.activation);
  a.mov_mr(1, Reg.rax, ActivationFrame.hostSp, Reg.r10);
}
