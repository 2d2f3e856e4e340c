/**
 * Bindings of the C library and of the system calls that the runtime needs. Importing this module configures koffi
 * for the thread: nested calls JS -> wasm -> JS -> wasm take room on koffi's stack, so it gets the most koffi allows.
 * Linux x86-64 numbers throughout (uapi headers of the kernel).
 */

import { closeSync, fstatSync, openSync } from 'node:fs';
import { BigInt, BigUint64Array, Int32Array, Number, Object, Uint8Array } from '../../support/primordials.js';
import koffi from './koffi.js';

const wantedStack = 16 << 20;

try {
  koffi.config({ sync_stack_size: wantedStack });
} catch {
  // Somebody else in this thread has loaded a library before: koffi keeps the size it has. `hostStackSize` says what it
  // is, and the host thunks check the room that is left.
}

/** Bytes of the stack that koffi runs native code of this thread on. */
export const hostStackSize: number = koffi.config().sync_stack_size as number;

const libc = koffi.load('libc.so.6');

type Num = number;
const cMmap = libc.func('intptr_t mmap(intptr_t, size_t, int, int, int, int64_t)') as (
  address: Num,
  length: Num,
  prot: Num,
  flags: Num,
  fd: Num,
  offset: Num,
) => Num;
const cMunmap = libc.func('int munmap(intptr_t, size_t)') as (address: Num, length: Num) => Num;
const cMprotect = libc.func('int mprotect(intptr_t, size_t, int)') as (a: Num, l: Num, prot: Num) => Num;
const cMadvise = libc.func('int madvise(intptr_t, size_t, int)') as (a: Num, l: Num, advice: Num) => Num;
const cMemfdCreate = libc.func('int memfd_create(const char *, uint)') as (name: string, flags: Num) => Num;
const cFtruncate = libc.func('int ftruncate(int, int64_t)') as (fd: Num, length: Num) => Num;
const cClose = libc.func('int close(int)') as (fd: Num) => Num;
const cWrite = libc.func('intptr_t write(int, intptr_t, size_t)') as (fd: Num, address: Num, length: Num) => Num;
const cPread = libc.func('intptr_t pread(int, intptr_t, size_t, int64_t)') as (f: Num, a: Num, l: Num, o: Num) => Num;
const cPoll = libc.func('int poll(intptr_t, ulong, int)') as (fds: Num, count: Num, timeout: Num) => Num;
const cSigaction = libc.func('int sigaction(int, intptr_t, intptr_t)') as (s: Num, act: Num, old: Num) => Num;
const cSigaltstack = libc.func('int sigaltstack(intptr_t, intptr_t)') as (stack: Num, old: Num) => Num;
const cSyscall = libc.func('long syscall(long, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t)') as (
  number: Num,
  a: Num,
  b: Num,
  c: Num,
  d: Num,
  e: Num,
  f: Num,
) => Num;

export const enum Prot {
  none = 0,
  read = 1,
  readWrite = 3,
  readExec = 5,
}

const enum Map {
  shared = 0x01,
  private_ = 0x02,
  fixed = 0x10,
  anonymous = 0x20,
  noReserve = 0x4000,
}

const enum Advice {
  dontNeed = 4,
  remove = 9,
}

const enum Remap {
  mayMove = 1,
  fixed = 2,
}

const enum Call {
  mremap = 25,
  getpid = 39,
  gettid = 186,
  timerCreate = 222,
  timerDelete = 226,
  tgkill = 234,
  getrandom = 318,
  membarrier = 324,
}

export const enum Signal {
  SIGILL = 4,
  SIGBUS = 7,
  SIGFPE = 8,
  SIGSEGV = 11,
}

/** An operating-system call that failed. */
export class OsError extends Error {
  override readonly name = 'OsError';
  /** errno. */
  readonly errno: number;
  /** Name of the system call. */
  readonly syscall: string;

  constructor(syscall: string, errno: number, detail = '') {
    const names = koffi.os.errno as Record<string, number>;
    const known = Object.keys(names);
    let name = `errno ${errno}`;
    for (let i = 0; i < known.length; i++) if (names[known[i] as string] === errno) name = known[i] as string;
    super(`${syscall}: ${name}${detail === '' ? '' : ` (${detail})`}`);
    this.syscall = syscall;
    this.errno = errno;
  }
}

function check(syscall: string, result: number, detail = ''): number {
  if (result === -1) throw new OsError(syscall, koffi.errno(), detail);
  return result;
}

/**
 * Anonymous private memory, zeroed, not counted against the commit limit until touched.
 * @throws OsError
 */
export function mapAnonymous(bytes: number, prot: Prot = Prot.readWrite): number {
  return check('mmap', cMmap(0, bytes, prot, Map.private_ | Map.anonymous | Map.noReserve, -1, 0), `${bytes} bytes`);
}

/** Shared mapping of a file. @throws OsError */
export function mapFile(fd: number, bytes: number, prot: Prot): number {
  const detail = prot === Prot.readExec ? ', executable: the system must allow that' : '';
  return check('mmap', cMmap(0, bytes, prot, Map.shared | Map.noReserve, fd, 0), `${bytes} bytes${detail}`);
}

/**
 * Zeroed memory in place of what is mapped there. It is shared (with children, which do not run code of this engine): private
 * memory would count against the process's limit of data (RLIMIT_DATA), however little of it is touched.
 * @throws OsError
 */
export function mapSharedAnonymousAt(address: number, bytes: number): void {
  const flags = Map.shared | Map.anonymous | Map.noReserve | Map.fixed;
  check('mmap', cMmap(address, bytes, Prot.readWrite, flags, -1, 0), `${bytes} bytes`);
}

/**
 * A shared mapping a second time, in place of what is mapped at `to` (mremap(2) with an old size of 0).
 * @throws OsError
 */
export function mapSharedAt(from: number, bytes: number, to: number): void {
  check('mremap', cSyscall(Call.mremap, from, 0, bytes, Remap.mayMove | Remap.fixed, to, 0), `${bytes} bytes`);
}

/** @throws OsError */
export function unmap(address: number, bytes: number): void {
  check('munmap', cMunmap(address, bytes));
}

/** @throws OsError */
export function protect(address: number, bytes: number, prot: Prot): void {
  check('mprotect', cMprotect(address, bytes, prot));
}

/** Give the memory behind anonymous pages back; they read as zero afterwards. @throws OsError */
export function discard(address: number, bytes: number): void {
  check('madvise', cMadvise(address, bytes, Advice.dontNeed));
}

/** Punch a hole into the file behind a shared writable mapping; it reads as zero afterwards. @throws OsError */
export function punchHole(address: number, bytes: number): void {
  check('madvise', cMadvise(address, bytes, Advice.remove));
}

function newMemoryFile(name: string): number {
  return check('memfd_create', cMemfdCreate(name, 1), 'Beamline needs memory files: the system must allow them');
}

/** A sparse memory file of `bytes` bytes, close-on-exec. @throws OsError */
export function memoryFile(name: string, bytes: number): number {
  const fd = newMemoryFile(name);
  if (cFtruncate(fd, bytes) === -1) {
    const error = new OsError('ftruncate', koffi.errno(), `${bytes} bytes`);
    cClose(fd);
    throw error;
  }
  return fd;
}

export function closeFile(fd: number): void {
  cClose(fd);
}

let heap: { malloc(bytes: Num): Num; free(address: Num): void } | undefined;

function nativeHeap(): NonNullable<typeof heap> {
  heap ??= {
    malloc: libc.func('intptr_t malloc(size_t)') as (bytes: Num) => Num,
    free: libc.func('void free(intptr_t)') as (address: Num) => void,
  };
  return heap;
}

/** A block of the C library's heap, which any thread can give back. @throws RangeError */
export function nativeMalloc(bytes: number): number {
  const address = nativeHeap().malloc(bytes);
  if (address === 0) throw new RangeError(`could not allocate ${bytes} bytes of native memory`);
  return address;
}

export function nativeFree(address: number): void {
  nativeHeap().free(address);
}

/** Makes a view, or undefined where the thread is ending. */
export type ViewMaker = (address: number, bytes: number) => ArrayBuffer | undefined;

let makeView: ViewMaker = (address, bytes) => koffi.view(BigInt(address), bytes);

/** From now on views of this thread are made this way. */
export function setViewMaker(maker: ViewMaker): void {
  makeView = maker;
}

/**
 * An ArrayBuffer over native memory. Whoever uses it keeps the memory mapped.
 * @throws Error in a worker that is being terminated
 */
export function nativeView(address: number, bytes: number): ArrayBuffer {
  const view = makeView(address, bytes);
  if (view === undefined) throw new Error('the thread is ending');
  return view;
}

/** True if `bytes` bytes at `address` can be read: the kernel looks, so that no wrong address can fault. */
export function isReadable(address: number, bytes: number): boolean {
  const fd = newMemoryFile('probe');
  const written = cWrite(fd, address, bytes);
  cClose(fd);
  return written === bytes;
}

/** True if `bytes` bytes at `address` can be written: the kernel writes what is there. */
export function isWritable(address: number, bytes: number): boolean {
  const fd = newMemoryFile('probe');
  const written = cWrite(fd, address, bytes) === bytes && cPread(fd, address, bytes, 0) === bytes;
  cClose(fd);
  return written;
}

/** Let a standard descriptor that was closed lead nowhere, so that no file takes its number. */
export function keepOpen(fd: number): void {
  try {
    fstatSync(fd);
  } catch {
    const opened = openSync('/dev/null', 'r+');
    // The lowest number that is free.
    if (opened > 2) closeSync(opened);
  }
}

export const enum PollEvent {
  read = 1,
  write = 4,
}

const pollRequest = new Int32Array(2);
const pollAddress = Number(koffi.address(pollRequest));

/** Wait until a descriptor is ready, or cannot become so any more (poll(2)); false after a signal. @throws OsError */
export function poll(fd: number, event: PollEvent): boolean {
  pollRequest[0] = fd;
  pollRequest[1] = event;
  if (cPoll(pollAddress, 1, -1) !== -1) return true;
  if (koffi.errno() !== koffi.os.errno['EINTR']) throw new OsError('poll', koffi.errno());
  return false;
}

/** sigaction(2) with addresses of glibc's struct sigaction, 0 for none. @throws OsError */
export function sigaction(signal: number, action: number, old: number): void {
  check('sigaction', cSigaction(signal, action, old), `signal ${signal}`);
}

/** sigaltstack(2) with the address of a stack_t. @throws OsError */
export function sigaltstack(stack: number): void {
  check('sigaltstack', cSigaltstack(stack, 0));
}

function syscall(number: Call, a = 0, b = 0, c = 0, d = 0): number {
  return cSyscall(number, a, b, c, d, 0, 0);
}

/** Kernel id of the calling thread. */
export function gettid(): number {
  return syscall(Call.gettid);
}

/** At most 256 bytes of the kernel's randomness. @throws OsError */
export function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  check('getrandom', syscall(Call.getrandom, Number(koffi.address(bytes)), count, 0));
  return bytes;
}

export function getpid(): number {
  return syscall(Call.getpid);
}

/** Send a signal to a thread of this process; signal 0 only asks. Returns false if there is no such thread. */
export function tgkill(tid: number, signal: number): boolean {
  return syscall(Call.tgkill, getpid(), tid, signal) === 0;
}

export const enum Clock {
  monotonic = 1,
  /** Processor time of the calling thread. */
  threadTime = 3,
}

/** A POSIX timer; `event` is the address of a sigevent, `id` of an int. @throws OsError */
export function timerCreate(clock: Clock, event: number, id: number): void {
  check('timer_create', syscall(Call.timerCreate, clock, event, id));
}

export function timerDelete(timer: number): void {
  syscall(Call.timerDelete, timer);
}

const enum Membarrier {
  privateExpeditedSyncCore = 32,
  registerPrivateExpeditedSyncCore = 64,
}

let synchronizes: boolean | undefined;

/**
 * Make every thread of the process see code memory as it is now (membarrier SYNC_CORE).
 * Returns false if the kernel does not offer it.
 */
export function synchronizeCores(): boolean {
  synchronizes ??= syscall(Call.membarrier, Membarrier.registerPrivateExpeditedSyncCore) === 0;
  return synchronizes && syscall(Call.membarrier, Membarrier.privateExpeditedSyncCore) === 0;
}

const getrlimit = libc.func('int getrlimit(int, void *)') as (resource: Num, limit: BigUint64Array) => Num;

/** The most address space that the process may have, in bytes (RLIMIT_AS); Infinity if there is no limit. */
export function addressSpaceLimit(): number {
  const limit = new BigUint64Array(2);
  check('getrlimit', getrlimit(resourceAddressSpace, limit));
  return limit[0] === unlimited ? Infinity : Number(limit[0]);
}

/**
 * Guard pages are not taken unless they are asked for: one memory has up to 10 GiB of them, and whoever limits a process wants
 * more than a few memories in it.
 */
export function isAddressSpaceScarce(): boolean {
  return addressSpaceLimit() < scarce;
}

const scarce = 1024 ** 4;
const resourceAddressSpace = 9;
const unlimited = 2n ** 64n - 1n;

const self = koffi.load(null);

/** Address of a function that the process exports; undefined if there is none of this name. */
export function findSymbol(name: string): number | undefined {
  try {
    return Number(self.symbol(name));
  } catch {
    return undefined;
  }
}

/** A function that the process exports, by koffi's prototype of it; undefined if there is none of this name. */
export function nativeImport(name: string, prototype: string): ((...args: never[]) => number) | undefined {
  return findSymbol(name) === undefined ? undefined : (self.func(prototype) as (...args: never[]) => number);
}

/** Write all bytes at the begin of a file. @throws OsError */
export function writeFile(fd: number, bytes: Uint8Array): void {
  const written = check('write', cWrite(fd, Number(koffi.address(bytes)), bytes.length));
  if (written !== bytes.length) throw new OsError('write', 0, `${written} of ${bytes.length} bytes`);
}

/** A native `void f(void)` at this address; `koffi.decode` of it takes about 3 us. */
export function nativeFunction(address: number): () => void {
  return koffi.decode(BigInt(address), voidFunction) as () => void;
}

const voidFunction = koffi.proto('void', []);

/** A native function pointer that calls `fn`. Must not be called while another native call of koffi is active. */
export function registerCallback(fn: () => void): number {
  return Number(koffi.register(fn, koffi.pointer(voidFunction)));
}
