/** Deadlines and the watch in one thread. */
import vm from 'node:vm';
import test from 'ava';
import { Interrupt, Thread, TrapCode } from '../../../src/backends/abi/layout.js';
import { Alu, Cc, Reg } from '../../../src/backends/x64/assembler.js';
import type { Trap } from '../../../src/runtime/machine/machine.js';
import { mapAnonymous } from '../../../src/runtime/machine/os.js';
import { noDeadline } from '../../../src/runtime/machine/signals/signal-abi.js';
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

const marks = (): number => u32[Thread.interrupt >>> 2] as number;

/** Code of the trap, 0 without one. */
function enter(f: Defined): TrapCode {
  f.entry();
  return machine.takeTrap()?.code ?? TrapCode.none;
}

function wait(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** Milliseconds until `f` is interrupted by a deadline. */
function timed(f: Defined, milliseconds: number): { code: number; elapsed: number } {
  const start = performance.now();
  const code = machine.withDeadline(milliseconds, () => enter(f));
  return { code, elapsed: performance.now() - start };
}

test.afterEach('no deadline is left', async (t) => {
  // What V8 has ended is forgotten when it runs other JS; without its own API not before the next turn.
  if (machine.calls !== 'v8') await new Promise(setImmediate);
  t.is(machine.thread.i64[Thread.deadline >>> 3], BigInt.asIntN(64, noDeadline));
  t.is(marks() & Interrupt.deadline, 0);
  t.is(machine.thread.pointer(Thread.activation), 0);
  t.is(enter(nop), TrapCode.none);
});

test.serial('a loop is interrupted at its deadline', (t) => {
  for (const milliseconds of [0.1, 5, 20]) {
    const { code, elapsed } = timed(spin, milliseconds);
    t.is(code, TrapCode.interrupted);
    t.true(elapsed >= milliseconds && elapsed < milliseconds + 500, `${elapsed} ms`);
    t.is(enter(nop), TrapCode.none);
  }
});

test.serial('a deadline that is not needed does nothing', async (t) => {
  machine.withDeadline(10, () => t.is(enter(nop), TrapCode.none));
  await new Promise((resolve) => setTimeout(resolve, 30));
  t.is(enter(nop), TrapCode.none);
});

test.serial('values and exceptions pass', (t) => {
  t.is(
    machine.withDeadline(1000, () => 7),
    7,
  );
  t.is(
    machine.withDeadline(1000, () => undefined),
    undefined,
  );
  const thrown = new Error('x');
  t.is(
    t.throws(() =>
      machine.withDeadline(1000, () => {
        throw thrown;
      }),
    ),
    thrown,
  );
});

test.serial('after a deadline no wasm is entered until its scope ends', (t) => {
  machine.withDeadline(3, () => {
    t.is(enter(spin), TrapCode.interrupted);
    for (let i = 0; i < 100; i++) {
      nop.entry();
      const trap = machine.takeTrap();
      t.is(trap?.code, TrapCode.interrupted);
      t.is(trap?.frames.length, 0);
    }
    t.is(enter(spin), TrapCode.interrupted);
  });
  machine.withDeadline(3, () => {
    wait(10);
    t.is(enter(nop), TrapCode.interrupted);
    t.is(enter(spin), TrapCode.interrupted);
  });
});

test.serial('within a deadline that has passed, another one changes nothing', (t) => {
  machine.withDeadline(3, () => {
    t.is(enter(spin), TrapCode.interrupted);
    machine.withDeadline(1000, () => t.is(enter(nop), TrapCode.interrupted));
    t.is(enter(nop), TrapCode.interrupted);
  });
});

test.serial('of nested deadlines the earliest counts', (t) => {
  const start = performance.now();
  machine.withDeadline(20, () => {
    machine.withDeadline(5000, () => t.is(enter(nop), TrapCode.none));
    machine.withDeadline(5000, () => t.is(enter(spin), TrapCode.interrupted));
  });
  const elapsed = performance.now() - start;
  t.true(elapsed >= 20 && elapsed < 1000, `${elapsed} ms`);
});

test.serial('the outer deadline goes on after an inner one has passed', (t) => {
  machine.withDeadline(60, () => {
    const start = performance.now();
    machine.withDeadline(2, () => t.is(enter(spin), TrapCode.interrupted));
    if (performance.now() - start < 30) t.is(enter(nop), TrapCode.none);
    t.is(enter(spin), TrapCode.interrupted);
    t.true(performance.now() - start >= 59);
  });
});

test.serial('a deadline of JS below wasm', (t) => {
  const inner: number[] = [];
  const host = h.host([], [], () => {
    machine.withDeadline(2, () => inner.push(enter(spin)));
    inner.push(enter(nop));
  });
  const f = h.define([], [], (a) => {
    h.prologue(a);
    h.callRecord(a, host.record);
    h.epilogue(a);
  });
  t.is(enter(f), TrapCode.none);
  t.deepEqual(inner, [TrapCode.interrupted, TrapCode.none]);
  // The outer one passes in the inner activation, and ends the outer activation too.
  const outlasting = h.host([], [], () => {
    machine.withDeadline(5000, () => inner.push(enter(spin)));
    inner.push(enter(nop));
  });
  const g = h.define([], [], (a) => {
    h.prologue(a);
    h.callRecord(a, outlasting.record);
    h.epilogue(a);
  });
  inner.length = 0;
  machine.withDeadline(100, () => t.is(enter(g), TrapCode.interrupted));
  t.deepEqual(inner, [TrapCode.interrupted, TrapCode.interrupted]);
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
    const again = a.pos;
    a.alu_ri(Alu.sub, 0, Reg.rax, 1);
    a.jcc(Cc.ne, again);
    a.call32(start);
    h.epilogue(a);
  });
  for (let i = 0; i < 20; i++) {
    let trap: Trap | null = null;
    // On a busy machine the deadline can have passed before the function was entered (pc -1, no frames): once more.
    for (let tries = 0; tries < 100 && (trap === null || trap.pc === -1); tries++) {
      trap = machine.withDeadline(0.05 + i / 1000, () => {
        recursion.entry();
        return machine.takeTrap();
      });
    }
    t.true(trap?.code === TrapCode.interrupted || trap?.code === TrapCode.stackOverflow);
    t.true((trap?.frames.length ?? 0) > 0);
  }
});

const repeatFill = h.define([i32, i32, i32], [], (a) => {
  h.prologue(a);
  for (const [i, r] of [Reg.rax, Reg.rdx, Reg.rcx].entries()) a.mov_mr(0, Reg.rbp, -8 - 8 * i, r);
  const loop = a.pos;
  for (const [i, r] of [Reg.rax, Reg.rdx, Reg.rcx].entries()) a.mov_rm(0, r, Reg.rbp, -8 - 8 * i);
  a.call32(machine.stubs.memoryFill);
  a.jmp(loop);
});

function prepareFill(): void {
  const size = 0xffff0000;
  h.setMemory(mapAnonymous(size), size);
  machine.onBuiltin('refreshMemories', () => {});
  for (const [i, value] of [0, 0, 64 << 20].entries()) h.setI32(i, value);
}

test.serial('long bulk copies end early', (t) => {
  prepareFill();
  const { code, elapsed } = timed(repeatFill, 20);
  t.is(code, TrapCode.interrupted);
  t.true(elapsed < 1000, `${elapsed} ms`);
});

/** Run in `vm` with a timeout; true if it ended the call. */
function timesOut(f: () => void, timeout: number): boolean {
  try {
    vm.runInNewContext('f()', { f }, { timeout });
    return false;
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    return true;
  }
}

test.serial('V8 ends a loop, a loop of bulk copies, and activations below each other', (t) => {
  t.true(timesOut(spin.entry, 20));
  t.is(enter(nop), TrapCode.none);
  prepareFill();
  t.true(timesOut(repeatFill.entry, 20));
  const host = h.host([], [], () => spin.entry());
  const f = h.define([], [], (a) => {
    h.prologue(a);
    const loop = a.pos;
    h.callRecord(a, host.record);
    a.jmp(loop);
  });
  t.true(timesOut(f.entry, 20));
  machine.settle();
  if (machine.calls === 'v8') t.is(machine.thread.pointer(Thread.wasmSp), machine.thread.pointer(Thread.stackHigh));
});

test.serial('what V8 has ended below wasm leaves the activation around it alone', (t) => {
  let ended = false;
  const host = h.host([], [], () => {
    ended = timesOut(spin.entry, 10);
  });
  const f = h.define([], [], (a) => {
    h.prologue(a);
    h.callRecord(a, host.record);
    h.callRecord(a, host.record);
    h.epilogue(a);
  });
  t.is(enter(f), TrapCode.none);
  t.true(ended);
});

test.serial('what V8 has ended is forgotten, however often that is in one turn', (t) => {
  if (machine.calls !== 'v8') return t.pass();
  const host = h.host([], [], () => {
    for (;;);
  });
  const deep = h.define([], [], (a) => {
    h.prologue(a, 65536);
    h.callRecord(a, host.record);
    h.epilogue(a);
  });
  const { thread } = machine;
  for (let i = 0; i < 30; i++) {
    t.true(timesOut(i % 2 === 0 ? spin.entry : deep.entry, 2));
    t.true(thread.pointer(Thread.wasmSp) > thread.pointer(Thread.stackHigh) - 3 * 70_000);
  }
});

test.serial('a termination ends the scopes of deadlines', (t) => {
  t.true(timesOut(() => machine.withDeadline(40, () => machine.withDeadline(5000, () => spin.entry())), 10));
  t.is(machine.thread.i64[Thread.deadline >>> 3], BigInt.asIntN(64, noDeadline));
  t.true(
    timesOut(
      () =>
        machine.withDeadline(40, () => {
          for (;;);
        }),
      10,
    ),
  );
  wait(50);
  t.is(enter(nop), TrapCode.none);
});

test.serial('the watch rests while no wasm is active, and wakes', async (t) => {
  for (let i = 0; i < 5; i++) {
    if (machine.calls !== 'v8') await new Promise(setImmediate);
    wait(5);
    for (let tries = 0; tries < 200 && (marks() & Interrupt.rest) === 0; tries++) wait(5);
    t.is(marks(), Interrupt.rest);
    t.is(enter(nop), TrapCode.none);
    t.is(marks(), 0);
    t.true(timesOut(spin.entry, 10));
  }
});

test.serial('a function of JS that is optimised is polled all the same', (t) => {
  // V8 may drop checks from optimised functions that call none.
  for (let i = 0; i < 20_000; i++) machine.withDeadline(1000, () => {});
  t.true(timesOut(spin.entry, 10));
});
