/** References in wasm frames: whatever the collector does at a call, they are still there afterwards. */
import test from 'ava';
import type { Engine } from '../../src/index.js';
import { type Any, engines, instantiate } from './support.js';

/** Run a test on each engine. `live` counts the references that a collection leaves. */
function onEach(title: string, run: (t: Any, engine: Engine, live: () => number) => void): void {
  for (const { name, make } of engines) {
    test(`${title} (${name})`, (t) => {
      const engine = make();
      run(t, engine, () => engine.gc().live);
    });
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

onEach('collection while several arguments are being passed', (t, engine) => {
  const count = 12;
  const params = 'externref i32 '.repeat(count / 2 + 3);
  const gets = Array.from({ length: 9 }, (_, i) => `(local.get ${2 * i}) (local.get ${2 * i + 1})`).join(' ');
  const seen: Any[] = [];
  const f = instantiate(
    engine,
    `(module (import "m" "h" (func $h (param ${params}) (result externref)))
      (func (export "f") (param ${params}) (result externref externref)
        (call $h ${gets}) (call $h ${gets})))`,
    {
      m: {
        h: (...args: Any[]) => {
          engine.gc();
          seen.push(args);
          return args[2];
        },
      },
    },
  ).f;
  // Conversions of numbers run code: it calls wasm and collects while other arguments have been looked at already.
  const args = numbers(9).flatMap((object, i) => [
    object,
    {
      valueOf() {
        engine.gc();
        if (i === 8) f(...numbers(9).flatMap((other) => [other, 1]));
        engine.gc();
        return i;
      },
    },
  ]);
  t.deepEqual(f(...args), [args[2], args[2]]);
  const expected = args.map((value, i) => (i % 2 === 0 ? value : i >> 1));
  t.is(seen.length, 4);
  for (const call of seen.slice(2)) for (const [i, value] of call.entries()) t.is(value, expected[i]);
});

onEach('results of a host function that come as an iterable which collects', (t, engine) => {
  const values = numbers(20);
  const types = 'externref '.repeat(20);
  const sets = values.map((_, i) => `(local.set ${19 - i})`).join('');
  const gets = values.map((_, i) => `(local.get ${i})`).join('');
  const { f } = instantiate(
    engine,
    `(module (import "m" "h" (func $h (result ${types}))) (import "m" "gc" (func $gc))
      (func (export "f") (result ${types}) (local ${types}) (call $h) (call $gc) ${sets} (call $gc) ${gets}))`,
    {
      m: {
        gc: () => engine.gc(),
        *h() {
          for (const value of values) {
            engine.gc();
            yield value;
          }
        },
      },
    },
  );
  const results = f();
  for (const [i, value] of values.entries()) t.is(results[i], value);
});

onEach("the previous function's map: neighbours with other frames", (t, engine, live) => {
  const { a, b, c } = instantiate(
    engine,
    `(module (import "m" "gc" (func $gc)) (import "m" "o" (func $o (result externref)))
      (func (export "a") (param externref) (result externref) (local externref i64)
        (local.set 1 (call $o)) (call $gc) (local.get 1))
      (func (export "b") (param i64 i64 i64) (result i64) (local i64 i64 i64)
        (local.set 3 (local.get 0)) (call $gc) (i64.add (local.get 3) (local.get 2)))
      (func (export "c") (param i64 externref i32 externref) (result externref externref)
        (call $gc) (local.get 1) (local.get 3)))`,
    { m: { gc: () => engine.gc(), o: () => ({ fresh: true }) } },
  );
  t.deepEqual(a({}), { fresh: true });
  // Numbers that look like ids: kept alive by no map, and harmless in one.
  t.is(b(1024n, 1025n, 1026n), 2050n);
  const [x, y] = numbers(2);
  const pair = c(1025n, x, 7, y);
  t.is(pair[0], x);
  t.is(pair[1], y);
  t.is(live(), 0);
});

onEach('references in spilled operands across a call that collects', (t, engine, live) => {
  const count = 100;
  const made = numbers(count);
  let next = 0;
  const pushes = Array.from({ length: count }, (_, i) => `(call $o) (i64.const ${1024 + i})`).join(' ');
  const sets = Array.from({ length: count }, (_, i) => {
    const at = count - 1 - i;
    return `(local.set $n) (local.set $r) (table.set (i32.const ${at}) (local.get $r))`;
  }).join(' ');
  const { f, t: table } = instantiate(
    engine,
    `(module (import "m" "o" (func $o (result externref))) (import "m" "gc" (func $gc)) (table (export "t") ${count} externref)
      (func (export "f") (local $n i64) (local $r externref) ${pushes} (call $gc) ${sets}))`,
    { m: { gc: () => t.true(engine.gc().live >= count), o: () => made[next++] } },
  );
  f();
  for (const [i, object] of made.entries()) t.is(table.get(i), object);
  t.is(live(), count);
});

onEach('an unread local.get below a call, a local that is overwritten, a null constant', (t, engine) => {
  const { f } = instantiate(
    engine,
    `(module (import "m" "o" (func $o (result externref))) (import "m" "gc" (func $gc))
      (func (export "f") (param externref) (result externref externref externref externref) (local externref)
        (local.get 0) (local.get 1) (ref.null extern)
        (call $gc)
        (local.set 0 (call $o)) (local.get 0)
        (call $gc)))`,
    { m: { gc: () => engine.gc(), o: () => 'new' } },
  );
  const old = {};
  const results = f(old);
  t.is(results[0], old);
  t.deepEqual(results.slice(1), [null, null, 'new']);
});

onEach('blocks, loops and branches with references', (t, engine) => {
  const { f } = instantiate(
    engine,
    `(module (import "m" "o" (func $o (param i32) (result externref))) (import "m" "gc" (func $gc))
      (type $two (func (param externref externref) (result externref externref)))
      (func (export "f") (param i32) (result externref externref i32) (local i32 externref)
        (call $o (i32.const 100)) (call $o (i32.const 200))
        (loop (type $two)
          (call $gc)
          (local.set 2)
          (drop)
          (local.get 2)
          (call $o (local.get 1))
          (call $gc)
          (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (local.get 0))))
        (block (type $two)
          (if (type $two) (i32.and (local.get 0) (i32.const 1))
            (then (call $gc) (br 1))
            (else (local.set 2) (drop) (call $gc) (local.get 2) (call $o (i32.const 300))))
          (br_table 0 0 (i32.const 1)))
        (call $gc)
        (select (result externref) (ref.null extern) (local.get 2) (local.get 0))
        (ref.is_null)))`,
    { m: { gc: () => engine.gc(), o: (n: number) => ({ n }) } },
  );
  t.deepEqual(f(5), [{ n: 3 }, { n: 4 }, 1]);
  t.deepEqual(f(4), [{ n: 3 }, { n: 300 }, 1]);
});

onEach('host, wasm, host, wasm: a collection in the innermost', (t, engine, live) => {
  const depth = 40;
  let left = depth;
  const exports = instantiate(
    engine,
    `(module (import "m" "down" (func $down (param externref) (result externref)))
      (func $inner (param externref i64) (result externref externref)
        (local.get 0) (call $down (local.get 0)))
      (func (export "f") (param externref) (result externref externref externref) (local externref)
        (local.set 1 (local.get 0))
        (local.get 1) (call $inner (local.get 0) (i64.const 1025))))`,
    {
      m: {
        down: (value: Any) => {
          engine.gc();
          if (--left === 0) return { bottom: engine.gc().live };
          const mine = { left };
          const [a, b, c] = exports.f(mine);
          t.is(a, mine);
          t.is(b, mine);
          engine.gc();
          return left === -1 ? value : c;
        },
      },
    },
  );
  const top = {};
  const [a, b, c] = exports.f(top);
  t.is(a, top);
  t.is(b, top);
  // Each frame holds its argument: the parameters of the callees are the same references.
  t.deepEqual(c, { bottom: depth });
  t.is(live(), 0);
});

onEach('a reference that only a deep recursion holds', (t, engine, live) => {
  let lowest = 0;
  const { f } = instantiate(
    engine,
    `(module (import "m" "gc" (func $gc)) (import "m" "o" (func $o (param i32) (result externref)))
      (import "m" "check" (func $check (param externref i32)))
      (func $f (export "f") (param i32) (local externref)
        (local.set 1 (call $o (local.get 0)))
        (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))) (else (call $gc)))
        (call $check (local.get 1) (local.get 0))))`,
    {
      m: {
        gc: () => {
          lowest = engine.gc().live;
        },
        o: (n: number) => ({ n }),
        check: (object: Any, n: number) => {
          if (object.n !== n) throw new Error('another object');
        },
      },
    },
  );
  const depth = engine.options.debug.gcStress ? 200 : 20_000;
  f(depth);
  t.is(lowest, depth + 1);
  t.is(live(), 0);
});

onEach('types of a thousand references: parameters, results, block results', (t, engine, live) => {
  const count = 1000;
  const types = 'externref i32 '.repeat(count / 2);
  const gets = Array.from({ length: count }, (_, i) => `(local.get ${i})`).join(' ');
  const { f } = instantiate(
    engine,
    `(module (import "m" "gc" (func $gc)) (type $t (func (param ${types}) (result ${types})))
      (func $id (type $t) (call $gc) ${gets})
      (func (export "f") (type $t) ${gets} (call $gc) (call $id) (call $gc) (block (type $t) (call $gc)) (call $id)))`,
    { m: { gc: () => engine.gc() } },
  );
  const args = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? { i } : i));
  const results = f(...args);
  t.true(args.every((value, i) => results[i] === value));
  t.is(live(), 0);
});

onEach('frames are left by traps and exceptions: their references are released', (t, engine, live) => {
  const { trap, thrower } = instantiate(
    engine,
    `(module (import "m" "gc" (func $gc)) (import "m" "t" (func $t (param externref)))
      (func $trap (export "trap") (param externref) (call $gc) (unreachable))
      (func (export "thrower") (param externref) (call $t (local.get 0)) (call $trap (local.get 0))))`,
    {
      m: {
        gc: () => engine.gc(),
        t: (value: Any) => {
          t.throws(() => trap(value));
          throw value;
        },
      },
    },
  );
  const error = new Error('mine');
  t.is(
    t.throws(() => thrower(error)),
    error,
  );
  t.is(live(), 0);
});
