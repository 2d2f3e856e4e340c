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
  readonly #arity: number;
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
    this.#arity = isRefused ? 0 : signature.params.length;
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

  /** Call the function with the arguments that are in the thread's buffer. */
  callWithArguments(): unknown {
    const { engine, group, callable } = this;
    this.#calls++;
    let value: unknown;
    switch (this.#arity) {
      case 0:
        value = callable();
        break;
      case 1:
        value = callable(readValue(engine, group, 0, this.#t0));
        break;
      case 2:
        value = callable(readValue(engine, group, 0, this.#t0), readValue(engine, group, 1, this.#t1));
        break;
      case 3:
        value = callable(
          readValue(engine, group, 0, this.#t0),
          readValue(engine, group, 1, this.#t1),
          readValue(engine, group, 2, this.#t2),
        );
        break;
      default:
        value = Reflect.apply(callable, undefined, this.#arguments());
    }
    // The arguments are JS values by now, and no result is a reference yet.
    if (this.#hasReferences) group.safepoint();
    return value;
  }

  /** Convert the result, or results, and write them to the thread's buffer. */
  writeResult(value: unknown): void {
    const { engine, group } = this;
    const result = this.#result;
    if (result !== 0) writeValue(engine, group, 0, result, toWasm(engine, group, result, value));
    else if (this.signature.results.length > 1) this.#writeResults(value);
  }

  #arguments(): unknown[] {
    const params = this.signature.params;
    const args = new List<unknown>(params.length);
    for (let i = 0; i < params.length; i++) {
      args[i] = readValue(this.engine, this.group, i, params[i] as ValType);
    }
    return args;
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
