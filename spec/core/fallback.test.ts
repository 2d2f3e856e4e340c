/** Which build of the core compiles, and that whatever happens to the one leaves the engine usable. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { Engine } from '../../src/index.js';
import { generateModule } from '../fuzz/generate.js';

const run = promisify(execFile);
/** (module (func (export "f") (loop (br 0)))) */
const spinning = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11,
  11,
]);
const index = join(import.meta.dirname, '..', '..', 'src', 'index.js');

/** What an engine in a process with these flags compiles with: its statistics, and what `f` returns. */
async function inProcess(flags: readonly string[], options: string): Promise<string> {
  const program = `
    const { Engine } = await import(${JSON.stringify(index)});
    try {
      const engine = new Engine(${options});
      const { Module, Instance } = engine.WebAssembly;
      const bytes = Uint8Array.from([0,97,115,109,1,0,0,0,1,5,1,96,0,1,127,3,2,1,0,7,5,1,1,102,0,0,10,6,1,4,0,65,42,11]);
      console.log(new Instance(new Module(bytes)).exports.f(), JSON.stringify(engine.statistics().core));
    } catch (error) { console.log(String(error)); }`;
  const { stdout } = await run(process.execPath, [...flags, '--input-type=module', '--eval', program]);
  return stdout.trim();
}

test('WebAssembly in V8 with guard pages: the shipped build, as machine code that came with it', async (t) => {
  t.is(await inProcess([], '{}'), '42 {"build":"wasm","runner":"beamline"}');
  t.is(await inProcess([], "{ core: 'wasm' }"), '42 {"build":"wasm","runner":"beamline"}');
});

test('under a deadline V8 runs it: the deadline is for the program', (t) => {
  const engine = new Engine({ reuseCode: false });
  const { Module } = engine.WebAssembly;
  const runner = (): string | undefined => engine.statistics().core.runner;
  engine.withDeadline(60_000, () => {
    for (let seed = 1; seed < 20; seed++) new Module(generateModule(seed));
    t.is(runner(), 'v8');
  });
  for (let seed = 1; seed < 20; seed++) new Module(generateModule(seed));
  t.is(runner(), 'beamline');
  // One that has passed ends no compilation.
  const late = t.throws(() =>
    engine.withDeadline(1, () => {
      for (const start = performance.now(); performance.now() < start + 20; );
      new Module(generateModule(1));
      new engine.WebAssembly.Instance(new Module(spinning)).exports['f']?.();
    }),
  );
  t.regex(String(late), /interrupted/);
  t.notThrows(() => new Module(generateModule(2)));
});

test('where it cannot run: the reference build, and why', async (t) => {
  const mapped = "{ memory: 'mmap' }";
  t.regex(await inProcess(['--jitless'], mapped), /^42 \{"build":"js","reason":"V8 has no WebAssembly/);
  t.regex(await inProcess(['--disable-wasm-trap-handler'], mapped), /^42 \{"build":"js","reason":"V8 /);
  // Guard pages are there, and machine code that came with the package relies on them, whatever V8's does.
  t.is(await inProcess(['--wasm-enforce-bounds-checks'], mapped), '42 {"build":"wasm","runner":"beamline"}');
});

test('where it cannot run, and nothing else is allowed', async (t) => {
  t.regex(
    await inProcess(['--jitless'], "{ memory: 'mmap', core: 'wasm' }"),
    /^Error: core: 'wasm' cannot be had: V8 has no WebAssembly/,
  );
});

test('debug switches: the reference build', (t) => {
  const engine = new Engine({ debug: { checkInvariants: true } });
  new engine.WebAssembly.Module(generateModule(1));
  t.deepEqual(engine.statistics().core, { build: 'js', runner: undefined, reason: 'debug switches' });
  t.throws(() => new Engine({ core: 'wasm', debug: { forceSpills: true } }), { message: /has no debug switches/ });
});

test('many compilations at once, of valid modules and others', async (t) => {
  const engine = new Engine({ maxSliceMs: 0.5, reuseCode: false });
  const whole = Array.from({ length: 12 }, (_, i) => generateModule(100 + i, { size: 'large' }));
  const cut = whole.map((bytes) => bytes.slice(0, bytes.length - 40));
  const results = await Promise.allSettled(
    [...whole, ...cut].map((bytes) => engine.WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>)),
  );
  t.deepEqual(
    results.map(({ status }) => status),
    [...whole.map(() => 'fulfilled'), ...cut.map(() => 'rejected')],
  );
  t.is(engine.statistics().core.build, 'wasm');
});

test('code memory that is used up ends one compilation, and the next one works', (t) => {
  const engine = new Engine({ limits: { codeMemory: 4 << 20 }, reuseCode: false });
  const { Module } = engine.WebAssembly;
  const kept = [];
  const error = t.throws(() => {
    for (let seed = 1; seed < 5000; seed++) kept.push(new Module(generateModule(seed, { size: 'large' })));
  });
  t.regex(String(error), /code memory exhausted/);
  engine.dispose();
  const other = new Engine({ limits: { codeMemory: 4 << 20 } });
  t.notThrows(() => new other.WebAssembly.Module(generateModule(1)));
});

test('an error inside a body costs no compiler: a thousand wrong modules', (t) => {
  const engine = new Engine();
  const { WebAssembly } = engine;
  // (func unknown opcode), as V8 words it.
  const wrong = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 5, 1, 3, 0, 0x27, 11]);
  for (let i = 0; i < 1000; i++) t.false(WebAssembly.validate(wrong));
  t.throws(() => new WebAssembly.Module(wrong), { message: /Compiling function #0 failed: invalid opcode 0x27/ });
  t.notThrows(() => new WebAssembly.Module(generateModule(3)));
});
