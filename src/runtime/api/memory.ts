/** Linear memories: the state that instances share, and the class `WebAssembly.Memory`. */

import type { MemoryType } from '../../stream/module.js';
import { BigInt, bare, Function, isolate, Math, Object, Reflect, WeakMap } from '../../support/primordials.js';
import { maxPages, pageBytes } from '../store/memory-limits.js';
import { MappedStorage } from '../store/memory-mmap.js';
import type { MemoryStorage } from '../store/memory-storage.js';
import { isSharedMemory, isV8Memory, V8Storage, v8Maximum, v8Memories, v8Memory } from '../store/memory-v8.js';
import type { NativeBlock } from '../store/native-heap.js';
import type { GroupMemory, Watch } from '../store/store-group.js';
import type { MemoryConstructor, Memory as V8Object } from '../webidl/api-types.js';
import { isObject, isWide, limits, toIndex, toWideIndex, wideLimits } from '../webidl/convert.js';
import { brand, type Constructor, constructAs, finishClass, platformObject } from '../webidl/shape.js';
import type { EngineState } from './engine-state.js';

/** One memory as one engine knows it: storage, JS object. */
export class MemoryState implements GroupMemory {
  static {
    isolate(this);
  }

  readonly engine: EngineState;
  readonly storage: MemoryStorage;
  readonly maximum: number | undefined;
  /** Its addresses have 64 bits. */
  readonly is64: boolean;
  /** Bytes of one of its pages: 1 or 64 KiB. */
  readonly unit: number;
  /** The JS object: exported memories keep their identity. */
  readonly object: object;
  readonly #limit: number;

  constructor(
    engine: EngineState,
    storage: MemoryStorage,
    maximum: number | undefined,
    is64: boolean,
    object: object,
    unit = pageBytes,
  ) {
    this.engine = engine;
    this.storage = storage;
    this.maximum = maximum;
    this.is64 = is64;
    this.unit = unit;
    this.object = object;
    const most = (engine.options.limits.memoryPages * pageBytes) / unit;
    this.#limit = Math.min(maximum ?? most, most);
  }

  get pages(): number {
    return this.storage.byteLength / this.unit;
  }

  get base(): number {
    return this.storage.base;
  }

  get watch(): Watch {
    return this.storage.watch;
  }

  /** Bring base and length up to date. */
  refresh(): void {
    this.storage.refresh();
  }

  /** Grow by `delta` pages. Returns the previous number of pages, or -1 if it cannot grow so far. */
  grow(delta: number): number {
    // The instruction that was interrupted has the base in a register.
    if (this.engine.isPolling) return -1;
    this.refresh();
    return this.pages + delta <= this.#limit ? this.storage.grow(delta) : -1;
  }

  /**
   * The instance with this context has it.
   * @param fields where: see `ContextLayout.memory`
   */
  link(context: NativeBlock, fields: number): void {
    this.refresh();
    this.storage.link(context, fields);
  }
}

/** Pages that a memory with 64-bit addresses can declare as its maximum. */
const mostPages64 = 2 ** 48;

const memories = brand<MemoryState>();

/** The class `WebAssembly.Memory` of an engine, and what the engine needs of it. */
export interface MemoryClass {
  readonly Memory: MemoryConstructor;
  /** A memory that a module declares. @throws RangeError if it cannot be allocated. */
  create(type: MemoryType): MemoryState;
  /** The state behind a memory object, also behind one of V8's or of another engine; or why it cannot be linked. */
  stateOf(value: unknown): MemoryState | string;
}

const hasInstanceKey: typeof Symbol.hasInstance = Symbol.hasInstance;
const ordinaryHasInstance = Function.prototype[hasInstanceKey];

function isSharedV8Memory(value: unknown): value is V8Object {
  return isObject(value) && isV8Memory(value) && isSharedMemory(value);
}

/**
 * A shared memory is one of V8's, whatever storage others have: its waiters are there, and messages carry it. What threads grow is
 * found by guard pages only.
 * @throws Error if V8 has none
 */
function checkSharing(engine: EngineState): void {
  if (v8Memories() === 'guarded') return;
  const { storage, bounds } = engine.memoryPlan;
  throw new Error(
    `a shared memory must be one of V8's with guard pages, which this process does not have (storage ${storage}, bounds ${bounds})`,
  );
}

export function defineMemory(engine: EngineState): MemoryClass {
  const who = 'WebAssembly.Memory()';
  const noMemory = 'memory import must be a WebAssembly.Memory object';
  const adopted = new WeakMap<object, MemoryState>();

  function make({ initial, maximum, shared, is64, bytePages }: MemoryType, target: Constructor): MemoryState {
    try {
      const unit = bytePages ? 1 : pageBytes;
      const most = engine.options.limits.memoryPages * pageBytes;
      if (initial * unit > most) throw new RangeError('above the limit');
      const { storage, bounds } = engine.memoryPlan;
      if (!is64 && !bytePages && (storage === 'v8' || shared)) {
        if (shared) checkSharing(engine);
        const descriptor = bare(maximum === undefined ? { initial } : { initial, maximum, shared });
        const object = constructAs(v8Memory(), [descriptor], target, Memory) as V8Object;
        const place = V8Storage.of(engine.heap, object, shared ? maximum : undefined);
        return memories.stamp(object, new MemoryState(engine, place, maximum, false, object));
      }
      const object = platformObject(target, Memory);
      const limit = Math.min((maximum ?? most) * unit, most);
      return memories.stamp(
        object,
        new MemoryState(
          engine,
          // Guard pages cannot begin at any byte: code compares.
          new MappedStorage(engine.heap, initial * unit, limit, bounds === 'guard' && !bytePages, unit),
          maximum,
          is64,
          object,
          unit,
        ),
      );
    } catch (error) {
      if (error instanceof RangeError) throw new RangeError(`${who}: could not allocate memory`, { cause: error });
      throw error;
    }
  }

  function adopt(memory: object): MemoryState | string {
    const known = adopted.get(memory);
    if (known !== undefined) return known;
    let state: MemoryState;
    const other = memories.get(memory);
    if (other !== undefined)
      state = new MemoryState(engine, other.storage, other.maximum, other.is64, memory, other.unit);
    else if (isV8Memory(memory)) {
      try {
        state = new MemoryState(engine, V8Storage.adopt(engine.heap, memory), v8Maximum(memory), false, memory);
      } catch (error) {
        return (error as Error).message;
      }
    } else return noMemory;
    adopted.set(memory, state);
    return state;
  }

  /** Shared memories that come from another thread are V8's: here they are this engine's. */
  function own(value: unknown, what: string): MemoryState {
    let state = memories.get(value);
    if (state === undefined && isSharedV8Memory(value)) {
      const adoptedState = adopt(value);
      if (typeof adoptedState !== 'string') state = adoptedState;
    }
    if (state === undefined) throw new TypeError(`${what}: Receiver is not a WebAssembly.Memory`);
    return state;
  }

  class Memory {
    constructor(descriptor: unknown) {
      if (!isObject(descriptor)) throw new TypeError(`${who}: Argument 0 must be a memory descriptor`);
      const is64 = isWide(descriptor, who);
      const { initial, maximum } = is64
        ? wideLimits(descriptor, who, maxPages, mostPages64)
        : limits(descriptor, who, maxPages, maxPages);
      const shared = !!(descriptor as { shared?: unknown }).shared;
      if (shared && maximum === undefined) {
        throw new TypeError(`${who}: If shared is true, maximum property should be defined.`);
      }
      if (shared && is64) throw new TypeError(`${who}: shared memories with 64-bit addresses are not supported yet`);
      // biome-ignore lint/correctness/noConstructorReturn: the object is one of V8's memories.
      return make({ initial, maximum, shared, is64, bytePages: false }, new.target).object as Memory;
    }

    grow(delta: unknown): number | bigint {
      const what = 'WebAssembly.Memory.grow()';
      const state = own(this, what);
      const pages = state.is64 ? toWideIndex(delta, `${what}: Argument 0`) : toIndex(delta, `${what}: Argument 0`);
      const previous = state.grow(pages);
      if (previous < 0) throw new RangeError(`${what}: Maximum memory size exceeded`);
      return state.is64 ? BigInt(previous) : previous;
    }

    get buffer(): ArrayBuffer {
      return own(this, 'WebAssembly.Memory.buffer').storage.buffer;
    }
  }
  finishClass(Memory, 'WebAssembly.Memory', 1);
  const { [hasInstanceKey]: hasInstance } = {
    /** What came from another thread has V8's prototype. Subclasses inherit this. */
    [hasInstanceKey](this: unknown, value: unknown): boolean {
      const isOwn = typeof this === 'function' && this.prototype === Memory.prototype;
      return (isOwn && isSharedV8Memory(value)) || Reflect.apply(ordinaryHasInstance, this, [value]);
    },
  };
  Object.defineProperty(Memory, hasInstanceKey, bare({ value: hasInstance, configurable: true }));

  return {
    Memory: Memory as unknown as MemoryConstructor,
    create: (type) => make(type, Memory),
    stateOf: (value) => {
      if (!isObject(value)) return noMemory;
      const state = memories.get(value);
      if (state !== undefined && state.engine === engine) return state;
      return adopt(value);
    },
  };
}
