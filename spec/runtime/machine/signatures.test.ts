/** Arguments and results of random signatures through entries, functions and host calls; size of stubs. */
import test from 'ava';
import fc from 'fast-check';
import { Thread } from '../../../src/backends/abi/layout.js';
import { type Assembler, Reg } from '../../../src/backends/x64/assembler.js';
import { callLayout, type Signature } from '../../../src/runtime/signature.js';
import { type Defined, f32, f64, funcref, Harness, i32, i64 } from './harness.js';

const h = new Harness({ codeMemory: 64 << 20 });
const { machine } = h;
const u32 = machine.thread.u32;
const buffer = Thread.buffer >>> 2;

/** Write recognisable bits as value i; the upper halves of 32-bit values are garbage. */
function writeValues(types: Uint8Array, seed: number): void {
  for (let i = 0; i < types.length; i++) {
    const at = buffer + 4 * i;
    u32[at] = Math.imul(seed + i, 0x9e3779b1) & 0x7f7fffff;
    u32[at + 1] = Math.imul(seed - i, 0x85ebca6b) & 0x7fefffff;
    u32[at + 2] = 0xdeadbeef;
  }
}

function checkValues(types: Uint8Array, seed: number, what: string): void {
  for (let i = 0; i < types.length; i++) {
    const at = buffer + 4 * i;
    const wide = types[i] !== i32 && types[i] !== f32;
    const low = Math.imul(seed + i, 0x9e3779b1) & 0x7f7fffff;
    const high = Math.imul(seed - i, 0x85ebca6b) & 0x7fefffff;
    if (u32[at] !== low || (wide && u32[at + 1] !== high)) {
      throw new Error(`${what}: value ${i} of type ${types[i]} is ${u32[at + 1]}:${u32[at]}, not ${high}:${low}`);
    }
  }
}

/** Copy stack parameters to stack results: registers have the same places already. */
function identity(types: number[]): Defined {
  return h.define(types, types, (a) => {
    const { stackParams } = callLayout({ params: Uint8Array.from(types), results: Uint8Array.from(types) });
    h.prologue(a);
    for (let k = 0; k < stackParams; k++) {
      a.mov_rm(1, Reg.r8, Reg.rbp, 16 + 8 * (stackParams - 1 - k));
      a.mov_mr(1, Reg.rbp, 16 + 8 * stackParams + 8 * (stackParams - 1 - k), Reg.r8);
    }
    h.epilogue(a, stackParams);
  });
}

/** Pass all parameters on to a function record of the same signature, and its results back. */
function forward(a: Assembler, signature: Signature, record: number): void {
  const { stackParams, stackResults } = callLayout(signature);
  h.prologue(a);
  a.alu_ri(5, 1, Reg.rsp, 8 * stackResults);
  for (let k = 0; k < stackParams; k++) a.push_m(Reg.rbp, 16 + 8 * (stackParams - 1 - k));
  h.callRecord(a, record);
  for (let k = 0; k < stackResults; k++) {
    a.mov_rm(1, Reg.r8, Reg.rsp, 8 * (stackResults - 1 - k));
    a.mov_mr(1, Reg.rbp, 16 + 8 * stackParams + 8 * (stackResults - 1 - k), Reg.r8);
  }
  h.epilogue(a, stackParams);
}

const type = fc.constantFrom(i32, i64, f32, f64, funcref);
const types = fc.array(type, { maxLength: 30 });

test.serial('identity of random signatures', (t) => {
  fc.assert(
    fc.property(types, fc.integer({ min: 1, max: 1e6 }), (list, seed) => {
      const f = identity(list);
      writeValues(f.signature.params, seed);
      f.entry();
      t.is(machine.takeTrap(), null);
      checkValues(f.signature.results, seed, 'identity');
    }),
    { numRuns: 200 },
  );
});

test.serial('random signatures through a host call', (t) => {
  fc.assert(
    fc.property(types, types, fc.integer({ min: 1, max: 1e6 }), (params, results, seed) => {
      let calls = 0;
      const host = h.host(params, results, () => {
        calls++;
        checkValues(Uint8Array.from(params), seed, 'argument');
        writeValues(Uint8Array.from(results), seed + 77);
      });
      const f = h.define(params, results, (a) => forward(a, host.signature, host.record));
      writeValues(f.signature.params, seed);
      f.entry();
      t.is(machine.takeTrap(), null);
      t.is(calls, 1);
      checkValues(f.signature.results, seed + 77, 'result');
    }),
    { numRuns: 200 },
  );
});

test.serial('the upper half of an i32 argument is zero', (t) => {
  const f = h.define(Array(6).fill(i32), [i64], (a) => {
    h.prologue(a);
    for (const r of [Reg.rdx, Reg.rcx, Reg.rbx, Reg.rsi, Reg.rdi]) a.alu_rr(1, 1, Reg.rax, r);
    h.epilogue(a);
  });
  for (let i = 0; i < 6; i++) {
    u32[buffer + 4 * i] = 0xffffffff;
    u32[buffer + 4 * i + 1] = 0xffffffff;
  }
  f.entry();
  t.is(h.getI64(0), 0xffffffffn);
  const host = h.host([], [i32], () => {
    u32[buffer] = 0x80000001;
    u32[buffer + 1] = 0xffffffff;
  });
  const g = h.define([], [i64], (a) => {
    h.prologue(a);
    h.callRecord(a, host.record);
    h.epilogue(a);
  });
  g.entry();
  t.is(h.getI64(0), 0x80000001n);
});

test.serial('1,000 parameters and results: stubs stay small', (t) => {
  for (const one of [i32, f64, i64]) {
    const list: number[] = Array(1000).fill(one);
    const before = machine.code.statistics.stubs;
    const f = identity(list);
    const host = h.host(list, list, () => {});
    const g = h.define(list, list, (a) => forward(a, host.signature, host.record));
    t.true(machine.code.statistics.stubs - before < 1100, `${machine.code.statistics.stubs - before} bytes`);
    for (const callee of [f, g]) {
      writeValues(callee.signature.params, 5);
      callee.entry();
      t.is(machine.takeTrap(), null);
      checkValues(callee.signature.results, 5, 'of 1,000');
    }
  }
});

test('canonical signatures', (t) => {
  const a = h.signature([i32, f64], [i64]);
  t.is(h.signature([i32, f64], [i64]), a);
  t.not(h.signature([i32], [f64, i64]), a);
  t.not(h.signature([], [i32, f64, i64]), a);
  t.is(h.signatures.byId(a.id), a);
});
