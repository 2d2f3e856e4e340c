/**
 * Stack maps: which slots of a frame hold references (externref ids) at a call. A map is a list of nodes, each with a
 * parent: all calls of a function share the nodes of its parameters and locals, and those of the operands that lie
 * below. A call site names its last node; 0 is the empty map. So a map costs O(1), however many references it names.
 */
import { Cost, MemoryBudget } from '../../support/memory-budget.js';
import { slotsOf, Type } from '../../valuestack/types.js';

/** Which values of a list are references. */
export interface ReferenceList {
  /** Displacement of each reference from the list's anchor. */
  readonly offsets: Int32Array;
  /** Index of each reference in the list. */
  readonly positions: Int32Array;
  /** Number of references among the first k values, k from 0 to the list's length. */
  readonly counts: Int32Array;
}

/** Fields of a node. */
const enum Node {
  /** `ReferenceList`, or 0 for neighbouring slots: the first has the highest address. */
  list = 0,
  /** Displacement from rbp: of the first slot, or of the list's anchor. */
  disp = 1,
  /** How many of the list's references, or slots. */
  count = 2,
  parent = 3,
  fields = 4,
}

const chunkBits = 10;
const chunkNodes = 1 << chunkBits;
const chunkMask = chunkNodes - 1;
/** Node numbers stand in the code map beside the kind of site: 29 bits. A module of 1 GiB has paid for fewer. */
const mostNodes = 1 << 29;

const noNumbers = new Int32Array(0);

export class StackMaps {
  readonly #memory: MemoryBudget;
  readonly #chunks: Int32Array[] = [];
  #length = 1;
  readonly #lists: ReferenceList[] = [];
  /** By the array of machine types: twice the list number (0 without references), and 1 if there are vectors. */
  readonly #listOf = new Map<Int8Array, number>();

  constructor(memory: MemoryBudget = new MemoryBudget()) {
    this.#memory = memory;
  }

  /** Maps that were made before: what `parts` has given, in one piece each. */
  static over(nodes: Int32Array, lists: Int32Array): StackMaps {
    const maps = new StackMaps();
    for (let at = 0; at < nodes.length; at += Node.fields << chunkBits) {
      maps.#chunks.push(nodes.subarray(at, at + (Node.fields << chunkBits)));
    }
    maps.#length = nodes.length / Node.fields;
    for (let at = 0; at < lists.length; at += 1 + lists[at]) {
      maps.#lists.push({
        offsets: lists.subarray(at + 1, at + 1 + lists[at]),
        positions: noNumbers,
        counts: noNumbers,
      });
    }
    return maps;
  }

  /** All that `forEachSlot` needs: the nodes, and for each list the number of its references and their offsets. */
  parts(): { chunks: Int32Array[]; lists: number[] } {
    const chunks = this.#chunks.map((chunk, i) => {
      return chunk.subarray(0, Node.fields * Math.min(chunkNodes, this.#length - i * chunkNodes));
    });
    return { chunks, lists: this.#lists.flatMap(({ offsets }) => [offsets.length, ...offsets]) };
  }

  /** Number of nodes, without the empty map. */
  get nodes(): number {
    return this.#length - 1;
  }

  /** A new node. */
  add(list: number, disp: number, count: number, parent: number): number {
    const node = this.#length;
    if (node === mostNodes) throw new Error(`internal error: more than ${mostNodes} stack-map nodes`);
    const chunk = node >>> chunkBits;
    if (chunk === this.#chunks.length) {
      this.#memory.take((4 * Node.fields) << chunkBits);
      this.#chunks.push(new Int32Array(Node.fields << chunkBits));
    }
    this.#length = node + 1;
    const nodes = this.#chunks[chunk];
    const at = (node & chunkMask) * Node.fields;
    nodes[at + Node.list] = list;
    nodes[at + Node.disp] = disp;
    nodes[at + Node.count] = count;
    nodes[at + Node.parent] = parent;
    return node;
  }

  /** The number of the list of operands with these machine types (always the same array for a type), 0 if it has no references. */
  listOf(types: Int8Array): number {
    return this.#known(types) >>> 1;
  }

  /** There are vectors among the machine types (always the same array for a type). */
  carriesVectors(types: Int8Array): boolean {
    return (this.#known(types) & 1) !== 0;
  }

  /** Looking through a thousand types takes half a microsecond: done once for each array. */
  #known(types: Int8Array): number {
    let number = this.#listOf.get(types);
    if (number === undefined) {
      number = types.includes(Type.externRef) ? 2 * this.#addList(types, slotOffsets(types)) : 0;
      if (types.includes(Type.v128)) number++;
      this.#memory.take(64);
      this.#listOf.set(types, number);
    }
    return number;
  }

  list(number: number): ReferenceList {
    return this.#lists[number - 1];
  }

  /** A node for the references among values whose displacements from rbp are known, 0 if there are none. */
  addValues(types: Int8Array, displacements: Int32Array): number {
    if (!types.includes(Type.externRef)) return 0;
    const number = this.#addList(types, displacements);
    return this.add(number, 0, this.list(number).offsets.length, 0);
  }

  #addList(types: Int8Array, displacements: Int32Array): number {
    this.#memory.take(4 * Cost.typedArray + 20 * types.length);
    const positions: number[] = [];
    const counts = new Int32Array(types.length + 1);
    for (let k = 0; k < types.length; k++) {
      if (types[k] === Type.externRef) positions.push(k);
      counts[k + 1] = positions.length;
    }
    const offsets = Int32Array.from(positions, (k) => displacements[k]);
    return this.#lists.push({ offsets, positions: Int32Array.from(positions), counts });
  }

  /** Call `visit` with the displacement from rbp of each slot of the map. */
  forEachSlot(node: number, visit: (disp: number) => void): void {
    while (node !== 0) {
      const nodes = this.#chunks[node >>> chunkBits];
      const at = (node & chunkMask) * Node.fields;
      const list = nodes[at + Node.list];
      const disp = nodes[at + Node.disp];
      const count = nodes[at + Node.count];
      if (list === 0) for (let k = 0; k < count; k++) visit(disp - 8 * k);
      else {
        const { offsets } = this.list(list);
        for (let k = 0; k < count; k++) visit(disp + offsets[k]);
      }
      node = nodes[at + Node.parent];
    }
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
