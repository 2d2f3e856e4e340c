/** Conversions, getters and iterators run code of the program, which can call the engine: what holds then. */
import { binary, instantiate, onBeamline, onBoth, thrown } from './engines.js';

type AnyFunction = (...args: unknown[]) => unknown;

onBoth('iterables of results: read to the end, then counted, then converted in order', (t, wasm) => {
  const log: string[] = [];
  let values: unknown[] = [];
  const iterable = {
    [Symbol.iterator]() {
      let at = 0;
      return {
        next() {
          log.push(`next ${at}`);
          return at < values.length ? { done: false, value: values[at++] } : { done: true, value: undefined };
        },
        return() {
          log.push('return');
          return {};
        },
      };
    },
  };
  const { run } = instantiate(
    wasm,
    '(module (import "m" "f" (func $f (result i32 f64))) (func (export "run") (result i32 f64) (call $f)))',
    { m: { f: () => iterable } },
  ) as unknown as Record<string, AnyFunction>;
  const number = (name: string, value: number) => ({
    valueOf() {
      log.push(name);
      return value;
    },
  });
  values = [number('first', 1), number('second', 2)];
  t.deepEqual(run?.(), [1, 2]);
  t.deepEqual(log, ['next 0', 'next 1', 'next 2', 'first', 'second']);
  for (const wrong of [[number('x', 1)], [number('x', 1), 2, 3]]) {
    log.length = 0;
    values = wrong;
    t.throws(() => run?.(), { instanceOf: TypeError });
    t.false(log.includes('x'), 'the number of values comes first');
    t.false(log.includes('return'), 'an iterator that ended is not closed');
  }
  log.length = 0;
  const problem = new Error('deliberate');
  values = [
    {
      valueOf() {
        throw problem;
      },
    },
    number('second', 2),
  ];
  t.is(
    thrown(() => run?.()),
    problem,
  );
  t.false(log.includes('second'));
});

onBoth('arguments that call the same function, or grow its memory, while they are converted', (t, wasm) => {
  const exports = instantiate(
    wasm,
    `(module (memory (export "memory") 1 4)
      (func (export "store") (param i32 i32) (result i32)
        (i32.store (local.get 0) (local.get 1)) (i32.load (local.get 0))))`,
  ) as unknown as { memory: { grow(pages: number): number; buffer: ArrayBuffer }; store: AnyFunction };
  const inner = {
    valueOf() {
      t.is(exports.store(8, 77), 77);
      exports.memory.grow(1);
      return 65536;
    },
  };
  t.is(exports.store(inner, 5), 5);
  t.is(new DataView(exports.memory.buffer).getInt32(65536, true), 5);
  t.is(new DataView(exports.memory.buffer).getInt32(8, true), 77);
});

onBoth('tables that change while an index is converted', (t, wasm) => {
  const { f } = instantiate(wasm, '(module (func (export "f")))');
  const table = new wasm.Table({ element: 'anyfunc', initial: 1, maximum: 4 });
  const growing = (index: number) =>
    ({
      valueOf() {
        table.grow(1);
        return index;
      },
    }) as never;
  t.is(table.get(growing(1)), null as never);
  table.set(growing(2), f);
  t.is(table.get(2), f);
  t.is(table.grow(growing(0)), 4);
  t.throws(() => table.grow(1), { instanceOf: RangeError });
});

onBoth('a setter that converts cannot be surprised by its own global', (t, wasm) => {
  const global = new wasm.Global({ value: 'i32', mutable: true } as never, 1 as never);
  global.value = {
    valueOf() {
      global.value = 5 as never;
      return 6;
    },
  } as never;
  t.is(global.value, 6 as never);
});

onBoth('a getter of the imports can instantiate and call other modules', (t, wasm) => {
  let inner: unknown;
  const imports = {
    m: {
      get a() {
        const { answer } = instantiate(wasm, '(module (func (export "answer") (result i32) (i32.const 42)))');
        inner = (answer as unknown as AnyFunction)();
        return answer;
      },
      b: 3,
    },
  };
  const { sum } = instantiate(
    wasm,
    `(module (import "m" "a" (func $a (result i32))) (import "m" "b" (global $b i32))
      (func (export "sum") (result i32) (i32.add (call $a) (global.get $b))))`,
    imports,
  ) as unknown as Record<string, AnyFunction>;
  t.is(inner, 42);
  t.is(sum?.(), 45);
});

onBoth('functions that go through JS and back: no conversion in between, types are checked when linked', (t, wasm) => {
  const text = '(module (func (export "f") (param i64) (result i64) (local.get 0)))';
  const { f } = instantiate(wasm, text);
  const pass = (type: string, value: unknown) =>
    instantiate(wasm, `(module (import "m" "f" (func $f ${type})) (export "f" (func $f)))`, { m: { f: value } })['f'];
  t.is(pass('(param i64) (result i64)', f), f);
  for (const type of ['', '(param i64)', '(param i32) (result i64)', '(param i64 i64) (result i64)']) {
    t.throws(() => pass(type, f), { instanceOf: wasm.LinkError }, type);
  }
  const host: AnyFunction = () => 1n;
  const first = pass('(param i64) (result i64)', host);
  t.not(first as unknown, host as unknown);
  t.is(pass('(param i64) (result i64)', first), first);
  t.notThrows(() => pass('', host), 'host functions are of any type');
  const wrapped = (...args: unknown[]) => (f as unknown as AnyFunction)(...args);
  t.notThrows(() => pass('(param f32)', wrapped));
});

onBoth('the same host function is imported twice: two exported functions', (t, wasm) => {
  const host = () => 1;
  const { a, b } = instantiate(
    wasm,
    `(module (import "m" "f" (func $a (result i32))) (import "m" "f" (func $b (result i32)))
      (export "a" (func $a)) (export "b" (func $b)))`,
    { m: { f: host } },
  ) as unknown as Record<string, AnyFunction>;
  t.not(a, b);
  t.deepEqual([a?.name, b?.name, a?.(), b?.()], ['0', '1', 1, 1]);
});

onBoth('imported numbers are exported as globals of their own', (t, wasm) => {
  const text = '(module (import "m" "g" (global f32)) (export "a" (global 0)) (export "b" (global 0)))';
  const make = () =>
    instantiate(wasm, text, { m: { g: 0.1 } }) as unknown as Record<string, { value: number; valueOf(): number }>;
  const one = make();
  t.true(one['a'] instanceof wasm.Global);
  t.is(one['a']?.value, Math.fround(0.1));
  t.not(make()['a'], one['a']);
});

onBeamline('an imported number that is exported twice is one global', 'V8 of Node 20 makes two', (t, wasm) => {
  const text = '(module (import "m" "g" (global f32)) (export "a" (global 0)) (export "b" (global 0)))';
  const { a, b } = instantiate(wasm, text, { m: { g: 0.1 } });
  t.is(a, b);
});

onBoth('host functions: proxies, classes of other kinds, own properties do not matter', (t, wasm) => {
  let thisValue: unknown = 0;
  const target = function (this: unknown, ...args: unknown[]) {
    thisValue = this;
    return args.length;
  };
  const text =
    '(module (import "m" "f" (func $f (param i32 i32) (result i32))) (func (export "g") (result i32) (call $f (i32.const 1) (i32.const 2))))';
  for (const f of [target, new Proxy(target, {}), target.bind('bound')]) {
    const { g } = instantiate(wasm, text, { m: { f } }) as unknown as Record<string, AnyFunction>;
    t.is(g?.(), 2);
  }
  t.is(thisValue, 'bound');
  const { g } = instantiate(wasm, text, { m: { f: class {} } }) as unknown as Record<string, AnyFunction>;
  t.throws(() => g?.(), { instanceOf: TypeError });
  t.throws(() => new wasm.Instance(new wasm.Module(binary(text)), { m: { f: Object.create(target) } }), {
    instanceOf: wasm.LinkError,
  });
});
