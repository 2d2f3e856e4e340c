/** Sections 5.2 and 5.6: reading imports, instances, exported functions, host functions, conversions. */
import { binary, instantiate, type Namespace, onBoth, thrown, watched } from './engines.js';

onBoth('exports: a frozen object without prototype, in order of the module', (t, wasm) => {
  const instance = new wasm.Instance(
    new wasm.Module(
      binary('(module (func (export "b")) (memory (export "2") 1) (global (export "a") i32 (i32.const 1)))'),
    ),
  );
  const { exports } = instance;
  t.is(instance.exports, exports);
  t.is(Object.getPrototypeOf(exports), null);
  t.true(Object.isFrozen(exports));
  t.deepEqual(Object.keys(exports), ['2', 'b', 'a']);
  t.true(exports['2'] instanceof wasm.Memory && exports['a'] instanceof wasm.Global);
  t.throws(
    () => {
      exports['b'] = 1;
    },
    { instanceOf: TypeError },
  );
});

onBoth('imports are read in order, each once; then their kinds are checked', (t, wasm) => {
  const module = new wasm.Module(
    binary('(module (import "x" "f" (func)) (import "y" "g" (global i32)) (import "x" "m" (memory 1)))'),
  );
  const log: string[] = [];
  const inner = watched({ f: () => undefined, m: new wasm.Memory({ initial: 1 }) }, log);
  const imports = watched(
    {
      x: inner,
      y: {
        get g() {
          log.push('g');
          return 5;
        },
      },
    },
    log,
  );
  new wasm.Instance(module, imports);
  t.deepEqual(log, ['x', 'f', 'y', 'g', 'x', 'm']);
  for (const wrong of [undefined, null, 5, {}, { x: 5 }, { x: {}, y: undefined }]) {
    t.throws(() => new wasm.Instance(module, wrong as never), { any: true });
  }
  t.throws(() => new wasm.Instance(module, undefined), { instanceOf: TypeError });
  t.throws(() => new wasm.Instance(module, {}), { instanceOf: TypeError });
  t.throws(() => new wasm.Instance(module, { x: {}, y: {} }), { instanceOf: wasm.LinkError });
  const deliberate = new Error('deliberate');
  const throwing = {
    get x() {
      throw deliberate;
    },
  };
  t.is(
    thrown(() => new wasm.Instance(module, throwing)),
    deliberate,
  );
});

onBoth('what an import of each kind takes', (t, wasm) => {
  const link = (declaration: string, value: unknown) => () =>
    new wasm.Instance(new wasm.Module(binary(`(module (import "m" "v" ${declaration}))`)), { m: { v: value } });
  const table = new wasm.Table({ element: 'anyfunc', initial: 2, maximum: 4 });
  const memory = new wasm.Memory({ initial: 1, maximum: 4 });
  const global = new wasm.Global({ value: 'i32', mutable: true }, 1);
  for (const [declaration, good, bad] of [
    ['(func)', [() => 1, class {}, Math.sin], [undefined, null, {}, 5, 'f']],
    ['(table 1 funcref)', [table], [undefined, {}, [], memory]],
    ['(table 2 4 funcref)', [table], [new wasm.Table({ element: 'anyfunc', initial: 2 })]],
    ['(table 3 funcref)', [], [table]],
    ['(memory 1 4)', [memory], [table, new ArrayBuffer(65536), new wasm.Memory({ initial: 1 })]],
    ['(memory 2)', [], [memory]],
    ['(memory 1 3)', [], [memory]],
    [
      '(global (mut i32))',
      [global],
      [1, new wasm.Global({ value: 'i32' }), new wasm.Global({ value: 'f32', mutable: true })],
    ],
    ['(global i32)', [1, -0, NaN, new wasm.Global({ value: 'i32' })], [1n, '1', true, global, undefined]],
    ['(global i64)', [1n, new wasm.Global({ value: 'i64' })], [1, '1']],
    ['(global f64)', [0.5, Infinity], [1n]],
    ['(global externref)', [undefined, null, 5, 'x', {}, Symbol.iterator], [global]],
    ['(global funcref)', [null], [undefined, () => 1, 5]],
  ] as [string, unknown[], unknown[]][]) {
    for (const value of good) t.notThrows(link(declaration, value), `${declaration} takes ${String(value)}`);
    for (const value of bad)
      t.throws(link(declaration, value), { instanceOf: wasm.LinkError }, `${declaration} refuses ${String(value)}`);
  }
});

onBoth('exported functions: names, lengths, no constructors, one object each', (t, wasm) => {
  const exports = instantiate(
    wasm,
    '(module (import "m" "f" (func)) (func (export "a") (param i32 i64)) (func $b (export "b")) (export "c" (func $b)) (export "f" (func 0)) (table (export "t") 2 funcref) (elem (i32.const 0) 0 $b))',
    { m: { f() {} } },
  ) as Record<string, never> & { t: { get(i: number): unknown } };
  const a = exports['a'] as unknown as Function_;
  t.deepEqual([a.name, a.length, Object.hasOwn(a, 'prototype')], ['1', 2, false]);
  t.is(Object.getPrototypeOf(a), Function.prototype);
  t.throws(() => Reflect.construct(a, []), { instanceOf: TypeError });
  t.is(exports['b'], exports['c']);
  t.is(exports.t.get(1), exports['b']);
  t.is(exports.t.get(0), exports['f']);
  t.is((exports['f'] as unknown as Function_).name, '0');
});

type Function_ = (...args: unknown[]) => unknown;

onBoth('arguments: ToInt32, ToBigInt64, ToNumber; missing ones are undefined, others not looked at', (t, wasm) => {
  const { i, l, f, d, two } = instantiate(
    wasm,
    `(module (func (export "i") (param i32) (result i32) (local.get 0)) (func (export "l") (param i64) (result i64) (local.get 0))
      (func (export "f") (param f32) (result f32) (local.get 0)) (func (export "d") (param f64) (result f64) (local.get 0))
      (func (export "two") (param i32 f64) (result f64) (f64.add (f64.convert_i32_s (local.get 0)) (local.get 1))))`,
  ) as unknown as Record<string, Function_>;
  const rows: [Function_ | undefined, unknown, unknown][] = [
    [i, 2 ** 32 + 5, 5],
    [i, -1.9, -1],
    [i, '0x10', 16],
    [i, Number.NaN, 0],
    [i, undefined, 0],
    [i, null, 0],
    [i, true, 1],
    [i, { valueOf: () => 7 }, 7],
    [i, 2 ** 31, -(2 ** 31)],
    [l, 2n ** 63n, -(2n ** 63n)],
    [l, '12', 12n],
    [l, true, 1n],
    [f, 0.1, Math.fround(0.1)],
    [f, 1e40, Number.POSITIVE_INFINITY],
    [d, '1e3', 1000],
    [d, undefined, Number.NaN],
    [d, -0, -0],
  ];
  for (const [target, argument, result] of rows) t.is(target?.(argument), result);
  t.is(i?.(), 0);
  t.is(i?.(1, 2, 3), 1);
  for (const wrong of [1, undefined, null, 'x', Symbol()]) t.throws(() => l?.(wrong), { any: true });
  t.throws(() => l?.(1), { instanceOf: TypeError });
  t.throws(() => l?.('x'), { instanceOf: SyntaxError });
  t.throws(() => i?.(1n), { instanceOf: TypeError });
  t.throws(() => i?.(Symbol()), { instanceOf: TypeError });
  const log: string[] = [];
  const note = (name: string, value: number) => ({
    valueOf: () => {
      log.push(name);
      return value;
    },
  });
  t.is(two?.(note('first', 1), note('second', 2)), 3);
  t.deepEqual(log, ['first', 'second']);
});

onBoth(
  'host functions: undefined as this, all arguments, one conversion of the result, exceptions as they are',
  (t, wasm) => {
    let seen: unknown[] = [];
    let answer: unknown;
    const exports = instantiate(
      wasm,
      `(module (import "m" "f" (func $f (param i32 i64 f32 f64) (result i32))) (import "m" "v" (func $v))
      (func (export "call") (result i32) (call $f (i32.const -1) (i64.const 5) (f32.const 1.5) (f64.const -0)))
      (func (export "void") (call $v)))`,
      {
        m: {
          f: function (this: unknown, ...args: unknown[]) {
            seen = [this, ...args];
            return answer;
          },
          v: () => ({ valueOf: () => t.fail('the result is not looked at') }),
        },
      },
    ) as unknown as Record<string, Function_>;
    for (const [value, result] of [
      [2 ** 32 + 3, 3],
      ['7', 7],
      [undefined, 0],
      [{ valueOf: () => 9 }, 9],
    ]) {
      answer = value;
      t.is(exports['call']?.(), result);
      t.deepEqual(seen, [undefined, -1, 5n, 1.5, -0]);
    }
    answer = 5n;
    t.throws(() => exports['call']?.(), { instanceOf: TypeError });
    t.is(exports['void']?.(), undefined);
    const problem = { any: 'value' };
    const { run } = instantiate(wasm, '(module (import "m" "f" (func)) (export "run" (func $r)) (func $r (call 0)))', {
      m: {
        f() {
          throw problem;
        },
      },
    }) as unknown as Record<string, Function_>;
    t.is(
      thrown(() => run?.()),
      problem,
    );
  },
);

onBoth('several values: an array out, an iterable in', (t, wasm) => {
  let answer: unknown;
  const { pair, swap } = instantiate(
    wasm,
    `(module (import "m" "f" (func $f (result i32 i64))) (func (export "pair") (result i32 i64) (call $f))
      (func (export "swap") (param i32 f64) (result f64 i32) (local.get 1) (local.get 0)))`,
    { m: { f: () => answer } },
  ) as unknown as Record<string, Function_>;
  t.deepEqual(swap?.(1, 2.5), [2.5, 1]);
  function* numbers() {
    yield 3;
    yield 4n;
  }
  for (const value of [[3, 4n], new Set([3, 4n]), numbers()]) {
    answer = value;
    t.deepEqual(pair?.(), [3, 4n]);
  }
  for (const wrong of [undefined, 5, {}, [1], [1, 2n, 3], [1, 2]]) {
    answer = wrong;
    t.throws(() => pair?.(), { instanceOf: TypeError }, String(wrong));
  }
});

onBoth('start functions and segments: in order, and what is done stays done', (t, wasm) => {
  const memory = new wasm.Memory({ initial: 1 });
  const bytes = new Uint8Array(memory.buffer);
  const run = (text: string) => () => instantiate(wasm, text, { m: { m: memory } });
  run(
    '(module (import "m" "m" (memory 1)) (data (i32.const 0) "abc") (start $s) (func $s (i32.store8 (i32.const 1) (i32.const 120))))',
  )();
  t.deepEqual([...bytes.subarray(0, 3)], [97, 120, 99]);
  t.throws(run('(module (import "m" "m" (memory 1)) (data (i32.const 4) "d") (data (i32.const 65536) "e"))'), {
    instanceOf: wasm.RuntimeError,
  });
  t.is(bytes[4], 100);
  t.throws(run('(module (import "m" "m" (memory 1)) (start $s) (func $s (unreachable)))'), {
    instanceOf: wasm.RuntimeError,
  });
});

onBoth('a trap is a RuntimeError, stack overflow a RangeError, and the instance goes on', (t, wasm: Namespace) => {
  const { divide, deep } = instantiate(
    wasm,
    `(module (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
      (func $d (export "deep") (call $d)))`,
  ) as unknown as Record<string, Function_>;
  t.throws(() => divide?.(1, 0), { instanceOf: wasm.RuntimeError, message: 'divide by zero' });
  t.throws(() => deep?.(), { instanceOf: RangeError, message: 'Maximum call stack size exceeded' });
  t.is(divide?.(6, 3), 2);
});
