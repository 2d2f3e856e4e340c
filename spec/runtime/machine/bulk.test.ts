/** Bulk stubs against plain JS: random ranges, both directions of overlap, bounds, the refreshed length. */
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import {
  Context,
  FunctionRecord,
  MemoryRecord,
  SegmentRecord,
  TableField,
  TrapCode,
} from '../../../src/backends/abi/layout.js';
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
machine.onBuiltin('refreshMemories', () => {
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
  machine.onBuiltin('refreshMemories', () => {
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

/** Two tables of 64 elements of so many words, their fields in the context, and a passive segment. */
function twoTables(words: number, entries: readonly bigint[]) {
  const at = [2048, 2064] as const;
  const tables = at.map((field) => {
    const elements = h.allocate(8 * words * 64);
    h.set(h.context + field + TableField.elements, elements);
    h.set(h.context + field + TableField.length, 64);
    return new BigInt64Array(nativeView(elements, 8 * words * 64));
  });
  const values = h.allocate(8 * entries.length);
  new BigInt64Array(nativeView(values, 8 * entries.length)).set(entries);
  h.set(h.context + segment + SegmentRecord.address, values);
  h.set(h.context + segment + SegmentRecord.length, entries.length);
  return { at, tables };
}

interface TableStubs {
  readonly copy: number;
  readonly init: number;
  readonly fill: number;
}

/** @param element the words of the element for a reference */
function checkTables(
  t: ExecutionContext,
  stubs: TableStubs,
  entries: readonly bigint[],
  element: (reference: bigint) => readonly bigint[],
): void {
  const words = element(0n).length;
  const { at, tables } = twoTables(words, entries);
  const copy = stubCaller([i32, i32, i32, i32, i32], stubs.copy);
  const init = stubCaller([i32, i32, i32, i32, i32], stubs.init);
  const fillTable = stubCaller([i32, funcref, i32, i32], stubs.fill);
  const index = fc.integer({ min: 0, max: 70 });
  const which = fc.constantFrom(0, 1);
  fc.assert(
    fc.property(index, index, index, which, which, fc.constantFrom(...entries, 0n), (to, from, n, a, b, value) => {
      const [target, origin] = [tables[a], tables[b]] as [BigInt64Array, BigInt64Array];
      for (const table of tables) table.set(Array.from(table, (_, i) => BigInt(i * 3 + 1)));
      origin[5] = -1n;
      const expected = target.slice();
      const inside = to + n <= 64 && from + n <= 64;
      if (inside) expected.set(origin.slice(words * from, words * (from + n)), words * to);
      t.is(run(copy, to, from, n, at[a] as number, at[b] as number), inside ? 0 : TrapCode.tableOutOfBounds);
      t.deepEqual(target, expected);

      const initialised = target.slice();
      const fits = to + n <= 64 && from + n <= entries.length;
      if (fits) initialised.set(entries.slice(from, from + n).flatMap(element), words * to);
      const outside = to + n <= 64 ? TrapCode.elementOutOfBounds : TrapCode.tableOutOfBounds;
      t.is(run(init, to, from, n, at[a] as number, segment), fits ? 0 : outside);
      t.deepEqual(target, initialised);

      const filled = target.slice();
      const room = to + n <= 64;
      if (room) filled.set(Array.from({ length: n }, () => element(value)).flat(), words * to);
      h.setI64(1, value);
      h.setI32(0, to);
      h.setI32(2, n);
      h.setI32(3, at[a] as number);
      fillTable.entry();
      t.is(machine.takeTrap()?.code ?? 0, room ? 0 : TrapCode.tableOutOfBounds);
      t.deepEqual(target, filled);
    }),
    { numRuns: 300 },
  );
  t.is(run(copy, 0xffffffff | 0, 0, 2, at[0], at[0]), TrapCode.tableOutOfBounds);
  t.is(run(init, 0xffffffff | 0, 0, 2, at[0], segment), TrapCode.tableOutOfBounds);
}

test.serial('tables of values', (t) => {
  const { tableCopy: copy, tableInit: init, tableFill: fill } = machine.stubs;
  const ids = Array.from({ length: 32 }, (_, i) => 0x7000_0000_0000n + BigInt(i));
  checkTables(t, { copy, init, fill }, ids, (id) => [id]);
});

test.serial(
  'tables of functions: elements hold the begin of the record and its address, those of null nothing',
  (t) => {
    const { functionsCopy: copy, functionsInit: init, functionsFill: fill } = machine.stubs;
    const records = new Map<bigint, bigint[]>([[0n, [0n, 0n, 0n, 0n]]]);
    for (let i = 0; i < 31; i++) {
      const address = h.allocate(FunctionRecord.size);
      const record = new BigInt64Array(nativeView(address, FunctionRecord.size));
      record.set([0x7100_0000_0000n + BigInt(i), 0x7200_0000_0000n + BigInt(i), BigInt(i) - (1n << 32n), 99n]);
      records.set(BigInt(address), [...record.slice(0, 3), BigInt(address)]);
    }
    checkTables(t, { copy, init, fill }, [...records.keys()], (record) => records.get(record) as bigint[]);
  },
);

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
