/** Jobs of bench/calls.ts: calls between JS and wasm, timed by the `benchmark` package. */
import Benchmark from 'benchmark';
import wabt from 'wabt';
import type { WebAssemblyNamespace } from '../src/index.js';

/** Calls from wasm are made in a loop in wasm, so that the entry does not count: this many per entry. */
const callsPerEntry = 1000;

const loop = (name: string, call: string): string => `(func (export "${name}") (param i32) (local $s i32)
  (loop $l
    (local.set $s ${call})
    (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))`;

/** Loops of calls through a table: eight functions of the instance, then two of another one. */
const indirectSource = `(module
  (type $f (func (param i32) (result i32)))
  (import "m" "table" (table 10 funcref))
  (import "m" "a" (func $import (type $f)))
  (import "m" "invoke" (func $invoke (param i32 i32) (result i32)))
  (memory 1)
  ${Array.from({ length: 8 }, (_, i) => `(func $f${i} (type $f) (i32.add (local.get 0) (i32.const ${i + 1})))`).join('\n')}
  (elem (i32.const 0) ${Array.from({ length: 8 }, (_, i) => `$f${i}`).join(' ')})
  ${loop('indirectOne', '(call_indirect (type $f) (local.get $s) (i32.const 0))')}
  ${loop('indirectEight', '(call_indirect (type $f) (local.get $s) (i32.and (local.get 0) (i32.const 7)))')}
  ${loop('indirectAcross', '(call_indirect (type $f) (local.get $s) (i32.add (i32.const 8) (i32.and (local.get 0) (i32.const 1))))')}
  ${loop('importWasm', '(call $import (local.get $s))')}
  ${loop('invoke', '(call $invoke (i32.and (local.get 0) (i32.const 7)) (local.get $s))')})`;

/** The other instance: its functions use its own memory and global. */
const otherSource = `(module
  (import "m" "table" (table 10 funcref))
  (memory 1) (global $g i32 (i32.const 7))
  (func $a (export "a") (param i32) (result i32) (i32.add (i32.load offset=64 (i32.and (local.get 0) (i32.const 1020))) (local.get 0)))
  (func $b (param i32) (result i32) (i32.add (global.get $g) (local.get 0)))
  (elem (i32.const 8) $a $b))`;

const source = `(module
  (import "m" "none" (func $none))
  (import "m" "i32" (func $i32 (param i32) (result i32)))
  (import "m" "mixed" (func $mixed (param i32 f64) (result f64)))
  (import "m" "i64" (func $i64 (param i64) (result i64)))
  (import "m" "eight" (func $eight (param i32 f64 f32 i64 i32 f64 f32 i64) (result f64)))
  (memory 1)
  (func (export "none"))
  (func (export "i32") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "f64") (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1)))
  (func (export "i64") (param i64) (result i64) (local.get 0))
  (func (export "five") (param i32 i32 i32 i32 i32) (result i32) (local.get 4))
  (func (export "eight") (param i32 f64 f32 i64 i32 f64 f32 i64) (result f64) (local.get 5))
  (func (export "trapLoad") (result i32) (i32.load (i32.const -4)))
  (func (export "trapUnreachable") unreachable)
  (func (export "trapDivide") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
  (func (export "hostNone") (param i32)
    (loop $l (call $none) (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "hostI32") (param i32)
    (loop $l (drop (call $i32 (local.get 0))) (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "hostMixed") (param i32)
    (loop $l (drop (call $mixed (local.get 0) (f64.const 2.5)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "hostI64") (param i32)
    (loop $l (drop (call $i64 (i64.const 7))) (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "hostEight") (param i32)
    (loop $l
      (drop (call $eight (i32.const 1) (f64.const 2) (f32.const 3) (i64.const 4) (i32.const 5) (f64.const 6) (f32.const 7) (i64.const 8)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`;

/** What is measured: the title, and the calls that one execution of the function makes. */
export const callCases = {
  none: { title: 'JS to wasm: ()', calls: 1 },
  i32: { title: 'JS to wasm: (i32, i32) -> i32', calls: 1 },
  f64: { title: 'JS to wasm: (f64, f64) -> f64', calls: 1 },
  i64: { title: 'JS to wasm: (i64) -> i64', calls: 1 },
  five: { title: 'JS to wasm: (five i32) -> i32', calls: 1 },
  eight: { title: 'JS to wasm: (eight of all types) -> f64', calls: 1 },
  hostNone: { title: 'wasm to JS: ()', calls: callsPerEntry },
  hostI32: { title: 'wasm to JS: (i32) -> i32', calls: callsPerEntry },
  hostMixed: { title: 'wasm to JS: (i32, f64) -> f64', calls: callsPerEntry },
  hostI64: { title: 'wasm to JS: (i64) -> i64', calls: callsPerEntry },
  hostEight: { title: 'wasm to JS: (eight of all types) -> f64', calls: callsPerEntry },
  indirectOne: { title: 'wasm to wasm: call_indirect, one target', calls: callsPerEntry },
  indirectEight: { title: 'wasm to wasm: call_indirect, eight targets in turn', calls: callsPerEntry },
  indirectAcross: { title: 'wasm to wasm: call_indirect, another instance', calls: callsPerEntry },
  importWasm: { title: 'wasm to wasm: call of an import', calls: callsPerEntry },
  invoke: { title: 'wasm to JS to wasm: table.get(i)(i32) -> i32', calls: callsPerEntry },
  trapLoad: { title: 'trap: load out of bounds, caught', calls: 1 },
  trapDivide: { title: 'trap: division by zero, caught', calls: 1 },
  trapUnreachable: { title: 'trap: unreachable, caught', calls: 1 },
} as const;

export type CallCase = keyof typeof callCases;

type ModuleObject = InstanceType<WebAssemblyNamespace['Module']>;
type Exports = Record<CallCase, (...values: unknown[]) => unknown>;
let exports: Exports | undefined;

async function compile(wasm: WebAssemblyNamespace, text: string): Promise<ModuleObject> {
  const module = (await wabt()).parseWat('calls.wat', text);
  const bytes = module.toBinary({}).buffer;
  module.destroy();
  return new wasm.Module(bytes);
}

async function instantiate(wasm: WebAssemblyNamespace): Promise<Exports> {
  const table = new wasm.Table({ element: 'anyfunc', initial: 10 });
  const invoke = (i: number, x: number): number => (table.get(i) as (x: number) => number)(x);
  const { a } = new wasm.Instance(await compile(wasm, otherSource), { m: { table } }).exports;
  const indirect = new wasm.Instance(await compile(wasm, indirectSource), { m: { table, a, invoke } }).exports;
  const m = {
    none() {},
    i32: (x: number) => x + 1,
    mixed: (x: number, y: number) => x + y,
    i64: (x: bigint) => x,
    eight: (_a: number, _b: number, _c: number, _d: bigint, _e: number, f: number, _g: number, _h: bigint) => f,
  };
  return { ...indirect, ...new wasm.Instance(await compile(wasm, source), { m }).exports } as Exports;
}

/** A function for the timer: each case calls its export in its own way, so that the call site sees only one. */
function subject(e: Exports, name: CallCase): () => unknown {
  const { none, i32, f64, i64, five, eight } = e;
  const host = e[name];
  switch (name) {
    case 'none':
      return () => none();
    case 'i32':
      return () => i32(3, 4);
    case 'f64':
      return () => f64(1.5, 2.5);
    case 'i64':
      return () => i64(7n);
    case 'five':
      return () => five(1, 2, 3, 4, 5);
    case 'eight':
      return () => eight(1, 2, 3, 4n, 5, 6, 7, 8n);
    case 'trapLoad':
    case 'trapDivide':
    case 'trapUnreachable':
      return () => {
        try {
          host(0);
        } catch (error) {
          return error;
        }
        throw new Error('no trap');
      };
    default:
      return () => host(callsPerEntry);
  }
}

/** Nanoseconds per call: the mean of one short run of the timer. */
export async function time(wasm: WebAssemblyNamespace, { name }: { name: CallCase }): Promise<number> {
  exports ??= await instantiate(wasm);
  const benchmark = new Benchmark(name, subject(exports, name), { maxTime: 0.05, minSamples: 3, initCount: 50 });
  benchmark.run();
  const error: unknown = Reflect.get(benchmark, 'error');
  if (error !== undefined) throw error;
  return (benchmark.stats.mean * 1e9) / callCases[name].calls;
}
