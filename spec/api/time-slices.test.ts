/** `Engine.sliced`: programs that take turns with the event loop, interrupted at any instruction. */
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import vm from 'node:vm';
import test from 'ava';
import { Engine } from '../../src/index.js';
import { collectGarbage } from '../../src/runtime/store/collect.js';
import { wat } from './wat.js';

// biome-ignore lint/suspicious/noExplicitAny: exports of many types.
type Exports = any;

const bytes = await wat(`(module
  (import "m" "f" (func $f (param i32) (result i32)))
  (import "m" "drop" (func $drop (param externref)))
  (memory (export "memory") 1 100)
  (global $count (export "count") (mut i64) (i64.const 0))
  (func (export "spin") (loop (global.set $count (i64.add (global.get $count) (i64.const 1))) (br 0)))
  (func $mix (export "mix") (param i32) (result i32) (local i32 i32 f64 v128)
    (local.set 2 (i32.const 1))
    (local.set 3 (f64.const 1))
    (loop
      (local.set 2 (i32.add (i32.mul (local.get 2) (i32.const 1664525)) (local.get 1)))
      (local.set 3 (f64.add (f64.mul (local.get 3) (f64.const 1.0000001)) (f64.const 0.5)))
      (local.set 4 (i32x4.add (local.get 4) (i32x4.splat (local.get 2))))
      (i32.store (i32.and (local.get 2) (i32.const 65532)) (local.get 2))
      (if (i32.eqz (i32.and (local.get 1) (i32.const 65535))) (then (drop (call $f (local.get 1)))))
      (local.set 1 (i32.add (local.get 1) (i32.const 1)))
      (br_if 0 (i32.lt_u (local.get 1) (local.get 0))))
    (i32.add (i32.xor (local.get 2) (i32x4.extract_lane 2 (local.get 4))) (i32.trunc_sat_f64_s (local.get 3))))
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func $chain (param externref i32) (result externref)
    (if (result externref) (local.get 1)
      (then (call $chain (local.get 0) (i32.sub (local.get 1) (i32.const 1)))) (else (local.get 0))))
  (func (export "hold") (param externref i32) (result externref) (local externref)
    (loop
      (local.set 2 (call $chain (local.get 0) (i32.const 20)))
      (local.set 0 (ref.null extern))
      (local.set 0 (local.get 2))
      (local.set 2 (ref.null extern))
      (br_if 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
    (local.get 0))
  (func (export "trap") (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) unreachable))`);

function make(options = {}, f: (x: number) => number = (x) => x): { engine: Engine; e: Exports } {
  const engine = new Engine(options);
  const { Instance, Module } = engine.WebAssembly;
  const e = new Instance(new Module(bytes), { m: { f, drop() {} } }).exports as Exports;
  return { engine, e };
}

test.serial('results are those of an ordinary call', async (t) => {
  const { engine, e } = make();
  // Long enough for several slices, however fast the machine is.
  let n = 2_000_000;
  let expected = 0;
  for (let took = 0; took < 60; ) {
    n *= 2;
    const start = performance.now();
    expected = e.mix(n);
    took = performance.now() - start;
  }
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const results = await Promise.all(Array.from({ length: 4 }, () => engine.sliced(e.mix)(n)));
  const fib = await Promise.all([engine.sliced(e.fib)(27), engine.sliced(e.fib, { sliceMs: 15 })(27)]);
  clearInterval(timer);
  t.deepEqual(results, [expected, expected, expected, expected]);
  t.deepEqual(fib, [196418, 196418]);
  t.true(turns > 3, `${turns} turns`);
});

test.serial(
  'eight endless loops and a server: the server answers, each loop gets its share, signals end them',
  async (t) => {
    const controller = new AbortController();
    const programs = Array.from({ length: 8 }, () => make());
    const ends = programs.map(({ engine, e }) =>
      engine
        .sliced(e.spin, { signal: controller.signal })()
        .then(
          () => 'ended',
          (error: Error) => error.name,
        ),
    );
    const server = createServer((_, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const times: number[] = [];
    for (let i = 0; i < 60; i++) {
      const start = performance.now();
      await new Promise<void>((resolve, reject) => {
        get({ port, host: '127.0.0.1' }, (response) => response.resume().on('end', resolve)).on('error', reject);
      });
      times.push(performance.now() - start);
    }
    controller.abort();
    t.deepEqual(await Promise.all(ends), Array(8).fill('AbortError'));
    server.close();
    const counts = programs.map(({ e }) => Number(e.count.value));
    times.sort((a, b) => a - b);
    t.log(`median ${times[30]?.toFixed(1)} ms, longest ${times[59]?.toFixed(1)} ms; counts ${counts.join(' ')}`);
    t.true(Math.min(...counts) > 0.3 * Math.max(...counts));
  },
);

test.serial('references in frames that were interrupted', async (t) => {
  for (const debug of [{}, { forceSpills: true }]) {
    const { engine, e } = make({ debug });
    const hold = engine.sliced(e.hold);
    const objects = Array.from({ length: 6 }, (_, i) => ({ i }));
    const timer = setInterval(() => engine.gc(), 1);
    const results = await Promise.all(objects.map((object) => hold(object, 300_000)));
    clearInterval(timer);
    t.true(results.every((result, i) => result === objects[i]));
    t.true(engine.gc().live <= 1);
  }
});

test.serial('tables that others change and move between slices', async (t) => {
  const text = await wat(`(module
    (type $a (func (result i32)))
    (type $b (func (param externref i64) (result f64)))
    (global $bad (export "bad") (mut i32) (i32.const 0))
    (table $t (export "t") 4 funcref)
    (func (export "a0") (type $a) (i32.const 1))
    (func (export "b0") (type $b) (global.set $bad (i32.const 1)) (f64.const 0))
    (func (export "run") (param i32) (local i32)
      (loop
        (local.set 1 (i32.add (local.get 1) (call_indirect $t (type $a) (local.get 0))))
        (br 0)))
    (func (export "set") (loop (table.set $t (i32.const 3) (table.get $t (i32.const 2))) (br 0))))`);
  for (const tier of ['baseline', 'optimizing'] as const) {
    const engine = new Engine({ tier });
    const { Instance, Module } = engine.WebAssembly;
    const { t: table, a0, b0, run, set, bad } = new Instance(new Module(text)).exports as Exports;
    const mismatch = 'null function or function signature mismatch';
    const controller = new AbortController();
    const writer = engine.sliced(set, { signal: controller.signal })();
    for (let i = 0; i < 60; i++) {
      table.set(0, a0);
      table.set(2, i % 2 === 0 ? a0 : b0);
      const ends = engine.sliced(run)(0);
      for (let turn = 0; turn < 3 + (i % 4); turn++) await new Promise((resolve) => setImmediate(resolve));
      // To a new place, the old one is used for something else; then another type.
      if (i % 3 === 0 && table.length < 3000) table.grow(table.length);
      table.set(0, i % 5 === 0 ? null : b0);
      await t.throwsAsync(ends, { message: mismatch });
      t.is(bad.value, 0);
    }
    controller.abort(new Error('done'));
    await t.throwsAsync(writer, { message: 'done' });
    t.true([a0, b0].includes(table.get(3)));
  }
});

test.serial('an instruction on a table leaves nothing behind that keeps its program from waiting', async (t) => {
  const index = '(global.get $zero)';
  const instructions = {
    functions: `(table $t 2 funcref) (elem $s func $f $f)`,
    references: `(table $t 2 externref) (elem $s externref (ref.null extern) (ref.null extern))`,
  };
  for (const [kind, declarations] of Object.entries(instructions)) {
    const ref = kind === 'functions' ? '(ref.func $f)' : '(ref.null extern)';
    const each = {
      get: `(drop (table.get $t ${index}))`,
      set: `(table.set $t ${index} ${ref})`,
      fill: `(table.fill $t ${index} ${ref} (i32.const 2))`,
      copyUp: `(table.copy $t $t ${index} ${index} (i32.const 2))`,
      copyDown: `(table.copy $t $t (i32.const 1) ${index} (i32.const 1))`,
      init: `(table.init $t $s ${index} ${index} (i32.const 2))`,
      grow: `(drop (table.grow $t ${ref} (i32.const 0)))`,
      ...(kind === 'functions' ? { call: `(table.set $t ${index} ${ref}) (call_indirect $t ${index})` } : {}),
    };
    const functions = Object.entries(each).map(([name, code]) => `(func (export "${name}") ${code} (loop (br 0)))`);
    const bytes = await wat(`(module (global $zero (mut i32) (i32.const 0)) ${declarations}
      (func $f (export "f")) (elem declare func $f) ${functions.join('\n')})`);
    for (const options of [{}, { tier: 'optimizing' }, { debug: { forceSpills: true } }] as const) {
      const engine = new Engine(options);
      const { Instance, Module } = engine.WebAssembly;
      // Several instances: what lies behind a table in native memory is the context of another one.
      const module = new Module(bytes);
      const instances = Array.from({ length: 4 }, () => new Instance(module).exports as Exports);
      for (const name of Object.keys(each)) {
        for (const e of instances) {
          const controller = new AbortController();
          const ends = engine.sliced(e[name], { signal: controller.signal })();
          await new Promise((resolve) => setImmediate(resolve));
          controller.abort(new Error('done'));
          await t.throwsAsync(ends, {
            message: kind === 'functions' && name === 'call' ? /done|null function/ : 'done',
          });
        }
      }
      engine.dispose();
    }
  }
});

test.serial('what V8 ends in a slice keeps neither its stack nor its engine', async (t) => {
  const other = make();
  const references = Array.from({ length: 5 }, () => {
    const { engine, e } = make();
    const wrong = { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' };
    const f = engine.sliced(e.spin, { sliceMs: 60_000 });
    t.throws(() => vm.runInNewContext('f()', { f }, { timeout: 10 }), wrong);
    return new WeakRef(e);
  });
  t.is(await other.engine.sliced(other.e.fib)(25), 75025);
  for (let i = 0; i < 5; i++) await collectGarbage();
  t.true(references.filter((reference) => reference.deref() !== undefined).length <= 1);
});

test.serial('traps, disposal, promises that wait, wrong arguments', async (t) => {
  const { engine, e } = make();
  await t.throwsAsync(engine.sliced(e.trap)(50_000_000), { message: 'unreachable' });
  t.throws(() => engine.sliced(() => {}), { instanceOf: TypeError });
  t.throws(() => engine.sliced(e.mix, { sliceMs: 0 }), { instanceOf: TypeError });
  t.throws(() => engine.sliced(e.mix, { signal: {} as AbortSignal }), { instanceOf: TypeError });
  const controller = new AbortController();
  controller.abort(new Error('no more'));
  await t.throwsAsync(engine.sliced(e.spin, { signal: controller.signal })(), { message: 'no more' });
  // JS between: the program goes on until the inner call has ended.
  const nested = make({}, () => nested.e.fib(22) as number);
  t.is(await nested.engine.sliced(nested.e.mix)(70_000), nested.e.mix(70_000));
  const ends = engine.sliced(e.spin)();
  engine.dispose();
  await t.throwsAsync(ends, { message: 'the engine is disposed' });
});
