/** What stops JS stops wasm code: short runs of the programs beside this file. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { randomDeadlines } from './deadlines.js';
import { terminateWorkers } from './termination.js';

const run = promisify(execFile);

async function program(name: string, ...args: string[]): Promise<string> {
  const path = join(import.meta.dirname, `${name}.js`);
  const { stdout } = await run(process.execPath, ['--enable-source-maps', path, ...args], { timeout: 120_000 });
  return stdout.trim().split('\n').at(-1) as string;
}

test.serial('random deadlines, one within another', async (t) => {
  const report = await randomDeadlines(500, Date.now());
  t.log(JSON.stringify(report));
  t.true(report.interruptions > 50 && report.refusals > 20 && report.terminations > 3);
});

test.serial('workers are terminated whatever they do', async (t) => {
  const times = [...(await terminateWorkers(12)).values()].flat();
  t.log(`longest: ${Math.max(...times).toFixed(0)} ms`);
  t.is(times.length, 12);
  t.true(times.every((time) => time < Number.POSITIVE_INFINITY));
});

test.serial('vm timeouts at random moments', async (t) => {
  t.is(await program('timeouts', '3000'), 'ok');
});

test.serial('the inspector reaches a thread that is in wasm code', async (t) => {
  t.is(await program('inspector'), 'ok');
});

test.serial('all of it at random moments, within each other', async (t) => {
  for (const calls of ['v8', 'node-api', 'koffi']) t.is(await program('storm', '500', String(Date.now()), calls), 'ok');
});
