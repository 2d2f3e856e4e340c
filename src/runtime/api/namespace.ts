/** The `WebAssembly` namespace object of an engine (JS API, section 5). */

import type { SourceInput } from '../../stream/source/source.js';
import { bare, Object } from '../../support/primordials.js';
import {
  type CompileOptions,
  compileBytes,
  compileOptions,
  compileSource,
  compileSync,
  newSlices,
  type StreamOptions,
} from '../compile/compilation.js';
import {
  CompileError,
  LinkError,
  RuntimeError,
  SuspendError,
  type WebAssemblyErrorConstructor,
} from '../errors/errors.js';
import type * as api from '../webidl/api-types.js';
import { bufferSourceView, isObject } from '../webidl/convert.js';
import { setTag } from '../webidl/shape.js';
import type { EngineState } from './engine-state.js';
import { defineException } from './exception.js';
import { defineGlobal } from './global.js';
import { defineInstance } from './instance.js';
import { instantiateInSlices } from './instantiation.js';
import { readImports } from './linking.js';
import { defineMemory } from './memory.js';
import { type CompiledModule, defineModule, moduleOf } from './module.js';
import { definePromiseIntegration } from './promising.js';
import { defineTable } from './table.js';
import { defineTag } from './tag.js';

/** A module and its first instance, as `instantiate` gives them for bytes. */
export interface InstantiatedSource {
  module: api.Module;
  instance: api.Instance;
}

/** The standard's namespace; the asynchronous functions take Beamline's options as an additional last argument. */
export interface WebAssemblyNamespace {
  validate(bytes: api.BufferSource): boolean;
  compile(bytes: api.BufferSource, options?: CompileOptions): Promise<api.Module>;
  instantiate(bytes: api.BufferSource, imports?: object, options?: CompileOptions): Promise<InstantiatedSource>;
  instantiate(module: api.Module, imports?: object): Promise<api.Instance>;
  compileStreaming(source: SourceInput | PromiseLike<SourceInput>, options?: StreamOptions): Promise<api.Module>;
  instantiateStreaming(
    source: SourceInput | PromiseLike<SourceInput>,
    imports?: object,
    options?: StreamOptions,
  ): Promise<InstantiatedSource>;
  readonly Module: api.ModuleConstructor;
  readonly Instance: api.InstanceConstructor;
  readonly Memory: api.MemoryConstructor;
  readonly Table: api.TableConstructor;
  readonly Global: api.GlobalConstructor;
  readonly CompileError: WebAssemblyErrorConstructor;
  readonly LinkError: WebAssemblyErrorConstructor;
  readonly RuntimeError: WebAssemblyErrorConstructor;
  /** A function that calls an exported function of wasm on a stack of its own, and gives a promise of the result. */
  promising(exported: CallableFunction): (...args: unknown[]) => Promise<unknown>;
  /** `new Suspending(f)`, imported as a function: calls `f`, and wasm waits for what the result promises. */
  readonly Suspending: new (
    callable: CallableFunction,
  ) => object;
  readonly SuspendError: WebAssemblyErrorConstructor;
}

/** Functions and classes are writable and configurable; functions are enumerable, classes are not (Web IDL). */
function defineAll(target: object, members: Readonly<Record<string, unknown>>, enumerable: boolean): void {
  const names = Object.keys(members);
  for (let i = 0; i < names.length; i++) define(target, names[i] as string, members[names[i] as string], enumerable);
}

function define(target: object, name: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, name, bare({ value, writable: true, enumerable, configurable: true }));
}

/** @param namespace where to define its members. */
export function createNamespace(engine: EngineState, namespace: object = {}): WebAssemblyNamespace {
  const memory = defineMemory(engine);
  const Table = defineTable(engine);
  const Global = defineGlobal(engine);
  const Module = defineModule(engine);
  const Instance = defineInstance(engine);
  const Tag = defineTag(engine);
  const Exception = defineException(engine);
  engine.classes = { memory, Table, Global, Module, Instance, Tag, Exception };

  function checkImports(imports: unknown, who: string): void {
    if (imports !== undefined && !isObject(imports)) throw new TypeError(`${who}: Argument 1 must be an object`);
  }

  const asynchronous = {
    async compile(bytes: unknown, given: unknown): Promise<unknown> {
      const who = 'WebAssembly.compile()';
      const view = bufferSourceView(bytes);
      if (view === undefined) throw new TypeError(`${who}: Argument 0 must be a buffer source`);
      return compileBytes(engine, view, compileOptions(given, who), who);
    },

    async instantiate(source: unknown, imports: unknown, given: unknown): Promise<unknown> {
      const who = 'WebAssembly.instantiate()';
      const module = moduleOf(engine, source, who);
      if (module !== undefined) {
        checkImports(imports, who);
        // The imports are read at once. The rest happens in a task of its own: callers see their code finish first.
        const linked = readImports(engine, module, imports, who);
        await undefined;
        return instantiateInSlices(engine, module, linked, who, newSlices(engine));
      }
      const view = bufferSourceView(source);
      if (view === undefined) {
        throw new TypeError(`${who}: Argument 0 must be a buffer source or a WebAssembly.Module object`);
      }
      checkImports(imports, who);
      const options = compileOptions(given, who);
      const slices = newSlices(engine);
      const object = await compileBytes(engine, view, options, who, slices);
      const compiled = moduleOf(engine, object, who) as CompiledModule;
      const linked = readImports(engine, compiled, imports, who);
      const instance = await instantiateInSlices(engine, compiled, linked, who, slices, options.signal);
      return { module: object, instance };
    },

    async compileStreaming(source: unknown, given: unknown): Promise<unknown> {
      const who = 'WebAssembly.compileStreaming()';
      return compileSource(engine, source, compileOptions(given, who), who);
    },

    async instantiateStreaming(source: unknown, imports: unknown, given: unknown): Promise<unknown> {
      const who = 'WebAssembly.instantiateStreaming()';
      checkImports(imports, who);
      const options = compileOptions(given, who);
      const slices = newSlices(engine);
      const object = await compileSource(engine, source, options, who, slices);
      const compiled = moduleOf(engine, object, who) as CompiledModule;
      const linked = readImports(engine, compiled, imports, who);
      const instance = await instantiateInSlices(engine, compiled, linked, who, slices, options.signal);
      return { module: object, instance };
    },
  };

  // Methods, because these functions are no constructors; their names and lengths are part of the standard. Not async:
  // V8's are plain functions, and some programs tell the kinds apart.
  const functions = {
    compile(bytes: unknown, options = undefined): Promise<unknown> {
      return asynchronous.compile(bytes, options);
    },

    validate(bytes: unknown): boolean {
      const who = 'WebAssembly.validate()';
      const view = bufferSourceView(bytes);
      if (view === undefined) throw new TypeError(`${who}: Argument 0 must be a buffer source`);
      try {
        compileSync(engine, view, who, false);
        return true;
      } catch (error) {
        if (error instanceof CompileError) return false;
        throw error;
      }
    },

    instantiate(source: unknown, imports = undefined, options = undefined): Promise<unknown> {
      return asynchronous.instantiate(source, imports, options);
    },

    compileStreaming(source: unknown, options = undefined): Promise<unknown> {
      return asynchronous.compileStreaming(source, options);
    },

    instantiateStreaming(source: unknown, imports = undefined, options = undefined): Promise<unknown> {
      return asynchronous.instantiateStreaming(source, imports, options);
    },
  };

  const { promising, Suspending } = definePromiseIntegration(engine);
  defineAll(namespace, { ...functions, promising }, true);
  const errors = { CompileError, LinkError, RuntimeError, SuspendError };
  const classes = { Module, Instance, Table, Memory: memory.Memory, Global, Tag, Exception, Suspending, ...errors };
  defineAll(namespace, classes, false);
  const jsTag = bare({ value: engine.jsTag.object, writable: false, enumerable: false, configurable: true });
  Object.defineProperty(namespace, 'JSTag', jsTag);
  setTag(namespace, 'WebAssembly');
  return namespace as WebAssemblyNamespace;
}
