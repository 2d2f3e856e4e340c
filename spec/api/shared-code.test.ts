/** Machine code that another engine, or thread, runs in place: spec/api/shared-code-child.ts is the thread. */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { Engine, WebAssembly } from '../../src/index.js';
import { defaultEngine } from '../../src/runtime/api/default-engine.js';
import type { Module } from '../../src/runtime/webidl/api-types.js';
import { type Answers, answersOf, rich } from './shared-code-module.js';

const child = fileURLToPath(new URL('./shared-code-child.js', import.meta.url));

function nextMessage<T>(worker: Worker): Promise<T> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

let copies = 0;
/** The module in bytes that no other test has. */
const unique = (): Uint8Array => Uint8Array.from([...rich, 0, 5, 4, ...Buffer.from('copy').subarray(0, 3), copies++]);

const ended = (worker: Worker): Promise<void> => new Promise((resolve) => worker.once('exit', () => resolve()));

const own = (): Answers => answersOf(new WebAssembly.Module(rich), new Engine());

test('code of another engine: calls, growth, references, traps, deadlines, names in stacks', (t) => {
  const expected = own();
  for (const options of [{}, { debug: { gcStress: true } }]) {
    const engine = new Engine(options);
    const module = new WebAssembly.Module(rich);
    t.deepEqual(answersOf(module, engine), expected);
    t.is(engine.statistics().modulesShared, 1);
    t.is(engine.statistics().functionsCompiled, 0);
  }
});

test('engines with other code compile for themselves', (t) => {
  const module = new WebAssembly.Module(rich);
  for (const options of [{ debug: { forceSpills: true } }, { cpu: 'sse4.1' as const }]) {
    const engine = new Engine(options);
    t.deepEqual(answersOf(module, engine), own());
    t.is(engine.statistics().modulesShared, 0);
  }
});

test('the engine that made the code is disposed while another runs it', (t) => {
  const [maker, user] = [new Engine(), new Engine()];
  const module = new maker.WebAssembly.Module(unique());
  const before = answersOf(module, user);
  maker.dispose();
  t.deepEqual(answersOf(module, user), before);
  user.dispose();
  t.throws(() => answersOf(module, user), { message: /disposed/ });
  // Nobody has the code any more.
  const late = new Engine();
  t.deepEqual(answersOf(structuredClone(module), late), before);
  t.is(late.statistics().modulesShared, 0);
});

test('an engine cannot be disposed in a host call of code that it has adopted; the one that made it can', (t) => {
  const [maker, user] = [new Engine(), new Engine()];
  const module = new maker.WebAssembly.Module(rich);
  const double = (value: number): number => {
    t.throws(() => user.dispose(), { message: /while its code runs/ });
    maker.dispose();
    return 2 * value;
  };
  const { host } = new user.WebAssembly.Instance(module, { m: { double, pass: double } }).exports;
  t.is((host as (value: number) => number)(20), 41);
  t.is(user.statistics().modulesShared, 1);
  user.dispose();
});

test('a module without functions, and one without anything', (t) => {
  for (const bytes of [Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0), rich.slice(0, 8)]) {
    const engine = new Engine();
    const clone = structuredClone(new WebAssembly.Module(bytes));
    t.deepEqual(Object.keys(new engine.WebAssembly.Instance(clone).exports), []);
    t.is(engine.statistics().modulesShared, 1);
  }
});

test('a forged carrier leads to nothing but its own bytes', (t) => {
  const V8 = Reflect.get(globalThis, 'WebAssembly') as typeof WebAssembly;
  const module = new WebAssembly.Module(rich);
  const section = (name: string) => new Uint8Array(V8.Module.customSections(module as never, name)[0] as ArrayBuffer);
  const custom = (name: string, contents: Uint8Array): number[] => [
    0,
    1 + name.length + contents.length,
    name.length,
    ...Buffer.from(name),
    ...contents,
  ];
  const header = [0, 97, 115, 109, 1, 0, 0, 0];
  const other = Uint8Array.from([...header, ...custom('other', new Uint8Array(3))]);
  const bytes = Uint8Array.from([
    ...header,
    ...custom('beamline.identity', section('beamline.identity')),
    ...custom('beamline.module', other),
  ]);
  const engine = new Engine();
  const forged = new V8.Module(bytes) as unknown as Module;
  t.is(engine.WebAssembly.Module.customSections(forged, 'other').length, 1);
  t.is(engine.statistics().modulesShared, 0);
});

test('another thread: the same answers from the same code; the sender ends, or is terminated, while it runs', async (t) => {
  const expected = own();
  const module = new WebAssembly.Module(rich);
  const receivers = [0, 1].map(() => new Worker(child, { workerData: { job: 'answer', module } }));
  const ends = receivers.map(ended);
  const answers = await Promise.all(receivers.map(nextMessage<object>));
  t.deepEqual(answers, Array(2).fill({ answers: expected, modulesShared: 1 }));
  await Promise.all(ends);
  const sender = new Worker(child, { workerData: { job: 'send', bytes: unique() } });
  const received = await nextMessage<Module>(sender);
  const { modulesShared } = defaultEngine().statistics();
  const engine = defaultEngine();
  t.deepEqual(answersOf(received, engine), expected);
  t.is(engine.statistics().modulesShared, modulesShared + 1);
  await sender.terminate();
  // A new thread reaps what the old one has left: the code stays, because it is used.
  const reaper = new Worker(child, { workerData: { job: 'answer', module: received } });
  t.deepEqual(await nextMessage<object>(reaper), { answers: expected, modulesShared: 1 });
  t.deepEqual(answersOf(received, engine), expected);
});
