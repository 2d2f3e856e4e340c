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
  readonly #words: Uint32Array;
  #callable: Callable | undefined;
  readonly #doubles: Float64Array;
  // Two addresses as doubles with the same bits: a call stores each in one store of 8 bytes (the processor forwards it to
  // the stub's load; two stores of 4 bytes it does not).
  readonly #recordBits: number;
  readonly #stubBits: number;

  constructor(engine: EngineState, group: EngineStoreGroup, record: number, signature: Signature, index: number) {
    this.engine = engine;
    this.group = group;
    this.record = record;
    this.signature = signature;
    this.index = index;
    this.#words = engine.thread.u32;
    this.#doubles = engine.thread.f64;
    this.#recordBits = bitsAsDouble(record);
    this.#stubBits = bitsAsDouble(engine.machine.entryStub(signature));
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
    if (engine.foreignMemories.length > 0) engine.refreshForeignMemories();
    const doubles = this.#doubles;
    doubles[enterIndex] = this.#recordBits;
    doubles[enterIndex + 1] = this.#stubBits;
    engine.activeGroup = this.group;
    try {
      engine.enter();
    } finally {
      engine.activeGroup = previous;
    }
    if (this.#words[trapCodeIndex] !== 0) throw engine.takeTrapError(this.callable);
  }
}

// Thread.enterStub follows Thread.enterRecord.
const enterIndex = Thread.enterRecord >>> 3;
const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);

/** The double whose bits are this address. */
function bitsAsDouble(address: number): number {
  scratchWords[0] = address >>> 0;
  scratchWords[1] = Math.floor(address / 4294967296);
  return scratch[0] as number;
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
 * Arrow functions, because exported functions are no constructors. The common signatures, up to three parameters that
 * are all i32 or all f64, have bodies so small that V8 inlines them whole; the others go through the general one.
 */
function makeCallable(target: WasmFunction): Callable {
  const { params } = target.signature;
  const type = params[0];
  const small = params.length <= 3 && params.every((other) => other === type);
  const callable =
    small && (params.length === 0 || type === ValType.i32 || type === ValType.f64)
      ? makeSmall(target, type === ValType.f64)
      : makeGeneral(target);
  Object.defineProperties(callable, {
    name: { value: String(target.index), configurable: true },
    length: { value: params.length, configurable: true },
  });
  functions.stamp(callable, target);
  return callable;
}

function makeSmall(target: WasmFunction, isF64: boolean): Callable {
  const { engine, group, signature } = target;
  const { i32, f64 } = engine.thread;
  const values = isF64 ? f64 : i32;
  const first = isF64 ? buffer8 : buffer4;
  const second = first + (isF64 ? 2 : 4);
  const third = second + (isF64 ? 2 : 4);
  const { results } = signature;
  const isVoid = results.length === 0;
  const isI32 = results.length === 1 && results[0] === ValType.i32;
  const finish = (): unknown =>
    results.length === 1 ? readValue(engine, group, 0, results[0] as ValType) : readResults(target);
  switch (signature.params.length) {
    case 0:
      return () => {
        target.run();
        return isVoid ? undefined : isI32 ? i32[buffer4] : finish();
      };
    case 1:
      return (a: unknown) => {
        if (typeof a === 'number') values[first] = a;
        else convertAndWrite(target, [a]);
        target.run();
        return isVoid ? undefined : isI32 ? i32[buffer4] : finish();
      };
    case 2:
      return (a: unknown, b: unknown) => {
        if (typeof a === 'number' && typeof b === 'number') {
          values[first] = a;
          values[second] = b;
        } else convertAndWrite(target, [a, b]);
        target.run();
        return isVoid ? undefined : isI32 ? i32[buffer4] : finish();
      };
    default:
      return (a: unknown, b: unknown, c: unknown) => {
        if (typeof a === 'number' && typeof b === 'number' && typeof c === 'number') {
          values[first] = a;
          values[second] = b;
          values[third] = c;
        } else convertAndWrite(target, [a, b, c]);
        target.run();
        return isVoid ? undefined : isI32 ? i32[buffer4] : finish();
      };
  }
}

function makeGeneral(target: WasmFunction): Callable {
  const { engine, group, signature } = target;
  const { results } = signature;
  const single = results.length === 1;
  const result = results[0] as ValType;
  return (...args: unknown[]) => {
    if (!writePrimitives(target, args)) convertAndWrite(target, args);
    target.run();
    return single ? readValue(engine, group, 0, result) : readResults(target);
  };
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
