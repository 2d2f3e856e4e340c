/**
 * The namespace of a `vm` context: V8's own object there, with members that call the engine's and are functions, classes,
 * promises and errors of that realm. The function here is run in the context as text: it uses nothing but its parameters and
 * globals.
 */
import type { WebAssemblyNamespace } from '../runtime/api/namespace.js';

type AnyFunction = (...args: unknown[]) => unknown;
type Members = Record<string | symbol, unknown>;

/** What the members need of the thread's own realm. */
export interface Host {
  readonly namespace: WebAssemblyNamespace;
  /** The values that an instance exports and has not imported. */
  ownExports(instance: object): unknown[];
  isExportedFunction(value: unknown): boolean;
  /** Name of the engine's or the realm's error class with this prototype. */
  errorName(prototype: unknown): string | undefined;
  addRealm(functionPrototype: object, adopt: (error: unknown) => unknown): void;
}

/** Change `target`, V8's namespace in the realm where this runs. */
export function realmNamespace(target: Members, { namespace, ...host }: Host): void {
  const main = namespace as unknown as Members;
  const errors: Members = { TypeError, RangeError };
  // V8 has the last from Node 26 on; elsewhere all realms share the engine's.
  for (const name of ['CompileError', 'LinkError', 'RuntimeError', 'SuspendError'])
    errors[name] = target[name] ?? main[name];
  const classes = ['Module', 'Instance', 'Table', 'Memory', 'Global', 'Suspending'];
  const prototypes = new Map<unknown, object>();

  function adoptError(error: unknown): unknown {
    if (typeof error !== 'object' || error === null) return error;
    const name = host.errorName(Object.getPrototypeOf(error));
    if (name === undefined) return error;
    // The engine's type and range errors begin with the function; others are the program's.
    const isEngine = name in target || String((error as Error).message).startsWith('WebAssembly.');
    if (isEngine) Object.setPrototypeOf(error, (errors[name] as { prototype: object }).prototype);
    return error;
  }

  /** A value of the engine: it gets the prototype that it would have here. */
  function adopt(value: unknown): unknown {
    if (typeof value === 'function') {
      if (host.isExportedFunction(value)) Object.setPrototypeOf(value, Function.prototype);
      return value;
    }
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) {
      for (const item of value)
        Object.setPrototypeOf(item, item.byteLength === undefined ? Object.prototype : ArrayBuffer.prototype);
      return Object.setPrototypeOf(value, Array.prototype);
    }
    const tag = Object.prototype.toString.call(value);
    if (tag === '[object ArrayBuffer]' && !(value instanceof ArrayBuffer)) {
      return Object.setPrototypeOf(value, ArrayBuffer.prototype);
    }
    const prototype = prototypes.get(Object.getPrototypeOf(value));
    if (prototype === undefined) return value;
    Object.setPrototypeOf(value, prototype);
    if (tag === '[object WebAssembly.Instance]') adoptExports(value);
    return value;
  }

  function adoptExports(instance: object): void {
    for (const value of host.ownExports(instance)) adopt(value);
  }

  /** A function of the engine as one of this realm, with the same name and length. */
  function wrap(name: string, fn: AnyFunction): AnyFunction {
    const { [name]: wrapped } = {
      [name](this: unknown, ...args: unknown[]): unknown {
        try {
          return adopt(Reflect.apply(fn, this, args));
        } catch (error) {
          throw adoptError(error);
        }
      },
    } as Record<string, AnyFunction>;
    return finish(wrapped as AnyFunction, fn);
  }

  function wrapPromise(name: string, fn: AnyFunction): AnyFunction {
    const { [name]: wrapped } = {
      [name](this: unknown, ...args: unknown[]): unknown {
        return new Promise((resolve, reject) => {
          const promise = Reflect.apply(fn, this, args) as Promise<Members>;
          promise.then(
            (value) => {
              if (!('module' in value)) return resolve(adopt(value));
              return resolve({ module: adopt(value['module']), instance: adopt(value['instance']) });
            },
            (error) => reject(adoptError(error)),
          );
        });
      },
    } as Record<string, AnyFunction>;
    return finish(wrapped as AnyFunction, fn);
  }

  function finish(wrapped: AnyFunction, { length, name }: AnyFunction): AnyFunction {
    Object.defineProperty(wrapped, 'length', { value: length, configurable: true });
    Object.defineProperty(wrapped, 'name', { value: name, configurable: true });
    return wrapped;
  }

  /** What classes have of themselves. */
  const ofClass: (string | symbol)[] = ['length', 'name', 'prototype'];

  /** The same properties, with functions of this realm. */
  function copy(to: object, from: object): void {
    for (const key of Reflect.ownKeys(from)) {
      if (key === 'constructor' || (typeof from === 'function' && ofClass.includes(key))) continue;
      const property = Reflect.getOwnPropertyDescriptor(from, key) as PropertyDescriptor;
      for (const part of ['get', 'set', 'value'] as const) {
        if (typeof property[part] === 'function') property[part] = wrap(String(key), property[part] as AnyFunction);
      }
      Object.defineProperty(to, key, property);
    }
  }

  function define(name: string, value: unknown, enumerable: boolean): void {
    Object.defineProperty(target, name, { value, writable: true, enumerable, configurable: true });
  }

  for (const name of Reflect.ownKeys(target)) if (!(name in main)) delete target[name];
  for (const name of classes) {
    const ofMain = main[name] as AnyFunction & { prototype: object };
    const { [name]: ofRealm } = {
      [name]: class {
        constructor(...args: unknown[]) {
          let object: object;
          try {
            object = Reflect.construct(ofMain, args, new.target);
          } catch (error) {
            throw adoptError(error);
          }
          if (name === 'Instance') adoptExports(object);
          // biome-ignore lint/correctness/noConstructorReturn: the engine's object, with the prototype of this class.
          return object;
        }
      },
    } as unknown as Record<string, AnyFunction & { prototype: object }>;
    const own = ofRealm as AnyFunction & { prototype: object };
    finish(own, ofMain);
    copy(own, ofMain);
    copy(own.prototype, ofMain.prototype);
    prototypes.set(ofMain.prototype, own.prototype);
    define(name, own, false);
  }
  for (const name of ['compile', 'instantiate', 'compileStreaming', 'instantiateStreaming']) {
    define(name, wrapPromise(name, main[name] as AnyFunction), true);
  }
  define('validate', wrap('validate', main['validate'] as AnyFunction), true);
  const promising = main['promising'] as (exported: unknown) => AnyFunction;
  const ofRealm = (exported: unknown): AnyFunction => {
    const ofMain = promising(exported);
    const own = (...args: unknown[]): unknown => {
      let promise: Promise<unknown>;
      try {
        promise = ofMain(...args) as Promise<unknown>;
      } catch (error) {
        throw adoptError(error);
      }
      return new Promise((resolve, reject) => promise.then(resolve, (error) => reject(adoptError(error))));
    };
    return finish(own, ofMain);
  };
  define('promising', finish(wrap('promising', ofRealm), promising), true);
  define('SuspendError', errors['SuspendError'], false);
  host.addRealm(Function.prototype, adoptError);
}
