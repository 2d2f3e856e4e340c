/**
 * `vm` contexts: each has a global `WebAssembly` of its own realm. Those that are made by `node:vm` from now on get
 * Beamline's, unless code generation from WebAssembly is switched off there, which V8's own object obeys.
 */
import type { Context, CreateContextOptions } from 'node:vm';
import { exportedIndex } from '../runtime/api/exported-function.js';
import { ownExports } from '../runtime/api/instance.js';
import type { WebAssemblyNamespace } from '../runtime/api/namespace.js';
import { addRealm } from '../runtime/api/realms.js';
import { CompileError, LinkError, RuntimeError } from '../runtime/errors/errors.js';
import { hideSourceText } from './function-text.js';
import { type Host, realmNamespace } from './realm-namespace.js';

type AnyFunction = (...args: never[]) => unknown;
type Options = Record<string, unknown>;

/** Change `node:vm` in place. */
export function coverContexts(namespace: WebAssemblyNamespace): void {
  const vm = process.getBuiltinModule('node:vm') as typeof import('node:vm') & Record<string, AnyFunction>;
  const { createContext, isContext, Script } = vm;
  const names = new Map<unknown, string>(
    Object.entries({ CompileError, LinkError, RuntimeError, TypeError, RangeError }).map(([name, { prototype }]) => [
      prototype,
      name,
    ]),
  );
  const host: Host = {
    namespace,
    ownExports,
    isExportedFunction: (value) => exportedIndex(value) !== undefined,
    errorName: (prototype) => names.get(prototype),
    addRealm,
  };
  let script: InstanceType<typeof Script> | undefined;

  /** Give a new context its namespace. */
  function equip(context: Context): void {
    // A program that has put something there means that.
    if ('WebAssembly' in context && Reflect.get(context, 'globalThis') !== context) return;
    script ??= new Script(`[WebAssembly, Function.prototype, ${realmNamespace}]`, { filename: 'beamline:realm' });
    const [target, prototype, run] = script.runInContext(context) as [
      WebAssemblyNamespace,
      object,
      typeof realmNamespace,
    ];
    run(target as unknown as Record<string, unknown>, host);
    hideSourceText(target, exportedIndex, prototype);
  }

  function isKnown(context: unknown): boolean {
    return typeof context === 'object' && context !== null && isContext(context);
  }

  function create(receiver: unknown, args: unknown[]): Context {
    const isNew = !isKnown(args[0]);
    const context = Reflect.apply(createContext, receiver, args) as Context;
    const { codeGeneration } = (args[1] ?? {}) as CreateContextOptions;
    if (isNew && codeGeneration?.wasm !== false) equip(context);
    return context;
  }

  vm.createContext = new Proxy(createContext, { apply: (_, receiver, args) => create(receiver, args) });
  /** Functions that make a context: argument `at` is what it is made from, the next one has its options. */
  const cover = (object: Record<string, AnyFunction>, name: string, at: number): void => {
    object[name] = new Proxy(object[name] as AnyFunction, {
      apply(target, receiver, args: unknown[]) {
        const options = contextOptions(args[at + 1]);
        if (isKnown(args[at]) || options === undefined) return Reflect.apply(target, receiver, args);
        return Reflect.apply(target, receiver, args.with(at, create(undefined, [args[at], options])));
      },
    });
  };
  cover(vm, 'runInNewContext', 1);
  cover(Script.prototype as unknown as Record<string, AnyFunction>, 'runInNewContext', 0);
}

/** The options of `createContext` that others have under other names; undefined if Node is going to refuse them. */
function contextOptions(value: unknown): Options | undefined {
  const options = (typeof value === 'object' && value !== null ? value : {}) as Options;
  const { contextName: name, contextOrigin: origin, contextCodeGeneration: codeGeneration, microtaskMode } = options;
  const wanted = { name, origin, codeGeneration, microtaskMode };
  const isText = [name, origin, microtaskMode].every((option) => option === undefined || typeof option === 'string');
  const isObject = codeGeneration === undefined || (typeof codeGeneration === 'object' && codeGeneration !== null);
  if (!isText || !isObject) return undefined;
  return Object.fromEntries(Object.entries(wanted).filter(([, option]) => option !== undefined));
}
