/** The guard of the wasm stack is hit at every depth of entry stubs, thunks, trap stubs and bulk stubs. */
import test from 'ava';
import { ActivationFrame, MemoryRecord, Thread, TrapCode } from '../../../src/backends/abi/layout.js';
import { Reg } from '../../../src/backends/x64/assembler.js';
import { mapAnonymous } from '../../../src/runtime/machine/os.js';
import { callLayout } from '../../../src/runtime/signature.js';
import { type Defined, Harness, i32, i64 } from './harness.js';

const h = new Harness({ codeMemory: 16 << 20, stackSize: 1 << 20 });
const { machine } = h;
const thread = machine.thread;
const low = thread.pointer(Thread.stackLow);
const high = thread.pointer(Thread.stackHigh);

/**
 * Enter with every amount of room on the stack, from none to plenty: either the guard is hit or all goes well, and all
 * state is as before.
 */
function sweep(f: Defined, prepare: () => void): { hits: number[]; outcomes: number[] } {
  const hits: number[] = [];
  const outcomes: number[] = [];
  for (let room = 0; room <= 4096; room += 8) {
    thread.setPointer(Thread.wasmSp, low + room);
    prepare();
    f.entry();
    if (thread.pointer(Thread.wasmSp) !== low + room) throw new Error('wasmSp is not restored');
    if (thread.pointer(Thread.activation) !== 0) throw new Error('still inside');
    const trap = machine.takeTrap();
    outcomes.push(trap?.code ?? TrapCode.none);
    if (trap?.code !== TrapCode.stackOverflow) continue;
    // Without room for the activation's own frame nothing is entered, and nothing faults.
    if (room < ActivationFrame.size !== trap.pc < 0) throw new Error(`${room} bytes of room: a fault at ${trap.pc}`);
    if (trap.pc < 0) continue;
    hits.push(trap.pc);
    for (const frame of trap.frames) {
      if (!machine.code.isFunction(frame.pc)) throw new Error(`frame at ${frame.pc}`);
    }
  }
  thread.setPointer(Thread.wasmSp, high);
  return { hits, outcomes };
}

function expectSweep(t: import('ava').ExecutionContext, f: Defined, prepare: () => void, last: TrapCode): Set<number> {
  const { hits, outcomes } = sweep(f, prepare);
  const first = outcomes.findIndex((code) => code !== TrapCode.stackOverflow);
  t.true(first > 0, 'the guard is hit');
  t.true(
    outcomes.slice(first).every((code) => code === last),
    'with enough room all goes well',
  );
  return new Set(hits);
}

const many: number[] = Array(20).fill(i64);

test.serial('entry stub with stack arguments and results, function, host thunk, nested entry', (t) => {
  const inner = h.define(many, many, (a) => {
    h.prologue(a);
    h.epilogue(a, 14);
  });
  const host = h.host(many, many, () => {
    inner.entry();
    const trap = machine.takeTrap();
    if (trap !== null && trap.code !== TrapCode.stackOverflow) throw new Error(`trap ${trap.code}`);
    if (trap !== null) innerHits++;
  });
  let innerHits = 0;
  const { stackParams, stackResults } = callLayout(host.signature);
  const f = h.define(many, [], (a) => {
    h.prologue(a);
    a.alu_ri(5, 1, Reg.rsp, 8 * stackResults);
    for (let k = 0; k < stackParams; k++) a.push_m(Reg.rbp, 16 + 8 * (stackParams - 1 - k));
    h.callRecord(a, host.record);
    h.epilogue(a, stackParams);
  });
  const sites = expectSweep(t, f, () => {}, TrapCode.none);
  t.true(innerHits > 5);
  // push in the entry stub (a loop), its call, the prologue, the pushes of arguments, the call, pushes in the thunk.
  t.true(sites.size >= 12, `${sites.size} different places`);
});

test.serial('trap stubs', (t) => {
  const f = h.define([], [], (a) => {
    h.prologue(a, 0);
    a.call32(machine.stubs.trap[TrapCode.unreachable] as number);
  });
  expectSweep(t, f, () => {}, TrapCode.unreachable);
});

test.serial('bulk stubs that ask JS for the memory length', (t) => {
  h.setMemory(mapAnonymous(65536), 0);
  machine.onBuiltin('refreshMemories', () => h.set(h.memoryRecord + MemoryRecord.byteLength, 65536));
  const f = h.define([i32, i32, i32], [], (a) => {
    h.prologue(a, 0);
    a.call32(machine.stubs.memoryFill);
    h.epilogue(a);
  });
  const sites = expectSweep(
    t,
    f,
    () => {
      h.set(h.memoryRecord + MemoryRecord.byteLength, 0);
      h.setI32(0, 10);
      h.setI32(1, 1);
      h.setI32(2, 10);
    },
    TrapCode.none,
  );
  t.true(sites.size >= 10, `${sites.size} different places`);
});

test.serial('a large frame without a store of its own', (t) => {
  const f = h.define([], [], (a) => {
    h.prologue(a, 200000);
    a.call32(machine.stubs.trap[TrapCode.unreachable] as number);
  });
  thread.setPointer(Thread.wasmSp, low + 64);
  f.entry();
  t.is(machine.takeTrap()?.code, TrapCode.stackOverflow);
  thread.setPointer(Thread.wasmSp, high);
  f.entry();
  t.is(machine.takeTrap()?.code, TrapCode.unreachable);
});

test.serial('the frames of an overflow in a prologue, a call and a body', (t) => {
  // f calls itself with frames of different sizes, so that every instruction that touches the stack hits the guard.
  for (const frame of [0, 8, 16, 24]) {
    let site = 0;
    const f = h.define([], [], (a, start) => {
      h.prologue(a, frame);
      a.push(Reg.rax);
      a.call32(start);
      site = a.pos;
      h.epilogue(a);
    });
    for (let shift = 0; shift < 64; shift += 8) {
      thread.setPointer(Thread.wasmSp, low + 8192 + shift);
      f.entry();
      const trap = machine.takeTrap();
      t.is(trap?.code, TrapCode.stackOverflow);
      const frames = trap?.frames ?? [];
      t.true(frames.slice(1).every((fr) => fr.pc === site));
      // Stack bytes per call: return address, rbp, frame, push.
      const expected = Math.floor((8192 + shift) / (24 + frame));
      t.true(Math.abs(frames.length - expected) <= 2, `${frames.length} frames, about ${expected} expected`);
    }
  }
  thread.setPointer(Thread.wasmSp, high);
});
