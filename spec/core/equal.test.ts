/** A sample of what `run.ts` compares: the two builds of the core make the same of every module. */
import test from 'ava';
import { Engine } from '../../src/index.js';
import type { EngineOptions } from '../../src/runtime/api/options.js';
import { Corpus, realModules, suiteModules } from '../fuzz/corpus.js';
import { generateModule } from '../fuzz/generate.js';
import { mutate } from '../fuzz/mutate.js';
import { Random } from '../support/random.js';
import { BothCores } from './both.js';

const configurations: Record<string, EngineOptions> = {
  'as it comes': {},
  'small world, AVX': { cpu: 'avx', debug: { smallWorld: true } },
  'SSE4.1, bounds checks': { cpu: 'sse4.1', memory: 'mmap', bounds: 'check' },
};

const suite = suiteModules(0);
const corpus = new Corpus([...realModules().filter(({ bytes }) => bytes.length < 100_000), ...suite]);

for (const [name, options] of Object.entries(configurations)) {
  test(`generated modules and mutants: ${name}`, (t) => {
    t.timeout(240_000);
    const both = new BothCores(options);
    for (let seed = 1; seed <= 120; seed++) {
      const bytes = generateModule(seed, { vectors: seed % 2 === 1, externref: seed % 3 === 2 });
      t.is(both.compare(bytes), undefined, `generated ${seed}`);
    }
    for (let seed = 1; seed <= 300; seed++) {
      const random = new Random(0x636f7265, seed);
      const { name: origin, bytes } = corpus.pick(random);
      t.is(both.compare(mutate(bytes, corpus.pick(random).bytes, random)), undefined, `mutant ${seed} of ${origin}`);
    }
    t.true(both.accepted > 150 && both.refused > 100);
  });
}

test('run by V8', (t) => {
  const both = new BothCores();
  new Engine().withDeadline(200_000, () => {
    for (let seed = 1; seed <= 60; seed++) {
      const bytes = generateModule(seed, { vectors: seed % 2 === 1, externref: seed % 3 === 2 });
      t.is(both.compare(bytes), undefined, `generated ${seed}`);
    }
  });
});

test('modules of the official suite', (t) => {
  t.timeout(240_000);
  const both = new BothCores();
  for (const { name, bytes } of suite) t.is(both.compare(bytes), undefined, name);
  t.true(suite.length === 0 || both.accepted > 1000);
});

test('budgets: what the compilation may hold ends both at the same byte', (t) => {
  const bytes = generateModule(7, { size: 'large' });
  const held = new BothCores();
  t.is(held.compare(bytes), undefined);
  for (let compileMemory = 65536; compileMemory < 400_000; compileMemory += 7919) {
    const both = new BothCores({ limits: { compileMemory } });
    t.is(both.compare(bytes), undefined, `${compileMemory} bytes`);
    both.dispose();
  }
});
