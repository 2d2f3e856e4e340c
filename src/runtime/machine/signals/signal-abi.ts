/** What the signal handlers' machine code and JS agree on: structures of the kernel and of the handlers' own pages. */

/** "BEAMLINE" and the version of everything that the handlers and other copies of the package agree on. */
export const magicLow = 0x4d414542;
export const magicHigh: number = 0x0007_0000 | 0x4e4c;
export const handlerMagic: number = magicHigh * 4294967296 + magicLow;

/** Bytes of machine code, and where it begins behind the magic word. */
export const codePage = 4096;
export const headerSize = 16;

/** The data pages behind the code. */
export const enum Shared {
  /** u32: signal of the timers. */
  timerSignal = 0,
  /** u32: this process; a child between fork and exec runs in a copy. */
  pid = 4,
  /** ptr: the C library's sigaction. */
  sigaction = 8,
  /** ptr each: code that machines call. */
  wake = 16,
  scope = 24,
  /** struct itimerspec: the watch's period; never. */
  watchTime = 32,
  never = 64,
  /** ptr: the table of shared code, 0 as long as nobody has asked for it. */
  sharedCode = 96,
  /** ptr: code that machines enter. */
  resumePaused = 104,
  /** ptr: code that stubs go to. */
  pauseAtReturn = 112,
  /** glibc's struct sigaction per signal number: who gets the faults that are not wasm's, and the signals that are sent. */
  actions = 128,
  actionStride = 160,
  /** ptr per registered thread record, in order; the one behind the last is always 0. */
  records = 2560,
  recordCapacity = 6847,
  size = 57344,
}

/** glibc's struct sigaction. */
export const enum Action {
  handler = 0,
  mask = 8,
  flags = 136,
  size = 152,
}

export const enum ActionFlag {
  siginfo = 0x4,
  onStack = 0x08000000,
  restart = 0x10000000,
}

/** ucontext_t of glibc on x86-64. */
export const enum Ucontext {
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
export const gregs: readonly number[] = [13, 14, 12, 11, 15, 10, 9, 8, 0, 1, 2, 3, 4, 5, 6, 7];

/** siginfo_t. */
export const enum Siginfo {
  code = 8,
  /** Of a fault. */
  address = 16,
  /** Of a timer: `TimerKind`. */
  value = 24,
}

/** Values of `Siginfo.code`. */
export const enum SignalCode {
  kernel = 0x80,
  timer = -2,
}

/** What a thread's timers send along. */
export const enum TimerKind {
  deadline = 1,
  watch = 2,
}

export const enum Syscall {
  rtSigaction = 13,
  getpid = 39,
  gettid = 186,
  timerSettime = 223,
  clockGettime = 228,
  tgkill = 234,
}

/** `Thread.deadline` without a deadline: all bits. */
export const noDeadline = 0xffff_ffff_ffff_ffffn;
