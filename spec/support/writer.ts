/** Writes WebAssembly's binary format: a growing byte buffer with LEB128 numbers, and sections. */
import type { FunctionType, Section, ValueType } from './wasm-types.js';

const utf8 = new TextEncoder();
const scratch = new DataView(new ArrayBuffer(8));

export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** A copy of what has been written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** What has been written; valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forget everything after `length`. */
  truncate(length: number): void {
    this.#length = length;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.view());
    this.#bytes = larger;
  }

  byte(...values: number[]): this {
    this.#reserve(values.length);
    for (const value of values) this.#bytes[this.#length++] = value;
    return this;
  }

  bytes(values: Uint8Array): this {
    this.#reserve(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
    return this;
  }

  u32(value: number): this {
    this.#reserve(5);
    value >>>= 0;
    while (value > 0x7f) {
      this.#bytes[this.#length++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    this.#bytes[this.#length++] = value;
    return this;
  }

  s32(value: number): this {
    this.#reserve(5);
    value |= 0;
    for (;;) {
      const low = value & 0x7f;
      value >>= 7;
      if ((value === 0 && (low & 0x40) === 0) || (value === -1 && (low & 0x40) !== 0)) {
        this.#bytes[this.#length++] = low;
        return this;
      }
      this.#bytes[this.#length++] = low | 0x80;
    }
  }

  s64(value: bigint): this {
    this.#reserve(10);
    value = BigInt.asIntN(64, value);
    for (;;) {
      const low = Number(value & 0x7fn);
      value >>= 7n;
      if ((value === 0n && (low & 0x40) === 0) || (value === -1n && (low & 0x40) !== 0)) {
        this.#bytes[this.#length++] = low;
        return this;
      }
      this.#bytes[this.#length++] = low | 0x80;
    }
  }

  /** An f32 by its bits. */
  f32Bits(bits: number): this {
    scratch.setUint32(0, bits, true);
    return this.bytes(new Uint8Array(scratch.buffer, 0, 4));
  }

  /** An f64 by its bits. */
  f64Bits(bits: bigint): this {
    scratch.setBigUint64(0, bits, true);
    return this.bytes(new Uint8Array(scratch.buffer, 0, 8));
  }

  name(text: string): this {
    const bytes = utf8.encode(text);
    return this.u32(bytes.length).bytes(bytes);
  }

  /** A vector: the count, then each item by `write`. */
  vector<T>(items: readonly T[], write: (item: T, index: number) => void): this {
    this.u32(items.length);
    items.forEach(write);
    return this;
  }

  types(types: readonly ValueType[]): this {
    return this.u32(types.length).byte(...types);
  }

  functionType(type: FunctionType): this {
    return this.byte(0x60).types(type.params).types(type.results);
  }

  /** `flags, min[, max]` of a memory or table. */
  limits(min: number, max?: number): this {
    if (max === undefined) return this.byte(0).u32(min);
    return this.byte(1).u32(min).u32(max);
  }

  /** What `write` writes, preceded by its size. */
  sized(write: (writer: ByteWriter) => void): this {
    const inner = new ByteWriter();
    write(inner);
    return this.u32(inner.length).bytes(inner.view());
  }

  section(id: Section, write: (writer: ByteWriter) => void): this {
    return this.byte(id).sized(write);
  }

  /** Magic number and version. */
  header(): this {
    return this.byte(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  }
}
