/**
 * A fresh process as users start it: the package is imported, a module compiled, instantiated with imports that do nothing, and
 * an export called. Its own program, so that nothing is loaded before. Arguments: engine, task, module, imports as JSON.
 * Prints one line of JSON when the process ends.
 */
import { readFileSync } from 'node:fs';
import type { WebAssemblyNamespace } from '../src/index.js';

/** `nothing`: Node's own start. */
export type FreshTask = 'nothing' | 'import' | 'compile' | 'run';

/** What one process took, in milliseconds. */
export interface FreshTimes {
  /** Processor time of all threads, from the start of the process to its end. */
  readonly total: number;
  /** Wall time of the first instantiation; 0 without one. */
  readonly instantiate: number;
}

/** An import that can be made without knowing the program. */
export interface StubImport {
  readonly module: string;
  readonly name: string;
  readonly kind: 'function' | 'memory' | 'table' | 'global' | 'externref global' | 'bigint global';
  readonly initial?: number;
  readonly maximum?: number;
  readonly element?: string;
  readonly type?: string;
  readonly mutable?: boolean;
}

const [engine, task, path, imports] = process.argv.slice(2) as [string, FreshTask, string, string];

function stubs(wasm: WebAssemblyNamespace): Record<string, Record<string, unknown>> {
  const made: Record<string, Record<string, unknown>> = {};
  for (const { module, name, kind, initial, maximum, element, type, mutable } of JSON.parse(imports) as StubImport[]) {
    made[module] ??= {};
    const limits = { initial: initial ?? 0, ...(maximum !== undefined && { maximum }) };
    if (kind === 'function') made[module][name] = () => 0;
    else if (kind === 'memory') made[module][name] = new wasm.Memory(limits);
    else if (kind === 'table') made[module][name] = new wasm.Table({ ...limits, element } as never);
    else {
      const value = kind === 'bigint global' ? 0n : kind === 'externref global' ? null : 0;
      made[module][name] = new wasm.Global({ value: type, mutable } as never, value);
    }
  }
  return made;
}

let instantiate = 0;
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${JSON.stringify({ total: (user + system) / 1000, instantiate } satisfies FreshTimes)}\n`);
});

if (task !== 'nothing') {
  const bundle = new URL('../lib/index.js', import.meta.url).href;
  const wasm: WebAssemblyNamespace =
    engine === 'beamline' ? (await import(bundle)).WebAssembly : Reflect.get(globalThis, 'WebAssembly');
  if (task !== 'import') {
    const module = new wasm.Module(readFileSync(path));
    if (task === 'run') {
      const given = stubs(wasm);
      const start = performance.now();
      const { exports } = new wasm.Instance(module, given as never);
      instantiate = performance.now() - start;
      const first = Object.values(exports).find((value) => typeof value === 'function' && value.length === 0);
      try {
        (first as (() => unknown) | undefined)?.();
      } catch {
        // Imports that do nothing can make a program trap; it does so in each engine.
      }
    }
  }
}
