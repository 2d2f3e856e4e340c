/**
 * An instance whose call the `timeout` of `vm` has ended was never freed: its group stayed the active one of its engine, to
 * which a finalizer of the group led.
 */
import vm from 'node:vm';
import { collectGarbage } from '../../../src/runtime/store/collect.js';
import { check, done, Engine, wat } from './support.js';

type Exports = Record<string, () => unknown>;

const bytes = await wat('(module (func (export "spin") (loop (br 0))))');

function endedBy(timeout: number, choose: (engine: Engine, exports: Exports) => unknown): WeakRef<object> {
  const engine = new Engine();
  const { Instance, Module } = engine.WebAssembly;
  const exports = new Instance(new Module(bytes)).exports as unknown as Exports;
  try {
    vm.runInNewContext('f()', { f: choose(engine, exports) }, { timeout });
  } catch (error) {
    check((error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT', `${error}`);
  }
  return new WeakRef(exports);
}

const calls: [string, (engine: Engine, exports: Exports) => unknown][] = [
  ['a call', (_, { spin }) => spin],
  ['a promising call', (engine, { spin }) => engine.WebAssembly.promising(spin!)],
  ['a program with time slices', (engine, { spin }) => engine.sliced(spin!, { sliceMs: 60_000 })],
];
for (const [what, choose] of calls) {
  const instances = Array.from({ length: 4 }, () => endedBy(10, choose));
  for (let i = 0; i < 6; i++) await collectGarbage();
  const kept = instances.filter((instance) => instance.deref() !== undefined).length;
  check(kept === 0, `${what}: ${kept} of 4 instances are kept`);
}
done();
