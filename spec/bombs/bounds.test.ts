/**
 * What the compiler promises for every module: machine code of at most 64 times the bytes and 128 per function. Time is
 * measured by `bench/bombs.ts`, at N, 2N and 4N, never here.
 */
import test from 'ava';
import { Engine } from '../../src/index.js';
import { bombs } from './all.js';

const codePerByte = 64;
const codePerFunction = 128;

const engine = new Engine();

function measure(bytes: Uint8Array): { code: number; functions: number; valid: boolean } {
  const before = engine.statistics();
  const valid = engine.WebAssembly.validate(bytes);
  const after = engine.statistics();
  return {
    valid,
    code: after.codeEmitted - before.codeEmitted,
    functions: after.functionsCompiled - before.functionsCompiled,
  };
}

test('machine code is bounded by the bytes of the module', (t) => {
  for (const bomb of bombs) {
    for (const n of [Math.ceil(bomb.scale / 200), Math.ceil(bomb.scale / 8)]) {
      const bytes = bomb.build(n);
      const { code, functions, valid } = measure(bytes);
      t.true(valid, `${bomb.name} is valid`);
      const bound = codePerByte * bytes.length + codePerFunction * functions;
      t.true(code <= bound, `${bomb.name}: ${code} bytes of code for ${bytes.length} bytes and ${functions} functions`);
    }
  }
});
