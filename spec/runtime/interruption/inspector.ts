/**
 * Another thread inspects this one while it is in an endless loop of wasm code: it looks, calls wasm, collects references
 * and ends the loop. Prints `ok`.
 */
import { Session } from 'node:inspector';
import { isMainThread, Worker } from 'node:worker_threads';
import { Engine } from '../../../src/index.js';
import { wat } from '../../api/wat.js';

const evaluations: [expression: string, value: unknown][] = [
  ['state', 'loops'],
  ['try { trap() } catch (error) { error.message }', 'unreachable'],
  // Enough references for collections: the loop holds one where it has no stack map.
  ['let sum = 0; for (let i = 0; i < 20000; i++) sum += identity({ i }).i; sum', 199990000],
  ['(({ live }) => live > 0 && live < 10)(engine.gc())', true],
  ['engine.withDeadline(5000, () => identity(7))', 7],
  ['stop()', 'stopped'],
];

if (isMainThread) {
  const engine = new Engine();
  const bytes = await wat(`(module (memory (export "memory") 1)
    (func (export "loop") (param externref) (result externref)
      (loop (br_if 0 (i32.eqz (i32.load (i32.const 0))))) (local.get 0))
    (func (export "identity") (param externref) (result externref) (local.get 0))
    (func (export "trap") unreachable))`);
  const { exports } = new engine.WebAssembly.Instance(new engine.WebAssembly.Module(bytes));
  const { memory, loop, identity, trap } = exports as unknown as {
    memory: { buffer: ArrayBuffer };
    loop(value: unknown): unknown;
    identity(value: unknown): unknown;
    trap(): void;
  };
  const stop = (): string => {
    new Int32Array(memory.buffer)[0] = 1;
    return 'stopped';
  };
  Object.assign(globalThis, { engine, identity, trap, stop, state: 'loops' });
  const failed = new Int32Array(new SharedArrayBuffer(4));
  new Worker(new URL(import.meta.url), { workerData: failed }).once('online', () => {
    const held = { held: 1 };
    const same = loop(held) === held;
    const { live } = engine.gc();
    console.log(same && live === 0 && failed[0] === 0 ? 'ok' : `${same} ${live} ${failed[0]}`);
    process.exit(0);
  });
} else {
  const { workerData } = await import('node:worker_threads');
  const session = new Session() as Session & { connectToMainThread(): void };
  session.connectToMainThread();
  // The answers alone keep no event loop going.
  setInterval(() => {}, 1000);
  // The main thread is in the loop by then.
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const [expression, expected] of evaluations) {
    const value = await new Promise((resolve) => {
      session.post('Runtime.evaluate', { expression, returnByValue: true }, (_, answer) =>
        resolve(answer?.result.value),
      );
    });
    if (value !== expected) (workerData as Int32Array)[0]! += 1;
  }
}
