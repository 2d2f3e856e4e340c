import test from 'ava';
import { Engine } from '../../src/index.js';
import { wat } from './wat.js';

const engine = new Engine();
const { WebAssembly } = engine;
const v8 = (globalThis as unknown as { WebAssembly: typeof WebAssembly }).WebAssembly;

// biome-ignore lint/suspicious/noExplicitAny: exports of test modules.
type Any = any;

function instantiate(text: string, imports?: object): Any {
  return new WebAssembly.Instance(new WebAssembly.Module(wat(text)), imports).exports;
}

test('functions are linked without JS in between, and keep their identity', (t) => {
  const a = instantiate(`(module (memory 1) (data (i32.const 8) "\\2a")
    (func (export "read") (result i32) (i32.load8_u (i32.const 8)))
    (func (export "trap") unreachable))`);
  const b = instantiate(
    `(module (import "a" "read" (func $read (result i32))) (import "a" "trap" (func $trap))
      (memory 1) (data (i32.const 8) "\\01")
      (export "again" (func $read)) (export "trap" (func $trap))
      (func (export "both") (result i32)
        (i32.add (call $read) (i32.mul (i32.const 100) (i32.load8_u (i32.const 8))))))`,
    { a },
  );
  t.is(b.both(), 142);
  t.is(b.again, a.read);
  t.throws(() => b.trap(), { instanceOf: WebAssembly.RuntimeError });
});

test('a table is shared, and functions in it run in their own instance', (t) => {
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 4 });
  const make = (slot: number, value: number): Any =>
    instantiate(
      `(module (import "m" "t" (table 4 funcref)) (elem (i32.const ${slot}) $f)
        (global $v i32 (i32.const ${value}))
        (func $f (result i32) (global.get $v))
        (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0))))`,
      { m: { t: table } },
    );
  const one = make(0, 11);
  const two = make(1, 22);
  t.is(one.call(1), 22);
  t.is(two.call(0), 11);
  t.is((table.get(1) as () => number)(), 22);
  table.set(2, table.get(0));
  t.is(two.call(2), 11);
  t.throws(() => two.call(3), { message: /null function/ });
});

test('a table that grows is the same for all that use it, as often as they import it', (t) => {
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 1, maximum: 100_000 });
  const values = new WebAssembly.Table({ element: 'externref', initial: 0 });
  const source = `(module
    (import "m" "t" (table $a 0 100000 funcref)) (import "m" "t" (table $b 0 100000 funcref)) (import "m" "v" (table $v 0 externref))
    (import "m" "id" (global $id i32))
    (table $own (export "own") 0 funcref)
    (elem declare func $f) (func $f (result i32) (global.get $id))
    (func (export "sizes") (result i32 i32 i32 i32) (table.size $a) (table.size $b) (table.size $v) (table.size $own))
    (func (export "grow") (param i32) (result i32) (table.grow $b (ref.func $f) (local.get 0)))
    (func (export "growOwn") (param i32) (result i32) (table.grow $own (ref.func $f) (local.get 0)))
    (func (export "growValues") (param externref i32) (result i32) (table.grow $v (local.get 0) (local.get 1)))
    (func (export "value") (param i32) (result externref) (table.get $v (local.get 0)))
    (func (export "call") (param i32) (result i32) (call_indirect $a (result i32) (local.get 0)))
    (func (export "callOwn") (param i32) (result i32) (call_indirect $own (result i32) (local.get 0))))`;
  const make = (id: number): Any => instantiate(source, { m: { t: table, v: values, id } });
  const [one, two] = [make(1), make(2)];
  let length = 1;
  for (const [e, id] of [
    [one, 1],
    [two, 2],
    [two, 2],
    [one, 1],
  ] as const) {
    const delta = 40 * length;
    t.is(e.grow(delta), length);
    for (const other of [one, two]) {
      t.deepEqual(other.sizes().slice(0, 2), [length + delta, length + delta]);
      t.is(other.call(length), id);
      t.is(other.call(length + delta - 1), id);
      t.throws(() => other.call(length + delta), { message: /table index is out of bounds/ });
    }
    length += delta;
    if (length > 2000) break;
  }
  t.throws(() => one.call(0), { message: /null function/ });
  t.is(table.grow(3), length);
  t.is(one.sizes()[0], length + 3);
  t.throws(() => two.call(length + 2), { message: /null function/ });
  t.is(one.growOwn(5), 0);
  t.is(one.callOwn(4), 1);
  t.is(one.own.get(4)(), 1);
  t.is(two.sizes()[3], 0);
  const value = {};
  t.is(two.growValues(value, 70), 0);
  t.is(one.sizes()[2], 70);
  t.is(one.value(69), value);
  t.is(values.get(69), value);
});

test('table.get remembers functions, not what was there before', (t) => {
  const e = instantiate(
    `(module
    (import "m" "h" (func $h (result i32)))
    (table $t (export "t") 0 200000 funcref) (elem $e func $one $two $h)
    (func $one (export "one") (result i32) (i32.const 1))
    (func $two (export "two") (result i32) (i32.const 2))
    (func (export "set") (param i32 funcref) (table.set $t (local.get 0) (local.get 1)))
    (func (export "fill") (param i32 funcref i32) (table.fill $t (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copy") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
    (func (export "init") (param i32) (table.init $t $e (local.get 0) (i32.const 0) (i32.const 3))))`,
    {
      m: { h: () => 3 },
    },
  );
  const { t: table, one, two } = e;
  table.grow(150_000);
  const at = [0, 1, 15, 16, 17, 63, 1000, 65_535, 65_536, 65_536 + 17, 131_072 + 17, 149_990];
  const reads = (expected: unknown) => {
    for (let round = 0; round < 2; round++) for (const i of at) t.is(table.get(i), expected);
  };
  reads(null);
  e.fill(0, one, 150_000);
  reads(one);
  for (const i of at) table.set(i, two);
  reads(two);
  for (const i of at) e.set(i, null);
  reads(null);
  for (const i of at) e.init(i);
  const host = table.get(149_992);
  t.is(host(), 3);
  t.is(table.get(149_990), one);
  t.is(table.get(149_991), two);
  e.copy(20, 149_990, 3);
  t.is(table.get(22), host);
  table.grow(10, two);
  t.is(table.get(150_009), two);
  t.is(table.get(22), host);
});

test('tables: get, set, grow, size, fill, copy and init from wasm are seen by JS', (t) => {
  const e = instantiate(`(module
    (table $t (export "t") 3 20 funcref) (table $u (export "u") 2 funcref)
    (elem $e func $one $two) (elem declare func $one)
    (func $one (export "one") (result i32) (i32.const 1))
    (func $two (export "two") (result i32) (i32.const 2))
    (func (export "set") (param i32) (table.set $t (local.get 0) (ref.func $one)))
    (func (export "get") (param i32) (result funcref) (table.get $t (local.get 0)))
    (func (export "grow") (param i32) (result i32) (table.grow $t (ref.func $one) (local.get 0)))
    (func (export "size") (result i32) (table.size $t))
    (func (export "fill") (param i32 i32) (table.fill $t (local.get 0) (ref.null func) (local.get 1)))
    (func (export "copy") (table.copy $u $t (i32.const 0) (i32.const 0) (i32.const 2)))
    (func (export "init") (param i32) (table.init $t $e (local.get 0) (i32.const 0) (i32.const 2)))
    (func (export "drop") (elem.drop $e)))`);
  e.set(1);
  t.is(e.t.get(1), e.one);
  t.is(e.get(1), e.one);
  t.is(e.get(0), null);
  t.is(e.grow(5), 3);
  t.is(e.t.length, 8);
  t.is(e.t.get(7), e.one);
  t.is(e.grow(100), -1);
  t.is(e.t.grow(2, e.two), 8);
  t.is(e.size(), 10);
  t.is(e.get(9), e.two);
  e.fill(1, 7);
  t.is(e.t.get(7), null);
  e.init(0);
  t.is(e.t.get(1), e.two);
  e.copy();
  t.is(e.u.get(1), e.two);
  t.throws(() => e.init(9), { message: 'table index is out of bounds' });
  e.drop();
  t.throws(() => e.init(0), { message: 'element segment out of bounds' });
});

test('mutable globals are shared; immutable ones are copied', (t) => {
  const global = new WebAssembly.Global({ value: 'i64', mutable: true }, 5n);
  const text = `(module (import "m" "g" (global $g (mut i64))) (import "m" "c" (global $c f64))
    (global $own (export "own") (mut f64) (global.get $c))
    (export "g" (global $g)) (export "c" (global $c))
    (func (export "add") (param i64) (global.set $g (i64.add (global.get $g) (local.get 0))))
    (func (export "own_get") (result f64) (global.get $own)))`;
  const a = instantiate(text, { m: { g: global, c: 1.5 } });
  const b = instantiate(text, { m: { g: a.g, c: a.c } });
  a.add(10n);
  b.add(100n);
  t.is(global.value, 115n);
  t.is(a.g, global);
  global.value = 1n;
  b.add(1n);
  t.is(a.g.value, 2n);
  a.own.value = 9;
  t.is(a.own_get(), 9);
  t.is(b.own_get(), 1.5);
  t.is(b.c.value, 1.5);
  t.is(b.c, a.c);
});

const kinds = [
  { memory: 'v8', bounds: 'guard' },
  { memory: 'v8', bounds: 'check' },
  { memory: 'mmap', bounds: 'guard' },
  { memory: 'mmap', bounds: 'check' },
] as const;

for (const kind of kinds) {
  const name = `${kind.memory}, ${kind.bounds}`;

  test(`${name}: a memory is shared between instances and JS, however it grows`, (t) => {
    const { WebAssembly } = new Engine(kind);
    const object = new WebAssembly.Memory({ initial: 1, maximum: 10 });
    const module = new WebAssembly.Module(
      wat(`(module (import "m" "m" (memory 1 10)) (export "m" (memory 0))
        (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
        (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
        (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 7) (local.get 1)))
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "size") (result i32) (memory.size)))`),
    );
    const [a, b] = [0, 1].map(() => new WebAssembly.Instance(module, { m: { m: object } }).exports) as [Any, Any];
    t.is(a.m, object);
    a.store(100, 1234);
    t.is(b.load(100), 1234);
    t.is(new Int32Array(object.buffer)[25], 1234);
    t.throws(() => b.load(65536), { message: 'memory access out of bounds' });
    t.is(a.grow(1), 1);
    t.is(b.size(), 2);
    t.is(b.load(65536), 0);
    t.is(object.grow(2), 2);
    t.is(a.size(), 4);
    b.fill(4 * 65536 - 4, 4);
    t.is(a.load(4 * 65536 - 4), 0x07070707);
    t.throws(() => b.fill(4 * 65536 - 4, 5), { message: 'memory access out of bounds' });
    t.is(a.grow(7), -1);
    t.is(a.grow(6), 4);
    t.is(object.buffer.byteLength, 10 * 65536);
  });

  test(`${name}: bytes, length and all instances follow a memory wherever it goes`, (t) => {
    const { WebAssembly } = new Engine(kind);
    const other = new Engine(kind).WebAssembly;
    const bytes = wat(`(module (import "m" "m" (memory 0)) (import "m" "f" (func $f))
      (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
      (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "size") (result i32) (memory.size))
      (func (export "around") (param i32) (result i32)
        (i32.store (local.get 0) (i32.const 5)) (call $f)
        (i32.store offset=4 (local.get 0) (i32.const 6)) (memory.size)))`);
    const m = new WebAssembly.Memory({ initial: 0 });
    let inside = (): unknown => 0;
    const imports = { m: { m, f: () => inside() } };
    const [a, b, c] = [WebAssembly, WebAssembly, other].map(
      (space) => new space.Instance(new space.Module(bytes), imports as Any).exports,
    ) as [Any, Any, Any];
    t.throws(() => a.load(0), { message: 'memory access out of bounds' });
    t.is(a.grow(1), 0);
    a.store(0, 77);
    const ways = [
      () => a.grow(9),
      () => m.grow(9),
      () => c.grow(9),
      () => b.grow(0),
      ...(kind.memory === 'v8' ? [() => v8.Memory.prototype.grow.call(m, 9)] : []),
    ];
    for (const grow of [...ways, ...ways]) {
      const buffer = m.buffer;
      const before = buffer.byteLength;
      inside = grow;
      const pages = a.around(8);
      t.is(buffer.byteLength, 0);
      t.is(pages, m.buffer.byteLength / 65536);
      const words = new Int32Array(m.buffer);
      t.deepEqual([...words.subarray(0, 4)], [77, 0, 5, 6]);
      grow();
      const last = m.buffer.byteLength - 4;
      for (const e of [a, b, c]) {
        t.is(e.size(), m.buffer.byteLength / 65536);
        t.is(e.load(0), 77);
        t.throws(() => e.load(last + 1), { message: 'memory access out of bounds' });
        e.store(last, before);
      }
      t.is(new Int32Array(m.buffer)[last >>> 2], before);
      new Int32Array(m.buffer).fill(0, 2, 4);
      a.store(last, 0);
    }
  });
}

test('code without checks takes no memory without guard pages, code with checks takes any', (t) => {
  const bytes = wat(`(module (import "m" "m" (memory 1))
    (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))`);
  for (const giver of kinds) {
    const m = new new Engine(giver).WebAssembly.Memory({ initial: 1 });
    for (const taker of kinds) {
      const { WebAssembly } = new Engine(taker);
      const link = () => new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { m } }).exports as Any;
      if (taker.bounds === 'guard' && giver.memory === 'mmap' && giver.bounds === 'check') {
        t.throws(link, { instanceOf: WebAssembly.LinkError, message: /nothing is reserved behind the memory/ });
      } else {
        const { load } = link();
        t.is(load(65532), 0);
        t.throws(() => load(65533), { message: 'memory access out of bounds' });
        t.throws(() => load(-1), { message: 'memory access out of bounds' });
      }
    }
  }
});

test("one of V8's own memories can be imported, and is seen to grow", (t) => {
  const object = new v8.Memory({ initial: 1, maximum: 4 });
  const e = instantiate(
    `(module (import "m" "m" (memory 1 4)) (import "m" "f" (func $f)) (export "m" (memory 0))
      (func (export "size") (result i32) (memory.size))
      (func (export "around") (result i32) (call $f) (memory.size))
      (func (export "grow") (result i32) (memory.grow (i32.const 1))))`,
    { m: { m: object, f: () => object.grow(1) } },
  );
  t.is(e.m, object);
  t.is(e.size(), 1);
  object.grow(1);
  t.is(e.size(), 2);
  t.is(e.grow(), 2);
  t.is(object.buffer.byteLength, 3 * 65536);
  t.is(e.around(), 4);
  const declared = (maximum: string) => () =>
    instantiate(`(module (import "m" "m" (memory 1 ${maximum})))`, { m: { m: object } });
  t.throws(declared('3'), { instanceOf: WebAssembly.LinkError, message: /larger maximum of 4/ });
  t.notThrows(declared('5'));
  t.throws(() => instantiate('(module (import "m" "m" (memory 1 3)))', { m: { m: new v8.Memory({ initial: 1 }) } }), {
    message: /no maximum/,
  });
});

test("V8's own functions, and those of another engine, are callables", (t) => {
  const bytes = wat(
    '(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))',
  );
  const other = new Engine().WebAssembly;
  for (const namespace of [v8, other]) {
    const { add } = new namespace.Instance(new namespace.Module(bytes)).exports as Any;
    const e = instantiate(
      `(module (import "m" "add" (func $add (param i32 i32) (result i32))) (export "add" (func $add))
        (func (export "f") (result i32) (call $add (i32.const 40) (i32.const 2))))`,
      { m: { add } },
    );
    t.is(e.f(), 42);
    t.not(e.add, add);
    t.is(e.add(1, 2), 3);
    t.is(e.add.name, '0');
  }
});

test('imports are read in order, module and name, getters and all', (t) => {
  const log: string[] = [];
  const imports = new Proxy(
    {},
    {
      get: (_target, module: string) => {
        log.push(module);
        return new Proxy(
          {},
          {
            get: (_inner, name: string) => {
              log.push(name);
              return name === 'g' ? 1 : () => {};
            },
          },
        );
      },
    },
  );
  instantiate('(module (import "a" "f" (func)) (import "b" "g" (global i32)) (import "a" "h" (func)))', imports);
  t.deepEqual(log, ['a', 'f', 'b', 'g', 'a', 'h']);
});

test('what does not fit is refused, with the import that is wrong', (t) => {
  const fails = (text: string, imports: unknown, instanceOf: typeof TypeError, message: RegExp): void => {
    t.throws(() => instantiate(`(module ${text})`, imports as object), { instanceOf, message }, text);
  };
  const Link = WebAssembly.LinkError as never;
  const f = '(import "m" "f" (func))';
  fails(f, undefined, TypeError, /Imports argument must be present and must be an object/);
  fails(f, 5, TypeError, /Argument 1 must be an object/);
  fails(f, {}, TypeError, /Import #0 "m": module is not an object or function/);
  fails(f, { m: {} }, Link, /^WebAssembly\.Instance\(\): Import #0 "m" "f": function import requires a callable$/);
  const typed = instantiate('(module (func (export "f") (result i32) (i32.const 0)))');
  fails(f, { m: typed }, Link, /imported function does not match the expected type/);
  const g = '(import "m" "g" (global i32))';
  fails(g, { m: {} }, Link, /global import must be a number/);
  fails(g, { m: { g: 5n } }, Link, /global import must be a number/);
  fails('(import "m" "g" (global i64))', { m: { g: 5 } }, Link, /global import must be a number/);
  fails('(import "m" "g" (global (mut i32)))', { m: { g: 5 } }, Link, /mutable global must be a WebAssembly\.Global/);
  const global = new WebAssembly.Global({ value: 'i32' }, 1);
  fails('(import "m" "g" (global (mut i32)))', { m: { g: global } }, Link, /mutability/);
  fails('(import "m" "g" (global f32))', { m: { g: global } }, Link, /expected type/);
  fails('(import "m" "g" (global funcref))', { m: { g: () => 1 } }, Link, /funcref/);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 3 });
  fails('(import "m" "m" (memory 1))', { m: { m: {} } }, Link, /memory import must be a WebAssembly\.Memory object/);
  fails('(import "m" "m" (memory 2))', { m: { m: memory } }, Link, /1 pages.*initial of 2/);
  fails('(import "m" "m" (memory 1 2))', { m: { m: memory } }, Link, /larger maximum of 3/);
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
  fails('(import "m" "t" (table 1 funcref))', { m: { t: [] } }, Link, /table import requires a WebAssembly\.Table/);
  fails('(import "m" "t" (table 2 funcref))', { m: { t: table } }, Link, /1 elements.*initial of 2/);
  fails('(import "m" "t" (table 1 5 funcref))', { m: { t: table } }, Link, /no maximum/);
});

test('segments run in order; one that does not fit traps and earlier ones stay', (t) => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 2 });
  const imports = { m: { m: memory, t: table } };
  const text = (table: number, data: number) => `(module
    (import "m" "m" (memory 1)) (import "m" "t" (table 2 funcref)) (func $f)
    (elem (i32.const 0) $f) (elem (i32.const ${table}) $f)
    (data (i32.const 0) "ab") (data (i32.const ${data}) "cd"))`;
  t.throws(() => instantiate(text(2, 2), imports), {
    instanceOf: WebAssembly.RuntimeError,
    message: /table index is out of bounds/,
  });
  t.is(typeof table.get(0), 'function');
  t.is(new Uint8Array(memory.buffer)[0], 0);
  t.throws(() => instantiate(text(1, 65535), imports), {
    instanceOf: WebAssembly.RuntimeError,
    message: /data segment is out of bounds/,
  });
  t.is(new Uint8Array(memory.buffer)[1], 0x62);
  t.is(new Uint8Array(memory.buffer)[65535], 0);
});

test('passive data and element segments can be used until they are dropped', (t) => {
  const e = instantiate(`(module (memory (export "m") 1) (data $d "hello")
    (func (export "init") (param i32 i32 i32) (memory.init $d (local.get 0) (local.get 1) (local.get 2)))
    (func (export "drop") (data.drop $d)))`);
  e.init(3, 1, 4);
  t.is(Buffer.from(e.m.buffer, 3, 4).toString(), 'ello');
  t.throws(() => e.init(0, 2, 4), { message: 'memory access out of bounds' });
  e.drop();
  t.throws(() => e.init(0, 0, 1), { message: 'memory access out of bounds' });
  e.init(0, 0, 0);
});

test('the start function runs last; its trap is thrown and the module can be instantiated again', (t) => {
  const log: number[] = [];
  const text = `(module (import "m" "log" (func $log (param i32))) (memory 1) (data (i32.const 0) "\\05")
    (start $s) (func $s (call $log (i32.load8_u (i32.const 0)))))`;
  instantiate(text, { m: { log: (n: number) => log.push(n) } });
  t.deepEqual(log, [5]);
  t.throws(() => instantiate('(module (start $s) (func $s unreachable))'), { message: 'unreachable' });
  const thrown = new Error('no');
  t.is(
    t.throws(() =>
      instantiate(text, {
        m: {
          log: () => {
            throw thrown;
          },
        },
      }),
    ),
    thrown,
  );
});

test('a disposed engine refuses to run, and its memories stay', (t) => {
  const disposable = new Engine();
  const namespace = disposable.WebAssembly;
  const bytes = wat('(module (memory (export "m") 1) (data (i32.const 0) "x") (func (export "f")))');
  const module = new namespace.Module(bytes);
  const { f, m } = new namespace.Instance(module).exports as Any;
  f();
  disposable.dispose();
  disposable.dispose();
  t.throws(() => f(), { message: 'the engine is disposed' });
  t.throws(() => new namespace.Module(bytes), { message: 'the engine is disposed' });
  t.throws(() => new namespace.Instance(module), { message: 'the engine is disposed' });
  t.is(new Uint8Array(m.buffer)[0], 0x78);
  const busy = new Engine();
  const e = new busy.WebAssembly.Instance(
    new busy.WebAssembly.Module(wat('(module (import "m" "f" (func $f)) (func (export "g") (call $f)))')),
    { m: { f: () => busy.dispose() } },
  ).exports as Any;
  t.throws(() => e.g(), { message: /while its code runs/ });
});

test('the exports object is frozen and has no prototype; module descriptors', (t) => {
  const module = new WebAssembly.Module(
    wat(`(module (import "a" "f" (func)) (import "a" "g" (global i32)) (memory (export "mem") 1)
      (func (export "fn")) (table (export "tab") 1 funcref) (global (export "glo") i32 (i32.const 7)))`),
  );
  const instance = new WebAssembly.Instance(module, { a: { f() {}, g: 1 } });
  t.is(instance.exports, instance.exports);
  t.true(Object.isFrozen(instance.exports));
  t.is(Object.getPrototypeOf(instance.exports), null);
  t.deepEqual(Object.keys(instance.exports), ['mem', 'fn', 'tab', 'glo']);
  t.is(instance.exports['glo'].value, 7);
  t.deepEqual(WebAssembly.Module.imports(module), [
    { module: 'a', name: 'f', kind: 'function' },
    { module: 'a', name: 'g', kind: 'global' },
  ]);
  t.deepEqual(
    WebAssembly.Module.exports(module).map((e) => `${e.name} ${e.kind}`),
    ['mem memory', 'fn function', 'tab table', 'glo global'],
  );
  t.is(WebAssembly.Module.customSections(module, 'name').length, 1);
  t.deepEqual(WebAssembly.Module.customSections(module, 'x'), []);
  t.throws(() => new WebAssembly.Instance({} as never), { message: /must be a WebAssembly\.Module/ });
});

test('funcref values cross between JS and wasm', (t) => {
  const a = instantiate('(module (func (export "f") (result i32) (i32.const 6)))');
  const b = instantiate(`(module
    (global $g (export "g") (mut funcref) (ref.null func)) (table 1 funcref)
    (func (export "put") (param funcref) (global.set $g (local.get 0)) (table.set 0 (i32.const 0) (local.get 0)))
    (func (export "get") (result funcref) (global.get $g))
    (func (export "call") (result i32) (call_indirect (result i32) (i32.const 0))))`);
  t.is(b.get(), null);
  b.put(a.f);
  t.is(b.get(), a.f);
  t.is(b.g.value, a.f);
  t.is(b.call(), 6);
  b.g.value = null;
  t.is(b.get(), null);
  t.throws(() => b.put(() => 1), { instanceOf: TypeError });
  t.throws(() => b.put(undefined), { instanceOf: TypeError });
});
