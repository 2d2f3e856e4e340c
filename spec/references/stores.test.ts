/** References in tables, globals and element segments, and what JS sees of them. */
import test from 'ava';
import { Engine, type WebAssemblyNamespace } from '../../src/index.js';
import { wat } from '../api/wat.js';
import { type Any, engines, instantiate } from './support.js';

function onEach(title: string, run: (t: Any, engine: Engine) => void): void {
  for (const { name, make } of engines) test(`${title} (${name})`, (t) => run(t, make()));
}

onEach('a reference stored in a table and dropped', (t, engine) => {
  const { t: table, set } = instantiate(
    engine,
    `(module (table (export "t") 10 externref)
      (func (export "set") (param i32 externref) (table.set (local.get 0) (local.get 1))))`,
  );
  const value = {};
  set(3, value);
  table.set(4, value);
  t.is(engine.gc().live, 2);
  t.is(table.get(3), value);
  set(3, null);
  t.deepEqual([engine.gc().freed, engine.statistics().references.live], [1, 1]);
  table.set(4, null);
  t.is(engine.gc().live, 0);
  t.is(table.get(4), null);
});

onEach('table.grow, size, fill, copy, init with imported and own tables mixed', (t, engine) => {
  const { WebAssembly } = engine;
  const first = {};
  const imported = new WebAssembly.Table({ element: 'externref', initial: 2, maximum: 40 }, first);
  const functions = new WebAssembly.Table({ element: 'anyfunc', initial: 3 });
  const other = { other: true };
  const exports = instantiate(
    engine,
    `(module (import "m" "a" (table $a 1 externref)) (import "m" "f" (table $f 1 funcref))
      (import "m" "g" (global $g externref)) (import "m" "gc" (func $gc))
      (table $b (export "b") 1 30 externref) (table $c (export "c") 2 funcref)
      (elem $e externref (ref.null extern) (global.get $g) (global.get $g))
      (func (export "growA") (param externref i32) (result i32) (call $gc) (table.grow $a (local.get 0) (local.get 1)))
      (func (export "growB") (param externref i32) (result i32) (call $gc) (table.grow $b (local.get 0) (local.get 1)))
      (func (export "growC") (param funcref i32) (result i32) (call $gc) (table.grow $c (local.get 0) (local.get 1)))
      (func (export "fillA") (param i32 externref i32) (call $gc) (table.fill $a (local.get 0) (local.get 1) (local.get 2)))
      (func (export "fillB") (param i32 externref i32) (call $gc) (table.fill $b (local.get 0) (local.get 1) (local.get 2)))
      (func (export "copy") (param i32 i32 i32) (table.copy $b $a (local.get 0) (local.get 1) (local.get 2)))
      (func (export "copyBack") (param i32 i32 i32) (table.copy $a $b (local.get 0) (local.get 1) (local.get 2)))
      (func (export "init") (param i32 i32 i32) (table.init $b $e (local.get 0) (local.get 1) (local.get 2)))
      (func (export "drop") (elem.drop $e))
      (func (export "sizes") (result i32 i32 i32 i32) (table.size $a) (table.size $f) (table.size $b) (table.size $c)))`,
    { m: { a: imported, f: functions, g: other, gc: () => engine.gc() } },
  );
  const { b, c } = exports;
  t.deepEqual(exports.sizes(), [2, 3, 1, 2]);
  const grown = { grown: true };
  t.is(exports.growA(grown, 5), 2);
  t.is(exports.growB(undefined, 3), 1);
  t.is(exports.growB(null, 100), -1);
  t.is(exports.growC(exports.sizes, 4), 2);
  t.is(imported.grow(2, 'js'), 7);
  t.deepEqual(exports.sizes(), [9, 3, 4, 6]);
  t.deepEqual(
    Array.from({ length: 9 }, (_, i) => imported.get(i)),
    [first, first, grown, grown, grown, grown, grown, 'js', 'js'],
  );
  t.is(imported.get(6), grown);
  t.is(c.get(5), exports.sizes);
  t.is(c.get(1), null);
  exports.fillA(7, 12n, 2);
  exports.fillB(0, Symbol.iterator, 1);
  exports.copy(1, 6, 2);
  t.deepEqual([b.get(0), b.get(1), b.get(2), b.get(3)], [Symbol.iterator, grown, 12n, undefined]);
  exports.init(2, 1, 2);
  exports.drop();
  exports.copyBack(0, 1, 3);
  t.throws(() => exports.init(0, 0, 1), { instanceOf: WebAssembly.RuntimeError });
  engine.gc();
  t.deepEqual([imported.get(0), imported.get(1), imported.get(2)], [grown, other, other]);
  t.is(imported.get(2), other);
});

onEach('an element segment holds its values until it is dropped', (t, engine) => {
  const exports = instantiate(
    engine,
    `(module (import "m" "g" (global $g externref)) (table (export "t") 1 externref)
      (elem $e externref (global.get $g))
      (func (export "init") (table.init $e (i32.const 0) (i32.const 0) (i32.const 1)))
      (func (export "drop") (elem.drop $e)))`,
    { m: { g: 'value' } },
  );
  exports.init();
  exports.drop();
  engine.gc();
  t.is(exports.t.get(0), 'value');
});

onEach('references of a failed instantiation', (t, engine) => {
  const { WebAssembly } = engine;
  const table = new WebAssembly.Table({ element: 'externref', initial: 4 }, null);
  const global = new WebAssembly.Global({ value: 'externref', mutable: true }, 'before');
  const left = { left: true };
  const imports = { m: { t: table, g: left, v: global, f: (value: Any) => (global.value = value) } };
  const failing = (rest: string) => () =>
    instantiate(
      engine,
      `(module (import "m" "t" (table $t 1 externref)) (import "m" "g" (global $g externref))
        (import "m" "v" (global $v (mut externref))) (import "m" "f" (func $f (param externref)))
        (elem (table $t) (i32.const 1) externref (global.get $g)) ${rest})`,
      imports,
    );
  t.throws(failing('(elem (table $t) (i32.const 4) externref (global.get $g))'), {
    instanceOf: WebAssembly.RuntimeError,
  });
  engine.gc();
  t.is(table.get(1), left);
  t.throws(
    failing(
      `(func $s (call $f (global.get $g)) (table.set $t (i32.const 2) (global.get $v)) (unreachable)) (start $s)`,
    ),
    { instanceOf: WebAssembly.RuntimeError },
  );
  engine.gc();
  t.deepEqual([global.value, table.get(2)], [left, left]);
  imports.m.t = new WebAssembly.Table({ element: 'anyfunc', initial: 4 }) as Any;
  t.throws(failing(''), { instanceOf: WebAssembly.LinkError });
  table.set(1, null);
  table.set(2, null);
  global.value = 1;
  engine.gc();
  t.deepEqual([table.get(1), table.get(2), global.value, table.get(0)], [null, null, 1, null]);
});

onEach('groups that become one keep their references', (t, engine) => {
  const { WebAssembly } = engine;
  const tables = Array.from(
    { length: 6 },
    (_, i) => new WebAssembly.Table({ element: 'externref', initial: 3000 }, { i }),
  );
  const set = `(func (export "set") (param i32 externref) (table.set (local.get 0) (local.get 1)))`;
  const one = (table: Any) =>
    instantiate(engine, `(module (import "m" "t" (table 1 externref)) ${set})`, { m: { t: table } });
  const users = tables.map(one);
  for (const [k, user] of users.entries()) for (let i = 0; i < 2500; i++) user.set(i, { k, i });
  // Both modules use tables of others: now all are in one group.
  const imports = Object.fromEntries(tables.map((table, i) => [`t${i}`, table]));
  const declared = tables.map((_, i) => `(import "m" "t${i}" (table 1 externref))`).join(' ');
  instantiate(
    engine,
    `(module ${declared} (func (export "f") (table.copy 0 1 (i32.const 0) (i32.const 10) (i32.const 5))))`,
    {
      m: imports,
    },
  ).f();
  engine.gc();
  t.deepEqual(tables[0]!.get(2), { k: 1, i: 12 });
  for (const [k, table] of tables.entries()) {
    for (let i = 20; i < 2500; i++) {
      const value: Any = table.get(i);
      if (value.k !== k || value.i !== i) t.fail(`table ${k}, element ${i}`);
    }
    t.deepEqual(table.get(2999), { i: k });
  }
  t.is(engine.statistics().references.live, 6 * 2500 - 5 + 6);
});

/** What a program observes of references at the boundary, as text: the same on both engines. */
function observe(wasm: WebAssemblyNamespace): unknown[] {
  const log: unknown[] = [];
  const attempt = (run: () => unknown) => {
    try {
      log.push(run());
    } catch (error) {
      log.push(`${(error as Error).name}`);
    }
  };
  const make = (init: Any, ...rest: Any[]) => new (wasm.Table as Any)(init, ...rest) as Any;
  for (const rest of [[], [undefined], [null], [7], ['x']]) {
    attempt(() => make({ element: 'externref', initial: 2 }, ...rest).get(1));
    // Without a value the standard says undefined; V8 in Node 20 still says null.
    if (rest.length > 0) attempt(() => new (wasm.Global as Any)({ value: 'externref' }, ...rest).value);
    attempt(() => {
      const table = make({ element: 'externref', initial: 1 }, 'old');
      return [table.grow(1, ...rest), table.get(1)];
    });
    attempt(() => {
      const table = make({ element: 'externref', initial: 1 }, 'old');
      return [table.set(0, ...rest), table.get(0)];
    });
    attempt(() => {
      const global = new (wasm.Global as Any)({ value: 'externref', mutable: true }, 'old');
      global.value = rest[0];
      return global.value;
    });
  }
  const table = make({ element: 'externref', initial: 1, maximum: 2 });
  attempt(() => table.get(1));
  attempt(() => table.set(1, 0));
  attempt(() => table.grow(2));
  attempt(() => ((new (wasm.Global as Any)({ value: 'externref' }, 1) as Any).value = 2));
  const bytes =
    wat(`(module (import "m" "g" (global $g externref)) (import "m" "f" (func $f (param externref) (result externref)))
    (export "g" (global $g)) (func (export "f") (param externref) (result externref) (call $f (local.get 0)))
    (func (export "null") (param externref) (result i32) (ref.is_null (local.get 0))))`);
  const module = new wasm.Module(bytes);
  for (const g of [1, null, undefined, 'text', 5n, new wasm.Global({ value: 'i32' }, 1), table]) {
    attempt(() => {
      const exports = new wasm.Instance(module, { m: { g, f: (value: Any) => value } as Any }).exports as Any;
      const values = [exports.g.value === g, exports.f(g) === g, exports.f(), exports.f(null), exports.null(g)];
      return [...values, exports.null(), exports.null(null), exports.null(NaN), Object.is(exports.f(-0), -0)];
    });
  }
  const wanted = new wasm.Module(
    wat('(module (import "m" "t" (table 1 externref)) (import "m" "g" (global (mut externref))))'),
  );
  const global = new (wasm.Global as Any)({ value: 'externref', mutable: true });
  for (const [t, g] of [
    [table, global],
    [make({ element: 'anyfunc', initial: 1 }), global],
    [table, new (wasm.Global as Any)({ value: 'externref' })],
    [table, new (wasm.Global as Any)({ value: 'anyfunc', mutable: true })],
    [table, 5],
    [undefined, global],
  ]) {
    attempt(() => String(new wasm.Instance(wanted, { m: { t, g } })));
  }
  return log;
}

test('the API does with references what V8 does', (t) => {
  const expected = observe((globalThis as Any).WebAssembly);
  for (const { make } of engines) t.deepEqual(observe(make().WebAssembly), expected);
});

test('freed ids in gcStress are not used again soon, and their use fails loudly', (t) => {
  const engine = new Engine({ debug: { gcStress: true } });
  const { f } = instantiate(engine, '(module (func (export "f") (param externref) (result externref) (local.get 0)))');
  for (let i = 0; i < 100; i++) t.is(f(i), i);
  t.is(engine.gc().live, 0);
  t.is(engine.statistics().references.allocated, 100);
  t.true(engine.statistics().references.collections > 90);
});
