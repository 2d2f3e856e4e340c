/** Tables of references: the state that instances share, and the class `WebAssembly.Table`. */

import { TableRecord } from '../../backends/abi/layout.js';
import { ValType } from '../../stream/types.js';
import { BigInt, isolate, Math } from '../../support/primordials.js';
import type { NativeBlock } from '../store/native-heap.js';
import type { ReferenceRoot, ReferenceTable } from '../store/references.js';
import type { TableConstructor, TableDescriptor, Table as TableObject } from '../webidl/api-types.js';
import { isObject, limits, restArgument, toDomString, toIndex } from '../webidl/convert.js';
import { brand, finishClass, platformObject } from '../webidl/shape.js';
import type { EngineState, EngineStoreGroup } from './engine-state.js';
import { functionOf, requireFunction } from './exported-function.js';

const elementBytes = 8;
const largestTable = 10_000_000;

/** One table: elements are addresses of function records, or ids of references of the host; 0 is null. */
export class TableState implements ReferenceRoot {
  static {
    isolate(this);
  }

  readonly engine: EngineState;
  readonly group: EngineStoreGroup;
  readonly record: NativeBlock;
  readonly maximum: number | undefined;
  readonly type: ValType;
  #elements: NativeBlock;
  #length: number;
  #capacity: number;
  readonly #limit: number;
  #object: TableObject | undefined;

  /** @throws RangeError if there is no memory for the elements. */
  constructor(
    engine: EngineState,
    group: EngineStoreGroup,
    type: ValType,
    initial: number,
    maximum: number | undefined,
  ) {
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
    this.record = group.allocate(TableRecord.size);
    this.record.setU32(TableRecord.id, engine.nextTableId());
    this.#length = initial;
    this.#capacity = initial;
    this.#elements = group.allocate(elementBytes * initial);
    this.#publish();
    if (type === ValType.externref) group.references.addRoot(this);
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

  /** The element at `index`, which must be in range. */
  get(index: number): number {
    return this.#elements.getPointer(elementBytes * index);
  }

  /** Where the elements are, 8 bytes each, until the table grows. */
  get elements(): NativeBlock {
    return this.#elements;
  }

  /** Store an element at `index`, which must be in range. */
  set(index: number, element: number): void {
    this.#elements.setPointer(elementBytes * index, element);
  }

  /** Store `element` in [begin, end). */
  fill(element: number, begin: number, end: number): void {
    const first = this.#elements.offset / elementBytes;
    this.#elements.slab.i64.fill(BigInt(element), first + begin, first + end);
  }

  /** Grow by `delta` elements filled with `element`. Returns the previous length, or -1 if it cannot grow so far. */
  grow(delta: number, element: number): number {
    const previous = this.#length;
    const length = previous + delta;
    if (length > this.#limit || !this.#take(delta)) return -1;
    if (length > this.#capacity) {
      const capacity = Math.min(this.#limit, Math.max(length, previous + (previous >>> 1), 16));
      let larger: NativeBlock;
      try {
        larger = this.group.allocate(elementBytes * capacity);
      } catch (error) {
        this.group.addTableElements(-delta);
        if (error instanceof RangeError) return -1;
        throw error;
      }
      const old = this.#elements;
      larger.slab.u8.set(old.slab.u8.subarray(old.offset, old.offset + elementBytes * previous), larger.offset);
      this.#elements = larger;
      this.#capacity = capacity;
      this.#publish();
      this.group.free(old);
    }
    this.#length = length;
    if (element !== 0) this.fill(element, previous, length);
    this.#publish();
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

  #publish(): void {
    this.record.setPointer(TableRecord.elements, this.#elements.address);
    this.record.setPointer(TableRecord.length, this.#length);
  }
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
    const { initial, maximum } = limits(descriptor, who, largestTable, 0xffffffff);
    const value = restArgument(rest, 0);
    if (element === 'externref') {
      const table = new TableState(engine, engine.newGroup(), ValType.externref, initial, maximum);
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
    const state = new TableState(engine, engine.newGroup(), ValType.funcref, initial, maximum);
    if (init !== undefined) {
      state.group.merge(init.group);
      state.fill(init.record, 0, initial);
    }
    return state;
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

    get length(): number {
      return own(this, 'WebAssembly.Table.length()').length;
    }

    grow(delta: unknown, ...rest: unknown[]): number {
      const what = 'WebAssembly.Table.grow()';
      const state = own(this, what);
      const count = toIndex(delta, `${what}: Argument 0`);
      const value = state.type === ValType.externref ? restArgument(rest, 0) : (restArgument(rest, 0) ?? null);
      const previous = state.grow(count, storable(state, value, `${what}: Argument 1 is invalid: `));
      if (previous < 0) throw new RangeError(`${what}: failed to grow table by ${count}`);
      return previous;
    }

    set(index: unknown, ...rest: unknown[]): void {
      const what = 'WebAssembly.Table.set()';
      const state = own(this, what);
      const at = toIndex(index, `${what}: Argument 0`);
      if (at >= state.length) throw new RangeError(`${what}: invalid index ${at} into function table`);
      const value = rest.length === 0 && state.type !== ValType.externref ? null : restArgument(rest, 0);
      state.set(at, storable(state, value, `${what}: Argument 1 is invalid for table: `));
    }

    get(index: unknown): unknown {
      const what = 'WebAssembly.Table.get()';
      const state = own(this, what);
      const at = toIndex(index, `${what}: Argument 0`);
      if (at >= state.length) throw new RangeError(`${what}: invalid index ${at} into function table`);
      const element = state.get(at);
      if (state.type === ValType.externref) return state.group.references.value(element);
      return functionOf(state.engine, state.group, element);
    }
  }
  finishClass(Table, 'WebAssembly.Table', 1);
  return Table as unknown as TableConstructor;
}
