/** Helpers that give classes and functions the exact shape that Web IDL asks for. */

import { bare, Object, Reflect, WeakRef } from '../../support/primordials.js';
import { isObject } from './convert.js';

const tagKey: typeof Symbol.toStringTag = Symbol.toStringTag;

class Identity {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: a private field is put on an existing object.
    return object;
  }
}

/** Attaches a state to objects, invisibly, as internal slots do. */
export interface Brand<State> {
  /** Attach; returns the state. */
  stamp(object: object, state: State): State;
  /** The state of an object that was stamped, else undefined. */
  get(value: unknown): State | undefined;
}

/**
 * A brand. A private field is looked up as fast as an ordinary property, a WeakMap costs ten times as much
 * (`memory.buffer` is read often by glue code).
 */
export function brand<State>(): Brand<State> {
  class Stamp extends Identity {
    readonly #state: State;
    constructor(object: object, state: State) {
      super(object);
      this.#state = state;
    }
    static get(value: unknown): State | undefined {
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
      return #state in value ? value.#state : undefined;
    }
  }
  return {
    stamp: (object, state) => {
      new Stamp(object, state);
      return state;
    },
    get: Stamp.get,
  };
}

const anchor = {};

/** Anything with a prototype that can be the target of `new`. */
export type Constructor = abstract new (...args: never[]) => object;

/**
 * An object of the built-in class `base` with the prototype that `newTarget` names, or if that is no object, the one of
 * the class `own` (ECMA-262, GetPrototypeFromConstructor; the same for a `newTarget` of another realm).
 * @throws what `base` throws.
 */
export function constructAs(base: Constructor, args: unknown[], newTarget: Constructor, own: Constructor): object {
  const prototype: unknown = newTarget.prototype;
  const object = Reflect.construct(base, args as never[], own);
  return prototype === own.prototype || !isObject(prototype) ? object : Object.setPrototypeOf(object, prototype);
}

/**
 * A platform object (Web IDL 3.7.1, "internally create a new object"). Beneath it is a WeakRef, because structuredClone
 * and postMessage refuse those with a DataCloneError; of an ordinary object they would make an empty copy without a word.
 */
export function platformObject(newTarget: Constructor, own: Constructor): object {
  return constructAs(WeakRef, [anchor], newTarget, own);
}

/** Web IDL: members are enumerable, the class has a toStringTag, `length` counts the required arguments. */
export function finishClass(constructor: { readonly prototype: object }, tag: string, length: number): void {
  const prototype = constructor.prototype;
  const members = Object.getOwnPropertyNames(prototype);
  for (let i = 0; i < members.length; i++) {
    const key = members[i] as string;
    if (key !== 'constructor') Object.defineProperty(prototype, key, bare({ enumerable: true }));
  }
  const statics = Object.getOwnPropertyNames(constructor);
  for (let i = 0; i < statics.length; i++) {
    const key = statics[i] as string;
    if (key !== 'length' && key !== 'name' && key !== 'prototype') {
      Object.defineProperty(constructor, key, bare({ enumerable: true }));
    }
  }
  Object.defineProperty(constructor, 'length', bare({ value: length, configurable: true }));
  setTag(prototype, tag);
}

export function setTag(object: object, tag: string): void {
  Object.defineProperty(object, tagKey, bare({ value: tag, configurable: true }));
}
