/**
 * Holds the two builds of the compiler core against each other: machine code, code maps, stack maps, costs, verdicts and
 * messages. Closes with the line `N passed, M failed`.
 *
 *     node dist/spec/core/run.js [--real] [--suite] [--generated N] [--mutants N] [--seed 1] [--options JSON] [FILE...]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Corpus, realModules, suiteModules } from '../fuzz/corpus.js';
import { generateModule } from '../fuzz/generate.js';
import { mutate } from '../fuzz/mutate.js';
import { projectRoot } from '../suite/format.js';
import { Random } from '../support/random.js';
import { BothCores } from './both.js';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    real: { type: 'boolean', default: false },
    suite: { type: 'boolean', default: false },
    generated: { type: 'string', default: '0' },
    mutants: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    options: { type: 'string', default: '{}' },
    'max-size': { type: 'string', default: '1000000' },
  },
});

const both = new BothCores(JSON.parse(flags.options));
const seed = Number(flags.seed);
let passed = 0;
let failed = 0;

function check(name: string, bytes: Uint8Array): void {
  const problem = both.compare(bytes);
  if (problem === undefined) {
    passed++;
    return;
  }
  failed++;
  if (failed > 20) return;
  const folder = join(projectRoot(), '.cache', 'core');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name.replace(/[^\w.-]+/g, '-').slice(-60)}.wasm`);
  writeFileSync(file, bytes);
  console.log(`${name}: ${problem}\n  ${file}`);
}

for (const file of positionals) check(file, readFileSync(file));
if (flags.real) for (const { name, bytes } of realModules()) check(name, bytes);
if (flags.suite) for (const { name, bytes } of suiteModules(0)) check(name, bytes);
for (let i = 0; i < Number(flags.generated); i++) {
  const vectors = i % 2 === 1;
  check(`generated ${seed + i}`, generateModule(seed + i, { vectors, externref: i % 3 === 2 }));
}
const mutants = Number(flags.mutants);
if (mutants > 0) {
  const largest = Number(flags['max-size']);
  const corpus = new Corpus([...realModules(), ...suiteModules()].filter(({ bytes }) => bytes.length <= largest));
  for (let i = 0; i < mutants; i++) {
    const random = new Random(0x6d757461, seed + i);
    const { name, bytes } = corpus.pick(random);
    check(`mutant ${seed + i} of ${name}`, mutate(bytes, corpus.pick(random).bytes, random));
  }
}
console.log(`${both.accepted} accepted, ${both.refused} refused`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
