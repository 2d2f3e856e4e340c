/** Beamline against V8: a fixed sample of generated and mutated modules. `npm run fuzz` goes on from there. */
import test from 'ava';
import { wat } from '../api/wat.js';
import { Corpus, realModules, suiteModules } from '../fuzz/corpus.js';
import { generateModule } from '../fuzz/generate.js';
import { mutate } from '../fuzz/mutate.js';
import { loadEngine } from '../support/engine.js';
import { Random } from '../support/random.js';
import type { Item } from './batch.js';
import { compareAll, isDifference } from './compare.js';
import { toItem } from './finding.js';

const vectorModule = wat('(module (func (result v128) (v128.const i64x2 0 0)))');
const hasVectors = (await loadEngine('beamline')).validate(vectorModule);

async function differences(items: Item[], options: object, mayLack = false): Promise<string[]> {
  const comparisons = await compareAll(items, { tested: { engine: 'beamline', options: JSON.stringify(options) } });
  return comparisons.flatMap((comparison, i) =>
    isDifference(comparison) || (comparison.kind === 'unsupported' && !mayLack)
      ? [`seed ${items[i]!.seed}: ${comparison.kind}: ${comparison.detail}`]
      : [],
  );
}

const checks = { checkInvariants: true, checkUpperHalves: true };

test.serial('generated modules', async (t) => {
  const items = Array.from({ length: 150 }, (_, seed) =>
    toItem(generateModule(seed), seed, seed % 2 === 0 ? 'everywhere' : 'calls'),
  );
  t.deepEqual(await differences(items, {}), []);
});

test.serial('generated modules with values of the host', async (t) => {
  const items = Array.from({ length: 150 }, (_, seed) =>
    toItem(generateModule(2000 + seed, { externref: true, tailCalls: true, exceptions: seed % 2 === 0 }), seed),
  );
  t.deepEqual(await differences(items, {}), []);
  t.deepEqual(await differences(items.slice(0, 50), { debug: { ...checks, forceSpills: true } }), []);
});

test.serial('generated modules with forced spills and checks', async (t) => {
  const items = Array.from({ length: 100 }, (_, seed) => toItem(generateModule(1000 + seed), seed));
  t.deepEqual(await differences(items, { debug: { ...checks, forceSpills: true } }), []);
});

test.serial('generated modules in a small world', async (t) => {
  const smallWorld = { checkInvariants: true, smallWorld: true };
  for (const cpu of ['native', 'avx', 'sse4.1']) {
    const items = Array.from({ length: 60 }, (_, seed) =>
      toItem(generateModule(4000 + seed, { vectors: hasVectors, externref: seed % 3 === 0 }), seed),
    );
    t.deepEqual(await differences(items, { cpu, debug: smallWorld }), [], cpu);
  }
  const large = Array.from({ length: 5 }, (_, seed) => toItem(generateModule(seed, { size: 'large' }), seed, 'calls'));
  t.deepEqual(await differences(large, { debug: { ...smallWorld, gcStress: true } }), []);
});

test.serial('large generated modules with checks', async (t) => {
  const items = Array.from({ length: 20 }, (_, seed) => toItem(generateModule(seed, { size: 'large' }), seed, 'calls'));
  t.deepEqual(await differences(items, { debug: checks }), []);
});

(hasVectors ? test.serial : test.skip)('generated modules with vectors, for each kind of processor', async (t) => {
  const items = Array.from({ length: 100 }, (_, seed) =>
    toItem(
      generateModule(3000 + seed, {
        vectors: true,
        externref: seed % 3 === 0,
        tailCalls: seed % 2 === 0,
        exceptions: seed % 4 === 1,
      }),
      seed,
    ),
  );
  for (const cpu of ['native', 'avx', 'sse4.1']) t.deepEqual(await differences(items, { cpu }), [], cpu);
  t.deepEqual(await differences(items, { debug: { ...checks, forceSpills: true } }), []);
});

test.serial('mutated real modules', async (t) => {
  const small = [...realModules(), ...suiteModules()].filter(({ bytes }) => bytes.length < 60_000);
  const corpus = new Corpus(small);
  const items = Array.from({ length: 500 }, (_, seed) => {
    const random = new Random(seed);
    return toItem(mutate(corpus.pick(random).bytes, corpus.pick(random).bytes, random), seed);
  });
  t.deepEqual(await differences(items, {}, true), []);
  t.deepEqual(await differences(items.slice(0, 150), { debug: { smallWorld: true } }, true), []);
});
