/** Instances: what JS and machine code know of one, and the class `WebAssembly.Instance`. Instantiation is next door. */

import { FunctionRecord } from '../../backends/abi/layout.js';
import { ExportKind } from '../../stream/item-lists.js';
import type { ValType } from '../../stream/types.js';
import { bare, isolate, List, Map, Math, Object, toArray } from '../../support/primordials.js';
import type { Signature } from '../signature.js';
import type { NativeBlock } from '../store/native-heap.js';
import type { Exports, InstanceConstructor, Instance as InstanceObject } from '../webidl/api-types.js';
import { isObject, restArgument } from '../webidl/convert.js';
import { brand, finishClass, platformObject } from '../webidl/shape.js';
import type { EngineState, EngineStoreGroup } from './engine-state.js';
import { WasmFunction } from './exported-function.js';
import { GlobalState } from './global.js';
import { HostFunction } from './host-function.js';
import { createInstance } from './instantiation.js';
import type { MemoryState } from './memory.js';
import { type CompiledModule, moduleOf } from './module.js';
import type { TableState } from './table.js';
import type { TagState } from './tag.js';

/** One instance: its native context and what it is linked with. Belongs to a store group. */
export class InstanceState {
  static {
    isolate(this);
  }

  readonly id: number;
  readonly engine: EngineState;
  readonly module: CompiledModule;
  readonly group: EngineStoreGroup;
  readonly context: NativeBlock;
  readonly memories: MemoryState[] = new List();
  readonly tables: TableState[] = new List();
  readonly importedGlobals: GlobalState[] = new List();
  /** Imported ones first. */
  readonly tags: TagState[] = new List();
  /** Own globals that JS or the collector of references has asked for, by index. */
  readonly #globals = new Map<number, GlobalState>();
  /** Imported functions as they were linked. */
  readonly importedFunctions: (WasmFunction | HostFunction)[] = new List();
  /** Own and imported functions that JS or a table has asked for, by index. */
  readonly #functions = new Map<number, WasmFunction>();
  readonly #exports: Exports = Object.create(null);
  #object: InstanceObject | undefined;

  constructor(engine: EngineState, module: CompiledModule) {
    this.engine = engine;
    this.module = module;
    this.id = engine.nextInstanceId();
    this.group = engine.newGroup();
    this.context = this.group.allocate(module.layout.size);
    this.group.addInstance(this.id, this);
  }

  /** The JS object; made when first asked for. */
  get object(): InstanceObject {
    this.#object ??= new this.engine.classes.Instance(this as never);
    return this.#object;
  }

  setObject(object: InstanceObject): void {
    this.#object = object;
  }

  /** The exports object: null prototype, frozen. Nobody sees it before it is complete. */
  get exports(): Exports {
    return this.#exports;
  }

  /** Make property number `i` of the exports object. */
  addExport(i: number): void {
    const { name, kind, index } = this.module.info.exports.read(i);
    const value = this.#exported(kind, index);
    Object.defineProperty(this.#exports, name, bare({ value, writable: false, enumerable: true, configurable: false }));
  }

  /** All properties are there, read-only: what is left of freezing takes the same time for any number of them. */
  closeExports(): void {
    Object.preventExtensions(this.#exports);
  }

  #exported(kind: ExportKind, index: number): unknown {
    switch (kind) {
      case ExportKind.function:
        return this.functionAt(index).callable;
      case ExportKind.table:
        return (this.tables[index] as TableState).object;
      case ExportKind.memory:
        return (this.memories[index] as MemoryState).object;
      case ExportKind.tag:
        return (this.tags[index] as TagState).object;
      default:
        return this.globalAt(index).object;
    }
  }

  /** The global with this index, imports counted. */
  globalAt(index: number): GlobalState {
    let found = this.importedGlobals[index] ?? this.#globals.get(index);
    if (found === undefined) {
      const { info, layout } = this.module;
      const type = info.globals.type(index) as ValType;
      const cell = layout.globals + 16 * index;
      found = new GlobalState(this.engine, this.group, type, info.globals.mutable(index), this.context, cell);
      this.#globals.set(index, found);
    }
    return found;
  }

  /** The function with this index, imports counted: always the same object for the same function record. */
  functionAt(index: number): WasmFunction {
    const imported = this.importedFunctions[index];
    if (imported !== undefined) return imported instanceof HostFunction ? imported.asFunction() : imported;
    let found = this.#functions.get(index);
    if (found === undefined) {
      const signature = this.#signature(index);
      found = new WasmFunction(this.engine, this.group, this.recordAt(index), signature, index);
      this.#functions.set(index, found);
    }
    return found;
  }

  /** Address of the function record of function `index`. */
  recordAt(index: number): number {
    const imported = this.importedFunctions[index];
    if (imported !== undefined) return imported instanceof HostFunction ? imported.record.address : imported.record;
    const { info, layout } = this.module;
    const ordinal = info.referencedOrdinal(index);
    if (ordinal >= 0) return this.context.address + layout.functionRecords + FunctionRecord.size * ordinal;
    // Only a start function that nothing else refers to.
    const known = this.#functions.get(index);
    if (known !== undefined) return known.record;
    const block = this.group.allocate(FunctionRecord.size);
    this.fillRecord(block, 0, index);
    return block.address;
  }

  /** Write the records of the functions that can be referenced, from number `first` to before `end`, in the context. */
  fillRecords(first: number, end: number): void {
    const { info, layout, code, signatures } = this.module;
    const { functionTypes, importedFunctions, referencedFunctions } = info;
    const { address, offset, slab } = this.context;
    const { u32 } = slab;
    const slots = code.base + code.slots - 8 * importedFunctions;
    const low = address >>> 0;
    const high = Math.floor(address / 4294967296);
    let at = (offset + layout.functionRecords + FunctionRecord.size * first) >>> 2;
    for (let i = first; i < end; i++) {
      const index = referencedFunctions.at(i);
      const slot = slots + 8 * index;
      u32[at + (FunctionRecord.slot >>> 2)] = slot >>> 0;
      u32[at + (FunctionRecord.slot >>> 2) + 1] = Math.floor(slot / 4294967296);
      u32[at + (FunctionRecord.context >>> 2)] = low;
      u32[at + (FunctionRecord.context >>> 2) + 1] = high;
      u32[at + (FunctionRecord.typeId >>> 2)] = signatures.at(functionTypes[index] as number).id;
      u32[at + (FunctionRecord.hostId >>> 2)] = 0xffffffff;
      u32[at + (FunctionRecord.index >>> 2)] = index;
      at += FunctionRecord.size >>> 2;
    }
  }

  /** Write the record of own function `index` at `offset` in `block`. */
  fillRecord(block: NativeBlock, offset: number, index: number): void {
    block.setPointer(offset + FunctionRecord.slot, this.module.slotAddress(index));
    block.setPointer(offset + FunctionRecord.context, this.context.address);
    block.setU32(offset + FunctionRecord.typeId, this.#signature(index).id);
    block.setU32(offset + FunctionRecord.hostId, 0xffffffff);
    block.setU32(offset + FunctionRecord.index, index);
  }

  #signature(index: number): Signature {
    const { info, signatures } = this.module;
    return signatures.at(info.functionTypes[index] as number);
  }
}

const instances = brand<InstanceState>();

/** The values that an instance exports and has not imported; none for what is no instance of an engine. */
export function ownExports(value: object): unknown[] {
  const state = instances.get(value);
  if (state === undefined) return [];
  const { exports, importedTables, importedMemories, importedGlobals, importedTags } = state.module.info;
  const imported: Record<ExportKind, number> = {
    [ExportKind.function]: state.importedFunctions.length,
    [ExportKind.table]: importedTables,
    [ExportKind.memory]: importedMemories,
    [ExportKind.global]: importedGlobals,
    [ExportKind.tag]: importedTags,
  };
  const own = exports.toArray().filter(({ kind, index }) => index >= imported[kind]);
  return toArray(own.map(({ name }) => state.exports[name]));
}

/** The class `WebAssembly.Instance` of an engine. */
export function defineInstance(engine: EngineState): InstanceConstructor {
  const who = 'WebAssembly.Instance()';

  function create(module: unknown, imports: unknown): InstanceState {
    const compiled = moduleOf(engine, module, who);
    if (compiled === undefined) throw new TypeError(`${who}: Argument 0 must be a WebAssembly.Module`);
    if (imports !== undefined && !isObject(imports)) throw new TypeError(`${who}: Argument 1 must be an object`);
    return createInstance(engine, compiled, imports, who);
  }

  class Instance {
    constructor(module: unknown, ...rest: unknown[]) {
      const state = module instanceof InstanceState ? module : create(module, restArgument(rest, 0));
      const object = platformObject(new.target, Instance);
      instances.stamp(object, state);
      state.setObject(object as InstanceObject);
      // biome-ignore lint/correctness/noConstructorReturn: an object of another kind than classes make.
      return object as Instance;
    }

    get exports(): Exports {
      const state = instances.get(this);
      if (state === undefined)
        throw new TypeError('WebAssembly.Instance.exports(): Receiver is not a WebAssembly.Instance');
      return state.exports;
    }
  }
  finishClass(Instance, 'WebAssembly.Instance', 1);
  return Instance as unknown as InstanceConstructor;
}
