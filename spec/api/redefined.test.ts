/** What writes code pointers, sizes and exports notices nothing that a program has redefined. */
import test from 'ava';
import { Engine } from '../../src/index.js';
import { wat } from './wat.js';

const bytes = wat(
  '(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))) (memory (export "m") 1))',
);

/** Compile, instantiate and call in one engine and, with the same code, in another. Returns whether all went well. */
function work(): boolean {
  const one = new Engine();
  const other = new Engine();
  const module = new one.WebAssembly.Module(bytes);
  let ok = true;
  for (const { WebAssembly } of [one, other]) {
    const add = new WebAssembly.Instance(module).exports['add'] as (a: number, b: number) => number;
    ok &&= add(2, 3) === 5;
  }
  return ok;
}

const cases: [string, object, PropertyKey, (...args: never[]) => unknown][] = [
  ['Atomics.store', Atomics, 'store', () => 0],
  // The high half of an address in the usual range.
  ['Math.floor', Math, 'floor', (x: number) => (x > 0x5000 && x < 0x8000 ? 0x1234 : Math.trunc(x))],
  ['Array.prototype.reduce', Array.prototype, 'reduce', () => 0x123456789000],
];

for (const [name, object, key, value] of cases) {
  test.serial(`${name} of the program's is not called`, (t) => {
    const before = Object.getOwnPropertyDescriptor(object, key) as PropertyDescriptor;
    let ok = false;
    Object.defineProperty(object, key, { ...before, value });
    try {
      ok = work();
    } finally {
      Object.defineProperty(object, key, before);
    }
    t.true(ok);
  });
}

test.serial('descriptors of exports inherit nothing', (t) => {
  const { WebAssembly } = new Engine();
  const module = new WebAssembly.Module(bytes);
  let exports: Record<string, unknown> = {};
  Object.defineProperty(Object.prototype, 'get', { get: () => () => 7, configurable: true });
  try {
    exports = new WebAssembly.Instance(module).exports;
  } finally {
    Reflect.deleteProperty(Object.prototype, 'get');
  }
  t.is((exports['add'] as (a: number, b: number) => number)(2, 3), 5);
});
