/** What wasm does not hold any more can be collected by V8, and nothing before that. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import type { Any } from './support.js';

const run = promisify(execFile);
const child = fileURLToPath(new URL('./release-child.js', import.meta.url));

async function report(...args: string[]): Promise<Any> {
  return JSON.parse((await run(process.execPath, ['--expose-gc', child, ...args])).stdout);
}

test.serial('a value is released when wasm has dropped it, not before', async (t) => {
  const { counts, live } = await report('release');
  // Stored three times, gc(), dropped one, gc(), dropped two, passed through. Each step ends with V8's collections.
  t.deepEqual(counts, [0, 0, 0, 0, 1, 1, 3, 4, 4]);
  t.is(live, 1);
});

test.serial('a value that only a frame holds', async (t) => {
  t.deepEqual(await report('frame'), { during: [1, 0], released: 1 });
});

test.serial('cycles of tables, objects and instances are collected', async (t) => {
  const { released, storeGroups, nativeHeap, live } = await report('cycle', '3000');
  t.true(released >= 2995, `released: ${released}`);
  t.true(storeGroups <= 5, `store groups: ${storeGroups}`);
  t.true(live <= 10, `live: ${live}`);
  t.true(nativeHeap <= 4096, `native heap: ${nativeHeap}`);
});

test.serial('memory is flat in a loop of calls that pass objects', async (t) => {
  const { reports, live, allocated, collections } = await report('flat', '300000');
  const [first, last] = reports;
  t.is(allocated, 600_000);
  t.true(live <= 5000, `live: ${live}`);
  t.true(collections > 100 && collections < 200, `collections: ${collections}`);
  t.true(last[0] <= first[0] + (40 << 20), `resident: ${first[0]} -> ${last[0]}`);
  t.true(last[1] <= first[1] + (4 << 20), `heap: ${first[1]} -> ${last[1]}`);
  t.is(last[2], first[2]);
});

test.serial('threads have engines of their own', async (t) => {
  t.deepEqual(await report('workers'), Array(3).fill({ wrong: 0, live: 16 }));
});
