/** Mappings of anonymous memory, with the errors that the JS API gives. */
import { Math, Number } from '../../support/primordials.js';
import koffi from './koffi.js';
import { mapAnonymous, nativeView, OsError, Prot, protect, unmap } from './os.js';

export { nativeView, unmap };

function orRangeError<T>(bytes: number, map: () => T): T {
  try {
    return map();
  } catch (error) {
    if (!(error instanceof OsError)) throw error;
    throw new RangeError(`could not allocate ${bytes} bytes of native memory`, { cause: error });
  }
}

/**
 * Readable and writable zeroed memory at a multiple of `alignment` (a power of two, a multiple of the page size).
 * @throws RangeError if the system refuses.
 */
export function mapAligned(bytes: number, alignment: number): number {
  const whole = bytes + alignment;
  const address = orRangeError(bytes, () => mapAnonymous(whole));
  const begin = Math.ceil(address / alignment) * alignment;
  if (begin > address) unmap(address, begin - address);
  const end = begin + bytes;
  if (end < address + whole) unmap(end, address + whole - end);
  return begin;
}

/** Address space that faults when touched. @throws RangeError if the system refuses. */
export function reserve(bytes: number): number {
  return orRangeError(bytes, () => mapAnonymous(bytes, Prot.none));
}

/** Make reserved pages readable and writable (zeroed). Returns false if the system refuses. */
export function commit(address: number, bytes: number): boolean {
  if (bytes === 0) return true;
  try {
    protect(address, bytes, Prot.readWrite);
    return true;
  } catch (error) {
    if (error instanceof OsError) return false;
    throw error;
  }
}

/** The address of the first byte of an ArrayBuffer, or of a view: that of a SharedArrayBuffer, which Node 20 knows no other way to. */
export function addressOf(buffer: ArrayBufferLike | Uint8Array): number {
  return Number(koffi.address(buffer));
}
