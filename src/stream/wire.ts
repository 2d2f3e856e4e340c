import { ArrayBuffer, bare, isolate, Math, Uint8Array } from '../support/primordials.js';
import { bufferOf, growBuffer, type V8Storage, v8 } from '../support/v8.js';
import { Limit } from './limits.js';

const page = 65536;
/** What is reserved at first when the length is not known; also the step from which growth is geometric. */
const firstPages = 4;

/**
 * The module's bytes in engine memory. Chunks are copied behind each other; growing never copies: the storage is
 * reserved address space (a `WebAssembly.Memory` of V8, used for nothing but that), of which more is committed.
 */
export class WireBuffer {
  static {
    isolate(this);
  }

  #memory: V8Storage | undefined;
  /** View of the storage: may be longer than `length`. Made anew when the storage grows. */
  bytes: Uint8Array = new Uint8Array(0);
  length = 0;

  /** @param length of the module in bytes, if it is known: then the storage has just that size. */
  constructor(length?: number) {
    if (length !== undefined) this.bytes = new Uint8Array(length);
  }

  /**
   * Copy a chunk behind what is there.
   * @throws RangeError if the module is larger than 1 GiB or memory cannot be had.
   */
  append(chunk: Uint8Array): void {
    const needed = this.length + chunk.length;
    if (needed > this.bytes.length) this.#grow(needed);
    this.bytes.set(chunk, this.length);
    this.length = needed;
  }

  #grow(needed: number): void {
    if (needed > Limit.moduleSize) throw new RangeError(`module is larger than ${Limit.moduleSize} bytes`);
    if (this.#memory === undefined) {
      const first = Math.max(firstPages, Math.ceil(needed / page));
      this.#memory = reservedMemory(first);
      // Where V8 cannot reserve, the bytes are copied each time.
      const buffer =
        this.#memory?.buffer ??
        new ArrayBuffer(Math.max(first * page, Math.min(Limit.moduleSize, 2 * this.bytes.length)));
      const view = new Uint8Array(buffer);
      view.set(this.bytes.subarray(0, this.length));
      this.bytes = view;
      return;
    }
    const pages = this.bytes.length / page;
    const wanted = Math.min(Limit.moduleSize / page, Math.max(Math.ceil(needed / page), 2 * pages));
    growBuffer(this.#memory, wanted - pages);
    this.bytes = new Uint8Array(bufferOf(this.#memory));
  }
}

/** A memory of V8 that can grow to the largest module; undefined if V8 has no WebAssembly, or no address space. */
function reservedMemory(pages: number): V8Storage | undefined {
  if (v8 === undefined) return undefined;
  try {
    return new v8.Memory(bare({ initial: pages, maximum: Limit.moduleSize / page }));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
