/** Run in a child process by lifetime.test.ts: makes and drops many instances, prints what is left. */
import { setImmediate as turn } from 'node:timers/promises';
import { Engine } from '../../src/index.js';
import { wat } from './wat.js';

// biome-ignore lint/suspicious/noExplicitAny: exports of test modules.
type Any = any;

const [kind = 'cycle', countText = '20000', memory = 'v8'] = process.argv.slice(2);
const count = Number(countText);
const gc = (globalThis as { gc?: () => void }).gc;
const engine = new Engine({ memory: memory as 'v8' | 'mmap', reuseCode: false });
const { WebAssembly } = engine;

const plain = wat(`(module (import "m" "f" (func $f (param i32) (result i32)))
  (table (export "t") 2 funcref) (elem (i32.const 0) $g)
  (global (export "n") (mut i32) (i32.const 0))
  (func $g (export "g") (param i32) (result i32) (call $f (local.get 0))))`);
const withMemory = wat(`(module (import "m" "f" (func $f (param i32) (result i32))) (memory (export "m") 1)
  (func (export "g") (param i32) (result i32) (i32.store (i32.const 0) (local.get 0)) (call $f (i32.load (i32.const 0)))))`);
const shared = new WebAssembly.Module(plain);
const sharedWithMemory = new WebAssembly.Module(withMemory);

/** The pattern of wasm-bindgen: imports are closures over the exports. */
function cycle(i: number): void {
  let exports: Any;
  const imports = { m: { f: (x: number) => (exports === undefined ? 0 : x + 1) } };
  const module =
    kind === 'modules'
      ? new WebAssembly.Module(plain)
      : kind === 'memory' && (i % 4 === 0 || memory === 'mmap')
        ? sharedWithMemory
        : shared;
  exports = new WebAssembly.Instance(module, imports).exports;
  if (exports.g(i) !== i + 1) throw new Error('wrong result');
  if (exports.t !== undefined && exports.t.get(0) !== exports.g) throw new Error('wrong table');
}

const library: Any = new WebAssembly.Instance(
  new WebAssembly.Module(
    wat(`(module (import "m" "h" (func $h (param i32) (result i32))) (memory (export "m") 1)
      (global (export "g") (mut i32) (i32.const 5))
      (func (export "f") (param i32) (result i32) (call $h (local.get 0))))`),
  ),
  { m: { h: (x: number) => 3 * x } },
).exports;
const userModule = new WebAssembly.Module(
  wat(`(module (import "l" "f" (func $f (param i32) (result i32))) (import "l" "g" (global $g (mut i32)))
    (import "l" "m" (memory 1))
    (func (export "f") (param i32) (result i32)
      (i32.store (i32.const 0) (local.get 0)) (i32.add (global.get $g) (call $f (local.get 0)))))`),
);

/** Many short-lived users of one instance. */
function useLibrary(i: number): void {
  const { exports } = new WebAssembly.Instance(userModule, { l: library });
  if (exports['f'](i) !== 3 * i + 5) throw new Error('wrong result');
}

function report(label: string): void {
  const { rss, heapUsed, external } = process.memoryUsage();
  console.log(JSON.stringify({ label, rss, heapUsed, external, ...engine.statistics() }));
}

async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) {
    gc?.();
    await turn();
  }
}

const step = kind === 'sync' ? count : 100;
for (let i = 0; i < count; ) {
  for (const end = i + step; i < end && i < count; i++) kind === 'library' ? useLibrary(i) : cycle(i);
  if (kind !== 'sync') await turn();
  if (i === count / 4) {
    await settle();
    report('quarter');
  }
}
await settle();
report('end');
