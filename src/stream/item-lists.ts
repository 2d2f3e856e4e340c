/**
 * The items of a module's sections: four bytes each, where the item is in the module's bytes. What it says is read
 * there again when somebody asks, so a million exports make no object and no string until they are needed.
 */

import { Cost, type MemoryBudget } from '../support/memory-budget.js';
import { isolate, List, Map, Number, Uint8Array } from '../support/primordials.js';
import { NumberList } from './number-list.js';
import { latin1 } from './utf8.js';
import { WireCursor } from './wire-cursor.js';

/** Who has the module's bytes: their storage may move while they come. */
export interface WireHolder {
  readonly wire: Uint8Array;
  readonly memory: MemoryBudget;
}

class ItemList {
  static {
    isolate(this);
  }

  readonly #holder: WireHolder;
  /** Where each item begins. */
  readonly places: NumberList;

  constructor(holder: WireHolder) {
    this.#holder = holder;
    this.places = new NumberList(holder.memory);
  }

  get length(): number {
    return this.places.length;
  }

  /** One more item, which begins at `offset`. @throws MemoryBudgetError */
  add(offset: number): void {
    this.places.push(offset);
  }

  /** Where item `i` begins. */
  offset(i: number): number {
    return this.places.at(i);
  }

  protected get wire(): Uint8Array {
    return this.#holder.wire;
  }

  protected get memory(): MemoryBudget {
    return this.#holder.memory;
  }

  /** At the begin of item `i`. */
  protected cursor(i: number): WireCursor {
    return new WireCursor(this.#holder.wire, this.places.at(i));
  }
}

/** A function type: value type bytes. */
export interface FunctionType {
  readonly params: Uint8Array;
  readonly results: Uint8Array;
  /** Equal types of a module are one object, numbered in the order in which they were first asked for. */
  readonly ordinal: number;
}

const chunkBits = 10;
const noTypes = new Uint8Array(0);

/** The types, by type index. Made into objects when something uses them. */
export class TypeList extends ItemList {
  constructor(holder: WireHolder) {
    super(holder);
  }

  /** In chunks, made when they are needed: a section of a million types nobody uses takes nothing. */
  readonly #known: (FunctionType | undefined)[][] = new List();
  readonly #byKey = new Map<string, FunctionType>();
  /** The types that were asked for, each once. */
  readonly used: FunctionType[] = new List();

  /** The type with this index, which must be below `length`. @throws MemoryBudgetError */
  at(i: number): FunctionType {
    return this.#known[i >>> chunkBits]?.[i & ((1 << chunkBits) - 1)] ?? this.#make(i);
  }

  /** The type with this index, if it was asked for before. */
  known(i: number): FunctionType | undefined {
    return this.#known[i >>> chunkBits]?.[i & ((1 << chunkBits) - 1)];
  }

  /** The indices of all types that were asked for. */
  usedIndices(): number[] {
    const indices: number[] = new List();
    for (let k = 0; k < this.#known.length; k++) {
      const chunk = this.#known[k];
      for (let i = 0; chunk !== undefined && i < chunk.length; i++) {
        if (chunk[i] !== undefined) indices.push((k << chunkBits) + i);
      }
    }
    return indices;
  }

  /** Indices of the types that were asked for, in the order of their ordinals. */
  usedInOrder(): number[] {
    return this.usedIndices().sort((a, b) => this.at(a).ordinal - this.at(b).ordinal);
  }

  /** A type that somebody else has asked for, and counted. */
  adopt(i: number): void {
    const { memory } = this;
    const { held, peak, limit } = memory;
    memory.limit = Number.POSITIVE_INFINITY;
    this.at(i);
    memory.held = held;
    memory.peak = peak;
    memory.limit = limit;
  }

  #make(i: number): FunctionType {
    const { bytes, pos: start } = this.cursor(i);
    const cursor = new WireCursor(bytes, start + 1);
    const params = typesAt(cursor);
    const results = typesAt(cursor);
    const key = `${latin1(params, 0, params.length)}>${latin1(results, 0, results.length)}`;
    let type = this.#byKey.get(key);
    if (type === undefined) {
      const values = params.length + results.length;
      this.memory.take(Cost.type + Cost.typeInList * values);
      type = { params, results, ordinal: this.used.length };
      this.used.push(type);
      this.#byKey.set(key, type);
    }
    const k = i >>> chunkBits;
    let chunk = this.#known[k];
    if (chunk === undefined) {
      this.memory.take(8 << chunkBits);
      chunk = new List<FunctionType | undefined>(1 << chunkBits);
      for (let j = 0; j < 1 << chunkBits; j++) chunk[j] = undefined;
      this.#known[k] = chunk;
    }
    chunk[i & ((1 << chunkBits) - 1)] = type;
    return type;
  }
}

function typesAt(cursor: WireCursor): Uint8Array {
  const count = cursor.u32();
  const start = cursor.pos;
  cursor.pos += count;
  if (count === 0) return noTypes;
  const types = new Uint8Array(count);
  for (let i = 0; i < count; i++) types[i] = cursor.bytes[start + i];
  return types;
}

export const enum ImportKind {
  function = 0,
  table = 1,
  memory = 2,
  global = 3,
  tag = 4,
}

/** Exports have the same kinds as imports. */
export const enum ExportKind {
  function = 0,
  table = 1,
  memory = 2,
  global = 3,
  tag = 4,
}

/** An import in full. */
export interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: ImportKind;
  /** In the index space of its kind. */
  readonly index: number;
}

/** An export in full. */
export interface Export {
  readonly name: string;
  readonly kind: ExportKind;
  readonly index: number;
}

/** In the place of an import kind, behind an empty name: a group of imports from one module, each with its type, or of one type. */
export const importsWithTypes = 0x7f;
export const importsOfType = 0x7e;

/** Words of a group: its first import, the one behind its last, where the module's name is, where the type of all is or 0. */
const groupWords = 4;

/**
 * An import's index in the index space of its kind is the number of imports of this kind before it. An item begins with the name of
 * the module; in a group with the import's own name.
 */
export class ImportList extends ItemList {
  constructor(holder: WireHolder) {
    super(holder);
    this.groups = new NumberList(holder.memory);
  }

  /** `groupWords` each, in order. */
  readonly groups: NumberList;

  /** The next `count` imports are of one module. @param type where the type of all of them is, or 0 */
  addGroup(count: number, module: number, type: number): void {
    this.groups.push(this.length);
    this.groups.push(this.length + count);
    this.groups.push(module);
    this.groups.push(type);
  }

  /** Place of the group in `groups`, or -1. */
  #groupOf(i: number): number {
    const { groups } = this;
    let low = 0;
    let high = groups.length / groupWords;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (groups.at(groupWords * middle) <= i) low = middle + 1;
      else high = middle;
    }
    const at = groupWords * (low - 1);
    return at >= 0 && i < groups.at(at + 1) ? at : -1;
  }

  module(i: number): string {
    const group = this.#groupOf(i);
    return group < 0 ? this.cursor(i).name() : new WireCursor(this.wire, this.groups.at(group + 2)).name();
  }

  name(i: number): string {
    return this.#atName(i, this.#groupOf(i)).name();
  }

  kind(i: number): ImportKind {
    const group = this.#groupOf(i);
    const type = group < 0 ? 0 : this.groups.at(group + 3);
    if (type !== 0) return this.wire[type];
    const cursor = this.#atName(i, group);
    cursor.skipName();
    return cursor.u8();
  }

  #atName(i: number, group: number): WireCursor {
    const cursor = this.cursor(i);
    if (group < 0) cursor.skipName();
    return cursor;
  }

  /** All imports, for those who want to see them together. */
  toArray(): Import[] {
    const indices = [0, 0, 0, 0, 0];
    const all = new List<Import>();
    for (let i = 0; i < this.length; i++) {
      const kind = this.kind(i);
      all.push({ module: this.module(i), name: this.name(i), kind, index: indices[kind]++ });
    }
    return all;
  }
}

export class ExportList extends ItemList {
  constructor(holder: WireHolder) {
    super(holder);
  }

  read(i: number): Export {
    const cursor = this.cursor(i);
    return { name: cursor.name(), kind: cursor.u8(), index: cursor.u32() };
  }

  /** All exports, for those who want to see them together. */
  toArray(): Export[] {
    const all = new List<Export>();
    for (let i = 0; i < this.length; i++) all.push(this.read(i));
    return all;
  }
}

/** First byte of a table whose elements are not null at the begin; 0x00, the type and a constant expression follow. */
export const tableWithValue = 0x40;

/** Imported tables first. An item is the table's type, or begins with `tableWithValue`. */
export class TableList extends ItemList {
  constructor(holder: WireHolder) {
    super(holder);
  }

  hasValue(i: number): boolean {
    return this.wire[this.offset(i)] === tableWithValue;
  }

  #type(i: number): number {
    return this.offset(i) + (this.hasValue(i) ? 2 : 0);
  }

  /** Reference type byte. */
  element(i: number): number {
    return this.wire[this.#type(i)];
  }

  /** Its indices have 64 bits. */
  is64(i: number): boolean {
    return i < this.length && this.#flags(i) > 3;
  }

  initial(i: number): number {
    return new WireCursor(this.wire, this.#type(i) + 2).u64();
  }

  maximum(i: number): number | undefined {
    if ((this.#flags(i) & 1) === 0) return undefined;
    const cursor = new WireCursor(this.wire, this.#type(i) + 2);
    cursor.skipLeb();
    return cursor.u64();
  }

  /** Of its limits: bit 0: it has a maximum, bit 2: 64 bits. */
  #flags(i: number): number {
    return this.wire[this.#type(i) + 1];
  }

  /** The constant expression that gives the elements their value, if `hasValue`. */
  value(i: number): WireCursor {
    const cursor = new WireCursor(this.wire, this.#type(i) + 1);
    const hasMaximum = (cursor.u8() & 1) !== 0;
    cursor.skipLeb();
    if (hasMaximum) cursor.skipLeb();
    return cursor;
  }
}

/** Imported globals first. An item is the global's type, and the initial value behind it if the global is the module's own. */
export class GlobalList extends ItemList {
  constructor(holder: WireHolder) {
    super(holder);
  }

  /** Value type byte. */
  type(i: number): number {
    return this.wire[this.offset(i)];
  }

  mutable(i: number): boolean {
    return this.wire[this.offset(i) + 1] === 1;
  }

  /** The constant expression that gives an own global its value. */
  initial(i: number): WireCursor {
    const cursor = this.cursor(i);
    cursor.pos += 2;
    return cursor;
  }
}

/** Imported tags first. An item is the tag's type: an attribute, and the index of a function type without results. */
export class TagList extends ItemList {
  constructor(holder: WireHolder) {
    super(holder);
  }

  /** Index of its type. */
  type(i: number): number {
    const cursor = this.cursor(i);
    cursor.pos++;
    return cursor.u32();
  }
}

export const enum ElementMode {
  active = 0,
  passive = 1,
  declarative = 2,
}

/** What an element segment says (Core Specification, 5.5.12), up to its entries. */
export class ElementHeader {
  static {
    isolate(this);
  }

  readonly mode: ElementMode;
  readonly table: number;
  /** Where the constant expression is that gives the offset of an active segment. */
  readonly offset: number;
  /** Reference type byte of the entries. */
  readonly type: number;
  /** The entries are constant expressions, not function indices. */
  readonly expressions: boolean;
  readonly count: number;

  /** Leaves the cursor at the first entry. */
  constructor(cursor: WireCursor) {
    const flags = cursor.u32();
    this.mode =
      (flags & 1) === 0 ? ElementMode.active : (flags & 2) === 0 ? ElementMode.passive : ElementMode.declarative;
    this.expressions = (flags & 4) !== 0;
    this.table = 0;
    this.offset = 0;
    this.type = 0x70;
    if (this.mode === ElementMode.active) {
      if ((flags & 2) !== 0) this.table = cursor.u32();
      this.offset = cursor.pos;
      cursor.skipExpression();
    }
    if ((flags & 3) !== 0) {
      const kind = cursor.u8();
      if (this.expressions) this.type = kind;
    }
    this.count = cursor.u32();
  }
}

export class ElementList extends ItemList {
  constructor(holder: WireHolder) {
    super(holder);
  }

  /** Segment `i`: the cursor is at its first entry. */
  read(i: number): { header: ElementHeader; entries: WireCursor } {
    const entries = this.cursor(i);
    return { header: new ElementHeader(entries), entries };
  }

  /** Reference type byte of the entries. */
  type(i: number): number {
    return new ElementHeader(this.cursor(i)).type;
  }
}

/** A data segment. */
export interface DataSegment {
  readonly active: boolean;
  readonly memory: number;
  /** Where the constant expression is that gives the offset of an active segment. */
  readonly offset: number;
  /** Where its bytes are in the module. */
  readonly start: number;
  readonly end: number;
}

export class DataList extends ItemList {
  constructor(holder: WireHolder) {
    super(holder);
  }

  read(i: number): DataSegment {
    const cursor = this.cursor(i);
    const flags = cursor.u32();
    const memory = flags === 2 ? cursor.u32() : 0;
    const offset = cursor.pos;
    if (flags !== 1) cursor.skipExpression();
    const size = cursor.u32();
    return { active: flags !== 1, memory, offset, start: cursor.pos, end: cursor.pos + size };
  }
}

/** An item begins with the section's id. */
export class CustomSectionList extends ItemList {
  constructor(holder: WireHolder) {
    super(holder);
  }

  name(i: number): string {
    return this.#body(i).name();
  }

  /** The bytes behind the name, in engine memory. Valid when the module is complete. */
  bytes(i: number): Uint8Array {
    const cursor = this.#body(i);
    const end = cursor.pos + cursor.low;
    cursor.skipName();
    return this.wire.subarray(cursor.pos, end);
  }

  /** The first section of this name, or -1. */
  find(name: string): number {
    for (let i = 0; i < this.length; i++) if (this.name(i) === name) return i;
    return -1;
  }

  /** At the name; `low` has the size of the section. */
  #body(i: number): WireCursor {
    const cursor = this.cursor(i);
    cursor.pos++;
    cursor.low = cursor.u32();
    return cursor;
  }
}
