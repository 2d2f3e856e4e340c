import { CodeMapWriter } from '../backends/code/code-map-writer';
import { elementsOf } from '../support/dialect';

/** The core writes the code map, the engine reads it: chunk by chunk. */
export class CodeMap extends CodeMapWriter {
  chunk(k: i32): usize {
    return elementsOf(changetype<usize>(this.chunks[k]));
  }

  get spans(): i32 {
    return this.spanStart.length;
  }

  /** Field `field` of span `k`: start, end, first site. */
  span(k: i32, field: i32): i32 {
    return field == 0 ? this.spanStart[k] : field == 1 ? this.spanEnd[k] : this.spanFirst[k];
  }
}
