import { decodeUtf8 } from './utf8.js';

/**
 * Function names of a name section (Core Specification, appendix "Custom Sections"). A broken section gives the
 * names up to the break: names never make a module invalid.
 */
export function decodeFunctionNames(bytes: Uint8Array): Map<number, string> {
  const names = new Map<number, string>();
  let pos = 0;
  let broken = false;
  const u32 = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (pos >= bytes.length) {
        broken = true;
        return 0;
      }
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
        const length = u32();
        if (broken || pos + length > end) break;
        const name = decodeUtf8(bytes, pos, pos + length);
        if (name !== undefined) names.set(index, name);
        pos += length;
      }
      break;
    }
    pos = end;
  }
  return names;
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
