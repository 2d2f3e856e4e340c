/** Memories whose pages are single bytes (the proposal "custom page sizes"): their end can be at any byte. */
import test from 'ava';
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

const leb = (n: number): number[] => (n < 0x80 ? [n] : [(n & 0x7f) | 0x80, ...leb(n >>> 7)]);

/** The module, whose only memory becomes one with pages of a byte. */
function withBytePages(text: string, initial: number, maximum: number): Uint8Array<ArrayBuffer> {
  const bytes = wat(text);
  const memorySection = 5;
  for (let at = 8; at < bytes.length; ) {
    const begin = at++;
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += size;
    if (bytes[begin] !== memorySection) continue;
    const payload = [1, 9, ...leb(initial), ...leb(maximum), 0];
    return Uint8Array.from([
      ...bytes.subarray(0, begin),
      memorySection,
      payload.length,
      ...payload,
      ...bytes.subarray(at),
    ]);
  }
  throw new Error('no memory section');
}

const outside = 'memory access out of bounds';

for (const [title, options] of Object.entries(variants)) {
  test(`every access, up to the last byte: ${title}`, (t) => {
    const { Instance, Module } = new Engine(options).WebAssembly;
    const { names, text } = accesses(0);
    const whole = new Instance(new Module(wat(`(module (memory (export "a") 1 1) ${text})`))).exports as Any;
    const e = new Instance(new Module(withBytePages(`(module (memory (export "a") 1 1) ${text})`, 65536, 65536)))
      .exports as Any;
    for (const name of names) {
      fill(whole.a, 1);
      fill(e.a, 1);
      for (const address of [0, 64, 65500, 65512, 65519, 65520, 65536, -16, -1]) {
        const expected = message(() => whole[name](address));
        t.is(
          message(() => e[name](address)),
          expected,
          `${name} ${address}`,
        );
      }
      t.is(Buffer.compare(contents(e.a), contents(whole.a)), 0, name);
    }
  });

  test(`an end at any byte: ${title}`, (t) => {
    const { Instance, Module } = new Engine(options).WebAssembly;
    const text = `(module (memory (export "m") 1 1) (data $d "0123456789")
      (func (export "load8") (param i32) (result i32) (i32.load8_u (local.get 0)))
      (func (export "load64") (param i32) (result i64) (i64.load offset=1 (local.get 0)))
      (func (export "constant") (result i32) (i32.load8_u (i32.const 99)))
      (func (export "next") (result i32) (i32.load8_u (i32.const 100)))
      (func (export "store") (param i32 i32) (i32.store16 (local.get 0) (local.get 1)))
      (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 7) (local.get 1)))
      (func (export "init") (param i32 i32) (memory.init $d (local.get 0) (i32.const 0) (local.get 1)))
      (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
      (func (export "size") (result i32) (memory.size))
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`;
    const e = new Instance(new Module(withBytePages(text, 100, 200_000))).exports as Any;
    let size = 100;
    for (const delta of [0, 1, 28, 65_536 - 129, 1, 4096, 0, 65_536, 1]) {
      t.is(e.grow(delta), size);
      size += delta;
      t.is(e.size(), size);
      t.is(e.m.buffer.byteLength, size);
      t.is(e.load8(size - 1), 0, `${size}`);
      t.is(e.load64(size - 9), 0n);
      t.is(e.constant(), 0);
      for (const call of [
        () => e.load8(size),
        () => e.load64(size - 8),
        () => e.store(size - 1, 1),
        () => e.fill(size - 3, 4),
        () => e.init(size, 1),
        () => e.copy(0, size - 1, 2),
        () => e.load8(-1),
      ]) {
        t.is(message(call), outside, `${size}`);
      }
      t.is(message(e.next), size > 100 ? '' : outside);
      e.fill(size - 3, 3);
      t.is(contents(e.m)[size - 1], 7);
      e.store(size - 2, 0);
      e.fill(size - 3, 0);
      contents(e.m)[size - 3] = 0;
    }
    for (const delta of [200_001 - size, -1, 1 << 31]) t.is(e.grow(delta), -1);
    t.is(e.m.grow(1), size);
    t.is(e.size(), size + 1);
    t.throws(() => e.m.grow(200_000), { instanceOf: RangeError });
  });
}

test('page sizes are a part of the type', (t) => {
  const { CompileError, Instance, LinkError, Memory, Module } = new Engine().WebAssembly as Any;
  const { m } = new Instance(new Module(withBytePages('(module (memory (export "m") 1 1))', 5, 9))).exports;
  const usual = new Module(wat('(module (import "m" "m" (memory 0)))'));
  t.throws(() => new Instance(usual, { m: { m } }), {
    instanceOf: LinkError,
    message: /pages of 1 bytes, declared are pages of 65536/,
  });
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const importing = new Module(Uint8Array.of(...header, 2, 9, 1, 1, 0x6d, 1, 0x6d, 2, 8, 0, 0));
  new Instance(importing, { m: { m } });
  t.throws(() => new Instance(importing, { m: { m: new Memory({ initial: 0 }) } }), { instanceOf: LinkError });
  for (const log of [1, 12, 15, 17, 64]) {
    t.throws(() => new Module(Uint8Array.of(...header, 5, 4, 1, 8, 0, log)), {
      instanceOf: CompileError,
      message: /invalid custom page size/,
    });
  }
  const huge = new Module(Uint8Array.of(...header, 5, 8, 1, 8, 0xff, 0xff, 0xff, 0xff, 0x0f, 0));
  t.throws(() => new Instance(new Module(Uint8Array.of(...header, 5, 13, 1, 12, ...Array(9).fill(0xff), 1, 0))), {
    instanceOf: RangeError,
  });
  t.notThrows(() => huge);
});
