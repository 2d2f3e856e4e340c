/**
 * Functions as JS sees them. A WasmFunction stands for one function record; its callable is the "Exported Function"
 * of the standard, made when first asked for and the same object ever after.
 *
 * The call path, in about 11 to 23 ns: arguments go to `Thread.buffer` through typed arrays, one call of the machine's
 * `void()` entry, results come back the same way. When all arguments are numbers (or BigInts for i64) they are written
 * at once; otherwise all are converted before the first is written, because conversions run JS code that can call wasm.
 */

import { ActivationFrame, Context, FunctionRecord, Thread, TrapCode } from '../../backends/abi/layout.js';
import { ValType } from '../../stream/types.js';
import {
  BigInt,
  bare,
  type Float64Array,
  isolate,
  List,
  Math,
  Object,
  Reflect,
  String,
  toArray,
  type Uint32Array,
} from '../../support/primordials.js';
import { addressOfBits, bitsAsDouble } from '../machine/address-bits.js';
import type { ThreadRecord } from '../machine/thread.js';
import { isForWasmOnly, type Signature } from '../signature.js';
import { brand } from '../webidl/shape.js';
import type { EngineState, EngineStoreGroup } from './engine-state.js';
import { type CallHelpers, generateCallable } from './generated-call.js';

// Indices of argument and result 0 in the thread record's typed arrays; each takes 16 bytes.
export const buffer4: number = Thread.buffer >>> 2;
export const buffer8: number = Thread.buffer >>> 3;

export type Callable = (...args: unknown[]) => unknown;

/** What stands behind one function record. */
export class WasmFunction {
  static {
    isolate(this);
  }

  readonly engine: EngineState;
  /** The group that owns the record. */
  readonly group: EngineStoreGroup;
  /** Address of the function record. */
  readonly record: number;
  readonly signature: Signature;
  /** Function index in the module that defines or imports it: the callable's name. */
  readonly index: number;
  #callable: Callable | undefined;
  // Not #private: such a field is undefined before the constructor's assignment, and V8 folds only what is assigned once.
  private readonly words: Uint32Array;
  private readonly doubles: Float64Array;
  // Two addresses as doubles with the same bits: a call stores each in one store of 8 bytes (the processor forwards it to
  // the stub's load; two stores of 4 bytes it does not).
  private readonly recordBits: number;
  // A double from the beginning.
  private stubBits = -0;
  /** The entry stub is made at the first call: most functions are never called. */
  private hasStub = false;

  constructor(engine: EngineState, group: EngineStoreGroup, record: number, signature: Signature, index: number) {
    this.engine = engine;
    this.group = group;
    this.record = record;
    this.signature = signature;
    this.index = index;
    this.words = engine.thread.u32;
    this.doubles = engine.thread.f64;
    this.recordBits = bitsAsDouble(record);
  }

  /** The exported function: always the same object. */
  get callable(): Callable {
    this.#callable ??= makeCallable(this);
    return this.#callable;
  }

  /**
   * Run the function with the arguments that are in the thread's buffer, and the host functions that it calls.
   * @throws what the function's trap or a host function throws.
   */
  runWasm(): void {
    const engine = this.engine;
    if (this.group.watch[0] !== undefined && this.hasStub === true) {
      const { doubles, words } = this;
      const sp = doubles[wasmSpIndex] as number;
      const outer = doubles[activationIndex] as number;
      doubles[enterIndex] = this.recordBits;
      doubles[enterIndex + 1] = this.stubBits;
      engine.enter();
      let code = words[trapCodeIndex] as TrapCode;
      if (code === TrapCode.none) return;
      try {
        code = engine.hostCallsOf(this.group).run(code, (words[hostIdIndex] as number) | 0);
      } catch (error) {
        code = engine.unwinding.goOn(error, this.group, addressOfBits(sp) - ActivationFrame.size, this.runWasm);
      } finally {
        // After its normal end this changes nothing. No calls here: the JS stack can be full.
        doubles[wasmSpIndex] = sp;
        doubles[activationIndex] = outer;
      }
      if (code !== TrapCode.none) throw engine.takeTrapError(this.callable);
    } else this.#switchGroup();
  }

  /** The first call of all or of a while, one from another group's host function, or one after a memory has grown. */
  #switchGroup(): void {
    const { engine, doubles, words } = this;
    if (!this.hasStub) {
      this.stubBits = bitsAsDouble(engine.machine.entryStub(this.signature));
      this.hasStub = true;
    }
    const previous = engine.beginActivity(this.group);
    const sp = doubles[wasmSpIndex] as number;
    const outer = doubles[activationIndex] as number;
    let code: TrapCode;
    try {
      doubles[enterIndex] = this.recordBits;
      doubles[enterIndex + 1] = this.stubBits;
      engine.enter();
      code = words[trapCodeIndex] as TrapCode;
      if (code !== TrapCode.none) {
        code = engine.hostCallsOf(this.group).run(code, (words[hostIdIndex] as number) | 0);
      }
    } catch (error) {
      code = engine.unwinding.goOn(error, this.group, addressOfBits(sp) - ActivationFrame.size, this.runWasm);
    } finally {
      doubles[wasmSpIndex] = sp;
      doubles[activationIndex] = outer;
      engine.endActivity(previous);
    }
    if (code !== TrapCode.none) throw engine.takeTrapError(this.callable);
  }
}

// Thread.enterStub follows Thread.enterRecord.
const enterIndex = Thread.enterRecord >>> 3;
const hostIdIndex = Thread.hostId >>> 2;
const activationIndex = Thread.activation >>> 3;
const wasmSpIndex = Thread.wasmSp >>> 3;
const trapCodeIndex = Thread.trapCode >>> 2;

const functions = brand<WasmFunction>();

/** The function behind an exported function of this engine, else undefined. */
export function wasmFunctionOf(engine: EngineState, value: unknown): WasmFunction | undefined {
  if (typeof value !== 'function') return undefined;
  const found = functions.get(value);
  return found?.engine === engine ? found : undefined;
}

/** The function index of an exported function of any engine, undefined for other values. */
export function exportedIndex(value: unknown): number | undefined {
  return functions.get(value)?.index;
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

/**
 * Convert one value ("ToWebAssemblyValue"): a number, a BigInt, for functions the address of a record. Other values of
 * the host stay what they are until they are written: conversions can run any code, also a collection.
 */
export function toWasm(engine: EngineState, group: EngineStoreGroup, type: ValType, value: unknown): unknown {
  switch (type) {
    case ValType.i32:
    case ValType.f32:
    case ValType.f64:
      return +(value as number);
    case ValType.i64:
      return BigInt.asIntN(64, value as bigint);
    case ValType.externref:
      return value;
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
export function writeValue(
  engine: EngineState,
  group: EngineStoreGroup,
  position: number,
  type: ValType,
  value: unknown,
): void {
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
    case ValType.externref:
      writeReference(thread, group, position, value);
      break;
    default:
      thread.u32[buffer4 + 4 * position] = (value as number) >>> 0;
      thread.u32[buffer4 + 4 * position + 1] = Math.floor((value as number) / 4294967296);
  }
}

/** Write a value of the host. From here until it is in wasm there is no safepoint. */
function writeReference(thread: ThreadRecord, group: EngineStoreGroup, position: number, value: unknown): void {
  thread.u32[buffer4 + 4 * position] = value === null ? 0 : group.references.add(value);
  thread.u32[buffer4 + 4 * position + 1] = 0;
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
    case ValType.externref:
      return group.references.value(thread.u32[buffer4 + 4 * position] as number);
    default: {
      const at = buffer4 + 4 * position;
      const record = (thread.u32[at] as number) + (thread.u32[at + 1] as number) * 4294967296;
      return functionOf(engine, group, record);
    }
  }
}

/**
 * All arguments converted, then all written: conversions can call wasm, which uses the same buffer.
 * @param args an array that nobody else has; it is converted in place.
 */
export function convertAndWrite(target: WasmFunction, args: unknown[]): void {
  const { engine, group } = target;
  const params = target.signature.params;
  // No plain array without elements: a setter among its prototypes would see and choose the addresses of function records.
  const values = args.length >= params.length ? args : new List<unknown>(params.length);
  for (let i = 0; i < params.length; i++) values[i] = toWasm(engine, group, params[i] as ValType, args[i]);
  for (let i = 0; i < params.length; i++) writeValue(engine, group, i, params[i] as ValType, values[i]);
}

/** The results of the call that just returned: undefined, a value, or an array. */
export function readResults(target: WasmFunction): unknown {
  const { engine, group } = target;
  const results = target.signature.results;
  if (results.length === 0) return undefined;
  if (results.length === 1) return readValue(engine, group, 0, results[0] as ValType);
  const read = (i: number): unknown => readValue(engine, group, i, results[i] as ValType);
  if (results.length === 2) return [read(0), read(1)];
  if (results.length === 3) return [read(0), read(1), read(2)];
  const values = new List<unknown>(results.length);
  for (let i = 0; i < results.length; i++) values[i] = read(i);
  return toArray(values);
}

/**
 * How an argument of a type is written: a number goes into one of three typed arrays, a BigInt into the fourth, the id of
 * any value for an externref. Whatever else is passed, and every funcref, is converted first.
 */
const enum Kind {
  i32,
  f64,
  f32,
  i64,
  externref,
  other,
}

function kindOf(type: number | undefined): Kind {
  switch (type) {
    case ValType.i32:
      return Kind.i32;
    case ValType.f64:
      return Kind.f64;
    case ValType.f32:
      return Kind.f32;
    case ValType.i64:
      return Kind.i64;
    case ValType.externref:
      return Kind.externref;
    default:
      return Kind.other;
  }
}

/** True if an argument needs no conversion but that of the store. */
function fits(kind: Kind, value: unknown): boolean {
  if (kind === Kind.externref) return true;
  return typeof value === 'number' ? kind <= Kind.f32 : typeof value === 'bigint' && kind === Kind.i64;
}

/** Write an argument that fits. One store per kind of array: stores that see several kinds are slower. */
function put(target: WasmFunction, kind: Kind, position: number, value: unknown): void {
  const { thread } = target.engine;
  if (kind === Kind.i32) thread.i32[buffer4 + 4 * position] = value as number;
  else if (kind === Kind.f64) thread.f64[buffer8 + 2 * position] = value as number;
  else if (kind === Kind.f32) thread.f32[buffer4 + 4 * position] = value as number;
  else if (kind === Kind.i64) thread.i64[buffer8 + 2 * position] = value as bigint;
  else writeReference(thread, target.group, position, value);
}

/**
 * Arrow functions, because exported functions are no constructors. Up to `fixedParameters` parameters have names: arrays
 * of arguments cost 20 ns. Those with few parameters of type i32 or f64 are so small that V8 inlines them whole; for numbers of
 * other types, and more of them, a warm function gets code of its own.
 */
function makeCallable(target: WasmFunction): Callable {
  const { params } = target.signature;
  const simple = params.every((type) => type === ValType.i32 || type === ValType.f64);
  const callable = isForWasmOnly(target.signature)
    ? () => refuseVector()
    : params.length <= 3 && simple
      ? makeSmall(target)
      : params.length <= fixedParameters
        ? makeFixed(target)
        : makeGeneral(target);
  return finishCallable(target, target.engine.references.stress ? stressed(target, callable) : callable);
}

const helpers: CallHelpers = { convertAndWrite, readResults };

/** Debug switch `gcStress`: every entry is a safepoint. */
function stressed(target: WasmFunction, callable: Callable): Callable {
  return (...args) => {
    target.group.safepoint();
    return Reflect.apply(callable, undefined, args);
  };
}

function finishCallable(target: WasmFunction, callable: Callable): Callable {
  const { params } = target.signature;
  Object.defineProperty(callable, 'name', bare({ value: String(target.index), configurable: true }));
  Object.defineProperty(callable, 'length', bare({ value: params.length, configurable: true }));
  functions.stamp(callable, target);
  return callable;
}

/** What a call with vectors or exceptions between JS and wasm does. @throws TypeError */
export function refuseVector(): never {
  throw new TypeError('type incompatibility when transforming from/to JS');
}

const fixedParameters = 8;

function makeSmall(target: WasmFunction): Callable {
  const { thread } = target.engine;
  const { i32, f64 } = thread;
  const { params, results } = target.signature;
  const isVoid = results.length === 0;
  const isI32 = results.length === 1 && results[0] === ValType.i32;
  const isF64 = results.length === 1 && results[0] === ValType.f64;
  const isF64a = params[0] === ValType.f64;
  const isF64b = params[1] === ValType.f64;
  const isF64c = params[2] === ValType.f64;
  switch (params.length) {
    case 0:
      return () => {
        target.runWasm();
        return isVoid ? undefined : isI32 ? i32[buffer4] : isF64 ? f64[buffer8] : readResults(target);
      };
    case 1:
      return (a: unknown) => {
        if (typeof a === 'number') {
          if (isF64a) f64[buffer8] = a;
          else i32[buffer4] = a;
        } else convertAndWrite(target, [a]);
        target.runWasm();
        return isVoid ? undefined : isI32 ? i32[buffer4] : isF64 ? f64[buffer8] : readResults(target);
      };
    case 2:
      return (a: unknown, b: unknown) => {
        if (typeof a === 'number' && typeof b === 'number') {
          if (isF64a) f64[buffer8] = a;
          else i32[buffer4] = a;
          if (isF64b) f64[buffer8 + 2] = b;
          else i32[buffer4 + 4] = b;
        } else convertAndWrite(target, [a, b]);
        target.runWasm();
        return isVoid ? undefined : isI32 ? i32[buffer4] : isF64 ? f64[buffer8] : readResults(target);
      };
    default:
      return (a: unknown, b: unknown, c: unknown) => {
        if (typeof a === 'number' && typeof b === 'number' && typeof c === 'number') {
          if (isF64a) f64[buffer8] = a;
          else i32[buffer4] = a;
          if (isF64b) f64[buffer8 + 2] = b;
          else i32[buffer4 + 4] = b;
          if (isF64c) f64[buffer8 + 4] = c;
          else i32[buffer4 + 8] = c;
        } else convertAndWrite(target, [a, b, c]);
        target.runWasm();
        return isVoid ? undefined : isI32 ? i32[buffer4] : isF64 ? f64[buffer8] : readResults(target);
      };
  }
}

/** One to eight parameters of any types. Missing arguments are undefined, those beyond the declared ones not looked at. */
function makeFixed(target: WasmFunction): Callable {
  const { group } = target;
  const { params, results } = target.signature;
  const { i32 } = target.engine.thread;
  const hasReferences = params.includes(ValType.externref);
  const count = params.length;
  const k0 = kindOf(params[0]);
  const k1 = kindOf(params[1]);
  const k2 = kindOf(params[2]);
  const k3 = kindOf(params[3]);
  const k4 = kindOf(params[4]);
  const k5 = kindOf(params[5]);
  const k6 = kindOf(params[6]);
  const k7 = kindOf(params[7]);
  const isVoid = results.length === 0;
  const isI32 = results.length === 1 && results[0] === ValType.i32;
  const { warmCalls } = target.engine.world;
  let calls = 0;
  let generated: Callable | undefined;
  return (a: unknown, b: unknown, c: unknown, d: unknown, e: unknown, f: unknown, g: unknown, h: unknown) => {
    if (generated !== undefined) return generated(a, b, c, d, e, f, g, h);
    if (++calls === warmCalls) generated = generateCallable(target, helpers);
    if (hasReferences) group.safepoint();
    if (
      fits(k0, a) &&
      (count < 2 || fits(k1, b)) &&
      (count < 3 || fits(k2, c)) &&
      (count < 4 || fits(k3, d)) &&
      (count < 5 || fits(k4, e)) &&
      (count < 6 || fits(k5, f)) &&
      (count < 7 || fits(k6, g)) &&
      (count < 8 || fits(k7, h))
    ) {
      put(target, k0, 0, a);
      if (count > 1) put(target, k1, 1, b);
      if (count > 2) put(target, k2, 2, c);
      if (count > 3) put(target, k3, 3, d);
      if (count > 4) put(target, k4, 4, e);
      if (count > 5) put(target, k5, 5, f);
      if (count > 6) put(target, k6, 6, g);
      if (count > 7) put(target, k7, 7, h);
    } else convertAndWrite(target, [a, b, c, d, e, f, g, h]);
    target.runWasm();
    return isVoid ? undefined : isI32 ? i32[buffer4] : readResults(target);
  };
}

function makeGeneral(target: WasmFunction): Callable {
  const { group } = target;
  const kinds = target.signature.params.map(kindOf);
  const hasReferences = kinds.includes(Kind.externref);
  return (...args: unknown[]) => {
    if (hasReferences) group.safepoint();
    let allFit = true;
    for (let i = 0; i < kinds.length && allFit; i++) allFit = fits(kinds[i] as Kind, args[i]);
    if (allFit) for (let i = 0; i < kinds.length; i++) put(target, kinds[i] as Kind, i, args[i]);
    else convertAndWrite(target, args);
    target.runWasm();
    return readResults(target);
  };
}
