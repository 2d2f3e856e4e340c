/** Modules of the package's own, which run beside those of programs. */
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { baselineCpu } from '../../src/backends/x64/cpu.js';
import { Engine } from '../../src/index.js';
import { imageHash } from '../../src/runtime/image/check.js';
import { makeImage } from '../../src/runtime/image/maker.js';
import { isUnderDeadline, OwnEngine } from '../../src/runtime/image/own-engine.js';
import { wat } from '../api/wat.js';

/** Counts in its memory, which it can let grow, and calls what it is given. */
const counter = wat(`
  (import "env" "memory" (memory 1 100))
  (import "host" "report" (func $report (param i32) (result i32)))
  (global $calls (mut i32) (i32.const 0))
  (func $next (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store (i32.const 8) (global.get $calls))
    (global.get $calls))
  (func (export "next") (result i32) (call $next))
  (func (export "report") (result i32) (call $report (call $next)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "poke") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "stop") (unreachable))
  (func (export "spin") (param i64) (loop
    (br_if 0 (i64.ne (i64.const 0) (local.tee 0 (i64.sub (local.get 0) (i64.const 1)))))))`);
const image = makeImage(counter, { cpu: baselineCpu, bounds: 'guard', linked: true });
const stackSize = 1 << 20;
const open = () => new OwnEngine(image.slice(), imageHash(image), counter, stackSize);

type Exports = Record<string, (...args: (number | bigint)[]) => number>;
function instanceOf(own: OwnEngine, report: (n: number) => number = (n) => n) {
  const memory = own.newMemory(1, 100);
  return { memory, exports: own.instantiate({ env: { memory }, host: { report } }) as unknown as Exports };
}

test('instances with memories of their own; growth, host functions, errors', (t) => {
  const own = open();
  const [one, two] = [instanceOf(own), instanceOf(own, (n) => 100 * n)];
  t.deepEqual([one.exports['next']?.(), one.exports['next']?.(), two.exports['report']?.()], [1, 2, 100]);
  t.deepEqual(
    [one, two].map(({ memory }) => new Int32Array(memory.buffer)[2]),
    [2, 1],
  );
  t.throws(() => one.exports['poke']?.(0x20000, 7), { message: 'memory access out of bounds' });
  t.is(one.exports['grow']?.(2), 1);
  one.exports['poke']?.(0x20000, 7);
  t.is(new Int32Array(one.memory.buffer)[0x8000], 7);
  t.is(one.memory.buffer.byteLength, 3 * 65536);
  t.is(one.exports['grow']?.(1000), -1);
  t.throws(() => one.exports['stop']?.(), { message: 'unreachable' });
  const failing = instanceOf(own, () => {
    throw new RangeError('enough');
  });
  t.throws(() => failing.exports['report']?.(), { instanceOf: RangeError, message: 'enough' });
  t.is(failing.exports['next']?.(), 2);
});

test('engines of programs do not notice', (t) => {
  const engine = new Engine({ bounds: 'check', cpu: 'sse4.1', debug: { gcStress: true, smallWorld: true } });
  const { WebAssembly } = engine;
  const bytes = wat('(import "" "f" (func $f (result i32))) (func (export "g") (result i32) (call $f))');
  const own = instanceOf(open());
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  const before = engine.statistics();
  // In the middle of the program's wasm.
  const { g } = new WebAssembly.Instance(module, { '': { f: () => own.exports['report']?.() } }).exports as unknown as {
    g: () => number;
  };
  t.deepEqual([g(), g()], [1, 2]);
  const { modules, codeMemory } = engine.statistics();
  t.is(modules, before.modules);
  t.true(codeMemory - before.codeMemory < 4096);
  engine.dispose();
  t.is(own.exports['next']?.(), 3);
});

test('a deadline of the program would end it: who asks knows', (t) => {
  const engine = new Engine();
  const own = instanceOf(open());
  t.false(isUnderDeadline());
  engine.withDeadline(10_000, () => {
    t.true(isUnderDeadline());
    engine.withDeadline(20_000, () => t.true(isUnderDeadline()));
    t.true(isUnderDeadline());
  });
  t.false(isUnderDeadline());
  engine.withDeadline(20, () => {
    t.throws(() => own.exports['spin']?.(2n ** 62n), { message: /interrupted/ });
    t.true(isUnderDeadline());
  });
  t.false(isUnderDeadline());
  t.is(own.exports['next']?.(), 1);
});

test('each thread has its own', async (t) => {
  const program = `
    import { workerData, parentPort } from 'node:worker_threads';
    const { OwnEngine } = await import(workerData.url);
    const own = new OwnEngine(workerData.image, workerData.hash, workerData.counter, ${stackSize});
    const memory = own.newMemory(1, 100);
    const { next } = own.instantiate({ env: { memory }, host: { report: (n) => n } });
    for (let i = 0; i < 1000; i++) next();
    parentPort.postMessage(next());`;
  const url = new URL('../../src/runtime/image/own-engine.js', import.meta.url).href;
  const workerData = { url, image, hash: imageHash(image), counter };
  const own = instanceOf(open());
  const answers = [1, 2].map(async () => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`), { workerData });
    return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  });
  t.is(own.exports['next']?.(), 1);
  t.deepEqual(await Promise.all(answers), [1001, 1001]);
  t.is(own.exports['next']?.(), 2);
});

test('an image that is not the one of the package is refused', (t) => {
  t.throws(() => new OwnEngine(image, '0'.repeat(64), counter, stackSize), { message: /another one than expected/ });
  const changed = counter.slice();
  changed[changed.length - 3] = (changed[changed.length - 3] as number) ^ 1;
  t.throws(() => new OwnEngine(image, imageHash(image), changed, stackSize), { message: /made from another module/ });
});
