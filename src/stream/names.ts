import { Int32Array, isolate } from '../support/primordials.js';
import { decodeUtf8 } from './utf8.js';
import { WireCursor } from './wire-cursor.js';

/**
 * Function names of a name section (Core Specification, appendix "Custom Sections"): where each is; they become strings when
 * asked for. A broken section gives the names up to the break: names never make a module invalid.
 */
export class FunctionNameTable {
  static {
    isolate(this);
  }

  readonly #bytes: Uint8Array;
  /** Per function: 1 + the place of its name (length first), or 0. */
  readonly #places: Int32Array;

  /** @param bytes of the section, behind its own name */
  constructor(bytes: Uint8Array, functions: number) {
    this.#bytes = bytes;
    this.#places = new Int32Array(functions);
    let pos = 0;
    let broken = false;
    const u32 = (): number => {
      let value = 0;
      for (let shift = 0; shift < 35; shift += 7) {
        if (pos >= bytes.length) break;
        const b = bytes[pos++];
        value += (b & 0x7f) * 2 ** shift;
        if (b < 0x80) return value;
      }
      broken = true;
      return 0;
    };
    while (pos < bytes.length && !broken) {
      const id = bytes[pos++];
      const size = u32();
      const end = pos + size;
      if (broken || end > bytes.length) break;
      if (id === 1) {
        const count = u32();
        for (let i = 0; i < count && pos < end && !broken; i++) {
          const index = u32();
          const place = pos;
          const length = u32();
          if (broken || pos + length > end) break;
          if (index < functions) this.#places[index] = 1 + place;
          pos += length;
        }
        break;
      }
      pos = end;
    }
  }

  /** The name of a function, or undefined if there is none, or none that is text. */
  name(functionIndex: number): string | undefined {
    const place = this.#places[functionIndex];
    if (!place) return undefined;
    const cursor = new WireCursor(this.#bytes, place - 1);
    const start = cursor.skipName();
    return decodeUtf8(this.#bytes, start, cursor.pos);
  }
}

/**
 * Contents of the name section, if it is among the sections from `pos` on. For error messages while a module is being
 * read, so what is cut off or makes no sense is no error here.
 */
export function findNameSection(bytes: Uint8Array, pos: number): Uint8Array | undefined {
  if (pos === 0) return undefined;
  while (pos < bytes.length) {
    const id = bytes[pos++];
    let size = 0;
    for (let scale = 1; scale < 2 ** 35; scale *= 128) {
      const b = bytes[pos++];
      size += (b & 0x7f) * scale;
      if (!(b >= 0x80)) break;
    }
    const end = pos + size;
    if (!(end <= bytes.length)) return undefined;
    const named = id === 0 && size >= 5 && bytes[pos] === 4 && decodeUtf8(bytes, pos + 1, pos + 5) === 'name';
    if (named) return bytes.subarray(pos + 5, end);
    pos = end;
  }
  return undefined;
}
