import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { CodeMemory, CodeMemoryError } from '../../../src/runtime/machine/code-memory.js';
import { addressOf } from '../../../src/runtime/machine/native-memory.js';
import { SpanAllocator } from '../../../src/runtime/machine/span-allocator.js';

/** Resident pages of the mapping that begins at `address`, in KiB, and its permissions. */
function mapping(address: number): { permissions: string; resident: number } {
  const lines = readFileSync('/proc/self/smaps', 'latin1').split('\n');
  const start = address.toString(16);
  const i = lines.findIndex((line) => line.startsWith(`${start}-`));
  const resident = lines.slice(i).find((line) => line.startsWith('Rss:'));
  return {
    permissions: (lines[i] as string).split(' ')[1] as string,
    resident: Number(/\d+/.exec(resident as string)?.[0]),
  };
}

test('no page is writable and executable', (t) => {
  const code = new CodeMemory(8 << 20);
  t.is(mapping(code.alias).permissions, 'rw-s');
  t.is(mapping(addressOf(code.bytes)).permissions, 'rw-s');
  t.is(mapping(code.base).permissions, 'r-xs');
  t.is(mapping(code.base + code.dataStart).permissions, 'rw-s');
  code.dispose();
});

test('V8 does not count code memory as what its collector could free', (t) => {
  const before = process.memoryUsage().external;
  const code = new CodeMemory(256 << 20);
  t.true(process.memoryUsage().external - before < 1 << 20);
  code.bytes[code.limit - 1] = 7;
  t.is(code.i32.at(-1), 7 << 24);
  code.dispose();
  CodeMemory.unmap(code);
});

/** Allocate `count` spans of 100,000 bytes and write to them; then free them. */
function fillAndFree(code: CodeMemory, count: number): number {
  const spans = [];
  for (let i = 0; i < count; i++) {
    const span = code.allocateCode(100_000);
    code.bytes.fill(0x90, span.start, span.end);
    spans.push(span);
  }
  const full = mapping(addressOf(code.bytes)).resident;
  for (const { start, end } of spans) code.freeCode(start, end);
  return full;
}

test('spans: aligned and reused', (t) => {
  const code = new CodeMemory(16 << 20);
  const spans = Array.from({ length: 100 }, () => code.allocateCode(20_000));
  for (const { start, end } of spans) {
    t.is(start % 64, 0);
    t.true(end - start >= 20_000);
    t.true(code.isFunction(start) && !code.isStub(start));
  }
  for (const { start, end } of spans) code.freeCode(start, end);
  t.is(code.statistics.code, 0);
  t.true(code.statistics.peak >= 100 * 20_000);
  t.is(code.allocateCode(20_000).start, spans[0]?.start);
  code.dispose();
});

test('pages of freed code stay for a second, and no more than 64 MiB of them', async (t) => {
  const code = new CodeMemory(128 << 20);
  const rss = (): number => mapping(addressOf(code.bytes)).resident;
  const before = rss();
  t.true(fillAndFree(code, 100) - before > 9700);
  t.true(rss() - before > 9700, 'for the next module');
  const used = code.allocateCode(100_000);
  code.bytes.fill(0x90, used.start, used.end);
  t.true(fillAndFree(code, 900) - before > 80_000);
  t.true(rss() - before < 66_000, 'not all of them');
  for (let i = 0; i < 100 && rss() - before > 200; i++) await new Promise((resolve) => setTimeout(resolve, 100));
  t.true(rss() - before <= 200, 'only what is in use');
  t.is(code.bytes[used.start], 0x90);
  t.is(code.bytes[used.end - 1], 0x90);
  code.dispose();
});

test('shrink gives the tail back', (t) => {
  const code = new CodeMemory(4 << 20);
  const span = code.allocateCode(65536);
  t.is(code.shrink(span.start, span.start + 100, span.end), span.start + 128);
  t.is(code.statistics.code, 128);
  t.is(code.allocateCode(64).start, span.start + 128);
  t.is(code.shrink(span.start, span.start + 128, span.start + 128), span.start + 128);
  code.dispose();
});

test('data is zeroed and aligned', (t) => {
  const code = new CodeMemory(4 << 20);
  const a = code.allocateData(40);
  t.is(a % 16, 0);
  code.bytes.fill(1, a, a + 48);
  code.freeData(a, 40);
  const b = code.allocateData(40);
  t.is(b, a);
  t.true(code.bytes.subarray(b, b + 40).every((x) => x === 0));
  code.dispose();
});

test('the limit', (t) => {
  const code = new CodeMemory(4 << 20);
  const error = t.throws(() => {
    for (;;) code.allocateCode(100000);
  });
  t.true(error instanceof CodeMemoryError);
  t.regex(String(error), /code memory exhausted: \d+ of \d+ bytes for code in use, 100000 more wanted; raise/);
  t.throws(() => code.allocateData(5 << 20), { instanceOf: CodeMemoryError });
  t.true(code.allocateCode(64).start > 0);
  code.dispose();
  t.throws(() => new CodeMemory(1000), { instanceOf: RangeError });
});

test('the span allocator keeps its accounts', (t) => {
  const step = fc.record({ size: fc.integer({ min: 1, max: 300 }), free: fc.nat(), release: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const spans = new SpanAllocator(1000, 5000);
      const live: [number, number][] = [];
      for (const { size, free, release } of steps) {
        if (release && live.length > 0) {
          const [start, end] = live.splice(free % live.length, 1)[0] as [number, number];
          spans.free(start, end);
          t.true(spans.holeStart <= start && spans.holeEnd >= end);
        } else {
          const start = spans.allocate(size);
          if (start < 0) continue;
          t.true(start >= 1000 && start + size <= 5000);
          t.true(live.every(([s, e]) => start >= e || start + size <= s));
          live.push([start, start + size]);
        }
        t.is(
          spans.inUse,
          live.reduce((sum, [s, e]) => sum + e - s, 0),
        );
      }
      for (const [start, end] of live) spans.free(start, end);
      t.is(spans.holes, 1);
      t.is(spans.allocate(4000), 1000);
    }),
  );
});

test('freeing twice is an error', (t) => {
  const spans = new SpanAllocator(0, 1000);
  spans.allocate(100);
  spans.free(0, 100);
  t.throws(() => spans.free(0, 100), { message: /freed twice/ });
});
