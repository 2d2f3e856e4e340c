/**
 * Instantiation: at once (`new Instance`), or in slices that leave the event loop to others (`instantiate`). The imports
 * are read in one go, as the standard says. Then come steps in a fixed order. Between two of them other code of the program
 * can run: nothing of the new instance is in its reach before active segments write functions into imported tables, and by then
 * the native context is complete. What others can change meanwhile (an imported memory or table, the engine) is looked at
 * again in each step.
 */

import { Context, FunctionElement, FunctionRecord, SegmentRecord, TableField } from '../../backends/abi/layout.js';
import { type ElementHeader, ElementMode } from '../../stream/item-lists.js';
import type { ModuleInfo } from '../../stream/module.js';
import { PlainSegment } from '../../stream/plain-segment.js';
import { holdsId, isReference, type ValType } from '../../stream/types.js';
import { WireCursor } from '../../stream/wire-cursor.js';
import { isolate, Math, Number, Uint8Array } from '../../support/primordials.js';
import type { Slices } from '../compile/slices.js';
import { RuntimeError } from '../errors/errors.js';
import { addressOf } from '../machine/native-memory.js';
import type { Signature } from '../signature.js';
import { collectGarbage } from '../store/collect.js';
import type { NativeBlock } from '../store/native-heap.js';
import type { ReferenceRoot, ReferenceTable } from '../store/references.js';
import type { Instance as InstanceObject } from '../webidl/api-types.js';
import { evaluateInto, evaluateOffset, evaluateReference, evaluateWideOffset } from './constant.js';
import type { EngineState, EngineStoreGroup } from './engine-state.js';
import { type Callable, WasmFunction } from './exported-function.js';
import { HostFunction } from './host-function.js';
import { InstanceState } from './instance.js';
import { type LinkedImports, readImports } from './linking.js';
import type { MemoryState } from './memory.js';
import type { CompiledModule } from './module.js';
import { mayBeNodeWasi, throughV8 } from './node-wasi.js';
import type { SuspendingFunction } from './promising.js';
import { TableState, writeElement } from './table.js';
import { TagState } from './tag.js';

/**
 * Instantiate at once: read and link the imports, allocate, run active segments and the start function.
 * @throws TypeError, LinkError, RangeError, RuntimeError, and whatever the start function throws.
 */
export function createInstance(
  engine: EngineState,
  module: CompiledModule,
  imports: unknown,
  who: string,
): InstanceState {
  const builder = new InstanceBuilder(engine, module, readImports(engine, module, imports, who), who);
  builder.advance(Number.POSITIVE_INFINITY);
  return builder.finish();
}

/**
 * Instantiate in slices. If a limit or the system's memory is in the way, unreachable instances are collected, once.
 * @throws LinkError, RangeError, RuntimeError, whatever the start function throws, the signal's reason.
 */
export async function instantiateInSlices(
  engine: EngineState,
  module: CompiledModule,
  linked: LinkedImports,
  who: string,
  slices: Slices,
  signal?: AbortSignal,
): Promise<InstanceObject> {
  for (let collected = false; ; collected = true) {
    try {
      return await buildInSlices(engine, module, linked, who, slices, signal);
    } catch (error) {
      if (collected || !(error instanceof AllocationError))
        throw error instanceof AllocationError ? error.cause : error;
    }
    await collectGarbage();
  }
}

/** Nothing was written anywhere but into the new instance: it can be built again. */
class AllocationError extends Error {
  constructor(message?: string, options?: ErrorOptions) {
    super(message, options);
  }
}

async function buildInSlices(
  engine: EngineState,
  module: CompiledModule,
  linked: LinkedImports,
  who: string,
  slices: Slices,
  signal: AbortSignal | undefined,
): Promise<InstanceObject> {
  let builder: InstanceBuilder | undefined;
  try {
    for (;;) {
      slices.resume();
      try {
        engine.checkUsable();
        builder ??= new InstanceBuilder(engine, module, linked, who);
        do if (builder.advance(slices.step)) return builder.finish().object;
        while (!slices.stepDone());
      } finally {
        slices.pause();
      }
      await slices.yield();
      signal?.throwIfAborted();
    }
  } catch (error) {
    if (error instanceof RangeError && builder?.isPrivate !== false) throw new AllocationError('', { cause: error });
    throw error;
  } finally {
    slices.end();
  }
}

const enum Phase {
  // What can fail for want of memory comes first: nothing is connected with others by then.
  tables,
  memories,
  types,
  functions,
  records,
  globals,
  tags,
  tableValues,
  dataRecords,
  elementRecords,
  exports,
  // From here on others can see what is done.
  linkTables,
  elements,
  data,
  done,
}

/** The canonical id of no type: `SignatureRegistry` ends before. */
const noTypeId = 0xffffffff;

/** Bytes of a data segment that are copied for the price of another item. */
const bytesPerItem = 256;

/** The passive element segments are cut from blocks that begin small. */
const firstArena = 256;
const largestArena = 65536;

class InstanceBuilder {
  static {
    isolate(this);
  }

  readonly #instance: InstanceState;
  readonly #linked: LinkedImports;
  readonly #info: ModuleInfo;
  readonly #context: NativeBlock;
  readonly #group: EngineStoreGroup;
  readonly #who: string;
  #phase: Phase = Phase.tables;
  /** The next item of the phase. */
  #item = 0;
  /** What is left to do before the clock is looked at. */
  #left = 0;
  // The segment under way: how much of it is done, and where it goes.
  #done = 0;
  #header: ElementHeader | undefined;
  #entries!: WireCursor;
  #at = 0;
  #arena: NativeBlock | undefined;
  #arenaUsed = 0;

  constructor(engine: EngineState, module: CompiledModule, linked: LinkedImports, who: string) {
    const instance = new InstanceState(engine, module);
    this.#instance = instance;
    this.#linked = linked;
    this.#info = module.info;
    this.#context = instance.context;
    this.#group = instance.group;
    this.#who = who;
    this.#context.setPointer(Context.thread, engine.machine.thread.address);
    this.#context.setU32(Context.instanceId, instance.id);
    this.#context.setU32(Context.machineId, instance.engine.machine.id);
    this.#context.setPointer(Context.outsideElement, this.#context.address + Context.nullElement);
    instance.memories.push(...linked.memories);
  }

  /** Nobody else can have seen anything of the instance. */
  get isPrivate(): boolean {
    return this.#phase < Phase.linkTables;
  }

  /**
   * Do about so many items. Returns true when all is done but the start function.
   * @throws RangeError, RuntimeError
   */
  advance(items: number): boolean {
    this.#left = items;
    while (this.#phase !== Phase.done) {
      if (this.#item === this.#count()) {
        this.#phase++;
        this.#item = 0;
      } else if (this.#left > 0) {
        this.#left--;
        this.#step(this.#item);
      } else return false;
    }
    return true;
  }

  /** Run the start function. The exports are there by then: it can be reached through tables and imports. */
  finish(): InstanceState {
    const { start } = this.#info;
    if (start >= 0) this.#instance.functionAt(start).callable();
    return this.#instance;
  }

  /** Items of the phase. */
  #count(): number {
    const info = this.#info;
    switch (this.#phase) {
      case Phase.tables:
      case Phase.tableValues:
        return info.tables.length;
      case Phase.memories:
        return info.memories.length;
      case Phase.types:
        return info.types.length;
      case Phase.functions:
        return this.#linked.functions.length;
      case Phase.records:
        return info.referencedFunctions.length;
      case Phase.globals:
        return info.globals.length;
      case Phase.tags:
        return info.tags.length;
      case Phase.dataRecords:
        // Without a data count section no instruction can name a segment, and the context has no room for them.
        return info.dataCount < 0 ? 0 : info.data.length;
      case Phase.exports:
        return info.exports.length + 1;
      case Phase.linkTables:
        return this.#linked.tables.length;
      case Phase.data:
        return info.data.length;
      default:
        return info.elements.length;
    }
  }

  /** One item; a long segment is more than one step. */
  #step(i: number): void {
    switch (this.#phase) {
      case Phase.tables:
        this.#table(i);
        break;
      case Phase.memories:
        this.#memory(i);
        break;
      case Phase.types:
        this.#typeId(i);
        break;
      case Phase.functions:
        this.#function(i);
        break;
      case Phase.records:
        this.#records(i);
        return;
      case Phase.globals:
        this.#global(i);
        break;
      case Phase.tags:
        this.#tag(i);
        break;
      case Phase.tableValues:
        this.#tableValue(i);
        break;
      case Phase.dataRecords:
        this.#dataRecord(i);
        break;
      case Phase.elementRecords:
        this.#elementRecord(i);
        return;
      case Phase.exports:
        if (i < this.#info.exports.length) this.#instance.addExport(i);
        else this.#instance.closeExports();
        break;
      case Phase.linkTables:
        this.#linkTable(i);
        break;
      case Phase.elements:
        this.#runElements(i);
        return;
      default:
        if (this.#done > 0 || !this.#runPlainData(i)) this.#runData(i);
        return;
    }
    this.#item++;
  }

  /** Imported tables first; they are connected with the instance later. */
  #table(i: number): void {
    const { engine, tables } = this.#instance;
    const imported = this.#linked.tables[i];
    if (imported !== undefined) {
      tables.push(imported);
      return;
    }
    const declared = this.#info.tables;
    const type = declared.element(i) as ValType;
    const table = new TableState(engine, this.#group, type, declared.initial(i), declared.maximum(i), declared.is64(i));
    tables.push(table);
    table.use(this.#context, this.#tableAt(i));
  }

  /** Elements of an own table that are not null from the begin. */
  #tableValue(i: number): void {
    const { tables } = this.#info;
    if (i < this.#info.importedTables || !tables.hasValue(i)) return;
    const table = this.#instance.tables[i] as TableState;
    table.fill(evaluateReference(this.#instance, tables.value(i)), 0, table.length);
    this.#left -= table.length >>> 4;
  }

  /** The tables of others know the context from here on: it lives as long as they do. */
  #linkTable(i: number): void {
    const table = this.#linked.tables[i] as TableState;
    this.#group.merge(table.group);
    table.use(this.#context, this.#tableAt(i));
  }

  #tableAt(i: number): number {
    return this.#instance.module.layout.tables + TableField.size * i;
  }

  #memory(i: number): void {
    const { engine, memories } = this.#instance;
    const declared = this.#info.memories[i] as ModuleInfo['memories'][number];
    const memory = memories[i] ?? engine.classes.memory.create(declared);
    if (i === memories.length) memories.push(memory);
    this.#group.holdMemory(memory);
    memory.link(this.#context, this.#instance.module.layout.memory(i));
  }

  /** Only types that code or a record uses are compared with. The others get the id of none: 0 would be null's. */
  #typeId(i: number): void {
    const { module } = this.#instance;
    const signature = module.signatures.known(i);
    this.#context.setU32(module.layout.typeIds + 4 * i, signature === undefined ? noTypeId : signature.id);
  }

  #function(index: number): void {
    const { engine, module, importedFunctions } = this.#instance;
    const value = this.#linked.functions[index] as WasmFunction | Callable | SuspendingFunction;
    let target: WasmFunction | HostFunction;
    if (value instanceof WasmFunction) {
      target = value;
      if (carriesReferences(value.signature)) this.#group.merge(value.group);
      else this.#group.holdGroup(value.group);
    } else {
      const signature = module.signatures.at(this.#info.functionTypes[index] as number);
      const callable = typeof value === 'function' ? this.#hostCallable(value, signature) : value;
      target = new HostFunction(engine, this.#group, signature, callable, this.#context.address, index);
    }
    importedFunctions.push(target);
    const at = module.layout.imports + FunctionElement.size * index;
    writeElement(engine.heap, this.#context, at, this.#instance.recordAt(index));
  }

  #hostCallable(value: Callable, signature: Signature): Callable {
    if (!mayBeNodeWasi(value, signature)) return value;
    const { memories } = this.#instance;
    return throughV8(value, signature, () => memories[0]?.object);
  }

  /** Only functions that can be referenced have a record: the others cost nothing. As many as there is time for. */
  #records(ordinal: number): void {
    const end = ordinal + Math.min(this.#left + 1, this.#info.referencedFunctions.length - ordinal);
    this.#left -= end - ordinal - 1;
    this.#instance.fillRecords(ordinal, end);
    this.#item = end;
  }

  #global(i: number): void {
    const { module, importedGlobals } = this.#instance;
    const at = module.layout.globals + 16 * i;
    const global = this.#linked.globals[i];
    if (global === undefined) {
      const { globals } = this.#info;
      const initial = globals.initial(i);
      const start = initial.pos;
      evaluateInto(this.#instance, globals.type(i) as ValType, initial, this.#context, at);
      this.#left -= (initial.pos - start) >>> 4;
      // The collector of references has to know it; others have no object until somebody asks.
      if (holdsId(globals.type(i))) this.#instance.globalAt(i);
      return;
    }
    if (isReference(global.type)) this.#group.merge(global.group);
    else this.#group.holdGroup(global.group);
    importedGlobals.push(global);
    if (global.mutable) this.#context.setPointer(at, global.address);
    else global.copyTo(this.#context, at);
  }

  #tag(i: number): void {
    const { engine, module, tags } = this.#instance;
    const { types, tags: declared } = this.#info;
    const tag = this.#linked.tags[i] ?? new TagState(engine, types.at(declared.type(i)).params);
    tags.push(tag);
    this.#context.setU32(module.layout.tags + 4 * i, tag.id);
  }

  // Segment records as memory.init and table.init see them. Active and declared ones count as dropped.

  #dataRecord(i: number): void {
    const { active, start, end } = this.#info.data.read(i);
    if (active) return;
    const { wire } = this.#info;
    const at = this.#instance.module.layout.dataSegments + SegmentRecord.size * i;
    this.#context.setPointer(at + SegmentRecord.address, addressOf(wire.buffer) + wire.byteOffset + start);
    this.#context.setPointer(at + SegmentRecord.length, end - start);
  }

  #elementRecord(i: number): void {
    const { mode, count, type } = this.#header ?? this.#beginElements(i);
    if (mode !== ElementMode.passive || count === 0) {
      this.#endSegment();
      return;
    }
    if (this.#done === 0) {
      this.#at = this.#allocateElements(8 * count);
      const record = this.#instance.module.layout.elementSegments + SegmentRecord.size * i;
      this.#context.setPointer(record + SegmentRecord.address, (this.#arena as NativeBlock).address + this.#at);
      this.#context.setPointer(record + SegmentRecord.length, count);
      if (holdsId(type)) {
        this.#group.references.addRoot(
          new ElementReferences(this.#context, record, this.#arena as NativeBlock, this.#at),
        );
      }
    }
    const end = this.#portion(count, 1);
    this.#writeEntries(this.#arena as NativeBlock, this.#at, end);
    if (end === count) this.#endSegment();
  }

  /** Room for a passive segment. Returns where in the arena it is. */
  #allocateElements(bytes: number): number {
    if (this.#arena === undefined || this.#arenaUsed + bytes > this.#arena.bytes) {
      const usual = this.#arena === undefined ? firstArena : Math.min(largestArena, 2 * this.#arena.bytes);
      this.#arena = this.#group.allocate(Math.max(usual, bytes));
      this.#arenaUsed = 0;
    }
    const at = this.#arenaUsed;
    this.#arenaUsed += bytes;
    return at;
  }

  // Active segments in order, elements first. One that does not fit traps before it writes; earlier ones stay. Memories and
  // tables never become smaller, so what fitted goes on to fit.

  #runElements(i: number): void {
    const header = this.#header ?? this.#beginElements(i);
    const { mode, count } = header;
    if (mode !== ElementMode.active) {
      this.#endSegment();
      return;
    }
    const table = this.#instance.tables[header.table] as TableState;
    if (this.#done === 0) {
      const evaluate = table.is64 ? evaluateWideOffset : evaluateOffset;
      this.#at = evaluate(this.#instance, new WireCursor(this.#info.wire, header.offset));
      if (this.#at + count > table.length) this.#trap('table index is out of bounds');
    }
    const end = this.#portion(count, 1);
    this.#writeElements(table, end);
    if (end === count) this.#endSegment();
  }

  #beginElements(i: number): ElementHeader {
    const { header, entries } = this.#info.elements.read(i);
    this.#header = header;
    this.#entries = entries;
    return header;
  }

  /** Write the entries of the passive segment under way before `end`: addresses of function records, or ids of values. */
  #writeEntries(block: NativeBlock, at: number, end: number): void {
    for (; this.#done < end; this.#done++) block.setPointer(at + 8 * this.#done, this.#entry());
  }

  #entry(): number {
    const entries = this.#entries;
    if ((this.#header as ElementHeader).expressions) return evaluateReference(this.#instance, entries);
    return this.#instance.recordAt(entries.u32());
  }

  /**
   * Write the entries of the active segment under way before `end` to the table. One loop without calls of small functions for
   * functions of the instance: a first instance runs it in V8's interpreter.
   */
  #writeElements(table: TableState, end: number): void {
    if ((this.#header as ElementHeader).expressions) {
      for (; this.#done < end; this.#done++) table.set(this.#at + this.#done, this.#entry());
      return;
    }
    const instance = this.#instance;
    const entries = this.#entries;
    const info = this.#info;
    const { u32, f64 } = table.elements.slab;
    const context = this.#context;
    const { layout } = instance.module;
    const source32 = context.slab.u32;
    const source64 = context.slab.f64;
    const records = context.address + layout.functionRecords;
    const from = context.offset + layout.functionRecords;
    let to = table.elements.offset + FunctionElement.size * (this.#at + this.#done);
    for (let i = this.#done; i < end; i++, to += FunctionElement.size) {
      const index = entries.u32();
      const ordinal = info.referencedOrdinal(index);
      if (ordinal < 0) {
        table.set(this.#at + i, instance.recordAt(index));
        continue;
      }
      const offset = FunctionRecord.size * ordinal;
      const record = from + offset;
      // Addresses as doubles of the same bits: one store each.
      f64[(to + FunctionElement.slot) >>> 3] = source64[(record + FunctionRecord.slot) >>> 3] as number;
      f64[(to + FunctionElement.context) >>> 3] = source64[(record + FunctionRecord.context) >>> 3] as number;
      const typeId = (record + FunctionRecord.typeId) >>> 2;
      const word = to >>> 2;
      u32[word + (FunctionElement.typeId >>> 2)] = source32[typeId] as number;
      u32[word + (FunctionElement.typeId >>> 2) + 1] = source32[typeId + 1] as number;
      const address = records + offset;
      u32[word + (FunctionElement.record >>> 2)] = address >>> 0;
      u32[word + (FunctionElement.record >>> 2) + 1] = Math.floor(address / 4294967296);
    }
    this.#done = end;
  }

  /** Segments of the common form from `i` on, as many as there is time for. False if there are none. */
  #runPlainData(i: number): boolean {
    const first = this.#instance.memories[0];
    if (first === undefined) return false;
    const { wire, data } = this.#info;
    const count = data.length;
    const memory = new Uint8Array(first.storage.buffer);
    const room = memory.length;
    const { buffer, byteOffset } = wire;
    const segment = new PlainSegment();
    // The step has paid for one item.
    let left = this.#left + 1;
    let k = i;
    for (; k < count && segment.read(wire, data.offset(k)); k++) {
      const { address, start, size } = segment;
      const items = size > bytesPerItem ? Math.ceil(size / bytesPerItem) : 1;
      if (items > left) break;
      left -= items;
      if (address + size > room) this.#trap('data segment is out of bounds');
      memory.set(new Uint8Array(buffer, byteOffset + start, size), address);
    }
    if (k === i) return false;
    this.#left = left;
    this.#item = k;
    return true;
  }

  #runData(i: number): void {
    const { wire, data } = this.#info;
    const { active, memory, offset, start, end } = data.read(i);
    if (!active) {
      this.#endSegment();
      return;
    }
    // Made anew after each growth, by whomever.
    const { buffer } = (this.#instance.memories[memory] as MemoryState).storage;
    const length = end - start;
    if (this.#done === 0) {
      const { is64 } = this.#instance.memories[memory] as MemoryState;
      this.#at = (is64 ? evaluateWideOffset : evaluateOffset)(this.#instance, new WireCursor(wire, offset));
      if (this.#at + length > new Uint8Array(buffer).length) this.#trap('data segment is out of bounds');
    }
    const to = this.#portion(length, bytesPerItem);
    const bytes = new Uint8Array(wire.buffer, wire.byteOffset + start + this.#done, to - this.#done);
    new Uint8Array(buffer, this.#at + this.#done, bytes.length).set(bytes);
    this.#done = to;
    if (to === length) this.#endSegment();
  }

  /** Up to where the segment under way can be done now. The step has paid for one item. */
  #portion(length: number, perItem: number): number {
    const rest = length - this.#done;
    const items = Math.min(this.#left + 1, Math.ceil(rest / perItem));
    this.#left -= Math.max(0, items - 1);
    return this.#done + Math.min(rest, items * perItem);
  }

  #endSegment(): void {
    this.#header = undefined;
    this.#done = 0;
    this.#item++;
  }

  #trap(problem: string): never {
    throw new RuntimeError(`${this.#who}: ${problem}`);
  }
}

/** The values of the host in a passive element segment, until it is dropped. */
class ElementReferences implements ReferenceRoot {
  static {
    isolate(this);
  }

  readonly #context: NativeBlock;
  readonly #record: number;
  readonly #elements: NativeBlock;
  readonly #at: number;

  /**
   * @param record offset of the segment's record in the context
   * @param at offset of the segment in `elements`
   */
  constructor(context: NativeBlock, record: number, elements: NativeBlock, at: number) {
    this.#context = context;
    this.#record = record;
    this.#elements = elements;
    this.#at = at;
  }

  markReferences(table: ReferenceTable): void {
    const count = this.#context.getU32(this.#record + SegmentRecord.length);
    if (count === 0) table.removeRoot(this);
    else table.markRange(this.#elements.slab.u32, (this.#elements.offset + this.#at) >>> 2, count);
  }
}

/** True if references can flow through calls of the function. */
function carriesReferences(signature: Signature): boolean {
  return signature.params.some(isReference) || signature.results.some(isReference);
}
