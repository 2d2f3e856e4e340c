import test from 'ava';
import { Thread, TrapCode } from '../../../src/backends/abi/layout.js';
import { Alu, Reg } from '../../../src/backends/x64/assembler.js';
import { mapAnonymous, Prot } from '../../../src/runtime/machine/os.js';
import { Harness, i32 } from './harness.js';

const h = new Harness({ codeMemory: 16 << 20, stackSize: 1 << 20 });
const { machine } = h;

test('enter, arguments, results', (t) => {
  const add = h.define([i32, i32], [i32], (a) => {
    h.prologue(a);
    a.alu_rr(Alu.add, 0, Reg.rax, Reg.rdx);
    h.epilogue(a);
  });
  h.setI32(0, 40);
  h.setI32(1, 2);
  add.entry();
  t.is(h.getI32(0), 42);
  t.is(machine.takeTrap(), null);
});

test('trap stub', (t) => {
  let site = 0;
  const f = h.define([], [], (a) => {
    h.prologue(a);
    a.call32(machine.stubs.trap[TrapCode.unreachable] as number);
    site = a.pos;
  });
  f.entry();
  const trap = machine.takeTrap();
  t.is(trap?.code, TrapCode.unreachable);
  t.is(trap?.pc, site);
  t.is(trap?.signal, 0);
  t.deepEqual(
    [...(trap?.frames ?? [])].map((frame) => frame.pc),
    [site],
  );
  t.is(machine.takeTrap(), null);
});

test('memory fault', (t) => {
  const guard = mapAnonymous(65536, Prot.none);
  h.setMemory(guard, 0);
  let site = 0;
  const f = h.define([i32], [i32], (a) => {
    h.prologue(a);
    site = a.pos;
    a.loadx(0x8b, Reg.rax, Reg.r14, Reg.rax, 4);
    h.epilogue(a);
  });
  h.setI32(0, 0x100);
  f.entry();
  const trap = machine.takeTrap();
  t.is(trap?.code, TrapCode.memoryOutOfBounds);
  t.is(trap?.pc, site);
  t.is(trap?.address, guard + 0x104);
  t.is(trap?.signal, 11);
  t.is(trap?.registers[Reg.r14], BigInt(guard));
  t.is(trap?.registers[Reg.rax], 0x100n);
});

test('division faults, with the registers', (t) => {
  const f = h.define([i32, i32], [i32], (a) => {
    h.prologue(a);
    a.mov_rr(0, Reg.rcx, Reg.rdx);
    a.cdq(0);
    a.idiv(0, Reg.rcx);
    h.epilogue(a);
  });
  h.setI32(0, 7);
  h.setI32(1, 0);
  f.entry();
  let trap = machine.takeTrap();
  t.is(trap?.code, TrapCode.divideByZero);
  t.is(trap?.registers[Reg.rcx], 0n);
  h.setI32(0, -2147483648);
  h.setI32(1, -1);
  f.entry();
  trap = machine.takeTrap();
  t.is(trap?.code, TrapCode.divideByZero);
  t.is(trap?.registers[Reg.rcx], 0xffffffffn);
  h.setI32(0, 84);
  h.setI32(1, -2);
  f.entry();
  t.is(machine.takeTrap(), null);
  t.is(h.getI32(0), -42);
});

test('undefined instruction is an internal error', (t) => {
  const f = h.define([], [], (a) => a.ud2());
  f.entry();
  t.is(machine.takeTrap()?.code, TrapCode.internal);
});

test('stack overflow, again and again', (t) => {
  const f = h.define([], [], (a, start) => {
    h.prologue(a);
    a.call32(start);
    h.epilogue(a);
  });
  for (let i = 0; i < 3; i++) {
    f.entry();
    const trap = machine.takeTrap();
    t.is(trap?.code, TrapCode.stackOverflow);
    t.true((trap?.frames.length ?? 0) >= 1000);
    t.true(trap?.frames.slice(1, 100).every((frame) => frame.pc === (trap.frames[1]?.pc ?? 0)));
  }
});

test('host call', (t) => {
  const seen: number[] = [];
  const host = h.host([i32, i32], [i32], () => {
    seen.push(h.getI32(0), h.getI32(1));
    h.setI32(0, 1000);
  });
  let site = 0;
  const f = h.define([i32, i32], [i32], (a) => {
    h.prologue(a);
    h.callRecord(a, host.record);
    site = a.pos;
    a.alu_ri(Alu.add, 0, Reg.rax, 1);
    h.epilogue(a);
  });
  h.setI32(0, 3);
  h.setI32(1, -4);
  f.entry();
  t.is(machine.takeTrap(), null);
  t.deepEqual(seen, [3, -4]);
  t.is(h.getI32(0), 1001);
  t.true(site > 0);
});

test('a JS exception crosses wasm frames, also after a nested entry that succeeded', (t) => {
  const inner = h.host([], [], () => {});
  const ok = h.define([], [], (a) => {
    h.prologue(a);
    h.callRecord(a, inner.record);
    h.epilogue(a);
  });
  for (const nest of [false, true]) {
    const host = h.host([], [], () => {
      if (nest) ok.entry();
      throw new TypeError('from host');
    });
    let after = 0;
    const f = h.define([], [], (a) => {
      h.prologue(a);
      h.callRecord(a, host.record);
      after = a.pos;
      a.ud2();
    });
    t.throws(() => f.entry(), { instanceOf: TypeError, message: 'from host' });
    t.true(after > 0);
    t.is(machine.thread.pointer(Thread.activation), 0);
    t.is(machine.thread.pointer(Thread.wasmSp), machine.thread.pointer(Thread.stackHigh));
    ok.entry();
    t.is(machine.takeTrap(), null);
  }
});

test('a trap below a host call below a trap; frames of all activations', (t) => {
  let innerSite = 0;
  const inner = h.define([], [], (a) => {
    h.prologue(a);
    a.call32(machine.stubs.trap[TrapCode.integerOverflow] as number);
    innerSite = a.pos;
  });
  let sites: number[] = [];
  const host = h.host([], [], () => {
    inner.entry();
    const trap = machine.takeTrap();
    t.is(trap?.code, TrapCode.integerOverflow);
    t.deepEqual(
      [...(trap?.frames ?? [])].map((frame) => [frame.pc, frame.activation]),
      [
        [innerSite, 0],
        [sites[0], 1],
      ],
    );
    t.deepEqual(
      [...machine.callers()].map((frame) => frame.pc),
      [sites[0]],
    );
  });
  const outer = h.define([], [], (a) => {
    h.prologue(a);
    h.callRecord(a, host.record);
    // The instruction behind the call: 8 bytes of reloading r15 and r14 follow it.
    a.call32(machine.stubs.trap[TrapCode.unreachable] as number);
    sites = [0, a.pos];
  });
  // Find the return address of the host call: FF 12 is call [rdx]; here 41 FF 12, call [r10].
  const b = machine.code.bytes;
  for (let i = outer.start; i < outer.end; i++) {
    if (b[i] === 0x41 && b[i + 1] === 0xff && b[i + 2] === 0x12) sites[0] = i + 3;
  }
  outer.entry();
  const trap = machine.takeTrap();
  t.is(trap?.code, TrapCode.unreachable);
  t.deepEqual(
    [...(trap?.frames ?? [])].map((frame) => frame.pc),
    [sites[1]],
  );
});

test('nested recursion JS <-> wasm ends with a RangeError and leaves everything usable', (t) => {
  let depth = 0;
  let deepest = 0;
  const host = h.host([], [], () => {
    depth++;
    deepest = Math.max(deepest, depth);
    try {
      f.entry();
      const trap = machine.takeTrap();
      if (trap !== null) throw new RangeError(`wasm trap ${trap.code}`);
    } finally {
      depth--;
    }
  });
  const f = h.define([], [], (a) => {
    h.prologue(a);
    h.callRecord(a, host.record);
    h.epilogue(a);
  });
  for (let i = 0; i < 3; i++) {
    deepest = 0;
    t.throws(() => f.entry(), { instanceOf: RangeError });
    t.true(deepest > 100, `${deepest}`);
    t.is(machine.thread.pointer(Thread.activation), 0);
  }
});

test('all general registers at a fault', (t) => {
  h.setMemory(0, 0);
  const f = h.define([], [], (a) => {
    h.prologue(a);
    for (let r = 0; r < 14; r++) if (r !== Reg.rsp && r !== Reg.rbp) a.mov_ri(r, 0x1000 + r);
    a.mov_rm(1, Reg.rax, Reg.r14, 8);
  });
  f.entry();
  const registers = machine.takeTrap()?.registers;
  for (let r = 0; r < 14; r++) {
    if (r !== Reg.rsp && r !== Reg.rbp) t.is(registers?.[r], 0x1000n + BigInt(r));
  }
  t.is(registers?.[Reg.r15], BigInt(h.context));
  t.is(registers?.[Reg.rbp], (registers?.[Reg.rsp] ?? 0n) + 32n);
});
