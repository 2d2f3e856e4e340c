/** Globals: the cell that instances share, and the class `WebAssembly.Global`. */

import { holdsId, ValType } from '../../stream/types.js';
import { isolate, mapWith } from '../../support/primordials.js';
import type { NativeBlock } from '../store/native-heap.js';
import type { ReferenceRoot, ReferenceTable } from '../store/references.js';
import type { GlobalConstructor, GlobalDescriptor, Global as GlobalObject } from '../webidl/api-types.js';
import { isObject, restArgument, toDomString } from '../webidl/convert.js';
import { brand, finishClass, platformObject } from '../webidl/shape.js';
import type { EngineState, EngineStoreGroup } from './engine-state.js';
import { functionOf, requireFunction } from './exported-function.js';

/** The standard's enumeration ValueType. */
const valueTypes = mapWith<string, ValType>(
  ['i32', ValType.i32],
  ['i64', ValType.i64],
  ['f32', ValType.f32],
  ['f64', ValType.f64],
  ['anyfunc', ValType.funcref],
  ['externref', ValType.externref],
);

/** Bytes of a value cell. */
export const cellBytes = 16;

/** One global: a cell of 16 bytes, in an instance context or in a block of its own. */
export class GlobalState implements ReferenceRoot {
  static {
    isolate(this);
  }

  readonly engine: EngineState;
  /** Owns the cell. */
  readonly group: EngineStoreGroup;
  readonly type: ValType;
  readonly mutable: boolean;
  readonly #block: NativeBlock;
  /** Byte offset of the cell in the slab's typed arrays. */
  readonly #at: number;
  #object: GlobalObject | undefined;

  /** @param offset where the cell is in `block`, in bytes. */
  constructor(
    engine: EngineState,
    group: EngineStoreGroup,
    type: ValType,
    mutable: boolean,
    block: NativeBlock,
    offset: number,
  ) {
    this.engine = engine;
    this.group = group;
    this.type = type;
    this.mutable = mutable;
    this.#block = block;
    this.#at = block.offset + offset;
    if (holdsId(type)) group.references.addRoot(this);
  }

  /** Address of the cell. */
  get address(): number {
    return this.#block.slab.address + this.#at;
  }

  /** The JS object; made when first asked for. */
  get object(): GlobalObject {
    this.#object ??= new this.engine.classes.Global(this as unknown as GlobalDescriptor);
    return this.#object;
  }

  /** The constructor's way to say that it made the object. */
  setObject(object: GlobalObject): void {
    this.#object = object;
  }

  /** The value as JS sees it ("ToJSValue"). */
  get value(): unknown {
    const slab = this.#block.slab;
    switch (this.type) {
      case ValType.i32:
        return slab.i32[this.#at >>> 2];
      case ValType.i64:
        return slab.i64[this.#at >>> 3];
      case ValType.f32:
        return slab.f32[this.#at >>> 2];
      case ValType.f64:
        return slab.f64[this.#at >>> 3];
      case ValType.externref:
        return this.group.references.value(this.reference);
      default:
        return functionOf(this.engine, this.group, this.reference);
    }
  }

  /** Convert and store ("ToWebAssemblyValue"). @throws TypeError as the conversion does. */
  setValue(value: unknown, what: string): void {
    const slab = this.#block.slab;
    switch (this.type) {
      case ValType.i32:
        slab.i32[this.#at >>> 2] = value as number;
        break;
      case ValType.i64:
        slab.i64[this.#at >>> 3] = value as bigint;
        break;
      case ValType.f32:
        slab.f32[this.#at >>> 2] = value as number;
        break;
      case ValType.f64:
        slab.f64[this.#at >>> 3] = value as number;
        break;
      case ValType.externref:
        this.group.safepoint();
        this.reference = this.group.references.add(value);
        break;
      default: {
        if (value === null) {
          this.reference = 0;
          break;
        }
        const target = requireFunction(this.engine, value, what, '');
        this.group.merge(target.group);
        this.reference = target.record;
      }
    }
  }

  /** The reference in a global: the address of a function record, or the id of a value of the host. */
  get reference(): number {
    return this.#block.getPointer(this.#at - this.#block.offset);
  }

  set reference(reference: number) {
    this.#block.setPointer(this.#at - this.#block.offset, reference);
  }

  markReferences(table: ReferenceTable): void {
    table.markRange(this.#block.slab.u32, this.#at >>> 2, 1);
  }

  /** Copy the cell's 16 bytes to `offset` in `block`. */
  copyTo(block: NativeBlock, offset: number): void {
    const at = block.offset + offset;
    block.slab.u8.set(this.#block.slab.u8.subarray(this.#at, this.#at + cellBytes), at);
  }
}

const globals = brand<GlobalState>();

/** The state behind a global object of this engine, else undefined. */
export function globalStateOf(engine: EngineState, value: unknown): GlobalState | undefined {
  const state = globals.get(value);
  return state?.engine === engine ? state : undefined;
}

/** A global with a cell of its own, initialised to zero or null. */
export function newGlobal(engine: EngineState, type: ValType, mutable: boolean): GlobalState {
  const group = engine.newGroup();
  return new GlobalState(engine, group, type, mutable, group.allocate(cellBytes), 0);
}

/** The class `WebAssembly.Global` of an engine. */
export function defineGlobal(engine: EngineState): GlobalConstructor {
  const who = 'WebAssembly.Global()';

  function own(value: unknown, what: string): GlobalState {
    const state = globals.get(value);
    if (state === undefined) throw new TypeError(`${what}: Receiver is not a WebAssembly.Global`);
    return state;
  }

  function readable(value: unknown, what: string): GlobalState {
    const state = own(value, what);
    if (state.type === ValType.v128) throw new TypeError(`${what}: Can't get the value of s128 WebAssembly.Global`);
    if (state.type === ValType.exnref) {
      throw new TypeError(`${what}: Can't get the value of exnref WebAssembly.Global`);
    }
    return state;
  }

  function create(descriptor: unknown, rest: unknown[]): GlobalState {
    if (!isObject(descriptor)) throw new TypeError(`${who}: Argument 0 must be a global descriptor`);
    const mutable = !!(descriptor as { mutable?: unknown }).mutable;
    const name = toDomString((descriptor as { value?: unknown }).value);
    const type = valueTypes.get(name);
    if (type === undefined) throw new TypeError(`${who}: Descriptor property 'value' must be a WebAssembly type`);
    const state = newGlobal(engine, type, mutable);
    // An explicit undefined counts as missing for numbers, is no funcref, and is a value of externref.
    const isGiven = restArgument(rest, 0) !== undefined || (rest.length > 0 && type === ValType.funcref);
    if (isGiven || type === ValType.externref) state.setValue(restArgument(rest, 0), `${who}: `);
    return state;
  }

  class Global {
    constructor(descriptor: unknown, ...rest: unknown[]) {
      const state = descriptor instanceof GlobalState ? descriptor : create(descriptor, rest);
      const object = platformObject(new.target, Global);
      globals.stamp(object, state);
      state.setObject(object as GlobalObject);
      // biome-ignore lint/correctness/noConstructorReturn: an object of another kind than classes make.
      return object as Global;
    }

    valueOf(): unknown {
      return readable(this, 'WebAssembly.Global.valueOf()').value;
    }

    get value(): unknown {
      return readable(this, 'get WebAssembly.Global.value').value;
    }

    set value(value: unknown) {
      const what = 'set WebAssembly.Global.value';
      // biome-ignore lint/complexity/noArguments: a setter that is called as a function can have none.
      if (arguments.length === 0) throw new TypeError(`${what}: Argument 0 is required`);
      const state = own(this, what);
      if (!state.mutable) throw new TypeError(`${what}: Can't set the value of an immutable global.`);
      if (state.type === ValType.v128) throw new TypeError(`${what}: Can't set the value of s128 WebAssembly.Global`);
      if (state.type === ValType.exnref) {
        throw new TypeError(`${what}: Can't set the value of exnref WebAssembly.Global`);
      }
      state.setValue(value, `${what}: `);
    }
  }
  finishClass(Global, 'WebAssembly.Global', 1);
  return Global as unknown as GlobalConstructor;
}
