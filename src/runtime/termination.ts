/**
 * Ending threads that run wasm code. V8 cannot stop native code: without help a worker that spins in it survives
 * `worker.terminate()`, and the process cannot exit.
 */
import { isMainThread, type Worker } from 'node:worker_threads';
import { Interrupt } from './layout.js';
import { interruptThreads } from './registry.js';

/** End a worker even if it runs wasm code; resolves to its exit code as `worker.terminate()` does. */
export async function terminateWorker(worker: Worker): Promise<number> {
  // A worker that has ended has the id -1.
  if (worker.threadId < 0) return worker.terminate();
  const interruption = interruptThreads(worker.threadId, Interrupt.forever);
  try {
    return await worker.terminate();
  } finally {
    interruption.stop();
  }
}

let hooked = false;

/** Make `process.exit` end all wasm code of other threads first. Only the main thread's exit ends the others. */
export function interruptAtExit(): void {
  if (hooked || !isMainThread) return;
  hooked = true;
  process.on('exit', () => {
    // The timers go on until the process is gone.
    interruptThreads(undefined, Interrupt.forever);
  });
}
