/** Run in a worker by worker.test.ts: an engine of its own, traps, host calls; then, if asked, wasm without end. */
import { parentPort, workerData } from 'node:worker_threads';
import { WebAssembly } from '../../src/index.js';
import { wat } from './wat.js';

const { exports } = new WebAssembly.Instance(
  new WebAssembly.Module(
    wat(`(module (import "m" "f" (func $f (param i32) (result i32)))
      (func (export "call") (param i32) (result i32) (call $f (local.get 0)))
      (func (export "trap") unreachable)
      (func $so (export "so") (call $so))
      (func (export "spin") (loop $l (br $l))))`),
  ),
  { m: { f: (x: number) => x * 2 } },
);
const messages: string[] = [];
for (const run of [exports['trap'], exports['so']]) {
  try {
    run();
  } catch (error) {
    messages.push((error as Error).message);
  }
}
parentPort?.postMessage({ result: exports['call'](workerData.value), messages });
if (workerData.spin) exports['spin']();
