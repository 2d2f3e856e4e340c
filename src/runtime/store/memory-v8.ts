/**
 * Linear memories that are stored in V8's `WebAssembly.Memory`: V8 reserves the address space, grows and detaches by
 * itself. Anybody who has V8's own functions can grow one (a module on V8, another realm, another engine), and V8 moves it if
 * it cannot grow in place but can after a collection (Node 20 under RLIMIT_DATA), or if nothing is reserved behind it.
 */

import { types } from 'node:util';
import {
  bare,
  byteLengthOf,
  isResizable,
  match,
  sharedByteLengthOf,
  Uint8Array,
  WeakMap,
} from '../../support/primordials.js';
import { bufferOf, growBuffer, v8 } from '../../support/v8.js';
import { attend } from '../machine/calls/pause.js';
import { Mappings } from '../machine/mappings.js';
import { addressOf } from '../machine/native-memory.js';
import type { Memory, MemoryConstructor } from '../webidl/api-types.js';
import { maxPages, pageBytes } from './memory-limits.js';
import { MemoryStorage } from './memory-storage.js';
import type { NativeHeap } from './native-heap.js';
import { restless } from './store-group.js';

/** V8's class with the interface that JS sees; undefined where V8 has no WebAssembly (`--jitless`). */
const OwnMemory = v8?.Memory as unknown as MemoryConstructor | undefined;

/** V8's class of memories. @throws Error where V8 has no WebAssembly */
export function v8Memory(): MemoryConstructor {
  if (OwnMemory !== undefined) return OwnMemory;
  throw new Error("V8 has no WebAssembly in this process (--jitless): use memory: 'mmap'");
}

/** The buffer of one of V8's memories. @throws TypeError if it is none */
export function v8Buffer(memory: unknown): ArrayBuffer {
  return bufferOf(memory);
}

/** Grow one of V8's memories; returns the previous number of pages, or -1 if it cannot grow so far. */
export function v8Grow(memory: Memory, delta: number): number {
  try {
    return growBuffer(memory, delta);
  } catch (error) {
    if (error instanceof RangeError) return -1;
    throw error;
  }
}

/** True for a WebAssembly.Memory of V8 (also of another realm, also with another prototype). */
export function isV8Memory(value: unknown): value is Memory {
  try {
    v8Buffer(value);
    return true;
  } catch {
    return false;
  }
}

function lengthOf(buffer: ArrayBufferLike): number {
  return types.isSharedArrayBuffer(buffer) ? sharedByteLengthOf(buffer) : byteLengthOf(buffer);
}

function addressIn(buffer: ArrayBufferLike): number {
  return addressOf(types.isSharedArrayBuffer(buffer) ? new Uint8Array(buffer) : buffer);
}

/** True if it is a shared one. */
export function isSharedMemory(memory: Memory): boolean {
  return types.isSharedArrayBuffer(v8Buffer(memory));
}

/** One per memory: all engines of the thread share it. */
const storages = new WeakMap<Memory, V8Storage>();

export class V8Storage extends MemoryStorage {
  readonly isGuarded: boolean;
  readonly isShared: boolean;
  readonly #memory: Memory;
  /** Bytes that a shared memory can have: V8 has reserved them. */
  readonly #most: number;
  #buffer: ArrayBuffer | undefined;

  /** @param maximum in pages, of a shared memory */
  private constructor(heap: NativeHeap, memory: Memory, isGuarded: boolean, maximum: number | undefined) {
    super(heap);
    this.#memory = memory;
    this.isShared = maximum !== undefined;
    this.#most = (maximum ?? 0) * pageBytes;
    this.isGuarded = isGuarded;
    this.refresh();
    storages.set(memory, this);
  }

  /**
   * The storage of a memory that this engine, or another one, has made.
   * @param sharedMaximum in pages, of a shared memory
   */
  static of(heap: NativeHeap, memory: Memory, sharedMaximum?: number): V8Storage {
    return storages.get(memory) ?? new V8Storage(heap, memory, v8Memories() === 'guarded', sharedMaximum);
  }

  /**
   * The storage of a memory of V8 that no engine has made.
   * @throws Error with V8's words if V8 itself would not link it as a memory with 32-bit addresses
   */
  static adopt(heap: NativeHeap, memory: Memory): V8Storage {
    const known = storages.get(memory);
    if (known !== undefined) return known;
    const isGuarded = isReserved(v8Buffer(memory));
    // Not V8's memory with 32-bit addresses, then; V8 in Node 20 aborts the process when it links such a one.
    if (v8Memories() === 'guarded' && !isGuarded) throw new Error('cannot import memory64 as memory32');
    if (isSharedMemory(memory)) {
      if (v8LinkProblem(memory, maxPages) !== undefined) throw new Error('cannot import memory64 as memory32');
      return new V8Storage(heap, memory, isGuarded, v8Maximum(memory));
    }
    const problem = v8LinkProblem(memory);
    if (problem !== undefined) throw new Error(problem);
    return new V8Storage(heap, memory, isGuarded, undefined);
  }

  get buffer(): ArrayBuffer {
    return v8Buffer(this.#memory);
  }

  protected override get reach(): number {
    return this.isShared ? this.#most : this.byteLength;
  }

  grow(delta: number): number {
    const previous = v8Grow(this.#memory, delta);
    // Also if it failed: V8 may have collected garbage, and run who knows what.
    this.refresh();
    return previous;
  }

  refresh(): void {
    // A thread that grows a shared memory asks all others to take a new buffer.
    if (this.isShared) attend(2);
    const buffer = v8Buffer(this.#memory);
    const byteLength = lengthOf(buffer);
    if (buffer === this.#buffer && byteLength === this.byteLength) return;
    this.#buffer = buffer;
    this.place(addressIn(buffer), byteLength);
    // Nothing but `place` has to learn how long a shared memory is: whoever asks refreshes it.
    if (this.isShared) return;
    // A resizable buffer grows without being detached.
    const isSteady = byteLength > 0 && !isResizable(buffer);
    this.watch = isSteady ? new Uint8Array(buffer, 0, 1) : restless;
  }
}

/**
 * The declared maximum of one of V8's memories: there is no accessor, but a module that imports the memory with a
 * maximum too small for it fails to link. Found by bisection, as one module per question costs microseconds.
 */
export function v8Maximum(memory: Memory): number | undefined {
  if (v8LinkProblem(memory, maxPages) !== undefined) return undefined;
  let low = lengthOf(v8Buffer(memory)) / pageBytes;
  let high = maxPages;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (v8LinkProblem(memory, middle) === undefined) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What V8 says against linking `memory` to `(import "" "" (memory 0 maximum))`. */
function v8LinkProblem(memory: Memory, maximum?: number): string | undefined {
  const { Module, Instance } = v8 as NonNullable<typeof v8>;
  const max = maximum ?? 0;
  const bytes =
    maximum === undefined
      ? Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 2, 6, 1, 0, 0, 2, 0, 0)
      : // biome-ignore format: the bytes of a module
        Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 2, 9, 1, 0, 0, 2, isSharedMemory(memory) ? 3 : 1, 0,
          (max & 127) | 128, ((max >>> 7) & 127) | 128, max >>> 14);
  try {
    new Instance(new Module(bytes), bare({ '': bare({ '': memory }) }));
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    return match(/^(?:WebAssembly\.Instance\(\): (?:Import #0 "" "": )?)?(.*)$/s, `${message}`)?.[1] ?? '';
  }
}

/** What V8's memories are in this process: looked up once. */
export type V8Memories = 'guarded' | 'unguarded' | 'none';

let found: V8Memories | undefined;
/** V8 guards the space before a memory, too. */
let isGuardedBelow = false;

/**
 * `guarded`: everything that a 32-bit access can reach is reserved and inaccessible behind the length, as code without
 * bounds checks wants it. `unguarded`: V8 runs without its trap handler, or nobody can tell. `none`: V8 cannot make a
 * memory (no address space, no WebAssembly).
 */
export function v8Memories(): V8Memories {
  found ??= probe();
  return found;
}

function probe(): V8Memories {
  if (OwnMemory === undefined) return 'none';
  let memory: Memory;
  try {
    memory = new OwnMemory({ initial: 1 });
  } catch (error) {
    if (error instanceof RangeError) return 'none';
    throw error;
  }
  const buffer = v8Buffer(memory);
  const maps = new Mappings();
  if (!isReserved(buffer, maps)) return 'unguarded';
  isGuardedBelow = maps.isInaccessible(addressIn(buffer) - guardBelow, addressIn(buffer));
  return 'guarded';
}

const guardBelow = 2 * 1024 ** 3;
const guardAbove = 2 * maxPages * pageBytes;

/** True if the memory with this buffer has everything reserved around it that V8 reserves for 32-bit memories. */
export function isReserved(buffer: ArrayBuffer, maps: Mappings = new Mappings()): boolean {
  const base = addressIn(buffer);
  // Another thread may be growing a shared one.
  const end = base + (types.isSharedArrayBuffer(buffer) ? maxPages * pageBytes : lengthOf(buffer));
  return (
    maps.isInaccessible(end, base + guardAbove) && (!isGuardedBelow || maps.isInaccessible(base - guardBelow, base))
  );
}
