/**
 * Timeouts of `vm` at random moments of all that the engine does for a program: making instances, calls in both directions,
 * growing, traps, tables. What comes after them must work. Prints `ok`.
 *
 *     node dist/spec/runtime/interruption/timeouts.js [milliseconds]
 */
import vm from 'node:vm';
import { Engine } from '../../../src/index.js';
import { wat } from '../../api/wat.js';

type Exports = Record<string, (x?: number) => number> & { table: { get(i: number): () => number } };

const bytes = await wat(`(module (import "m" "f" (func $f (param i32) (result i32)))
  (memory (export "memory") 1 100) (table (export "table") 1 1000 funcref) (elem (i32.const 0) $load)
  (func (export "sum") (param i32) (result i32) (local i32)
    (loop
      (local.set 1 (i32.add (local.get 1) (call $f (local.get 0))))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "grow") (result i32) (table.grow (ref.null func) (i32.const 1)) (memory.grow (i32.const 1)) (i32.add))
  (func (export "store") (i32.store (i32.const 0) (i32.const 77)))
  (func $load (export "load") (result i32) (i32.load (i32.const 0)))
  (func (export "trap") unreachable)
  ${Array.from({ length: 200 }, (_, i) => `(func (result i32) (i32.const ${i}) (i32.const 1) (i32.add))`).join('\n')})`);

const engine = new Engine();
const { Instance, Module } = engine.WebAssembly;

function check(value: unknown, expected: unknown): void {
  if (value !== expected) throw new Error(`${value} instead of ${expected}`);
}

function work(): void {
  const exports = new Instance(new Module(bytes), { m: { f: (x: number) => x } }).exports as unknown as Exports;
  check(exports['sum']?.(100), 5050);
  check(exports['grow']?.(), 2);
  exports['store']?.();
  check(exports['load']?.(), 77);
  check(exports.table.get(0)(), 77);
  let message = '';
  try {
    exports['trap']?.();
  } catch (error) {
    message = (error as Error).message;
  }
  check(message, 'unreachable');
}

const end = performance.now() + Number(process.argv[2] ?? 30_000);
let ended = 0;
for (let i = 0; performance.now() < end; i++) {
  const loop = (): void => {
    for (;;) work();
  };
  try {
    vm.runInNewContext('loop()', { loop }, { timeout: 1 + (i % 25) });
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    ended++;
  }
  // Modules that were dropped are freed when the event loop turns.
  if (i % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
}
work();
console.log(ended > 10 ? 'ok' : `${ended} timeouts`);
