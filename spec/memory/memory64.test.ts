/** Memories with 64-bit addresses, tables with 64-bit indices. */
import test from 'ava';
import binaryen from 'binaryen';
import { Engine, type EngineOptions } from '../../src/index.js';
import { wat } from '../api/wat.js';
import { accesses, contents, fill, message } from './accesses.js';

// biome-ignore lint/suspicious/noExplicitAny: exports of test modules.
type Any = any;

const variants: Readonly<Record<string, EngineOptions>> = {
  usual: {},
  'reference build': { core: 'js' },
  'mapped memories, bounds checks': { memory: 'mmap', bounds: 'check' },
  'forced spills': { debug: { forceSpills: true, checkInvariants: true, checkUpperHalves: true } },
  'small world': { debug: { smallWorld: true, checkInvariants: true } },
  optimizing: { tier: 'optimizing' },
};

/** wabt does not know these. */
function wat64(text: string): Uint8Array<ArrayBuffer> {
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.All);
  try {
    return new Uint8Array(module.emitBinary());
  } finally {
    module.dispose();
  }
}

const outside = 'memory access out of bounds';

for (const [title, options] of Object.entries(variants)) {
  test(`every access does what it does with 32 bits: ${title}`, (t) => {
    const { Instance, Module } = new Engine(options).WebAssembly;
    const narrow = accesses(0);
    const alone = new Instance(new Module(wat(`(module (memory (export "a") 1) ${narrow.text})`))).exports as Any;
    const wide = `(module (memory i64 1) (memory (export "a") i64 1) ${accesses(1, true).text})`;
    const e = new Instance(new Module(wat64(wide))).exports as Any;
    for (const name of narrow.names) {
      fill(alone.a, 1);
      fill(e.a, 1);
      for (const address of [0, 64, 65500, 65536, -16, -1]) {
        const expected = message(() => alone[name](address));
        t.is(
          message(() => e[name](address)),
          expected,
          `${name} ${address}`,
        );
      }
      t.is(Buffer.compare(contents(e.a), contents(alone.a)), 0, name);
    }
  });

  test(`addresses and offsets at every edge: ${title}`, (t) => {
    const { Instance, Module } = new Engine(options).WebAssembly;
    const offsets = [
      0n,
      1n,
      65528n,
      65529n,
      2n ** 31n - 8n,
      2n ** 31n,
      2n ** 32n - 1n,
      2n ** 32n,
      2n ** 63n,
      2n ** 64n - 8n,
      2n ** 64n - 1n,
    ];
    const text = offsets.map(
      (o, i) => `(func (export "f${i}") (param i64) (result i64) (i64.load offset=${o} (local.get 0)))`,
    );
    const e = new Instance(
      new Module(
        wat64(`(module (memory (export "m") i64 1 10) ${text.join('\n')}
      (func (export "size") (result i64) (memory.size)) (func (export "grow") (param i64) (result i64) (memory.grow (local.get 0)))
      (func (export "fill") (param i64 i64) (memory.fill (local.get 0) (i32.const 7) (local.get 1)))
      (func (export "copy") (param i64 i64 i64) (memory.copy (local.get 0) (local.get 1) (local.get 2))))`),
      ),
    ).exports as Any;
    const addresses = [
      0n,
      1n,
      65528n,
      65529n,
      2n ** 32n,
      2n ** 62n,
      2n ** 63n,
      -1n,
      -8n,
      -65528n,
      -65536n,
      -(2n ** 63n) + 8n,
    ];
    for (const [i, offset] of offsets.entries()) {
      for (const address of addresses) {
        const at = BigInt.asUintN(64, address) + offset;
        const expected = at + 8n <= 65536n ? '' : outside;
        t.is(
          message(() => e[`f${i}`](address)),
          expected,
          `${offset} ${address}`,
        );
      }
    }
    t.is(e.size(), 1n);
    t.is(e.grow(2n), 1n);
    for (const delta of [8n, 2n ** 32n, -1n, 2n ** 48n]) t.is(e.grow(delta), -1n);
    t.is(e.size(), 3n);
    e.fill(3n * 65536n - 5n, 5n);
    t.is(contents(e.m)[3 * 65536 - 1], 7);
    for (const [at, length] of [
      [3n * 65536n - 5n, 6n],
      [-1n, 2n],
      [-8n, 8n],
      [8n, -8n],
      [0n, -1n],
      [2n ** 32n, 0n],
    ] as const) {
      t.is(
        message(() => e.fill(at, length)),
        outside,
        `${at} ${length}`,
      );
    }
    e.copy(10n, 3n * 65536n - 5n, 5n);
    t.is(contents(e.m)[14], 7);
    for (const [to, from, length] of [
      [0n, -1n, 2n],
      [-1n, 0n, 1n],
      [0n, 0n, -1n],
      [1n, 0n, 3n * 65536n],
    ] as const) {
      t.is(
        message(() => e.copy(to, from, length)),
        outside,
      );
    }
  });
}

test('the JS API of wide memories and tables', (t) => {
  const { Instance, LinkError, Memory, Module, Table } = new Engine().WebAssembly as Any;
  const memory = new Memory({ address: 'i64', initial: 1n, maximum: 3n });
  t.is(memory.grow(1n), 1n);
  t.is(memory.buffer.byteLength, 2 * 65536);
  t.throws(() => memory.grow(1), { instanceOf: TypeError });
  t.throws(() => memory.grow(5n), { instanceOf: RangeError });
  t.throws(() => new Memory({ address: 'i64', initial: 1 }), { instanceOf: TypeError });
  t.throws(() => new Memory({ address: 'i64' }), { instanceOf: TypeError });
  t.throws(() => new Memory({ address: 'i16', initial: 1 }), { instanceOf: TypeError });
  t.throws(() => new Memory({ address: 'i64', initial: -1n }), { instanceOf: TypeError });
  t.throws(() => new Memory({ address: 'i64', initial: 2n ** 40n }), { instanceOf: RangeError });
  t.is(new Memory({ address: 'i32', initial: 1 }).grow(0), 1);
  const table = new Table({ address: 'i64', element: 'anyfunc', initial: 2n });
  t.is(table.length, 2n);
  t.is(table.grow(3n), 2n);
  t.is(table.get(4n), null);
  t.throws(() => table.get(4), { instanceOf: TypeError });
  t.throws(() => table.get(5n), { instanceOf: RangeError });
  t.throws(() => table.set(2n ** 63n, null), { instanceOf: RangeError });

  const module = new Module(
    wat64(`(module (import "m" "m" (memory i64 1)) (import "m" "t" (table i64 1 funcref))
    (func $f (export "f") (result i32) (i32.const 7))
    (elem (i64.const 1) $f)
    (func (export "load") (param i64) (result i32) (i32.load (local.get 0)))
    (func (export "call") (param i64) (result i32) (call_indirect (result i32) (local.get 0))))`),
  );
  const e = new Instance(module, { m: { m: memory, t: table } }).exports;
  new Int32Array(memory.buffer)[2] = 99;
  t.is(e.load(8n), 99);
  t.is(e.call(1n), 7);
  t.is(table.get(1n), e.f);
  for (const index of [0n, 5n, 2n ** 32n + 1n, 2n ** 59n + 1n, -1n, -(2n ** 63n)]) {
    t.throws(
      () => e.call(index),
      { message: /^(null function or function signature mismatch|table index is out of bounds)$/ },
      `${index}`,
    );
  }
  const narrow = { m: new Memory({ initial: 1 }), t: new Table({ element: 'anyfunc', initial: 2 }) };
  t.throws(() => new Instance(module, { m: { m: narrow.m, t: table } }), {
    instanceOf: LinkError,
    message: /cannot import memory32 as memory64/,
  });
  t.throws(() => new Instance(module, { m: { m: memory, t: narrow.t } }), {
    instanceOf: LinkError,
    message: /cannot import table32 as table64/,
  });
  const other = new Module(wat('(module (import "m" "m" (memory 1)))'));
  t.throws(() => new Instance(other, { m: { m: memory } }), {
    instanceOf: LinkError,
    message: /cannot import memory64 as memory32/,
  });
});

test('a module byte by byte', async (t) => {
  const engine = new Engine();
  const bytes = wat64(`(module (memory i64 1) (data (i64.const 8) "abcdefgh")
    (func (export "f") (param i64) (result i64) (i64.load offset=4294967296 (local.get 0)))
    (func (export "g") (param i64) (result i64) (i64.load offset=8 align=1 (local.get 0))))`);
  async function* pieces() {
    for (const byte of bytes) yield Uint8Array.of(byte);
  }
  const { instance } = (await engine.WebAssembly.instantiateStreaming(pieces() as Any)) as Any;
  t.is(instance.exports.g(0n), 0x6867666564636261n);
  t.throws(() => instance.exports.f(0n), { message: outside });
  // The sum does not wrap.
  t.throws(() => instance.exports.f(-(2n ** 32n) + 8n), { message: outside });
});
