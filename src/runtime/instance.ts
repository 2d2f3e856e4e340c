/** Instances: allocation of the context, linking, segments, start function, and the class `WebAssembly.Instance`. */
import { type ElementHeader, ElementMode, ExportKind } from '../stream/item-lists.js';
import type { ModuleInfo } from '../stream/module.js';
import { isReference, ValType } from '../stream/types.js';
import { WireCursor } from '../stream/wire-cursor.js';
import type { Exports, InstanceConstructor, Instance as InstanceObject } from './api-types.js';
import { evaluateInto, evaluateOffset, evaluateReference } from './constant.js';
import { isObject } from './convert.js';
import type { EngineState, EngineStoreGroup } from './engine-state.js';
import { RuntimeError } from './errors.js';
import { type Callable, WasmFunction } from './exported-function.js';
import { GlobalState } from './global.js';
import { HostFunction } from './host-function.js';
import { Context, FunctionRecord, SegmentRecord } from './layout.js';
import { type LinkedImports, readImports } from './linking.js';
import type { MemoryState } from './memory.js';
import { type CompiledModule, moduleOf } from './module.js';
import type { NativeBlock } from './native-heap.js';
import { addressOf } from './native-memory.js';
import type { ReferenceRoot, ReferenceTable } from './references.js';
import { brand, finishClass, platformObject } from './shape.js';
import type { Signature } from './signature.js';
import { TableState } from './table.js';

/** One instance: its native context and what it is linked with. Belongs to a store group. */
export class InstanceState {
  readonly id: number;
  readonly engine: EngineState;
  readonly module: CompiledModule;
  readonly group: EngineStoreGroup;
  readonly context: NativeBlock;
  readonly memories: MemoryState[] = [];
  readonly tables: TableState[] = [];
  readonly globals: GlobalState[] = [];
  /** Imported functions as they were linked. */
  readonly importedFunctions: (WasmFunction | HostFunction)[] = [];
  /** Own and imported functions that JS or a table has asked for, by index. */
  readonly #functions = new Map<number, WasmFunction>();
  #exports: Exports | undefined;
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

  /** The exports object: null prototype, frozen. */
  get exports(): Exports {
    this.#exports ??= exportsOf(this);
    return this.#exports;
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

/**
 * Instantiate: read and link the imports, allocate, run active segments and the start function.
 * @throws TypeError, LinkError, RangeError, RuntimeError, and whatever the start function throws.
 */
export function createInstance(
  engine: EngineState,
  module: CompiledModule,
  imports: unknown,
  who: string,
): InstanceState {
  return instantiateLinked(engine, module, readImports(engine, module, imports, who), who);
}

/**
 * The part of {@link createInstance} that follows the reading of the imports.
 * @throws LinkError, RangeError, RuntimeError, and whatever the start function throws.
 */
export function instantiateLinked(
  engine: EngineState,
  module: CompiledModule,
  linked: LinkedImports,
  who: string,
): InstanceState {
  const instance = new InstanceState(engine, module);
  const builder = new InstanceBuilder(instance, who);
  builder.fillFixedPart();
  builder.linkFunctions(linked);
  builder.fillFunctionRecords();
  builder.linkTables(linked);
  builder.linkMemories(linked);
  builder.linkGlobals(linked);
  builder.fillSegments();
  builder.runSegments();
  // Made before the start function runs: it can be reached by then through tables and imports.
  instance.exports;
  if (module.info.start >= 0) instance.functionAt(module.info.start).callable();
  return instance;
}

class InstanceBuilder {
  readonly #instance: InstanceState;
  readonly #info: ModuleInfo;
  readonly #context: NativeBlock;
  readonly #group: EngineStoreGroup;
  readonly #who: string;

  constructor(instance: InstanceState, who: string) {
    this.#instance = instance;
    this.#info = instance.module.info;
    this.#context = instance.context;
    this.#group = instance.group;
    this.#who = who;
  }

  fillFixedPart(): void {
    const { engine, module, id } = this.#instance;
    this.#context.setPointer(Context.thread, engine.machine.thread.address);
    this.#context.setU32(Context.instanceId, id);
    // Only types that code or a record uses are compared with.
    for (let i = 0; i < this.#info.types.length; i++) {
      const signature = module.signatures.known(i);
      if (signature !== undefined) this.#context.setU32(module.layout.typeIds + 4 * i, signature.id);
    }
  }

  linkFunctions(linked: LinkedImports): void {
    const { engine, module } = this.#instance;
    linked.functions.forEach((value, index) => {
      let target: WasmFunction | HostFunction;
      if (value instanceof WasmFunction) {
        target = value;
        if (carriesReferences(value.signature)) this.#group.merge(value.group);
        else this.#group.holdGroup(value.group);
      } else {
        const signature = module.signatures.at(this.#info.functionTypes[index] as number);
        target = new HostFunction(engine, this.#group, signature, value as Callable, this.#context.address, index);
      }
      this.#instance.importedFunctions.push(target);
      this.#context.setPointer(module.layout.imports + 8 * index, this.#instance.recordAt(index));
    });
  }

  /** Only functions that can be referenced have a record: the others cost nothing. */
  fillFunctionRecords(): void {
    const { layout } = this.#instance.module;
    const { referencedFunctions } = this.#info;
    for (let i = 0; i < referencedFunctions.length; i++) {
      const at = layout.functionRecords + FunctionRecord.size * i;
      this.#instance.fillRecord(this.#context, at, referencedFunctions.at(i));
    }
  }

  linkTables(linked: LinkedImports): void {
    const { engine, module, tables } = this.#instance;
    for (const table of linked.tables) {
      this.#group.merge(table.group);
      tables.push(table);
    }
    const declared = this.#info.tables;
    for (let i = tables.length; i < declared.length; i++) {
      const type = declared.element(i) as ValType;
      tables.push(new TableState(engine, this.#group, type, declared.initial(i), declared.maximum(i)));
    }
    tables.forEach((table, i) => {
      this.#context.setPointer(module.layout.tables + 8 * i, table.record.address);
    });
  }

  linkMemories(linked: LinkedImports): void {
    const { engine, memories } = this.#instance;
    memories.push(...linked.memories);
    for (const declared of this.#info.memories.slice(memories.length)) {
      memories.push(engine.classes.memory.create(declared.initial, declared.maximum));
    }
    for (const memory of memories) this.#group.holdMemory(memory);
    memories[0]?.link(this.#context);
  }

  linkGlobals(linked: LinkedImports): void {
    const { engine, module, globals } = this.#instance;
    for (const [i, global] of linked.globals.entries()) {
      if (isReference(global.type)) this.#group.merge(global.group);
      else this.#group.holdGroup(global.group);
      globals.push(global);
      const at = module.layout.globals + 16 * i;
      if (global.mutable) this.#context.setPointer(at, global.address);
      else global.copyTo(this.#context, at);
    }
    const declared = this.#info.globals;
    for (let i = globals.length; i < declared.length; i++) {
      const at = module.layout.globals + 16 * i;
      evaluateInto(this.#instance, declared.initial(i), this.#context, at);
      const type = declared.type(i) as ValType;
      globals.push(new GlobalState(engine, this.#group, type, declared.mutable(i), this.#context, at));
    }
  }

  /** Segment records as memory.init and table.init see them. Active and declared ones count as dropped. */
  fillSegments(): void {
    this.#fillDataRecords();
    for (let i = 0; i < this.#info.elements.length; i++) this.#fillElementRecord(i);
  }

  #fillDataRecords(): void {
    const { data, dataCount, wire } = this.#info;
    // Without a data count section no instruction can name a segment, and the context has no room for them.
    if (dataCount < 0) return;
    const bytes = addressOf(wire.buffer) + wire.byteOffset;
    for (let i = 0; i < data.length; i++) {
      const { active, start, end } = data.read(i);
      if (active) continue;
      const at = this.#instance.module.layout.dataSegments + SegmentRecord.size * i;
      this.#context.setPointer(at + SegmentRecord.address, bytes + start);
      this.#context.setPointer(at + SegmentRecord.length, end - start);
    }
  }

  #fillElementRecord(i: number): void {
    const { header, entries } = this.#info.elements.read(i);
    const { mode, count, type } = header;
    if (mode !== ElementMode.passive || count === 0) return;
    const block = this.#group.allocate(8 * count);
    for (let k = 0; k < count; k++) block.setPointer(8 * k, this.#entry(header, entries));
    const at = this.#instance.module.layout.elementSegments + SegmentRecord.size * i;
    if (type === ValType.externref) this.#group.references.addRoot(new ElementReferences(this.#context, at, block));
    this.#context.setPointer(at + SegmentRecord.address, block.address);
    this.#context.setPointer(at + SegmentRecord.length, count);
  }

  /** The entry at the cursor: address of a function record, or id of a value. */
  #entry(header: ElementHeader, entries: WireCursor): number {
    return header.expressions ? evaluateReference(this.#instance, entries) : this.#instance.recordAt(entries.u32());
  }

  /** Active segments in order, elements first. One that does not fit traps before it writes; earlier ones stay. */
  runSegments(): void {
    for (let i = 0; i < this.#info.elements.length; i++) this.#runElements(i);
    for (let i = 0; i < this.#info.data.length; i++) this.#runData(i);
  }

  #runElements(i: number): void {
    const instance = this.#instance;
    const { header, entries } = this.#info.elements.read(i);
    if (header.mode !== ElementMode.active) return;
    const table = instance.tables[header.table] as TableState;
    const offset = evaluateOffset(instance, new WireCursor(this.#info.wire, header.offset));
    if (offset + header.count > table.length) this.#trap('table index is out of bounds');
    for (let k = 0; k < header.count; k++) table.set(offset + k, this.#entry(header, entries));
  }

  #runData(i: number): void {
    const instance = this.#instance;
    const { wire, data } = this.#info;
    const segment = data.read(i);
    if (!segment.active) return;
    const offset = evaluateOffset(instance, new WireCursor(wire, segment.offset));
    const { buffer } = (instance.memories[segment.memory] as MemoryState).storage;
    const length = segment.end - segment.start;
    if (offset + length > buffer.byteLength) this.#trap('data segment is out of bounds');
    new Uint8Array(buffer, offset, length).set(wire.subarray(segment.start, segment.end));
  }

  #trap(problem: string): never {
    throw new RuntimeError(`${this.#who}: ${problem}`);
  }
}

/** The values of the host in a passive element segment, until it is dropped. */
class ElementReferences implements ReferenceRoot {
  readonly #context: NativeBlock;
  readonly #record: number;
  readonly #elements: NativeBlock;

  /** @param record offset of the segment's record in the context */
  constructor(context: NativeBlock, record: number, elements: NativeBlock) {
    this.#context = context;
    this.#record = record;
    this.#elements = elements;
  }

  markReferences(table: ReferenceTable): void {
    const count = this.#context.getU32(this.#record + SegmentRecord.length);
    if (count === 0) table.removeRoot(this);
    else table.markRange(this.#elements.slab.u32, this.#elements.offset >>> 2, count);
  }
}

/** True if references can flow through calls of the function. */
function carriesReferences(signature: Signature): boolean {
  return signature.params.some(isReference) || signature.results.some(isReference);
}

function exportsOf(instance: InstanceState): Exports {
  const exports: Exports = Object.create(null);
  const list = instance.module.info.exports;
  for (let i = 0; i < list.length; i++) {
    const index = list.index(i);
    let value: unknown;
    switch (list.kind(i)) {
      case ExportKind.function:
        value = instance.functionAt(index).callable;
        break;
      case ExportKind.table:
        value = (instance.tables[index] as TableState).object;
        break;
      case ExportKind.memory:
        value = (instance.memories[index] as MemoryState).object;
        break;
      case ExportKind.global:
        value = (instance.globals[index] as GlobalState).object;
        break;
    }
    Object.defineProperty(exports, list.name(i), { value, writable: false, enumerable: true, configurable: false });
  }
  return Object.freeze(exports);
}

const instances = brand<InstanceState>();

/** The class `WebAssembly.Instance` of an engine. */
export function defineInstance(engine: EngineState): InstanceConstructor {
  const who = 'WebAssembly.Instance()';

  function create(module: unknown, imports: unknown): InstanceState {
    const compiled = moduleOf(engine, module);
    if (compiled === undefined) throw new TypeError(`${who}: Argument 0 must be a WebAssembly.Module`);
    if (imports !== undefined && !isObject(imports)) throw new TypeError(`${who}: Argument 1 must be an object`);
    return createInstance(engine, compiled, imports, who);
  }

  class Instance {
    constructor(module: unknown, ...rest: unknown[]) {
      const state = module instanceof InstanceState ? module : create(module, rest[0]);
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
