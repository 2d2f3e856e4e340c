/**
 * The thread that optimizes functions: what `OptimizerThread` starts. It has no engine and none of an engine's memory; what becomes
 * of it is nothing to the program.
 */
import { type MessagePort, workerData } from 'node:worker_threads';
import { bufferOf, growBuffer, v8 } from '../support/v8.js';
import { FunctionOptimizer } from './function-optimizer.js';
import type { OptimizerTarget, Request } from './tier-up-messages.js';

const page = 65536;

/** As large as the engine's code memory; only what is written to takes memory. Of a shared memory V8 counts no bytes. */
function scratch(bytes: number): ArrayBufferLike {
  if (v8 === undefined) return new ArrayBuffer(bytes);
  const pages = bytes / page;
  const memory = new v8.Memory({ initial: 1, maximum: pages, shared: true });
  growBuffer(memory, pages - 1);
  return bufferOf(memory);
}

const { port, target } = workerData as { port: MessagePort; target: OptimizerTarget };
const optimizer = new FunctionOptimizer(target, scratch(target.codeMemory));
port.on('message', (request: Request) => {
  const answer = optimizer.answer(request);
  if (answer !== undefined) port.postMessage(answer);
});
