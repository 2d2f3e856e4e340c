/**
 * How long asynchronous compilation holds the event loop: with `maxSliceMs: 2`, modules of about 10 MB come as a stream of
 * 64 KiB chunks. All durations are processor time of the compiling thread: what other processes take away is not the
 * engine's.
 *
 *   node dist/bench/slices.js [pattern] [--bytes=7000000] [--bombs | --modules]
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { bombs } from '../spec/bombs/all.js';
import type { Bomb } from '../spec/bombs/bomb.js';
import { Engine } from '../src/index.js';
import { sliceClock } from '../src/support/turns.js';
import { threadMs } from './clock.js';
import { corpus, isHere, readModule } from './corpus.js';

const maxSliceMs = 2;
const limitMs = 2.5;
const chunkBytes = 65536;
const bucketsPerMs = 4;

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    await turn();
    yield bytes.subarray(at, at + chunkBytes);
  }
}

interface Outcome {
  count: number;
  over: number;
}

/** Longest collector pause since the last call, in ms of wall time. */
let longestPause = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) longestPause = Math.max(longestPause, entry.duration);
}).observe({ entryTypes: ['gc'] });

async function run(name: string, bytes: Uint8Array): Promise<Outcome> {
  const engine = new Engine({ maxSliceMs, limits: { codeMemory: 1 << 30 } });
  await turn();
  longestPause = 0;
  let error = '';
  try {
    await engine.WebAssembly.compileStreaming(chunks(bytes));
  } catch (reason) {
    error = (reason as Error).message.slice(0, 100);
  }
  await turn();
  const { count, totalMs, longestMs, histogram } = engine.statistics().slices;
  engine.dispose();
  const over = histogram.slice(limitMs * bucketsPerMs).reduce((sum, n) => sum + n, 0);
  console.log(
    `${name.padEnd(60)} ${(bytes.length / 1e6).toFixed(1).padStart(5)} ${totalMs.toFixed(0).padStart(6)} ` +
      `${String(count).padStart(6)} ${String(over).padStart(5)} ${longestMs.toFixed(2).padStart(8)} ` +
      `${longestPause.toFixed(1).padStart(8)}  ${error}`,
  );
  return { count, over };
}

/** The bomb with about so many bytes, or as many as its limits allow. */
function sized(bomb: Bomb, bytes: number): Uint8Array {
  const first = Math.ceil(bomb.scale / 100);
  const second = 2 * first + 1;
  const least = bomb.build(first).length;
  const perStep = (bomb.build(second).length - least) / (second - first);
  return bomb.build(
    Math.max(1, Math.min(bomb.most ?? Number.POSITIVE_INFINITY, Math.floor((bytes - least) / perStep))),
  );
}

async function main(): Promise<void> {
  sliceClock.now = threadMs;
  const args = process.argv.slice(2);
  const pattern = new RegExp(args.find((a) => !a.startsWith('--')) ?? '');
  const bytes = Number(args.find((a) => a.startsWith('--bytes='))?.slice(8) ?? 7_000_000);
  console.log(
    `maxSliceMs ${maxSliceMs}, chunks of ${chunkBytes} bytes; ms of processor time, collector pauses of wall time`,
  );
  console.log(`${''.padEnd(60)}    MB     ms slices >${limitMs}  longest collector`);
  let count = 0;
  let over = 0;
  const add = (outcome: Outcome) => {
    count += outcome.count;
    over += outcome.over;
  };
  if (!args.includes('--bombs')) {
    for (const entry of corpus) {
      if (isHere(entry) && entry.bytes > 1_000_000 && pattern.test(entry.name))
        add(await run(entry.name, readModule(entry.name)));
    }
  }
  if (!args.includes('--modules')) {
    for (const bomb of bombs) if (pattern.test(bomb.name)) add(await run(bomb.name, sized(bomb, bytes)));
  }
  console.log(
    `${count} slices, ${over} longer than ${limitMs} ms: ${((100 * (count - over)) / count).toFixed(3)} % are not`,
  );
}

await main();
