/**
 * What interrupts wasm code: machine code in the handlers' page.
 *
 * *Deadlines.* The scope of a deadline is a C function, so that it ends whichever way its JS ends: by return, exception
 * or termination (for which V8 runs no `finally`). Scopes keep the deadline around them on the host stack; the thread
 * record has the earliest of all, and one timer rings when it passes.
 *
 * *The watch.* V8 asks threads to do things by a flag that JS looks at: to terminate (`worker.terminate()`,
 * `process.exit()`, the `timeout` of `vm`, Ctrl-C), to pause for the inspector, to take a heap snapshot. Wasm code looks at
 * nothing. So while it is active, a timer on the thread's processor time interrupts it, at any instruction, and control
 * goes to the JS function that has entered, as in a host call: V8 sees to its requests there. If it terminates the thread
 * nobody resumes the activation, otherwise the code goes on where it was. When no wasm is active the timer is turned off, and
 * the next entry turns it on.
 */

import { ActivationFrame, CodeRange, Interrupt, PausedFrame, Thread, TrapCode } from '../../../backends/abi/layout.js';
import { Alu, type Assembler, Cc, Reg } from '../../../backends/x64/assembler.js';
import { listWith } from '../../../support/primordials.js';
import { emitReenter, emitToHost, Way } from '../x64/exit-stub.js';
import { emitFindRange, emitFindThread, emitLeave, emitResumeAt } from './handler-code.js';
import { codePage, Shared, Siginfo, SignalCode, Syscall, TimerKind, Ucontext } from './signal-abi.js';

const monotonicClock = 1;
const absoluteTime = 1;
const second = 1_000_000_000;
/** Flags of code that has just been called: interrupts are on, and a bit that is always set. */
const usualFlags = 0x202;
/** How often a deadline's signal repeats once it has passed, in nanoseconds, until its scope ends. */
const repetition = 1_000_000;

/** The signal handler of the threads' timers. Returns the offset of the code behind `emitPauseAtReturn`. */
export function emitInterruptHandler(a: Assembler): number {
  const out = listWith(emitFindThread(a));
  a.alu_mi(Alu.cmp, 0, Reg.rsi, Siginfo.code, SignalCode.timer);
  out.push(a.jcc_forward(Cc.ne));
  a.alu_mi(Alu.cmp, 0, Reg.rsi, Siginfo.value, TimerKind.watch);
  const watch = a.jcc_forward(Cc.e);

  a.push(Reg.rdi);
  emitMarkIfPassed(a, Reg.r8);
  a.pop(Reg.rdi);
  a.test_mi(0, Reg.r8, Thread.interrupt, Interrupt.deadline);
  out.push(a.jcc_forward(Cc.e));
  // The timer rings until the scope ends: an entry that is on its way may have looked at the mark already.
  a.alu_mi(Alu.cmp, 1, Reg.r8, Thread.activation, 0);
  out.push(a.jcc_forward(Cc.e));
  out.push(emitFindRange(a, CodeRange.functions, CodeRange.end));
  a.push(Reg.rbx);
  a.mov_ri(Reg.rbx, TrapCode.interrupted);
  emitLeave(a);

  a.align(16);
  a.bind(watch);
  const pauseAtReturn = emitWatch(a, out);
  for (const jump of out) a.bind(jump);
  a.ret();
  return pauseAtReturn;
}

/**
 * @param out gets the jumps to the handler's end
 * @returns the offset of `emitPauseAtReturn`'s code
 */
function emitWatch(a: Assembler, out: number[]): number {
  a.alu_mi(Alu.cmp, 1, Reg.r8, Thread.activation, 0);
  const active = a.jcc_forward(Cc.ne);
  // An entry that is on its way has looked at the marks already: only outside of all stubs the watch may rest.
  const elsewhere = emitFindRange(a, CodeRange.start, CodeRange.end);
  out.push(a.jmp_forward());
  a.bind(elsewhere);
  a.lea_rip(Reg.rcx, 0);
  a.alu_rr(Alu.sub, 1, Reg.rax, Reg.rcx);
  a.alu_ri(Alu.cmp, 1, Reg.rax, codePage);
  out.push(a.jcc_forward(Cc.b));
  emitStopTimer(a, Thread.watchTimer);
  emitMark(a, Reg.r8, Interrupt.rest);
  a.ret();

  a.bind(active);
  const notFunction = emitFindRange(a, CodeRange.functions, CodeRange.end);
  const found = a.jmp_forward();
  a.bind(notFunction);
  const notLoop = emitFindRange(a, CodeRange.loops, CodeRange.loopsEnd);
  a.bind(found);
  const keep = (to: PausedFrame, from: Ucontext): void => {
    a.mov_rm(1, Reg.rcx, Reg.rdx, from);
    a.mov_mr(1, Reg.r8, Thread.paused + to, Reg.rcx);
  };
  keep(PausedFrame.rip, Ucontext.rip);
  keep(PausedFrame.flags, Ucontext.eflags);
  keep(pausedRegister(Reg.rsp), Ucontext.rsp);
  keep(pausedRegister(Reg.r12), Ucontext.r12);
  const pause = emitResumeAt(a);
  a.ret();
  a.bind(notLoop);
  out.push(emitFindRange(a, CodeRange.start, CodeRange.end));
  emitMark(a, Reg.r8, Interrupt.tick);
  a.ret();
  a.align(16);
  a.bind(pause);
  const pauseAt = a.pos;
  emitPause(a);
  a.align(16);
  const pauseAtReturn = a.pos;
  emitPauseAtReturn(a, pauseAt);
  return pauseAtReturn;
}

/**
 * Tail of a stub, with r9 = thread record: pause as if the watch had interrupted the code that has called the stub, when that returned.
 * Of the registers only those have to be in place that every call keeps.
 */
function emitPauseAtReturn(a: Assembler, pause: number): void {
  const t = Reg.r12;
  a.mov_mr(1, Reg.r9, Thread.paused + pausedRegister(t), t);
  a.mov_rr(1, t, Reg.r9);
  a.pop(Reg.rax);
  a.mov_mr(1, t, Thread.paused + PausedFrame.rip, Reg.rax);
  a.mov_mr(1, t, Thread.paused + pausedRegister(Reg.rsp), Reg.rsp);
  a.mov_mi(1, t, Thread.paused + PausedFrame.flags, usualFlags);
  a.jmp(pause);
}

function pausedRegister(r: Reg): PausedFrame {
  return PausedFrame.registers + 8 * r;
}

/** General registers whose values are in place when a pause begins, rax and rcx excepted. */
const untouched = listWith<Reg>(2, 3, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15);

/**
 * Between two instructions of wasm code: leave to the host, which resumes (`emitResumePaused`) or does not. What was
 * interrupted is kept below the code's stack: wasm that JS calls meanwhile may be paused, too. Where there is no room for
 * that, it is kept in the thread record, and the stack counts as full. r12 = thread record; everything else is the code's.
 */
function emitPause(a: Assembler): void {
  const t = Reg.r12;
  a.mov_mr(1, t, Thread.paused + pausedRegister(Reg.rax), Reg.rax);
  a.mov_mr(1, t, Thread.paused + pausedRegister(Reg.rcx), Reg.rcx);
  a.mov_rm(1, Reg.rcx, t, Thread.paused + pausedRegister(Reg.rsp));
  a.alu_ri(Alu.and, 1, Reg.rcx, -16);
  a.alu_ri(Alu.sub, 1, Reg.rcx, PausedFrame.size);
  a.mov_rm(1, Reg.rax, t, Thread.stackLow);
  a.alu_rr(Alu.cmp, 1, Reg.rcx, Reg.rax);
  const full = a.jcc8_forward(Cc.b);
  a.mov_rr(1, Reg.rax, Reg.rcx);
  const fits = a.jmp8_forward();
  a.bind8(full);
  a.lea(1, Reg.rcx, t, Thread.paused);
  a.bind8(fits);
  a.mov_mr(1, t, Thread.wasmSp, Reg.rax);
  for (const r of untouched) a.mov_mr(1, Reg.rcx, pausedRegister(r), r);
  for (let i = 0; i < 16; i++) a.movups_mx(Reg.rcx, PausedFrame.vectors + 16 * i, i);
  const others = listWith<PausedFrame>(
    pausedRegister(Reg.rax),
    pausedRegister(Reg.rcx),
    pausedRegister(Reg.rsp),
    pausedRegister(Reg.r12),
    PausedFrame.flags,
    PausedFrame.rip,
  );
  for (const at of others) {
    a.mov_rm(1, Reg.rax, t, Thread.paused + at);
    a.mov_mr(1, Reg.rcx, at, Reg.rax);
  }
  a.mov_rm(1, Reg.rdx, t, Thread.activation);
  a.mov_mr(1, Reg.rdx, ActivationFrame.pausedAt, Reg.rcx);
  a.mov_mr(1, Reg.rdx, ActivationFrame.pausedFp, Reg.rbp);
  // rax = rip
  a.mov_mr(1, Reg.rdx, ActivationFrame.pausedPc, Reg.rax);
  a.lock_alu_mi(Alu.and, 0, t, Thread.interrupt, ~Interrupt.tick);
  a.mov_mi(0, t, Thread.trapCode, TrapCode.paused);
  emitToHost(a, Way.jump);
}

/**
 * For `Thread.enterStub`: go on with the innermost activation, which is paused. If a deadline has passed meanwhile its timer
 * rings; but the watch may rest, because the activation has waited for its turn.
 * @param wake offset of `emitWake`
 */
export function emitResumePaused(a: Assembler, wake: number): void {
  const t = Reg.r12;
  emitReenter(a);
  a.test_mi(0, t, Thread.interrupt, Interrupt.rest);
  const awake = a.jcc8_forward(Cc.e);
  a.push(Reg.rax);
  a.call32(wake);
  a.pop(Reg.rax);
  a.bind8(awake);
  a.mov_mi(0, t, Thread.trapCode, TrapCode.hostCall);
  a.mov_mi(1, Reg.rax, ActivationFrame.pausedPc, 0);
  a.mov_rm(1, t, Reg.rax, ActivationFrame.pausedAt);
  // r12 = what was interrupted. For iretq: rip, cs, flags, rsp, ss.
  a.mov_rs(Reg.rax, 2);
  a.push(Reg.rax);
  a.push_m(t, pausedRegister(Reg.rsp));
  a.push_m(t, PausedFrame.flags);
  a.mov_rs(Reg.rax, 1);
  a.push(Reg.rax);
  a.push_m(t, PausedFrame.rip);
  for (let i = 0; i < 16; i++) a.movups_xm(i, t, PausedFrame.vectors + 16 * i);
  a.mov_rm(1, Reg.rax, t, pausedRegister(Reg.rax));
  a.mov_rm(1, Reg.rcx, t, pausedRegister(Reg.rcx));
  for (const r of untouched) a.mov_rm(1, r, t, pausedRegister(r));
  a.mov_rm(1, t, t, pausedRegister(Reg.r12));
  a.iretq();
}

/** Called by entry stubs that find a mark, `rest` or an old `tick`: r12 = thread record. Clobbers rax, rcx, rdx, rsi, rdi, r10, r11. */
export function emitWake(a: Assembler): void {
  a.lock_alu_mi(Alu.and, 0, Reg.r12, Thread.interrupt, ~(Interrupt.rest | Interrupt.tick));
  a.mov_rm(0, Reg.rdi, Reg.r12, Thread.watchTimer);
  a.zero(Reg.rsi);
  a.lea_rip(Reg.rdx, codePage + Shared.watchTime);
  emitSetTimer(a);
  a.ret();
}

/**
 * The scope of a deadline, a C function that `Machine.enter` goes to with rax = thread record: run `Thread.scopeRun` with
 * the deadline that `Thread.scopeTime` gives, or an earlier one that is set already.
 */
export function emitScope(a: Assembler): void {
  a.push(Reg.rbx);
  a.mov_rr(1, Reg.rbx, Reg.rax);
  // With the next word, rsp is a multiple of 16.
  a.alu_ri(Alu.sub, 1, Reg.rsp, 8);
  a.push_m(Reg.rbx, Thread.deadline);
  emitNow(a);
  a.alu_rm(Alu.add, 1, Reg.rax, Reg.rbx, Thread.scopeTime);
  a.alu_rm(Alu.cmp, 1, Reg.rax, Reg.rbx, Thread.deadline);
  const later = a.jcc8_forward(Cc.ae);
  a.mov_mr(1, Reg.rbx, Thread.deadline, Reg.rax);
  a.bind8(later);
  const start = a.call_forward();
  a.call_m(Reg.rbx, Thread.scopeRun);
  // First the deadline, then the mark: a signal of the old one that is still under way sees that it has not passed.
  a.pop_m(Reg.rbx, Thread.deadline);
  a.lock_alu_mi(Alu.and, 0, Reg.rbx, Thread.interrupt, ~Interrupt.deadline);
  const restart = a.call_forward();
  a.alu_ri(Alu.add, 1, Reg.rsp, 8);
  a.pop(Reg.rbx);
  a.ret();

  a.align(16);
  a.bind(start);
  a.bind(restart);
  emitStartDeadline(a);
}

/** rbx = thread record: let the timer ring when the thread's deadline passes; if it has passed, set the mark. */
function emitStartDeadline(a: Assembler): void {
  a.alu_ri(Alu.sub, 1, Reg.rsp, 32);
  a.zero(Reg.rdx);
  a.mov_mr(1, Reg.rsp, 0, Reg.rdx);
  a.mov_mi(1, Reg.rsp, 8, repetition);
  a.mov_rm(1, Reg.rax, Reg.rbx, Thread.deadline);
  // All bits: no deadline, which is time 0 for the kernel.
  a.alu_ri(Alu.cmp, 1, Reg.rax, -1);
  const some = a.jcc8_forward(Cc.ne);
  a.zero(Reg.rax);
  a.bind8(some);
  a.mov_ri(Reg.rcx, second);
  a.div(1, Reg.rcx);
  a.mov_mr(1, Reg.rsp, 16, Reg.rax);
  a.mov_mr(1, Reg.rsp, 24, Reg.rdx);
  a.mov_rm(0, Reg.rdi, Reg.rbx, Thread.deadlineTimer);
  a.mov_ri(Reg.rsi, absoluteTime);
  a.mov_rr(1, Reg.rdx, Reg.rsp);
  emitSetTimer(a);
  a.alu_ri(Alu.add, 1, Reg.rsp, 32);
  emitMarkIfPassed(a, Reg.rbx);
  a.ret();
}

/** Set the mark if the deadline of the thread whose record is in `t` has passed. Clobbers rax, rcx, rdi, rsi, r11. */
function emitMarkIfPassed(a: Assembler, t: Reg): void {
  emitNow(a);
  a.alu_rm(Alu.cmp, 1, Reg.rax, t, Thread.deadline);
  const early = a.jcc8_forward(Cc.b);
  emitMark(a, t, Interrupt.deadline);
  a.bind8(early);
}

function emitMark(a: Assembler, t: Reg, mark: Interrupt): void {
  a.lock_alu_mi(Alu.or, 0, t, Thread.interrupt, mark);
}

/** rax = nanoseconds of the monotonic clock. Clobbers rcx, rdi, rsi, r11. */
function emitNow(a: Assembler): void {
  a.alu_ri(Alu.sub, 1, Reg.rsp, 16);
  a.mov_ri(Reg.rdi, monotonicClock);
  a.mov_rr(1, Reg.rsi, Reg.rsp);
  a.mov_ri(Reg.rax, Syscall.clockGettime);
  a.syscall();
  a.mov_rm(1, Reg.rax, Reg.rsp, 0);
  a.imul_rri(1, Reg.rax, Reg.rax, second);
  a.alu_rm(Alu.add, 1, Reg.rax, Reg.rsp, 8);
  a.alu_ri(Alu.add, 1, Reg.rsp, 16);
}

/** Turn off a timer of the thread whose record is in r8. Clobbers what a system call with four arguments does. */
function emitStopTimer(a: Assembler, timer: Thread): void {
  a.mov_rm(0, Reg.rdi, Reg.r8, timer);
  a.zero(Reg.rsi);
  a.lea_rip(Reg.rdx, codePage + Shared.never);
  emitSetTimer(a);
}

/** timer_settime(edi = timer, esi = flags, rdx = struct itimerspec). */
function emitSetTimer(a: Assembler): void {
  a.zero(Reg.r10);
  a.mov_ri(Reg.rax, Syscall.timerSettime);
  a.syscall();
}
