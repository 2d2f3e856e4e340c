/** Run in a child process with --expose-gc by release.test.ts: when V8 can collect what wasm has held. Prints JSON. */
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Engine } from '../../src/index.js';
import { type Any, instantiate } from './support.js';

const [kind = 'release', countText = '1000000'] = process.argv.slice(2);
const count = Number(countText);
const gc = (globalThis as Any).gc as () => void;
const engine = new Engine();
const { WebAssembly } = engine;

let released = 0;
const registry = new FinalizationRegistry<number>(() => released++);

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    gc();
    await turn();
  }
}

/** An object that is observed. */
function watched(): object {
  const object = { payload: new Array(100).fill(0) };
  registry.register(object, 0);
  return object;
}

/** Released counts after each step: stored, dropped in wasm, collected. */
async function release(): Promise<unknown> {
  const exports = instantiate(
    engine,
    `(module (table (export "t") 2 externref) (global (export "g") (mut externref) (ref.null extern))
      (func (export "set") (param externref) (table.set (i32.const 0) (local.get 0)))
      (func (export "pass") (param externref) (result externref) (local.get 0)))`,
  );
  const counts: number[] = [];
  const step = async (run: () => void) => {
    run();
    await settle();
    counts.push(released);
  };
  await step(() => exports.set(watched()));
  await step(() => (exports.g.value = watched()));
  await step(() => exports.t.set(1, watched()));
  await step(() => engine.gc());
  await step(() => exports.set(null));
  await step(() => engine.gc());
  await step(() => {
    exports.g.value = null;
    exports.t.set(1, 5);
    engine.gc();
  });
  await step(() => exports.pass(watched()));
  await step(() => engine.gc());
  return { counts, live: engine.statistics().references.live };
}

/** A value that only a wasm frame holds, while another activation of the same thread collects. */
async function frame(): Promise<unknown> {
  const during: number[] = [];
  const { f } = instantiate(
    engine,
    `(module (import "m" "make" (func $make (result externref))) (import "m" "check" (func $check))
      (import "m" "see" (func $see (param externref)))
      (func (export "f") (local externref)
        (local.set 0 (call $make)) (call $check) (call $see (local.get 0)) (local.set 0 (ref.null extern)) (call $check)))`,
    {
      m: {
        make: () => watched(),
        check: () => {
          during.push(engine.gc().live);
          gc();
        },
        see: (value: Any) => {
          if (value.payload.length !== 100) throw new Error('not the same object');
        },
      },
    },
  );
  f();
  await settle();
  return { during, released };
}

/** An object in a table refers to the instance that owns the table. */
async function cycle(): Promise<unknown> {
  const module = new WebAssembly.Module(
    (await import('../api/wat.js')).wat(
      `(module (import "m" "f" (func $f (param externref))) (table (export "t") 1 externref)
        (global (export "g") (mut externref) (ref.null extern))
        (func (export "set") (param externref) (table.set (i32.const 0) (local.get 0)) (call $f (local.get 0))))`,
    ),
  );
  for (let i = 0; i < count; i++) {
    const object = watched() as Any;
    const { exports } = new WebAssembly.Instance(module, { m: { f: (value: Any) => (value.seen = object) } });
    object.exports = exports;
    (exports as Any).set(object);
    (exports as Any).g.value = exports;
    if (i % 100 === 0) await turn();
  }
  await settle();
  const { storeGroups, nativeHeap, references } = engine.statistics();
  return { released, storeGroups, nativeHeap, live: references.live };
}

/** Calls that pass objects in both directions, without end: nothing grows. */
async function flat(): Promise<unknown> {
  const { f } = instantiate(
    engine,
    `(module (import "m" "h" (func $h (param externref externref) (result externref)))
      (table 8 externref) (global $last (mut externref) (ref.null extern))
      (func (export "f") (param i32 externref) (result externref)
        (table.set (i32.and (local.get 0) (i32.const 7)) (local.get 1))
        (global.set $last (call $h (local.get 1) (global.get $last)))
        (global.get $last)))`,
    { m: { h: (value: Any) => ({ from: value.i }) } },
  );
  const reports: number[][] = [];
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    if (f(i, { i }).from !== i) throw new Error('another object');
    if (i === Math.floor(count / 10) || i === count - 1) {
      gc();
      reports.push([process.memoryUsage().rss, process.memoryUsage().heapUsed, engine.statistics().nativeHeap]);
    }
  }
  return { reports, nanoseconds: ((performance.now() - start) * 1e6) / count, ...engine.statistics().references };
}

/** Each thread has an engine of its own: the same ids in all of them, and other objects behind them. */
async function workers(): Promise<unknown> {
  const files = Array.from({ length: 3 }, () => new Worker(new URL('./worker-child.js', import.meta.url)));
  return Promise.all(files.map((worker) => new Promise((resolve) => worker.on('message', resolve))));
}

const kinds: Record<string, () => Promise<unknown>> = { release, frame, cycle, flat, workers };
console.log(JSON.stringify(await kinds[kind]?.()));
