/**
 * The `sigaction` that the rest of the program calls (`sigaction-slots.ts`), as machine code, and what it would have done to
 * the handlers that were there before.
 */

import { Alu, type Assembler, Cc, Reg } from '../../../backends/x64/assembler.js';
import { DataView, listWith } from '../../../support/primordials.js';
import { nativeView, Signal, sigaction } from '../os.js';
import { Action, ActionFlag, codePage, Shared, Syscall } from './signal-abi.js';

/** The signals of faults: the engine's handler stays in front. */
export const faultSignals: readonly Signal[] = listWith(Signal.SIGBUS, Signal.SIGFPE, Signal.SIGILL, Signal.SIGSEGV);

/** r8 = address of the struct sigaction for the signal number in `signal`. */
export function emitActionOf(a: Assembler, signal: Reg): void {
  a.mov_rr(0, Reg.r8, signal);
  a.imul_rri(0, Reg.r8, Reg.r8, Shared.actionStride);
  a.lea_rip(Reg.rax, codePage + Shared.actions);
  a.alu_rr(Alu.add, 1, Reg.r8, Reg.rax);
}

/**
 * int sigaction(int, const struct sigaction *, struct sigaction *) for the rest of the program: for the signals of faults
 * it reads and writes what the fault handler passes on to, handlers of other signals run on the alternate stack. A child
 * between fork and exec, whose memory may be this process's own, calls the C library's for the former, too.
 */
export function emitSigaction(a: Assembler): void {
  const own = faultSignals.map((signal) => {
    a.alu_ri(Alu.cmp, 0, Reg.rdi, signal);
    return a.jcc8_forward(Cc.e);
  });
  const real = a.pos;
  emitSigactionOnStack(a);
  for (const jump of own) a.bind8(jump);
  a.mov_ri(Reg.rax, Syscall.getpid);
  a.syscall();
  a.alu_rm_rip(Alu.cmp, 0, Reg.rax, codePage + Shared.pid);
  a.jcc(Cc.ne, real);
  emitActionOf(a, Reg.rdi);
  a.test_rr(1, Reg.rdx, Reg.rdx);
  const noOld = a.jcc8_forward(Cc.e);
  a.mov_rr(1, Reg.rax, Reg.rsi);
  a.mov_rr(1, Reg.rdi, Reg.rdx);
  a.mov_rr(1, Reg.rsi, Reg.r8);
  a.mov_ri(Reg.rcx, Action.size / 8);
  a.rep_movsq();
  a.mov_rr(1, Reg.rsi, Reg.rax);
  a.bind8(noOld);
  a.test_rr(1, Reg.rsi, Reg.rsi);
  const noNew = a.jcc8_forward(Cc.e);
  a.mov_rr(1, Reg.rdi, Reg.r8);
  a.mov_ri(Reg.rcx, Action.size / 8);
  a.rep_movsq();
  a.bind8(noNew);
  a.zero(Reg.rax);
  a.ret();
}

/**
 * The C library's sigaction with `SA_ONSTACK` for each function: on the stack of wasm code a handler finds as much room as
 * the code has left, down to none. Without an alternate stack, as in threads that run no wasm, the flag says nothing.
 */
function emitSigactionOnStack(a: Assembler): void {
  // With the return address it keeps rsp a multiple of 16.
  const copy = Action.size + 16;
  a.test_rr(1, Reg.rsi, Reg.rsi);
  const reads = a.jcc8_forward(Cc.e);
  a.alu_mi(Alu.cmp, 1, Reg.rsi, Action.handler, 1);
  const noFunction = a.jcc8_forward(Cc.be);
  a.alu_ri(Alu.sub, 1, Reg.rsp, copy);
  a.mov_rr(1, Reg.rax, Reg.rdi);
  a.mov_rr(1, Reg.rdi, Reg.rsp);
  a.mov_ri(Reg.rcx, Action.size / 8);
  a.rep_movsq();
  a.mov_rr(1, Reg.rdi, Reg.rax);
  a.alu_mi(Alu.or, 0, Reg.rsp, Action.flags, ActionFlag.onStack);
  a.mov_rr(1, Reg.rsi, Reg.rsp);
  a.lea_rip(Reg.rax, codePage + Shared.sigaction);
  a.call_m(Reg.rax, 0);
  a.alu_ri(Alu.add, 1, Reg.rsp, copy);
  a.ret();
  a.bind8(reads);
  a.bind8(noFunction);
  a.jmp_rip(codePage + Shared.sigaction);
}

const lastSignal = 64;
/** The C library keeps two signals to itself. */
const firstOfLibrary = 32;
const lastOfLibrary = 33;

/** Let all handlers that are installed run on the alternate stack. @param scratch address of room for a struct sigaction */
export function handlersOnAlternateStack(scratch: number): void {
  const view = new DataView(nativeView(scratch, Action.size));
  for (let signal = 1; signal <= lastSignal; signal++) {
    if (signal >= firstOfLibrary && signal <= lastOfLibrary) continue;
    sigaction(signal, 0, scratch);
    const flags = view.getUint32(Action.flags, true);
    let installed = view.getBigUint64(Action.handler, true);
    // 0 and 1 stand for the default action and for none.
    if (installed <= 1n || (flags & ActionFlag.onStack) !== 0) continue;
    for (;;) {
      const next = view.getBigUint64(Action.handler, true);
      view.setUint32(Action.flags, (view.getUint32(Action.flags, true) | ActionFlag.onStack) >>> 0, true);
      sigaction(signal, scratch, scratch);
      if (view.getBigUint64(Action.handler, true) === installed) break;
      // Another thread has installed one meanwhile, which goes back.
      installed = next;
    }
  }
}
