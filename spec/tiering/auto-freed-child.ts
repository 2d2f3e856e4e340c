/** Modules come and go while functions of theirs are compiled in the background; at the end no code is left. Prints `freed`. */
import { setTimeout } from 'node:timers/promises';
import { Engine } from '../../src/index.js';
import { wat } from '../api/wat.js';

const engine = new Engine({ tier: 'auto', reuseCode: false });
const end = performance.now() + 60_000;

function run(k: number): void {
  const { Instance, Module } = engine.WebAssembly;
  const module = new Module(
    wat(`(module (func $body (param $n i32) (result i32) (local $i i32)
      (loop $l (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const ${k + 1}))) (local.get $n))))
      (local.get $i))
    (func (export "run") (param $k i32) (loop $l
      (drop (call $body (i32.const 100000)))
      (br_if $l (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))))`),
  );
  const exports = new Instance(module).exports as { run(k: number): void };
  const optimized = (): number => engine.statistics().tiering?.optimized ?? 0;
  const before = optimized();
  exports.run(1000 * (k + 1));
  // Some modules are there until a function of theirs has its new code, the others may go while it is made.
  while (k % 3 === 0 && optimized() === before && performance.now() < end) exports.run(1000);
}

const before = engine.statistics().codeMemory;
for (let k = 0; k < 12; k++) {
  run(k);
  gc?.();
  await setTimeout(5);
}
for (let i = 0; i < 100 && engine.statistics().modules > 0; i++) {
  gc?.();
  await setTimeout(20);
}
// The answer to the last question can still be on its way.
for (let i = 0; i < 100 && (engine.statistics().tiering?.waiting ?? 0) > 0; i++) await setTimeout(50);
const { codeMemory, modules, tiering } = engine.statistics();
if (modules !== 0) throw new Error(`${modules} modules are left`);
if ((tiering?.optimized ?? 0) === 0) throw new Error('nothing was optimized');
// Stubs stay.
if (codeMemory - before > 65536) throw new Error(`${codeMemory - before} bytes of code are left`);
console.log('freed');
