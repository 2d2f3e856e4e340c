/** Modules of bytes that were compiled before: spec/api/shared-code-child.ts is the other thread. */
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { Engine, type EngineOptions, WebAssembly as exported } from '../../src/index.js';
import type { Module } from '../../src/runtime/webidl/api-types.js';
import { answersOf, rich } from './shared-code-module.js';
import { wat } from './wat.js';

const child = fileURLToPath(new URL('./shared-code-child.js', import.meta.url));
let copies = 0;

/** A module that nobody has seen. */
function unseen(bytes: Uint8Array = rich): Uint8Array<ArrayBuffer> {
  const copy = copies++;
  return Uint8Array.from([...bytes, 0, 7, 4, 115, 97, 109, 101, copy & 255, copy >> 8]);
}

/** Functions that return their index plus `first`, large enough for many slices. */
const large = (first: number, count = 1500): Uint8Array<ArrayBuffer> =>
  wat(
    Array.from({ length: count }, (_, i) => {
      const work = '(local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 3)) (i32.const 1)))'.repeat(20);
      return `(func (export "f${i}") (param i32) (result i32) ${work} (i32.const ${first + i}))`;
    }).join('\n'),
  ) as Uint8Array<ArrayBuffer>;

const instance = (engine: Engine, module: Module) =>
  new engine.WebAssembly.Instance(module).exports as Record<string, (n: number) => number>;

test('1,000 modules of the same bytes: one compilation, 1,000 objects', (t) => {
  const engine = new Engine();
  const { WebAssembly } = engine;
  const bytes = unseen();
  class Own extends WebAssembly.Module {}
  const modules = Array.from({ length: 1000 }, () => new WebAssembly.Module(bytes));
  const own = new Own(bytes);
  t.is(new Set([...modules, own]).size, 1001);
  const { functionsCompiled, reuse } = engine.statistics();
  t.deepEqual(reuse, { hits: 1000, entries: 1, bytes: bytes.length });
  t.is(engine.statistics().modules, 1);
  t.is(functionsCompiled, 13);
  t.true(own instanceof Own && own instanceof WebAssembly.Module);
  t.is(Object.getPrototypeOf(modules[999]), WebAssembly.Module.prototype);
  (modules[1] as { mark?: boolean }).mark = true;
  t.false('mark' in (modules[2] as object));
  for (const module of [modules[0], modules[999], own, structuredClone(modules[5])] as Module[]) {
    t.is(WebAssembly.Module.customSections(module, 'same').length, 1);
    t.deepEqual(answersOf(module, engine), answersOf(modules[0] as Module, engine));
  }
});

test('one byte makes another module', (t) => {
  const engine = new Engine();
  const [first, second] = [large(1000, 10), large(1000, 10)];
  second[second.lastIndexOf(0x0b) - 1] ^= 1;
  t.is(first.length, second.length);
  const last = (bytes: Uint8Array) => instance(engine, new engine.WebAssembly.Module(bytes))['f9']?.(0);
  t.not(last(first), last(second));
  t.is(last(first), 1009);
  t.deepEqual(engine.statistics().reuse, { hits: 1, entries: 2, bytes: 2 * first.length });
});

test('every form finds what another one has made; they wait for each other', async (t) => {
  const engine = new Engine({ maxSliceMs: 1 });
  const { WebAssembly } = engine;
  const bytes = large(5);
  async function* stream() {
    for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
  }
  const progress: number[] = [];
  const modules = await Promise.all([
    ...Array.from({ length: 5 }, () =>
      WebAssembly.compile(bytes, { onProgress: (p) => progress.push(p.bytesCompiled) }),
    ),
    WebAssembly.compileStreaming(stream()),
    WebAssembly.instantiate(bytes).then(({ module }) => module),
  ]);
  modules.push(new WebAssembly.Module(bytes), await WebAssembly.compile(bytes));
  t.is(new Set(modules).size, 9);
  t.is(progress.at(-1), bytes.length);
  // The stream and one of the others.
  t.true(engine.statistics().functionsCompiled <= 3000);
  t.is(engine.statistics().modules, 1);
  for (const module of modules) t.is(instance(engine, module)['f7']?.(0), 12);
});

test('whoever waits goes on when the first is aborted, and can be aborted itself', async (t) => {
  const engine = new Engine({ maxSliceMs: 0.5 });
  const { WebAssembly } = engine;
  const bytes = large(100);
  const [first, second] = [new AbortController(), new AbortController()];
  const aborting = WebAssembly.compile(bytes, { signal: first.signal });
  const waiting = WebAssembly.compile(bytes);
  const impatient = WebAssembly.compile(bytes, { signal: second.signal });
  setImmediate(() => second.abort(new Error('impatient')));
  await t.throwsAsync(impatient, { message: 'impatient' });
  first.abort(new Error('enough'));
  await t.throwsAsync(aborting, { message: 'enough' });
  t.is(instance(engine, await waiting)['f1']?.(0), 101);
  const wrong = large(7).subarray(0, -5);
  const results = await Promise.allSettled(Array.from({ length: 3 }, () => WebAssembly.compile(wrong)));
  for (const result of results) t.is(result.status, 'rejected');
  t.throws(() => new WebAssembly.Module(wrong), { instanceOf: WebAssembly.CompileError });
  t.is(engine.statistics().reuse.entries, 1);
});

test('bytes that change while they are compiled', async (t) => {
  const engine = new Engine({ maxSliceMs: 0.5 });
  const { WebAssembly } = engine;
  const [one, two] = [large(1000), large(2000)];
  t.is(one.length, two.length);
  for (const buffer of [new ArrayBuffer(one.length), new SharedArrayBuffer(one.length)]) {
    const bytes = new Uint8Array(buffer);
    bytes.set(one);
    const compiling = WebAssembly.compile(bytes, { onProgress: () => bytes.set(two) });
    bytes.set(two);
    t.is(instance(engine, await compiling)['f1']?.(0), 1001);
    t.is(instance(engine, new WebAssembly.Module(bytes))['f1']?.(0), 2001);
    t.is(instance(engine, await WebAssembly.compile(one))['f1']?.(0), 1001);
  }
  t.is(engine.statistics().reuse.entries, 2);
});

test('redefined built-ins do not see the bytes, nor decide which are equal', (t) => {
  const engine = new Engine();
  const [one, two] = [large(1000, 5), large(2000, 5)];
  new engine.WebAssembly.Module(wat('(module)'));
  const kept = new engine.WebAssembly.Module(one);
  const { get } = Map.prototype;
  const { charCodeAt } = String.prototype;
  const { fromCharCode } = String;
  const { deref } = WeakRef.prototype;
  try {
    Map.prototype.get = function (this: Map<unknown, unknown>, key: unknown) {
      return Reflect.apply(get, this, [typeof key === 'string' && key.length === 32 ? [...this.keys()][0] : key]);
    };
    String.prototype.charCodeAt = () => 7;
    String.fromCharCode = () => 'x';
    WeakRef.prototype.deref = () => kept as never;
    t.is(instance(engine, new engine.WebAssembly.Module(two))['f1']?.(0), 2001);
  } finally {
    Object.assign(Map.prototype, { get });
    Object.assign(String.prototype, { charCodeAt });
    Object.assign(String, { fromCharCode });
    Object.assign(WeakRef.prototype, { deref });
  }
  t.is(instance(engine, kept)['f1']?.(0), 1001);
});

test('engines find code of each other only if their options allow the same code', async (t) => {
  const bytes = unseen();
  const maker = new Engine();
  const kept = new maker.WebAssembly.Module(bytes);
  const shared = async (options: EngineOptions): Promise<number[]> => {
    const engine = new Engine(options);
    const modules = [new engine.WebAssembly.Module(bytes), await engine.WebAssembly.compile(bytes)];
    const answers = answersOf(kept, maker);
    for (const module of modules) t.deepEqual(answersOf(module, engine), answers);
    const { modulesShared, functionsCompiled } = engine.statistics();
    return [modulesShared, functionsCompiled / 13];
  };
  t.deepEqual(await shared({}), [1, 0]);
  t.deepEqual(await shared({ maxSliceMs: 0.1, debug: { gcStress: true } }), [1, 0]);
  t.deepEqual(await shared({ cpu: 'sse4.1' }), [0, 1]);
  t.deepEqual(await shared({ bounds: 'check' }), [0, 1]);
  t.deepEqual(await shared({ debug: { forceSpills: true } }), [0, 2]);
  t.deepEqual(await shared({ reuseCode: false }), [0, 2]);
  const small = new Engine({ limits: { moduleCode: 4096 } });
  const big = large(3);
  const held = new maker.WebAssembly.Module(big);
  t.throws(() => new small.WebAssembly.Module(big), { message: /limits.moduleCode/ });
  await t.throwsAsync(small.WebAssembly.compile(big), { message: /limits.moduleCode/ });
  const short = new Engine({ limits: { moduleSize: 100 } });
  t.throws(() => new short.WebAssembly.Module(big), { message: /maximum module size/ });
  t.truthy(held);
});

test('another thread finds the code; what nobody holds any more is freed', async (t) => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const engine = new Engine();
  const bytes = unseen();
  let module: Module | undefined = new engine.WebAssembly.Module(bytes);
  const answers = answersOf(module, new Engine());
  const worker = new Worker(child, { workerData: { job: 'compile', bytes } });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  const message = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  t.deepEqual(message, { answers, modulesShared: 1 });
  await ended;
  module = undefined;
  for (let i = 0; i < 20 && engine.statistics().reuse.entries > 0; i++) {
    gc();
    await turn();
  }
  const { reuse, modules } = engine.statistics();
  t.deepEqual([reuse.entries, reuse.bytes, modules], [0, 0, 0]);
  t.is(new Engine().statistics().reuse.hits, 0);
});

test('the options are checked', (t) => {
  t.throws(() => new Engine({ reuseCode: 1 as never }), { message: /reuseCode/ });
  t.true(exported.validate(rich));
});
