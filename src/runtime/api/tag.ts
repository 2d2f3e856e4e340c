/** Tags of exceptions, and the class `WebAssembly.Tag`. */

import { isReference, ValType } from '../../stream/types.js';
import { isolate, List, mapWith, Number, Uint8Array } from '../../support/primordials.js';
import { isObject, toDomString } from '../webidl/convert.js';
import { brand, type Constructor, finishClass, platformObject } from '../webidl/shape.js';
import type { EngineState } from './engine-state.js';

/** Types that the constructor takes, by name. */
const parameterTypes = mapWith<string, ValType>(
  ['i32', ValType.i32],
  ['i64', ValType.i64],
  ['f32', ValType.f32],
  ['f64', ValType.f64],
  ['v128', ValType.v128],
  ['anyfunc', ValType.funcref],
  ['externref', ValType.externref],
  ['exnref', ValType.exnref],
);

/** Limit of the JS API for parameters. */
const mostParameters = 1000;

/** One tag. Two tags are the same if their ids are. */
export class TagState {
  static {
    isolate(this);
  }

  readonly engine: EngineState;
  /** Unique in the engine: what code compares. */
  readonly id: number;
  readonly params: Uint8Array;
  /** Words of 32 bits that the values of an exception take, as in operand slots: the first value has the highest address. */
  readonly words: number;
  /** By parameter: the first word of its value. */
  readonly places: number[] = new List();
  /** The parameters that are references. */
  readonly references: number[] = new List();
  #object: object | undefined;

  constructor(engine: EngineState, params: Uint8Array) {
    this.engine = engine;
    this.id = engine.nextHostId();
    this.params = params;
    let words = 0;
    for (let i = 0; i < params.length; i++) words += params[i] === ValType.v128 ? 4 : 2;
    this.words = words;
    for (let i = 0; i < params.length; i++) {
      words -= params[i] === ValType.v128 ? 4 : 2;
      this.places.push(words);
      if (isReference(params[i] as number)) this.references.push(i);
    }
  }

  hasParams(params: Uint8Array): boolean {
    if (params.length !== this.params.length) return false;
    for (let i = 0; i < params.length; i++) if (params[i] !== this.params[i]) return false;
    return true;
  }

  /** The JS object; made when first asked for. */
  get object(): object {
    this.#object ??= new this.engine.classes.Tag(this as never);
    return this.#object;
  }

  setObject(object: object): void {
    this.#object = object;
  }
}

const tags = brand<TagState>();

/** The state behind a tag of this engine, else undefined. */
export function tagOf(engine: EngineState, value: unknown): TagState | undefined {
  const state = tags.get(value);
  return state?.engine === engine ? state : undefined;
}

/** The class `WebAssembly.Tag` of an engine. */
export function defineTag(engine: EngineState): new (type: object) => object {
  const who = 'WebAssembly.Tag()';

  function create(type: unknown): TagState {
    if (!isObject(type)) throw new TypeError(`${who}: Argument 0 must be a tag type`);
    const given: unknown = (type as { parameters?: unknown }).parameters;
    if (!isObject(given)) throw new TypeError(`${who}: Argument 0 must be a tag type with 'parameters'`);
    const length = Number((given as { length?: unknown }).length);
    const count = length > 0 ? length >>> 0 : 0;
    if (count > mostParameters || length > mostParameters) {
      throw new TypeError(`${who}: Argument 0 contains too many parameters`);
    }
    const params = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const parameter = parameterTypes.get(toDomString((given as ArrayLike<unknown>)[i]));
      if (parameter === undefined) {
        throw new TypeError(`${who}: Argument 0 parameter type at index #${i} must be a value type`);
      }
      params[i] = parameter;
    }
    return new TagState(engine, params);
  }

  class Tag {
    constructor(type: unknown) {
      const state = type instanceof TagState ? type : create(type);
      const object = platformObject(new.target as unknown as Constructor, Tag as unknown as Constructor);
      tags.stamp(object, state);
      state.setObject(object);
      // biome-ignore lint/correctness/noConstructorReturn: an object of another kind than classes make.
      return object;
    }
  }
  finishClass(Tag, 'WebAssembly.Tag', 1);
  return Tag as unknown as new (
    type: object,
  ) => object;
}
