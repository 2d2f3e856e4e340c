import { parentPort, workerData } from 'node:worker_threads';
import { WebAssembly } from '../../src/index.js';
import { defaultEngine } from '../../src/runtime/api/default-engine.js';
import type { Module } from '../../src/runtime/webidl/api-types.js';
import { answersOf, rich } from './shared-code-module.js';

const { job, module } = workerData as { job: 'answer' | 'send'; module: Module };

if (job === 'answer') {
  const engine = defaultEngine();
  const answers = answersOf(module, engine);
  parentPort?.postMessage({ answers, modulesShared: engine.statistics().modulesShared });
} else {
  parentPort?.postMessage(new WebAssembly.Module(rich));
  setInterval(() => {}, 1000);
}
