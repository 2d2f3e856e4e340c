/**
 * `limits.compileMemory`: a bomb of any kind ends with an error that says so, nothing is left of it, and what is counted is
 * what the process holds, but for 16 MiB of garbage, optimised code and the collector's own.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { Engine } from '../../src/index.js';
import { bombs } from './all.js';
import type { Bomb } from './bomb.js';
import type { MemoryReport } from './memory-child.js';

/** One for each thing that can grow. */
const kinds = [
  'types, all different',
  'imports',
  'exports',
  'globals',
  'element segments',
  'custom sections',
  'two-byte functions',
  'nested blocks',
  'nested ifs',
  'functions with 49,000 locals',
  'br_table with 65,520 targets',
  'dirty locals x br_table',
  'constants pile up',
  'a thousand more at each call',
  'calls of an import, () -> 15',
];
const mebibyte = 1 << 20;
const slack = 16 * mebibyte;

function bombOf(name: string): Bomb {
  const bomb = bombs.find((b) => b.name === name);
  if (bomb === undefined) throw new Error(`no bomb '${name}'`);
  return bomb;
}

function messageOf(budget: number): RegExp {
  return new RegExp(`compile memory > limits\\.compileMemory \\(${budget} bytes\\) @\\+\\d+$`);
}

for (const name of kinds) {
  test(`${name}: a small budget is used up, and nothing is left`, (t) => {
    const bomb = bombOf(name);
    const bytes = bomb.build(4 * bomb.scale);
    const budget = bytes.length + 100_000;
    const engine = new Engine({ limits: { compileMemory: budget } });
    const { WebAssembly } = engine;
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    const { codeMemory } = engine.statistics();
    for (let i = 0; i < 2; i++) {
      const error = t.throws(() => new WebAssembly.Module(bytes), {
        instanceOf: WebAssembly.CompileError,
        message: messageOf(budget),
      }) as Error & { offset: number };
      t.true(error.offset > 0 && error.offset < bytes.length, `offset ${error.offset}`);
    }
    const after = engine.statistics();
    t.true(after.compileMemoryPeak <= budget && after.compileMemoryPeak >= bytes.length);
    t.is(after.codeMemory, codeMemory);
    t.notThrows(() => new WebAssembly.Module(bomb.build(1)));
  });
}

test('a module that is longer than the budget is refused before it is copied', async (t) => {
  const budget = 65536;
  const { WebAssembly } = new Engine({ limits: { compileMemory: budget } });
  const bytes = bombOf('one data segment').build(budget);
  const expected = { instanceOf: WebAssembly.CompileError, message: messageOf(budget) };
  t.throws(() => new WebAssembly.Module(bytes), expected);
  await t.throwsAsync(WebAssembly.compile(bytes), expected);
  t.throws(() => new Engine({ limits: { compileMemory: 1000 } }), { message: /limits\.compileMemory/ });
});

const child = fileURLToPath(new URL('memory-child.js', import.meta.url));
const run = promisify(execFile);

async function measure(name: string, budget: number): Promise<MemoryReport> {
  const n = String(10 * bombOf(name).scale);
  const { stdout } = await run(process.execPath, ['--expose-gc', child, name, n, String(budget)]);
  return JSON.parse(stdout) as MemoryReport;
}

for (const budget of [3 * mebibyte, 1024 * mebibyte]) {
  test.serial(
    `with ${budget >>> 20} MiB, the memory of the process is what is counted and at most 16 MiB`,
    async (t) => {
      t.timeout(120_000);
      for (const name of kinds) {
        const { peak, measured, counted, left, message, offset, bytes } = await measure(name, budget);
        const figures = `${name}: counted ${counted}, measured ${measured}, peak ${peak}, left ${left}`;
        t.true(peak <= budget, figures);
        t.true(measured <= counted + slack, figures);
        t.true(left <= 4 * mebibyte, figures);
        if (message !== '') {
          if (!message.includes('operand stack is higher')) t.regex(message, messageOf(budget), name);
          t.true(offset > 0 && offset <= bytes, name);
        } else t.true(peak >= bytes, name);
      }
    },
  );
}
