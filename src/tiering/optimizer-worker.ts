/**
 * The thread that optimizes functions: what `OptimizerThread` starts. It has no engine and none of an engine's memory; what becomes
 * of it is nothing to the program.
 */
import { setPriority } from 'node:os';
import { type MessagePort, workerData } from 'node:worker_threads';
import type { OptimizerTarget, Request } from './tier-up-messages.js';

const page = 65536;
/** About a third of the time that other threads get. */
const niceness = 5;

/**
 * The program goes first where processors are busy: on Linux a priority is a thread's own. Where the system does not allow it the thread
 * is as important as others.
 */
function stepBack(): void {
  try {
    setPriority(niceness);
  } catch {
    // A container may forbid the system call.
  }
}

async function serve({ port, target }: { port: MessagePort; target: OptimizerTarget }): Promise<void> {
  // Only now: most of what the thread ever does is reading and translating these.
  const { bufferOf, growBuffer, v8 } = await import('../support/v8.js');
  const { FunctionOptimizer } = await import('./function-optimizer.js');
  const { codeMemory } = target;
  // As large as the engine's code memory; only what is written to takes memory. Of a shared memory V8 counts no bytes.
  let scratch: ArrayBufferLike;
  if (v8 === undefined) scratch = new ArrayBuffer(codeMemory);
  else {
    const memory = new v8.Memory({ initial: 1, maximum: codeMemory / page, shared: true });
    growBuffer(memory, codeMemory / page - 1);
    scratch = bufferOf(memory);
  }
  const optimizer = new FunctionOptimizer(target, scratch);
  port.on('message', (request: Request) => {
    const answer = optimizer.answer(request);
    if (answer !== undefined) port.postMessage(answer);
  });
}

stepBack();
// What goes wrong here ends the thread, and the engine hears why.
void serve(workerData);
