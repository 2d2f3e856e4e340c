/**
 * The signal handlers, as machine code, installed once per process. Their page is never unmapped.
 *
 *     page 0 (r-x)   magic, offset of the data page | fault handler | interrupt handler
 *     page 1.. (rw-) `Shared`: previous handlers, the registry of thread records
 *
 * A later copy of the package, or a worker, finds the installed handler by the magic before it and uses its registry.
 * If somebody else's handler was installed in front of it in the meantime, a second copy is installed: it works beside
 * the first, because each handler passes on what is not in a code range of the thread it runs in.
 */
import { Alu, Assembler, Cc, Reg } from '../backends/x64/assembler.js';
import { emitExit } from './exit-stub.js';
import { CodeRange, Interrupt, Thread, TrapCode } from './layout.js';
import { isReadable, mapAnonymous, nativeView, Prot, protect, Signal, sigaction, sigactionSize } from './os.js';

/** "BEAMLINE" and the version of everything that the handlers and other copies of the package agree on. */
const magicLow = 0x4d414542;
const magicHigh = 0x0001_0000 | 0x4e4c;
export const handlerMagic = magicHigh * 4294967296 + magicLow;

/** The data pages behind the handlers' page. */
const enum Shared {
  /** u32: signal that interrupts wasm code. */
  interruptSignal = 0,
  /** ptr per signal number: the handler that was there before. */
  previous = 64,
  /** ptr per registered thread record, in order; the one behind the last is always 0. */
  records = 1024,
  recordCapacity = 7039,
  size = 57344,
}

const codePage = 4096;
const headerSize = 16;
const faultSignals = [Signal.SIGSEGV, Signal.SIGBUS, Signal.SIGFPE, Signal.SIGILL];
const saSiginfo = 0x4;
const saOnStack = 0x08000000;
const saRestart = 0x10000000;
/** glibc's struct sigaction. */
const actionFlags = 136;
/** Real-time signals that nobody in a Node process is known to use; the first free one is taken. */
const firstInterruptSignal = 44;
const lastInterruptSignal = 63;

/** ucontext_t of glibc on x86-64. */
const enum Ucontext {
  /** uc_stack.ss_sp */
  stackPointer = 16,
  registers = 40,
  r12 = 72,
  rbp = 120,
  rsp = 160,
  rip = 168,
  eflags = 176,
}

/** Where the ucontext has each general register, by the numbers that instructions use. */
const gregs: readonly number[] = [13, 14, 12, 11, 15, 10, 9, 8, 0, 1, 2, 3, 4, 5, 6, 7];

/** siginfo_t. */
const enum Siginfo {
  code = 8,
  address = 16,
}

const enum Syscall {
  rtSigaction = 13,
  getpid = 39,
  gettid = 186,
  tgkill = 234,
}

const siKernel = 0x80;
const siTimer = -2;
/** A signal without an alternate stack that hits wasm code this close to the guard finds no room for its frame. */
const signalFrameRoom = 65536;

/** What the process shares: native memory that lives as long as the process. */
export interface ProcessState {
  readonly interruptSignal: number;
  /** Addresses of thread records, up to the first 0. */
  readonly records: BigInt64Array;
}

let state: ProcessState | undefined;

/** Install the handlers, or find those that are installed. */
export function processState(): ProcessState {
  state ??= findInstalled() ?? install();
  return state;
}

function openState(page: number): ProcessState {
  const buffer = nativeView(page + codePage, Shared.size);
  return {
    interruptSignal: new Uint32Array(buffer)[Shared.interruptSignal >>> 2] as number,
    records: new BigInt64Array(buffer, Shared.records, Shared.recordCapacity),
  };
}

/** Run `use` with views of two struct sigaction in native memory. */
function withActions<T>(use: (current: DataView, address: number) => T): T {
  const scratch = scratchPage();
  return use(new DataView(nativeView(scratch, 2 * sigactionSize)), scratch);
}

let scratch = 0;
/** A page for arguments of system calls, kept for the life of the thread. */
export function scratchPage(): number {
  if (scratch === 0) scratch = mapAnonymous(4096);
  return scratch;
}

function installedHandler(signal: number): number {
  return withActions((view, address) => {
    sigaction(signal, 0, address);
    return Number(view.getBigUint64(0, true));
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
  view.setUint32(0, magicLow, true);
  view.setUint32(4, magicHigh, true);
  asm.pos = headerSize;
  emitFaultHandler(asm);
  asm.align(16);
  const interruptHandler = asm.pos;
  emitInterruptHandler(asm);
  if (asm.pos > codePage) throw new Error('signal handlers do not fit their page');

  let interruptSignal = firstInterruptSignal;
  while (installedHandler(interruptSignal) !== 0) {
    interruptSignal++;
    if (interruptSignal > lastInterruptSignal) throw new Error('no real-time signal is free');
  }
  view.setUint32(codePage + Shared.interruptSignal, interruptSignal, true);
  for (const signal of faultSignals) {
    view.setBigUint64(codePage + Shared.previous + 8 * signal, BigInt(installedHandler(signal)), true);
  }
  protect(page, codePage, Prot.readExec);
  for (const signal of faultSignals) setHandler(signal, page + headerSize, saSiginfo | saOnStack);
  setHandler(interruptSignal, page + interruptHandler, saSiginfo | saOnStack | saRestart);
  return openState(page);
}

function setHandler(signal: number, handler: number, flags: number): void {
  withActions((view, address) => {
    for (let i = 0; i < sigactionSize; i++) view.setUint8(i, 0);
    view.setBigUint64(0, BigInt(handler), true);
    view.setUint32(actionFlags, flags, true);
    sigaction(signal, address, 0);
  });
}

// The machine code. A handler is a C function (edi = signal, rsi = siginfo, rdx = ucontext) on the alternate stack.
// What is preserved across it does not matter: sigreturn restores all registers from the ucontext.

/**
 * r8 = thread record of this thread; returns the jump that is taken if it has none. The alternate stack leads to it; if
 * somebody has replaced that, the registry is searched by thread id. Clobbers rax, rcx, r9, r11.
 */
function emitFindThread(a: Assembler): number {
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

/** Look rip up in the thread's code ranges; returns the jump that is taken if it is in none. rax = rip. */
function emitFindRange(a: Assembler, begin: CodeRange): number {
  a.mov_rm(1, Reg.rax, Reg.rdx, Ucontext.rip);
  a.mov_rm(1, Reg.r9, Reg.r8, Thread.ranges);
  a.mov_rm(0, Reg.rcx, Reg.r8, Thread.rangeCount);
  const loop = a.pos;
  a.alu_ri(Alu.sub, 0, Reg.rcx, 1);
  const none = a.jcc_forward(Cc.b);
  a.alu_rm(Alu.cmp, 1, Reg.rax, Reg.r9, begin);
  const below = a.jcc8_forward(Cc.b);
  a.alu_rm(Alu.cmp, 1, Reg.rax, Reg.r9, CodeRange.end);
  const found = a.jcc8_forward(Cc.b);
  a.bind8(below);
  a.alu_ri(Alu.add, 1, Reg.r9, CodeRange.size);
  a.jmp(loop);
  a.bind8(found);
  return none;
}

/** Record the trap, with rax = rip and ebx = its code, and make sigreturn resume in the exit stub behind. */
function emitLeave(a: Assembler): void {
  a.mov_mr(1, Reg.r8, Thread.trapPc, Reg.rax);
  a.mov_mr(0, Reg.r8, Thread.trapCode, Reg.rbx);
  a.mov_mr(0, Reg.r8, Thread.trapSignal, Reg.rdi);
  a.mov_rm(1, Reg.rax, Reg.rdx, Ucontext.rbp);
  a.mov_mr(1, Reg.r8, Thread.trapFp, Reg.rax);
  for (let r = 0; r < 16; r++) {
    a.mov_rm(1, Reg.rax, Reg.rdx, Ucontext.registers + 8 * (gregs[r] as number));
    a.mov_mr(1, Reg.r8, Thread.trapRegisters + 8 * r, Reg.rax);
  }
  a.mov_rm(1, Reg.rax, Reg.r8, Thread.savedRsp);
  a.mov_mr(1, Reg.rdx, Ucontext.rsp, Reg.rax);
  a.mov_mr(1, Reg.rdx, Ucontext.r12, Reg.r8);
  const exit = a.lea_rip_forward(Reg.rax);
  a.mov_mr(1, Reg.rdx, Ucontext.rip, Reg.rax);
  // Trap flag and direction flag.
  a.alu_mi(Alu.and, 1, Reg.rdx, Ucontext.eflags, ~0x500);
  a.pop(Reg.rbx);
  a.ret();
  a.align(16);
  a.bind(exit);
  emitExit(a);
}

function emitFaultHandler(a: Assembler): void {
  // Sent by somebody (kill): no fault.
  a.alu_mi(Alu.cmp, 0, Reg.rsi, Siginfo.code, 0);
  const sent = a.jcc_forward(Cc.le);
  const chains = [sent, emitFindThread(a), emitFindRange(a, CodeRange.start)];
  // No wasm is active in this thread: whoever runs this code is not an entry stub.
  a.alu_mi(Alu.cmp, 0, Reg.r8, Thread.depth, 0);
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
  a.alu_mi(Alu.cmp, 0, Reg.rsi, Siginfo.code, siKernel);
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
 * Pass the signal to the handler that was there before, with its arguments. If that is the default action, restore it
 * and return: the instruction faults again and the process dies as it should (a signal that was sent is sent again).
 */
function emitChain(a: Assembler): void {
  a.lea_rip(Reg.r8, codePage + Shared.previous);
  a.mov_rr(0, Reg.rax, Reg.rdi);
  a.lea_x(1, Reg.r8, Reg.r8, Reg.rax, 3, 0);
  a.mov_rm(1, Reg.rax, Reg.r8, 0);
  a.alu_ri(Alu.cmp, 1, Reg.rax, 1);
  const defaultAction = a.jcc8_forward(Cc.be);
  a.jmp_r(Reg.rax);
  a.bind8(defaultAction);
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
  a.ret();
}

function emitInterruptHandler(a: Assembler): void {
  const out = [emitFindThread(a)];
  // A deadline's timer sets the mark here; whoever sends the signal otherwise has set it before.
  a.alu_mi(Alu.cmp, 0, Reg.rsi, Siginfo.code, siTimer);
  const sent = a.jcc8_forward(Cc.ne);
  a.alu_mi(Alu.cmp, 0, Reg.r8, Thread.deadlineArmed, 0);
  const unarmed = a.jcc8_forward(Cc.e);
  a.zero(Reg.rax);
  a.mov_ri(Reg.rcx, Interrupt.once);
  a.lock_cmpxchg_mr(0, Reg.r8, Thread.interrupt, Reg.rcx);
  a.bind8(sent);
  a.bind8(unarmed);
  a.alu_mi(Alu.cmp, 0, Reg.r8, Thread.interrupt, 0);
  out.push(a.jcc_forward(Cc.e));
  out.push(emitFindRange(a, CodeRange.functions));
  a.alu_mi(Alu.cmp, 0, Reg.r8, Thread.depth, 0);
  out.push(a.jcc_forward(Cc.e));
  a.push(Reg.rbx);
  a.mov_ri(Reg.rbx, TrapCode.interrupted);
  emitLeave(a);
  for (const jump of out) a.bind(jump);
  a.ret();
}
