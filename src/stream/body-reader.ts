import { below, Math, Uint8Array, unsigned } from '../support/dialect.js';
import type { FailureContext } from './body-failures.js';
import { BodyFailures } from './body-failures.js';
import type { ModuleInfo } from './module.js';
import { Op } from './op.js';
import {
  atomicImmediate,
  bulkImmediate,
  Immediate,
  immediateBytes,
  immediateNumbers,
  simdImmediate,
  singleImmediate,
} from './opcodes.js';
import { ValType } from './types.js';

export const noTypes: Uint8Array = new Uint8Array(0);

/** Longest LEB128 number that is valid anywhere, in bytes. */
const longestLeb = 10;

/** An `if` that is a check: what follows the opcode, and how much that is. */
export const checkRest = 3;
const emptyBlock = 0x40;

/** No result, `unreachable`, `end`. */
export function isCheck(bytes: Uint8Array, pos: i32): bool {
  return bytes[pos] === emptyBlock && bytes[pos + 1] === Op.unreachable && bytes[pos + 2] === Op.end;
}

/**
 * Reading function bodies: numbers, types, and the question whether an instruction is complete. (`protected` fields instead of
 * private ones: V8 in Node 20 checks the brand at each access.)
 */
export class BodyReader extends BodyFailures {
  constructor(info: ModuleInfo, context: FailureContext) {
    super(info, context);
  }

  /** Next byte. */
  pos: i32 = 0;
  /** Halves of the last 64-bit number. */
  protected low: i32 = 0;
  protected high: i32 = 0;

  // LEB128 (Core Specification, 5.2.2).

  /**
   * Position after the LEB128 number at `at`, or -1 if it does not end before `limit`. No more bytes are looked at
   * than the longest number has: reading a longer one fails.
   */
  protected lebEnd(at: i32, limit: i32): i32 {
    const bytes = this.bytes;
    const stop = Math.min(limit, at + longestLeb);
    for (let i = at; i < stop; i++) if (bytes[i] < 0x80) return i + 1;
    return stop - at === longestLeb ? stop : -1;
  }

  /** The number at `at` is complete, or cut off by the end of the body (then reading it fails). */
  protected lebHere(at: i32, limit: i32): bool {
    return limit === this.end || this.lebEnd(at, limit) >= 0;
  }

  protected u32(what: string): u32 {
    const bytes = this.bytes;
    let pos = this.pos;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      if (pos >= this.end) this.fail(`expected ${what}, reached the end of the function`, pos);
      const b = bytes[pos++];
      if (shift === 28) {
        if (b >= 0x10) this.fail(`${what}: invalid LEB128, ${b >= 0x80 ? 'length overflow' : 'extra bits'}`, pos - 1);
        value |= b << 28;
        break;
      }
      value |= (b & 0x7f) << shift;
      if (b < 0x80) break;
    }
    this.pos = pos;
    return unsigned(value);
  }

  /** An unsigned 64-bit number: returns its lower half, `high` is the upper one. */
  protected u64(what: string): u32 {
    const bytes = this.bytes;
    let pos = this.pos;
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      if (pos >= this.end) this.fail(`expected ${what}, reached the end of the function`, pos);
      const b = bytes[pos++];
      const v = b & 0x7f;
      if (shift < 28) low |= v << shift;
      else if (shift === 28) {
        low |= v << 28;
        high |= v >>> 4;
      } else high |= v << (shift - 32);
      if (shift === 63) {
        if (b > 1) this.fail(`${what}: invalid LEB128, ${b >= 0x80 ? 'length overflow' : 'extra bits'}`, pos - 1);
        break;
      }
      if (b < 0x80) break;
    }
    this.pos = pos;
    this.high = high;
    return unsigned(low);
  }

  protected s32(): i32 {
    const bytes = this.bytes;
    let pos = this.pos;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      if (pos >= this.end) this.fail('expected an i32 constant, reached the end of the function', pos);
      const b = bytes[pos++];
      if (shift === 28) {
        const rest = b & 0x78;
        if (b >= 0x80 || (rest !== 0 && rest !== 0x78)) this.fail('i32 constant: invalid LEB128', pos - 1);
        value |= b << 28;
        break;
      }
      value |= (b & 0x7f) << shift;
      if (b < 0x80) {
        value = (value << (25 - shift)) >> (25 - shift);
        break;
      }
    }
    this.pos = pos;
    return value;
  }

  /** A signed 64-bit number into `low` and `high`. */
  protected s64(): void {
    const bytes = this.bytes;
    let pos = this.pos;
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      if (pos >= this.end) this.fail('expected an i64 constant, reached the end of the function', pos);
      const b = bytes[pos++];
      const v = b & 0x7f;
      if (shift < 28) low |= v << shift;
      else if (shift === 28) {
        low |= v << 28;
        high |= v >>> 4;
      } else high |= v << (shift - 32);
      if (shift === 63) {
        if (b !== 0 && b !== 0x7f) this.fail('i64 constant: invalid LEB128', pos - 1);
        break;
      }
      if (b < 0x80) {
        if ((b & 0x40) !== 0) {
          const bits = shift + 7;
          if (bits < 32) {
            low |= -1 << bits;
            high = -1;
          } else if (bits < 64) high |= -1 << (bits - 32);
        }
        break;
      }
    }
    this.pos = pos;
    this.low = low;
    this.high = high;
  }

  /** Four bytes, lowest first, as int32. */
  protected u32le(): i32 {
    const bytes = this.bytes;
    const pos = this.pos;
    if (pos + 4 > this.end) this.fail('expected a constant, reached the end of the function', pos);
    this.pos = pos + 4;
    return bytes[pos] | (bytes[pos + 1] << 8) | (bytes[pos + 2] << 16) | (bytes[pos + 3] << 24);
  }

  /**
   * A signed 33-bit number into `low` and `high` (its sign): a type index, or what a negative number stands for. As in V8, it
   * may be longer than it need be.
   */
  #s33(what: string): void {
    const bytes = this.bytes;
    const at = this.pos;
    let low = 0;
    let high = 0;
    for (let i = 0; ; i++) {
      if (at + i >= this.end) this.fail(`expected ${what}, reached the end of the function`, at + i);
      const b: i32 = bytes[at + i];
      if (i === 4 && b >= 0x10 && (b & 0xf0) !== 0x70) this.fail(`${what}: invalid LEB128`, at + i);
      low |= (b & 0x7f) << (7 * i);
      if (b < 0x80) {
        if ((b & 0x40) !== 0) {
          high = -1;
          if (i < 4) low |= -1 << (7 * i + 7);
        }
        this.pos = at + i + 1;
        break;
      }
    }
    this.low = low;
    this.high = high;
  }

  // Types.

  protected valueType(byte: i32, at: i32): i32 {
    switch (byte) {
      case ValType.i32:
      case ValType.i64:
      case ValType.f32:
      case ValType.f64:
      case ValType.funcref:
      case ValType.externref:
      case ValType.exnref:
      case ValType.v128:
        return byte;
    }
    return this.failValueType(byte, at);
  }

  /** A heap type (Core Specification, 5.3.3). */
  protected heapType(): i32 {
    const at = this.pos;
    this.#s33('heap type');
    if (this.high < 0 && this.low === ValType.funcref - 128) return ValType.funcref;
    if (this.high < 0 && this.low === ValType.externref - 128) return ValType.externref;
    if (this.high < 0 && this.low === ValType.exnref - 128) return ValType.exnref;
    return this.failHeapType(this.low, this.high, at);
  }

  /** A block type: -1 empty, a value type byte, or 256 + type index. The empty one may be padded, as in V8. */
  protected blockType(): i32 {
    const at = this.pos;
    const b = this.bytes[at];
    if (at < this.end && b >= 0x41 && b < 0x80) {
      this.pos = at + 1;
      return this.valueType(b, at);
    }
    this.#s33('block type');
    const value = this.low;
    if (this.high < 0) {
      if (value !== -64) this.fail('block type is not a valid signature index', at);
      return -1;
    }
    if (!below(value, this.info.types.length))
      this.fail(`block type index ${unsigned(value)} is not a signature definition`, at);
    return 256 + value;
  }

  /** The instruction at `pos` is complete in [pos, limit): only asked near the end of the bytes that are here. */
  protected isComplete(pos: i32, limit: i32): bool {
    const bytes = this.bytes;
    const op = bytes[pos];
    let p = pos + 1;
    let immediate = singleImmediate[op];
    if (op >= Op.prefixGc && op <= Op.prefixAtomic) {
      let sub = 0;
      for (let shift = 0; ; shift += 7) {
        if (p >= limit) return false;
        const b = bytes[p++];
        sub |= (b & 0x7f) << shift;
        if (b < 0x80 || shift === 28) break;
      }
      // What is not in the table is wrong, whatever follows.
      if (op === Op.prefixGc || !below(sub, 0x100)) return true;
      immediate =
        op === Op.prefixSimd ? simdImmediate[sub] : op === Op.prefixBulk ? bulkImmediate[sub] : atomicImmediate[sub];
    }
    let numbers: i32 = immediateNumbers[immediate];
    // An access to a memory that it names.
    if (
      (immediate === Immediate.memory || immediate === Immediate.memoryLane) &&
      p < limit &&
      (bytes[p] & 0x40) !== 0
    ) {
      numbers++;
    }
    for (let k = numbers; k > 0; k--) {
      p = this.lebEnd(p, limit);
      if (p < 0) return false;
    }
    // The three opcodes of a check are read together, however the bytes come.
    if (op === Op.if_ && limit < this.end && this.#mayBeCheck(pos + 1, limit)) return false;
    return p + immediateBytes[immediate] <= limit;
  }

  /** What has come behind an `if` is the begin of the rest of a check, and not all of that. */
  #mayBeCheck(pos: i32, limit: i32): bool {
    if (pos + checkRest <= limit) return false;
    const bytes = this.bytes;
    if (pos < limit && bytes[pos] !== emptyBlock) return false;
    return pos + 1 >= limit || bytes[pos + 1] === Op.unreachable;
  }
}
