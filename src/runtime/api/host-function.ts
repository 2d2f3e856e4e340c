/**
 * JS functions that wasm imports. A host call finds its function by its id through the active store group, so that
 * nothing process-wide keeps it alive.
 */

import { FunctionRecord } from '../../backends/abi/layout.js';
import { ValType } from '../../stream/types.js';
import { isolate, List, Reflect } from '../../support/primordials.js';
import { isForWasmOnly, type Signature } from '../signature.js';
import type { NativeBlock } from '../store/native-heap.js';
import type { EngineState, EngineStoreGroup } from './engine-state.js';
import { type Callable, readValue, refuseVector, toWasm, WasmFunction, writeValue } from './exported-function.js';
import type { SuspendingFunction } from './promising.js';

export class HostFunction {
  static {
    isolate(this);
  }

  readonly id: number;
  readonly engine: EngineState;
  readonly group: EngineStoreGroup;
  readonly signature: Signature;
  /** Its function record. */
  readonly record: NativeBlock;
  /** Function index of the import. */
  readonly index: number;
  /** What is called. */
  readonly callable: Callable;
  /** Wasm waits for what the result promises. */
  readonly isSuspending: boolean;
  readonly #t0: ValType;
  readonly #t1: ValType;
  readonly #t2: ValType;
  /** How many parameters it has, as wasm sees it. */
  readonly arity: number;
  readonly #hasReferences: boolean;
  readonly #result: ValType;
  #function: WasmFunction | undefined;
  #calls = 0;
  readonly #warmCalls: number;

  /**
   * @param imported what is called: with a `Suspending` object wasm waits for what its function's result promises.
   * @param context address of the importing instance's context.
   */
  constructor(
    engine: EngineState,
    group: EngineStoreGroup,
    signature: Signature,
    imported: Callable | SuspendingFunction,
    context: number,
    index: number,
  ) {
    this.isSuspending = typeof imported !== 'function';
    const callable = typeof imported === 'function' ? imported : imported.callable;
    this.id = engine.nextHostId();
    this.engine = engine;
    this.group = group;
    this.signature = signature;
    this.index = index;
    // With vectors and exceptions nothing is converted, neither arguments nor results.
    const isRefused = isForWasmOnly(signature);
    this.#warmCalls = isRefused ? Infinity : engine.world.warmCalls;
    const called = isRefused ? refuseVector : callable;
    this.callable = engine.references.stress ? stressed(group, called) : called;
    this.#hasReferences = signature.params.includes(ValType.externref) || signature.results.includes(ValType.externref);
    this.arity = isRefused ? 0 : signature.params.length;
    this.#t0 = (signature.params[0] ?? 0) as ValType;
    this.#t1 = (signature.params[1] ?? 0) as ValType;
    this.#t2 = (signature.params[2] ?? 0) as ValType;
    this.#result = (signature.results.length === 1 ? signature.results[0] : 0) as ValType;
    const record = group.allocate(FunctionRecord.size);
    record.setPointer(FunctionRecord.slot, engine.machine.hostSlot(signature));
    record.setPointer(FunctionRecord.context, context);
    record.setU32(FunctionRecord.typeId, signature.id);
    record.setU32(FunctionRecord.hostId, this.id);
    record.setU32(FunctionRecord.index, index);
    this.record = record;
    group.addHost(this);
  }

  /** The exported function that stands for the import when it is exported again or read from a table. */
  asFunction(): WasmFunction {
    this.#function ??= new WasmFunction(this.engine, this.group, this.record.address, this.signature, this.index);
    return this.#function;
  }

  /** It is called often: worth code of its own. */
  get isWarm(): boolean {
    return this.#calls >= this.#warmCalls;
  }

  /** What many arguments become: an array of its own. */
  allArguments(): unknown[] {
    const params = this.signature.params;
    const args = new List<unknown>(params.length);
    for (let i = 0; i < params.length; i++) {
      args[i] = readValue(this.engine, this.group, i, params[i] as ValType);
    }
    return args;
  }

  /** The argument at this position, which the thread's buffer has: one of the first three. */
  argument(position: number): unknown {
    const type = position === 0 ? this.#t0 : position === 1 ? this.#t1 : this.#t2;
    return readValue(this.engine, this.group, position, type);
  }

  /** A call begins, or is about to. */
  count(): void {
    this.#calls++;
  }

  /** Call the function with the arguments that are in the thread's buffer. */
  callWithArguments(): unknown {
    this.count();
    const { callable, arity } = this;
    let value: unknown;
    if (arity === 0) value = callable();
    else if (arity === 1) value = callable(this.argument(0));
    else if (arity === 2) value = callable(this.argument(0), this.argument(1));
    else if (arity === 3) value = callable(this.argument(0), this.argument(1), this.argument(2));
    else value = Reflect.apply(callable, undefined, this.allArguments());
    this.returned();
    return value;
  }

  /** The arguments are JS values by now, and no result is a reference yet. */
  returned(): void {
    if (this.#hasReferences) this.group.safepoint();
  }

  /** Convert the result, or results, and write them to the thread's buffer. */
  writeResult(value: unknown): void {
    const { engine, group } = this;
    const result = this.#result;
    if (result !== 0) writeValue(engine, group, 0, result, toWasm(engine, group, result, value));
    else if (this.signature.results.length > 1) this.#writeResults(value);
  }

  /** Several results come as an iterable. All are converted before the first is written. */
  #writeResults(value: unknown): void {
    const types = this.signature.results;
    const values = [...(value as Iterable<unknown>)];
    if (values.length !== types.length) throw new TypeError('multi-return length mismatch');
    // In place: a store to an element that is there calls no setter.
    for (let i = 0; i < types.length; i++) {
      values[i] = toWasm(this.engine, this.group, types[i] as ValType, values[i]);
    }
    for (let i = 0; i < types.length; i++) {
      writeValue(this.engine, this.group, i, types[i] as ValType, values[i]);
    }
  }
}

/** Debug switch `gcStress`: safepoints before and after each call. */
function stressed(group: EngineStoreGroup, callable: Callable): Callable {
  return (...args) => {
    group.safepoint();
    const value = Reflect.apply(callable, undefined, args);
    group.safepoint();
    return value;
  };
}
