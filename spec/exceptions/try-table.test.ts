/** try_table, throw_ref and exnref. Beside V8 where it has them (Node 25 and newer). */
import test from 'ava';
import binaryen from 'binaryen';
import { record, verdict } from '../stream/harness.js';
import { type Any, instantiate, outcome, settings, v8 } from './both.js';

function assembled(text: string): Uint8Array {
  const module = binaryen.parseText(text);
  try {
    const { ExceptionHandling, ReferenceTypes, Multivalue, MutableGlobals } = binaryen.Features;
    module.setFeatures(ExceptionHandling | ReferenceTypes | Multivalue | MutableGlobals);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

function check(
  t: import('ava').ExecutionContext,
  bytes: Uint8Array,
  imports: (namespace: Any) => object,
  run: (exports: Any, namespace: Any) => unknown,
  expected: unknown,
): void {
  if (v8.validate(bytes)) {
    t.deepEqual(
      outcome(() => run(instantiate(v8, bytes, imports), v8)),
      expected,
      'V8',
    );
  }
  for (const { title, namespace } of settings) {
    t.deepEqual(
      outcome(() => run(instantiate(namespace, bytes, imports), namespace)),
      expected,
      title,
    );
  }
}

const none = (): object => ({});

test('each kind of clause, and the first one that fits', (t) => {
  const bytes = assembled(`(module
    (tag $a (param i32)) (tag $b (param i32 f64)) (tag $c)
    (func $throw (param i32)
      (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $a (i32.const 10))))
      (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $b (i32.const 20) (f64.const 2.5))))
      (if (i32.eq (local.get 0) (i32.const 3)) (then (throw $c))))
    (func (export "f") (param i32) (result i32)
      (local $e exnref)
      (block $all
        (block $bRef (result i32 f64 exnref)
          (block $aOnly (result i32)
            (try_table (catch $a $aOnly) (catch_ref $b $bRef) (catch_all $all) (catch $a $aOnly)
              (call $throw (local.get 0)))
            (return (i32.const 1)))
          (return (i32.add (i32.const 100))))
        (local.set $e)
        (i32.trunc_f64_s)
        (i32.add)
        (i32.add (ref.is_null (local.get $e)))
        (return (i32.add (i32.const 200))))
      (i32.const 300)))`);
  check(t, bytes, none, (e) => [0, 1, 2, 3].map((x) => e.f(x)), [1, 110, 222, 300]);
});

test('branches to loops, to the function, out of several blocks, with many values', (t) => {
  const types = Array.from({ length: 12 }, (_, i) => ['i32', 'f64', 'i64'][i % 3]).join(' ');
  const values = Array.from({ length: 12 }, (_, i) => `(${['i32', 'f64', 'i64'][i % 3]}.const ${i})`).join(' ');
  const bytes = assembled(`(module
    (tag $a (param i32)) (tag $m (param ${types}))
    (func (export "loop") (param i32) (result i32) (local $n i32)
      (loop $again (result i32)
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (block $one (result i32)
          (try_table (result i32) (catch $a $one)
            (if (i32.lt_s (local.get $n) (local.get 0)) (then (throw $a (local.get $n))))
            (return (local.get $n))))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (drop)
        (br $again)))
    (func (export "function") (param i32) (result i32)
      (try_table (result i32) (catch $a 0) (throw $a (i32.add (local.get 0) (i32.const 5)))))
    (func (export "many") (result ${types})
      (block $out (result ${types})
        (i32.const 99)
        (try_table (catch $m $out) (throw $m ${values}))
        (drop) (unreachable))))`);
  const run = (e: Any): unknown[] => [e.loop(10), e.function(1), e.many().map(String)];
  check(t, bytes, none, run, [6, 6, Array.from({ length: 12 }, (_, i) => String(i))]);
});

test('exnref in locals, globals, tables, parameters; throw_ref keeps identity; null traps', (t) => {
  const bytes = assembled(`(module
    (import "m" "f" (func $f)) (import "m" "t" (tag $t (param i32)))
    (global $g (mut exnref) (ref.null exn))
    (table $table 4 exnref)
    (func $catch (result exnref)
      (block $b (result exnref) (try_table (catch_all_ref $b) (call $f)) (unreachable)))
    (func $again (param exnref) (throw_ref (local.get 0)))
    (func (export "global") (global.set $g (call $catch)) (throw_ref (global.get $g)))
    (func (export "table") (table.set $table (i32.const 2) (call $catch)) (throw_ref (table.get $table (i32.const 2))))
    (func (export "param") (call $again (call $catch)))
    (func (export "null") (throw_ref (table.get $table (i32.const 0))))
    (func (export "caught") (result i32)
      (block $all (try_table (catch_all $all) (throw_ref (table.get $table (i32.const 0)))) (unreachable))
      (i32.const 1)))`);
  // Binaryen writes the null of `ref.null exn` as noexn, which is a type of its own.
  const text = Buffer.from(bytes).toString('latin1').replace('\xd0\x74\x0b', '\xd0\x69\x0b');
  const changed = Uint8Array.from(Buffer.from(text, 'latin1'));
  const thrown: unknown[] = [new Error('x'), 5, undefined];
  for (const value of thrown) {
    const imports = (namespace: Any) => ({
      m: {
        t: new namespace.Tag({ parameters: ['i32'] }),
        f() {
          throw value;
        },
      },
    });
    const run = (e: Any): unknown[] => [
      ...['global', 'table', 'param'].map((name) => {
        try {
          return e[name]();
        } catch (error) {
          return Object.is(error, value);
        }
      }),
      outcome(() => e.null()),
      outcome(() => e.caught()),
    ];
    const trap = 'throws RuntimeError: rethrowing null value';
    check(t, changed, imports, run, [true, true, true, trap, trap]);
  }
});

test('functions, tables and globals of exceptions are closed to JavaScript', (t) => {
  const bytes = assembled(`(module
    (import "m" "f" (func $f (param exnref)))
    (table (export "table") 4 exnref)
    (global (export "global") (mut exnref) (ref.null exn))
    (func (export "param") (param exnref)) (func (export "result") (result exnref) (unreachable))
    (func (export "call") (param i32) (local exnref) (call $f (local.get 1))))`);
  const text = Buffer.from(bytes).toString('latin1').replace('\xd0\x74\x0b', '\xd0\x69\x0b');
  const changed = Uint8Array.from(Buffer.from(text, 'latin1'));
  const { namespace } = settings[0] as Any;
  const e = instantiate(namespace, changed, () => ({ m: { f() {} } }));
  const closed: (() => unknown)[] = [
    () => e.param(),
    () => e.result(),
    () => e.call(0),
    () => e.table.get(0),
    () => e.table.set(0, null),
    () => e.table.grow(1),
    () => e.global.value,
    () => {
      e.global.value = null;
    },
  ];
  for (const use of closed) t.throws(use, { instanceOf: TypeError });
  t.is(e.table.length, 4);
});

test('clauses come byte by byte, and must fit their labels', (t) => {
  const bytes = assembled(`(module (tag $a (param i32)) (tag $b)
    (func (export "f") (result i32)
      (block $x (block $y (result i32) (try_table (result i32) (catch $a $y) (catch $b $x) (catch_all $x)
        (throw $a (i32.const 1)))) (return)) (i32.const 2)))`);
  const whole = record(bytes);
  t.is(whole.error, undefined);
  t.deepEqual(
    record(
      bytes,
      Array.from(bytes, (_, i) => i),
    ).calls,
    whole.calls,
  );
  const body = (...code: number[]): Uint8Array =>
    Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 8, 2, 0x60, 0, 0, 0x60, 1, 0x7f, 0, 3, 2, 1, 0, 13, 3, 1, 0, 1],
      ...[10, code.length + 4, 1, code.length + 2, 0, ...code, 0x0b],
    ]);
  const rows: [number[], RegExp | undefined][] = [
    [[0x1f, 0x40, 1, 2, 0, 0x0b], undefined],
    [[0x1f, 0x40, 1, 3, 0, 0x0b], /catch kind generates 1 operands, target block expects 0/],
    [[0x1f, 0x40, 1, 0, 0, 0, 0x0b], /catch kind generates 1 operands, target block expects 0/],
    [[0x1f, 0x40, 1, 0, 1, 0, 0x0b], /Invalid tag index: 1/],
    [[0x1f, 0x40, 1, 2, 1, 0x0b], /invalid branch depth: 1/],
    [[0x1f, 0x40, 1, 4, 0, 0x0b], /invalid catch kind/],
    [
      [0x02, 0x7e, 0x1f, 0x40, 1, 0, 0, 0, 0x0b, 0x00, 0x0b, 0x1a],
      /type error in branch\[0\] \(expected i64, got i32\)/,
    ],
    [[0x02, 0x7f, 0x1f, 0x40, 1, 0, 0, 0, 0x0b, 0x00, 0x0b, 0x1a], undefined],
    [[0x0a], /not enough arguments on the stack for throw_ref \(need 1, got 0\)/],
    [[0x08, 0], /not enough arguments on the stack for throw \(need 1, got 0\)/],
    [[0x41, 0, 0x08, 0], undefined],
    [[0x09, 0], /rethrow not targeting catch or catch-all/],
    [[0x06, 0x40, 0x19, 0x09, 0, 0x0b], undefined],
    [[0x06, 0x40, 0x19, 0x19, 0x0b], /catch-all already present/],
    [[0x06, 0x40, 0x19, 0x07, 0, 0x0b], /catch after catch-all/],
    [[0x07, 0], /catch does not match a try/],
    [[0x18, 0], /delegate does not match a try/],
    [[0x06, 0x40, 0x18, 0], undefined],
    [[0x06, 0x40, 0x18, 1], /invalid branch depth: 1/],
    [[0x06, 0x40, 0x19, 0x18, 0], /delegate does not match a try/],
  ];
  for (const [code, message] of rows) {
    const [own, text] = verdict(body(...code));
    t.is(own, message === undefined ? 'valid' : 'invalid', `${code}: ${text}`);
    if (message !== undefined) t.regex(text, message);
    // V8 in Node 20 has the legacy encoding only.
    if (code[0] !== 0x1f && code[2] !== 0x1f && code[0] !== 0x0a)
      t.is(v8.validate(body(...code)), own === 'valid', `${code}`);
  }
});
