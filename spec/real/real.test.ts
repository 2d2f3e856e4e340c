/** Real modules, of 500 KB and more or with SIMD, run real work with V8's results. */
import { join } from 'node:path';
import test from 'ava';
import { compareProgram } from './harness.js';
import { small } from './list.js';

for (const name of small) {
  test.serial(name, async (t) => {
    const { v8, beamline, functionsCompiled } = await compareProgram(
      join(import.meta.dirname, 'programs', `${name}.js`),
    );
    t.is(beamline.output, v8.output);
    t.true(functionsCompiled > 0);
    const ms = (value: number): string => value.toFixed(0);
    t.log(
      `${functionsCompiled} functions; load ${ms(v8.loadMs)} / ${ms(beamline.loadMs)} ms,`,
      `work ${ms(v8.workMs)} / ${ms(beamline.workMs)} ms (V8 / Beamline)`,
    );
  });
}
