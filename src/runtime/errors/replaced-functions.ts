import type { FinishedCode } from '../../backends/code/module-code.js';
import { isolate, List } from '../../support/primordials.js';
import type { FrameNames } from './code-registry.js';

/** Code of one function that has taken the place of the baseline's. */
export interface ReplacedFunction {
  readonly code: FinishedCode;
  readonly names: FrameNames;
  /** Which of the module's own functions it is. */
  readonly own: number;
}

/** Functions in one span of code each, ordered by address: there can be thousands, and frames are many. */
export class ReplacedFunctions {
  static {
    isolate(this);
  }

  readonly #functions: ReplacedFunction[] = new List();

  add(added: ReplacedFunction): void {
    const all = this.#functions;
    let k = all.length;
    all.push(added);
    for (; k > 0 && startOf(all[k - 1] as ReplacedFunction) > startOf(added); k--)
      all[k] = all[k - 1] as ReplacedFunction;
    all[k] = added;
  }

  delete(removed: ReplacedFunction): void {
    const all = this.#functions;
    let kept = 0;
    for (let i = 0; i < all.length; i++) {
      if (all[i] !== removed) all[kept++] = all[i] as ReplacedFunction;
    }
    all.length = kept;
  }

  /** Those whose span holds this address, or ends there: two at most. Calls `visit` until it returns true. */
  at(address: number, visit: (found: ReplacedFunction) => boolean): void {
    const all = this.#functions;
    let low = 0;
    let high = all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (startOf(all[middle] as ReplacedFunction) <= address) low = middle + 1;
      else high = middle;
    }
    // A call can be the last instruction of a span: its return address is the span's end, where the next may begin.
    for (let k = low - 1; k >= 0 && k >= low - 2; k--) {
      const found = all[k] as ReplacedFunction;
      if (address <= found.code.base + (found.code.spans[1] as number) && visit(found)) return;
    }
  }
}

function startOf({ code }: ReplacedFunction): number {
  return code.base + (code.spans[0] as number);
}
