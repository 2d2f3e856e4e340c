/**
 * Where the bytes of a linear memory are. A storage has one place for base and length, its native record, and keeps the
 * contexts of the instances that use it up to date. Whoever lets JS run looks at the storage's watch afterwards.
 */

import { Context, MemoryField, MemoryRecord } from '../../backends/abi/layout.js';
import { isolate, List, Map, Math } from '../../support/primordials.js';
import type { NativeBlock, NativeHeap } from './native-heap.js';
import { calm, releaseWith, type Watch } from './store-group.js';

export abstract class MemoryStorage {
  static {
    isolate(this);
  }

  readonly record: NativeBlock;
  /** Changes when the memory grows. */
  watch: Watch = calm;
  /** True if every access of a 32-bit index and offset beyond the length faults. */
  abstract readonly isGuarded: boolean;
  /** Where the contexts that use it have its fields; one can import the same memory more than once. */
  readonly #uses = new Map<NativeBlock, number[]>();
  #count = 0;
  #pruneAt = 16;

  constructor(heap: NativeHeap) {
    const record = heap.allocate(MemoryRecord.size);
    releaseWith(this, () => heap.free(record));
    this.record = record;
  }

  /** Address of the first byte. */
  get base(): number {
    return this.record.getPointer(MemoryRecord.base);
  }

  get byteLength(): number {
    return this.record.getPointer(MemoryRecord.byteLength);
  }

  /** How far code may go: what it reaches beyond the length faults. */
  protected get reach(): number {
    return this.byteLength;
  }

  /** The ArrayBuffer over the current bytes; detached by growth, if it is not shared. */
  abstract get buffer(): ArrayBuffer;

  /** Other threads can use it, and grow it at any time. It does not move. */
  abstract readonly isShared: boolean;

  /** Add pages. Returns how many there were before, or -1 if that is not possible. */
  abstract grow(delta: number): number;

  /** Bring everything up to date that somebody else's growth has changed. */
  abstract refresh(): void;

  /**
   * From now on the instance context has this memory.
   * @param fields where: see `ContextLayout.memory`
   */
  link(context: NativeBlock, fields: number): void {
    if (this.#count >= this.#pruneAt) this.#prune();
    let places = this.#uses.get(context);
    if (places === undefined) {
      places = new List();
      this.#uses.set(context, places);
      this.#count++;
    }
    places.push(fields);
    context.setPointer(fields + MemoryField.record, this.record.address);
    // 2^62 and the most that an access subtracts: a processor that looks at the lower bits alone, as some do while they
    // speculate, finds the begin of the memory.
    context.setU32(Context.outOfBounds, 16);
    context.setU32(Context.outOfBounds + 4, 1 << 30);
    this.#write(context, fields);
  }

  /** The memory is there, and so long, for all who use it. */
  protected place(base: number, byteLength: number): void {
    this.record.setPointer(MemoryRecord.base, base);
    this.record.setPointer(MemoryRecord.byteLength, byteLength);
    this.#uses.forEach((places, context) => {
      if (context.freed) return;
      for (let i = 0; i < places.length; i++) this.#write(context, places[i] as number);
    });
  }

  /** Forget the contexts that are freed; when they have doubled, that has cost nothing. */
  #prune(): void {
    this.#count = 0;
    this.#uses.forEach((_, context) => {
      if (context.freed) this.#uses.delete(context);
      else this.#count++;
    });
    this.#pruneAt = Math.max(16, 2 * this.#count);
  }

  #write(context: NativeBlock, fields: number): void {
    context.setPointer(fields + MemoryField.base, this.base);
    context.setPointer(fields + MemoryField.length, this.reach);
  }
}
