import { isolate } from '../support/primordials.js';
import { Op } from './op.js';
import { decodeUtf8 } from './utf8.js';

/**
 * Reads items of a module again: bytes that the decoder has been over once and found valid. So nothing is checked here,
 * and no number is longer than it may be.
 */
export class WireCursor {
  static {
    isolate(this);
  }

  bytes: Uint8Array;
  pos: number;
  /** Halves of the last 64-bit number. */
  low = 0;
  high = 0;

  constructor(bytes: Uint8Array, pos: number) {
    this.bytes = bytes;
    this.pos = pos;
  }

  u8(): number {
    return this.bytes[this.pos++];
  }

  u32(): number {
    const { bytes } = this;
    let value = bytes[this.pos++];
    if (value < 0x80) return value;
    value &= 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      const b = bytes[this.pos++];
      value |= (b & 0x7f) << shift;
      if (b < 0x80) break;
    }
    return value >>> 0;
  }

  s32(): number {
    const { bytes } = this;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const b = bytes[this.pos++];
      value |= (b & 0x7f) << shift;
      if (b < 0x80) return shift < 28 ? (value << (25 - shift)) >> (25 - shift) : value;
    }
    return value;
  }

  /** A signed 64-bit number into `low` and `high`. */
  s64(): void {
    const { bytes } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const b = bytes[this.pos++];
      const v = b & 0x7f;
      if (shift < 28) low |= v << shift;
      else if (shift === 28) {
        low |= v << 28;
        high = v >>> 4;
      } else high |= v << (shift - 32);
      if (b >= 0x80) continue;
      if ((b & 0x40) !== 0) {
        const bits = shift + 7;
        if (bits < 32) {
          low |= -1 << bits;
          high = -1;
        } else if (bits < 64) high |= -1 << (bits - 32);
      }
      break;
    }
    this.low = low;
    this.high = high;
  }

  u32le(): number {
    const { bytes, pos } = this;
    this.pos = pos + 4;
    return bytes[pos] | (bytes[pos + 1] << 8) | (bytes[pos + 2] << 16) | (bytes[pos + 3] << 24);
  }

  /** Pass over a LEB128 number of any length. */
  /** An unsigned 64-bit number: exact below 2^53, else nearly. */
  u64(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const b = this.bytes[this.pos++];
      value += (b & 0x7f) * scale;
      if (b < 0x80) return value;
    }
  }

  skipLeb(): void {
    while (this.bytes[this.pos++] >= 0x80);
  }

  name(): string {
    const start = this.skipName();
    return decodeUtf8(this.bytes, start, this.pos) as string;
  }

  /** Pass over a name. Returns where its characters begin. */
  skipName(): number {
    const length = this.u32();
    const start = this.pos;
    this.pos += length;
    return start;
  }

  /** Pass over a constant expression: instructions and `end`. Returns how many instructions. */
  skipExpression(): number {
    for (let count = 0; ; count++) {
      switch (this.u8()) {
        case Op.end:
          return count;
        case Op.f32Const:
          this.pos += 4;
          break;
        case Op.f64Const:
          this.pos += 8;
          break;
        case Op.prefixSimd:
          this.skipLeb();
          this.pos += 16;
          break;
        case Op.i32Add:
        case Op.i32Sub:
        case Op.i32Mul:
        case Op.i64Add:
        case Op.i64Sub:
        case Op.i64Mul:
          break;
        default:
          this.skipLeb();
      }
    }
  }
}
