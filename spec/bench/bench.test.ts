/** The bench's own parts: statistics, copies, reports; and its kernels as programs that both engines must agree on. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { compareText } from '../../bench/compare.js';
import { comparable, type HistoryEntry, historyEntry } from '../../bench/history.js';
import { page } from '../../bench/page.js';
import { rotated } from '../../bench/peers.js';
import type { RaceResult } from '../../bench/race.js';
import { type Report, reportText, table } from '../../bench/report.js';
import { kernels } from '../../bench/run.js';
import { ModuleCopy } from '../../src/cli/module-copy.js';
import { geometricMean, ratio, summarize } from '../../src/cli/statistics.js';
import { WebAssembly, type WebAssemblyNamespace } from '../../src/index.js';

const V8: WebAssemblyNamespace = Reflect.get(globalThis, 'WebAssembly');

test('summaries: median, least, spread', (t) => {
  t.deepEqual(summarize([5]), { median: 5, min: 5, spread: 0, count: 1 });
  t.deepEqual(summarize([4, 1, 3, 2]), { median: 2.5, min: 1, spread: (3.25 - 1.75) / 2 / 2.5, count: 4 });
  t.throws(() => summarize([]), { message: 'no samples' });
});

test('a ratio is taken round by round: a slow round drops out', (t) => {
  t.is(ratio([1, 100, 2], [2, 200, 4]).median, 0.5);
  t.is(ratio([1, 100, 2], [2, 200, 4]).spread, 0);
});

test('geometric mean', (t) => {
  t.true(Math.abs(geometricMean([1, 4, 16]) - 4) < 1e-12);
  t.throws(() => geometricMean([]), { message: 'no values' });
});

test('peers take turns at being first', (t) => {
  t.deepEqual(
    [0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join('')),
    ['abc', 'bca', 'cab', 'abc'],
  );
});

test('copies of a module are valid and differ', (t) => {
  const original = readFileSync(kernels[0]!.path);
  const copy = new ModuleCopy(original);
  const [first, second] = [copy.next(), copy.next()];
  t.notDeepEqual(first, second);
  for (const bytes of [first, second]) {
    t.true(V8.validate(bytes));
    t.true(WebAssembly.validate(bytes));
    t.is(V8.Module.customSections(new V8.Module(bytes), 'copy').length, 1);
  }
});

/** Arguments that keep a kernel short; the others are repeat counts. */
const small: Readonly<Record<string, number>> = { fannkuch: 6, queens: 7, mandelbrot: 40, collatz: 500 };

for (const kernel of kernels) {
  test(`kernel ${kernel.name}: V8's result`, (t) => {
    const bytes = readFileSync(kernel.path);
    const n = small[kernel.name] ?? 2;
    const own = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.run as (n: number) => number;
    const peer = new V8.Instance(new V8.Module(bytes)).exports.run as (n: number) => number;
    t.is(own(n), peer(n));
    t.is(own(n + 1), peer(n + 1), 'a second call, on the memory that the first has left');
  });
}

test('at least thirty kernels, each a few KB', (t) => {
  t.true(kernels.length >= 30);
  t.true(kernels.filter(({ kind }) => kind === 'simd').length >= 6);
  for (const { name, path } of kernels) t.true(readFileSync(path).length < 8192, name);
});

const race: RaceResult = {
  name: 'a<b',
  kind: 'text',
  n: 1,
  result: 7,
  times: { beamline: summarize([2, 2]), liftoff: summarize([4, 4]) },
  ratios: { liftoff: summarize([0.5, 0.5]) },
};

const report: Report = {
  date: '2026-01-02T03:04:05.678Z',
  quick: true,
  machine: {
    processor: 'Imaginary 1',
    cores: 2,
    memory: 1,
    kernel: '1',
    node: 'v20',
    v8: '11',
    gcc: null,
    commit: 'abc1234',
    load: 0,
  },
  fib: race,
  kernels: { kernels: [race], means: { liftoff: 0.5 } },
  bombs: [{ name: 'deep', bytes: 1000, beamline: 20, liftoff: undefined, beamlineGrowth: 1, liftoffGrowth: undefined }],
  simd: { kernels: [{ ...race, name: 'v' }], means: { liftoff: 0.5 } },
};

test('a table pads its columns', (t) => {
  t.is(table(['a', 'bcd'], [['xyz', '1']]), 'a    bcd\n---  ---\nxyz    1');
});

test('a report without gcc says so and has no column for it', (t) => {
  const text = reportText(report);
  t.regex(text, /no gcc on this machine/);
  t.notRegex(text, /gcc -O2/);
  t.regex(text, /a<b +2\.00 +4\.00 +0\.50 ±0%/);
});

test('the page is one file: no address to load from, names escaped, data in place', (t) => {
  const entry = historyEntry(report);
  const html = page(report, [entry, entry]);
  t.notRegex(html.replace(/<script>.*?<\/script>/gs, ''), /(?:src|href)=/);
  t.regex(html, /a&lt;b/);
  t.regex(html, /"data":\[0\.5\]/);
  t.is(html.match(/<canvas/g)?.length, 5, 'kernels, SIMD, fib, bombs, history');
});

test('history keeps the main figures, and what means are made of', (t) => {
  const { figures, groups } = historyEntry(report);
  t.deepEqual(figures, {
    'fib / liftoff': 0.5,
    'kernels / liftoff': 0.5,
    'simd kernels / liftoff': 0.5,
    'bombs, worst ns/byte': 20,
  });
  t.deepEqual(groups, {
    bombs: { deep: { 'ns/byte': 20 } },
    kernels: { 'a<b': { 'time / liftoff': 0.5 } },
    'simd kernels': { v: { 'time / liftoff': 0.5 } },
  });
});

/** A recorded run with the rates of some modules; its mean is wrong on purpose. */
function entryOf(commit: string, rates: Readonly<Record<string, number>>): HistoryEntry {
  const modules = Object.entries(rates).map(([name, rate]) => [name, { 'MB/s': rate }]);
  return {
    date: '2026-01-02T03:04:05.678Z',
    commit,
    processor: 'Imaginary 1',
    node: 'v20',
    figures: { 'compile MB/s': 1000, 'fib / gcc': 1 },
    groups: { modules: Object.fromEntries(modules) },
  };
}

test('two runs are compared over the modules that both have, with a note', (t) => {
  const runs = [entryOf('aaa', { sql: 10, quickjs: 10, old: 1 }), entryOf('bbb', { sql: 20, quickjs: 20, fresh: 99 })];
  const text = compareText(runs, 'aaa', 'bbb');
  t.regex(text, /^Note: modules: only in aaa: old; only in bbb: fresh; means are over the 2 that both have$/m);
  t.regex(text, /^compile MB\/s +10 +20 +100\.0%$/m);
  t.regex(text, /^sql: MB\/s +10 +20 +100\.0%$/m);
  t.regex(text, /^fib \/ gcc +1 +1 +0\.0%$/m);
  t.notRegex(text, /^(?:old|fresh):/m);
  t.deepEqual(comparable(runs, 'compile MB/s'), [10, 20]);
  t.deepEqual(comparable(runs, 'fib / gcc'), [1, 1]);
});

test('two runs of the same modules are compared without a note', (t) => {
  const runs = [entryOf('aaa', { sql: 10 }), entryOf('bbb', { sql: 5 })];
  const text = compareText(runs, '-2', '-1');
  t.notRegex(text, /Note/);
  t.regex(text, /^compile MB\/s +10 +5 +-50\.0%$/m);
});

test('the command line compares the last run with itself', (t) => {
  const main = join(import.meta.dirname, '..', '..', 'bench', 'main.js');
  const child = spawnSync(process.execPath, [main, '--compare', '-1,-1'], { encoding: 'utf8' });
  t.is(child.stderr, '');
  t.regex(child.stdout, /^fib \/ gcc .* 0\.0%$/m);
});

test('runs that cannot be compared: nothing in common, no figures of each, another machine, not there', (t) => {
  const run = entryOf('aaa', { sql: 10 });
  const { groups: _, ...old } = entryOf('old', {});
  const apart = compareText([run, entryOf('bbb', { resvg: 5 })], 'aaa', 'bbb');
  t.regex(apart, /^Note: modules: only in aaa: sql; only in bbb: resvg; nothing in common$/m);
  t.notRegex(apart, /^compile/m);
  const before = compareText([old, run], 'old', 'aaa');
  t.regex(before, /^Note: modules: old was recorded without figures of each; means are left out$/m);
  t.notRegex(before, /^compile/m);
  t.regex(before, /^fib/m);
  t.deepEqual(comparable([old, run], 'compile MB/s'), [null, 10]);
  t.regex(
    compareText([run, { ...run, processor: 'Other' }], '-2', '-1'),
    /^Note: processor: Imaginary 1 before, Other/m,
  );
  t.throws(() => compareText([run], 'zzz', 'aaa'), { message: /no run of 'zzz'.*which has: aaa \(2026-01-02\)/ });
});
