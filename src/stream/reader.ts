import { isolate, Uint8Array } from '../support/primordials.js';
import { WasmDecodeError } from './errors.js';
import { wrongHeapType } from './type-names.js';
import { ValType } from './types.js';
import { isUtf8 } from './utf8.js';

/** Thrown (one object, no stack) when an item of a section is not complete: the decoder goes back to its start. */
export const incomplete: { readonly incomplete: true } = { incomplete: true };

/**
 * Reads the items of a section. What lies beyond the section's end is an error, what lies beyond the bytes that are
 * here throws `incomplete`, after noting in `wanted` how far the item reaches as far as that is known: so no item
 * is scanned again and again while its bytes trickle in.
 */
export class Reader {
  static {
    isolate(this);
  }

  bytes: Uint8Array = new Uint8Array(0);
  pos = 0;
  /** Bytes that are here. */
  limit = 0;
  /** End of the section (or of the module, between sections). */
  end = 0;
  wanted = 0;

  fail(message: string, at: number = this.pos): never {
    throw new WasmDecodeError(message, at);
  }

  /** `count` bytes from `pos` on must be here. */
  need(count: number, what: string): void {
    const to = this.pos + count;
    if (to > this.end) this.fail(`expected ${count} bytes for ${what}, reached the end of the section`, this.pos);
    if (to > this.limit) {
      this.wanted = to;
      throw incomplete;
    }
  }

  u8(what: string): number {
    this.need(1, what);
    return this.bytes[this.pos++];
  }

  u32(what: string): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      this.need(1, what);
      const b = this.bytes[this.pos++];
      if (shift === 28) {
        if (b >= 0x10) this.fail(`${what}: invalid LEB128`, this.pos - 1);
        return (value | (b << 28)) >>> 0;
      }
      value |= (b & 0x7f) << shift;
      if (b < 0x80) return value >>> 0;
    }
  }

  s32(what: string): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      this.need(1, what);
      const b = this.bytes[this.pos++];
      if (shift === 28) {
        const rest = b & 0x78;
        if (b >= 0x80 || (rest !== 0 && rest !== 0x78)) this.fail(`${what}: invalid LEB128`, this.pos - 1);
        return value | (b << 28);
      }
      value |= (b & 0x7f) << shift;
      if (b < 0x80) return (value << (25 - shift)) >> (25 - shift);
    }
  }

  /** An unsigned 64-bit number: exact below 2^53, else nearly. */
  u64(what: string): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      this.need(1, what);
      const b = this.bytes[this.pos++];
      if (shift === 63 && b > 1)
        this.fail(`${what}: invalid LEB128, ${b >= 0x80 ? 'length overflow' : 'extra bits'}`, this.pos - 1);
      value += (b & 0x7f) * 2 ** shift;
      if (b < 0x80) return value;
    }
  }

  low = 0;
  high = 0;

  /** A signed 64-bit number into `low` and `high`. */
  s64(what: string): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      this.need(1, what);
      const b = this.bytes[this.pos++];
      const v = b & 0x7f;
      if (shift < 28) low |= v << shift;
      else if (shift === 28) {
        low |= v << 28;
        high |= v >>> 4;
      } else high |= v << (shift - 32);
      if (shift === 63) {
        if (b !== 0 && b !== 0x7f) this.fail(`${what}: invalid LEB128`, this.pos - 1);
        break;
      }
      if (b < 0x80) {
        const bits = shift + 7;
        if ((b & 0x40) !== 0) {
          if (bits < 32) {
            low |= -1 << bits;
            high = -1;
          } else if (bits < 64) high |= -1 << (bits - 32);
        }
        break;
      }
    }
    this.low = low;
    this.high = high;
  }

  /** A heap type that the reference types have (Core Specification, 5.3.3): a signed 33-bit number, as long as it likes. */
  heapType(): number {
    const at = this.pos;
    let value = 0;
    let scale = 1;
    for (let i = 0; ; i++) {
      const b = this.u8('heap type');
      if (i === 4 && b >= 0x10 && (b & 0xf0) !== 0x70) this.fail('heap type: invalid LEB128', this.pos - 1);
      value += (b & 0x7f) * scale;
      scale *= 128;
      if (b >= 0x80) continue;
      if ((b & 0x40) !== 0) value -= scale;
      break;
    }
    if (value === ValType.funcref - 128) return ValType.funcref;
    if (value === ValType.externref - 128) return ValType.externref;
    if (value === ValType.exnref - 128) return ValType.exnref;
    if (value >= 0) this.fail(`heap type ${value}: not supported yet (typed function references)`, at);
    return this.fail(wrongHeapType(value), at);
  }

  u32le(what: string): number {
    this.need(4, what);
    const { bytes, pos } = this;
    this.pos = pos + 4;
    return bytes[pos] | (bytes[pos + 1] << 8) | (bytes[pos + 2] << 16) | (bytes[pos + 3] << 24);
  }

  /** A name: length, UTF-8. Returns where its characters begin. */
  skipName(what: string): number {
    const length = this.u32(what);
    this.need(length, what);
    const start = this.pos;
    if (!isUtf8(this.bytes, start, start + length)) this.fail(`${what}: no valid UTF-8 string`);
    this.pos = start + length;
    return start;
  }
}
