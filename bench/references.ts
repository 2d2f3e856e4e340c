/**
 * References of the host in numbers: what stores cost without counts, and what they would cost with counts that
 * machine code keeps in memory; pauses of the collector; calls that pass objects, beside V8.
 *
 *   node dist/bench/references.js
 */
import { wat } from '../spec/api/wat.js';
import { v8 } from '../spec/support/engine.js';
import { Engine } from '../src/index.js';

// biome-ignore lint/suspicious/noExplicitAny: exports of the module below.
type Any = any;

const size = 10_000;

/** `counted*`: the same stores, and an increment of the new id's count and a decrement of the old one's. */
const source = `(module (import "m" "h" (func $h (param externref))) (import "m" "gc" (func $gc)) (memory 64)
  (table $a (export "a") ${size} externref) (table $b (export "b") ${size} externref)
  (func (export "set") (param $n i32) (param $v externref) (local $i i32)
    (loop $l
      (table.set $a (local.get $i) (local.get $v))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))))
  (func (export "prepare") (local $i i32)
    (loop $l
      (i32.store offset=65536 (i32.shl (local.get $i) (i32.const 2)) (i32.add (local.get $i) (i32.const 1)))
      (i32.store offset=131072 (i32.shl (local.get $i) (i32.const 2)) (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${size})))))
  (func (export "countedSet") (param $n i32) (param $v externref) (param $id i32) (local $i i32) (local $at i32)
    (loop $l
      (local.set $at (i32.shl (local.get $id) (i32.const 2)))
      (if (local.get $id) (then (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 1)))))
      (local.set $at (i32.shl (i32.load offset=65536 (i32.shl (local.get $i) (i32.const 2))) (i32.const 2)))
      (if (local.get $at) (then (i32.store (local.get $at) (i32.sub (i32.load (local.get $at)) (i32.const 1)))))
      (table.set $a (local.get $i) (local.get $v))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))))
  (func (export "copy") (param $n i32) (table.copy $a $b (i32.const 0) (i32.const 0) (local.get $n)))
  (func (export "countedCopy") (param $n i32) (local $i i32) (local $at i32)
    (loop $l
      (local.set $at (i32.shl (i32.load offset=65536 (i32.shl (local.get $i) (i32.const 2))) (i32.const 2)))
      (if (local.get $at) (then (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 1)))))
      (local.set $at (i32.shl (i32.load offset=131072 (i32.shl (local.get $i) (i32.const 2))) (i32.const 2)))
      (if (local.get $at) (then (i32.store (local.get $at) (i32.sub (i32.load (local.get $at)) (i32.const 1)))))
      (table.set $a (local.get $i) (table.get $b (local.get $i)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))))
  (func (export "pass") (param externref) (result externref) (local.get 0))
  (func (export "out") (param externref) (call $h (local.get 0)))
  (func $deep (export "deep") (param i32 externref)
    (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)) (local.get 1))) (else (call $gc)))
    (call $h (local.get 1))))`;

/** Best of several runs, in nanoseconds per operation. */
function best(operations: number, run: () => void): string {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 12; i++) {
    const start = performance.now();
    run();
    least = Math.min(least, performance.now() - start);
  }
  return `${((least * 1e6) / operations).toFixed(2)} ns`;
}

function instantiate(namespace: Any, bytes: Uint8Array, gc: () => void): Any {
  return new namespace.Instance(new namespace.Module(bytes), { m: { h: () => {}, gc } }).exports;
}

const bytes = wat(source);
const engine = new Engine();
let pause = 0;
const own = instantiate(engine.WebAssembly, bytes, () => {
  pause = engine.gc().pauseMs;
});
const theirs = instantiate(v8, bytes, () => {});
const value = {};
// Ids of the old elements, for the counts.
own.prepare();

console.log('stores, per element');
console.log(`  table.set                 ${best(size, () => own.set(size, value))}`);
console.log(`  table.set with counts     ${best(size, () => own.countedSet(size, value, 77))}`);
console.log(`  table.copy                ${best(size, () => own.copy(size))}`);
console.log(`  table.copy with counts    ${best(size, () => own.countedCopy(size))}`);

console.log('calls that pass an object');
const calls = 200_000;
const objects = Array.from({ length: 1024 }, (_, i) => ({ i }));
for (const [name, exports] of [
  ['Beamline', own],
  ['V8', theirs],
] as const) {
  const pass = best(calls, () => {
    for (let i = 0; i < calls; i++) exports.pass(objects[i & 1023]);
  });
  const out = best(calls, () => {
    for (let i = 0; i < calls; i++) exports.out(objects[i & 1023]);
  });
  console.log(`  ${name.padEnd(10)} in and back ${pass}, in and out to a host function ${out}`);
}

console.log('pauses of the collector');
const { WebAssembly } = engine;
for (const live of [1000, 10_000, 100_000, 1_000_000]) {
  const table = new WebAssembly.Table({ element: 'externref', initial: live }, null);
  for (let i = 0; i < live; i++) table.set(i, objects[i & 1023]);
  engine.gc();
  console.log(`  ${live} values in a table of that size: ${engine.gc().pauseMs.toFixed(2)} ms`);
  for (let i = 0; i < live; i++) table.set(i, null);
  console.log(`  all of them released: ${engine.gc().pauseMs.toFixed(2)} ms`);
}
for (const depth of [1000, 10_000, 100_000]) {
  own.deep(depth, value);
  own.deep(depth, value);
  console.log(`  ${depth} frames with a reference each: ${pause.toFixed(2)} ms`);
}
