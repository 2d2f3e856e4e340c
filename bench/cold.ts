/**
 * A cold process: import of the engine and a first module, then more modules. Its own program, so that nothing is
 * loaded before the clock starts. Arguments: engine, modules. Prints one line of JSON.
 */
import { readFileSync } from 'node:fs';
import type { WebAssemblyNamespace } from '../src/index.js';

/** Milliseconds of one step. */
export interface ColdStep {
  readonly wall: number;
  /**
   * Processor time of the thread that matters: the main thread for Beamline, whose helpers (V8's JIT) run beside it on an
   * idle machine; all threads for Liftoff, which compiles on another one.
   */
  readonly work: number;
}

export interface ColdTimes {
  /** Import of the package. */
  readonly import: ColdStep;
  /** Then compilation, module by module. */
  readonly modules: readonly ColdStep[];
}

const [engine, ...paths] = process.argv.slice(2);
const modules = paths.map((path) => readFileSync(path));

/** Processor time as `ColdStep.work` counts it; good to a few milliseconds, and needs no library. */
function workMs(): number {
  if (engine === 'beamline') return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

let wall = performance.now();
let work = workMs();

/** The time since the last step. */
function step(): ColdStep {
  const [wallBefore, workBefore] = [wall, work];
  wall = performance.now();
  work = workMs();
  return { wall: wall - wallBefore, work: work - workBefore };
}

/** What the published package loads. */
const bundle = new URL('../lib/index.js', import.meta.url).href;
const wasm: Pick<WebAssemblyNamespace, 'Module'> =
  engine === 'beamline' ? (await import(bundle)).WebAssembly : Reflect.get(globalThis, 'WebAssembly');
const imported = step();
const keep: object[] = [];
const steps = modules.map((bytes) => {
  keep.push(new wasm.Module(bytes));
  return step();
});
console.log(JSON.stringify({ import: imported, modules: steps } satisfies ColdTimes));
