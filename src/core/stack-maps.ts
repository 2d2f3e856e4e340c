import { StackMapWriter } from '../backends/code/stack-map-writer';
import { elementsOf } from '../support/dialect';

/** The core writes the stack maps, the engine reads them: chunk by chunk, and of the lists the offsets. */
export class StackMaps extends StackMapWriter {
  chunk(k: i32): usize {
    return elementsOf(changetype<usize>(this.chunks[k]));
  }

  get listCount(): i32 {
    return this.lists.length;
  }

  /** Of list `k`, from 0 on: an array. */
  offsets(k: i32): usize {
    return elementsOf(changetype<usize>(this.lists[k].offsets));
  }
}
