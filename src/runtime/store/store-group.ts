/**
 * Store groups: who keeps instances, tables, globals and their native memory alive. A group is a plain JS object,
 * reachable from its wrappers (exported functions, Instance, Table, Global objects) and, while wasm runs, from the
 * active entry. What it owns natively is freed when the group is unreachable, so V8 collects cycles through
 * closures over exports as it collects any JS objects.
 *
 * Two ways to connect groups:
 * - `merge`: references can flow both ways (shared tables, functions and globals that carry references).
 *   The groups become one, by mutual strong references.
 * - `hold`: one side calls or reads the other, and the other can never learn of it (numeric functions and globals,
 *   memories). The holder keeps the held alive, not the other way round.
 */
import { FinalizationRegistry, isolate, List, listWith, Map, Set, Uint8Array } from '../../support/primordials.js';
import type { NativeBlock, NativeHeap } from './native-heap.js';
import { ReferenceResources, type ReferenceSpace, ReferenceTable } from './references.js';

/** Something that wasm code names by an id and JS finds through the group. */
export interface GroupHost {
  readonly id: number;
}

/**
 * A byte that is there as long as something is as the engine knows it. Where a memory is watched, growth by somebody else
 * detaches the array's buffer: then `watch[0]` is undefined. Nothing that a program can redefine has a part in that:
 * reading an index never leaves a typed array.
 */
export type Watch = Uint8Array;

/** The watch of what nobody else can change. */
export const calm: Watch = new Uint8Array(1);
/** The watch of what has to be looked at each time. */
export const restless: Watch = new Uint8Array(0);

/** A memory as groups know it. */
export interface GroupMemory {
  readonly watch: Watch;
  /** Address of its first byte. */
  readonly base: number;
  /** Bring everything up to date that somebody else's growth has changed. */
  refresh(): void;
}

/** A table as groups know it. */
export interface GroupTable {
  /** True if the address is that of an element, or the end of the last one. */
  holds(address: number): boolean;
}

/** What the groups of an engine share. */
export class GroupSpace {
  static {
    isolate(this);
  }

  /** How many are not freed yet. */
  live = 0;
  /** Elements of the tables of those groups. */
  tableElements = 0;
  /** Counts changes of what groups can reach that somebody has asked before. */
  changes = 0;
  /** Called at such a change. */
  onChange: () => void = () => {};

  change(): void {
    this.changes++;
    this.onChange();
  }
}

/** What a group owns natively. Held by the finalization registry; must not refer to the group. */
class GroupResources {
  static {
    isolate(this);
  }

  readonly heap: NativeHeap;
  readonly blocks = new Set<NativeBlock>();
  readonly groups: GroupSpace;
  readonly references: ReferenceResources;
  tableElements = 0;

  constructor(heap: NativeHeap, groups: GroupSpace, space: ReferenceSpace) {
    this.heap = heap;
    this.references = new ReferenceResources(space);
    this.groups = groups;
  }

  release(): void {
    this.groups.live--;
    this.groups.tableElements -= this.tableElements;
    for (const block of this.blocks) this.heap.free(block);
    this.blocks.clear();
    this.references.release();
  }
}

/** One for the process: it outlives every engine and holds nothing but native resources. */
const registry = new FinalizationRegistry<GroupResources>((resources) => resources.release());

export class StoreGroup<Host extends GroupHost = GroupHost, Instance extends object = object> {
  static {
    isolate(this);
  }

  /**
   * `watch[0]` is undefined if something has to be done before code of the group may run: it is not the engine's active
   * group, what it can reach has changed, or somebody else has grown a memory.
   */
  watch: Watch = restless;
  /** The host calls of entries into this group, whatever that is to the engine. */
  calls: object | undefined = undefined;
  /** The group that this one became a part of. */
  #forward: StoreGroup<Host, Instance> | undefined;
  /** The groups that became part of this one: kept, because their blocks must live as long. */
  #absorbed: StoreGroup<Host, Instance>[] | undefined;
  readonly #resources: GroupResources;
  #hosts: Map<number, Host> | undefined;
  #instances: Map<number, Instance> | undefined;
  #references: ReferenceTable | undefined;
  #memories: Set<GroupMemory> | undefined;
  #tables: Set<GroupTable> | undefined;
  #heldGroups: Set<StoreGroup<Host, Instance>> | undefined;
  /** Direct-mapped cache in front of `findHost`: made at the first host call. */
  #cache: (Host | undefined)[] | undefined;
  /** What `reach` has found, at which state of the space. */
  #reach: ReadonlySet<GroupMemory> | undefined;
  #reachAt = 0;
  /** It is part of what some `reach` has found. */
  #isReached = false;

  /** @param space where ids of references come from. */
  constructor(heap: NativeHeap, groups: GroupSpace, space: ReferenceSpace) {
    this.#resources = new GroupResources(heap, groups, space);
    groups.live++;
    registry.register(this, this.#resources);
  }

  /** The group that this one is part of now. */
  root(): StoreGroup<Host, Instance> {
    let root: StoreGroup<Host, Instance> = this;
    while (root.#forward !== undefined) root = root.#forward;
    if (this.#forward !== undefined && this.#forward !== root) this.#forward = root;
    return root;
  }

  /** The values behind the references that the group's wasm code holds. */
  get references(): ReferenceTable {
    const root = this.root();
    root.#references ??= new ReferenceTable(root.#resources.references);
    return root.#references;
  }

  /** A place where no reference is under way to or from wasm: collect if it is time. */
  safepoint(): void {
    this.root().#references?.safepoint();
  }

  /** A zeroed native block that lives as long as the group. */
  allocate(bytes: number): NativeBlock {
    const resources = this.root().#resources;
    const block = resources.heap.allocate(bytes);
    block.owner = resources.blocks;
    resources.blocks.add(block);
    return block;
  }

  /** So many elements of tables more live as long as the group. */
  addTableElements(count: number): void {
    const resources = this.root().#resources;
    resources.tableElements += count;
    resources.groups.tableElements += count;
  }

  /** Free a block that some group allocated before the group dies. */
  free(block: NativeBlock): void {
    block.owner?.delete(block);
    this.#resources.heap.free(block);
  }

  /** From now on both groups live and die together. */
  merge(other: StoreGroup<Host, Instance>): void {
    let winner = this.root();
    let loser = other.root();
    if (winner === loser) return;
    if (winner.#weight() < loser.#weight()) {
      winner = loser;
      loser = this.root() === winner ? other.root() : this.root();
    }
    loser.#forward = winner;
    winner.#absorbed ??= new List();
    winner.#absorbed.push(loser);
    winner.#hosts = moveAll(loser.#hosts, winner.#hosts);
    winner.#instances = moveAll(loser.#instances, winner.#instances);
    winner.#memories = unite(loser.#memories, winner.#memories);
    winner.#tables = unite(loser.#tables, winner.#tables);
    winner.#heldGroups = unite(loser.#heldGroups, winner.#heldGroups);
    if (loser.#references !== undefined) {
      winner.references.absorb(loser.#references);
      loser.#references = undefined;
    }
    loser.#hosts = undefined;
    loser.#instances = undefined;
    loser.#memories = undefined;
    loser.#tables = undefined;
    loser.#reach = undefined;
    loser.#heldGroups = undefined;
    loser.#cache = undefined;
    if (winner.#isReached || loser.#isReached) {
      winner.#isReached = true;
      winner.#resources.groups.change();
    }
  }

  /** Keep `other` alive as long as this group. */
  holdGroup(other: StoreGroup<Host, Instance>): void {
    const root = this.root();
    if (other.root() === root) return;
    root.#heldGroups ??= new Set<StoreGroup<Host, Instance>>();
    root.#heldGroups.add(other);
    root.#changed();
  }

  /** Keep a memory alive as long as this group. */
  holdMemory(memory: GroupMemory): void {
    const root = this.root();
    root.#memories ??= new Set<GroupMemory>();
    root.#memories.add(memory);
    root.#changed();
  }

  /** A table is the group's own as long as the group lives. */
  addTable(table: GroupTable): void {
    const root = this.root();
    root.#tables ??= new Set<GroupTable>();
    root.#tables.add(table);
  }

  /** True if an address is in one of the tables that the group's code can use: those of this group and of the groups that it holds. */
  isInTable(address: number): boolean {
    const found = this.root().#search((group) => {
      let isIn: true | undefined;
      group.#tables?.forEach((table) => {
        if (table.holds(address)) isIn = true;
      });
      return isIn;
    });
    return found === true;
  }

  #changed(): void {
    if (this.#isReached) this.#resources.groups.change();
  }

  /** The memories that the group's code can use: those of this group and of the groups that it holds. */
  reach(): ReadonlySet<GroupMemory> {
    const root = this.root();
    const { changes } = root.#resources.groups;
    if (root.#reach !== undefined && root.#reachAt === changes) return root.#reach;
    const memories = new Set<GroupMemory>();
    const groups = new Set<StoreGroup<Host, Instance>>();
    groups.add(root);
    groups.forEach((group) => {
      group.#isReached = true;
      group.#memories?.forEach((memory) => {
        memories.add(memory);
      });
      group.#heldGroups?.forEach((held) => {
        groups.add(held.root());
      });
    });
    root.#reach = memories;
    root.#reachAt = changes;
    return memories;
  }

  addHost(host: Host): void {
    const root = this.root();
    root.#hosts ??= new Map();
    root.#hosts.set(host.id, host);
  }

  addInstance(id: number, instance: Instance): void {
    const root = this.root();
    root.#instances ??= new Map();
    root.#instances.set(id, instance);
  }

  /** The host function with this id, of this group or of one that it holds. */
  host(id: number): Host {
    const cached = this.#cache?.[id & 63];
    if (cached !== undefined && cached.id === id) return cached;
    return this.#hostMissed(id);
  }

  #hostMissed(id: number): Host {
    const root = this.root();
    const host = root.#search((group) => group.#hosts?.get(id));
    if (host === undefined) throw new Error(`host function ${id} is not in the active store group`);
    // A merged group keeps its own cache: entries never become wrong, ids are not reused.
    this.#cache ??= new List<Host | undefined>(64);
    this.#cache[id & 63] = host;
    return host;
  }

  /** The instance with this id, of this group or of one that it holds. */
  instance(id: number): Instance {
    const instance = this.root().#search((group) => group.#instances?.get(id));
    if (instance === undefined) throw new Error(`instance ${id} is not in the active store group`);
    return instance;
  }

  /** Breadth-first over this root and the groups it holds. */
  #search<T>(visit: (group: StoreGroup<Host, Instance>) => T | undefined): T | undefined {
    const own = visit(this);
    if (own !== undefined || this.#heldGroups === undefined) return own;
    const queue = listWith<StoreGroup<Host, Instance>>(this);
    const seen = new Set<StoreGroup<Host, Instance>>();
    seen.add(this);
    for (const group of queue) {
      if (group.#heldGroups === undefined) continue;
      for (const held of group.#heldGroups) {
        const root = held.root();
        if (seen.has(root)) continue;
        seen.add(root);
        queue.push(root);
        const result = visit(root);
        if (result !== undefined) return result;
      }
    }
    return undefined;
  }

  #weight(): number {
    return (this.#hosts?.size ?? 0) + (this.#instances?.size ?? 0) + (this.#heldGroups?.size ?? 0);
  }
}

function moveAll<T>(from: Map<number, T> | undefined, to: Map<number, T> | undefined): Map<number, T> | undefined {
  if (from === undefined) return to;
  if (to === undefined) return from;
  from.forEach((value, id) => {
    to.set(id, value);
  });
  return to;
}

function unite<T>(from: Set<T> | undefined, to: Set<T> | undefined): Set<T> | undefined {
  if (from === undefined) return to;
  if (to === undefined) return from;
  from.forEach((value) => {
    to.add(value);
  });
  return to;
}

const blockRegistry = new FinalizationRegistry<() => void>((release) => release());

/** Run `release` when `owner` is unreachable. `release` must not refer to `owner`. */
export function releaseWith(owner: object, release: () => void): void {
  blockRegistry.register(owner, release);
}
