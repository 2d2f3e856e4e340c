import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import type { EngineStatistics } from '../../src/index.js';

const run = promisify(execFile);
const child = fileURLToPath(new URL('./lifetime-child.js', import.meta.url));
const mebibyte = 1 << 20;

type Report = EngineStatistics & { label: string; rss: number; heapUsed: number };

async function reports(flags: string[], args: string[]): Promise<Report[]> {
  const { stdout } = await run(process.execPath, [...flags, child, ...args], { maxBuffer: mebibyte });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

for (const [kind, count, memory] of [
  ['cycle', 20000, 'v8'],
  ['memory', 20000, 'v8'],
  ['memory', 8000, 'mmap'],
  ['modules', 8000, 'v8'],
] as const) {
  test.serial(`${count} instances made and dropped (${kind}, ${memory}): memory stays flat`, async (t) => {
    const [quarter, end] = (await reports(['--expose-gc'], [kind, String(count), memory])) as [Report, Report];
    t.true(end.storeGroups <= 5, `store groups: ${end.storeGroups}`);
    t.true(end.modules <= 5, `modules: ${end.modules}`);
    t.true(end.nativeHeap <= 4096, `native heap: ${end.nativeHeap}`);
    t.true(end.codeMemory <= quarter.codeMemory + mebibyte, `code memory: ${quarter.codeMemory} -> ${end.codeMemory}`);
    t.true(end.heapUsed <= quarter.heapUsed + 16 * mebibyte, `heap: ${quarter.heapUsed} -> ${end.heapUsed}`);
    t.true(end.rss <= quarter.rss + 120 * mebibyte, `rss: ${quarter.rss} -> ${end.rss}`);
  });

  test.serial(`${count} instances without a hint to the collector (${kind}, ${memory})`, async (t) => {
    const [quarter, end] = (await reports([], [kind, String(count), memory])) as [Report, Report];
    t.true(end.storeGroups < 0.9 * count, `store groups: ${end.storeGroups}`);
    t.true(end.rss <= quarter.rss + 200 * mebibyte, `rss: ${quarter.rss} -> ${end.rss}`);
  });
}

test.serial('20000 instances in one synchronous loop', async (t) => {
  const [end] = (await reports(['--expose-gc'], ['sync', '20000'])) as [Report];
  t.true(end.storeGroups <= 5);
  t.true(end.nativeHeap <= 4096);
});

test.serial('a long-lived library does not keep the instances that use it, and they keep it', async (t) => {
  const [quarter, end] = (await reports(['--expose-gc'], ['library', '4000'])) as [Report, Report];
  t.true(end.storeGroups <= 6, `store groups: ${end.storeGroups}`);
  t.true(end.nativeHeap <= quarter.nativeHeap + 4096);
});
