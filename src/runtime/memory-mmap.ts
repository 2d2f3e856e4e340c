/**
 * A linear memory in an own mapping: 8 GiB and a margin that fault, of which the begin is made accessible as the memory
 * grows. Used where V8's memories have no such reservation, or on request.
 *
 * The mapping must outlive every ArrayBuffer over it, whoever holds it: the area is counted, once for the memory and
 * once for each buffer, and unmapped when all are unreachable.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { collectNow } from './collect.js';
import { pageBytes } from './memory-limits.js';
import { MemoryStorage } from './memory-storage.js';
import type { NativeHeap } from './native-heap.js';
import { commit, nativeView, reserve, unmap } from './native-memory.js';
import { releaseWith } from './store-group.js';

/** What index + offset of a 32-bit memory access can reach, and a margin for the access itself. */
const reservation = 8 * 1024 ** 3 + 2 * pageBytes;

/** Some 16,000 areas fit in a process, and V8 does not count them: after this many new ones it is asked to collect. */
const areasPerCollection = 2000;
let areasUntilCollection = areasPerCollection;

class Area {
  readonly base: number;
  #references = 0;

  constructor() {
    if (--areasUntilCollection <= 0) {
      areasUntilCollection = areasPerCollection;
      collectNow();
    }
    this.base = reserve(reservation);
  }

  /** Keep the area mapped until `owner` is unreachable. */
  keepFor(owner: object): void {
    this.#references++;
    releaseWith(owner, () => {
      this.#references--;
      if (this.#references === 0) unmap(this.base, reservation);
    });
  }
}

type Detach = (buffer: ArrayBuffer) => void;
let detachBuffer: Detach | undefined;

/**
 * `ArrayBuffer.prototype.transfer` detaches a buffer without copying. Node 20 has it behind a flag of V8, which takes
 * effect in contexts created afterwards. (`structuredClone` copies buffers over native memory and does not detach.)
 */
function detachFunction(): Detach {
  type Transfer = (this: ArrayBuffer, newLength: number) => ArrayBuffer;
  let transfer = (ArrayBuffer.prototype as { transfer?: Transfer }).transfer;
  if (transfer === undefined) {
    setFlagsFromString('--harmony-rab-gsab-transfer');
    transfer = runInNewContext('ArrayBuffer.prototype.transfer') as Transfer | undefined;
    setFlagsFromString('--no-harmony-rab-gsab-transfer');
  }
  if (transfer === undefined) throw new Error("memory: 'mmap' needs ArrayBuffer.prototype.transfer");
  const found = transfer;
  return (buffer) => {
    Reflect.apply(found, buffer, [0]);
  };
}

/** What would move the area to a buffer that nobody counts. */
const refused = {
  value: () => {
    throw new TypeError('Cannot perform ArrayBuffer.prototype.transfer on a WebAssembly.Memory buffer');
  },
};

export class MappedStorage extends MemoryStorage {
  readonly isGuarded = true;
  readonly #area: Area;
  #buffer: ArrayBuffer | undefined;

  /** @throws RangeError if address space or memory cannot be had. */
  constructor(heap: NativeHeap, initial: number) {
    super(heap);
    detachBuffer ??= detachFunction();
    this.#area = new Area();
    this.#area.keepFor(this);
    if (!commit(this.#area.base, initial * pageBytes)) throw new RangeError('could not allocate memory');
    this.place(this.#area.base, initial * pageBytes);
  }

  get buffer(): ArrayBuffer {
    if (this.#buffer === undefined) {
      const buffer = nativeView(this.base, this.byteLength);
      Object.defineProperties(buffer, { transfer: refused, transferToFixedLength: refused });
      this.#area.keepFor(buffer);
      this.#buffer = buffer;
    }
    return this.#buffer;
  }

  grow(delta: number): boolean {
    const { base, byteLength } = this;
    if (!commit(base + byteLength, delta * pageBytes)) return false;
    this.place(base, byteLength + delta * pageBytes);
    if (this.#buffer !== undefined) {
      detachBuffer?.(this.#buffer);
      this.#buffer = undefined;
    }
    return true;
  }

  /** Nobody else can grow it. */
  refresh(): void {}
}
