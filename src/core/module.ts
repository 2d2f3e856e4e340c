import { elementsOf, Int32Array, Uint8Array, Uint32Array } from '../support/dialect';
import { Cost, MemoryBudget } from '../support/memory-budget';

/** Where modules' bytes are: mapped behind the memory's length. The page before them has the header of the array. */
const wireAt: usize = 0x40000000;

/** A number at a place in the module's bytes, which the section decoder has found right. */
class Cursor {
  constructor(public pos: i32) {}

  u32(): i32 {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = <i32>load<u8>(wireAt + this.pos++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  }
}

/** Items of a section: where each is in the module's bytes. */
class ItemList {
  offsets: Int32Array = new Int32Array(0);

  get length(): i32 {
    return this.offsets.length;
  }

  /** The byte `at` bytes behind the begin of item `i`. */
  protected byte(i: i32, at: i32): i32 {
    return load<u8>(wireAt + this.offsets[i] + at);
  }
}

/** A function type: equal ones are one object, numbered in the order in which they were first asked for. */
export class FunctionType {
  constructor(
    public params: Uint8Array,
    public results: Uint8Array,
    public ordinal: i32,
    readonly hash: i32,
  ) {}

  is(hash: i32, params: Uint8Array, results: Uint8Array): bool {
    return this.hash == hash && equal(this.params, params) && equal(this.results, results);
  }
}

function equal(a: Uint8Array, b: Uint8Array): bool {
  if (a.length != b.length) return false;
  return memory.compare(elementsOf(changetype<usize>(a)), elementsOf(changetype<usize>(b)), a.length) == 0;
}

function hashOf(params: Uint8Array, results: Uint8Array): i32 {
  let hash = 0x811c9dc5;
  for (let i = 0; i < params.length; i++) hash = (hash ^ params[i]) * 0x01000193;
  hash = (hash ^ 0xff) * 0x01000193;
  for (let i = 0; i < results.length; i++) hash = (hash ^ results[i]) * 0x01000193;
  return hash;
}

function typesAt(cursor: Cursor): Uint8Array {
  const count = cursor.u32();
  const types = new Uint8Array(count);
  for (let i = 0; i < count; i++) types[i] = load<u8>(wireAt + cursor.pos + i);
  cursor.pos += count;
  return types;
}

/** The types; costs are counted as the engine's list does. */
export class TypeList extends ItemList {
  memory: MemoryBudget = new MemoryBudget();
  private known: StaticArray<FunctionType | null>[] = [];
  /** Each equal type once; and by hash, open addressing, at most half full. */
  private used: FunctionType[] = [];
  private table: StaticArray<FunctionType | null> = new StaticArray<FunctionType | null>(64);
  /** Indices in the order in which they were first asked for: the engine's list follows. */
  asked: i32[] = [];

  at(i: i32): FunctionType {
    const chunk = i >>> 10;
    if (chunk < this.known.length) {
      const type = this.known[chunk][i & 1023];
      if (type !== null) return type;
    }
    this.asked.push(i);
    return this.make(i, true);
  }

  /** A type that was used before there was code. */
  adopt(i: i32): void {
    this.make(i, false);
  }

  private make(i: i32, counted: bool): FunctionType {
    const cursor = new Cursor(this.offsets[i] + 1);
    const params = typesAt(cursor);
    const results = typesAt(cursor);
    const type = this.intern(params, results, counted);
    const chunk = i >>> 10;
    while (this.known.length <= chunk) this.known.push(none);
    if (this.known[chunk] === none) {
      if (counted) this.memory.take(8 << 10);
      this.known[chunk] = new StaticArray<FunctionType | null>(1024);
    }
    this.known[chunk][i & 1023] = type;
    return type;
  }

  private intern(params: Uint8Array, results: Uint8Array, counted: bool): FunctionType {
    const hash = hashOf(params, results);
    let mask = this.table.length - 1;
    let at = hash & mask;
    for (;;) {
      const type = this.table[at];
      if (type === null) break;
      if (type.is(hash, params, results)) return type;
      at = (at + 1) & mask;
    }
    if (counted) this.memory.take(Cost.type + Cost.typeInList * (params.length + results.length));
    const type = new FunctionType(params, results, this.used.length, hash);
    this.used.push(type);
    this.table[at] = type;
    if (2 * this.used.length > this.table.length) this.rehash();
    return type;
  }

  private rehash(): void {
    const table = new StaticArray<FunctionType | null>(2 * this.table.length);
    const mask = table.length - 1;
    for (let i = 0; i < this.used.length; i++) {
      let at = this.used[i].hash & mask;
      while (table[at] !== null) at = (at + 1) & mask;
      table[at] = this.used[i];
    }
    this.table = table;
  }
}

/** A chunk of types of which none was asked for. */
const none = new StaticArray<FunctionType | null>(1024);

export class GlobalList extends ItemList {
  type(i: i32): i32 {
    return this.byte(i, 0);
  }

  mutable(i: i32): bool {
    return this.byte(i, 1) == 1;
  }
}

export class TagList extends ItemList {
  type(i: i32): i32 {
    return new Cursor(this.offsets[i] + 1).u32();
  }
}

export class TableList extends ItemList {
  /** A table that begins with 0x40 has a value for its elements, the type stands behind the next byte. */
  element(i: i32): i32 {
    const first = this.byte(i, 0);
    return first == 0x40 ? this.byte(i, 2) : first;
  }

  /** Flags of the limits follow. */
  is64(i: i32): bool {
    return i < this.length && this.byte(i, this.byte(i, 0) == 0x40 ? 3 : 1) > 3;
  }
}

// @ts-ignore: decorator
@external('host', 'elementType')
declare function elementType(segment: i32): i32;

export class ElementList {
  length: i32 = 0;

  /** Rarely asked for, and their headers have many forms: the engine reads them. */
  type(i: i32): i32 {
    return elementType(i);
  }
}

/** Memories: what they are, bit by bit. */
export const enum MemoryFlag {
  shared = 1,
  is64 = 2,
  bytePages = 4,
}

export class MemoryList {
  /** `MemoryFlag`s of each. */
  flags: Int32Array = new Int32Array(0);

  get length(): i32 {
    return this.flags.length;
  }
}

/** What code depends on: the twin of `src/stream/module.ts`, filled when the sections before the code are decoded. */
export class ModuleInfo {
  memory: MemoryBudget = new MemoryBudget();
  types: TypeList = new TypeList();
  functionTypes: Uint32Array = new Uint32Array(0);
  importedFunctions: i32 = 0;
  importedGlobals: i32 = 0;
  tables: TableList = new TableList();
  memories: MemoryList = new MemoryList();
  globals: GlobalList = new GlobalList();
  tags: TagList = new TagList();
  elements: ElementList = new ElementList();
  dataCount: i32 = -1;
  leastPages: i32 = 0;
  referencedFunctions: i32 = 0;
  /** Per function: 1 + its place among those that can be referenced, 0, or -1 for imported ones. */
  reference: Int32Array = new Int32Array(0);

  isShared(memory: i32): bool {
    return memory < this.memories.length && (this.memories.flags[memory] & MemoryFlag.shared) != 0;
  }

  hasBytePages(memory: i32): bool {
    return memory < this.memories.length && (this.memories.flags[memory] & MemoryFlag.bytePages) != 0;
  }

  is64(memory: i32): bool {
    return memory < this.memories.length && (this.memories.flags[memory] & MemoryFlag.is64) != 0;
  }

  constructor() {
    this.types.memory = this.memory;
  }

  isReferenced(functionIndex: i32): bool {
    return this.reference[functionIndex] != 0;
  }

  referencedOrdinal(functionIndex: i32): i32 {
    const entry = this.reference[functionIndex];
    return entry > 0 ? entry - 1 : -1;
  }
}
