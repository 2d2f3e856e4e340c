/** Which build of the core compiles, and that whatever happens to the one leaves the engine usable. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { Engine } from '../../src/index.js';
import { EngineState } from '../../src/runtime/api/engine-state.js';
import { createNamespace } from '../../src/runtime/api/namespace.js';
import { defaultOptions, resolveOptions } from '../../src/runtime/api/options.js';
import { compileSync } from '../../src/runtime/compile/compilation.js';
import { CoreCompiler } from '../../src/runtime/compile/core-compiler.js';
import { type CoreRunner, CoreUnavailable, imageRunner, v8Runner } from '../../src/runtime/compile/core-runners.js';
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

/** (func (result i32) (block ...)) so deeply nested that the core needs some megabytes for it. */
function nested(depth: number): Uint8Array<ArrayBuffer> {
  const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
  const body = [
    0,
    ...Array.from({ length: depth }, () => [2, 0x40]).flat(),
    ...Array.from({ length: depth }, () => 11),
    11,
  ];
  const code = [1, ...leb(body.length), ...body];
  return Uint8Array.from([
    0,
    97,
    115,
    109,
    1,
    0,
    0,
    0,
    1,
    4,
    1,
    96,
    0,
    0,
    3,
    2,
    1,
    0,
    10,
    ...leb(code.length),
    ...code,
  ]);
}

test('a core whose memory cannot grow says so, and the next module compiles', (t) => {
  const state = new EngineState(resolveOptions({ reuseCode: false }));
  createNamespace(state);
  const { code } = state.machine;
  const cpu = { ...state.machine.cpu };
  const target = { code, stubs: state.machine.stubs, cpu, checksBounds: false, smallWorld: false };
  for (const runner of [v8Runner(), imageRunner(defaultOptions.limits.stackSize)]) {
    if (runner instanceof CoreUnavailable) return t.fail(runner.message);
    const small: CoreRunner = {
      name: runner.name,
      newMemory: (initial) => runner.newMemory(initial, initial + 1),
      instantiate: (imports) => runner.instantiate(imports),
      isTrap: (error) => runner.isTrap(error),
    };
    state.takeCompiler = () => new CoreCompiler(target, small);
    const error = t.throws(() => compileSync(state, nested(200_000), 'Module', true), { instanceOf: RangeError });
    t.regex(
      error.message,
      /^the compiler core has used up its memory \(4\d{6} bytes, .* in function 0; option core: 'js'/,
    );
    t.notThrows(() => compileSync(state, nested(10), 'Module', true));
  }
});
