/**
 * The built-ins of a realm, to be replaced by hostile ones: every method, getter, setter and iterator of the language
 * and of the platform, every constructor, and names and indices that nobody has defined on the prototypes all share.
 *
 * Everything here uses what it took before anything was replaced.
 */

const { apply, construct, ownKeys, getOwnPropertyDescriptor, defineProperty, deleteProperty } = Reflect;
const { create, getPrototypeOf, isExtensible } = Object;

/** A place in the realm that a program can redefine. */
export interface Place {
  /** Such as `Map.prototype.get`, `get RegExp.prototype.flags`, `Object.prototype[0] (new)`. */
  readonly name: string;
  readonly holder: object;
  readonly key: PropertyKey;
  /** The property as it was; undefined if there was none. */
  readonly before: PropertyDescriptor | undefined;
}

type AnyFunction = (...args: never[]) => unknown;

/** What stands in for a function of the realm. */
export type Hostile = (place: Place, original: AnyFunction | undefined) => Call;
/** Called for each call, with `new.target` if it is a construction. */
export type Call = (self: unknown, args: unknown[], newTarget: AnyFunction | undefined) => unknown;

const languageNames =
  `Object Function Array Map Set WeakMap WeakSet WeakRef FinalizationRegistry Promise Symbol String Number Boolean BigInt
  Math JSON Reflect Proxy RegExp Date Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError
  ArrayBuffer SharedArrayBuffer DataView Atomics Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array
  Uint32Array Float16Array Float32Array Float64Array BigInt64Array BigUint64Array Iterator parseInt parseFloat isNaN
  isFinite decodeURIComponent encodeURIComponent eval DisposableStack AsyncDisposableStack SuppressedError`.split(
    /\s+/,
  );
const platformNames =
  `TextDecoder TextEncoder AbortSignal AbortController EventTarget Buffer URL Response ReadableStream performance
  setImmediate clearImmediate setTimeout clearTimeout setInterval clearInterval queueMicrotask structuredClone`.split(
    /\s+/,
  );

/** Intrinsics that have no name. */
function nameless(): [string, object][] {
  const protoOf = (value: object): object => getPrototypeOf(value) as object;
  return [
    ['%ArrayIterator%.prototype', protoOf([][Symbol.iterator]())],
    ['%MapIterator%.prototype', protoOf(new Map().values())],
    ['%SetIterator%.prototype', protoOf(new Set().values())],
    ['%StringIterator%.prototype', protoOf(''[Symbol.iterator]())],
    ['%RegExpStringIterator%.prototype', protoOf('a'.matchAll(/a/g))],
    ['%Iterator%.prototype', protoOf(protoOf([][Symbol.iterator]()))],
    ['%TypedArray%', protoOf(Uint8Array)],
    ['%TypedArray%.prototype', protoOf(Uint8Array.prototype)],
    ['%GeneratorFunction%.prototype', protoOf(function* () {})],
    ['%Generator%.prototype', protoOf(protoOf((function* () {})()))],
    ['%AsyncFunction%.prototype', protoOf(async () => {})],
    ['%AsyncGenerator%.prototype', protoOf(protoOf((async function* () {})()))],
    ['%AsyncIterator%.prototype', protoOf(protoOf(protoOf((async function* () {})())))],
    ['AsyncGeneratorFunction.prototype', protoOf(async function* () {})],
  ];
}

/** A program that redefines these cannot go on itself: Node's own code reads them at every step. */
const untouched = new Set(['Error', 'Error.stackTraceLimit', 'Error.prepareStackTrace', 'Error.captureStackTrace']);

function textOf(key: PropertyKey): string {
  return typeof key === 'symbol' ? `[${key.description}]` : /^\d/.test(String(key)) ? `[${String(key)}]` : `.${key}`;
}

/** All places of the language, and of the platform, that can be redefined. */
export function existingPlaces(): Place[] {
  const places: Place[] = [];
  const seen = new Set<object>();
  const visit = (name: string, holder: object): void => {
    if (seen.has(holder)) return;
    seen.add(holder);
    for (const key of ownKeys(holder)) {
      const before = getOwnPropertyDescriptor(holder, key) as PropertyDescriptor;
      const full = name + textOf(key);
      if (before.configurable === true && !untouched.has(full)) places.push({ name: full, holder, key, before });
      const { value } = before;
      if (key === 'prototype' && typeof value === 'object') visit(full, value);
    }
  };
  for (const name of [...languageNames, ...platformNames]) {
    const before = getOwnPropertyDescriptor(globalThis, name);
    if (before === undefined) continue;
    // Some of the platform's are made at the first look.
    const value = Reflect.get(globalThis, name) as unknown;
    if (!untouched.has(name)) places.push({ name, holder: globalThis, key: name, before });
    if (value !== null && (typeof value === 'object' || typeof value === 'function')) visit(name, value);
  }
  visit('performance', getPrototypeOf(performance) as object);
  for (const [name, holder] of nameless()) visit(name, holder);
  return places;
}

/** Names and indices that are not there yet: what is looked up or assigned in vain goes through them. */
export function newPlaces(names: Iterable<string>): Place[] {
  const places: Place[] = [];
  const add = (name: string, holder: object, key: PropertyKey): void => {
    if (!(key in holder)) places.push({ name: `${name}${textOf(key)} (new)`, holder, key, before: undefined });
  };
  for (const key of names) add('Object.prototype', Object.prototype, key);
  for (let i = 0; i < 40; i++) {
    add('Object.prototype', Object.prototype, `${i}`);
    add('Array.prototype', Array.prototype, `${i}`);
  }
  return places;
}

/** The standard's way of a descriptor with nothing behind it: `Object.prototype.get` may be hostile by now. */
function descriptor(fields: object): PropertyDescriptor {
  const bare = create(null) as Record<string, unknown>;
  const keys = ownKeys(fields);
  for (let i = 0; i < keys.length; i++)
    bare[keys[i] as string] = (fields as Record<string, unknown>)[keys[i] as string];
  return bare as PropertyDescriptor;
}

/** A function with the original's properties that hands each call on. */
function standIn(original: AnyFunction, call: Call): AnyFunction {
  const isConstructor = getOwnPropertyDescriptor(original, 'prototype') !== undefined;
  const hostile = isConstructor
    ? function (this: unknown, ...args: unknown[]): unknown {
        return call(this, args, new.target as AnyFunction | undefined);
      }
    : {
        method(this: unknown, ...args: unknown[]): unknown {
          return call(this, args, undefined);
        },
      }.method;
  const keys = ownKeys(original);
  for (let i = 0; i < keys.length; i++) {
    const found = getOwnPropertyDescriptor(original, keys[i] as PropertyKey) as PropertyDescriptor;
    defineProperty(hostile, keys[i] as PropertyKey, descriptor(found));
  }
  return hostile;
}

/** Call the original as it was called. */
export function callOriginal(
  original: AnyFunction | undefined,
  self: unknown,
  args: unknown[],
  newTarget: AnyFunction | undefined,
): unknown {
  if (original === undefined) return undefined;
  return newTarget === undefined ? apply(original, self, args) : construct(original, args, newTarget);
}

/** Put a hostile function into a place. A getter or setter on a prototype stands for a field or name of objects below. */
export function replace(place: Place, hostile: Hostile): void {
  const { holder, key, before } = place;
  const define = (fields: object): void => {
    if (isExtensible(holder)) defineProperty(holder, key, descriptor(fields));
  };
  if (before === undefined) {
    const get = hostile(place, undefined);
    const set = hostile(place, undefined);
    define({
      get(this: unknown) {
        return get(this, [], undefined);
      },
      set(this: object, value: unknown) {
        set(this, [value], undefined);
        defineProperty(this, key, descriptor({ value, writable: true, enumerable: true, configurable: true }));
      },
      configurable: true,
      enumerable: false,
    });
    return;
  }
  const { value, get, set, enumerable = false } = before;
  if (typeof value === 'function') {
    // `x.constructor` is asked for, not called.
    if (key === 'constructor') {
      const look = hostile(place, undefined);
      define({
        get(this: unknown) {
          look(this, [], undefined);
          return value;
        },
        set(this: object, to: unknown) {
          defineProperty(this, key, descriptor({ value: to, writable: true, enumerable: true, configurable: true }));
        },
        configurable: true,
        enumerable,
      });
    } else {
      const hostileValue = standIn(value, hostile(place, value));
      define({ value: hostileValue, writable: true, enumerable, configurable: true });
    }
    return;
  }
  if (get === undefined && set === undefined) return;
  define({
    get: get && (standIn(get, hostile(place, get as never)) as () => unknown),
    set: set && (standIn(set, hostile(place, set as never)) as (value: unknown) => void),
    enumerable,
    configurable: true,
  });
}

export function restore({ holder, key, before }: Place): void {
  if (before === undefined) deleteProperty(holder, key);
  else defineProperty(holder, key, descriptor(before));
}
