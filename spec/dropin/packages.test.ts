/** Unmodified packages on the global `WebAssembly`; the larger ones are in spec/real. */
import { join } from 'node:path';
import test from 'ava';
import { compareProgram } from '../real/harness.js';

for (const name of ['hash-wasm', 'source-map', 'wasmoon', 'web-tree-sitter']) {
  test.serial(name, async (t) => {
    const { v8, beamline, functionsCompiled } = await compareProgram(
      join(import.meta.dirname, 'programs', `${name}.js`),
    );
    t.is(beamline.output, v8.output);
    t.true(functionsCompiled > 0);
  });
}
