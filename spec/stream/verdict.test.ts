/** The verdict beside V8's: the spec suite's modules, generated ones, and mutants of both. */
import test from 'ava';
import { generateModule } from '../fuzz/generate.js';
import { mutate } from '../fuzz/mutate.js';
import { levelOf, listFiles, moduleBytes, readScript, suiteFolder } from '../suite/format.js';
import { Random } from '../support/random.js';
import { disagreement, verdict } from './harness.js';

/** Binary modules of the suite's WebAssembly 1.0 and 2.0 parts, with their place. */
function* suiteModules(): Generator<[place: string, bytes: Uint8Array]> {
  const folder = suiteFolder();
  if (folder === null) return;
  for (const { path, name } of listFiles(folder)) {
    const script = readScript(path);
    for (const command of script.commands) {
      const level = levelOf(script, command);
      if (command.filename === undefined || command.module_type === 'text' || (level !== '1.0' && level !== '2.0'))
        continue;
      yield [`${name}:${command.line}`, moduleBytes(script, path, command.filename)];
    }
  }
}

const suite = [...suiteModules()];

(suite.length > 0 ? test : test.skip)('the spec suite', (t) => {
  for (const [place, bytes] of suite) {
    t.is(disagreement(bytes), undefined, place);
    t.not(verdict(bytes)[0], 'unsupported', place);
  }
  t.true(suite.length > 3500, `${suite.length} modules`);
});

test('generated modules are valid', (t) => {
  for (let seed = 0; seed < 300; seed++) t.is(disagreement(generateModule(seed)), undefined, `seed ${seed}`);
});

const seeds = suite.map(([, bytes]) => bytes).filter((bytes) => bytes.length < 3000);
const vectorSeeds = suite
  .filter(([place, bytes]) => place.startsWith('simd/') && bytes.length < 8000 && verdict(bytes)[0] === 'valid')
  .map(([, bytes]) => bytes);
for (let seed = 0; seed < 200; seed++) seeds.push(generateModule(seed));

(vectorSeeds.length > 0 ? test : test.skip)('mutants of vector modules', (t) => {
  for (let seed = 0; seed < 20000; seed++) {
    const random = new Random(0x73696d64, seed);
    const mutant = mutate(random.pick(vectorSeeds), random.pick(random.oneIn(3) ? seeds : vectorSeeds), random);
    t.is(disagreement(mutant), undefined, `seed ${seed}`);
  }
});

test('mutants', (t) => {
  for (let seed = 0; seed < 60000; seed++) {
    const random = new Random(0x6d7574, seed);
    const mutant = mutate(random.pick(seeds), random.pick(seeds), random);
    t.is(disagreement(mutant), undefined, `seed ${seed}`);
  }
});
