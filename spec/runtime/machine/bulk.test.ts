/** Bulk stubs against plain JS: random ranges, both directions of overlap, bounds, the refreshed length. */
import test from 'ava';
import fc from 'fast-check';
import { Context, MemoryRecord, SegmentRecord, TableRecord, TrapCode } from '../../../src/backends/abi/layout.js';
import { Reg } from '../../../src/backends/x64/assembler.js';
import { mapAnonymous, nativeView, Prot, protect } from '../../../src/runtime/machine/os.js';
import { type Defined, funcref, Harness, i32 } from './harness.js';

const h = new Harness({ codeMemory: 16 << 20 });
const { machine } = h;
const size = 65536;
const base = mapAnonymous(2 * size);
protect(base + size, size, Prot.none);
const bytes = new Uint8Array(nativeView(base, size));
let refreshes = 0;
machine.onBuiltin('refreshMemory', () => {
  refreshes++;
});

function stubCaller(params: number[], stub: number): Defined {
  return h.define(params, [], (a) => {
    h.prologue(a);
    a.call32(stub);
    h.epilogue(a);
  });
}

const segment = 1024;
const segment2 = 1024 + SegmentRecord.size;
const fill = stubCaller([i32, i32, i32], machine.stubs.memoryFill);
const copy = stubCaller([i32, i32, i32], machine.stubs.memoryCopy);
const init = stubCaller([i32, i32, i32, i32], machine.stubs.memoryInit);

function run(f: Defined, ...args: number[]): number {
  for (let i = 0; i < args.length; i++) h.setI32(i, args[i] as number);
  f.entry();
  return machine.takeTrap()?.code ?? TrapCode.none;
}

const length = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 200, max: 300 }),
  fc.integer({ max: 70000, min: 0 }),
);
const start = fc.oneof(
  fc.integer({ min: 0, max: 500 }),
  fc.integer({ min: 65000, max: 65600 }),
  fc.integer({ min: 0, max: 70000 }),
  fc.constant(-1),
);
const random = Uint8Array.from({ length: size }, (_, i) => (i * 2654435761) >>> 24);

test.beforeEach(() => h.setMemory(base, size));

test.serial('memory.fill', (t) => {
  fc.assert(
    fc.property(start, fc.integer(), length, (at, value, n) => {
      bytes.set(random);
      const expected = random.slice();
      const inside = (at >>> 0) + n <= size;
      if (inside) expected.fill(value, at, at + n);
      t.is(run(fill, at, value, n), inside ? TrapCode.none : TrapCode.memoryOutOfBounds);
      t.is(Buffer.compare(bytes, expected), 0);
    }),
    { numRuns: 400 },
  );
});

test.serial('memory.copy', (t) => {
  fc.assert(
    fc.property(start, start, length, (to, from, n) => {
      bytes.set(random);
      const expected = random.slice();
      const inside = (to >>> 0) + n <= size && (from >>> 0) + n <= size;
      if (inside) expected.copyWithin(to, from, from + n);
      t.is(run(copy, to, from, n), inside ? TrapCode.none : TrapCode.memoryOutOfBounds);
      t.is(Buffer.compare(bytes, expected), 0);
    }),
    { numRuns: 600 },
  );
});

test.serial('memory.copy with every small distance and length', (t) => {
  for (let distance = -40; distance <= 40; distance++) {
    for (const n of [0, 1, 7, 8, 15, 16, 17, 63, 64, 65, 128, 255, 256, 257, 300]) {
      bytes.set(random);
      const expected = random.slice();
      expected.copyWithin(1000 + distance, 1000, 1000 + n);
      run(copy, 1000 + distance, 1000, n);
      if (Buffer.compare(bytes, expected) !== 0) t.fail(`distance ${distance}, ${n} bytes`);
    }
  }
  t.pass();
});

test.serial('memory.init', (t) => {
  const data = h.allocate(4096);
  const source = new Uint8Array(nativeView(data, 4096));
  source.set(random.subarray(100, 4196));
  h.set(h.context + segment + SegmentRecord.address, data);
  h.set(h.context + segment + SegmentRecord.length, 4096);
  h.set(h.context + segment2 + SegmentRecord.address, 0);
  h.set(h.context + segment2 + SegmentRecord.length, 0);
  fc.assert(
    fc.property(start, fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 5000 }), (to, from, n) => {
      bytes.set(random);
      const expected = random.slice();
      const inside = (to >>> 0) + n <= size && from + n <= 4096;
      if (inside) expected.set(source.subarray(from, from + n), to);
      t.is(run(init, to, from, n, segment), inside ? TrapCode.none : TrapCode.memoryOutOfBounds);
      t.is(Buffer.compare(bytes, expected), 0);
    }),
    { numRuns: 300 },
  );
  t.is(run(init, size, 0, 0, segment2), TrapCode.none);
  t.is(run(init, 0, 0, 1, segment2), TrapCode.memoryOutOfBounds);
  t.is(run(init, size + 1, 0, 0, segment2), TrapCode.memoryOutOfBounds);
});

test.serial('the site of a trap is the call; the length is refreshed before', (t) => {
  refreshes = 0;
  h.set(h.memoryRecord + MemoryRecord.byteLength, 100);
  machine.onBuiltin('refreshMemory', () => {
    refreshes++;
    if (refreshes === 1) h.set(h.memoryRecord + MemoryRecord.byteLength, 200);
  });
  t.is(run(fill, 100, 7, 100), TrapCode.none);
  t.is(refreshes, 1);
  t.is(bytes[199], 7);
  for (let i = 0; i < 3; i++) h.setI32(i, [150, 0, 51][i] as number);
  fill.entry();
  const trap = machine.takeTrap();
  t.is(trap?.code, TrapCode.memoryOutOfBounds);
  t.is(refreshes, 2);
  t.is(trap?.pc, fill.end - 2);
  t.deepEqual(
    [...(trap?.frames ?? [])].map((frame) => frame.pc),
    [fill.end - 2],
  );
});

test.serial('tables', (t) => {
  const tables = [0, 1].map(() => {
    const elements = h.allocate(8 * 64);
    const record = h.allocate(TableRecord.size);
    h.set(record + TableRecord.elements, elements);
    h.set(record + TableRecord.length, 64);
    return { record, words: new BigInt64Array(nativeView(elements, 8 * 64)) };
  });
  const at = [2048, 2056];
  for (const i of [0, 1]) h.set(h.context + (at[i] as number), tables[i]?.record ?? 0);
  const values = h.allocate(8 * 32);
  const source = new BigInt64Array(nativeView(values, 8 * 32));
  source.set(Array.from({ length: 32 }, (_, i) => 0x7000_0000_0000n + BigInt(i)));
  h.set(h.context + segment + SegmentRecord.address, values);
  h.set(h.context + segment + SegmentRecord.length, 32);
  const tableCopy = stubCaller([i32, i32, i32, i32, i32], machine.stubs.tableCopy);
  const tableInit = stubCaller([i32, i32, i32, i32, i32], machine.stubs.tableInit);
  const tableFill = stubCaller([i32, funcref, i32, i32], machine.stubs.tableFill);
  const index = fc.integer({ min: 0, max: 70 });
  const which = fc.integer({ min: 0, max: 1 });
  fc.assert(
    fc.property(index, index, index, which, which, (to, from, n, a, b) => {
      const [target, origin] = [tables[a]?.words, tables[b]?.words] as [BigInt64Array, BigInt64Array];
      for (const { words } of tables) words.set(Array.from({ length: 64 }, (_, i) => BigInt(i * 3 + 1)));
      origin[5] = -1n;
      const expected = target.slice();
      const inside = to + n <= 64 && from + n <= 64;
      if (inside) expected.set(origin.slice(from, from + n), to);
      t.is(run(tableCopy, to, from, n, at[a] as number, at[b] as number), inside ? 0 : TrapCode.tableOutOfBounds);
      t.deepEqual(target, expected);

      const initialised = target.slice();
      const fits = to + n <= 64 && from + n <= 32;
      if (fits) initialised.set(source.slice(from, from + n), to);
      const outside = to + n <= 64 ? TrapCode.elementOutOfBounds : TrapCode.tableOutOfBounds;
      t.is(run(tableInit, to, from, n, at[a] as number, segment), fits ? 0 : outside);
      t.deepEqual(target, initialised);

      const filled = target.slice();
      const room = to + n <= 64;
      if (room) filled.fill(0x7123_4567_89abn, to, to + n);
      h.setI64(1, 0x7123_4567_89abn);
      h.setI32(0, to);
      h.setI32(2, n);
      h.setI32(3, at[a] as number);
      tableFill.entry();
      t.is(machine.takeTrap()?.code ?? 0, room ? 0 : TrapCode.tableOutOfBounds);
      t.deepEqual(target, filled);
    }),
    { numRuns: 300 },
  );
  t.is(run(tableCopy, 0xffffffff | 0, 0, 2, at[0] as number, at[0] as number), TrapCode.tableOutOfBounds);
});

test.serial('a caller of a stub keeps r14 and r15', (t) => {
  const f = h.define([i32, i32, i32], [i32], (a) => {
    h.prologue(a);
    a.mov_mr(1, Reg.rbp, -16, Reg.r14);
    a.mov_mr(1, Reg.rbp, -24, Reg.r15);
    a.call32(machine.stubs.memoryCopy);
    a.zero(Reg.rax);
    a.alu_rm(7, 1, Reg.r14, Reg.rbp, -16);
    a.setcc(4, Reg.rax);
    a.alu_rm(7, 1, Reg.r15, Reg.rbp, -24);
    a.setcc(4, Reg.rcx);
    a.movzx8(Reg.rcx, Reg.rcx);
    a.alu_rr(4, 0, Reg.rax, Reg.rcx);
    h.epilogue(a);
  });
  t.is(run(f, 0, 100, 1000), 0);
  t.is(h.getI32(0), 1);
  t.is(Context.thread, 0);
});
