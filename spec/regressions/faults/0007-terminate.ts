/**
 * `worker.terminate()` never came back from a worker that was in wasm code.
 *
 * @runs loop
 * @runs calls
 * @runs nested
 * @runs fill
 */
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const text = `(module
  (import "m" "host" (func $host)) (import "m" "again" (func $again)) (memory 2048)
  (func (export "loop") (loop (br 0)))
  (func (export "calls") (loop (call $host) (br 0)))
  (func (export "nested") (loop (call $again) (br 0)))
  (func (export "fill") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 134217728)) (br 0))))`;

if (isMainThread) {
  // Nothing of the engine is in this thread.
  const worker = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
  await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  setTimeout(() => {
    console.log('FAULT: not terminated after 10 s');
    process.kill(process.pid, 'SIGKILL');
  }, 10_000).unref();
  await worker.terminate();
  console.log('ok');
} else {
  const { WebAssembly, wat } = await import('./support.js');
  type Functions = Record<string, () => void>;
  const m = { host: () => {}, again: () => (exports as unknown as Functions)['loop']?.() };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(await wat(text)), { m });
  parentPort?.postMessage('ready');
  (exports as unknown as Functions)[process.argv.at(-1) as string]?.();
  parentPort?.postMessage('ended');
}
