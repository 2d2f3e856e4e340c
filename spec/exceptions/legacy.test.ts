/** The legacy encoding: try, catch, catch_all, rethrow, delegate; and throw. Results are V8's. */
import test from 'ava';
import { wat } from '../api/wat.js';
import { type Any, agree, settings, v8 } from './both.js';

test('a thrown value, with a local behind it', (t) => {
  const text = `(module (tag $t (param i32))
    (func (export "f") (param i32) (result i32) (local $x i32)
      i32.const 7 local.set $x
      try (result i32) local.get 0 throw $t catch $t local.get $x i32.add end))`;
  agree(t, text, undefined, (e) => [e.f(5), e.f(-3)], [12, 4]);
});

test('promised zeros, operands below the block, its parameters', (t) => {
  const text = `(module (tag $t (param i32)) (func $g (param i32) local.get 0 throw $t)
    (func (export "f") (param i32) (result i32) (local $a i32) (local $b i64) (local $c f64)
      i32.const 1000 local.get 0 i32.const 3 i32.mul
      local.get 0
      try (param i32) (result i32) call $g i32.const 1 local.set $a unreachable
      catch $t local.get $a i32.add local.get $b i32.wrap_i64 i32.add local.get $c i32.trunc_f64_s i32.add end
      i32.add i32.add))`;
  agree(t, text, undefined, (e) => [e.f(1), e.f(100)], [1004, 1400]);
});

test('locals that are changed in the block keep what they had at the call that throws', (t) => {
  const text = `(module (tag $t) (func $g (param i32) local.get 0 (if (then throw $t)))
    (func (export "f") (param i32) (result i32) (local $a i32) (local $b i32)
      (loop $l
        try
          local.get $a i32.const 1 i32.add local.set $a
          local.get $a local.get 0 i32.ge_s call $g
          local.get $b local.get $a i32.add local.set $b
        catch $t local.get $b local.get $a i32.const 1000 i32.mul i32.add return end
        br $l)
      unreachable))`;
  agree(t, text, undefined, (e) => [e.f(1), e.f(10)], [1000, 10045]);
});

test('through frames, and a loop of catches', (t) => {
  const text = `(module (tag $t (param i32 f64 i64)) (tag $u)
    (func $h (param i32) local.get 0 f64.const 2.5 i64.const 99 throw $t)
    (func $g (param i32) (local i32) try local.get 0 call $h catch $u end)
    (func (export "f") (param i32) (result i32) (local $s i32)
      (loop $l
        try
          local.get 0 call $g
        catch $t drop i32.trunc_f64_s i32.add local.get $s i32.add local.set $s end
        local.get 0 i32.const 1 i32.sub local.tee 0 br_if $l)
      local.get $s))`;
  agree(t, text, undefined, (e) => [e.f(1), e.f(1000)], [3, 502500]);
});

test('values of all types', (t) => {
  const types = 'i32 i64 f32 f64 i32 i64 externref v128 funcref i32';
  const text = `(module (tag $t (param ${types})) (func $h (export "h"))
    (func $g (param externref) i32.const -1 i64.const 2 f32.const 3 f64.const 4 i32.const 5 i64.const 6
      local.get 0 v128.const i64x2 7 8 ref.func $h i32.const 9 throw $t)
    (func $c (param externref) (result ${types}) (local externref)
      try (result ${types}) local.get 0 local.tee 1 call $g unreachable catch $t end)
    (func (export "f") (param externref) (result i32 i64 f32 f64 i32 i64 externref i64 i64 funcref i32)
      (local v128) (local funcref) (local i32)
      local.get 0 call $c local.set 3 local.set 2 local.set 1
      local.get 1 i64x2.extract_lane 0 local.get 1 i64x2.extract_lane 1 local.get 2 local.get 3))`;
  const show = (e: Any): unknown[] => e.f('x').map((v: unknown) => (typeof v === 'function' ? v === e.h : String(v)));
  agree(t, text, undefined, show, ['-1', '2', '3', '4', '5', '6', 'x', '7', '8', true, '9']);
});

test('more values than registers, and the bits of NaNs', (t) => {
  const count = 300;
  const types = Array.from({ length: count }, (_, i) => ['i32', 'f64', 'v128', 'f32', 'i64'][i % 5]).join(' ');
  const zero = ['i32.const 1', 'f64.const 2', 'v128.const i32x4 1 2 3 4', 'f32.const nan:0x200001', 'i64.const -5'];
  const text = `(module (tag $t (param ${types}))
    (func $g ${Array.from({ length: count }, (_, i) => zero[i % 5]).join(' ')} throw $t)
    (func (export "f") (result i32 i32) (local $n i32) (local $s i32)
      (block (result ${types}) try (result ${types}) call $g unreachable catch $t end)
      ${Array.from({ length: count }, (_, k) => {
        const use = [
          'local.get $s i32.add local.set $s',
          'i32.trunc_f64_s local.get $s i32.add local.set $s',
          'i32x4.extract_lane 3 local.get $s i32.add local.set $s',
          'i32.reinterpret_f32 local.get $n i32.add local.set $n',
          'i32.wrap_i64 local.get $s i32.add local.set $s',
        ];
        return use[(count - 1 - k) % 5];
      }).join('\n')}
      local.get $s local.get $n))`;
  agree(t, text, undefined, (e) => e.f(), [120, Math.imul(0x7fa00001, 60)]);
});

test('what JavaScript throws, and a clause that is not for it', (t) => {
  const text = `(module (import "m" "f" (func $f)) (tag $t (param i32))
    (func (export "f") (result i32)
      try (result i32) call $f i32.const 0 catch $t catch_all i32.const 3 end)
    (func (export "g") try call $f catch_all rethrow 0 end)
    (func (export "h") try call $f catch $t drop end))`;
  // V8 in Node 20 makes an error of its own of null.
  const values = [
    new Error('x'),
    ...(process.versions.node < '21' ? [] : [null]),
    undefined,
    0,
    'text',
    Symbol('s'),
    Object.freeze({}),
    () => 1,
  ];
  for (const value of values) {
    const imports = () => ({
      m: {
        f() {
          throw value;
        },
      },
    });
    const again = (call: () => void): boolean => {
      try {
        call();
        return false;
      } catch (error) {
        return Object.is(error, value);
      }
    };
    agree(t, text, imports, (e) => [e.f(), again(e.g), again(e.h)], [3, true, true]);
  }
});

test('a thrown proxy is not looked into', (t) => {
  const text = `(module (import "m" "f" (func $f)) (func (export "f") (result i32)
    try (result i32) call $f i32.const 0 catch_all i32.const 3 end))`;
  const refuse = (): never => {
    throw new Error('looked into');
  };
  const traps = { getPrototypeOf: refuse, get: refuse, has: refuse, getOwnPropertyDescriptor: refuse, ownKeys: refuse };
  const imports = () => ({
    m: {
      f() {
        throw new Proxy(new Error('x'), traps);
      },
    },
  });
  agree(t, text, imports, (e) => e.f(), 3);
});

test('rethrow by depth', (t) => {
  const text = `(module (tag $a (param i32)) (tag $b (param i32))
    (func (export "f") (param i32) (result i32)
      try (result i32)
        try (result i32)
          i32.const 1 throw $a
        catch $a
          try (result i32) i32.const 20 throw $b
          catch $b drop local.get 0 (if (then rethrow 1) (else rethrow 2)) unreachable end
          i32.add
        end
      catch $a i32.const 100 i32.add
      catch $b i32.const 200 i32.add end))`;
  agree(t, text, undefined, (e) => [e.f(1), e.f(0)], [220, 101]);
});

test('delegate to a try, a block, a loop, a catch, the function', (t) => {
  const text = `(module (tag $t (param i32)) (func $g i32.const 3 throw $t)
    (func (export "try") (result i32)
      try $o (result i32) try try call $g delegate $o catch_all unreachable end i32.const 1
      catch $t i32.const 100 i32.add end)
    (func (export "block") (result i32)
      try (result i32) (block $b try try call $g delegate $b catch_all unreachable end) i32.const 1
      catch $t i32.const 200 i32.add end)
    (func (export "loop") (result i32)
      try (result i32) (loop $b try try call $g delegate $b catch_all unreachable end) i32.const 1
      catch $t i32.const 300 i32.add end)
    (func (export "catch") (result i32)
      try (result i32)
        try $c call $g catch $t drop try try call $g delegate $c catch_all unreachable end end i32.const 1
      catch $t i32.const 400 i32.add end)
    (func $out try try call $g delegate 1 catch_all unreachable end)
    (func (export "function") (result i32)
      try (result i32) call $out i32.const 1 catch $t i32.const 500 i32.add end))`;
  const run = (e: Any): unknown[] => [e.try(), e.block(), e.loop(), e.catch(), e.function()];
  agree(t, text, undefined, run, [103, 203, 303, 403, 503]);
});

test('a try without a catch', (t) => {
  const text = `(module (tag $t (param i32)) (func $g (param i32) local.get 0 (if (then i32.const 3 throw $t)))
    (func (export "f") (param i32) (result i32)
      try (result i32) try (result i32) local.get 0 call $g i32.const 5 end
      catch $t end))`;
  agree(t, text, undefined, (e) => [e.f(1), e.f(0)], [3, 5]);
});

test('branches out of blocks and catches, with values above others', (t) => {
  const text = `(module (tag $t (param i32)) (func $g (param i32) local.get 0 throw $t)
    (func (export "f") (param i32) (result i32) (local i32)
      (block $out (result i32)
        i32.const 50
        try (result i32)
          local.get 0 call $g i32.const 0
        catch $t
          local.tee 1
          i32.const 7 local.get 1 i32.const 3 i32.gt_s br_if $out
          drop
          i32.const 1 local.get 1 br_table 0 $out 0
        end
        i32.add)))`;
  agree(t, text, undefined, (e) => [0, 1, 2, 3, 4, 100].map((x) => e.f(x)), [51, 1, 51, 51, 7, 7]);
});

test('what is not caught', (t) => {
  const text = `(module (import "m" "f" (func $f)) (func $u (export "u") unreachable) (func $r call $r)
    (func (export "f") (result i32) try (result i32) call $f i32.const 0 catch_all i32.const 1 end)
    (func (export "trap") (result i32) try (result i32) call $u i32.const 0 catch_all i32.const 1 end)
    (func (export "overflow") (result i32) try (result i32) call $r i32.const 0 catch_all i32.const 1 end))`;
  const overflow = (): void => overflow();
  let inner: Any;
  const cases: [string, (namespace: Any) => void, unknown][] = [
    ['a trap', () => inner.u(), 'throws RuntimeError: unreachable'],
    [
      'a trap that was caught, and thrown again',
      () => {
        try {
          inner.u();
        } catch (error) {
          throw error as Error;
        }
      },
      'throws RuntimeError: unreachable',
    ],
    ['an overflow', () => overflow(), 'throws RangeError: Maximum call stack size exceeded'],
    [
      'what looks like a trap',
      (namespace) => {
        throw new namespace.RuntimeError('unreachable');
      },
      1,
    ],
    [
      'what looks like an overflow',
      () => {
        throw new RangeError('Maximum call stack size exceeded');
      },
      1,
    ],
  ];
  for (const [title, f, expected] of cases) {
    const imports = (namespace: Any) => ({ m: { f: () => f(namespace) } });
    const call = (e: Any): unknown => {
      inner = e;
      return e.f();
    };
    t.log(title);
    agree(t, text, imports, call, expected);
  }
  const none = () => ({ m: { f() {} } });
  agree(t, text, none, (e) => e.trap(), 'throws RuntimeError: unreachable');
  agree(t, text, none, (e) => e.overflow(), 'throws RangeError: Maximum call stack size exceeded');
});

test('an exception keeps its identity through JavaScript and wasm', (t) => {
  const text = `(module (import "m" "t" (tag $t (param i32))) (import "m" "f" (func $f))
    (func (export "rethrow") try call $f catch $t drop rethrow 0 end)
    (func (export "value") (result i32) try (result i32) call $f i32.const 0 catch $t end)
    (func (export "throw") i32.const 5 throw $t))`;
  let thrown: unknown;
  const imports = (namespace: Any) => {
    const tag = new namespace.Tag({ parameters: ['i32'] });
    return {
      m: {
        t: tag,
        f() {
          thrown = new namespace.Exception(tag, [77]);
          throw thrown;
        },
      },
    };
  };
  const run = (e: Any, namespace: Any): unknown[] => {
    const caught = (call: () => void): Any => {
      try {
        call();
      } catch (error) {
        return error;
      }
      return undefined;
    };
    const error = caught(e.throw);
    return [e.value(), caught(e.rethrow) === thrown, error instanceof namespace.Exception, error.stack];
  };
  agree(t, text, imports, run, [77, true, true, undefined]);
});

test('other instances, tables, other memories', (t) => {
  const thrower = `(module (tag $t (export "t") (param i32)) (memory 1) (table (export "table") 1 funcref)
    (data (i32.const 0) "\\07")
    (elem (i32.const 0) $f)
    (func $f (export "f") (param i32) local.get 0 i32.load8_u throw $t))`;
  const catcher = `(module (import "m" "t" (tag $t (param i32))) (import "m" "f" (func $f (param i32)))
    (import "m" "table" (table 1 funcref)) (memory 1) (data (i32.const 0) "\\05\\06") (type $i (func (param i32)))
    (func (export "f") (param i32) (result i32)
      try (result i32) local.get 0 call $f i32.const 0
      catch $t i32.const 1 memory.grow drop i32.const 0 i32.load8_u i32.const 10 i32.mul i32.add end)
    (func (export "g") (param i32) (result i32)
      try (result i32) local.get 0 i32.const 0 call_indirect (type $i) i32.const 0
      catch $t i32.const 1 i32.load8_u i32.const 10 i32.mul i32.add end))`;
  for (const { title, namespace } of [{ title: 'V8', namespace: v8 }, ...settings]) {
    const make = (text: string, imports: object): Any => {
      const { Module, Instance } = namespace;
      return new Instance(new Module(wat(text)), imports).exports;
    };
    const m = make(thrower, {});
    const e = make(catcher, { m });
    t.deepEqual([e.f(0), e.g(0), e.f(0)], [57, 67, 57], title);
  }
});

test('JavaScript between wasm frames, deep, and again and again', (t) => {
  const text = `(module (import "m" "f" (func $f (param i32) (result i32))) (tag $t (param i32))
    (func (export "f") (param i32) (result i32)
      local.get 0 i32.eqz (if (then i32.const 1 throw $t))
      try (result i32)
        local.get 0 i32.const 1 i32.sub call $f
      catch $t i32.const 1 i32.add local.get 0 i32.const 5 i32.rem_u (if (param i32) (result i32) (then throw $t) (else)) end))`;
  let exports: Any;
  const imports = () => ({ m: { f: (x: number) => exports.f(x) } });
  const run = (e: Any): unknown[] => {
    exports = e;
    return Array.from({ length: 60 }, (_, i) => e.f(5 + 5 * i));
  };
  agree(t, text, imports, run, new Array(60).fill(6));
});
