/** Tail calls: in constant stack, whoever is called with however many arguments and results; the caller notices nothing. */
import test from 'ava';
import { Engine, type EngineOptions } from '../../src/index.js';
import { wat } from '../api/wat.js';
import { v8 } from '../support/engine.js';

// biome-ignore lint/suspicious/noExplicitAny: exports of test modules.
type Any = any;

const variants: Readonly<Record<string, EngineOptions>> = {
  usual: {},
  'reference build': { core: 'js' },
  'forced spills': { debug: { forceSpills: true, checkInvariants: true } },
  'small world': { debug: { smallWorld: true, checkInvariants: true } },
  'collection stress': { debug: { gcStress: true } },
  optimizing: { tier: 'optimizing' },
};

function engineOf(options: EngineOptions): Any {
  return new Engine({ limits: { codeMemory: 64 << 20 }, ...options }).WebAssembly;
}

function instantiate(api: Any, text: string, imports: object = {}): Any {
  return new api.Instance(new api.Module(wat(text)), imports).exports;
}

const types = ['i32', 'i64', 'f32', 'f64', 'externref'] as const;
const list = (keyword: string, values: readonly string[]): string =>
  values.length === 0 ? '' : `(${keyword} ${values.join(' ')})`;

/** Two functions that take turns, with `a` and `b` parameters of all types, and `results` results that come from the parameters. */
function turns(a: number, b: number, results: number): string {
  const typesOf = (count: number) => Array.from({ length: count }, (_, k) => types[k % types.length]!);
  const resultTypes = Array.from({ length: results }, (_, k) => types[k % 4]!);
  const one = (name: string, own: number, other: string, others: number): string => {
    // Parameter k + 1 of the next is one of the same type of this one, moved by one round.
    const argument = (k: number): string => {
      const same = typesOf(own).flatMap((type, j) => (type === types[k % 5] ? [j] : []));
      return same.length === 0
        ? ['(i32.const 7)', '(i64.const 8)', '(f32.const 9)', '(f64.const 10)', '(local.get $x)'][k % 5]!
        : `(local.get ${same[(same.indexOf(k) + 1) % same.length]! + 2})`;
    };
    const args = Array.from({ length: others }, (_, k) => argument(k)).join(' ');
    const result = (k: number): string => {
      const same = typesOf(own).flatMap((type, j) => (type === resultTypes[k] ? [j] : []));
      if (same.length === 0) return `(${resultTypes[k]}.const ${k})`;
      return `(local.get ${same[k % same.length]! + 2})`;
    };
    return `(func $${name} (export "${name}") (param $n i32) (param $x externref) ${list('param', typesOf(own))} ${list('result', resultTypes)}
      (if (i32.eqz (local.get $n)) (then (return ${resultTypes.map((_, k) => result(k)).join(' ')})))
      (return_call $${other} (i32.sub (local.get $n) (i32.const 1)) (local.get $x) ${args}))`;
  };
  return `(module ${one('a', a, 'b', b)} ${one('b', b, 'a', a)}
    (func (export "around") (param $n i32) (param $x externref) ${list('param', typesOf(a))} (result i32 ${resultTypes.join(' ')}) (local $keep i32)
      (local.set $keep (i32.const 77))
      (local.get $keep)
      (call $a (local.get $n) (local.get $x) ${typesOf(a)
        .map((_, k) => `(local.get ${k + 2})`)
        .join(' ')})))`;
}

const values = (count: number): unknown[] =>
  Array.from({ length: count }, (_, k) => [k, BigInt(k), k + 0.5, k + 0.25, { k }][k % 5]);

for (const [title, options] of Object.entries(variants)) {
  test(`any number of parameters and results, as V8 (${title})`, (t) => {
    const api = engineOf(options);
    const marker = { marker: true };
    for (const [a, b, results] of [
      [0, 0, 0],
      [3, 9, 1],
      [0, 30, 2],
      [30, 0, 3],
      [12, 17, 9],
      [60, 25, 40],
      [25, 61, 0],
      [200, 3, 100],
    ] as const) {
      const text = turns(a, b, results);
      const ours = instantiate(api, text);
      const theirs = instantiate(v8, text);
      for (const n of [0, 1, 2, 5]) {
        const args = [n, marker, ...values(a)];
        t.deepEqual(ours.around(...args), theirs.around(...args), `${a} ${b} ${results} ${n}`);
        t.deepEqual(ours.a(...args), theirs.a(...args), `${a} ${b} ${results} ${n}`);
      }
      t.notThrows(() => ours.around(20_001, marker, ...values(a)));
    }
  });

  test(`constant stack through instances and host functions (${title})`, (t) => {
    const api = engineOf(options);
    // Each instance adds its own number, from its memory and a global; all of them go through one table.
    const table = new api.Table({ element: 'anyfunc', initial: 4 });
    const text = `(module
      (type $f (func (param i32 i64 i32 i32 i32 i32 i32 i32 i32) (result i64 i32 i32 i32 i32 i32 i32 i32 i32)))
      (import "m" "table" (table 4 funcref))
      (import "m" "id" (global $id i32))
      (memory 1)
      (data (i32.const 0) "\\01")
      (elem (global.get $id) $step)
      (func $step (export "step") (type $f)
        (if (i32.eqz (local.get 0)) (then
          (return (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5) (local.get 6) (local.get 7) (local.get 8) (i32.const 5))))
        (return_call_indirect (type $f)
          (i32.sub (local.get 0) (i32.const 1))
          (i64.add (local.get 1) (i64.extend_i32_u (i32.mul (i32.load8_u (i32.const 0)) (i32.add (global.get $id) (i32.const 1)))))
          (local.get 3) (local.get 2) (local.get 5) (local.get 4) (local.get 7) (local.get 6) (local.get 8)
          (i32.rem_u (i32.add (global.get $id) (i32.const 1)) (i32.const 3))))
      (func (export "run") (param i32) (result i64 i32 i32) (local $before i32)
        (local.set $before (i32.load8_u (i32.const 0)))
        (call $step (local.get 0) (i64.const 0) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6) (i32.const 7) (i32.const 8))
        drop drop drop drop drop drop drop
        (i32.add (local.get $before) (i32.add (i32.load8_u (i32.const 0)) (global.get $id)))))`;
    const instances = [0, 1, 2].map((id) => instantiate(api, text, { m: { table, id } }));
    for (const [id, { run }] of instances.entries()) {
      t.deepEqual(run(0), [0n, 2, 2 + id]);
      t.deepEqual(run(300_000), [600_000n, 2, 2 + id]);
      t.deepEqual(run(3_000_001), [6_000_000n + BigInt(id + 1), 3, 2 + id]);
    }
    const calls: unknown[] = [];
    const host: Any = instantiate(
      api,
      `(module
        (import "m" "f" (func $f (param i32 externref) (result i32)))
        (import "m" "other" (func $other (param i32 i64 i32 i32 i32 i32 i32 i32 i32) (result i64 i32 i32 i32 i32 i32 i32 i32 i32)))
        (func $down (export "down") (param i32 externref) (result i32)
          (if (i32.eqz (local.get 0)) (then (return_call $f (i32.const 40) (local.get 1))))
          (return_call $down (i32.sub (local.get 0) (i32.const 1)) (local.get 1)))
        (memory (export "memory") 1)
        (data (i32.const 8) "\\02")
        (func (export "add") (param i32 externref) (result i32)
          (i32.add (call $down (local.get 0) (local.get 1)) (i32.load8_u (i32.const 8))))
        (func $leave (param i32) (result i64 i32 i32 i32 i32 i32 i32 i32 i32)
          (return_call $other (local.get 0) (i64.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6) (i32.const 7) (i32.const 8)))
        (func (export "leave") (param i32) (result i64 i32 i32 i32 i32 i32 i32 i32 i32)
          (call $leave (local.get 0))))`,
      {
        m: {
          f: (n: number, x: unknown) => {
            calls.push(x);
            // It may move, or only be elsewhere for a while.
            host.memory.grow(1);
            return n + 0.7;
          },
          other: instances[1].step,
        },
      },
    );
    t.is(host.down(1_000_000, calls), 40);
    t.is(host.add(1_000_000, table), 42);
    t.deepEqual(calls, [calls, table]);
    t.deepEqual(host.leave(0), [1n, 2, 3, 4, 5, 6, 7, 8, 5]);
    t.deepEqual(host.leave(2), [6n, 2, 3, 4, 5, 6, 7, 8, 5]);
  });
}

test('references are kept while a host function is called in the place of its caller', (t) => {
  const engine = new Engine({ debug: { gcStress: true } });
  const api = engine.WebAssembly as Any;
  const params = Array.from({ length: 12 }, () => 'externref').join(' ');
  const rest = (from: number): string =>
    Array.from({ length: 12 }, (_, k) => `(local.get ${(k + from) % 12})`).join(' ');
  const { exports } = new api.Instance(
    new api.Module(
      wat(`(module
        (import "m" "gc" (func $gc (param ${params}) (result externref)))
        (import "m" "collect" (func $collect))
        (func $c (param ${params}) (result externref) (call $collect) (return_call $gc ${rest(1)}))
        (func $b (param ${params}) (param externref) (result externref) (call $collect) (return_call $c ${rest(1)}))
        (func (export "a") (param ${params}) (result externref externref)
          (call $b ${rest(0)} (local.get 3)) (local.get 0)))`),
    ),
    {
      m: {
        gc: (...objects: unknown[]) => {
          engine.gc();
          return objects[1];
        },
        collect: () => engine.gc(),
      },
    },
  );
  const objects = Array.from({ length: 12 }, (_, k) => ({ k }));
  for (let i = 0; i < 20; i++) t.deepEqual(exports.a(...objects), [{ k: 3 }, { k: 0 }]);
});

test('traps, host errors and deadlines behind tail calls', async (t) => {
  const engine = new Engine();
  const api = engine.WebAssembly as Any;
  const e = instantiate(
    api,
    `(module
      (import "m" "throw" (func $throw))
      (func $crash unreachable)
      (func $tail (return_call $crash))
      (func (export "crash") (call $tail))
      (func $tailHost (return_call $throw))
      (func (export "host") (call $tailHost))
      (func (export "entry") (return_call $throw))
      (func $forever (export "forever") (param i32 i32 i32 i32 i32 i32 i32 i32) (return_call $forever
        (i32.add (local.get 7) (i32.const 1)) (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5) (local.get 6))))`,
    {
      m: {
        throw: () => {
          throw new Error('from the host');
        },
      },
    },
  );
  const error = t.throws(() => e.crash(), { instanceOf: api.RuntimeError })!;
  // The function that was replaced is in no trace.
  t.regex(error.stack!, /wasm-function\[1\]:.*\n.*wasm-function\[3\]:/);
  t.throws(() => e.host(), { message: 'from the host' });
  t.throws(() => e.entry(), { message: 'from the host' });
  for (let i = 0; i < 30; i++) t.throws(() => engine.withDeadline(2, () => e.forever(1, 2, 3, 4, 5, 6, 7, 8)));
});

test('exceptions pass through chains, and the handler has its own instance', (t) => {
  for (const options of [{}, { debug: { smallWorld: true, gcStress: true } }] as EngineOptions[]) {
    const api = engineOf(options);
    const tag = new api.Tag({ parameters: ['i32'] });
    const other = instantiate(
      api,
      `(module (import "m" "tag" (tag $t (param i32))) (memory 1) (data (i32.const 0) "\\07")
        (func (export "throw") (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
          (throw $t (i32.add (local.get 7) (i32.load8_u (i32.const 0))))))`,
      { m: { tag } },
    );
    const e = instantiate(
      api,
      `(module
        (import "m" "tag" (tag $t (param i32)))
        (import "m" "other" (func $other (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
        (import "m" "throws" (func $throws (result i32))) (import "m" "fails" (func $fails (result i32)))
        (memory 1) (data (i32.const 0) "\\64")
        (func $a (param i32) (result i32) (return_call $other (local.get 0) (local.get 0) (local.get 0) (local.get 0)
          (local.get 0) (local.get 0) (local.get 0) (i32.const 3)))
        (func $b (result i32) (return_call $throws))
        (func $c (result i32) (return_call $fails))
        (func (export "a") (param i32) (result i32)
          (try (result i32) (do (call $a (local.get 0))) (catch $t (i32.add (i32.load8_u (i32.const 0))))))
        (func (export "b") (result i32) (try (result i32) (do (call $b)) (catch $t (i32.add (i32.load8_u (i32.const 0))))))
        (func (export "c") (result i32) (try (result i32) (do (call $c)) (catch_all (i32.load8_u (i32.const 0)))))
        ;; The handler is gone with its function.
        (func (export "d") (result i32) (try (result i32) (do (return_call $throws)) (catch $t))))`,
      {
        m: {
          tag,
          other: other.throw,
          throws: () => {
            throw new api.Exception(tag, [5]);
          },
          fails: () => {
            throw new Error('of the host');
          },
        },
      },
    );
    for (let i = 0; i < 3; i++) t.deepEqual([e.a(1), e.b(), e.c()], [110, 105, 100]);
    t.true(t.throws(() => e.d(), { any: true }) instanceof api.Exception);
  }
});

test('a chain goes on where it was interrupted, at any instruction', async (t) => {
  const engine = new Engine();
  const api = engine.WebAssembly as Any;
  const table = new api.Table({ element: 'anyfunc', initial: 4 });
  const text = `(module
    (type $f (func (param i32 externref i32 i32 i32 i32 i32 i64 externref) (result i64)))
    (import "m" "table" (table 4 funcref))
    (import "m" "id" (global $id i32))
    (elem (global.get $id) $step)
    (func $step (type $f)
      (if (i32.eqz (local.get 0)) (then (return (local.get 7))))
      (return_call $more (local.get 0) (local.get 8) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5)
        (local.get 7) (local.get 1) (i32.const 9) (i32.const 10) (local.get 1)))
    (func $more (param i32 externref i32 i32 i32 i32 i32 i64 externref i32 i32 externref) (result i64)
      (return_call_indirect (type $f)
        (i32.sub (local.get 0) (i32.const 1)) (local.get 1) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5)
        (i64.add (local.get 7) (i64.extend_i32_u (i32.add (local.get 9) (i32.add (local.get 6) (global.get $id))))) (local.get 8)
        (i32.rem_u (i32.add (global.get $id) (i32.const 1)) (i32.const 3))))
    (func (export "run") (param i32 externref externref) (result i64)
      (call $step (local.get 0) (local.get 1) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5)
        (i64.const 0) (local.get 2))))`;
  const [first] = [0, 1, 2].map((id) => instantiate(api, text, { m: { table, id } }));
  const count = 6_000_000;
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const sum = await engine.sliced(first.run)(count, {}, {});
  clearInterval(timer);
  t.is(sum, BigInt(count / 3) * (3n * 14n + 3n));
  t.true(turns > 3, `${turns}`);
});

test('a stack overflow in a chain is one', (t) => {
  const api = engineOf({});
  const e = instantiate(
    api,
    `(module (table 1 funcref) (elem (i32.const 0) $deep)
      (func $deep (param i32) (result i32) (i32.add (i32.const 1) (call $next (i32.add (local.get 0) (i32.const 1)))))
      (func $next (param i32) (result i32) (return_call_indirect (param i32) (result i32) (local.get 0) (i32.const 0)))
      (func (export "deep") (result i32) (call $deep (i32.const 0))))`,
  );
  t.throws(() => e.deep(), { instanceOf: RangeError });
});

test('in the optimizing tier, functions with tail calls are compiled in one pass', (t) => {
  const engine = new Engine({ tier: 'optimizing' });
  const { Instance, Module } = engine.WebAssembly;
  const module = wat(`(module (table funcref (elem $even))
    (func $even (export "even") (param i32) (result i32)
      (if (result i32) (local.get 0) (then (return_call $odd (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
    (func $odd (param i32) (result i32)
      (if (result i32) (local.get 0)
        (then (return_call_indirect (param i32) (result i32) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))
        (else (i32.const 0))))
    (func (export "sum") (param i32) (result i32) (i32.add (call $even (local.get 0)) (call $even (i32.const 6)))))`);
  const e = new Instance(new Module(module)).exports as Any;
  t.is(e.sum(1_000_000), 2);
  t.is(e.sum(1_000_001), 1);
  t.is(engine.statistics().linearFunctions, 2);
});
