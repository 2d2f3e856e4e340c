/** Two threads optimize the same module, each for itself, then one runs until it is terminated. The process ends by itself. */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { Engine } from '../../src/index.js';
import { wat } from '../api/wat.js';

function program(): void {
  const engine = new Engine({ tier: 'auto' });
  const { Instance, Module } = engine.WebAssembly;
  const module = new Module(
    wat(`(module (func $body (param $n i32) (result i32) (local $i i32)
      (loop $l (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      (local.get $i))
    (func (export "run") (param $k i32) (loop $l
      (drop (call $body (i32.const 10000)))
      (br_if $l (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))))`),
  );
  const { run } = new Instance(module).exports as { run(k: number): void };
  while (engine.statistics().tiering?.optimized === 0) run(1000);
  parentPort?.postMessage('optimized');
  // Its engine's thread ends with it.
  run(0);
}

if (isMainThread) {
  const file = new URL(import.meta.url);
  const workers = [new Worker(file), new Worker(file)];
  for (const [message] of await Promise.all(workers.map((worker) => once(worker, 'message')))) console.log(message);
  const [first, second] = workers as [Worker, Worker];
  const code = await first.terminate();
  console.log(`terminated: ${code}`);
  await second.terminate();
} else program();
