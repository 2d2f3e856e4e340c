/**
 * References of the host (externref). In wasm code a reference is an id: 64 bits, 0 is null. The JS value behind an id is
 * held by the store group, so that V8 sees every way from an instance to the values that it holds and collects cycles.
 *
 * A value is released when a collection of its group finds its id nowhere: neither in a global, a table or an element
 * segment of the group, nor (by the stack maps) in a wasm frame. Collections happen only in JS code at the boundary and
 * never between the making of an id and its arrival in wasm, so ids need no counts and stores no barriers. One begins
 * when many ids were made since the last, after each full collection of V8, and when the program asks.
 */
import {
  FinalizationRegistry,
  isolate,
  List,
  Map,
  Math,
  now,
  Set,
  toArray,
  Uint8Array,
  Uint16Array,
  Uint32Array,
  WeakRef,
} from '../../support/primordials.js';

const blockBits = 10;
const blockIds = 1 << blockBits;
const blockMask = blockIds - 1;
/** A group is not collected before it has made so many ids since the last time. */
const leastAllocations = 4096;

/** Stands where no value is: an id that leads here was freed, or never made. */
const freed: unique symbol = Symbol('freed');

/** Where ids are kept that are not in frames: a global, a table, an element segment. */
export interface ReferenceRoot {
  /** Mark all ids, with `ReferenceTable.markRange`. */
  markReferences(table: ReferenceTable): void;
}

const noValues: unknown[] = [];
const noIds: readonly number[] = new List();
const noFree = new Uint16Array(0);

/** 1024 ids. */
class Block {
  static {
    isolate(this);
  }

  readonly number: number;
  /** The numbers that a group's finalizer gives back. */
  readonly owner: Set<number>;
  /** All elements exist: neither a load nor a store asks a prototype. Ordinary arrays are faster than lists here. */
  values: unknown[] = noValues;
  /** Ids from here on are not in use yet. */
  used = 0;
  limit = blockIds;
  /** Freed ids below `used`, `freeCount` of them. */
  free: Uint16Array = noFree;
  freeCount = 0;
  readonly marks: Uint32Array = new Uint32Array(blockIds / 32);

  constructor(number: number, owner: Set<number>) {
    this.number = number;
    this.owner = owner;
  }

  get hasRoom(): boolean {
    return this.freeCount > 0 || this.used < this.limit;
  }

  /** An id for a value; there must be one. */
  put(value: unknown): number {
    const index = this.freeCount > 0 ? (this.free[--this.freeCount] as number) : this.used++;
    if (index >= this.values.length) this.#grow();
    this.values[index] = value;
    return this.number * blockIds + index;
  }

  #grow(): void {
    const values = toArray<unknown>(new Uint8Array(Math.min(blockIds, Math.max(16, 4 * this.values.length))));
    for (let i = 0; i < this.values.length; i++) values[i] = this.values[i];
    this.values = values;
  }

  /** The id's index can be used again. */
  release(index: number): void {
    this.values[index] = freed;
    if (this.free === noFree) this.free = new Uint16Array(blockIds);
    this.free[this.freeCount++] = index;
  }
}

/** Tells a space that V8 has made a full collection: the sentinel registered last is gone. Holds spaces weakly. */
const fullCollections = new FinalizationRegistry<WeakRef<ReferenceSpace>>((space) =>
  space.deref()?.afterFullCollection(),
);

/** What all groups of an engine share: ids are unique in the engine. Holds numbers, no values. */
export class ReferenceSpace {
  static {
    isolate(this);
  }

  /** Collect at every safepoint, and do not use freed ids again soon: what uses one that was freed too early fails. */
  readonly stress: boolean;
  /** Ids made since the engine began. */
  allocated = 0;
  collections = 0;
  lastPauseMs = 0;
  /** The ids in wasm frames of the thread, or undefined if they cannot be found now; set when there is a machine. */
  idsInFrames: () => readonly number[] = () => noIds;
  readonly #tables = new Set<WeakRef<ReferenceTable>>();
  /** Block numbers that were given back: first in, first out, so that a number rests as long as possible. */
  #returned: number[] = new List();
  #taken = 0;
  /** Block 0 is never used: it would have id 0. */
  #next: number;
  #awaitsCollection = false;

  constructor(stress = false, firstBlock = 1) {
    this.stress = stress;
    this.#next = firstBlock;
  }

  /** A block number for a group. */
  take(): number {
    if (this.#taken < this.#returned.length) {
      const number = this.#returned[this.#taken++] as number;
      if (this.#taken > 1024 && 2 * this.#taken > this.#returned.length) {
        this.#returned = this.#returned.slice(this.#taken);
        this.#taken = 0;
      }
      return number;
    }
    if (this.#next === 1 << (32 - blockBits)) throw new RangeError('the engine holds too many references');
    return this.#next++;
  }

  /** The id can have been made some time ago: its block number was given to a group. */
  isPlausible(id: number): boolean {
    return id >= blockIds && id >>> blockBits < this.#next;
  }

  giveBack(number: number): void {
    this.#returned.push(number);
  }

  register(table: WeakRef<ReferenceTable>): void {
    this.#tables.add(table);
  }

  forget(table: WeakRef<ReferenceTable> | undefined): void {
    if (table !== undefined) this.#tables.delete(table);
  }

  /** References are held: look for those that can go after the next full collection of V8, at the latest. */
  awaitFullCollection(): void {
    if (this.#awaitsCollection) return;
    this.#awaitsCollection = true;
    fullCollections.register({}, new WeakRef(this));
  }

  afterFullCollection(): void {
    this.#awaitsCollection = false;
    this.collectAll();
    if (this.live > 0) this.awaitFullCollection();
  }

  /** Collect the references of all groups. Returns how many were released. */
  collectAll(): number {
    const inFrames = this.idsInFrames();
    let released = 0;
    for (const table of this.tables()) if (table.live > 0) released += table.collect(inFrames);
    return released;
  }

  /** Number of values that are held. */
  get live(): number {
    let live = 0;
    for (const table of this.tables()) live += table.live;
    return live;
  }

  /** Tables of groups that are alive. */
  tables(): ReferenceTable[] {
    const tables = new List<ReferenceTable>();
    for (const reference of this.#tables) {
      const table = reference.deref();
      if (table !== undefined) tables.push(table);
    }
    return tables;
  }
}

/** What a group's finalizer gives back to the space. Must not refer to the group. */
export class ReferenceResources {
  static {
    isolate(this);
  }

  readonly space: ReferenceSpace;
  readonly numbers = new Set<number>();
  table: WeakRef<ReferenceTable> | undefined;

  constructor(space: ReferenceSpace) {
    this.space = space;
  }

  release(): void {
    for (const number of this.numbers) this.space.giveBack(number);
    this.numbers.clear();
    this.space.forget(this.table);
  }
}

/** Never has room. */
const noBlock = new Block(-1, new Set());
noBlock.limit = 0;

/** The values that a store group's wasm code can name, and their collector. */
export class ReferenceTable {
  static {
    isolate(this);
  }

  readonly #space: ReferenceSpace;
  readonly #resources: ReferenceResources;
  #blocks = new Map<number, Block>();
  /** The same blocks in order; those before `#cursor` are full. */
  #order: Block[] = new List();
  #cursor = 0;
  #current: Block = noBlock;
  /** The block of the last look-up. */
  #last: Block = noBlock;
  #roots = new Set<ReferenceRoot>();
  /** Ids made since the last collection, and values that it left. */
  #recent = 0;
  #survivors = 0;
  #limit = leastAllocations;
  /** Slots looked at by the collection that runs. */
  #visited = 0;

  constructor(resources: ReferenceResources) {
    this.#resources = resources;
    this.#space = resources.space;
    resources.table = new WeakRef(this);
    this.#space.register(resources.table);
  }

  /** Number of values that are held: those of the last collection and all newer ones. */
  get live(): number {
    return this.#survivors + this.#recent;
  }

  /** The id of a value, 0 for null. A new one each time: no wasm code can tell ids apart. */
  add(value: unknown): number {
    if (value === null) return 0;
    this.#recent++;
    this.#space.allocated++;
    const block = this.#current;
    return block.hasRoom ? block.put(value) : this.#addElsewhere(value);
  }

  #addElsewhere(value: unknown): number {
    this.#space.awaitFullCollection();
    let block = this.#order[this.#cursor];
    while (block !== undefined && !block.hasRoom) {
      block = this.#order[++this.#cursor];
    }
    if (block === undefined) {
      const { numbers } = this.#resources;
      block = new Block(this.#space.take(), numbers);
      numbers.add(block.number);
      this.#blocks.set(block.number, block);
      this.#order.push(block);
    }
    this.#current = block;
    return block.put(value);
  }

  /** The value of an id that wasm code gave. */
  value(id: number): unknown {
    if (id === 0) return null;
    const number = id >>> blockBits;
    let block = this.#last;
    if (block.number !== number) {
      block = this.#blocks.get(number) ?? noBlock;
      this.#last = block;
    }
    const index = id & blockMask;
    const value = index < block.used ? block.values[index] : freed;
    if (value === freed) throw new Error(`internal error: reference ${id} is used, but it was freed or never made`);
    return value;
  }

  addRoot(root: ReferenceRoot): void {
    this.#roots.add(root);
  }

  removeRoot(root: ReferenceRoot): void {
    this.#roots.delete(root);
  }

  /** A place of the boundary where no id is under way: collect if it is time. */
  safepoint(): void {
    if (this.#recent >= this.#limit || (this.#space.stress && this.live > 0)) this.collect();
  }

  /** Release the values whose ids are nowhere. Returns how many. Runs no code of the host. */
  collect(inFrames: readonly number[] = this.#space.idsInFrames()): number {
    const start = now();
    for (const block of this.#order) block.marks.fill(0);
    this.#visited = 0;
    for (const root of this.#roots) root.markReferences(this);
    for (const id of inFrames) this.mark(id);
    const before = this.live;
    this.#sweep();
    // A collection costs as much as what it looks at: not more than an allocation each.
    this.#limit = Math.max(leastAllocations, this.#survivors, this.#visited);
    this.#space.collections++;
    this.#space.lastPauseMs = now() - start;
    return before - this.#survivors;
  }

  /** An id was found. Those of other groups, and words that are no ids, are passed over. */
  mark(id: number): void {
    this.#visited++;
    const number = id >>> blockBits;
    let block = this.#last;
    if (block.number !== number) {
      const found = this.#blocks.get(number);
      if (found === undefined) return;
      this.#last = block = found;
    }
    const index = id & blockMask;
    (block.marks[index >>> 5] as number) |= 1 << (index & 31);
  }

  /** `count` words of 8 bytes, from index `at` (in units of 4 bytes) on. */
  markRange(u32: Uint32Array, at: number, count: number): void {
    for (let i = at, end = at + 2 * count; i < end; i += 2) {
      const id = u32[i] as number;
      if (id !== 0 && u32[i + 1] === 0) this.mark(id);
    }
    this.#visited += count;
  }

  #sweep(): void {
    const { stress } = this.#space;
    let survivors = 0;
    let emptyBlocks = 0;
    const kept: Block[] = new List();
    for (const block of this.#order) {
      const live = sweepBlock(block, stress);
      survivors += live;
      if (live > 0) kept.push(block);
      else if (stress ? block.used === blockIds : ++emptyBlocks > leastAllocations / blockIds) this.#drop(block);
      else {
        if (!stress) {
          block.used = 0;
          block.freeCount = 0;
        }
        kept.push(block);
      }
    }
    this.#order = kept;
    this.#cursor = 0;
    this.#current = noBlock;
    this.#survivors = survivors;
    this.#recent = 0;
  }

  #drop(block: Block): void {
    this.#blocks.delete(block.number);
    if (this.#last === block) this.#last = noBlock;
    block.owner.delete(block.number);
    this.#space.giveBack(block.number);
  }

  /** Take over everything of another table: its group became part of this one's. */
  absorb(other: ReferenceTable): void {
    for (const block of other.#order) {
      this.#blocks.set(block.number, block);
      this.#order.push(block);
    }
    for (const root of other.#roots) this.#roots.add(root);
    this.#cursor = 0;
    this.#recent += other.#recent;
    this.#survivors += other.#survivors;
    this.#limit = Math.max(this.#limit, other.#limit);
    this.#space.forget(other.#resources.table);
    other.#blocks = new Map();
    other.#order = new List();
    other.#roots = new Set();
    other.#current = noBlock;
    other.#last = noBlock;
    other.#recent = 0;
    other.#survivors = 0;
  }
}

/** Free what is not marked; returns how many values are left. */
function sweepBlock(block: Block, stress: boolean): number {
  const { values, marks } = block;
  let live = 0;
  for (let index = 0; index < block.used; index++) {
    if (((marks[index >>> 5] as number) >>> (index & 31)) & 1) {
      if (values[index] !== freed) live++;
    } else if (values[index] !== freed) {
      if (stress) values[index] = freed;
      else block.release(index);
    }
  }
  return live;
}
