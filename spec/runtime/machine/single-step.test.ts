/**
 * A signal of a timer at every instruction of entry stub, prologue, body, host thunk, nested entry, bulk stub and epilogue.
 *
 * The processor's trap flag makes each instruction raise SIGTRAP. The handler of this test counts; at the n-th
 * instruction it jumps to the engine's handler for timers, as if a timer's signal had come just there.
 */
import test, { type ExecutionContext } from 'ava';
import { Interrupt, MemoryRecord, Thread, TrapCode } from '../../../src/backends/abi/layout.js';
import { Alu, Assembler, Cc, Reg } from '../../../src/backends/x64/assembler.js';
import type { Trap } from '../../../src/runtime/machine/machine.js';
import { mapAnonymous, nativeFunction, nativeView, sigaction, timerDelete } from '../../../src/runtime/machine/os.js';
import {
  Action,
  ActionFlag,
  noDeadline,
  Siginfo,
  SignalCode,
  TimerKind,
} from '../../../src/runtime/machine/signals/signal-abi.js';
import { processState } from '../../../src/runtime/machine/signals/trap-handler.js';
import { Harness, i32, i64 } from './harness.js';

// What begins to step is a native function of koffi.
const h = new Harness({ codeMemory: 16 << 20, stackSize: 1 << 20, calls: 'koffi' });
const { machine } = h;
const { thread, code } = machine;
const u32 = thread.u32;
// The thread's own watch keeps out of it.
timerDelete(thread.i32[Thread.watchTimer >>> 2] as number);

const SIGTRAP = 5;
const trapFlag = 0x100;

/** A piece of the stubs (it is no function code) in which only this test writes. */
const span = code.beginStub();
code.endStub(span + 4096);
const asm = new Assembler(code.bytes, span);
/** Steps until the interrupt; current rip is recorded in the word behind it. */
const counter = code.allocateData(16);
const actions = mapAnonymous(4096);
/** What the timer's signal would bring along. */
const info = actions + 1024;

function setWord(offset: number, value: number): void {
  code.i32[offset >>> 2] = value;
  code.i32[(offset >>> 2) + 1] = Math.floor(value / 4294967296);
}

function timerHandler(): number {
  sigaction(processState().timerSignal, 0, actions);
  return Number(new BigUint64Array(nativeView(actions, 8))[0]);
}

function installStepHandler(): void {
  const a = asm;
  const start = a.pos;
  // Out of the region: no steps there.
  a.mov_rm(1, Reg.rax, Reg.rdx, 168);
  a.mov_ri64(Reg.rcx, code.base | 0, Math.floor(code.base / 4294967296));
  a.alu_rr(Alu.sub, 1, Reg.rax, Reg.rcx);
  a.alu_ri(Alu.cmp, 1, Reg.rax, code.dataStart);
  const outside = a.jcc_forward(Cc.ae);
  a.alu_mi_rip(Alu.sub, 0, counter, 1);
  const goOn = a.jcc_forward(Cc.ne);
  a.mov_mr_rip(1, counter + 8, Reg.rax);
  a.alu_mi(Alu.and, 1, Reg.rdx, 176, ~trapFlag);
  a.mov_ri64(Reg.rsi, info | 0, Math.floor(info / 4294967296));
  const handler = timerHandler();
  a.mov_ri64(Reg.rax, handler | 0, Math.floor(handler / 4294967296));
  a.jmp_r(Reg.rax);
  a.bind(outside);
  a.alu_mi(Alu.and, 1, Reg.rdx, 176, ~trapFlag);
  a.bind(goOn);
  a.ret();
  const action = new DataView(nativeView(actions, Action.size));
  for (let i = 0; i < Action.size; i++) action.setUint8(i, 0);
  action.setBigUint64(Action.handler, BigInt(code.base + start), true);
  action.setUint32(Action.flags, ActionFlag.siginfo | ActionFlag.onStack, true);
  sigaction(SIGTRAP, actions, 0);
}

function setTrapFlag(a: Assembler): void {
  a.pushfq();
  a.alu_mi(Alu.or, 1, Reg.rsp, 0, trapFlag);
  a.popfq();
}

/** A native function that begins to step and goes to `Thread.enterStub`, as `enter` does. */
function makeStepping(): () => void {
  asm.align(16);
  const start = asm.pos;
  asm.mov_ri64(Reg.rax, thread.address | 0, Math.floor(thread.address / 4294967296));
  asm.mov_rr(1, Reg.r10, Reg.rbp);
  asm.mov_rm(1, Reg.r11, Reg.rax, Thread.enterRecord);
  setTrapFlag(asm);
  asm.jmp_m(Reg.rax, Thread.enterStub);
  return nativeFunction(code.base + start);
}

function setSignal(kind: TimerKind): void {
  const view = new DataView(nativeView(info, 128));
  view.setInt32(Siginfo.code, SignalCode.timer, true);
  view.setInt32(Siginfo.value, kind, true);
}

function setDeadline(time: bigint): void {
  thread.i64[Thread.deadline >>> 3] = BigInt.asIntN(64, time);
}

const marks = (): number => u32[Thread.interrupt >>> 2] as number;

h.setMemory(mapAnonymous(65536), 0);
let refreshed = 0;
machine.onBuiltin('refreshMemories', () => {
  refreshed++;
  h.set(h.memoryRecord + MemoryRecord.byteLength, 65536);
});
const inner = h.define([i32], [i32], (a) => {
  h.prologue(a);
  a.alu_ri(Alu.add, 0, Reg.rax, 1);
  h.epilogue(a);
});
let innerTraps = 0;
const host = h.host([i32, ...Array(6).fill(i64)], [i32], () => {
  const x = h.getI32(0);
  h.setI32(0, x);
  inner.entry();
  if (machine.takeTrap() !== null) {
    innerTraps++;
    h.setI32(0, x + 1);
  }
});
/** Holds values in all registers and the flags across a few instructions. */
const f = h.define([i32, ...Array(12).fill(i64)], [i32], (a) => {
  h.prologue(a);
  a.mov_mr(0, Reg.rbp, -16, Reg.rax);
  a.push(Reg.rdx);
  h.callRecord(a, host.record);
  a.mov_mr(0, Reg.rbp, -24, Reg.rax);
  a.zero(Reg.rax);
  a.mov_ri(Reg.rdx, 7);
  a.mov_ri(Reg.rcx, 20);
  a.call32(machine.stubs.memoryFill);
  const general = [Reg.rcx, Reg.rdx, Reg.rbx, Reg.rsi, Reg.rdi, Reg.r8, Reg.r9, Reg.r10, Reg.r11, Reg.r12, Reg.r13];
  for (const [i, r] of general.entries()) a.mov_ri(r, 1 << i);
  for (let x = 0; x < 16; x++) a.movd_xr(1, x, general[x % general.length] as Reg);
  a.zero(Reg.rax);
  for (const r of general) a.alu_rr(Alu.add, 1, Reg.rax, r);
  // 2 ** 11 - 1, 2 ** 11 - 1 + (1 + 2 + 4 + 8 + 16): of all vectors.
  for (let x = 0; x < 16; x++) {
    a.movd_rx(1, Reg.rcx, x);
    a.alu_rr(Alu.add, 1, Reg.rax, Reg.rcx);
  }
  a.alu_ri(Alu.cmp, 0, Reg.rax, 2 * (2 ** 11 - 1) + 31);
  const right = a.jcc8_forward(Cc.e);
  a.ud2();
  a.bind8(right);
  a.mov_rm(0, Reg.rax, Reg.rbp, -24);
  a.alu_rm(Alu.add, 0, Reg.rax, Reg.rbp, -16);
  h.epilogue(a, 7);
});
installStepHandler();
const step = makeStepping();
const entryStub = machine.entryStub(f.signature);
const activationIndex = Thread.activation >>> 3;
const wasmSpIndex = Thread.wasmSp >>> 3;

/** Enter the function, step by step, also behind host calls and pauses. */
function run(): void {
  const { f64 } = thread;
  const sp = f64[wasmSpIndex] as number;
  thread.setPointer(Thread.enterRecord, f.record);
  thread.setPointer(Thread.enterStub, entryStub);
  try {
    step();
    h.goOn(step);
  } finally {
    f64[wasmSpIndex] = sp;
    f64[activationIndex] = 0;
  }
}

/** Run the function once per instruction, with a signal there; `check` gets the instruction's place. */
function stepThrough(t: ExecutionContext, kind: TimerKind, check: (at: number, trap: Trap | null) => void): number {
  const places = new Set<number>();
  let n = 1;
  refreshed = 0;
  setSignal(kind);
  // Wakes the watch, which would be other places.
  f.entry();
  for (; n < 5000; n++) {
    setWord(counter, n);
    setWord(counter + 8, 0);
    h.set(h.memoryRecord + MemoryRecord.byteLength, 0);
    h.setI32(0, 20);
    innerTraps = 0;
    h.pauses = 0;
    if (kind === TimerKind.deadline) setDeadline(1n);
    try {
      run();
    } catch (error) {
      t.true(error instanceof RangeError);
      u32[Thread.trapCode >>> 2] = TrapCode.none;
    }
    const at = code.i32[(counter + 8) >>> 2] as number;
    if (at === 0) break;
    places.add(at);
    t.is(thread.pointer(Thread.activation), 0);
    t.is(thread.pointer(Thread.wasmSp), thread.pointer(Thread.stackHigh));
    check(at, machine.takeTrap());
    setDeadline(noDeadline);
    t.is(marks() & Interrupt.rest, 0, `the watch rests after ${at}`);
    u32[Thread.interrupt >>> 2] = 0;
    h.setI32(0, 20);
    setWord(counter, 0x7fffffff);
    f.entry();
    t.is(machine.takeTrap(), null);
    t.is(h.getI32(0), 41);
  }
  setDeadline(noDeadline);
  u32[Thread.interrupt >>> 2] = 0;
  t.true(n > 200 && n < 5000, `${n} instructions`);
  t.true(places.size > 170 && refreshed > 10, `${places.size} places`);
  return n;
}

const isLoop = (at: number): boolean => at >= machine.stubs.loops.start && at < machine.stubs.loops.end;

test.serial('a deadline at every instruction', (t) => {
  let interrupted = 0;
  let late = 0;
  stepThrough(t, TimerKind.deadline, (at, trap) => {
    if (trap !== null) {
      t.is(trap.code, TrapCode.interrupted);
      for (const { pc } of trap.frames) t.true(code.isFunction(pc), `frame ${pc} of an interrupt at ${at}`);
      if (code.isFunction(at)) {
        t.is(trap.pc, at);
        t.is(trap.frames.length, 1);
      }
      interrupted++;
    } else {
      t.is(h.getI32(0), 41);
      if (innerTraps === 0) {
        // Too late for this activation: the mark is there for the next.
        t.is(marks(), Interrupt.deadline);
        f.entry();
        t.is(machine.takeTrap()?.code, TrapCode.interrupted);
        late++;
      }
    }
  });
  t.true(interrupted > 50 && late > 5, `${interrupted} ${late}`);
});

test.serial('a pause at every instruction', (t) => {
  let paused = 0;
  stepThrough(t, TimerKind.watch, (at, trap) => {
    t.is(trap, null);
    t.is(h.getI32(0), 41);
    t.is(h.pauses, code.isFunction(at) || isLoop(at) ? 1 : 0, `at ${at}`);
    paused += h.pauses;
  });
  t.true(paused > 90, `${paused} pauses`);
});

test.serial('a pause in which wasm is called, at every instruction', (t) => {
  let calls = 0;
  h.onPause = () => {
    calls++;
    h.setI32(0, 5);
    inner.entry();
    t.is(machine.takeTrap(), null);
    t.is(h.getI32(0), 6);
    t.true(machine.callers().length <= 3);
  };
  try {
    stepThrough(t, TimerKind.watch, (_, trap) => {
      t.is(trap, null);
      t.is(h.getI32(0), 41);
    });
  } finally {
    h.onPause = () => {};
  }
  t.true(calls > 90, `${calls} calls`);
});

test.serial('a pause after which nobody resumes, at every instruction', (t) => {
  let left = 0;
  h.onPause = () => {
    throw new RangeError('no room');
  };
  try {
    stepThrough(t, TimerKind.watch, (at, trap) => {
      t.is(trap, null);
      const isPaused = code.isFunction(at) || isLoop(at);
      t.is(h.pauses, isPaused ? 1 : 0, `at ${at}`);
      left += h.pauses;
    });
  } finally {
    h.onPause = () => {};
  }
  t.true(left > 80, `${left} left`);
});
