const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The string, or undefined if the bytes are not well-formed UTF-8 (Core Specification, 5.2.4). */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  let ascii = true;
  if (end - start <= 64) {
    for (let i = start; i < end; i++) {
      if (bytes[i] >= 0x80) {
        ascii = false;
        break;
      }
    }
    if (ascii) return String.fromCharCode(...bytes.subarray(start, end));
  }
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}
