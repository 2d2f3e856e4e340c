/** Linear memories: the state that instances share, and the class `WebAssembly.Memory`. */

import { v8 } from '../v8.js';
import type { MemoryConstructor, Memory as V8Object } from './api-types.js';
import { isObject, limits, toIndex } from './convert.js';
import type { EngineState } from './engine-state.js';
import { MemoryRecord } from './layout.js';
import { maxPages, pageBytes } from './memory-limits.js';
import { MappedStorage } from './memory-mmap.js';
import {
  isV8Memory,
  type MemoryStorage,
  V8Memory,
  V8Storage,
  v8Buffer,
  v8Grow,
  v8MemoriesAreReserved,
} from './memory-storage.js';
import type { NativeBlock } from './native-heap.js';
import { brand, type Constructor, constructAs, finishClass, platformObject } from './shape.js';
import { releaseWith } from './store-group.js';

/** One memory: storage, native record, JS object. */
export class MemoryState {
  readonly engine: EngineState;
  readonly storage: MemoryStorage;
  readonly record: NativeBlock;
  readonly maximum: number | undefined;
  /** The JS object: exported memories keep their identity. */
  readonly object: object;
  readonly #limit: number;

  constructor(engine: EngineState, storage: MemoryStorage, maximum: number | undefined, object: object) {
    const heap = engine.heap;
    const record = heap.allocate(MemoryRecord.size);
    releaseWith(this, () => heap.free(record));
    this.record = record;
    this.engine = engine;
    this.storage = storage;
    this.maximum = maximum;
    this.object = object;
    this.#limit = Math.min(maximum ?? maxPages, engine.options.limits.memoryPages);
    record.setPointer(MemoryRecord.base, storage.base);
    record.setU32(MemoryRecord.id, engine.nextMemoryId());
    this.refresh();
  }

  get pages(): number {
    return this.storage.byteLength / pageBytes;
  }

  /** Bring the length in the native record up to date. */
  refresh(): void {
    this.record.setPointer(MemoryRecord.byteLength, this.storage.byteLength);
  }

  /** Grow by `delta` pages. Returns the previous number of pages, or -1 if it cannot grow so far. */
  grow(delta: number): number {
    const previous = this.pages;
    if (previous + delta > this.#limit || !this.storage.grow(delta)) return -1;
    this.refresh();
    return previous;
  }
}

const memories = brand<MemoryState>();
/** Shared memories: V8's do all the work. */
const shared = brand<V8Object>();

/** The class `WebAssembly.Memory` of an engine, and what the engine needs of it. */
export interface MemoryClass {
  readonly Memory: MemoryConstructor;
  /** A memory that a module declares. @throws RangeError if it cannot be allocated. */
  create(initial: number, maximum: number | undefined): MemoryState;
  /** The state behind a memory object, also behind one of V8's or of another engine; undefined if it is none. */
  stateOf(value: unknown): MemoryState | undefined;
}

export function defineMemory(engine: EngineState): MemoryClass {
  const who = 'WebAssembly.Memory()';
  const adopted = new WeakMap<object, MemoryState>();

  function make(initial: number, maximum: number | undefined, target: Constructor): MemoryState {
    try {
      if (initial > engine.options.limits.memoryPages) throw new RangeError('above the limit');
      if (engine.memoryKind() === 'v8') {
        const descriptor = maximum === undefined ? { initial } : { initial, maximum };
        const object = constructAs(V8Memory, [descriptor], target, Memory) as V8Object;
        return memories.stamp(object, new MemoryState(engine, new V8Storage(object), maximum, object));
      }
      const object = platformObject(target, Memory);
      return memories.stamp(object, new MemoryState(engine, new MappedStorage(initial), maximum, object));
    } catch (error) {
      if (error instanceof RangeError) throw new RangeError(`${who}: could not allocate memory`, { cause: error });
      throw error;
    }
  }

  /** A memory for JS, with a SharedArrayBuffer. Modules cannot declare shared memories yet, so none imports it. */
  function makeShared(initial: number, maximum: number, target: Constructor): object {
    if (initial > engine.options.limits.memoryPages) throw new RangeError(`${who}: could not allocate memory`);
    try {
      const object = constructAs(V8Memory, [{ initial, maximum, shared: true }], target, Memory);
      shared.stamp(object, object as V8Object);
      return object;
    } catch (error) {
      if (error instanceof RangeError) throw new RangeError(`${who}: could not allocate memory`, { cause: error });
      throw error;
    }
  }

  function adopt(memory: object): MemoryState | undefined {
    const known = adopted.get(memory);
    if (known !== undefined) return known;
    let state: MemoryState | undefined;
    const other = memories.get(memory);
    if (other !== undefined) {
      state = new MemoryState(engine, other.storage, other.maximum, memory);
    } else if (isV8Memory(memory) && memory.buffer instanceof ArrayBuffer && v8MemoriesAreReserved()) {
      state = new MemoryState(engine, new V8Storage(memory), v8Maximum(memory), memory);
    }
    if (state === undefined) return undefined;
    adopted.set(memory, state);
    engine.foreignMemories.push(new WeakRef(state));
    engine.quickGroup = undefined;
    return state;
  }

  function own(value: unknown, what: string): MemoryState {
    const state = memories.get(value);
    if (state === undefined) throw new TypeError(`${what}: Receiver is not a WebAssembly.Memory`);
    return state;
  }

  class Memory {
    constructor(descriptor: unknown) {
      if (!isObject(descriptor)) throw new TypeError(`${who}: Argument 0 must be a memory descriptor`);
      const { initial, maximum } = limits(descriptor, who, maxPages, maxPages);
      if ((descriptor as { shared?: unknown }).shared) {
        if (maximum === undefined) {
          throw new TypeError(`${who}: If shared is true, maximum property should be defined.`);
        }
        // biome-ignore lint/correctness/noConstructorReturn: the object is one of V8's memories.
        return makeShared(initial, maximum, new.target) as Memory;
      }
      // biome-ignore lint/correctness/noConstructorReturn: the object is one of V8's memories.
      return make(initial, maximum, new.target).object as Memory;
    }

    grow(delta: unknown): number {
      const what = 'WebAssembly.Memory.grow()';
      const isShared = shared.get(this);
      if (isShared !== undefined) {
        const added = toIndex(delta, `${what}: Argument 0`);
        const before = v8Grow(isShared, added);
        if (before < 0) throw new RangeError(`${what}: Maximum memory size exceeded`);
        return before;
      }
      const state = own(this, what);
      const pages = toIndex(delta, `${what}: Argument 0`);
      const previous = state.grow(pages);
      if (previous < 0) throw new RangeError(`${what}: Maximum memory size exceeded`);
      return previous;
    }

    get buffer(): ArrayBuffer {
      const isShared = shared.get(this);
      if (isShared !== undefined) return v8Buffer(isShared);
      const state = own(this, 'WebAssembly.Memory.buffer');
      const buffer = state.storage.buffer;
      state.record.setPointer(MemoryRecord.byteLength, buffer.byteLength);
      return buffer;
    }
  }
  finishClass(Memory, 'WebAssembly.Memory', 1);

  return {
    Memory: Memory as unknown as MemoryConstructor,
    create: (initial, maximum) => make(initial, maximum, Memory),
    stateOf: (value) => {
      if (!isObject(value)) return undefined;
      const state = memories.get(value);
      if (state !== undefined && state.engine === engine) return state;
      return adopt(value);
    },
  };
}

/**
 * The declared maximum of one of V8's memories: there is no accessor, but a module that imports the memory with a
 * maximum too small for it fails to link. Found by bisection, as one module per question costs microseconds.
 */
function v8Maximum(memory: V8Object): number | undefined {
  if (!v8Accepts(memory, maxPages)) return undefined;
  let low = memory.buffer.byteLength / pageBytes;
  let high = maxPages;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (v8Accepts(memory, middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** True if V8 links `memory` to `(import "" "" (memory 0 maximum))`. */
function v8Accepts(memory: V8Object, maximum: number): boolean {
  const leb = [(maximum & 127) | 128, ((maximum >>> 7) & 127) | 128, maximum >>> 14];
  const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 2, 9, 1, 0, 0, 2, 1, 0, ...leb];
  try {
    new v8.Instance(new v8.Module(new Uint8Array(bytes)), { '': { '': memory } });
    return true;
  } catch {
    return false;
  }
}
