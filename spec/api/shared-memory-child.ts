/** Run in a worker by shared-memory.test.ts: an engine of its own on a memory that came by message. */
import { workerData } from 'node:worker_threads';
import { WebAssembly } from '../../src/index.js';

const { module, memory, task, argument } = workerData as {
  module: InstanceType<typeof WebAssembly.Module>;
  memory: InstanceType<typeof WebAssembly.Memory>;
  task: string;
  argument: number;
};
if (!(memory instanceof WebAssembly.Memory)) throw new Error('no instance of Memory');
const { exports } = new WebAssembly.Instance(module, { m: { m: memory } });
(exports[task] as (argument: number) => void)(argument);
