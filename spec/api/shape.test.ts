import test from 'ava';
import { Engine, WebAssembly } from '../../src/index.js';

/** The attributes that V8 gives the same property, as the standard's Web IDL asks. */
type Row = [name: string, kind: 'function' | 'class', length: number, enumerable: boolean];

const members: Row[] = [
  ['compile', 'function', 1, true],
  ['validate', 'function', 1, true],
  ['instantiate', 'function', 1, true],
  ['compileStreaming', 'function', 1, true],
  ['instantiateStreaming', 'function', 1, true],
  ['Module', 'class', 1, false],
  ['Instance', 'class', 1, false],
  ['Table', 'class', 1, false],
  ['Memory', 'class', 1, false],
  ['Global', 'class', 1, false],
  ['Tag', 'class', 1, false],
  ['Exception', 'class', 2, false],
  ['CompileError', 'class', 1, false],
  ['LinkError', 'class', 1, false],
  ['RuntimeError', 'class', 1, false],
  ['SuspendError', 'class', 1, false],
  ['Suspending', 'class', 1, false],
  ['promising', 'function', 1, true],
];

test('the namespace has the members, attributes and lengths of the standard', (t) => {
  for (const [name, kind, length, enumerable] of members) {
    const own = Object.getOwnPropertyDescriptor(WebAssembly, name);
    t.like(own, { writable: true, enumerable, configurable: true }, name);
    t.is(typeof own?.value, 'function', name);
    t.is(own?.value.name, name);
    t.is(own?.value.length, length, name);
    t.is(Object.hasOwn(own?.value, 'prototype'), kind === 'class', name);
    t.is(Object.prototype.toString.call(own?.value), '[object Function]', name);
  }
  t.is(Object.prototype.toString.call(WebAssembly), '[object WebAssembly]');
  const names = [...members.map(([name]) => name), 'JSTag'];
  t.deepEqual(Object.getOwnPropertyNames(WebAssembly).sort(), names.sort());
  t.like(Object.getOwnPropertyDescriptor(WebAssembly, 'JSTag'), {
    writable: false,
    enumerable: false,
    configurable: true,
  });
});

test('errors of the asynchronous functions come as rejections', async (t) => {
  for (const name of ['compile', 'instantiate', 'compileStreaming', 'instantiateStreaming'] as const) {
    let promise: Promise<unknown> | undefined;
    t.notThrows(() => {
      promise = Reflect.apply(WebAssembly[name], undefined, []);
    });
    await t.throwsAsync(promise as Promise<unknown>, { instanceOf: TypeError }, name);
  }
});

const prototypes: Record<string, string[]> = {
  Module: [],
  Instance: ['exports'],
  Memory: ['grow', 'buffer'],
  Table: ['length', 'grow', 'set', 'get'],
  Global: ['valueOf', 'value'],
  Tag: [],
  Exception: ['is', 'getArg', 'stack'],
  Suspending: [],
};

for (const [name, properties] of Object.entries(prototypes)) {
  test(`${name}.prototype`, (t) => {
    const constructor = (WebAssembly as unknown as Record<string, { prototype: object }>)[name] as {
      prototype: object;
    };
    const { prototype } = constructor;
    t.is(Object.getPrototypeOf(constructor), Function.prototype);
    t.is(Object.getPrototypeOf(prototype), Object.prototype);
    t.false(Object.getOwnPropertyDescriptor(constructor, 'prototype')?.writable);
    t.like(Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag), {
      value: `WebAssembly.${name}`,
      writable: false,
      enumerable: false,
      configurable: true,
    });
    t.like(Object.getOwnPropertyDescriptor(prototype, 'constructor'), { writable: true, enumerable: false });
    t.deepEqual(Object.getOwnPropertyNames(prototype).sort(), ['constructor', ...properties].sort());
    for (const property of properties) {
      t.like(Object.getOwnPropertyDescriptor(prototype, property), { enumerable: true, configurable: true }, property);
    }
    t.throws(() => Reflect.apply(constructor as unknown as () => void, undefined, []), { instanceOf: TypeError });
  });
}

test('the error classes are native errors', (t) => {
  for (const name of ['CompileError', 'LinkError', 'RuntimeError'] as const) {
    const constructor = WebAssembly[name];
    t.is(Object.getPrototypeOf(constructor), Error);
    t.is(Object.getPrototypeOf(constructor.prototype), Error.prototype);
    for (const error of [new constructor('why'), constructor('why')]) {
      t.true(error instanceof constructor);
      t.true(error instanceof Error);
      t.is(error.name, name);
      t.is(error.message, 'why');
      t.is(String(error), `${name}: why`);
      t.true(error.stack?.startsWith(`${name}: why\n`));
      t.regex(error.stack?.split('\n')[1] ?? '', /shape\.test/);
      t.deepEqual(Object.getOwnPropertyNames(error).sort(), ['message', 'stack']);
    }
    class Derived extends constructor {}
    t.true(new Derived('x') instanceof Derived);
    t.is((new constructor('x', { cause: 5 }) as Error & { cause: unknown }).cause, 5);
  }
});

test('options are validated, with messages that name what is wrong', (t) => {
  t.throws(() => new Engine({ tier: 'fast' as never }), { instanceOf: TypeError, message: /tier/ });
  t.notThrows(() => new Engine({ tier: 'auto', core: 'wasm', keepLastCore: true }));
  t.throws(() => new Engine({ tier: 'optimizing', core: 'wasm' }), { message: /core.*baseline tier only/ });
  t.notThrows(() => new Engine({ tier: 'optimizing' }));
  t.throws(() => new Engine({ maxSliceMs: -1 }), { message: /maxSliceMs/ });
  t.throws(() => new Engine({ maxSliceMs: Number.NaN }), { message: /maxSliceMs/ });
  t.throws(() => new Engine({ speed: 1 } as object), { message: /speed/ });
  t.throws(() => new Engine({ limits: { memoryPages: 1.5 } }), { message: /limits\.memoryPages/ });
  t.throws(() => new Engine({ debug: { dumpEverything: true } as object }), { message: /dumpEverything/ });
  t.notThrows(() => new Engine({ maxSliceMs: Number.POSITIVE_INFINITY, tier: 'baseline' }));
  t.notThrows(() => new Engine({ maxSliceMs: 0, memory: 'mmap' }));
});

test('each engine has a namespace of its own; the error classes are shared', (t) => {
  const engine = new Engine();
  t.not(engine.WebAssembly.Module, WebAssembly.Module);
  t.is(engine.WebAssembly.RuntimeError, WebAssembly.RuntimeError);
  t.is(engine.WebAssembly, engine.WebAssembly);
});
