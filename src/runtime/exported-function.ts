/**
 * Functions as JS sees them. A WasmFunction stands for one function record; its callable is the "Exported Function"
 * of the standard, made when first asked for and the same object ever after.
 *
 * The call path, in about 25 ns: arguments go to `Thread.buffer` through typed arrays, one call of the machine's
 * `void()` entry, results come back the same way. When all arguments are numbers (or BigInts for i64) they are written
 * at once; otherwise all are converted before the first is written, because conversions run JS code that can call wasm.
 */
import { ValType } from '../stream/types.js';
import type { EngineState, EngineStoreGroup } from './engine-state.js';
import { Context, FunctionRecord, Thread } from './layout.js';
import { brand } from './shape.js';
import type { Signature } from './signature.js';

// Indices of argument and result 0 in the thread record's typed arrays; each takes 16 bytes.
export const buffer4: number = Thread.buffer >>> 2;
export const buffer8: number = Thread.buffer >>> 3;

export type Callable = (...args: unknown[]) => unknown;

/** What stands behind one function record. */
export class WasmFunction {
  readonly engine: EngineState;
  /** The group that owns the record. */
  readonly group: EngineStoreGroup;
  /** Address of the function record. */
  readonly record: number;
  readonly signature: Signature;
  /** Function index in the module that defines or imports it: the callable's name. */
  readonly index: number;
  #callable: Callable | undefined;
  #entry: (() => void) | undefined;

  constructor(engine: EngineState, group: EngineStoreGroup, record: number, signature: Signature, index: number) {
    this.engine = engine;
    this.group = group;
    this.record = record;
    this.signature = signature;
    this.index = index;
  }

  /** The exported function: always the same object. */
  get callable(): Callable {
    this.#callable ??= makeCallable(this);
    return this.#callable;
  }

  /**
   * Run the function with the arguments that are in the thread's buffer.
   * @throws what the function's trap or a host function throws.
   */
  run(): void {
    const engine = this.engine;
    const previous = engine.activeGroup;
    const entry = this.#entry ?? this.#prepare();
    engine.activeGroup = this.group;
    if (engine.foreignMemories.length > 0) engine.refreshForeignMemories();
    try {
      entry();
    } finally {
      engine.activeGroup = previous;
    }
    if (engine.thread.u32[trapCodeIndex] !== 0) throw engine.takeTrapError(this.callable);
  }

  #prepare(): () => void {
    const { machine } = this.engine;
    const entry = machine.entry(this.record, this.signature);
    this.#entry = entry;
    this.group.onRelease(() => machine.releaseEntry(entry));
    return entry;
  }
}

const trapCodeIndex = Thread.trapCode >>> 2;

const functions = brand<WasmFunction>();

/** The function behind an exported function of this engine, else undefined. */
export function wasmFunctionOf(engine: EngineState, value: unknown): WasmFunction | undefined {
  if (typeof value !== 'function') return undefined;
  const found = functions.get(value);
  return found?.engine === engine ? found : undefined;
}

/**
 * The function behind an exported function of this engine.
 * @throws TypeError `${what}function-typed object must be ...${end}` if the value is none.
 */
export function requireFunction(engine: EngineState, value: unknown, what: string, end: string): WasmFunction {
  const found = wasmFunctionOf(engine, value);
  if (found !== undefined) return found;
  throw new TypeError(`${what}function-typed object must be null (if nullable) or a Wasm function object${end}`);
}

/** What stands behind the function record at this address, which `group` can reach. */
export function resolveRecord(engine: EngineState, group: EngineStoreGroup, record: number): WasmFunction {
  const heap = engine.heap;
  const hostId = heap.readU32(record + FunctionRecord.hostId) | 0;
  if (hostId >= 0) return group.host(hostId).asFunction();
  const context = heap.readPointer(record + FunctionRecord.context);
  const instance = group.instance(heap.readU32(context + Context.instanceId));
  return instance.functionAt(heap.readU32(record + FunctionRecord.index));
}

/** The JS value of a funcref: the exported function or null. */
export function functionOf(engine: EngineState, group: EngineStoreGroup, record: number): Callable | null {
  return record === 0 ? null : resolveRecord(engine, group, record).callable;
}

/** Convert one value ("ToWebAssemblyValue"): a number, a BigInt, or for references the address of a record. */
export function toWasm(engine: EngineState, group: EngineStoreGroup, type: ValType, value: unknown): number | bigint {
  switch (type) {
    case ValType.i32:
    case ValType.f32:
    case ValType.f64:
      return +(value as number);
    case ValType.i64:
      return BigInt.asIntN(64, value as bigint);
    default: {
      if (value === null) return 0;
      const target = wasmFunctionOf(engine, value);
      if (target === undefined) throw new TypeError('type incompatibility when transforming from/to JS');
      // The callee can store the reference where its own group will find it.
      group.merge(target.group);
      return target.record;
    }
  }
}

/** Write a converted value as argument or result `position`. */
export function writeValue(engine: EngineState, position: number, type: ValType, value: number | bigint): void {
  const thread = engine.thread;
  switch (type) {
    case ValType.i32:
      thread.i32[buffer4 + 4 * position] = value as number;
      break;
    case ValType.f32:
      thread.f32[buffer4 + 4 * position] = value as number;
      break;
    case ValType.f64:
      thread.f64[buffer8 + 2 * position] = value as number;
      break;
    case ValType.i64:
      thread.i64[buffer8 + 2 * position] = value as bigint;
      break;
    default:
      thread.u32[buffer4 + 4 * position] = (value as number) >>> 0;
      thread.u32[buffer4 + 4 * position + 1] = Math.floor((value as number) / 4294967296);
  }
}

/** The JS value ("ToJSValue") of argument or result `position`. */
export function readValue(engine: EngineState, group: EngineStoreGroup, position: number, type: ValType): unknown {
  const thread = engine.thread;
  switch (type) {
    case ValType.i32:
      return thread.i32[buffer4 + 4 * position];
    case ValType.f64:
      return thread.f64[buffer8 + 2 * position];
    case ValType.f32:
      return thread.f32[buffer4 + 4 * position];
    case ValType.i64:
      return thread.i64[buffer8 + 2 * position];
    default: {
      const at = buffer4 + 4 * position;
      const record = (thread.u32[at] as number) + (thread.u32[at + 1] as number) * 4294967296;
      return functionOf(engine, group, record);
    }
  }
}

/** All arguments converted, then all written: conversions can call wasm, which uses the same buffer. */
function convertAndWrite(target: WasmFunction, args: readonly unknown[]): void {
  const { engine, group } = target;
  const params = target.signature.params;
  const values = new Array<number | bigint>(params.length);
  for (let i = 0; i < params.length; i++) values[i] = toWasm(engine, group, params[i] as ValType, args[i]);
  for (let i = 0; i < params.length; i++) writeValue(engine, i, params[i] as ValType, values[i] as number);
}

/** The results of the call that just returned: undefined, a value, or an array. */
function readResults(target: WasmFunction): unknown {
  const { engine, group } = target;
  const results = target.signature.results;
  if (results.length === 0) return undefined;
  if (results.length === 1) return readValue(engine, group, 0, results[0] as ValType);
  const values: unknown[] = new Array(results.length);
  for (let i = 0; i < results.length; i++) values[i] = readValue(engine, group, i, results[i] as ValType);
  return values;
}

/** True if a value of this type can be written without conversion when it is a number. */
function isNumeric(type: number | undefined): boolean {
  return type === ValType.i32 || type === ValType.f64 || type === ValType.f32;
}

/**
 * Arrow functions, because exported functions are no constructors. One shape per arity: V8 optimises each once for all
 * functions of that arity.
 */
function makeCallable(target: WasmFunction): Callable {
  const { engine, group, signature } = target;
  const { params, results } = signature;
  const arity = params.length;
  const allNumeric = params.every(isNumeric);
  const t0 = (params[0] ?? 0) as ValType;
  const t1 = (params[1] ?? 0) as ValType;
  const t2 = (params[2] ?? 0) as ValType;
  const result = (results.length === 1 ? results[0] : 0) as ValType;
  let callable: Callable;
  if (arity === 0) {
    callable = () => {
      target.run();
      return result === 0 ? readResults(target) : readValue(engine, group, 0, result);
    };
  } else if (arity === 1 && allNumeric) {
    callable = (a: unknown) => {
      if (typeof a === 'number') writeValue(engine, 0, t0, a);
      else convertAndWrite(target, [a]);
      target.run();
      return result === 0 ? readResults(target) : readValue(engine, group, 0, result);
    };
  } else if (arity === 2 && allNumeric) {
    callable = (a: unknown, b: unknown) => {
      if (typeof a === 'number' && typeof b === 'number') {
        writeValue(engine, 0, t0, a);
        writeValue(engine, 1, t1, b);
      } else convertAndWrite(target, [a, b]);
      target.run();
      return result === 0 ? readResults(target) : readValue(engine, group, 0, result);
    };
  } else if (arity === 3 && allNumeric) {
    callable = (a: unknown, b: unknown, c: unknown) => {
      if (typeof a === 'number' && typeof b === 'number' && typeof c === 'number') {
        writeValue(engine, 0, t0, a);
        writeValue(engine, 1, t1, b);
        writeValue(engine, 2, t2, c);
      } else convertAndWrite(target, [a, b, c]);
      target.run();
      return result === 0 ? readResults(target) : readValue(engine, group, 0, result);
    };
  } else {
    callable = (...args: unknown[]) => {
      if (!writePrimitives(target, args)) convertAndWrite(target, args);
      target.run();
      return result === 0 ? readResults(target) : readValue(engine, group, 0, result);
    };
  }
  Object.defineProperties(callable, {
    name: { value: String(target.index), configurable: true },
    length: { value: arity, configurable: true },
  });
  functions.stamp(callable, target);
  return callable;
}

/** Write the arguments if none needs a conversion. */
function writePrimitives(target: WasmFunction, args: readonly unknown[]): boolean {
  const params = target.signature.params;
  for (let i = 0; i < params.length; i++) {
    const type = params[i];
    const kind = typeof args[i];
    if (type === ValType.i64 ? kind !== 'bigint' : kind !== 'number' || !isNumeric(type)) return false;
  }
  for (let i = 0; i < params.length; i++) {
    writeValue(target.engine, i, params[i] as ValType, args[i] as number | bigint);
  }
  return true;
}
