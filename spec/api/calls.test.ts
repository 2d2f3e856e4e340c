import test from 'ava';
import { Engine } from '../../src/index.js';
import { wat } from './wat.js';

const { WebAssembly } = new Engine();

// biome-ignore lint/suspicious/noExplicitAny: exports of test modules.
type Any = any;

function instantiate(text: string, imports: object = {}): Any {
  return new WebAssembly.Instance(new WebAssembly.Module(wat(text)), imports).exports;
}

test('arguments and results of every numeric type are converted as the standard says', (t) => {
  const e = instantiate(`(module
    (func (export "i32") (param i32) (result i32) (local.get 0))
    (func (export "i64") (param i64) (result i64) (local.get 0))
    (func (export "f32") (param f32) (result f32) (local.get 0))
    (func (export "f64") (param f64) (result f64) (local.get 0)))`);
  for (const [value, expected] of [
    [2 ** 32 + 5, 5],
    [-1.9, -1],
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
    ['0x10', 16],
    [undefined, 0],
    [null, 0],
    [true, 1],
    [{ valueOf: () => 7 }, 7],
    [2 ** 31, -(2 ** 31)],
  ] as const) {
    t.is(e.i32(value), expected);
  }
  t.is(e.i32(), 0);
  t.is(e.i64(2n ** 64n + 3n), 3n);
  t.is(e.i64(-1n), -1n);
  t.is(e.i64('12'), 12n);
  t.is(e.i64(true), 1n);
  t.throws(() => e.i64(1), { instanceOf: TypeError, message: 'Cannot convert 1 to a BigInt' });
  t.throws(() => e.i64(), { instanceOf: TypeError });
  t.throws(() => e.i32(1n), { instanceOf: TypeError, message: 'Cannot convert a BigInt value to a number' });
  t.throws(() => e.f64(Symbol('s')), { instanceOf: TypeError });
  t.is(e.f32(1.1), Math.fround(1.1));
  t.is(e.f32(1e40), Number.POSITIVE_INFINITY);
  t.is(e.f64(1.1), 1.1);
  t.is(e.f64(-0), -0);
  t.is(e.f64(undefined), Number.NaN);
});

test('exported functions have identity, name and length, and are no constructors', (t) => {
  const e = instantiate(`(module
    (func $f (export "f") (export "g") (param i32 i64 f32 f64 i32) (result i32) (local.get 4))
    (table (export "t") 1 funcref) (elem (i32.const 0) $f))`);
  t.is(e.f, e.g);
  t.is(e.t.get(0), e.f);
  t.is(e.f.name, '0');
  t.is(e.f.length, 5);
  t.is(e.f(1, 2n, 3, 4, 5), 5);
  t.false('prototype' in e.f);
  t.throws(() => new e.f(), { instanceOf: TypeError });
  t.is(Object.getPrototypeOf(e.f), Function.prototype);
});

test('several results are an array, and an iterable is taken apart', (t) => {
  const e = instantiate(
    `(module
      (import "m" "swap" (func $swap (param i32 i64) (result i64 f32 i32)))
      (func (export "swap") (param i32 i64) (result i64 f32 i32) (call $swap (local.get 0) (local.get 1))))`,
    {
      m: {
        *swap(a: number, b: bigint) {
          yield b;
          yield 1.5;
          yield a;
        },
      },
    },
  );
  t.deepEqual(e.swap(3, 4n), [4n, 1.5, 3]);
  const bad = (value: unknown) => () =>
    instantiate(
      '(module (import "m" "f" (func $f (result i32 i32))) (func (export "g") (drop (drop (call $f)))))'.replace(
        '(drop (drop (call $f)))',
        'call $f drop drop',
      ),
      { m: { f: () => value } },
    ).g();
  t.throws(bad(5), { instanceOf: TypeError });
  t.throws(bad([1]), { instanceOf: TypeError, message: 'multi-return length mismatch' });
  t.throws(bad([1, 2n]), { instanceOf: TypeError });
  t.notThrows(bad([1, 2]));
});

test('host functions get their arguments converted, undefined as this, and give converted results', (t) => {
  const seen: unknown[] = [];
  const e = instantiate(
    `(module
      (import "m" "f" (func $f (param i32 i64 f32 f64) (result f64)))
      (import "m" "none" (func $none))
      (func (export "f") (result f64)
        (call $f (i32.const -1) (i64.const -2) (f32.const 0.5) (f64.const 0.25)))
      (func (export "none") (call $none)))`,
    {
      m: {
        f: function (this: unknown, ...args: unknown[]) {
          seen.push(this, ...args);
          return '12.5';
        },
        none: () => 5,
      },
    },
  );
  t.is(e.f(), 12.5);
  t.deepEqual(seen, [undefined, -1, -2n, 0.5, 0.25]);
  t.is(e.none(), undefined);
});

test('conversions that call wasm do not disturb arguments', (t) => {
  const e = instantiate(`(module
    (func (export "sub") (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1))))`);
  const nested = {
    valueOf() {
      return e.sub(100, 1);
    },
  };
  t.is(e.sub(7, nested), -92);
  t.is(e.sub(nested, 7), 92);
});

test('a JS exception crosses wasm frames as it is, and the instance stays usable', (t) => {
  const error = new Error('from host');
  let fail = true;
  const e = instantiate(
    `(module
      (import "m" "f" (func $f (param i32)))
      (func $deep (export "deep") (param i32)
        (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (call $f (i32.const 3))))))`,
    {
      m: {
        f: () => {
          if (fail) throw error;
        },
      },
    },
  );
  for (const depth of [0, 1, 1000]) {
    t.is(
      t.throws(() => e.deep(depth)),
      error,
    );
  }
  fail = false;
  t.notThrows(() => e.deep(10));
});

test('nested activations: traps, exceptions and results at every level', (t) => {
  const log: string[] = [];
  const e: Any = instantiate(
    `(module
      (import "m" "step" (func $step (param i32) (result i32)))
      (func (export "run") (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then unreachable))
        (i32.add (i32.const 1) (call $step (i32.sub (local.get 0) (i32.const 1))))))`,
    {
      m: {
        step: (n: number) => {
          try {
            return e.run(n);
          } catch (error) {
            log.push((error as Error).message);
            return 100;
          }
        },
      },
    },
  );
  t.is(e.run(5), 105);
  t.deepEqual(log, ['unreachable']);
});

test('endless recursion through JS and wasm ends with a RangeError, and work goes on', (t) => {
  const e: Any = instantiate(
    `(module (import "m" "f" (func $f)) (func (export "g") (call $f)) (func (export "one") (result i32) (i32.const 1)))`,
    { m: { f: () => e.g() } },
  );
  t.throws(() => e.g(), { instanceOf: RangeError });
  t.is(e.one(), 1);
});

test('traps have the messages of V8, the wasm frames, and leave the instance usable', (t) => {
  const e = instantiate(`(module
    (memory 1) (table 3 funcref) (elem (i32.const 1) $other)
    (func $other (result i64) (i64.const 0))
    (func $inner unreachable)
    (func (export "unreachable") (call $inner))
    (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
    (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
    (func (export "divu") (param i64 i64) (result i64) (i64.div_u (local.get 0) (local.get 1)))
    (func (export "rem") (param i32 i32) (result i32) (i32.rem_s (local.get 0) (local.get 1)))
    (func (export "trunc") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
    (func (export "call") (param i32) (call_indirect (local.get 0)))
    (func (export "copy") (memory.copy (i32.const 0) (i32.const 65530) (i32.const 10)))
    (func (export "fill") (memory.fill (i32.const 65530) (i32.const 1) (i32.const 10)))
    (func $so (export "so") (call $so)))`);
  const cases: [() => unknown, string][] = [
    [() => e.unreachable(), 'unreachable'],
    [() => e.load(65533), 'memory access out of bounds'],
    [() => e.load(-1), 'memory access out of bounds'],
    [() => e.div(1, 0), 'divide by zero'],
    [() => e.div(-(2 ** 31), -1), 'divide result unrepresentable'],
    [() => e.divu(1n, 0n), 'divide by zero'],
    [() => e.rem(1, 0), 'remainder by zero'],
    [() => e.trunc(Number.NaN), 'float unrepresentable in integer range'],
    [() => e.trunc(1e10), 'float unrepresentable in integer range'],
    [() => e.call(0), 'null function or function signature mismatch'],
    [() => e.call(1), 'null function or function signature mismatch'],
    [() => e.call(3), 'table index is out of bounds'],
    [() => e.copy(), 'memory access out of bounds'],
    [() => e.fill(), 'memory access out of bounds'],
  ];
  for (const [run, message] of cases) {
    const error = t.throws(run, { instanceOf: WebAssembly.RuntimeError, message });
    t.regex(
      error?.stack ?? '',
      /^RuntimeError: .*\n {4}at .*wasm:\/\/beamline\/[0-9a-f]{8}:wasm-function\[\d+\]:0x[0-9a-f]+/,
    );
    t.regex(error?.stack ?? '', /calls\.test/);
    t.is(e.rem(7, 4), 3);
  }
  const stack = t.throws(() => e.unreachable())?.stack?.split('\n') ?? [];
  t.regex(stack[1] ?? '', /^ {4}at inner \(wasm:\/\/beamline\/[0-9a-f]{8}:wasm-function\[1\]:0x[0-9a-f]+\)$/);
  t.regex(stack[2] ?? '', /wasm-function\[2\]/);
  t.throws(() => e.so(), { instanceOf: RangeError, message: 'Maximum call stack size exceeded' });
  t.is(e.load(0), 0);
});

test('the stack of a trap below a host call names the frames of both activations, in order', (t) => {
  const e: Any = instantiate(
    `(module
      (import "m" "host" (func $host))
      (func $outer (export "outer") (call $host))
      (func $inner (export "inner") unreachable))`,
    {
      m: {
        host: {
          hostFunction() {
            e.inner();
          },
        }.hostFunction,
      },
    },
  );
  const stack = t.throws(() => e.outer())?.stack ?? '';
  const order = [/at inner \(wasm/, /at .*hostFunction/, /at outer \(wasm.*\n.*calls\.test/].map((row) =>
    stack.search(row),
  );
  t.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  );
  t.true(
    order.every((at) => at >= 0),
    stack,
  );
  t.notRegex(stack, /dispatcher|host-function|exported-function/);
});
