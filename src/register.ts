/**
 * `node --import beamline/register app.js`: the global `WebAssembly` is the default engine's, in this thread, and through
 * inherited options in workers and child processes. Options come from the environment (register/environment.ts).
 */

import { syncBuiltinESMExports } from 'node:module';
import { coverContexts } from './register/contexts.js';
import { delegate } from './register/delegate.js';
import { optionsFromEnvironment } from './register/environment.js';
import { hideSourceText } from './register/function-text.js';
import { coverWorkers } from './register/workers.js';
import { configureDefaultEngine, defaultEngine } from './runtime/api/default-engine.js';
import { exportedIndex } from './runtime/api/exported-function.js';

type Global = { WebAssembly: Parameters<typeof delegate>[1] | undefined };

const options = optionsFromEnvironment(process.env);
if (Object.keys(options).length > 0) configureDefaultEngine(options);
const namespace = defaultEngine().WebAssembly;
// Undefined under --jitless: then nothing is left to V8, in contexts neither.
const ofV8 = (globalThis as unknown as Global).WebAssembly;
if (ofV8 !== undefined) {
  delegate(namespace, ofV8);
  coverContexts(namespace);
  // Node 20 and 22 load `import './module.wasm'` through the namespace that they saw at their start, newer ones through the
  // global.
  if (Number.parseInt(process.versions.node, 10) < 24) {
    const { Module, Instance, compile } = namespace;
    Object.assign(ofV8, { Module, Instance, compile });
  }
}
hideSourceText(namespace, exportedIndex);
Object.defineProperty(globalThis, 'WebAssembly', {
  value: namespace,
  writable: true,
  enumerable: false,
  configurable: true,
});
coverWorkers(import.meta.url);
syncBuiltinESMExports();
