/** Reading an import object (JS API "read the imports") and matching what it gives with what the module asks for. */

import { ImportKind } from '../../stream/item-lists.js';
import type { ModuleInfo } from '../../stream/module.js';
import { ValType } from '../../stream/types.js';
import { isolate, List } from '../../support/primordials.js';
import type { ModuleSignatures } from '../compile/module-signatures.js';
import { LinkError } from '../errors/errors.js';
import { isObject } from '../webidl/convert.js';
import type { EngineState } from './engine-state.js';
import { type Callable, type WasmFunction, wasmFunctionOf } from './exported-function.js';
import { type GlobalState, globalStateOf, newGlobal } from './global.js';
import type { MemoryState } from './memory.js';
import { type SuspendingFunction, suspendingOf } from './promising.js';
import { type TableState, tableStateOf } from './table.js';
import { type TagState, tagOf } from './tag.js';

/** What an instance is linked with, in order of declaration per kind. */
export interface LinkedImports {
  /** Functions of this engine as they are; other callables become host functions of the instance. */
  readonly functions: (WasmFunction | Callable | SuspendingFunction)[];
  readonly tables: TableState[];
  readonly memories: MemoryState[];
  readonly globals: GlobalState[];
  readonly tags: TagState[];
}

/** The module as the linker needs it. */
export interface LinkTarget {
  readonly info: ModuleInfo;
  readonly signatures: ModuleSignatures;
}

/**
 * Read and check all imports, in order.
 * @param who begins the messages, for example `WebAssembly.Instance()`.
 * @throws TypeError if the import object or a module in it is no object; LinkError if an import does not fit.
 */
export function readImports(engine: EngineState, target: LinkTarget, imports: unknown, who: string): LinkedImports {
  const { info } = target;
  const linked: LinkedImports = {
    functions: new List(),
    tables: new List(),
    memories: new List(),
    globals: new List(),
    tags: new List(),
  };
  if (info.imports.length > 0 && imports === undefined) {
    throw new TypeError(`${who}: Imports argument must be present and must be an object`);
  }
  for (let i = 0; i < info.imports.length; i++) {
    const module = info.imports.module(i);
    const name = info.imports.name(i);
    const space: unknown = (imports as Record<string, unknown>)[module];
    if (!isObject(space)) {
      throw new TypeError(`${who}: Import #${i} "${module}": module is not an object or function`);
    }
    const value: unknown = (space as Record<string, unknown>)[name];
    const link = new ImportLinker(engine, target, `${who}: Import #${i} "${module}" "${name}": `);
    switch (info.imports.kind(i)) {
      case ImportKind.function:
        linked.functions.push(link.function(value, linked.functions.length));
        break;
      case ImportKind.table:
        linked.tables.push(link.table(value, linked.tables.length));
        break;
      case ImportKind.memory:
        linked.memories.push(link.memory(value, linked.memories.length));
        break;
      case ImportKind.global:
        linked.globals.push(link.global(value, linked.globals.length));
        break;
      case ImportKind.tag:
        linked.tags.push(link.tag(value, linked.tags.length));
        break;
    }
  }
  return linked;
}

class ImportLinker {
  static {
    isolate(this);
  }

  readonly #engine: EngineState;
  readonly #target: LinkTarget;
  readonly #what: string;

  constructor(engine: EngineState, target: LinkTarget, what: string) {
    this.#engine = engine;
    this.#target = target;
    this.#what = what;
  }

  #fail(problem: string): never {
    throw new LinkError(this.#what + problem);
  }

  function(value: unknown, index: number): WasmFunction | Callable | SuspendingFunction {
    const suspending = suspendingOf(value);
    if (suspending !== undefined) return suspending;
    if (typeof value !== 'function') this.#fail('function import requires a callable');
    const known = wasmFunctionOf(this.#engine, value);
    if (known === undefined) return value as Callable;
    const { info, signatures } = this.#target;
    if (known.signature !== signatures.at(info.functionTypes[index] as number)) {
      this.#fail('imported function does not match the expected type');
    }
    return known;
  }

  table(value: unknown, index: number): TableState {
    const state = tableStateOf(this.#engine, value);
    if (state === undefined) this.#fail('table import requires a WebAssembly.Table');
    const { tables } = this.#target.info;
    if (tables.element(index) !== state.type) this.#fail('imported table does not match the expected type');
    if (tables.is64(index) !== state.is64) {
      this.#fail(`cannot import ${state.is64 ? 'table64 as table32' : 'table32 as table64'}`);
    }
    this.#limits('table', state.length, state.maximum, tables.initial(index), tables.maximum(index));
    return state;
  }

  memory(value: unknown, index: number): MemoryState {
    const state = this.#engine.classes.memory.stateOf(value);
    if (typeof state === 'string') this.#fail(state);
    const wanted = this.#target.info.memories[index] as ModuleInfo['memories'][number];
    if (state.is64 !== wanted.is64) {
      this.#fail(`cannot import ${state.is64 ? 'memory64 as memory32' : 'memory32 as memory64'}`);
    }
    if ((state.unit === 1) !== wanted.bytePages) {
      this.#fail(
        `memory import has pages of ${state.unit} bytes, declared are pages of ${wanted.bytePages ? 1 : 65536}`,
      );
    }
    if (!state.storage.isGuarded && !wanted.bytePages && this.#engine.memoryPlan.bounds === 'guard') {
      this.#fail("nothing is reserved behind the memory: an engine with bounds: 'check' can import it");
    }
    state.refresh();
    this.#limits('memory', state.pages, state.maximum, wanted.initial, wanted.maximum);
    if (state.storage.isShared !== wanted.shared) {
      const declared = wanted.shared ? 1 : 0;
      this.#fail(`mismatch in shared state of memory, declared = ${declared}, imported = ${1 - declared}`);
    }
    return state;
  }

  #limits(
    kind: 'table' | 'memory',
    current: number,
    maximum: number | undefined,
    wantedInitial: number,
    wantedMaximum: number | undefined,
  ): void {
    const unit = kind === 'table' ? 'elements' : 'pages';
    if (current < wantedInitial) {
      this.#fail(`${kind} import has ${current} ${unit}, which is less than the declared initial of ${wantedInitial}`);
    }
    if (wantedMaximum === undefined) return;
    if (maximum === undefined) {
      this.#fail(`${kind} import has no maximum, expected at most ${wantedMaximum}`);
    }
    if (maximum > wantedMaximum) {
      this.#fail(`${kind} import has a larger maximum of ${maximum} than the module's declared ${wantedMaximum}`);
    }
  }

  tag(value: unknown, index: number): TagState {
    const state = tagOf(this.#engine, value);
    if (state === undefined) this.#fail('tag import requires a WebAssembly.Tag');
    const { tags, types } = this.#target.info;
    if (!state.hasParams(types.at(tags.type(index)).params))
      this.#fail('imported tag does not match the expected type');
    return state;
  }

  global(value: unknown, index: number): GlobalState {
    const { globals } = this.#target.info;
    const type = globals.type(index) as ValType;
    const mutable = globals.mutable(index);
    const state = globalStateOf(this.#engine, value);
    if (state !== undefined) {
      if (state.mutable !== mutable) this.#fail('imported global does not match the expected mutability');
      if (state.type !== type) this.#fail('imported global does not match the expected type');
      return state;
    }
    if (type === ValType.v128) this.#fail('global import of type v128 must be a WebAssembly.Global');
    if (type === ValType.exnref) this.#fail('global import of type exnref must be a WebAssembly.Global');
    if (mutable) this.#fail('imported mutable global must be a WebAssembly.Global object');
    const isWrong =
      type === ValType.i64
        ? typeof value !== 'bigint'
        : type === ValType.funcref
          ? value !== null && wasmFunctionOf(this.#engine, value) === undefined
          : type !== ValType.externref && typeof value !== 'number';
    if (isWrong) {
      this.#fail(
        type === ValType.funcref
          ? 'imported funcref global must be null or WebAssembly function (function-typed object)'
          : 'global import must be a number, valid Wasm reference, or WebAssembly.Global object',
      );
    }
    const made = newGlobal(this.#engine, type, false);
    made.setValue(value, this.#what);
    return made;
  }
}
