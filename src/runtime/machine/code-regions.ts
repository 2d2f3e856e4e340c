/** The code that the wasm frames of a machine can be in: its own region, and those of others whose code it shares. */

import { isolate } from '../../support/primordials.js';

/** Function code and stubs of a region (a `CodeMemory` fits). */
export interface CodeArea {
  /** Address of the executable mapping. */
  readonly base: number;
  /** Offset where function code begins and the stubs end. */
  readonly codeStart: number;
  /** Offset where function code ends. */
  readonly dataStart: number;
  /** The bytes, by offset. */
  readonly bytes: Uint8Array;
}

export class CodeRegions {
  static {
    isolate(this);
  }

  readonly #areas: CodeArea[];
  /** Where the last address was. */
  #last: CodeArea;

  constructor(own: CodeArea) {
    this.#areas = [own];
    this.#last = own;
  }

  add(area: CodeArea): void {
    this.#areas.push(area);
  }

  remove(area: CodeArea): void {
    this.#areas.splice(this.#areas.indexOf(area), 1);
    if (this.#last === area) this.#last = this.#areas[0] as CodeArea;
  }

  /** The region whose stubs or functions hold this address. */
  find(address: number): CodeArea | undefined {
    if (holds(this.#last, address)) return this.#last;
    const found = this.#areas.find((area) => holds(area, address));
    if (found !== undefined) this.#last = found;
    return found;
  }

  /** True if the address is in function code. */
  isFunction(address: number): boolean {
    const area = this.find(address);
    return area !== undefined && address - area.base >= area.codeStart;
  }
}

function holds(area: CodeArea, address: number): boolean {
  const offset = address - area.base;
  return offset >= 0 && offset < area.dataStart;
}
