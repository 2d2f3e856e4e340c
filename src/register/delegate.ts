/**
 * Some modules stay on V8 behind a global `WebAssembly` that is Beamline's: those that Node compiles for itself (the HTTP
 * parser of `fetch`, the lexer of CommonJS exports, the type stripper), and llhttp wherever it comes from, because undici,
 * by which Beamline itself reads URLs, parses HTTP with it. They are compiled when first needed, as without Beamline, and
 * have the prototypes of the namespace's classes, which know them: who has such a module need not care.
 */

import type { WebAssemblyNamespace } from '../runtime/api/namespace.js';
import { bufferSourceView } from '../runtime/webidl/convert.js';

type V8Namespace = Pick<WebAssemblyNamespace, 'Module' | 'Instance'> & {
  compile(bytes: unknown): Promise<object>;
  instantiate(source: unknown, imports?: unknown): Promise<object>;
};

type AnyFunction = (...args: never[]) => unknown;

/** llhttp's builds have 45 to 70 KB; larger modules are not searched. */
const largestParser = 256 * 1024;

/** True for llhttp: one of its imports and one of its exports. */
export function isHttpParser(bytes: Uint8Array): boolean {
  if (bytes.length > largestParser) return false;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return view.includes('wasm_on_headers_complete') && view.includes('llhttp_execute');
}

/**
 * True if the caller of `callee` is a library inside Node. Only asked when something is compiled: it costs microseconds.
 * The immediate caller decides, and only `node:internal/deps`: timers and events of Node call functions of others.
 */
function calledByNode(callee: AnyFunction): boolean {
  const holder: { stack?: unknown } = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  Error.captureStackTrace(holder, callee);
  const { stack } = holder;
  Error.stackTraceLimit = limit;
  return typeof stack === 'string' && stack.includes('node:internal/deps/');
}

/** Let `namespace`, the engine's own, pass such modules on to `v8`, in place. */
export function delegate(namespace: WebAssemblyNamespace, v8: V8Namespace): void {
  // V8's functions as they are now, whatever becomes of that namespace.
  const { Module, Instance, compile, instantiate } = v8;
  const { imports, exports, customSections } = Module as unknown as Record<string, AnyFunction>;
  const getExports = Object.getOwnPropertyDescriptor(Instance.prototype, 'exports')?.get as AnyFunction;
  const delegated = new WeakSet<object>();

  /** A module or an instance of V8: one of the namespace's from now on. */
  function adopt<T extends object>(object: T, prototype: object): T {
    delegated.add(object);
    return Object.setPrototypeOf(object, prototype);
  }

  const adoptModule = (module: object): object => adopt(module, namespace.Module.prototype);
  const adoptInstance = (instance: object): object => adopt(instance, namespace.Instance.prototype);

  function adoptResult(result: object): object {
    const both = result as { module: object; instance: object };
    adoptModule(both.module);
    adoptInstance(both.instance);
    return result;
  }

  function isForV8(source: unknown, callee: AnyFunction): boolean {
    let bytes: Uint8Array | undefined;
    try {
      bytes = bufferSourceView(source);
    } catch {
      // A view that is out of bounds: the engine's error is thrown where it belongs.
      return false;
    }
    return bytes !== undefined && (isHttpParser(bytes) || calledByNode(callee));
  }

  const isDelegated = (value: unknown): boolean => typeof value === 'object' && value !== null && delegated.has(value);

  // Proxies keep what can be seen of functions and classes: name, length, prototype, source text.
  replace(namespace, 'Module', {
    construct: function construct(target, args, newTarget) {
      if (!isForV8(args[0], construct)) return Reflect.construct(target, args, newTarget);
      const module = Reflect.construct(Module, [args[0]], newTarget);
      delegated.add(module);
      return module;
    },
  });
  replace(namespace, 'Instance', {
    construct(target, args, newTarget) {
      if (!isDelegated(args[0])) return Reflect.construct(target, args, newTarget);
      const instance = Reflect.construct(Instance, [args[0], args[1]], newTarget);
      delegated.add(instance);
      return instance;
    },
  });
  replace(namespace, 'compile', {
    apply: function apply(target, receiver, args) {
      if (isForV8(args[0], apply)) return compile(args[0]).then(adoptModule);
      return Reflect.apply(target, receiver, args);
    },
  });
  replace(namespace, 'instantiate', {
    apply: function apply(target, receiver, args) {
      if (isDelegated(args[0])) return instantiate(args[0], args[1]).then(adoptInstance);
      if (isForV8(args[0], apply)) return instantiate(args[0], args[1]).then(adoptResult);
      return Reflect.apply(target, receiver, args);
    },
  });
  for (const [name, ofV8] of Object.entries({ imports, exports, customSections })) {
    replace(namespace.Module, name, {
      apply: (target, receiver, args) => Reflect.apply(isDelegated(args[0]) ? ofV8 : target, receiver, args),
    });
  }
  replace(namespace.Instance.prototype, 'exports', {
    apply: (target, receiver, args) => Reflect.apply(isDelegated(receiver) ? getExports : target, receiver, args),
  });
}

/** Put a proxy in the place of a function or getter; a class's prototype refers to it then. */
function replace(object: object, name: string, handler: ProxyHandler<AnyFunction>): void {
  const property = Object.getOwnPropertyDescriptor(object, name) as PropertyDescriptor;
  const key = property.get === undefined ? 'value' : 'get';
  const value = new Proxy(property[key] as AnyFunction, handler);
  Object.defineProperty(object, name, { ...property, [key]: value });
  const prototype: object | undefined = Object.getOwnPropertyDescriptor(value, 'prototype')?.value;
  if (prototype === undefined) return;
  const constructor = Object.getOwnPropertyDescriptor(prototype, 'constructor') as PropertyDescriptor;
  Object.defineProperty(prototype, 'constructor', { ...constructor, value });
}
