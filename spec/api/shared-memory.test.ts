/** Shared memories: the object, linking, growth, and several threads on one memory. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { Engine, type EngineOptions } from '../../src/index.js';
import { v8 } from '../support/engine.js';
import { wat } from './wat.js';

const { WebAssembly } = new Engine();
const child = new URL('./shared-memory-child.js', import.meta.url);

const program = wat(`(module (memory (import "m" "m") 1 100 shared)
  (func (export "count") (param i32)
    (loop $l
      (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 1)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "grow") (param i32)
    (loop $l
      (drop (memory.grow (i32.const 1)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  ;; Waits for a growth without leaving wasm, then uses what was added.
  (func (export "spin") (param i32) (result i32)
    (loop $l (br_if $l (i32.eqz (i32.atomic.load (i32.const 16)))))
    (memory.fill (i32.const 65536) (i32.const 7) (i32.const 65536))
    (i32.add (memory.size) (i32.load8_u (i32.const 131071))))
  (func (export "release") (param i32)
    (drop (memory.grow (local.get 0)))
    (i32.atomic.store (i32.const 16) (i32.const 1)))
  (func (export "wait") (param i32) (drop (memory.atomic.wait32 (i32.const 24) (i32.const 0) (i64.const -1))))
  (func (export "wake") (param i32)
    (loop $l (br_if $l (i32.eqz (memory.atomic.notify (i32.const 24) (i32.const 1))))))
  (func (export "size") (result i32) (memory.size)))`);

type Exports = Record<string, (argument?: number) => number>;

function run(
  memory: object,
  task: string,
  argument: number,
  module = new WebAssembly.Module(program),
): Promise<unknown> {
  const worker = new Worker(child, { workerData: { module, memory, task, argument } });
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', resolve);
  });
}

function instantiate(memory: object, engine = WebAssembly): Exports {
  return new engine.Instance(new engine.Module(program), { m: { m: memory } }).exports as unknown as Exports;
}

const descriptor = { initial: 1, maximum: 100, shared: true };

test('the object is as V8 has it', (t) => {
  const memory = new WebAssembly.Memory(descriptor);
  const before = memory.buffer;
  t.true((before as unknown) instanceof SharedArrayBuffer && Object.isFrozen(before));
  t.is(memory.buffer, before);
  t.is(memory.grow(2), 1);
  t.not(memory.buffer, before);
  t.deepEqual([before.byteLength, memory.buffer.byteLength], [65536, 3 * 65536]);
  t.throws(() => memory.grow(98), { instanceOf: RangeError, message: /Maximum memory size exceeded/ });
  t.throws(() => new WebAssembly.Memory({ initial: 1, shared: true }), {
    instanceOf: TypeError,
    message: 'WebAssembly.Memory(): If shared is true, maximum property should be defined.',
  });
});

test('what is shared on one side only is not linked', (t) => {
  const shared = new WebAssembly.Memory(descriptor);
  const own = new WebAssembly.Memory({ initial: 1, maximum: 100 });
  const plain = new WebAssembly.Module(wat('(module (memory (import "m" "m") 1 100))'));
  t.throws(() => instantiate(own), { message: /mismatch in shared state of memory, declared = 1, imported = 0$/ });
  t.throws(() => new WebAssembly.Instance(plain, { m: { m: shared } }), {
    message: /mismatch in shared state of memory, declared = 0, imported = 1$/,
  });
  t.is(instantiate(new v8.Memory(descriptor))['size']!(), 1);
});

const variants: Readonly<Record<string, EngineOptions>> = {
  'guard pages': {},
  'bounds checks': { bounds: 'check' },
  'other memories in mappings': { memory: 'mmap' },
  optimizing: { tier: 'optimizing' },
};

for (const [title, options] of Object.entries(variants)) {
  test.serial(`growth by another thread while wasm runs (${title})`, async (t) => {
    const engine = new Engine(options).WebAssembly;
    const memory = new engine.Memory(descriptor);
    const exports = instantiate(memory, engine);
    const other = run(memory, 'release', 3);
    t.is(exports['spin']!(), 4 + 7);
    t.is(exports['size']!(), 4);
    t.is(await other, 0);
    t.is(memory.buffer.byteLength, 4 * 65536);
  });
}

test.serial('counting and growing at once', async (t) => {
  const memory = new WebAssembly.Memory(descriptor);
  const exports = instantiate(memory);
  const others = [run(memory, 'count', 200_000), run(memory, 'grow', 30), run(memory, 'grow', 30)];
  exports['count']!(200_000);
  exports['grow']!(30);
  t.deepEqual(await Promise.all(others), [0, 0, 0]);
  t.is(new Int32Array(memory.buffer)[2], 400_000);
  t.is(exports['size']!(), 91);
});

test.serial('a wait ends by notify of wasm, by terminate, by a deadline', async (t) => {
  const engine = new Engine();
  const memory = new engine.WebAssembly.Memory(descriptor);
  const exports = instantiate(memory, engine.WebAssembly);
  const waiting = run(memory, 'wait', 0);
  exports['wake']!(0);
  t.is(await waiting, 0);

  const module = new WebAssembly.Module(program);
  const worker = new Worker(child, { workerData: { module, memory, task: 'wait', argument: 0 } });
  await once(worker, 'online');
  await new Promise((resolve) => setTimeout(resolve, 500));
  t.is(await worker.terminate(), 1);

  const error = t.throws(() => engine.withDeadline(100, () => exports['wait']!(0)));
  t.regex(error?.message ?? '', /interrupted/);
});
