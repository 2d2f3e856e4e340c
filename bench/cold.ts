/**
 * A cold process: import of the engine and a first module, then more modules. Its own program, so that nothing is
 * loaded before the clock starts. Arguments: engine, modules. Prints one line of JSON.
 */
import { readFileSync } from 'node:fs';
import type { WebAssemblyNamespace } from '../src/index.js';

export interface ColdTimes {
  /** Import of the package and compilation of the first module, in milliseconds. */
  readonly first: number;
  /** Of that, the import. */
  readonly import: number;
  /** The same as `first`, in processor time of all threads. */
  readonly firstCpu: number;
  /** Milliseconds that each of the other modules took. */
  readonly rest: readonly number[];
}

const [engine, ...paths] = process.argv.slice(2);
const modules = paths.map((path) => readFileSync(path));

const cpu = process.cpuUsage();
const start = performance.now();
const wasm: Pick<WebAssemblyNamespace, 'Module'> =
  engine === 'beamline' ? (await import('../src/index.js')).WebAssembly : Reflect.get(globalThis, 'WebAssembly');
const imported = performance.now();
const keep: object[] = [new wasm.Module(modules[0]!)];
const done = performance.now();
const { user, system } = process.cpuUsage(cpu);
const rest = modules.slice(1).map((bytes) => {
  const before = performance.now();
  keep.push(new wasm.Module(bytes));
  return performance.now() - before;
});
const times: ColdTimes = { first: done - start, import: imported - start, firstCpu: (user + system) / 1000, rest };
console.log(JSON.stringify(times));
