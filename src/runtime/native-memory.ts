/** Mappings of anonymous memory, and typed-array views of them. */
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
const mmap = libc.func('intptr_t mmap(intptr_t addr, size_t len, int prot, int flags, int fd, int64_t off)') as (
  address: number,
  bytes: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
) => number;
const munmap = libc.func('int munmap(intptr_t addr, size_t len)') as (address: number, bytes: number) => number;
const mprotect = libc.func('int mprotect(intptr_t addr, size_t len, int prot)') as (
  address: number,
  bytes: number,
  protection: number,
) => number;

const protNone = 0;
const protReadWrite = 3;
const mapPrivateAnonymous = 0x22;
const mapNoReserve = 0x4000;

/** Readable and writable, zeroed. @throws RangeError if the system refuses. */
export function mapAnonymous(bytes: number): number {
  return mapOrThrow(bytes, protReadWrite, mapPrivateAnonymous);
}

/** As `mapAnonymous`, at a multiple of `alignment` (a power of two, a multiple of the page size). */
export function mapAligned(bytes: number, alignment: number): number {
  const whole = bytes + alignment;
  const address = mapAnonymous(whole);
  const begin = Math.ceil(address / alignment) * alignment;
  if (begin > address) munmap(address, begin - address);
  const end = begin + bytes;
  if (end < address + whole) munmap(end, address + whole - end);
  return begin;
}

/** Address space that faults when touched. @throws RangeError if the system refuses. */
export function reserve(bytes: number): number {
  return mapOrThrow(bytes, protNone, mapPrivateAnonymous | mapNoReserve);
}

/** Make reserved pages readable and writable (zeroed). Returns false if the system refuses. */
export function commit(address: number, bytes: number): boolean {
  return bytes === 0 || mprotect(address, bytes, protReadWrite) === 0;
}

export function unmap(address: number, bytes: number): void {
  munmap(address, bytes);
}

/** An ArrayBuffer over native memory. Touching it after the memory is unmapped kills the process. */
export function viewOf(address: number, bytes: number): ArrayBuffer {
  return koffi.view(BigInt(address), bytes);
}

/** The address of an ArrayBuffer's first byte. */
export function addressOf(buffer: ArrayBufferLike): number {
  return Number(koffi.address(buffer));
}

function mapOrThrow(bytes: number, protection: number, flags: number): number {
  const address = mmap(0, bytes, protection, flags, -1, 0);
  if (address === -1) throw new RangeError(`could not allocate ${bytes} bytes of native memory`);
  return address;
}
