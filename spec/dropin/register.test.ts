/** `node --import beamline/register`: the global, its options, and the modules that stay on V8. */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { isHttpParser } from '../../src/register/delegate.js';
import { optionsFromEnvironment } from '../../src/register/environment.js';
import { type Run, type RunOptions, registerUrl, runNode } from '../real/harness.js';

const indexUrl = new URL('index.js', registerUrl).href;
const empty = 'new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])';

/** Run a script as an ES module on Beamline. */
function evaluate(script: string, options?: RunOptions): Promise<Run> {
  return runNode('beamline', ['--input-type=module', '--eval', script], options);
}

test("the global is the default engine's namespace, with the attributes and names of V8's", async (t) => {
  const script = `
    import { WebAssembly as namespace } from '${indexUrl}';
    const { Module, Instance } = WebAssembly;
    const { value, ...attributes } = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly');
    const names = Object.getOwnPropertyNames(Module).sort();
    const module = new Module(${empty});
    const { value: _, ...ofModule } = Object.getOwnPropertyDescriptor(WebAssembly, 'Module');
    console.log(JSON.stringify([value === namespace, attributes, ofModule, Module.name, Module.length, names,
      module instanceof Module, module.constructor === Module, Object.getPrototypeOf(module) === Module.prototype,
      new Instance(module) instanceof Instance, WebAssembly.compile.name, WebAssembly.compile.length,
      Object.prototype.toString.call(module), (await WebAssembly.instantiate(module)) instanceof Instance,
      class extends Module {}.name]));`;
  const run = await evaluate(script);
  t.is(run.stderr, '');
  const attributes = { writable: true, enumerable: false, configurable: true };
  t.deepEqual(JSON.parse(run.stdout), [
    ...[true, attributes, attributes, 'Module', 1],
    ['customSections', 'exports', 'imports', 'length', 'name', 'prototype'],
    ...[true, true, true, true, 'compile', 1, '[object WebAssembly.Module]', true, ''],
  ]);
});

test("functions show no source text, as V8's do not", async (t) => {
  const script = `
    const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0,
      10, 4, 1, 2, 0, 11]);
    const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    const { get } = Object.getOwnPropertyDescriptor(WebAssembly.Memory.prototype, 'buffer');
    const { toString } = Function.prototype;
    const texts = [f, WebAssembly.Module, WebAssembly.RuntimeError, WebAssembly.compile, get, toString, Math.max,
      (a) => a, class A {}, new Proxy(f, {}), f.bind()].map(String);
    const errors = [() => toString.call({}), () => new toString()].map((run) => {
      try { run(); } catch (error) { return error.constructor.name + ': ' + error.message; }
    });
    console.log(JSON.stringify([texts, errors, toString.name, Reflect.ownKeys(toString),
      Object.getOwnPropertyDescriptor(Function.prototype, 'toString')]));`;
  const [v8, beamline] = await Promise.all([
    runNode('v8', ['--input-type=module', '--eval', script]),
    evaluate(script),
  ]);
  t.is(beamline.stderr, '');
  t.deepEqual(JSON.parse(beamline.stdout), JSON.parse(v8.stdout));
  t.regex(beamline.stdout, /function 0\(\) \{ \[native code\] \}/);
});

test('workers and child processes have it too', async (t) => {
  const script = `
    import { spawnSync } from 'node:child_process';
    import { Worker } from 'node:worker_threads';
    const source = 'import { parentPort } from "node:worker_threads"; new WebAssembly.Module(${empty});' +
      'parentPort.postMessage("promising" in WebAssembly)';
    const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(source)));
    const inWorker = await new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
    const child = spawnSync(process.execPath, ['-p', '"promising" in WebAssembly'], { encoding: 'utf8' });
    console.log(inWorker, child.stdout.trim());`;
  const run = await evaluate(script);
  // V8 of Node 20 has no WebAssembly.promising. Main thread, worker and child each left an audit.
  t.is(run.stdout, 'true true\n', run.stderr);
  t.is(run.audits.length, 3);
});

test('what cannot be read is refused where the engine refuses it: by a rejection', async (t) => {
  const script = `
    const buffer = new ArrayBuffer(8, { maxByteLength: 8 });
    const view = new DataView(buffer, 4);
    buffer.resize(2);
    for (const name of ['compile', 'instantiate']) {
      console.log(name, await WebAssembly[name](view).catch((error) => error instanceof TypeError));
    }`;
  const run = await evaluate(script);
  t.is(run.stdout, 'compile true\ninstantiate true\n', run.stderr);
});

test("Node's fetch and undici parse HTTP on V8, and leave nothing in the engine", async (t) => {
  const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const undici = pathToFileURL(createRequire(import.meta.url).resolve('undici')).href;
  const script = `
    console.log(await (await fetch('${url}')).text());
    const undici = await import('${undici}');
    console.log(await (await undici.fetch('${url}')).text());
    console.log(await (await undici.request('${url}')).body.text());`;
  try {
    const run = await evaluate(script);
    t.is(run.stdout, 'hello\n'.repeat(3), run.stderr);
    t.deepEqual(
      run.audits.map((audit) => [audit.functionsCompiled, audit.bytesRead]),
      [[0, 0]],
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('only llhttp is taken for llhttp', (t) => {
  const require = createRequire(import.meta.url);
  for (const name of ['llhttp-wasm.js', 'llhttp_simd-wasm.js']) {
    t.true(isHttpParser(require(require.resolve('undici').replace(/index\.js$/, `lib/llhttp/${name}`))));
  }
  t.false(isHttpParser(Buffer.from('wasm_on_headers_complete')));
  t.false(isHttpParser(Buffer.alloc(0)));
});

test('options from the environment', async (t) => {
  t.deepEqual(optionsFromEnvironment({ BEAMLINE_TIER: '', HOME: '/' }), {});
  t.deepEqual(
    optionsFromEnvironment({
      BEAMLINE_OPTIONS: '{"memory":"v8","limits":{"memoryPages":100},"debug":{"forceSpills":true}}',
      BEAMLINE_TIER: 'baseline',
      BEAMLINE_MEMORY: 'mmap',
      BEAMLINE_MAX_SLICE_MS: '0',
      BEAMLINE_DEBUG: 'checkInvariants, dumpCode',
      BEAMLINE_DEBUG_FUNCTIONS: 'main,12',
    }),
    {
      memory: 'mmap',
      limits: { memoryPages: 100 },
      tier: 'baseline',
      maxSliceMs: 0,
      debug: { forceSpills: true, checkInvariants: true, dumpCode: true, functions: ['main', 12] },
    },
  );
  const script = `
    import { defaultEngine } from '${indexUrl}';
    const { memory, maxSliceMs, debug } = defaultEngine().options;
    console.log(memory, maxSliceMs, debug.checkInvariants, WebAssembly === defaultEngine().WebAssembly);`;
  const env = { BEAMLINE_MEMORY: 'mmap', BEAMLINE_DEBUG: 'checkInvariants' };
  t.is((await evaluate(script, { env })).stdout, 'mmap 5 true true\n');
});

test('wrong options: the error names the variable', async (t) => {
  const wrong: [string, string, RegExp][] = [
    ['BEAMLINE_OPTIONS', '{', /^BEAMLINE_OPTIONS is not valid JSON: /],
    ['BEAMLINE_OPTIONS', '[1]', /^BEAMLINE_OPTIONS must be a JSON object/],
    ['BEAMLINE_OPTIONS', '{"tire":1}', /^BEAMLINE_OPTIONS: invalid options: .*"tire"/],
    ['BEAMLINE_TIER', 'fast', /^BEAMLINE_TIER: invalid options: tier: /],
    ['BEAMLINE_MAX_SLICE_MS', 'soon', /^BEAMLINE_MAX_SLICE_MS: invalid options: maxSliceMs: /],
    ['BEAMLINE_MEMORY', 'disk', /^BEAMLINE_MEMORY: invalid options: memory: /],
    ['BEAMLINE_DEBUG', 'everything', /^BEAMLINE_DEBUG: unknown switch 'everything'; there are dumpWasm, /],
  ];
  for (const [name, value, message] of wrong) {
    t.throws(() => optionsFromEnvironment({ [name]: value }), { instanceOf: TypeError, message });
  }
  const run = await evaluate('console.log("unreachable")', { env: { BEAMLINE_TIER: 'fast' } });
  t.deepEqual([run.exit, run.stdout], [1, '']);
  t.regex(run.stderr, /TypeError: BEAMLINE_TIER: invalid options: tier/);
});

test('a package that needs a feature which is not there yet: the error names it', async (t) => {
  // undici's parser with SIMD, on an engine that does not leave it to V8; and what glue made with threads does first.
  const parser = pathToFileURL(
    createRequire(import.meta.url)
      .resolve('undici')
      .replace(/index\.js$/, ''),
  );
  const script = `
    import { Engine } from '${indexUrl}';
    import parser from '${parser.href}lib/llhttp/llhttp_simd-wasm.js';
    const engine = new Engine();
    for (const attempt of [() => new engine.WebAssembly.Module(parser),
        () => new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true })]) {
      try { attempt(); console.log('works'); }
      catch (error) { console.log(error.name + ': ' + error.message); }
    }`;
  const run = await evaluate(script);
  const [simd, threads] = run.stdout.split('\n');
  t.regex(simd as string, /^(works|CompileError: .* not supported yet \(simd\).*)$/i, run.stderr);
  t.regex(threads as string, /^(works|TypeError: .* not supported yet \(threads\))$/);
});
