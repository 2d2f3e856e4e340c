import { Int32Array } from '../../support/dialect.js';
import { MemoryBudget } from '../../support/memory-budget.js';
import { List, Math } from '../../support/primordials.js';
import { Node, NodeChunk, ReferenceList, StackMapWriter } from './stack-map-writer.js';

/** Stack maps as the collector reads them. */
export class StackMaps extends StackMapWriter {
  constructor(memory: MemoryBudget) {
    super(memory);
    // The engine's lists, where the core's own class has plain arrays.
    this.chunks = new List();
    this.lists = new List();
  }

  /** Maps that were made before: what `parts` has given, in one piece each. */
  static over(nodes: Int32Array, lists: Int32Array): StackMaps {
    const maps = new StackMaps(new MemoryBudget());
    for (let at = 0; at < nodes.length; at += Node.fields << NodeChunk.bits) {
      maps.chunks.push(nodes.subarray(at, at + (Node.fields << NodeChunk.bits)));
    }
    maps.length = nodes.length / Node.fields;
    for (let at = 0; at < lists.length; at += 1 + lists[at]) {
      const list = new ReferenceList();
      list.offsets = lists.subarray(at + 1, at + 1 + lists[at]);
      maps.lists.push(list);
    }
    return maps;
  }

  /** Maps that were made before, of the writer's chunks: the last one can be shorter. */
  static of(chunks: readonly Int32Array[], lists: Int32Array): StackMaps {
    const maps = StackMaps.over(new Int32Array(0), lists);
    for (let k = 0; k < chunks.length; k++) {
      const chunk = chunks[k] as Int32Array;
      maps.chunks.push(chunk);
      maps.length += chunk.length / Node.fields;
    }
    return maps;
  }

  /** All that `forEachSlot` needs: the nodes, and for each list the number of its references and their offsets. */
  parts(): { chunks: Int32Array[]; lists: i32[] } {
    const chunks = this.chunks.map((chunk, i) => {
      return chunk.subarray(0, Node.fields * Math.min(NodeChunk.nodes, this.length - i * NodeChunk.nodes));
    });
    const lists = new List<i32>();
    for (let i = 0; i < this.lists.length; i++) {
      const { offsets } = this.lists[i];
      lists.push(offsets.length);
      for (let k = 0; k < offsets.length; k++) lists.push(offsets[k]);
    }
    return { chunks, lists };
  }

  /** Call `visit` with the displacement from rbp of each slot of the map. */
  forEachSlot(node: i32, visit: (disp: i32) => void): void {
    while (node !== 0) {
      const nodes = this.chunks[node >>> NodeChunk.bits];
      const at = (node & NodeChunk.mask) * Node.fields;
      const list = nodes[at + Node.list];
      const disp = nodes[at + Node.disp];
      const count = nodes[at + Node.count];
      if (list === 0) for (let k = 0; k < count; k++) visit(disp - 8 * k);
      else {
        const offsets = this.list(list).offsets;
        for (let k = 0; k < count; k++) visit(disp + offsets[k]);
      }
      node = nodes[at + Node.parent];
    }
  }
}
