/**
 * Native memory for what machine code reads: contexts, records, table elements. Blocks are cut from slabs by size class
 * and go to free lists; large ones have a mapping of their own. Whoever frees a block guarantees that neither JS
 * objects nor machine code use it any more (store groups do).
 */
import {
  BigInt64Array,
  Float32Array,
  Float64Array,
  Int32Array,
  isolate,
  List,
  Map,
  Math,
  Number,
  type Set,
  Uint8Array,
  Uint32Array,
} from '../../support/primordials.js';
import { mapAligned, nativeView, unmap } from '../machine/native-memory.js';
import { CollectionPressure } from './collect.js';

/** Size and alignment of slabs: a slab is found by the upper part of an address. */
const slabBytes = 1 << 20;
const largest = slabBytes >>> 3;
const granule = 16;

/** Typed arrays over one mapping. */
export class Slab {
  static {
    isolate(this);
  }

  readonly address: number;
  readonly bytes: number;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i64: BigInt64Array;

  constructor(bytes: number) {
    this.address = mapAligned(bytes, slabBytes);
    this.bytes = bytes;
    const buffer = nativeView(this.address, bytes);
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.i64 = new BigInt64Array(buffer);
  }
}

/** A piece of native memory, 16-byte aligned. Field offsets in methods are in bytes from its begin. */
export class NativeBlock {
  static {
    isolate(this);
  }

  readonly address: number;
  /** Usable bytes, as asked for. */
  readonly bytes: number;
  readonly slab: Slab;
  /** Byte offset in the slab's typed arrays. */
  readonly offset: number;
  /** Size class, or -1 for a mapping of its own. */
  readonly sizeClass: number;
  freed = false;
  /** The set of a store group that the block is in. */
  owner: Set<NativeBlock> | undefined;

  constructor(slab: Slab, offset: number, bytes: number, sizeClass: number) {
    this.slab = slab;
    this.offset = offset;
    this.bytes = bytes;
    this.sizeClass = sizeClass;
    this.address = slab.address + offset;
  }

  getU32(at: number): number {
    return this.slab.u32[(this.offset + at) >>> 2] as number;
  }

  setU32(at: number, value: number): void {
    this.slab.u32[(this.offset + at) >>> 2] = value;
  }

  /** An address or length below 2^53. */
  getPointer(at: number): number {
    const u32 = this.slab.u32;
    const i = (this.offset + at) >>> 2;
    return (u32[i] as number) + (u32[i + 1] as number) * 4294967296;
  }

  setPointer(at: number, value: number): void {
    const u32 = this.slab.u32;
    const i = (this.offset + at) >>> 2;
    u32[i] = value >>> 0;
    u32[i + 1] = Math.floor(value / 4294967296);
  }
}

/** Rounds up to a size class: multiples of 16 up to 256, then four steps per power of two. */
export function sizeClassOf(bytes: number): number {
  const units = Math.max(1, (bytes + granule - 1) >>> 4);
  if (units <= 16) return units;
  const shift = 31 - Math.clz32(units - 1) - 2;
  return 16 + (shift - 2) * 4 + (((units - 1) >>> shift) - 4) + 1;
}

/** Bytes of a size class. */
export function classBytes(sizeClass: number): number {
  if (sizeClass <= 16) return sizeClass * granule;
  const step = sizeClass - 17;
  const shift = (step >>> 2) + 2;
  return (((step & 3) + 5) << shift) * granule;
}

/** An allocator of native blocks; one per engine. */
export class NativeHeap {
  static {
    isolate(this);
  }

  readonly #free: NativeBlock[][] = new List();
  /** Slabs by address / slabBytes. */
  readonly #slabs = new Map<number, Slab>();
  #slab: Slab | undefined;
  #next = 0;
  #reserved = 0;
  #inUse = 0;
  #blocks = 0;
  readonly #limit: number;
  readonly #pressure: CollectionPressure;

  /** @param limit bytes that may be mapped */
  constructor(limit: number = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
    this.#pressure = new CollectionPressure(limit / 4);
  }

  /** Bytes in blocks that are in use. */
  get inUse(): number {
    return this.#inUse;
  }

  /** Number of blocks in use. */
  get blocks(): number {
    return this.#blocks;
  }

  /** Bytes mapped. */
  get reserved(): number {
    return this.#reserved;
  }

  /**
   * A zeroed block of at least `bytes` bytes.
   * @throws RangeError if the limit is reached, or the system has no memory left.
   */
  allocate(bytes: number): NativeBlock {
    this.#blocks++;
    if (bytes > largest) {
      const mapped = (bytes + 4095) & ~4095;
      const slab = this.#map(mapped);
      this.#inUse += mapped;
      return new NativeBlock(slab, 0, bytes, -1);
    }
    const sizeClass = sizeClassOf(bytes);
    const size = classBytes(sizeClass);
    this.#inUse += size;
    const reused = this.#free[sizeClass]?.pop();
    if (reused !== undefined) {
      reused.slab.u8.fill(0, reused.offset, reused.offset + size);
      return new NativeBlock(reused.slab, reused.offset, bytes, sizeClass);
    }
    // What is left of the last slab is given up: at most an eighth of it.
    if (this.#slab === undefined || this.#next + size > slabBytes) {
      this.#slab = this.#map(slabBytes);
      this.#next = 0;
    }
    const block = new NativeBlock(this.#slab, this.#next, bytes, sizeClass);
    this.#next += size;
    return block;
  }

  /** Give a block back. Freeing twice does nothing. */
  free(block: NativeBlock): void {
    if (block.freed) return;
    block.freed = true;
    this.#blocks--;
    if (block.sizeClass < 0) {
      this.#inUse -= block.slab.bytes;
      this.#reserved -= block.slab.bytes;
      for (let at = 0; at < block.slab.bytes; at += slabBytes) this.#slabs.delete((block.address + at) / slabBytes);
      unmap(block.slab.address, block.slab.bytes);
      return;
    }
    this.#inUse -= classBytes(block.sizeClass);
    let list = this.#free[block.sizeClass];
    if (list === undefined) {
      list = new List();
      this.#free[block.sizeClass] = list;
    }
    list.push(block);
  }

  /** The slab that the address of a block, or in one, lies in. */
  slabAt(address: number): Slab {
    return this.#slabs.get(Math.floor(address / slabBytes)) as Slab;
  }

  /** The u32 at an address inside of a block of this heap. */
  readU32(address: number): number {
    const slab = this.slabAt(address);
    return slab.u32[(address - slab.address) >>> 2] as number;
  }

  /** The address or length (below 2^53) at an address inside of a block of this heap. */
  readPointer(address: number): number {
    return this.readU32(address) + this.readU32(address + 4) * 4294967296;
  }

  #map(bytes: number): Slab {
    if (this.#reserved + bytes > this.#limit) {
      throw new RangeError(`native memory of instances and tables > limits.nativeMemory (${this.#limit} bytes)`);
    }
    this.#pressure.take(bytes);
    const slab = new Slab(bytes);
    this.#reserved += bytes;
    for (let at = 0; at < bytes; at += slabBytes) this.#slabs.set((slab.address + at) / slabBytes, slab);
    return slab;
  }
}
