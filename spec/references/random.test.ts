/** Random programs that move references about give what V8 gives, whenever the collector runs. */
import test from 'ava';
import { Engine } from '../../src/index.js';
import { wat } from '../api/wat.js';
import { v8 } from '../support/engine.js';
import { Random } from '../support/random.js';
import { generateReferences } from './generate.js';
import { observe } from './observe.js';

const programs = 60;

const modes = {
  'as usual': {},
  gcStress: { gcStress: true },
  'gcStress, spills': { gcStress: true, forceSpills: true, checkInvariants: true },
};

for (const [mode, debug] of Object.entries(modes)) {
  test(`random programs: ${mode}`, (t) => {
    const engine = new Engine({ debug });
    let calls = 0;
    for (let seed = 1; seed <= programs; seed++) {
      const { source, params } = generateReferences(new Random(seed, 77));
      const bytes = wat(source);
      const expected = observe(v8, bytes, params, seed, () => {});
      const actual = observe(engine.WebAssembly, bytes, params, seed, () => engine.gc());
      calls += expected.length;
      t.deepEqual(actual, expected, `seed ${seed}`);
    }
    t.true(calls > 10 * programs, `${calls} lines`);
  });
}
