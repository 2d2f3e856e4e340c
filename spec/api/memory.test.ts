import test from 'ava';
import { Engine } from '../../src/index.js';

const page = 65536;

const kinds = [
  { memory: 'v8', bounds: 'guard' },
  { memory: 'v8', bounds: 'check' },
  { memory: 'mmap', bounds: 'guard' },
  { memory: 'mmap', bounds: 'check' },
] as const;

for (const kind of kinds) {
  const memory = `${kind.memory}, ${kind.bounds}`;
  const { WebAssembly } = new Engine({ ...kind, limits: { memoryPages: 40000 } });

  test(`${memory}: a memory has zeroed pages and grows; the old buffer is detached`, (t) => {
    const object = new WebAssembly.Memory({ initial: 1, maximum: 3 });
    t.true(object instanceof WebAssembly.Memory);
    t.is(Object.prototype.toString.call(object), '[object WebAssembly.Memory]');
    const { buffer } = object;
    t.is(object.buffer, buffer);
    t.is(buffer.byteLength, page);
    const bytes = new Uint8Array(buffer);
    t.true(bytes.every((byte) => byte === 0));
    bytes[page - 1] = 7;
    t.is(object.grow(1), 1);
    t.is(buffer.byteLength, 0);
    t.is(bytes.length, 0);
    t.not(object.buffer, buffer);
    t.is(object.buffer.byteLength, 2 * page);
    t.is(new Uint8Array(object.buffer)[page - 1], 7);
    t.is(object.grow(0), 2);
    t.is(object.grow(1), 2);
    t.throws(() => object.grow(1), { instanceOf: RangeError, message: /Maximum memory size exceeded/ });
    t.is(object.buffer.byteLength, 3 * page);
  });

  test(`${memory}: an empty memory, a memory that ends with its last page`, (t) => {
    const object = new WebAssembly.Memory({ initial: 0 });
    t.is(object.buffer.byteLength, 0);
    t.is(object.grow(2), 0);
    new Uint8Array(object.buffer)[2 * page - 1] = 1;
    t.is(object.buffer.byteLength, 2 * page);
  });

  test(`${memory}: descriptors are checked as the standard says`, (t) => {
    const make = (descriptor: unknown) => () => new WebAssembly.Memory(descriptor as never);
    for (const wrong of [undefined, 5, 'x', {}, { initial: -1 }, { initial: 'x' }, { initial: Number.NaN }]) {
      t.throws(make(wrong), { instanceOf: TypeError, message: /^WebAssembly\.Memory\(\)/ });
    }
    t.throws(make({ initial: 2 ** 32 }), { instanceOf: TypeError });
    t.throws(make({ initial: 1n }), { instanceOf: TypeError, message: 'Cannot convert a BigInt value to a number' });
    t.throws(make({ initial: 65537 }), { instanceOf: RangeError });
    t.throws(make({ initial: 2, maximum: 1 }), { instanceOf: RangeError, message: /below the lower bound 2/ });
    t.throws(make({ initial: 40001 }), { instanceOf: RangeError, message: /could not allocate memory/ });
    t.throws(make({ initial: 1, shared: true }), {
      instanceOf: TypeError,
      message: /maximum property should be defined/,
    });
    t.is(new WebAssembly.Memory({ initial: '1' as never }).buffer.byteLength, page);
    t.is(new WebAssembly.Memory({ initial: 1.9 }).buffer.byteLength, page);
  });

  test(`${memory}: a shared memory is one for JS`, (t) => {
    const object = new WebAssembly.Memory({ initial: 1, maximum: 3, shared: true });
    const { buffer } = object;
    t.true((buffer as unknown) instanceof SharedArrayBuffer);
    t.true(Object.isFrozen(buffer));
    t.is(object.grow(1), 1);
    t.is(buffer.byteLength, page);
    t.is(object.buffer.byteLength, 2 * page);
    t.throws(() => object.grow(2), { instanceOf: RangeError, message: /Maximum memory size exceeded/ });
    // (module (import "m" "m" (memory 1 3)))
    const importer = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 2, 9, 1, 1, 109, 1, 109, 2, 1, 1, 3]);
    t.throws(() => new WebAssembly.Instance(new WebAssembly.Module(importer), { m: { m: object } }), {
      instanceOf: WebAssembly.LinkError,
      message: /mismatch in shared state of memory/,
    });
  });

  test(`${memory}: receivers are checked`, (t) => {
    const { prototype } = WebAssembly.Memory;
    t.throws(() => prototype.grow.call({}, 1), { message: /Receiver is not a WebAssembly\.Memory/ });
    t.throws(() => prototype.buffer, { message: /Receiver is not a WebAssembly\.Memory/ });
    t.throws(() => new WebAssembly.Memory({ initial: 1 }).grow(-1), { message: /must be non-negative/ });
    t.throws(() => new WebAssembly.Memory({ initial: 1 }).grow(undefined as never), { instanceOf: TypeError });
  });

  test(`${memory}: the engine's limit bounds growth`, (t) => {
    const object = new WebAssembly.Memory({ initial: 39999 });
    t.is(object.grow(1), 39999);
    t.throws(() => object.grow(1), { instanceOf: RangeError });
  });

  test(`${memory}: a class can be derived`, (t) => {
    class Derived extends WebAssembly.Memory {
      get size(): number {
        return this.buffer.byteLength;
      }
    }
    const object = new Derived({ initial: 1 });
    t.true(object instanceof Derived);
    t.is(object.size, page);
  });
}
