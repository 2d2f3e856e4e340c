import type { CodeSpace } from '../backends/code/code-space.js';
import { Int32Array, isolate, Uint8Array } from '../support/primordials.js';
import type { Place } from './tier-up-messages.js';

/** The place of a function is too small for its code or its constants. */
export class PlaceTooSmall {
  static {
    isolate(this);
  }

  readonly part: 'code' | 'data';

  constructor(part: 'code' | 'data') {
    this.part = part;
  }
}

/**
 * Code memory as the compiler of one function sees it: a span and some data that the engine has set aside, and the slots of the
 * module, which are there. Offsets are the engine's, so code can be copied to its place as it is.
 */
export class FunctionSpace implements CodeSpace {
  static {
    isolate(this);
  }

  readonly bytes: Uint8Array;
  readonly i32: Int32Array;
  /** Nobody asks for addresses: code refers to its own region by distances. */
  readonly base: number = 0;
  #place: Place = { start: 0, end: 0, data: 0, dataEnd: 0 };
  #slots = 0;
  #hasSlots = false;
  #isOpen = false;
  /** End of the constants so far. */
  dataEnd = 0;
  /** Code offset of the function. */
  entry = -1;

  /** @param buffer what stands for the engine's code memory, from offset 0 on */
  constructor(buffer: ArrayBufferLike) {
    this.bytes = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
  }

  begin(place: Place, slots: number): void {
    this.#place = place;
    this.#slots = slots;
    this.#hasSlots = this.#isOpen = false;
    this.dataEnd = place.data;
    this.entry = -1;
    this.bytes.fill(0, place.data, place.dataEnd);
  }

  get spanEnd(): number {
    return this.#place.end;
  }

  openSpan(minBytes: number): number {
    const { start, end } = this.#place;
    if (this.#isOpen || end - start < minBytes) throw new PlaceTooSmall('code');
    this.#isOpen = true;
    return start;
  }

  allocateData(bytes: number): number {
    // A module's slots are the first that its code asks for.
    if (!this.#hasSlots) {
      this.#hasSlots = true;
      return this.#slots;
    }
    const at = this.dataEnd;
    const end = at + ((bytes + 15) & -16);
    if (end > this.#place.dataEnd) throw new PlaceTooSmall('data');
    this.dataEnd = end;
    return at;
  }

  writeEntry(_slot: number, entry: number): void {
    this.entry = entry;
  }

  // The engine gives back what is not used.
  freeCode(): void {}
  trimCode(): void {}
  freeData(): void {}
}
