/** Exceptions among all else that can happen: interruptions, full stacks, promises, collections, slices. */
import test from 'ava';
import { Engine } from '../../src/index.js';
import { type Any, instantiate, settings, v8 } from './both.js';

const forever = `(module (tag $t (param i32)) (func $g (param i32) local.get 0 throw $t)
  (func (export "loop") (loop $l try i32.const 1 call $g catch $t drop end br $l))
  (func (export "all") (loop $l try (loop $m br $m) catch_all end br $l)))`;

test('a deadline ends what throws and catches, and is not caught', (t) => {
  for (const { title, namespace, engine } of settings) {
    const e = instantiate(namespace, forever, undefined);
    for (const f of [e.loop, e.all]) {
      const error: Any = t.throws(() => (engine as Engine).withDeadline(30, f), { instanceOf: Error }, title);
      t.is(error.message, 'execution interrupted', title);
    }
  }
});

test('a deadline that passes in the host function that throws', (t) => {
  const text = `(module (import "m" "f" (func $f)) (func (export "f") (result i32)
    (loop $l try call $f catch_all end br $l) i32.const 1))`;
  for (const { title, namespace, engine } of settings) {
    const f = (): never => {
      const end = performance.now() + 40;
      while (performance.now() < end);
      throw new Error('from the host');
    };
    const e = instantiate(namespace, text, () => ({ m: { f } }));
    const error: Any = t.throws(() => (engine as Engine).withDeadline(20, e.f), { instanceOf: Error }, title);
    t.is(error.message, 'execution interrupted', title);
  }
});

test('near the end of the stack there is a value or an overflow, nothing else', (t) => {
  const text = `(module (tag $t (param i32 i64 f64)) (global $depth (mut i32) (i32.const 0))
    (func $deep (param i32)
      local.get 0 i32.eqz (if (then i32.const 7 i64.const 1 f64.const 2 throw $t))
      local.get 0 i32.const 1 i32.sub call $deep)
    (func (export "f") (param i32) (result i32)
      try (result i32) local.get 0 call $deep i32.const 0 catch $t drop drop end)
    (func $find (export "find") global.get $depth i32.const 1 i32.add global.set $depth call $find)
    (func (export "depth") (result i32) global.get $depth)
    (func $all (export "all") (param i32) (result i32)
      try (result i32) local.get 0 i32.const 1 i32.add call $all catch_all local.get 0 end))`;
  for (const { title, namespace } of settings) {
    const e = instantiate(namespace, text, undefined);
    let caught = 0;
    let overflowed = 0;
    for (let n = 64; n < 1 << 22; n = Math.ceil(n * 1.15)) {
      try {
        t.is(e.f(n), 7, title);
        caught++;
      } catch (error) {
        t.true(error instanceof RangeError, title);
        overflowed++;
      }
    }
    t.true(caught > 20 && overflowed > 5, title);
    t.throws(() => e.all(0), { instanceOf: RangeError }, title);
    t.is(e.f(10), 7, title);
  }
});

test('a start function that throws', (t) => {
  const text = `(module (import "m" "t" (tag $t (param i32))) (func $s i32.const 9 throw $t) (start $s))`;
  for (const { title, namespace } of settings) {
    const tag = new namespace.Tag({ parameters: ['i32'] });
    const error: Any = t.throws(() => instantiate(namespace, text, () => ({ m: { t: tag } })), { any: true }, title);
    t.is(error.getArg(tag, 0), 9, title);
  }
});

test('exceptions and what they hold are collected, in one call too', (t) => {
  const text = `(module (tag $t (param externref)) (func $g (param externref) local.get 0 throw $t)
    (func (export "f") (param i32) (param externref) (result externref) (local externref)
      (loop $l
        try local.get 1 call $g catch $t local.set 2 end
        local.get 0 i32.const 1 i32.sub local.tee 0 br_if $l)
      local.get 2))`;
  const engine = new Engine();
  const e = instantiate(engine.WebAssembly, text, undefined);
  const value = {};
  t.is(e.f(200_000, value), value);
  const { live, allocated } = engine.statistics().references;
  t.true(allocated > 200_000);
  t.true(live < 20_000, `${live} references are live`);
});

test('references in exceptions under collections', (t) => {
  const text =
    `(module (import "m" "f" (func $f (result externref))) (import "m" "gc" (func $gc)) (tag $t (param externref i32 externref))
    (func $g (param i32)
      local.get 0 (if (then local.get 0 i32.const 1 i32.sub call $g) (else call $f i32.const 5 call $f throw $t)))
    (func (export "f") (result externref externref)
      try (result externref externref)
        try (result externref externref) i32.const 20 call $g unreachable catch_all call $gc rethrow 0 end
      catch $t call $gc local.set $b drop local.set $a call $gc local.get $a local.get $b end)
    )`.replace(
      '(func (export "f") (result externref externref)',
      '(func (export "f") (result externref externref) (local $a externref) (local $b externref)',
    );
  for (const { title, namespace, engine } of settings) {
    let n = 0;
    const imports = () => ({ m: { f: () => ({ n: n++ }), gc: () => (engine as Engine).gc() } });
    const e = instantiate(namespace, text, imports);
    for (let i = 0; i < 100; i++) t.deepEqual(e.f(), [{ n: 2 * i }, { n: 2 * i + 1 }], title);
  }
});

test('promises: rejections are caught, exceptions reject', async (t) => {
  const text = `(module (import "m" "t" (tag $t (param i32))) (import "m" "f" (func $f (param i32) (result i32)))
    (func (export "f") (param i32) (result i32)
      try (result i32) local.get 0 call $f catch $t i32.const 100 i32.add catch_all i32.const -1 end
      local.get 0 call $f i32.add)
    (func (export "throw") (param i32) local.get 0 call $f throw $t)
    (func (export "twice") (param i32) (result i32)
      try (result i32) try (result i32) local.get 0 call $f catch $t call $f end catch $t call $f end))`;
  for (const { title, namespace, engine } of settings) {
    void engine;
    const tag = new namespace.Tag({ parameters: ['i32'] });
    let calls = 0;
    const f = async (x: number): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      calls++;
      if (x === 1 && calls % 2 === 1) throw new namespace.Exception(tag, [7]);
      if (x === 2 && calls % 2 === 1) throw new Error('x');
      return x * 2;
    };
    const e = instantiate(namespace, text, () => ({ m: { t: tag, f: new namespace.Suspending(f) } }));
    const run = namespace.promising(e.f);
    calls = 0;
    t.is(await run(0), 0, title);
    calls = 0;
    t.is(await run(1), 109, title);
    calls = 0;
    t.is(await run(2), 3, title);
    calls = 1;
    const error: Any = await t.throwsAsync(namespace.promising(e.throw)(4), { any: true }, title);
    t.deepEqual([error.is(tag), error.getArg(tag, 0)], [true, 8], title);
    calls = 0;
    t.is(await namespace.promising(e.twice)(1), 14, title);
    // Many at once, on stacks of their own.
    calls = 1;
    const results = await Promise.all(Array.from({ length: 20 }, (_, i) => namespace.promising(e.f)(i + 3)));
    t.deepEqual(
      results,
      Array.from({ length: 20 }, (_, i) => 4 * (i + 3)),
      title,
    );
  }
});

test('programs with time slices throw and catch, turn by turn', async (t) => {
  const text = `(module (tag $t (param i32 i64)) (func $g (param i32) local.get 0 i64.const 3 throw $t)
    (func (export "f") (param i32) (result i32) (local $s i32)
      (loop $l
        try local.get 0 call $g catch $t i32.wrap_i64 i32.add local.get $s i32.add local.set $s end
        local.get 0 i32.const 1 i32.sub local.tee 0 br_if $l)
      local.get $s))`;
  const engine = new Engine();
  const e = instantiate(engine.WebAssembly, text, undefined);
  const n = 60_000;
  const expected = (n * (n + 1)) / 2 + 3 * n;
  t.is(e.f(n), expected | 0);
  const results = await Promise.all(Array.from({ length: 4 }, () => engine.sliced(e.f, { sliceMs: 1 })(n)));
  t.deepEqual(results, new Array(4).fill(expected | 0));
});

test('in the optimizing tier, functions with handlers are compiled in one pass, and frames of both mix', (t) => {
  const engine = new Engine({ tier: 'optimizing' });
  const text = `(module (tag $e (param i32))
    (func $throw (param i32) (throw $e (local.get 0)))
    (func $pass (param i32) (result i32) (call $throw (i32.mul (local.get 0) (i32.const 3))) (i32.const 0))
    (func (export "f") (param i32) (result i32)
      try (result i32) (call $pass (local.get 0)) catch $e (i32.const 1) i32.add end))`;
  const e = instantiate(engine.WebAssembly, text, undefined);
  for (let i = 0; i < 100; i++) t.is(e.f(i), 3 * i + 1);
  t.is(engine.statistics().linearFunctions, 2);
});

test('a host function that ends in a timeout of vm throws into wasm', async (t) => {
  const vm = await import('node:vm');
  const text = `(module (import "m" "f" (func $f)) (func (export "f") (result i32)
    try (result i32) call $f i32.const 0 catch_all i32.const 1 end)
    (func (export "spin") (loop $l br $l)))`;
  for (const { title, namespace } of [{ title: 'V8', namespace: v8 }, ...settings]) {
    let e: Any;
    const context = vm.createContext({ spin: () => e.spin() });
    const imports = () => ({ m: { f: () => vm.runInContext('spin()', context, { timeout: 20 }) } });
    e = instantiate(namespace, text, imports);
    for (let i = 0; i < 3; i++) t.is(e.f(), 1, title);
  }
});
