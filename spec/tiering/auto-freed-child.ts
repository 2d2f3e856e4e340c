/** Modules come and go while functions of theirs are compiled in the background; at the end no code is left. Prints `freed`. */
import { setTimeout } from 'node:timers/promises';
import { Engine } from '../../src/index.js';
import { wat } from '../api/wat.js';

const engine = new Engine({ tier: 'auto', reuseCode: false });

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
  (new Instance(module).exports as { run(k: number): void }).run(3000 / (k + 1));
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
