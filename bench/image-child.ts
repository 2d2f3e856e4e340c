/**
 * A fresh process that has its module from a code image, or from V8. Arguments: peer, module, image, its hash, imports as JSON.
 * Prints milliseconds of processor time of all threads: until the instance is there, and of the first call.
 */
import { readFileSync } from 'node:fs';
import type { WebAssemblyNamespace } from '../src/index.js';
import type { StubImport } from './fresh-child.js';

/** `image`: from its image; `compiled`: by Beamline; `lazy`: V8 as it comes; `liftoff`: V8's baseline compiler, eagerly. */
export type ImagePeer = 'image' | 'compiled' | 'lazy' | 'liftoff';

export interface ImageTimes {
  readonly instance: number;
  readonly call: number;
}

const [peer, path, imagePath, hash, imports] = process.argv.slice(2) as [ImagePeer, string, string, string, string];

function stubs(wasm: WebAssemblyNamespace): Record<string, Record<string, unknown>> {
  const made: Record<string, Record<string, unknown>> = {};
  for (const { module, name, kind, initial, maximum, element, type, mutable } of JSON.parse(imports) as StubImport[]) {
    const limits = { initial: initial ?? 0, ...(maximum !== undefined && { maximum }) };
    made[module] ??= {};
    if (kind === 'function') made[module][name] = () => 0;
    else if (kind === 'memory') made[module][name] = new wasm.Memory(limits);
    else if (kind === 'table') made[module][name] = new wasm.Table({ ...limits, element } as never);
    else made[module][name] = new wasm.Global({ value: type, mutable } as never, kind === 'global' ? 0 : undefined);
  }
  return made;
}

function processMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

type Exports = Readonly<Record<string, unknown>>;
let wasm: WebAssemblyNamespace = Reflect.get(globalThis, 'WebAssembly');
let instantiate = (given: object): Exports =>
  new wasm.Instance(new wasm.Module(readFileSync(path)), given as never).exports;
if (peer === 'image' || peer === 'compiled') {
  const [{ EngineState }, { createNamespace }, { resolveOptions }, { instantiateImage }] = await Promise.all([
    import('../src/runtime/api/engine-state.js'),
    import('../src/runtime/api/namespace.js'),
    import('../src/runtime/api/options.js'),
    import('../src/runtime/image/load.js'),
  ]);
  const engine = new EngineState(resolveOptions({}));
  wasm = createNamespace(engine);
  // What the engine needs in any case is there before.
  engine.machine.cpu;
  engine.memoryPlan.bounds;
  if (peer === 'image') instantiate = (given) => instantiateImage(engine, readFileSync(imagePath), hash, given);
}
const given = stubs(wasm);
const start = processMs();
const exports = instantiate(given);
const there = processMs();
const first = Object.values(exports).find((value) => typeof value === 'function' && value.length === 0);
try {
  (first as (() => unknown) | undefined)?.();
} catch {
  // Imports that do nothing can make a program trap; it does so in each engine.
}
const end = processMs();
process.stdout.write(`${JSON.stringify({ instance: there - start, call: end - there } satisfies ImageTimes)}\n`);
