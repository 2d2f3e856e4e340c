import { Thread } from '../../../backends/abi/layout.js';
import { Alu, type Assembler, Reg } from '../../../backends/x64/assembler.js';

/**
 * The exit stub: leaves the innermost activation, however deep its frames are, and returns from its entry stub to the
 * host. r12 holds the thread record; everything else is dead. `pending` becomes 1: if this entry was made by a host
 * function, only the end of that function's dispatcher may clear it.
 */
export function emitExit(a: Assembler): void {
  const t = Reg.r12;
  a.mov_rm(1, Reg.rsp, t, Thread.savedRsp);
  a.pop_m(t, Thread.savedRsp);
  a.pop_m(t, Thread.wasmSp);
  a.pop_m(t, Thread.lastFp);
  a.pop_m(t, Thread.lastPc);
  a.pop(Reg.r11);
  a.mov_mi(0, t, Thread.pending, 1);
  a.alu_mi(Alu.sub, 0, t, Thread.depth, 1);
  emitRestoreHost(a);
}

/** Push what the C calling convention wants preserved, then what `emitExit` gives back. r11 = record, r12 = thread. */
export function emitSaveHost(a: Assembler): void {
  a.push(Reg.rbp);
  a.push(Reg.rbx);
  a.push(Reg.r12);
  a.push(Reg.r13);
  a.push(Reg.r14);
  a.push(Reg.r15);
}

export function emitRestoreHost(a: Assembler): void {
  a.pop(Reg.r15);
  a.pop(Reg.r14);
  a.pop(Reg.r13);
  a.pop(Reg.r12);
  a.pop(Reg.rbx);
  a.pop(Reg.rbp);
  a.ret();
}

/**
 * Open an activation (`EntryFrame` is what it leaves at savedRsp): with the six registers of `emitSaveHost` and the return address, rsp is a multiple of 16
 * afterwards, as C wants it at a call.
 */
export function emitOpenActivation(a: Assembler): void {
  const t = Reg.r12;
  a.push(Reg.r11);
  a.push_m(t, Thread.lastPc);
  a.push_m(t, Thread.lastFp);
  a.push_m(t, Thread.wasmSp);
  a.push_m(t, Thread.savedRsp);
  a.mov_mr(1, t, Thread.savedRsp, Reg.rsp);
  a.alu_mi(Alu.add, 0, t, Thread.depth, 1);
}
