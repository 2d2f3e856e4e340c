/** Several memories: each instruction on another memory than the first does there what it does on the first, and nothing elsewhere. */
import test from 'ava';
import { Engine, type EngineOptions } from '../../src/index.js';
import { wat } from '../api/wat.js';
import { accesses, contents, fill, message } from './accesses.js';

// biome-ignore lint/suspicious/noExplicitAny: exports of test modules.
type Any = any;

const variants: Readonly<Record<string, EngineOptions>> = {
  usual: {},
  'reference build': { core: 'js' },
  'bounds checks': { bounds: 'check' },
  'mapped memories, bounds checks': { memory: 'mmap', bounds: 'check' },
  'forced spills': { debug: { forceSpills: true, checkInvariants: true, checkUpperHalves: true } },
  'small world': { debug: { smallWorld: true, checkInvariants: true } },
  'SSE4.1': { cpu: 'sse4.1' },
  optimizing: { tier: 'optimizing' },
};

for (const [title, options] of Object.entries(variants)) {
  test(`every access: ${title}`, (t) => {
    const { Instance, Module } = new Engine(options).WebAssembly;
    const one = accesses(0);
    const alone = new Instance(new Module(wat(`(module (memory (export "a") 1) ${one.text})`))).exports as Any;
    const declared = '(memory (export "x") 3) (memory (export "y") 2) (memory (export "a") 1)';
    const among = new Instance(new Module(wat(`(module ${declared} ${accesses(2).text})`))).exports as Any;
    fill(among.x, 3);
    fill(among.y, 5);
    const x = contents(among.x).slice();
    const y = contents(among.y).slice();
    t.true(one.names.length > 200);
    for (const name of one.names) {
      fill(alone.a, 1);
      fill(among.a, 1);
      for (const address of [0, 64, 65500, 65536, -16, -1]) {
        const expected = message(() => alone[name](address));
        t.is(
          message(() => among[name](address)),
          expected,
          `${name} ${address}`,
        );
      }
      t.is(Buffer.compare(contents(among.a), contents(alone.a)), 0, name);
    }
    t.deepEqual(contents(among.x), x);
    t.deepEqual(contents(among.y), y);
  });

  test(`whole memories: ${title}`, (t) => {
    const { Instance, Memory, Module } = new Engine(options).WebAssembly;
    const bytes = wat(`(module
      (import "m" "a" (memory $a 1 10)) (import "m" "b" (memory $b 2 10)) (import "m" "b" (memory $c 1 20))
      (memory $d (export "d") 1)
      (data $s "0123456789")
      (func (export "copy") (param i32 i32 i32) (memory.copy $b $a (local.get 0) (local.get 1) (local.get 2)))
      (func (export "back") (param i32 i32 i32) (memory.copy $a $b (local.get 0) (local.get 1) (local.get 2)))
      (func (export "same") (param i32 i32 i32) (memory.copy $b $c (local.get 0) (local.get 1) (local.get 2)))
      (func (export "fill") (param i32 i32 i32) (memory.fill $b (local.get 0) (local.get 1) (local.get 2)))
      (func (export "init") (param i32 i32 i32) (memory.init $d $s (local.get 0) (local.get 1) (local.get 2)))
      (func (export "grow") (param i32) (result i32) (memory.grow $b (local.get 0)))
      (func (export "sizes") (result i32 i32 i32 i32)
        (memory.size $a) (memory.size $b) (memory.size $c) (memory.size $d))
      (func (export "last") (result i32) (i32.load8_u $b (i32.sub (i32.mul (memory.size $b) (i32.const 65536)) (i32.const 1))))
      (func (export "store") (param i32 i32) (i32.store8 $c (local.get 0) (local.get 1))))`);
    const a = new Memory({ initial: 1, maximum: 10 });
    const b = new Memory({ initial: 2, maximum: 10 });
    const e = new Instance(new Module(bytes), { m: { a, b } }).exports as Any;
    const outside = 'memory access out of bounds';
    fill(a, 1);
    fill(b, 2);
    e.copy(100_000, 10, 1000);
    t.deepEqual(contents(b).slice(100_000, 101_000), contents(a).slice(10, 1010));
    e.back(0, 100_000, 500);
    t.deepEqual(contents(a).slice(0, 500), contents(b).slice(100_000, 100_500));
    const before = contents(b).slice(100, 400);
    e.same(200, 100, 300);
    t.deepEqual(contents(b).slice(200, 500), before);
    e.fill(131_000, 7, 72);
    t.is(contents(b)[131_071], 7);
    e.init(10, 2, 5);
    t.is(Buffer.from(contents(e.d).slice(10, 15)).toString(), '23456');
    for (const [name, ...args] of [
      ['copy', 131_073, 0, 0],
      ['copy', 131_072, 1, 1],
      ['copy', 0, 65_536, 1],
      ['back', 65_536, 0, 1],
      ['back', 0, 131_072, 1],
      ['back', 0, 0, -1],
      ['fill', 131_072, 0, 1],
      ['init', 65_536, 0, 1],
      ['init', 0, 9, 2],
    ] as const) {
      t.is(
        message(() => e[name](...args)),
        outside,
        `${name} ${args.join(' ')}`,
      );
    }
    e.copy(131_072, 65_536, 0);
    // Growth by anybody is seen by all who use the memory.
    t.deepEqual(e.sizes(), [1, 2, 2, 1]);
    t.is(e.grow(2), 2);
    t.deepEqual(e.sizes(), [1, 4, 4, 1]);
    t.is(e.last(), 0);
    t.is(b.grow(3), 4);
    t.deepEqual(e.sizes(), [1, 7, 7, 1]);
    e.store(7 * 65536 - 1, 42);
    t.is(e.last(), 42);
    e.fill(6 * 65536, 9, 65536);
    t.is(e.last(), 9);
    t.is(e.grow(4), -1);
    t.is(
      message(() => e.store(7 * 65536, 1)),
      outside,
    );
  });
}

test('a memory that a host call grows or moves while code runs', (t) => {
  for (const options of [{}, { memory: 'mmap', bounds: 'check' }, { tier: 'optimizing' }] as const) {
    const { Instance, Module } = new Engine(options).WebAssembly;
    const e: Any = new Instance(
      new Module(
        wat(`(module (import "m" "grow" (func $grow)) (memory 1) (memory (export "b") 1)
          (func (export "f") (result i32)
            (i32.store 1 (i32.const 8) (i32.const 11)) (i32.store (i32.const 8) (i32.const 22))
            (call $grow)
            (i32.store 1 (i32.const 300000) (i32.const 33))
            (i32.add (i32.load 1 (i32.const 8)) (i32.add (i32.load (i32.const 8)) (i32.load 1 (i32.const 300000))))))`),
      ),
      { m: { grow: () => e.b.grow(50) } },
    ).exports;
    t.is(e.f(), 66);
  }
});

test('shared memories among others: sizes, waits, atomics', (t) => {
  const { Instance, Memory, Module } = new Engine().WebAssembly;
  const shared = new Memory({ initial: 1, maximum: 4, shared: true });
  const e = new Instance(
    new Module(
      wat(
        `(module (memory 1) (import "m" "s" (memory $s 1 4 shared))
        (func (export "size") (result i32) (memory.size $s))
        (func (export "add") (result i32) (i32.atomic.rmw.add $s offset=4 (i32.const 4) (i32.const 5)))
        (func (export "notify") (result i32) (memory.atomic.notify $s (i32.const 8) (i32.const 1)))
        (func (export "wait") (result i32) (memory.atomic.wait32 $s (i32.const 8) (i32.const 0) (i64.const 1000))))`.replace(
          /\(memory 1\) (\(import[^)]*\)\))/,
          '$1 (memory 1)',
        ),
      ),
    ),
    { m: { s: shared } },
  ).exports as Any;
  t.is(e.size(), 1);
  shared.grow(2);
  t.is(e.size(), 3);
  t.is(e.add(), 0);
  t.is(e.add(), 5);
  t.is(e.notify(), 0);
  t.is(e.wait(), 1);
  new Int32Array(shared.buffer)[2] = 0;
  t.is(e.wait(), 2);
});

test('a hundred memories, and indices that name none', (t) => {
  const { CompileError, Instance, Module } = new Engine().WebAssembly;
  const count = 100;
  const each = Array.from({ length: count }, (_, i) => i);
  const text = (index: number) => `(module ${each.map(() => '(memory 1)').join('\n')}
    ${each.map((i) => `(func (export "s${i}") (param i32) (i32.store ${i} (i32.const 4) (local.get 0)))`).join('\n')}
    ${each.map((i) => `(func (export "l${i}") (result i32) (i32.load ${i} (i32.const 4)))`).join('\n')}
    (func (export "sizes") (result i32) (memory.size ${index})))`;
  const e = new Instance(new Module(wat(text(99)))).exports as Any;
  for (const i of each) e[`s${i}`](1000 + i);
  for (const i of each) t.is(e[`l${i}`](), 1000 + i);
  const bytes = wat(text(99));
  const size = 0x3f;
  const at = bytes.findIndex((byte, i) => byte === 99 && bytes[i - 1] === size);
  const wrong = bytes.slice();
  wrong[at] = 100;
  t.throws(() => new Module(wrong), {
    instanceOf: CompileError,
    message: /memory index 100 exceeds number of declared memories \(100\)/,
  });
});
