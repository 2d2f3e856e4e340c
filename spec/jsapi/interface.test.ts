/** Section 5: the namespace and its interfaces, by shape (Web IDL 3.7, 3.13). */
import { onBoth } from './engines.js';

type AnyFunction = (...args: unknown[]) => unknown;

const functions: Readonly<Record<string, number>> = {
  validate: 1,
  compile: 1,
  instantiate: 1,
  compileStreaming: 1,
  instantiateStreaming: 1,
};
const classes: Readonly<Record<string, number>> = {
  Module: 1,
  Instance: 1,
  Memory: 1,
  Table: 1,
  Global: 1,
  CompileError: 1,
  LinkError: 1,
  RuntimeError: 1,
};
const members: Readonly<
  Record<
    string,
    { methods?: Record<string, number>; getters?: string[]; setters?: string[]; statics?: Record<string, number> }
  >
> = {
  Module: { statics: { exports: 1, imports: 1, customSections: 2 } },
  Instance: { getters: ['exports'] },
  Memory: { methods: { grow: 1 }, getters: ['buffer'] },
  Table: { methods: { grow: 1, get: 1, set: 1 }, getters: ['length'] },
  Global: { methods: { valueOf: 0 }, getters: ['value'], setters: ['value'] },
};

onBoth('the namespace object', (t, wasm) => {
  t.is(Object.getPrototypeOf(wasm), Object.prototype);
  t.is(Object.prototype.toString.call(wasm), '[object WebAssembly]');
  t.deepEqual(Object.getOwnPropertyDescriptor(wasm, Symbol.toStringTag), {
    value: 'WebAssembly',
    writable: false,
    enumerable: false,
    configurable: true,
  });
});

onBoth('functions of the namespace', (t, wasm) => {
  for (const [name, length] of Object.entries(functions)) {
    const descriptor = Object.getOwnPropertyDescriptor(wasm, name);
    t.like(descriptor, { writable: true, enumerable: true, configurable: true }, name);
    const value = descriptor?.value as AnyFunction;
    t.deepEqual([value.name, value.length], [name, length]);
    t.throws(() => Reflect.construct(value, []), { instanceOf: TypeError });
  }
});

onBoth('interface objects and prototypes', (t, wasm) => {
  for (const [name, length] of Object.entries(classes)) {
    const descriptor = Object.getOwnPropertyDescriptor(wasm, name);
    t.like(descriptor, { writable: true, enumerable: false, configurable: true }, name);
    const value = descriptor?.value as AnyFunction & { prototype: object };
    t.deepEqual([value.name, value.length], [name, length]);
    t.like(Object.getOwnPropertyDescriptor(value, 'prototype'), {
      writable: false,
      enumerable: false,
      configurable: false,
    });
    t.is(Object.getOwnPropertyDescriptor(value.prototype, 'constructor')?.value, value);
    if (name.endsWith('Error')) {
      t.is(Object.getPrototypeOf(value), Error);
      t.is(Object.getPrototypeOf(value.prototype), Error.prototype);
      continue;
    }
    t.throws(() => value(), { instanceOf: TypeError }, `${name} without new`);
    t.throws(() => Reflect.construct(value, []), { instanceOf: TypeError });
    t.deepEqual(Object.getOwnPropertyDescriptor(value.prototype, Symbol.toStringTag), {
      value: `WebAssembly.${name}`,
      writable: false,
      enumerable: false,
      configurable: true,
    });
  }
});

onBoth('members of the interfaces', (t, wasm) => {
  for (const [name, { methods = {}, getters = [], setters = [], statics = {} }] of Object.entries(members)) {
    const { prototype, ...own } = {
      prototype: Reflect.get(wasm, name).prototype as object,
      class: Reflect.get(wasm, name) as object,
    };
    const check = (object: object, list: Record<string, number>) => {
      for (const [key, length] of Object.entries(list)) {
        const descriptor = Object.getOwnPropertyDescriptor(object, key);
        t.like(descriptor, { writable: true, enumerable: true, configurable: true }, `${name}.${key}`);
        t.deepEqual([descriptor?.value.name, descriptor?.value.length], [key, length]);
      }
    };
    check(prototype, methods);
    check(own.class, statics);
    for (const key of getters) {
      const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
      t.like(descriptor, { enumerable: true, configurable: true }, `${name}.${key}`);
      t.is(descriptor?.get?.name, `get ${key}`);
      t.is(descriptor?.get?.length, 0);
      t.is(descriptor?.set?.name, setters.includes(key) ? `set ${key}` : undefined);
      for (const receiver of [undefined, {}, prototype]) {
        t.throws(
          () => Reflect.apply(descriptor?.get as AnyFunction, receiver, []),
          { instanceOf: TypeError },
          `${name}.${key}`,
        );
      }
    }
    for (const key of Object.keys(methods)) {
      for (const receiver of [undefined, {}, prototype]) {
        t.throws(
          () => Reflect.apply(Reflect.get(prototype, key), receiver, [0]),
          { instanceOf: TypeError },
          `${name}.${key}`,
        );
      }
    }
  }
});

onBoth('errors are made with and without new', (t, wasm) => {
  for (const name of ['CompileError', 'LinkError', 'RuntimeError'] as const) {
    const constructor = wasm[name];
    for (const error of [new constructor('why', { cause: 7 }), constructor('why', { cause: 7 })]) {
      t.true(error instanceof constructor && error instanceof Error);
      t.deepEqual([error.name, error.message, error.cause], [name, 'why', 7]);
      t.is(Object.prototype.toString.call(error), '[object Error]');
      t.deepEqual(Object.getOwnPropertyDescriptor(error, 'message'), {
        value: 'why',
        writable: true,
        enumerable: false,
        configurable: true,
      });
    }
    t.false(Object.hasOwn(new constructor(), 'message'));
  }
});
