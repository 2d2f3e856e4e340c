/**
 * Views of much shared native memory. V8 counts the bytes of an ArrayBuffer that somebody else has made as memory that its
 * collector could free: with one of 512 MiB a young process collects garbage all the time. Those of its own shared WebAssembly memories it does
 * not count. So the view is one of these, with the native memory mapped in the place of V8's.
 */
import { Uint8Array } from '../../support/primordials.js';
import { bufferOf, growBuffer, v8 } from '../../support/v8.js';
import { addressOf } from './native-memory.js';
import { isAddressSpaceScarce, mapSharedAt, OsError } from './os.js';

const page = 65536;

/**
 * A buffer over another mapping of the same memory, which lives as long as the buffer does. It is a SharedArrayBuffer.
 * @param address of a shared mapping
 * @param bytes a multiple of 64 KiB
 * @returns undefined where V8 has no such memories, or no address space for one
 */
export function uncountedView(address: number, bytes: number): ArrayBuffer | undefined {
  if (v8 === undefined || isAddressSpaceScarce()) return undefined;
  const pages = bytes / page;
  try {
    const memory = new v8.Memory({ initial: 1, maximum: pages, shared: true });
    mapSharedAt(address, bytes, addressOf(new Uint8Array(bufferOf(memory))));
    // Only now: pages of V8's own would count for what the system may promise.
    if (pages > 1) growBuffer(memory, pages - 1);
    return bufferOf(memory);
  } catch (error) {
    if (error instanceof RangeError || error instanceof OsError) return undefined;
    throw error;
  }
}
