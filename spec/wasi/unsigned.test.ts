/** Which functions V8 calls for Beamline: node:wasi's, and what cannot be told from them. */
import { createRequire } from 'node:module';
import test from 'ava';
import type { Callable } from '../../src/runtime/api/exported-function.js';
import { mayBeNodeWasi, throughV8 } from '../../src/runtime/api/node-wasi.js';
import { SignatureRegistry } from '../../src/runtime/signature.js';

const i32 = 0x7f;
const f64 = 0x7c;
const types = new SignatureRegistry();
const four = types.intern([i32, i32, i32, i32], [i32]);

test('only bound functions with the names of node:wasi, and only where it is loaded', (t) => {
  function fd_write(): void {}
  const bound = fd_write.bind(null) as Callable;
  t.false(mayBeNodeWasi(bound, four));
  process.removeAllListeners('warning');
  const { WASI } = createRequire(import.meta.url)('node:wasi') as typeof import('node:wasi');
  const { wasiImport } = new WASI({ version: 'preview1' }) as unknown as { wasiImport: Record<string, Callable> };
  t.true(mayBeNodeWasi(wasiImport['fd_write'] as Callable, four));
  t.true(mayBeNodeWasi(bound, four));
  t.false(mayBeNodeWasi(bound, types.intern([f64], [])));
  t.false(mayBeNodeWasi(bound, types.intern(new Array(10).fill(i32), [])));
  t.false(mayBeNodeWasi(fd_write as Callable, four));
  t.false(mayBeNodeWasi((() => 0).bind(null) as Callable, four));
  // Nothing of the program runs.
  const trap = () => t.fail('asked');
  const proxy = new Proxy(bound, { get: trap, getOwnPropertyDescriptor: trap } as ProxyHandler<Callable>);
  t.false(mayBeNodeWasi(proxy, four));
  const accessor = Object.defineProperty(() => 0, 'name', { get: trap });
  t.false(mayBeNodeWasi(accessor as Callable, four));
});

test("V8's way of calling: arguments, results and errors as ever", (t) => {
  const memory = new (
    globalThis as unknown as { WebAssembly: { Memory: new (d: object) => object } }
  ).WebAssembly.Memory({
    initial: 1,
  });
  const seen: unknown[] = [];
  let asked = 0;
  const f = throughV8(
    (...args) => {
      seen.push(...args);
      if (args[0] === 3) throw new RangeError('three');
      return { valueOf: () => 4294967295.5 };
    },
    types.intern([i32, 0x7e], [i32]),
    () => {
      asked++;
      return memory;
    },
  );
  t.is(asked, 0);
  t.is(f(-1, -2n), -1);
  t.is(f(2147483648, 1n << 63n), -1);
  t.throws(() => f(3, 0n), { instanceOf: RangeError, message: 'three' });
  t.deepEqual(seen, [-1, -2n, -2147483648, -(1n << 63n), 3, 0n]);
  t.is(asked, 1);
  const plain = throughV8(
    (...args) => args.length,
    four,
    () => undefined,
  );
  t.is(plain(1, 2), 2);
});
