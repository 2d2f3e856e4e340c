/**
 * Stack maps: which slots of a frame hold references (externref ids) at a call. A map is a list of nodes, each with a
 * parent: all calls of a function share the nodes of its parameters and locals, and those of the operands that lie
 * below. A call site names its last node; 0 is the empty map. So a map costs O(1), however many references it names.
 */
import { type Int8Array, Int32Array, Map, newList } from '../../support/dialect.js';
import { Cost, type MemoryBudget } from '../../support/memory-budget.js';
import { slotsOf, Type } from '../../valuestack/types.js';

/** Which values of a list are references. */
export class ReferenceList {
  /** Displacement of each reference from the list's anchor. */
  offsets: Int32Array = new Int32Array(0);
  /** Index of each reference in the list. */
  positions: Int32Array = new Int32Array(0);
  /** Number of references among the first k values, k from 0 to the list's length. */
  counts: Int32Array = new Int32Array(0);
}

/** Fields of a node. */
export const enum Node {
  /** `ReferenceList`, or 0 for neighbouring slots: the first has the highest address. */
  list = 0,
  /** Displacement from rbp: of the first slot, or of the list's anchor. */
  disp = 1,
  /** How many of the list's references, or slots. */
  count = 2,
  parent = 3,
  fields = 4,
}

/** The layout of the chunks of nodes. */
export const enum NodeChunk {
  bits = 10,
  nodes = 1024,
  mask = 1023,
}

/** Node numbers stand in the code map beside the kind of site: 29 bits. A module of 1 GiB has paid for fewer. */
const mostNodes: i32 = 1 << 29;

/** Stack maps as they are written. */
export class StackMapWriter {
  readonly #memory: MemoryBudget;
  protected chunks: Int32Array[] = newList<Int32Array>();
  protected length: i32 = 1;
  protected lists: ReferenceList[] = newList<ReferenceList>();
  /** By the array of machine types: twice the list number (0 without references), and 1 if there are vectors. */
  readonly #listOf: Map<Int8Array, i32> = new Map<Int8Array, i32>();

  constructor(memory: MemoryBudget) {
    this.#memory = memory;
  }

  /** Number of nodes, without the empty map. */
  get nodes(): i32 {
    return this.length - 1;
  }

  /** A new node. */
  add(list: i32, disp: i32, count: i32, parent: i32): i32 {
    const node = this.length;
    if (node === mostNodes) throw new Error(`internal error: more than ${mostNodes} stack-map nodes`);
    const chunk = node >>> NodeChunk.bits;
    if (chunk === this.chunks.length) {
      this.#memory.take((4 * Node.fields) << NodeChunk.bits);
      this.chunks.push(new Int32Array(Node.fields << NodeChunk.bits));
    }
    this.length = node + 1;
    const nodes = this.chunks[chunk];
    const at = (node & NodeChunk.mask) * Node.fields;
    nodes[at + Node.list] = list;
    nodes[at + Node.disp] = disp;
    nodes[at + Node.count] = count;
    nodes[at + Node.parent] = parent;
    return node;
  }

  /** The number of the list of operands with these machine types (always the same array for a type), 0 if it has no references. */
  listOf(types: Int8Array): i32 {
    return this.#known(types) >>> 1;
  }

  /** There are vectors among the machine types (always the same array for a type). */
  carriesVectors(types: Int8Array): bool {
    return (this.#known(types) & 1) !== 0;
  }

  /** Looking through a thousand types takes half a microsecond: done once for each array. */
  #known(types: Int8Array): i32 {
    if (this.#listOf.has(types)) return this.#listOf.get(types) as i32;
    let number = types.includes(Type.externRef) ? 2 * this.#addList(types, slotOffsets(types)) : 0;
    if (types.includes(Type.v128)) number++;
    this.#memory.take(64);
    this.#listOf.set(types, number);
    return number;
  }

  list(number: i32): ReferenceList {
    return this.lists[number - 1];
  }

  /** A node for the references among values whose displacements from rbp are known, 0 if there are none. */
  addValues(types: Int8Array, displacements: Int32Array): i32 {
    if (!types.includes(Type.externRef)) return 0;
    const number = this.#addList(types, displacements);
    return this.add(number, 0, this.list(number).offsets.length, 0);
  }

  #addList(types: Int8Array, displacements: Int32Array): i32 {
    this.#memory.take(4 * Cost.typedArray + 20 * types.length);
    const positions: i32[] = newList<i32>();
    const counts = new Int32Array(types.length + 1);
    for (let k = 0; k < types.length; k++) {
      if (types[k] === Type.externRef) positions.push(k);
      counts[k + 1] = positions.length;
    }
    const list = new ReferenceList();
    const count = positions.length;
    list.offsets = new Int32Array(count);
    list.positions = new Int32Array(count);
    list.counts = counts;
    for (let k = 0; k < count; k++) {
      list.positions[k] = positions[k];
      list.offsets[k] = displacements[positions[k]];
    }
    return this.lists.push(list);
  }
}

/** Displacements of the slots of neighbouring operands from where the first one's slot ends. */
function slotOffsets(types: Int8Array): Int32Array {
  const offsets = new Int32Array(types.length);
  let slots = 0;
  for (let k = 0; k < types.length; k++) {
    slots += slotsOf(types[k]);
    offsets[k] = -8 * slots;
  }
  return offsets;
}
