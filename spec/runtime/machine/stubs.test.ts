/** Stubs come and go with the signatures of modules. */
import test from 'ava';
import fc from 'fast-check';
import { StubAllocator } from '../../../src/runtime/machine/stub-allocator.js';
import { stubsReleaser } from '../../../src/runtime/machine/x64/stub-writer.js';
import { f64, Harness, i32, i64 } from './harness.js';

test('the stub allocator keeps its accounts', (t) => {
  const step = fc.record({ size: fc.integer({ min: 1, max: 4096 }), free: fc.nat(), release: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const area = new StubAllocator(4096, 17 * 4096);
      const live: [number, number][] = [];
      for (const { size, free, release } of steps) {
        if (release && live.length > 0) {
          const [start] = live.splice(free % live.length, 1)[0] as [number, number];
          area.free(start);
          t.throws(() => area.free(start), { message: /freed twice/ });
        } else {
          const start = area.allocate(size);
          if (start < 0) continue;
          t.is(start % 64, 0);
          t.true(start >= 4096 && start + size <= 17 * 4096);
          t.true(live.every(([s, e]) => start >= e || start + size <= s));
          live.push([start, start + size]);
        }
        t.is(
          area.inUse,
          live.reduce((sum, [s, e]) => sum + Math.ceil((e - s) / 64) * 64, 0),
        );
      }
      for (const [start] of live) area.free(start);
      for (let page = 0; page < 16; page++) t.true(area.allocate(4096) > 0, 'all pages are free again');
      t.is(area.allocate(64), -1);
    }),
  );
});

test('a page holds as many stubs as it has room for', (t) => {
  const area = new StubAllocator(0, 4096);
  const starts = Array.from({ length: 64 }, () => area.allocate(1));
  t.deepEqual(
    starts,
    Array.from({ length: 64 }, (_, i) => 64 * i),
  );
  t.is(area.allocate(1), -1);
  area.free(64 * 40);
  t.is(area.allocate(64), 64 * 40);
  t.throws(() => area.free(8192), { message: /freed twice/ });
  t.throws(() => area.free(32), { message: /freed twice/ });
});

test('stubs of a released signature are freed, and written again when it comes back', (t) => {
  const h = new Harness({ codeMemory: 4 << 20 });
  const { code } = h.machine;
  const before = code.statistics;
  h.signatures.onReleased = stubsReleaser(code);
  for (let round = 0; round < 3000; round++) {
    const signature = h.signatures.intern([i32, round % 2 === 0 ? i64 : f64], [i32]);
    const again = h.signatures.intern(signature.params, signature.results);
    t.is(again, signature);
    h.machine.entryStub(signature);
    h.machine.hostSlot(signature);
    t.true(code.statistics.stubs > before.stubs);
    h.signatures.release(signature);
    t.not(signature.stubs.entry, 0, 'somebody else has the signature');
    h.signatures.release(signature);
    t.is(code.statistics.stubs, before.stubs);
    t.is(code.statistics.data, before.data);
  }
});

test('a stub that takes the place of another is the one that runs', (t) => {
  const h = new Harness({ codeMemory: 4 << 20 });
  h.signatures.onReleased = stubsReleaser(h.machine.code);
  for (let round = 0; round < 200; round++) {
    // Each second stub moves other parameters than the one that was there.
    const params = round % 2 === 0 ? [i32, i32] : [f64, i32];
    const signature = h.signatures.intern(params, [i32]);
    // The second argument is in another register each time.
    const host = h.host(params, [i32], () => h.setI32(0, h.getI32(1) + 1));
    h.setI32(1, round);
    h.entry(host.record, signature)();
    t.is(h.getI32(0), round + 1);
    h.signatures.release(signature);
    h.signatures.release(signature);
  }
});
