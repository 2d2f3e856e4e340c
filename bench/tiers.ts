/**
 * Run time of the kernels with Beamline's two tiers and with V8, round by round in one process: V8's tier is that of the
 * process's flags.
 *
 *     node --no-liftoff --no-wasm-lazy-compilation dist/bench/tiers.js [KERNEL,...] [ROUNDS]
 *     node --liftoff-only --no-wasm-lazy-compilation dist/bench/tiers.js
 */
import { readFileSync } from 'node:fs';
import { geometricMean } from '../src/cli/statistics.js';
import { Engine } from '../src/index.js';
import { threadMs } from './clock.js';
import { kernels } from './run.js';

const [names, rounds = '7'] = process.argv.slice(2);
const only = names === undefined || names === 'all' ? undefined : names.split(',');
const engines = [new Engine({ tier: 'baseline' }), new Engine({ tier: 'optimizing' })];
const v8 = (globalThis as unknown as { WebAssembly: Engine['WebAssembly'] }).WebAssembly;
const namespaces = [...engines.map((engine) => engine.WebAssembly), v8];
const toBaseline: number[] = [];
const toV8: number[] = [];

for (const { name, path, n } of kernels) {
  if (only !== undefined && !only.includes(name)) continue;
  const bytes = readFileSync(path);
  const runs = namespaces.map((wasm) => new wasm.Instance(new wasm.Module(bytes)).exports.run as (n: number) => number);
  const best = runs.map(() => Number.POSITIVE_INFINITY);
  const results = new Set<number>();
  for (let round = 0; round < Number(rounds); round++) {
    runs.forEach((run, i) => {
      const start = threadMs();
      results.add(run(n) >>> 0);
      best[i] = Math.min(best[i]!, threadMs() - start);
    });
  }
  if (results.size !== 1) throw new Error(`${name}: results differ: ${[...results].join(', ')}`);
  const [baseline, optimizing, peer] = best as [number, number, number];
  toBaseline.push(optimizing / baseline);
  toV8.push(optimizing / peer);
  const columns = best.map((ms) => ms.toFixed(2).padStart(9)).join('');
  const ratios = `${(optimizing / baseline).toFixed(2).padStart(8)}${(optimizing / peer).toFixed(2).padStart(8)}`;
  console.log(`${name.padEnd(18)}${columns}${ratios}`);
}
console.log('milliseconds of baseline, optimizing, V8; optimizing / baseline, optimizing / V8 (the best of each)');
console.log(`geometric means: ${geometricMean(toBaseline).toFixed(3)} ${geometricMean(toV8).toFixed(3)}`);
for (const engine of engines) engine.dispose();
