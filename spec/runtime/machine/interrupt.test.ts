/** Interrupts and deadlines in one thread. */
import test from 'ava';
import { Alu, Cc, Reg } from '../../../src/backends/x64/assembler.js';
import { Thread, TrapCode } from '../../../src/runtime/layout.js';
import type { Trap } from '../../../src/runtime/machine.js';
import { mapAnonymous } from '../../../src/runtime/os.js';
import { type Defined, Harness, i32 } from './harness.js';

const h = new Harness({ codeMemory: 16 << 20, stackSize: 1 << 20 });
const { machine } = h;
const u32 = machine.thread.u32;

const spin = h.define([], [], (a) => {
  h.prologue(a);
  const loop = a.pos;
  a.jmp(loop);
});
const nop = h.define([], [], (a) => a.ret());

/** Milliseconds until `f` is interrupted by a deadline. */
function timed(f: Defined, milliseconds: number): { code: number; elapsed: number } {
  const start = performance.now();
  machine.setDeadline(milliseconds);
  f.entry();
  const trap = machine.takeTrap();
  return { code: trap?.code ?? TrapCode.none, elapsed: performance.now() - start };
}

test.serial('a loop is interrupted at its deadline', (t) => {
  for (const milliseconds of [0.1, 5, 20]) {
    const { code, elapsed } = timed(spin, milliseconds);
    t.is(code, TrapCode.interrupted);
    t.true(elapsed >= milliseconds && elapsed < milliseconds + 500, `${elapsed} ms`);
    t.is(u32[Thread.deadlineArmed >>> 2], 0);
    nop.entry();
    t.is(machine.takeTrap(), null);
  }
});

test.serial('a deadline that is not needed does nothing', async (t) => {
  machine.setDeadline(10);
  nop.entry();
  t.is(machine.takeTrap(), null);
  machine.clearDeadline();
  await new Promise((resolve) => setTimeout(resolve, 30));
  nop.entry();
  t.is(machine.takeTrap(), null);
});

test.serial('a deadline that passes outside of wasm refuses the next entry', async (t) => {
  machine.setDeadline(5);
  await new Promise((resolve) => setTimeout(resolve, 20));
  nop.entry();
  const trap = machine.takeTrap();
  t.is(trap?.code, TrapCode.interrupted);
  t.deepEqual(trap?.frames, []);
  nop.entry();
  t.is(machine.takeTrap(), null);
});

test.serial('a deadline that passed is cleared with it', async (t) => {
  machine.setDeadline(5);
  await new Promise((resolve) => setTimeout(resolve, 20));
  machine.clearDeadline();
  nop.entry();
  t.is(machine.takeTrap(), null);
});

test.serial('a later deadline replaces an earlier one', (t) => {
  machine.setDeadline(1);
  const { code, elapsed } = timed(spin, 30);
  t.is(code, TrapCode.interrupted);
  t.true(elapsed >= 30, `${elapsed} ms`);
});

test.serial('recursion and loops of host calls are interrupted', (t) => {
  let calls = 0;
  const host = h.host([], [], () => {
    calls++;
  });
  const loop = h.define([], [], (a) => {
    h.prologue(a);
    const start = a.pos;
    h.callRecord(a, host.record);
    a.jmp(start);
  });
  for (let i = 0; i < 20; i++) t.is(timed(loop, 1 + i / 10).code, TrapCode.interrupted);
  t.true(calls > 1000);
  const recursion = h.define([], [], (a, start) => {
    h.prologue(a);
    a.mov_ri(Reg.rax, 200);
    const wait = a.pos;
    a.alu_ri(Alu.sub, 0, Reg.rax, 1);
    a.jcc(Cc.ne, wait);
    a.call32(start);
    h.epilogue(a);
  });
  for (let i = 0; i < 20; i++) {
    let trap: Trap | null = null;
    // On a busy machine the deadline can have passed before the function was entered (pc -1, no frames): once more.
    for (let tries = 0; tries < 100 && (trap === null || trap.pc === -1); tries++) {
      machine.setDeadline(0.05 + i / 1000);
      recursion.entry();
      trap = machine.takeTrap();
      machine.clearDeadline();
    }
    t.true(trap?.code === TrapCode.interrupted || trap?.code === TrapCode.stackOverflow);
    t.true((trap?.frames.length ?? 0) > 0);
  }
});

test.serial('a host function interrupts its own thread', (t) => {
  let site = 0;
  const host = h.host([], [], () => machine.interrupt());
  const f = h.define([], [], (a) => {
    h.prologue(a);
    h.callRecord(a, host.record);
    a.ud2();
    site = a.pos;
  });
  f.entry();
  const trap = machine.takeTrap();
  t.is(trap?.code, TrapCode.interrupted);
  t.is(trap?.frames.length, 1);
  // ud2, and the two loads of r15 and r14 behind the call.
  t.is(trap?.pc, site - 2 - 8);
  nop.entry();
  t.is(machine.takeTrap(), null);
});

test.serial('long bulk copies end early', (t) => {
  const size = 0xffff0000;
  h.setMemory(mapAnonymous(size), size);
  machine.onBuiltin('refreshMemory', () => {});
  const repeat = h.define([i32, i32, i32], [], (a) => {
    h.prologue(a);
    for (const [i, r] of [Reg.rax, Reg.rdx, Reg.rcx].entries()) a.mov_mr(0, Reg.rbp, -8 - 8 * i, r);
    const loop = a.pos;
    for (const [i, r] of [Reg.rax, Reg.rdx, Reg.rcx].entries()) a.mov_rm(0, r, Reg.rbp, -8 - 8 * i);
    a.call32(machine.stubs.memoryFill);
    a.jmp(loop);
  });
  h.setI32(0, 0);
  h.setI32(1, 0);
  h.setI32(2, 64 << 20);
  const { code, elapsed } = timed(repeat, 20);
  t.is(code, TrapCode.interrupted);
  t.true(elapsed < 1000, `${elapsed} ms`);
});

test.serial('the trap of an inner activation leaves the deadline of the outer one to its owner', (t) => {
  let inner: number | undefined;
  const host = h.host([], [], () => {
    spin.entry();
    inner = machine.takeTrap()?.code;
  });
  const f = h.define([], [], (a) => {
    h.prologue(a);
    h.callRecord(a, host.record);
    h.epilogue(a);
  });
  machine.setDeadline(5);
  f.entry();
  t.is(inner, TrapCode.interrupted);
  t.is(machine.takeTrap(), null);
});
