/** Tables of references: the state that instances share, and the class `WebAssembly.Table`. */

import { FunctionElement, TableField } from '../../backends/abi/layout.js';
import { holdsId, ValType } from '../../stream/types.js';
import { BigInt, isolate, List, Math, Number } from '../../support/primordials.js';
import type { NativeBlock, NativeHeap } from '../store/native-heap.js';
import type { ReferenceRoot, ReferenceTable } from '../store/references.js';
import type { GroupTable } from '../store/store-group.js';
import type { TableConstructor, TableDescriptor, Table as TableObject } from '../webidl/api-types.js';
import {
  isObject,
  isWide,
  limits,
  restArgument,
  toDomString,
  toIndex,
  toWideIndex,
  wideLimits,
} from '../webidl/convert.js';
import { brand, finishClass, platformObject } from '../webidl/shape.js';
import type { EngineState, EngineStoreGroup } from './engine-state.js';
import { type Callable, functionOf, requireFunction } from './exported-function.js';

/** Bytes of an element that is the id of a value of the host. */
const idBytes = 8;
const largestTable = 10_000_000;
/** `Table.get` remembers the functions of so many elements at first, and at most. */
const firstRemembered = 16;
const mostRemembered = 65536;

/** A place in a context that has the table's fields. */
interface TableUse {
  readonly context: NativeBlock;
  readonly at: number;
}

/**
 * One table. References as values are addresses of function records, or ids of values of the host; 0 is null. An element of a table
 * of functions is what a call needs (`FunctionElement`), one of others the id.
 */
export class TableState implements ReferenceRoot, GroupTable {
  static {
    isolate(this);
  }

  readonly engine: EngineState;
  readonly group: EngineStoreGroup;
  readonly maximum: number | undefined;
  readonly type: ValType;
  readonly #elementBytes: number;
  #elements: NativeBlock;
  #length: number;
  #capacity: number;
  /** Its indices have 64 bits. */
  readonly is64: boolean;
  /** A table of functions whose indices are numbers of JS. */
  readonly isPlain: boolean;
  readonly #uses: TableUse[] = new List();
  /** The function of some elements, found by the low bits of the index, and the record that the element was of. */
  #records: number[] = new List();
  #callables: (Callable | null)[] = new List();
  readonly #limit: number;
  #object: TableObject | undefined;

  /** @throws RangeError if there is no memory for the elements. */
  constructor(
    engine: EngineState,
    group: EngineStoreGroup,
    type: ValType,
    initial: number,
    maximum: number | undefined,
    is64: boolean,
  ) {
    this.is64 = is64;
    this.isPlain = type === ValType.funcref && !is64;
    this.engine = engine;
    this.group = group;
    this.type = type;
    this.maximum = maximum;
    this.#limit = Math.min(maximum ?? 0xffffffff, largestTable);
    if (initial > largestTable) throw new RangeError('WebAssembly.Table(): could not allocate table');
    if (!this.#take(initial)) {
      const limit = engine.options.limits.tableElements;
      throw new RangeError(
        `WebAssembly.Table(): could not allocate table: all tables together > limits.tableElements (${limit} elements)`,
      );
    }
    this.#elementBytes = type === ValType.funcref ? FunctionElement.size : idBytes;
    this.#length = initial;
    this.#capacity = initial;
    // Whatever the length, there is an element 0: speculation can get there.
    this.#elements = group.allocate(this.#bytesOf(initial));
    if (holdsId(type)) group.references.addRoot(this);
    group.addTable(this);
  }

  /** Of so many elements. The end, where a copy can stand, is the table's own too: no address of anything else is taken for it. */
  #bytesOf(elements: number): number {
    return this.#elementBytes * Math.max(1, elements) + 1;
  }

  holds(address: number): boolean {
    const at = address - this.#elements.address;
    return at >= 0 && at < this.#bytesOf(this.#capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** The JS object; made when first asked for. */
  get object(): TableObject {
    this.#object ??= new this.engine.classes.Table(this as unknown as TableDescriptor);
    return this.#object;
  }

  /** The constructor's way to say that it made the object. */
  setObject(object: TableObject): void {
    this.#object = object;
  }

  /** From now on the context has the table's fields at `at`. It must live as long as the table's group. */
  use(context: NativeBlock, at: number): void {
    const use = { context, at };
    this.#uses.push(use);
    this.#publish(use);
  }

  /** The reference at `index`, which must be in range. */
  get(index: number): number {
    const at = this.#elementBytes * index;
    return this.#elements.getPointer(this.type === ValType.funcref ? at + FunctionElement.record : at);
  }

  /**
   * The function at `index`, which must be in range, in a table of functions. It is remembered as long as the element is of the same
   * record: records live as long as the group that the table is a part of, so none is ever another function's.
   */
  callableAt(index: number): Callable | null {
    const record = this.get(index);
    const place = index & (this.#records.length - 1);
    if (this.#records[place] === record) return this.#callables[place] as Callable | null;
    return this.#remember(index, record);
  }

  #remember(index: number, record: number): Callable | null {
    let size = this.#records.length;
    if (index >= size && size < mostRemembered) {
      size = Math.max(firstRemembered, 2 * size);
      // The places of the first half stay those of their indices; nothing is known yet of the others.
      while (this.#records.length < size) {
        this.#records.push(-1);
        this.#callables.push(null);
      }
    }
    const callable = functionOf(this.engine, this.group, record);
    const place = index & (size - 1);
    this.#records[place] = record;
    this.#callables[place] = callable;
    return callable;
  }

  /** Where the elements are until the table grows. */
  get elements(): NativeBlock {
    return this.#elements;
  }

  /** Store a reference at `index`, which must be in range. */
  set(index: number, reference: number): void {
    const at = this.#elementBytes * index;
    if (this.type === ValType.funcref) writeElement(this.engine.heap, this.#elements, at, reference);
    else this.#elements.setPointer(at, reference);
  }

  /** Store a reference in [begin, end), which must be in range. */
  fill(reference: number, begin: number, end: number): void {
    if (begin === end) return;
    const { slab, offset } = this.#elements;
    if (this.type !== ValType.funcref) {
      const first = offset / idBytes;
      slab.i64.fill(BigInt(reference), first + begin, first + end);
      return;
    }
    // One element, then copies of what is there already.
    this.set(begin, reference);
    const start = offset + FunctionElement.size * begin;
    const bytes = FunctionElement.size * (end - begin);
    for (let done: number = FunctionElement.size; done < bytes; done *= 2) {
      slab.u8.copyWithin(start + done, start, start + Math.min(done, bytes - done));
    }
  }

  /** Grow by `delta` elements filled with `reference`. Returns the previous length, or -1 if it cannot grow so far. */
  grow(delta: number, reference: number): number {
    const previous = this.#length;
    const length = previous + delta;
    if (length > this.#limit || !this.#take(delta)) return -1;
    if (length > this.#capacity) {
      // Code that is paused may be between the address of an element and its use.
      if (this.engine.isPolling) {
        this.group.addTableElements(-delta);
        return -1;
      }
      const capacity = Math.min(this.#limit, Math.max(length, previous + (previous >>> 1), 16));
      let larger: NativeBlock;
      try {
        larger = this.group.allocate(this.#bytesOf(capacity));
      } catch (error) {
        this.group.addTableElements(-delta);
        if (error instanceof RangeError) return -1;
        throw error;
      }
      const old = this.#elements;
      const bytes = this.#elementBytes * previous;
      larger.slab.u8.set(old.slab.u8.subarray(old.offset, old.offset + bytes), larger.offset);
      this.#elements = larger;
      this.#capacity = capacity;
      this.#publishAll();
      this.group.free(old);
    }
    this.#length = length;
    if (reference !== 0) this.fill(reference, previous, length);
    if (delta > 0) this.#publishAll();
    return previous;
  }

  /** Count elements that are about to be there. Returns false if there would be too many in the engine. */
  #take(count: number): boolean {
    const { groups, options, tablePressure } = this.engine;
    if (groups.tableElements + count > options.limits.tableElements) return false;
    this.group.addTableElements(count);
    tablePressure.take(count);
    return true;
  }

  markReferences(table: ReferenceTable): void {
    const { slab, offset } = this.#elements;
    table.markRange(slab.u32, offset >>> 2, this.#length);
  }

  #publishAll(): void {
    for (let i = 0; i < this.#uses.length; i++) this.#publish(this.#uses[i] as TableUse);
  }

  #publish({ context, at }: TableUse): void {
    context.setPointer(at + TableField.elements, this.#elements.address);
    context.setPointer(at + TableField.length, this.#length);
  }
}

/** Write the `FunctionElement` of a reference, the address of a function record of this heap or 0, at `at` in the block. */
export function writeElement(heap: NativeHeap, block: NativeBlock, at: number, reference: number): void {
  const { u32 } = block.slab;
  const to = (block.offset + at) >>> 2;
  // V8 can stop JS in any loop and call: an element that is not whole is null.
  const typeId = FunctionElement.typeId >>> 2;
  u32[to + typeId] = 0;
  if (reference === 0) {
    for (let i = 0; i < FunctionElement.size >>> 2; i++) u32[to + i] = 0;
    return;
  }
  const record = heap.slabAt(reference);
  const from = (reference - record.address) >>> 2;
  for (let i = 0; i < FunctionElement.record >>> 2; i++) {
    if (i !== typeId) u32[to + i] = record.u32[from + i] as number;
  }
  block.setPointer(at + FunctionElement.record, reference);
  u32[to + typeId] = record.u32[from + typeId] as number;
}

const tables = brand<TableState>();

/** The state behind a table object of this engine, else undefined. */
export function tableStateOf(engine: EngineState, value: unknown): TableState | undefined {
  const state = tables.get(value);
  return state?.engine === engine ? state : undefined;
}

/** The class `WebAssembly.Table` of an engine. */
export function defineTable(engine: EngineState): TableConstructor {
  const who = 'WebAssembly.Table()';

  function own(value: unknown, what: string): TableState {
    const state = tables.get(value);
    if (state === undefined) throw new TypeError(`${what}: Receiver is not a WebAssembly.Table`);
    return state;
  }

  function create(descriptor: unknown, rest: unknown[]): TableState {
    if (!isObject(descriptor)) throw new TypeError(`${who}: Argument 0 must be a table descriptor`);
    const element = toDomString((descriptor as { element?: unknown }).element);
    if (element !== 'anyfunc' && element !== 'externref') {
      throw new TypeError(`${who}: Descriptor property 'element' must be a WebAssembly reference type`);
    }
    const is64 = isWide(descriptor, who);
    const { initial, maximum } = is64
      ? wideLimits(descriptor, who, largestTable, Number.MAX_SAFE_INTEGER)
      : limits(descriptor, who, largestTable, 0xffffffff);
    const value = restArgument(rest, 0);
    if (element === 'externref') {
      const table = new TableState(engine, engine.newGroup(), ValType.externref, initial, maximum, is64);
      if (initial > 0) table.fill(table.group.references.add(value), 0, initial);
      return table;
    }
    const init =
      value === undefined || value === null
        ? undefined
        : requireFunction(
            engine,
            value,
            `${who}: Argument 2 must be undefined or a value of type compatible with the type of the new table: `,
            '.',
          );
    const state = new TableState(engine, engine.newGroup(), ValType.funcref, initial, maximum, is64);
    if (init !== undefined) {
      state.group.merge(init.group);
      state.fill(init.record, 0, initial);
    }
    return state;
  }

  /** An index into a table, or a number of its elements. */
  function indexFor({ is64 }: TableState, value: unknown, what: string): number {
    return is64 ? toWideIndex(value, `${what}: Argument 0`) : toIndex(value, `${what}: Argument 0`);
  }

  /** JS has no values of this type. */
  function refuseExceptions(state: TableState, what: string): void {
    if (state.type === ValType.exnref) {
      throw new TypeError(`${what}: type incompatibility when transforming from/to JS`);
    }
  }

  /** The element for a value that is about to be stored in the table: nothing may collect references in between. */
  function storable(state: TableState, value: unknown, what: string): number {
    if (state.type === ValType.externref) {
      state.group.safepoint();
      return state.group.references.add(value);
    }
    if (value === null) return 0;
    const target = requireFunction(state.engine, value, what, '');
    state.group.merge(target.group);
    return target.record;
  }

  class Table {
    constructor(descriptor: unknown, ...rest: unknown[]) {
      const state = descriptor instanceof TableState ? descriptor : create(descriptor, rest);
      const object = platformObject(new.target, Table);
      tables.stamp(object, state);
      state.setObject(object as TableObject);
      // biome-ignore lint/correctness/noConstructorReturn: an object of another kind than classes make.
      return object as Table;
    }

    get length(): number | bigint {
      const { is64, length } = own(this, 'WebAssembly.Table.length()');
      return is64 ? BigInt(length) : length;
    }

    grow(delta: unknown, ...rest: unknown[]): number | bigint {
      const what = 'WebAssembly.Table.grow()';
      const state = own(this, what);
      const count = indexFor(state, delta, what);
      refuseExceptions(state, what);
      const value = state.type === ValType.externref ? restArgument(rest, 0) : (restArgument(rest, 0) ?? null);
      const previous = state.grow(count, storable(state, value, `${what}: Argument 1 is invalid: `));
      if (previous < 0) throw new RangeError(`${what}: failed to grow table by ${count}`);
      return state.is64 ? BigInt(previous) : previous;
    }

    set(index: unknown, ...rest: unknown[]): void {
      const what = 'WebAssembly.Table.set()';
      const state = own(this, what);
      const at = indexFor(state, index, what);
      if (at >= state.length) throw new RangeError(`${what}: invalid index ${at} into function table`);
      refuseExceptions(state, what);
      const value = rest.length === 0 && state.type !== ValType.externref ? null : restArgument(rest, 0);
      state.set(at, storable(state, value, `${what}: Argument 1 is invalid for table: `));
    }

    get(index: unknown): unknown {
      const what = 'WebAssembly.Table.get()';
      const state = own(this, what);
      // What `invoke_*` of Emscripten does for each call.
      const isPlain = typeof index === 'number' && index >>> 0 === index && index < state.length;
      if (isPlain && state.isPlain) return state.callableAt(index);
      const at = indexFor(state, index, what);
      if (at >= state.length) throw new RangeError(`${what}: invalid index ${at} into function table`);
      refuseExceptions(state, what);
      if (state.type === ValType.externref) return state.group.references.value(state.get(at));
      return state.callableAt(at);
    }
  }
  finishClass(Table, 'WebAssembly.Table', 1);
  return Table as unknown as TableConstructor;
}
