import { isolate } from '../support/primordials.js';
import { Op } from './op.js';

/** No segment of the common form has more bytes before its contents. */
export const longestPlainHeader: number = 10;

/**
 * Data segments as most modules have them: active, in memory 0, at a constant place, with small numbers. Some modules have
 * thousands; reading each as if it were unusual is what takes their time in a cold process.
 */
export class PlainSegment {
  static {
    isolate(this);
  }

  /** Where the contents go. */
  address = 0;
  /** Where the contents begin in the module's bytes. */
  start = 0;
  size = 0;

  /** Read the header at `at`. False if it is an unusual one, or wrong. */
  read(bytes: Uint8Array, at: number): boolean {
    if (bytes[at] !== 0 || bytes[at + 1] !== Op.i32Const) return false;
    let pos = at + 2;
    let address = 0;
    let shift = 0;
    for (;;) {
      const byte = bytes[pos++];
      address |= (byte & 0x7f) << shift;
      shift += 7;
      if (byte < 0x80) break;
      if (shift === 28) return false;
    }
    if (bytes[pos++] !== Op.end) return false;
    let size = bytes[pos++];
    if (size >= 0x80) {
      const second = bytes[pos++];
      size = (size & 0x7f) | ((second & 0x7f) << 7);
      if (second >= 0x80) {
        const third = bytes[pos++];
        if (third >= 0x80) return false;
        size |= third << 14;
      }
    }
    this.address = ((address << (32 - shift)) >> (32 - shift)) >>> 0;
    this.start = pos;
    this.size = size;
    return true;
  }
}
