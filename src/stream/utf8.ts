import { isUtf8 as isWellFormed } from 'node:buffer';
import { Reflect } from '../support/primordials.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Longer strings are left to the decoder, which tells ASCII by itself. */
const shortString = 64;

/** V8's own way from bytes to a string: much faster for short ones than `String.fromCharCode` or a `TextDecoder`. */
const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
};

/** One character per byte. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Reflect.apply(latin1Slice, bytes, [start, end]);
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] >= 0x80) return false;
  return true;
}

/** The bytes are well-formed UTF-8. */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  return (end - start <= shortString && isAscii(bytes, start, end)) || isWellFormed(bytes.subarray(start, end));
}

/** The string, or undefined if the bytes are not well-formed UTF-8 (Core Specification, 5.2.4). */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start <= shortString && isAscii(bytes, start, end)) return latin1(bytes, start, end);
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}
