import test from 'ava';
import { WebAssembly } from '../../src/index.js';

test('a table of null references', (t) => {
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 2, maximum: 40 });
  t.is(table.length, 2);
  t.is(table.get(0), null);
  table.set(1, null);
  table.set(1);
  t.is(table.grow(3), 2);
  t.is(table.grow(30, null), 5);
  t.is(table.length, 35);
  t.is(table.get(34), null);
  t.throws(() => table.grow(6), { instanceOf: RangeError, message: /failed to grow table by 6/ });
  t.throws(() => table.get(35), { instanceOf: RangeError, message: /invalid index 35/ });
  t.throws(() => table.set(35, null), { instanceOf: RangeError });
  t.throws(() => table.set(0, undefined), { instanceOf: TypeError });
  t.throws(() => table.set(0, () => 1), { instanceOf: TypeError, message: /Wasm function object/ });
  t.throws(() => table.get(-1), { instanceOf: TypeError });
  t.throws(() => table.get(undefined as never), { instanceOf: TypeError });
});

test('table descriptors are checked', (t) => {
  const make = (descriptor: unknown, value?: unknown) => () => new WebAssembly.Table(descriptor as never, value);
  for (const wrong of [undefined, 1, {}, { element: 'anyfunc' }, { initial: 1 }, { element: 'x', initial: 1 }]) {
    t.throws(make(wrong), { instanceOf: TypeError, message: /^WebAssembly\.Table\(\)/ });
  }
  t.throws(make({ element: 'anyfunc', initial: 100_000_000 }), { instanceOf: RangeError });
  t.throws(make({ element: 'anyfunc', initial: 2, maximum: 1 }), { instanceOf: RangeError });
  t.throws(make({ element: 'anyfunc', initial: 1 }, 5), { instanceOf: TypeError });
});

test('globals hold values of each numeric type', (t) => {
  const values = [
    ['i32', 5, 5],
    ['i32', 2 ** 31 + 2 ** 40, -(2 ** 31)],
    ['i32', '7', 7],
    ['i64', 5n, 5n],
    ['i64', 2n ** 63n, -(2n ** 63n)],
    ['f32', 1.1, Math.fround(1.1)],
    ['f64', 1.1, 1.1],
    ['f64', -0, -0],
    ['anyfunc', null, null],
  ] as const;
  for (const [type, given, seen] of values) {
    const global = new WebAssembly.Global({ value: type, mutable: true }, given);
    t.is(global.value, seen);
    t.is(global.valueOf(), seen);
    global.value = given;
    t.is(global.value, seen);
  }
  t.is(new WebAssembly.Global({ value: 'i64' }).value, 0n);
  t.is(new WebAssembly.Global({ value: 'anyfunc' }).value, null);
  t.is(new WebAssembly.Global({ value: 'f32' }).value, 0);
});

test('globals are checked', (t) => {
  const make =
    (descriptor: unknown, ...value: unknown[]) =>
    () =>
      new WebAssembly.Global(descriptor as never, ...value);
  for (const wrong of [undefined, 1, {}, { value: 'x' }, { value: 'v128' }]) {
    t.throws(make(wrong), { instanceOf: TypeError, message: /^WebAssembly\.Global\(\)/ });
  }
  t.throws(make({ value: 'i32' }, 5n), { instanceOf: TypeError, message: 'Cannot convert a BigInt value to a number' });
  t.throws(make({ value: 'i64' }, 5), { message: 'Cannot convert 5 to a BigInt' });
  t.throws(make({ value: 'anyfunc' }, undefined), { instanceOf: TypeError });
  t.throws(make({ value: 'anyfunc' }, 5), { instanceOf: TypeError });
  const constant = new WebAssembly.Global({ value: 'i32' }, 5);
  t.throws(
    () => {
      constant.value = 6;
    },
    { instanceOf: TypeError, message: /immutable/ },
  );
  t.is(constant.value, 5);
  t.throws(() => WebAssembly.Global.prototype.value, { message: /Receiver is not a WebAssembly\.Global/ });
});
