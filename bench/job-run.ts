/** Jobs of bench/run.ts and bench/fib.ts: load a kernel, run it. */
import { readFileSync } from 'node:fs';
import type { WebAssemblyNamespace } from '../src/index.js';
import { threadMs } from './clock.js';
import type { Run } from './native.js';

const kernels = new Map<string, (n: number) => number>();

/** Compile and instantiate a module that exports `run`. */
export function load(wasm: WebAssemblyNamespace, { name, path }: { name: string; path: string }): void {
  const instance = new wasm.Instance(new wasm.Module(readFileSync(path)));
  kernels.set(name, instance.exports.run as (n: number) => number);
}

/** Call `run(n)` once. */
export function run(_wasm: WebAssemblyNamespace, { name, n }: { name: string; n: number }): Run {
  const kernel = kernels.get(name);
  if (kernel === undefined) throw new Error(`kernel ${name} is not loaded`);
  const start = threadMs();
  const result = kernel(n);
  return { ms: threadMs() - start, result: result >>> 0 };
}
