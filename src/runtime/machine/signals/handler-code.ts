/**
 * Pieces of the signal handlers' machine code. A handler is a C function (edi = signal, rsi = siginfo, rdx = ucontext)
 * on the alternate stack. What is preserved across it does not matter: sigreturn restores all registers from the ucontext.
 */

import { CodeRange, Thread } from '../../../backends/abi/layout.js';
import { Alu, type Assembler, Cc, Reg } from '../../../backends/x64/assembler.js';
import { emitExit } from '../x64/exit-stub.js';
import { codePage, gregs, magicHigh, magicLow, Shared, Syscall, Ucontext } from './signal-abi.js';

/**
 * r8 = thread record of this thread; returns the jump that is taken if it has none. The alternate stack leads to it; if
 * somebody has replaced that, the registry is searched by thread id. Clobbers rax, rcx, r9, r11.
 */
export function emitFindThread(a: Assembler): number {
  a.mov_rm(1, Reg.r8, Reg.rdx, Ucontext.stackPointer);
  a.test_rr(1, Reg.r8, Reg.r8);
  const none = a.jcc8_forward(Cc.e);
  a.mov_ri64(Reg.rax, magicLow, magicHigh);
  a.alu_rm(Alu.cmp, 1, Reg.rax, Reg.r8, 8);
  const foreign = a.jcc8_forward(Cc.ne);
  a.mov_rm(1, Reg.r8, Reg.r8, 0);
  const own = a.jmp8_forward();
  a.bind8(none);
  a.bind8(foreign);
  a.mov_ri(Reg.rax, Syscall.gettid);
  a.syscall();
  a.lea_rip(Reg.r9, codePage + Shared.records);
  const loop = a.pos;
  a.mov_rm(1, Reg.r8, Reg.r9, 0);
  a.alu_ri(Alu.add, 1, Reg.r9, 8);
  a.test_rr(1, Reg.r8, Reg.r8);
  const missing = a.jcc_forward(Cc.e);
  a.alu_rm(Alu.cmp, 0, Reg.rax, Reg.r8, Thread.tid);
  a.jcc(Cc.ne, loop);
  a.bind8(own);
  return missing;
}

/**
 * Look rip up in one of the spans of the thread's code ranges; returns the jump that is taken if it is in none.
 * rax = rip; clobbers rcx, r9.
 */
export function emitFindRange(a: Assembler, begin: CodeRange, end: CodeRange): number {
  a.mov_rm(1, Reg.rax, Reg.rdx, Ucontext.rip);
  a.mov_rm(1, Reg.r9, Reg.r8, Thread.ranges);
  a.mov_rm(0, Reg.rcx, Reg.r8, Thread.rangeCount);
  const loop = a.pos;
  a.alu_ri(Alu.sub, 0, Reg.rcx, 1);
  const none = a.jcc_forward(Cc.b);
  a.alu_rm(Alu.cmp, 1, Reg.rax, Reg.r9, begin);
  const below = a.jcc8_forward(Cc.b);
  a.alu_rm(Alu.cmp, 1, Reg.rax, Reg.r9, end);
  const found = a.jcc8_forward(Cc.b);
  a.bind8(below);
  a.alu_ri(Alu.add, 1, Reg.r9, CodeRange.size);
  a.jmp(loop);
  a.bind8(found);
  return none;
}

/** Record the trap, with rax = rip and ebx = its code, and make sigreturn resume in the exit stub behind. */
export function emitLeave(a: Assembler): void {
  a.mov_mr(1, Reg.r8, Thread.trapPc, Reg.rax);
  a.mov_mr(0, Reg.r8, Thread.trapCode, Reg.rbx);
  a.mov_mr(0, Reg.r8, Thread.trapSignal, Reg.rdi);
  a.mov_rm(1, Reg.rax, Reg.rdx, Ucontext.rbp);
  a.mov_mr(1, Reg.r8, Thread.trapFp, Reg.rax);
  for (let r = 0; r < 16; r++) {
    a.mov_rm(1, Reg.rax, Reg.rdx, Ucontext.registers + 8 * (gregs[r] as number));
    a.mov_mr(1, Reg.r8, Thread.trapRegisters + 8 * r, Reg.rax);
  }
  const exit = emitResumeAt(a);
  a.pop(Reg.rbx);
  a.ret();
  a.align(16);
  a.bind(exit);
  emitExit(a);
}

/**
 * Make sigreturn resume on the host stack, with r12 = thread record, at the place to which the returned reference is
 * bound. Clobbers rax.
 */
export function emitResumeAt(a: Assembler): number {
  a.mov_rm(1, Reg.rax, Reg.r8, Thread.savedRsp);
  a.mov_mr(1, Reg.rdx, Ucontext.rsp, Reg.rax);
  a.mov_mr(1, Reg.rdx, Ucontext.r12, Reg.r8);
  const place = a.lea_rip_forward(Reg.rax);
  a.mov_mr(1, Reg.rdx, Ucontext.rip, Reg.rax);
  // Trap flag and direction flag.
  a.alu_mi(Alu.and, 1, Reg.rdx, Ucontext.eflags, ~0x500);
  return place;
}
