/**
 * Compares an engine with V8 on a stream of modules. Findings are saved as `.wasm` with a `.json` beside it, from
 * which `reduce.js` and `bisect.js` go on. Closes with the line `N passed, M failed`.
 *
 *     npm run fuzz -- [--kind generated|mutated|ttf|files] [--seconds 60] [--count N] [--seed 1]
 *         [--engine beamline] [--options JSON] [--size small|medium|large] [--vectors] [--externref] [--tail-calls] [--exceptions] [--max-size BYTES] [--batch 300]
 *         [--rounds 2] [--time-limit 10000] [--save .cache/fuzz] [FILE...]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Item } from '../differential/batch.js';
import { type Comparison, compareAll, isDifference } from '../differential/compare.js';
import { readFinding, toItem } from '../differential/finding.js';
import type { FuelPlaces } from '../differential/instrument.js';
import { projectRoot } from '../suite/format.js';
import { Random } from '../support/random.js';
import { Corpus, realModules, suiteModules } from './corpus.js';
import { generateModule, type Size } from './generate.js';
import { mutate } from './mutate.js';
import { ttfModule } from './ttf.js';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kind: { type: 'string', default: 'generated' },
    seconds: { type: 'string' },
    count: { type: 'string' },
    seed: { type: 'string', default: '1' },
    engine: { type: 'string', default: 'beamline' },
    reference: { type: 'string' },
    options: { type: 'string', default: '' },
    size: { type: 'string' },
    vectors: { type: 'boolean', default: false },
    externref: { type: 'boolean', default: false },
    'tail-calls': { type: 'boolean', default: false },
    exceptions: { type: 'boolean', default: false },
    batch: { type: 'string' },
    'max-size': { type: 'string', default: '4000000' },
    rounds: { type: 'string', default: '2' },
    'time-limit': { type: 'string', default: '10000' },
    save: { type: 'string', default: join(projectRoot(), '.cache', 'fuzz') },
  },
});

/** Modules per child process: a fresh one runs slowly at first, but a late answer about a crash is no help either. */
const batchSizes: Record<string, number> = { generated: 300, mutated: 500, ttf: 20 };

/** A module with what it came from. */
interface Found extends Item {
  origin: string;
  fuel: FuelPlaces;
}

type Source = (seed: number) => Promise<Found> | Found;

function item(bytes: Uint8Array, seed: number, origin: string, fuel: FuelPlaces = 'everywhere'): Found {
  return { ...toItem(bytes, seed, fuel), origin, fuel };
}

function source(): Source {
  switch (flags.kind) {
    case 'generated': {
      const { vectors, externref, 'tail-calls': tailCalls, exceptions } = flags;
      const knobs = {
        vectors,
        externref,
        tailCalls,
        exceptions,
        ...(flags.size === undefined ? {} : { size: flags.size as Size }),
      };
      // Generated loops end by themselves.
      return (seed) =>
        item(generateModule(seed, knobs), seed, `generated ${seed}`, seed % 2 === 0 ? 'everywhere' : 'calls');
    }
    case 'mutated': {
      const largest = Number(flags['max-size']);
      const modules = [...realModules(), ...suiteModules()];
      const corpus = new Corpus(modules.filter(({ bytes }) => bytes.length <= largest));
      console.log(`${corpus.size} modules to mutate`);
      return (seed) => {
        const random = new Random(0x6d757461, seed);
        const { name, bytes } = corpus.pick(random);
        return item(mutate(bytes, corpus.pick(random).bytes, random), seed, `mutated ${seed}: ${name}`);
      };
    }
    case 'ttf':
      return async (seed) => item(await ttfModule(seed), seed, `ttf ${seed}`);
    case 'files':
      return (seed) => {
        const path = positionals[seed % positionals.length]!;
        const finding = readFinding(path);
        return item(new Uint8Array(readFileSync(path)), finding.seed, path, finding.fuel);
      };
    default:
      throw new Error(`unknown kind '${flags.kind}': generated, mutated, ttf, files`);
  }
}

const tally = { same: 0, executed: 0, valid: 0, unsupported: 0, inconclusive: 0, failed: 0 };

/** Why comparisons were inconclusive. */
const reasons = new Map<string, number>();

function save(found: Found, comparison: Comparison): void {
  mkdirSync(flags.save, { recursive: true });
  const base = join(flags.save, `${flags.kind}-${found.seed}`);
  writeFileSync(`${base}.wasm`, found.bytes);
  const { kind } = comparison;
  const detail = 'detail' in comparison ? comparison.detail : '';
  const { engine, options, rounds } = flags;
  writeFileSync(
    `${base}.json`,
    JSON.stringify(
      {
        origin: found.origin,
        seed: found.seed,
        fuel: found.fuel,
        rounds: Number(rounds),
        kind,
        detail,
        engine,
        options,
      },
      null,
      2,
    ),
  );
  console.log(
    `${kind}: ${found.origin} (${found.bytes.length} bytes, ${base}.wasm)\n  ${detail.replaceAll('\n', '\n  ')}`,
  );
}

function count(found: Found, comparison: Comparison): void {
  if (isDifference(comparison)) {
    tally.failed++;
    save(found, comparison);
    return;
  }
  if (comparison.kind !== 'same') {
    tally[comparison.kind as 'unsupported' | 'inconclusive']++;
    const { detail } = comparison as { detail: string };
    if (comparison.kind === 'inconclusive') reasons.set(detail, (reasons.get(detail) ?? 0) + 1);
    return;
  }
  tally.same++;
  if (comparison.valid) tally.valid++;
  if (comparison.executed) tally.executed++;
}

async function nextBatch(next: Source, from: number, size: number): Promise<Found[]> {
  // wasm-opt runs as a process: two at a time. Everything else is made here.
  const width = flags.kind === 'ttf' ? 2 : 1;
  const batch: Found[] = [];
  for (let i = 0; i < size; i += width) {
    batch.push(...(await Promise.all(Array.from({ length: width }, (_, k) => next(from + i + k)))));
  }
  return batch;
}

async function main(): Promise<number> {
  const start = performance.now();
  const limit = flags.count !== undefined ? Number(flags.count) : Number.POSITIVE_INFINITY;
  const seconds = Number(flags.seconds ?? (flags.count === undefined ? 60 : Number.POSITIVE_INFINITY));
  const left = (): boolean => (performance.now() - start) / 1000 < seconds;
  const size = Number(flags.batch ?? (flags.kind === 'files' ? positionals.length : batchSizes[flags.kind]));
  const { engine, options } = flags;
  const settings = {
    ...(flags.reference === undefined ? {} : { reference: { engine: flags.reference } }),
    tested: { engine, options },
    rounds: Number(flags.rounds),
    timeLimit: Number(flags['time-limit']),
  };
  const next = source();
  const base = flags.kind === 'files' ? 0 : Number(flags.seed) * 1_000_000;
  let done = 0;
  let batch = await nextBatch(next, base, Math.min(size, limit));
  while (batch.length > 0) {
    const comparing = compareAll(batch, settings);
    done += batch.length;
    // The next batch is made while the children work on this one.
    const more =
      left() && done < limit ? nextBatch(next, base + done, Math.min(size, limit - done)) : Promise.resolve([]);
    const [comparisons, following] = await Promise.all([comparing, more]);
    for (const [i, comparison] of comparisons.entries()) count(batch[i]!, comparison);
    batch = flags.kind === 'files' ? [] : following;
  }
  const { same, executed, valid, unsupported, inconclusive, failed } = tally;
  const time = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `${flags.kind}, seed ${flags.seed}: ${done} modules in ${time} s; ${valid} valid, ${executed} executed, ` +
      `${unsupported} with features that are not supported yet, ${inconclusive} inconclusive`,
  );
  for (const [reason, times] of reasons) console.log(`  inconclusive, ${times} times: ${reason}`);
  console.log(`${same} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
