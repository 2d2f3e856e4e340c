/** `process.exit()` never ended a process with a worker in wasm code, unless the main thread had compiled a module, too. */
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  console.log('ok');
  process.exit(0);
} else {
  const { WebAssembly, wat } = await import('./support.js');
  const bytes = await wat('(module (func (export "loop") (loop (br 0))))');
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  parentPort?.postMessage('ready');
  (exports as unknown as Record<string, () => void>)['loop']?.();
}
