/**
 * `node --import beamline/register app.js`: the global `WebAssembly` is the default engine's, in this thread, and through
 * inherited options in workers and child processes. Options come from the environment (register/environment.ts).
 */

import { delegate } from './register/delegate.js';
import { optionsFromEnvironment } from './register/environment.js';
import { hideSourceText } from './register/function-text.js';
import { configureDefaultEngine, defaultEngine } from './runtime/default-engine.js';
import { exportedIndex } from './runtime/exported-function.js';

type Global = { WebAssembly: Parameters<typeof delegate>[1] };

const options = optionsFromEnvironment(process.env);
if (Object.keys(options).length > 0) configureDefaultEngine(options);
const namespace = defaultEngine().WebAssembly;
delegate(namespace, (globalThis as unknown as Global).WebAssembly);
hideSourceText(namespace, exportedIndex);
Object.defineProperty(globalThis, 'WebAssembly', {
  value: namespace,
  writable: true,
  enumerable: false,
  configurable: true,
});
