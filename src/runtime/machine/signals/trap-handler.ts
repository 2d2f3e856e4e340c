/**
 * The signal handlers, as machine code, installed once per process. Their page is never unmapped.
 *
 *     page 0 (r-x)   magic | fault handler | sigaction | interrupt handler, pause, resume, wake, scope
 *     page 1.. (rw-) `Shared`: the handlers of others, the registry of thread records
 *
 * A later copy of the package, or a worker, finds the installed handler by the magic before it and uses its registry.
 * From then on the program's calls of `sigaction` for the four signals of faults change what the handler passes on to, not
 * the handler (`sigaction-slots.ts`): it is the first to see a fault, whoever installs what and when. If somebody else's
 * handler is in front of it all the same, a second copy is installed: it works beside the first, because each handler
 * passes on what is not in a code range of the thread it runs in.
 */

import { CodeRange, Thread, TrapCode } from '../../../backends/abi/layout.js';
import { Alu, Assembler, Cc, Reg } from '../../../backends/x64/assembler.js';
import {
  BigInt,
  BigInt64Array,
  DataView,
  listWith,
  Number,
  Uint8Array,
  Uint32Array,
} from '../../../support/primordials.js';
import { findSymbol, getpid, isReadable, mapAnonymous, nativeView, Prot, protect, Signal, sigaction } from '../os.js';
import { emitFindRange, emitFindThread, emitLeave } from './handler-code.js';
import { emitInterruptHandler, emitResumePaused, emitScope, emitWake } from './interrupt-handler.js';
import { emitActionOf, emitSigaction, faultSignals, handlersOnAlternateStack } from './own-sigaction.js';
import { redirectSigaction } from './sigaction-slots.js';
import {
  Action,
  ActionFlag,
  codePage,
  headerSize,
  magicHigh,
  magicLow,
  Shared,
  Siginfo,
  SignalCode,
  Syscall,
  Ucontext,
} from './signal-abi.js';

/** Real-time signals that nobody in a Node process is known to use; the first free one is taken. */
const firstTimerSignal = 44;
const lastTimerSignal = 63;
/** The period of the watch, in nanoseconds of the thread's processor time. */
const watchPeriod = 5_000_000n;
/** A signal without an alternate stack that hits wasm code this close to the guard finds no room for its frame. */
const signalFrameRoom = 65536;

/** What the process shares: native memory that lives as long as the process. */
export interface ProcessState {
  /** The signal of the threads' timers. */
  readonly timerSignal: number;
  /** Addresses of machine code: `emitWake`, `emitScope`, `emitResumePaused`, `emitPauseAtReturn`. */
  readonly wake: number;
  readonly scope: number;
  readonly resumePaused: number;
  readonly pauseAtReturn: number;
  /** Addresses of thread records, up to the first 0. */
  readonly records: BigInt64Array;
  /** One word: the address of the table of shared code, or 0. */
  readonly sharedCode: BigInt64Array;
}

let state: ProcessState | undefined;

/** Install the handlers, or find those that are installed. */
export function processState(): ProcessState {
  state ??= findInstalled() ?? install();
  return state;
}

function openState(page: number): ProcessState {
  const buffer = nativeView(page + codePage, Shared.size);
  const view = new DataView(buffer);
  return {
    timerSignal: view.getUint32(Shared.timerSignal, true),
    wake: Number(view.getBigUint64(Shared.wake, true)),
    scope: Number(view.getBigUint64(Shared.scope, true)),
    resumePaused: Number(view.getBigUint64(Shared.resumePaused, true)),
    pauseAtReturn: Number(view.getBigUint64(Shared.pauseAtReturn, true)),
    records: new BigInt64Array(buffer, Shared.records, Shared.recordCapacity),
    sharedCode: new BigInt64Array(buffer, Shared.sharedCode, 1),
  };
}

/** Run `use` with a view of a struct sigaction in native memory. */
function withAction<T>(use: (action: DataView, address: number) => T): T {
  const scratch = scratchPage();
  return use(new DataView(nativeView(scratch, Action.size)), scratch);
}

let scratch = 0;
/** A page for arguments of system calls, kept for the life of the thread. */
export function scratchPage(): number {
  if (scratch === 0) scratch = mapAnonymous(4096);
  return scratch;
}

function installedHandler(signal: number): number {
  return withAction((view, address) => {
    sigaction(signal, 0, address);
    return Number(view.getBigUint64(Action.handler, true));
  });
}

function findInstalled(): ProcessState | undefined {
  const page = installedHandler(Signal.SIGSEGV) - headerSize;
  if (page < codePage || page % codePage !== 0 || !isReadable(page, headerSize)) return undefined;
  const header = new Uint32Array(nativeView(page, headerSize));
  return header[0] === magicLow && header[1] === magicHigh ? openState(page) : undefined;
}

function install(): ProcessState {
  const page = mapAnonymous(codePage + Shared.size);
  const buffer = nativeView(page, codePage + Shared.size);
  const view = new DataView(buffer);
  const asm = new Assembler(new Uint8Array(buffer));
  const write = (emit: (a: Assembler) => void): number => {
    asm.align(16);
    const start = asm.pos;
    emit(asm);
    return page + start;
  };
  view.setUint32(0, magicLow, true);
  view.setUint32(4, magicHigh, true);
  asm.pos = headerSize;
  const faultHandler = write(emitFaultHandler);
  const ownSigaction = write(emitSigaction);
  let pauseAtReturn = 0;
  const interruptHandler = write((a) => {
    pauseAtReturn = page + emitInterruptHandler(a);
  });
  const wake = write(emitWake);
  const scope = write(emitScope);
  const resumePaused = write((a) => emitResumePaused(a, wake - page));
  if (asm.pos > codePage) throw new Error('signal handlers do not fit their page');

  let timerSignal = firstTimerSignal;
  while (installedHandler(timerSignal) !== 0) {
    timerSignal++;
    if (timerSignal > lastTimerSignal) throw new Error('no real-time signal is free');
  }
  const shared = new DataView(buffer, codePage);
  shared.setUint32(Shared.timerSignal, timerSignal, true);
  shared.setUint32(Shared.pid, getpid(), true);
  shared.setBigUint64(Shared.sigaction, BigInt(findSymbol('sigaction') as number), true);
  shared.setBigUint64(Shared.wake, BigInt(wake), true);
  shared.setBigUint64(Shared.scope, BigInt(scope), true);
  shared.setBigUint64(Shared.resumePaused, BigInt(resumePaused), true);
  shared.setBigUint64(Shared.pauseAtReturn, BigInt(pauseAtReturn), true);
  shared.setBigUint64(Shared.watchTime + 8, watchPeriod, true);
  shared.setBigUint64(Shared.watchTime + 24, watchPeriod, true);
  for (const signal of faultSignals) sigaction(signal, 0, page + codePage + actionOf(signal));
  protect(page, codePage, Prot.readExec);
  // All signals wait while a fault is handled: handlers of libuv, to which it may be passed on, rely on that.
  // That of SIGSEGV comes last: whoever finds it finds everything.
  setHandler(timerSignal, interruptHandler, ActionFlag.siginfo | ActionFlag.onStack | ActionFlag.restart, 0n);
  redirectSigaction(ownSigaction);
  handlersOnAlternateStack(scratchPage());
  for (const signal of faultSignals) setHandler(signal, faultHandler, ActionFlag.siginfo | ActionFlag.onStack, -1n);
  return openState(page);
}

const actionOf = (signal: number): number => Shared.actions + Shared.actionStride * signal;

function setHandler(signal: number, handler: number, flags: number, mask: bigint): void {
  withAction((view, address) => {
    for (let i = 0; i < Action.size; i++) view.setUint8(i, 0);
    view.setBigUint64(Action.handler, BigInt(handler), true);
    view.setBigInt64(Action.mask, mask, true);
    view.setUint32(Action.flags, flags, true);
    sigaction(signal, address, 0);
  });
}

function emitFaultHandler(a: Assembler): void {
  // Sent by somebody (kill): no fault.
  a.alu_mi(Alu.cmp, 0, Reg.rsi, Siginfo.code, 0);
  const sent = a.jcc_forward(Cc.le);
  const chains = listWith(sent, emitFindThread(a), emitFindRange(a, CodeRange.start, CodeRange.end));
  // No wasm is active in this thread: whoever runs this code is not an entry stub.
  a.alu_mi(Alu.cmp, 1, Reg.r8, Thread.activation, 0);
  chains.push(a.jcc_forward(Cc.e));

  a.push(Reg.rbx);
  a.mov_ri(Reg.rbx, TrapCode.divideByZero);
  a.alu_ri(Alu.cmp, 0, Reg.rdi, Signal.SIGFPE);
  const fpe = a.jcc8_forward(Cc.e);
  a.mov_ri(Reg.rbx, TrapCode.internal);
  a.alu_ri(Alu.cmp, 0, Reg.rdi, Signal.SIGILL);
  const ill = a.jcc8_forward(Cc.e);
  a.mov_ri(Reg.rbx, TrapCode.memoryOutOfBounds);
  a.bind8(fpe);
  a.bind8(ill);
  a.mov_rm(1, Reg.rcx, Reg.rsi, Siginfo.address);
  a.mov_mr(1, Reg.r8, Thread.trapAddress, Reg.rcx);
  a.alu_ri(Alu.cmp, 0, Reg.rdi, Signal.SIGSEGV);
  const notSegv = a.jcc8_forward(Cc.ne);
  a.mov_rm(1, Reg.r9, Reg.r8, Thread.stackLow);
  a.alu_mi(Alu.cmp, 0, Reg.rsi, Siginfo.code, SignalCode.kernel);
  const ordinary = a.jcc8_forward(Cc.ne);
  // The kernel could not push the frame of another signal: look at rsp instead of the address.
  a.mov_rm(1, Reg.rcx, Reg.rdx, Ucontext.rsp);
  a.alu_ri(Alu.add, 1, Reg.r9, signalFrameRoom);
  a.bind8(ordinary);
  a.alu_rr(Alu.cmp, 1, Reg.rcx, Reg.r9);
  const above = a.jcc8_forward(Cc.ae);
  a.alu_rm(Alu.cmp, 1, Reg.rcx, Reg.r8, Thread.guardLow);
  const below = a.jcc8_forward(Cc.b);
  a.mov_ri(Reg.rbx, TrapCode.stackOverflow);
  a.bind8(above);
  a.bind8(below);
  a.bind8(notSegv);
  emitLeave(a);

  a.align(16);
  for (const jump of chains) a.bind(jump);
  emitChain(a);
}

/**
 * Pass the signal to the handler of somebody else, with its arguments. If that is the default action, restore it and
 * return: the instruction faults again and the process dies as it should (a signal that was sent is sent again).
 */
function emitChain(a: Assembler): void {
  emitActionOf(a, Reg.rdi);
  a.mov_rm(1, Reg.rax, Reg.r8, Action.handler);
  a.alu_ri(Alu.cmp, 1, Reg.rax, 1);
  const noFunction = a.jcc8_forward(Cc.be);
  // SA_RESETHAND, the sign bit: it is called once.
  a.alu_mi(Alu.cmp, 0, Reg.r8, Action.flags, 0);
  const stays = a.jcc8_forward(Cc.ge);
  a.mov_mi(1, Reg.r8, Action.handler, 0);
  a.bind8(stays);
  a.jmp_r(Reg.rax);
  a.bind8(noFunction);
  // SIG_IGN holds for signals that are sent, not for faults.
  const isDefault = a.jcc8_forward(Cc.b);
  a.alu_mi(Alu.cmp, 0, Reg.rsi, Siginfo.code, 0);
  const ignored = a.jcc_forward(Cc.le);
  a.bind8(isDefault);
  a.push(Reg.rbx);
  a.push(Reg.rsi);
  a.mov_rr(0, Reg.rbx, Reg.rdi);
  // struct kernel_sigaction {handler = SIG_DFL, flags = 0, restorer = 0, mask = 0}.
  for (let i = 0; i < 4; i++) a.push_i(0);
  a.mov_rr(1, Reg.rsi, Reg.rsp);
  a.zero(Reg.rdx);
  a.mov_ri(Reg.r10, 8);
  a.mov_ri(Reg.rax, Syscall.rtSigaction);
  a.syscall();
  a.alu_ri(Alu.add, 1, Reg.rsp, 32);
  a.pop(Reg.rsi);
  a.alu_mi(Alu.cmp, 0, Reg.rsi, Siginfo.code, 0);
  const fault = a.jcc8_forward(Cc.g);
  a.mov_ri(Reg.rax, Syscall.getpid);
  a.syscall();
  a.mov_rr(0, Reg.r8, Reg.rax);
  a.mov_ri(Reg.rax, Syscall.gettid);
  a.syscall();
  a.mov_rr(0, Reg.rsi, Reg.rax);
  a.mov_rr(0, Reg.rdi, Reg.r8);
  a.mov_rr(0, Reg.rdx, Reg.rbx);
  a.mov_ri(Reg.rax, Syscall.tgkill);
  a.syscall();
  a.bind8(fault);
  a.pop(Reg.rbx);
  a.bind(ignored);
  a.ret();
}
