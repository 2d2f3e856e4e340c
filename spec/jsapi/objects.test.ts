/** Sections 5.3 to 5.5: memories, tables, globals. */
import { binary, instantiate, onBeamline, onBoth, watched } from './engines.js';

/** Without what V8 of Node 20 does not ask for yet. */
const older = (log: readonly string[]): string[] => log.filter((line) => line !== 'address');

onBoth('memory descriptors: order, conversions, limits', (t, wasm) => {
  const log: string[] = [];
  new wasm.Memory(watched({ initial: 1, maximum: 2, shared: false }, log) as never);
  t.deepEqual(older(log), ['initial', 'initial valueOf', 'maximum', 'maximum valueOf', 'shared']);
  if (log.length > older(log).length) t.is(log[0], 'address');
  const size = (descriptor: unknown) => new wasm.Memory(descriptor as never).buffer.byteLength / 65536;
  t.is(size({ initial: 2 }), 2);
  t.is(size({ initial: '1' }), 1);
  t.is(size({ initial: 1.9, maximum: undefined }), 1);
  for (const wrong of [
    undefined,
    null,
    5,
    {},
    { initial: undefined },
    { initial: -1 },
    { initial: NaN },
    { initial: 2 ** 32 },
    { initial: 1n },
  ]) {
    t.throws(
      () => size(wrong),
      { instanceOf: TypeError },
      JSON.stringify(wrong, (_, value) => String(value)),
    );
  }
  t.throws(() => size({ initial: 65537 }), { any: true });
  t.throws(() => size({ initial: 2, maximum: 1 }), { instanceOf: RangeError });
});

onBoth('memories: growth detaches, also growth by zero and from inside', (t, wasm) => {
  const memory = new wasm.Memory({ initial: 1, maximum: 3 });
  const first = memory.buffer;
  t.is(memory.buffer, first);
  t.is(memory.grow(1), 1);
  t.is(first.byteLength, 0);
  const second = memory.buffer;
  t.is(second.byteLength, 131072);
  t.is(memory.grow(0), 2);
  t.is(second.byteLength, 0);
  t.throws(() => memory.grow(2), { instanceOf: RangeError });
  for (const wrong of [undefined, -1, NaN, 2 ** 32, 'x'])
    t.throws(() => memory.grow(wrong as never), { instanceOf: TypeError });
  const { grow } = instantiate(
    wasm,
    '(module (import "m" "m" (memory 1)) (func (export "grow") (drop (memory.grow (i32.const 1)))))',
    {
      m: { m: memory },
    },
  );
  const third = memory.buffer;
  (grow as unknown as () => void)();
  t.deepEqual([third.byteLength, memory.buffer.byteLength], [0, 3 * 65536]);
});

onBoth('table descriptors: order, conversions, limits', (t, wasm) => {
  const log: string[] = [];
  new wasm.Table(watched({ element: 'anyfunc', initial: 1, maximum: 2 }, log) as never);
  t.deepEqual(older(log), ['element', 'initial', 'initial valueOf', 'maximum', 'maximum valueOf']);
  if (log.length > older(log).length) t.is(log[1], 'address');
  for (const wrong of [
    undefined,
    {},
    { element: 'i32', initial: 1 },
    { element: 'anyfunc' },
    { element: 'anyfunc', initial: -1 },
  ]) {
    t.throws(() => new wasm.Table(wrong as never), { instanceOf: TypeError });
  }
  t.throws(() => new wasm.Table({ element: 'anyfunc', initial: 2, maximum: 1 }), { instanceOf: RangeError });
  t.throws(() => new wasm.Table({ element: 'anyfunc', initial: 10_000_001 }), { any: true });
});

onBoth('tables of functions', (t, wasm) => {
  const { f, g } = instantiate(wasm, '(module (func (export "f")) (func (export "g")))');
  const table = new wasm.Table({ element: 'anyfunc', initial: 2, maximum: 5 }, f);
  t.is(table.get(0), f);
  t.is(table.get(1), f);
  t.is(table.set(1, g), undefined);
  t.is(table.get('1' as never), g);
  t.is(table.grow(1), 2);
  t.is(table.grow(1, f), 3);
  t.deepEqual([table.length, table.get(2), table.get(3)], [4, null, f]);
  t.is(table.set(0, null), undefined);
  t.is(table.get(0), null);
  t.throws(() => table.grow(2), { instanceOf: RangeError });
  for (const index of [4, 2 ** 32 - 1]) {
    t.throws(() => table.get(index), { instanceOf: RangeError });
    t.throws(() => table.set(index, f), { instanceOf: RangeError });
  }
  for (const index of [-1, NaN, 2 ** 32, undefined])
    t.throws(() => table.get(index as never), { instanceOf: TypeError });
  for (const value of [() => 1, {}, 5]) t.throws(() => table.set(0, value as never), { instanceOf: TypeError });
  t.throws(() => new wasm.Table({ element: 'anyfunc', initial: 1 }, (() => 1) as never), { instanceOf: TypeError });
});

onBoth('tables of host values', (t, wasm) => {
  const object = {};
  const table = new wasm.Table({ element: 'externref', initial: 2 } as never, object as never);
  t.is(table.get(0), object as never);
  table.set(1, Symbol.iterator as never);
  t.is(table.get(1), Symbol.iterator as never);
  table.set(0, null);
  t.is(table.get(0), null);
  t.is(table.grow(1, 'text' as never), 2);
  t.is(table.get(2), 'text' as never);
});

onBoth('globals: types, conversions, mutability', (t, wasm) => {
  const make = (value: string, mutable: boolean, ...initial: unknown[]) =>
    new wasm.Global({ value, mutable } as never, ...(initial as [never]));
  for (const [type, zero, given, read] of [
    ['i32', 0, 2 ** 31, -(2 ** 31)],
    ['i64', 0n, -1n, -1n],
    ['f32', 0, 0.1, Math.fround(0.1)],
    ['f64', 0, '0.1', 0.1],
  ] as const) {
    t.is(make(type, false).value, zero as never);
    t.is(make(type, false, undefined).value, zero as never);
    const global = make(type, true, given);
    t.is(global.value, read as never);
    t.is(global.valueOf(), read as never);
    global.value = zero as never;
    t.is(global.value, zero as never);
  }
  const constant = make('i32', false, 5);
  t.throws(
    () => {
      constant.value = 6 as never;
    },
    { instanceOf: TypeError },
  );
  t.is(constant.value, 5 as never);
  const setter = Object.getOwnPropertyDescriptor(wasm.Global.prototype, 'value')?.set as () => void;
  t.throws(() => setter.call(make('i32', true)), { instanceOf: TypeError });
  for (const wrong of [undefined, {}, { value: 'i31' }, { value: 'v128' }, { value: 5 }]) {
    t.throws(() => new wasm.Global(wrong as never), { instanceOf: TypeError });
  }
  t.throws(() => make('i64', false, 1), { instanceOf: TypeError });
  const log: string[] = [];
  new wasm.Global(watched({ mutable: true, value: 'i32' }, log) as never);
  t.deepEqual(log, ['mutable', 'value']);
});

onBoth('globals of references', (t, wasm) => {
  const { f } = instantiate(wasm, '(module (func (export "f")))');
  const functions = new wasm.Global({ value: 'anyfunc', mutable: true } as never, f);
  t.is(functions.value, f);
  functions.value = null as never;
  t.is(functions.value, null as never);
  t.throws(
    () => {
      functions.value = (() => 1) as never;
    },
    { instanceOf: TypeError },
  );
  const values = new wasm.Global({ value: 'externref', mutable: true } as never, 'text' as never);
  t.is(values.value, 'text' as never);
  values.value = undefined as never;
  t.is(values.value, undefined as never);
});

onBeamline('a global of host values without a value is undefined', 'V8 of Node 20 gives null', (t, wasm) => {
  t.is(new wasm.Global({ value: 'externref' } as never).value, undefined as never);
});

onBoth('globals and memories of modules are the same objects wherever they are seen', (t, wasm) => {
  const a = instantiate(wasm, '(module (global (export "g") (mut i32) (i32.const 1)) (memory (export "m") 1))');
  const b = instantiate(
    wasm,
    '(module (import "a" "g" (global $g (mut i32))) (import "a" "m" (memory 1)) (export "g" (global 0)) (export "m" (memory 0)) (func (export "set") (global.set $g (i32.const 9))))',
    { a },
  );
  t.is(b['g'], a['g']);
  t.is(b['m'], a['m']);
  (b['set'] as unknown as () => void)();
  t.is((a['g'] as unknown as { value: number }).value, 9);
  t.true(wasm.validate(binary('(module)')));
});
