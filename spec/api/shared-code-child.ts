import { parentPort, workerData } from 'node:worker_threads';
import { WebAssembly } from '../../src/index.js';
import { defaultEngine } from '../../src/runtime/api/default-engine.js';
import type { Module } from '../../src/runtime/webidl/api-types.js';
import { answersOf } from './shared-code-module.js';

const { job, module, bytes } = workerData as {
  job: 'answer' | 'compile' | 'send';
  module: Module;
  bytes: Uint8Array;
};

if (job !== 'send') {
  const engine = defaultEngine();
  const answers = answersOf(job === 'answer' ? module : new WebAssembly.Module(bytes), engine);
  parentPort?.postMessage({ answers, modulesShared: engine.statistics().modulesShared });
} else {
  parentPort?.postMessage(new WebAssembly.Module(bytes));
  setInterval(() => {}, 1000);
}
