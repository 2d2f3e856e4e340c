/**
 * Bombs in the optimizing tier: what takes more work than its bytes allow is compiled in one pass, so the bounds of machine code
 * hold, and memory does not grow faster than the module. `bench/bombs.ts --tier=optimizing` measures time.
 */
import test from 'ava';
import { Engine } from '../../src/index.js';
import { bombs } from './all.js';
import type { Bomb } from './bomb.js';

const codePerByte = 64;
const codePerFunction = 128;

interface Cost {
  bytes: number;
  code: number;
  functions: number;
  linear: number;
  peak: number;
}

function compileIn(engine: Engine, bomb: Bomb, n: number): Cost {
  const before = engine.statistics();
  const bytes = bomb.build(Math.ceil(n));
  if (!engine.WebAssembly.validate(bytes)) throw new Error(`${bomb.name} is not valid`);
  const after = engine.statistics();
  return {
    bytes: bytes.length,
    code: after.codeEmitted - before.codeEmitted,
    functions: after.functionsCompiled - before.functionsCompiled,
    linear: after.linearFunctions - before.linearFunctions,
    peak: after.compileMemoryPeak,
  };
}

/** In an engine of its own: arrays that have grown once are counted once. */
function compile(bomb: Bomb, n: number): Cost {
  const engine = new Engine({ tier: 'optimizing' });
  const cost = compileIn(engine, bomb, n);
  engine.dispose();
  return cost;
}

function bombOf(name: string): Bomb {
  const bomb = bombs.find((b) => b.name === name);
  if (bomb === undefined) throw new Error(`no bomb '${name}'`);
  return bomb;
}

test('machine code is bounded by the bytes of the module', (t) => {
  const engine = new Engine({ tier: 'optimizing' });
  for (const bomb of bombs) {
    const { bytes, code, functions } = compileIn(engine, bomb, bomb.scale / 16);
    const bound = codePerByte * bytes + codePerFunction * functions;
    t.true(code <= bound, `${bomb.name}: ${code} bytes of code for ${bytes} bytes and ${functions} functions`);
  }
  engine.dispose();
});

/** What grows with the square of the size, if nobody counts: phis, live values, arguments, moves, stack maps. */
const squares = [
  'one label, many br_if',
  'one loop, dirty locals, many (call, br_if)',
  'nested blocks with states, each left by (call, end)',
  'nested elses',
  'calls, 1000 -> 1000 of i64',
  'calls over 5000 references',
  'a reference more at each call',
  'functions with 1000 parameters',
  'block br_if end, 1000 values',
];

for (const name of squares) {
  test(`${name}: one pass, and memory grows as the module does`, (t) => {
    const bomb = bombOf(name);
    const [small, middle, large] = [0.5, 1, 2].map((factor) => compile(bomb, bomb.scale * factor)) as [
      Cost,
      Cost,
      Cost,
    ];
    t.true(large.linear > 0);
    const growth = (a: Cost, b: Cost): number => b.peak / b.bytes / (a.peak / a.bytes);
    // Arrays double.
    t.true(growth(small, middle) < 2.1 && growth(small, large) < 2.1, JSON.stringify([small, middle, large]));
  });
}

test('what is compiled in one pass is counted, the rest is not', (t) => {
  const bomb = bombOf('one label, many br_if');
  t.is(compile(bomb, 10).linear, 0);
  t.is(compile(bomb, bomb.scale).linear, 1);
});
