/**
 * What a compiler promises for every module: machine code of at most 64 times the bytes and 128 per function, and time
 * that grows with the bytes. Sizes are exact; time is asserted only where it is hopeless to blame the machine.
 */
import test from 'ava';
import { Engine } from '../../src/index.js';
import { bombs } from './all.js';

const codePerByte = 64;
const codePerFunction = 128;

const engine = new Engine();

function measure(bytes: Uint8Array): { ms: number; code: number; functions: number; valid: boolean } {
  const before = engine.statistics();
  const start = performance.now();
  const valid = engine.WebAssembly.validate(bytes);
  const ms = performance.now() - start;
  const after = engine.statistics();
  return {
    ms,
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

/** Best of some runs, for noise only ever adds. */
function best(bytes: Uint8Array, runs: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) least = Math.min(least, measure(bytes).ms);
  return least;
}

test('compile time grows with the bytes of the module', (t) => {
  for (const bomb of bombs) {
    const n = Math.ceil(bomb.scale / 16);
    const small = bomb.build(n);
    const large = bomb.build(8 * n);
    // Eightfold size: quadratic work would take 64 times as long.
    const limit = 32;
    let short = Number.POSITIVE_INFINITY;
    let long = Number.POSITIVE_INFINITY;
    let ratio = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 8 && ratio > limit; attempt++) {
      short = Math.min(short, best(small, 3));
      long = Math.min(long, best(large, 1 + attempt));
      // What takes less cannot be measured on a busy machine.
      ratio = long / Math.max(short, 0.5);
    }
    t.true(ratio <= limit, `${bomb.name}: eight times the size takes ${ratio.toFixed(1)} times as long`);
  }
});
