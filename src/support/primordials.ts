/**
 * The language's built-ins as they were when the engine was loaded, under their own names: a program can redefine any
 * method, getter, global, iterator or species of its realm, and nothing that decides about memory safety may notice.
 * A module that imports `Map` or `Math` from here reads as it did before; `spec/builtins` holds the rule.
 *
 * Classes are subclasses with a prototype of their own: it has all methods, and nothing above it. So neither a look-up
 * nor a store of an element (`list[i] = x` asks the prototypes for a setter) ever leaves the object.
 * The prototypes are not frozen: V8 then takes 30 times as long for an element. Nobody outside gets such an object.
 */
const { defineProperties, defineProperty, freeze, getOwnPropertyDescriptor, getOwnPropertyDescriptors } =
  globalThis.Object;
const { getPrototypeOf, keys: keysOf, setPrototypeOf } = globalThis.Object;
const { apply, deleteProperty } = globalThis.Reflect;

const missing = { value: undefined };
/** Methods that hand out built-in iterators. */
const iterators = ['entries', 'keys', 'values'];

/** Copy all properties but those named. */
function copyProperties(from: object, to: object, but: readonly PropertyKey[]): void {
  const properties = getOwnPropertyDescriptors(from);
  for (let i = 0; i < but.length; i++) deleteProperty(properties, but[i] as PropertyKey);
  defineProperties(to, properties);
}

/** An object that has what a namespace like `Math` has, and nothing else. */
function ownNamespace<T extends object>(namespace: T): T {
  // Not `Object.create(null)`: that would be a dictionary, and V8 would not know what is in it.
  const own = setPrototypeOf({}, null) as T;
  copyProperties(namespace, own, []);
  return freeze(own);
}

/** The same for a function like `Number`. */
function ownFunction<T extends object>(original: T, call: (value: never) => unknown): T {
  copyProperties(original, call, ['length', 'name', 'prototype']);
  return freeze(call) as unknown as T;
}

type AnyClass = abstract new (...args: never[]) => object;

/** A subclass that inherits nothing at run time but what its constructor makes, of up to three arguments. */
function ownClass<T extends AnyClass>(Base: T, above: object | null = null): T {
  const Own = class extends (Base as unknown as new (...args: unknown[]) => object) {
    // Without it V8 hands the arguments on through `Array.prototype[Symbol.iterator]` when somebody has redefined that.
    constructor(a: unknown, b: unknown, c: unknown) {
      super(a, b, c);
    }
  };
  return cutOff(Base, Own as unknown as T, above);
}

/** Give a subclass of a built-in all its methods, and nothing above them; static ones are not inherited either. */
function cutOff<T extends AnyClass>(Base: T, Own: T, above: object | null = null): T {
  copyProperties(Base.prototype, Own.prototype, ['constructor']);
  setPrototypeOf(Own.prototype, above);
  defineProperty(Own, Symbol.species, { value: Own });
  defineProperty(Own, 'from', missing);
  defineProperty(Own, 'of', { ...missing, configurable: true });
  return Own;
}

/** For `for (const x of list)` and spreads: the built-in iterators find `next` on a prototype that all share. */
class IndexIterator<T> {
  #items: ArrayLike<T> | undefined;
  #next = 0;

  constructor(items: ArrayLike<T>) {
    this.#items = items;
  }

  next(): { done: boolean; value: T } {
    const items = this.#items;
    if (items !== undefined && this.#next < items.length) return { done: false, value: items[this.#next++] as T };
    this.#items = undefined;
    return { done: true, value: undefined as T };
  }

  static {
    setPrototypeOf(IndexIterator.prototype, null);
  }
}

const iterator = {
  value: function (this: ArrayLike<unknown>) {
    return new IndexIterator(this);
  },
};

/** Iteration by index; what would hand out a built-in iterator is not there. */
function iterateByIndex<T extends AnyClass>(Own: T): T {
  defineProperty(Own.prototype, Symbol.iterator, iterator);
  for (const key of iterators) defineProperty(Own.prototype, key, missing);
  return Own;
}

const TypedArray = getPrototypeOf(globalThis.Uint8Array) as AnyClass;
/** The methods that all typed arrays share. */
const typedArrayMethods = setPrototypeOf({}, null);
copyProperties(TypedArray.prototype, typedArrayMethods, ['constructor', Symbol.iterator, ...iterators]);
defineProperty(typedArrayMethods, Symbol.iterator, iterator);

function typedArray<T extends AnyClass>(Base: T): T {
  const Own = ownClass(Base, typedArrayMethods);
  const of = (...values: unknown[]): unknown => {
    const array = new (Own as unknown as new (length: number) => unknown[])(values.length);
    for (let i = 0; i < values.length; i++) array[i] = values[i];
    return array;
  };
  defineProperty(Own, 'of', { value: of });
  return Own;
}

/** A built-in iterator, whose `next` is not looked up. */
class NativeIterator {
  readonly #iterator: object;
  readonly #next: () => IteratorResult<unknown>;

  constructor(iterator: object, next: () => IteratorResult<unknown>) {
    this.#iterator = iterator;
    this.#next = next;
  }

  next(): IteratorResult<unknown> {
    return apply(this.#next, this.#iterator, []);
  }

  [Symbol.iterator](): this {
    return this;
  }

  static {
    setPrototypeOf(NativeIterator.prototype, null);
  }
}

/** `Map` and `Set`. A set is iterable; of a map, `forEach` visits what is in it. */
function collection<T extends AnyClass>(Base: T): T {
  const Own = ownClass(Base);
  for (const key of ['entries', 'keys', Symbol.iterator]) defineProperty(Own.prototype, key, missing);
  const values = getOwnPropertyDescriptor(Base.prototype, 'values')?.value as () => { next: () => never };
  const { next } = apply(values, new (Base as unknown as new () => object)(), []);
  const iterate = {
    value: function (this: object) {
      return new NativeIterator(apply(values, this, []), next);
    },
  };
  defineProperty(Own.prototype, 'values', iterate);
  if ((Base as unknown) === globalThis.Set) defineProperty(Own.prototype, Symbol.iterator, iterate);
  return Own;
}

/** An array of the engine's: a plain one asks its prototypes about elements that it does not have. */
export const List: new <T>(length?: number) => T[] = iterateByIndex(
  cutOff(
    globalThis.Array,
    class extends globalThis.Array {
      constructor(length = 0) {
        super(length);
      }
    } as never,
  ),
) as never;

/** A list of the values; `map` is called with value and index. */
export function listWith<T>(...values: T[]): T[] {
  const list = new List<T>();
  for (let i = 0; i < values.length; i++) list[i] = values[i] as T;
  return list;
}

export type Map<K, V> = globalThis.Map<K, V>;
export const Map: new <K, V>() => Map<K, V> = collection(globalThis.Map) as never;
export type Set<T> = globalThis.Set<T>;
export const Set: new <T>() => Set<T> = collection(globalThis.Set) as never;

/** A map with these keys and values. */
export function mapWith<K, V>(...entries: (readonly [K, V])[]): Map<K, V> {
  const map = new Map<K, V>();
  for (let i = 0; i < entries.length; i++) map.set((entries[i] as [K, V])[0], (entries[i] as [K, V])[1]);
  return map;
}
export type WeakMap<K extends WeakKey, V> = globalThis.WeakMap<K, V>;
export const WeakMap: WeakMapConstructor = ownClass(globalThis.WeakMap);
export type WeakRef<T extends WeakKey> = globalThis.WeakRef<T>;
export const WeakRef: WeakRefConstructor = ownClass(globalThis.WeakRef);
export type FinalizationRegistry<T> = globalThis.FinalizationRegistry<T>;
export const FinalizationRegistry: FinalizationRegistryConstructor = ownClass(globalThis.FinalizationRegistry);

export type Int8Array<B extends ArrayBufferLike = ArrayBufferLike> = globalThis.Int8Array<B>;
export const Int8Array: Int8ArrayConstructor = typedArray(globalThis.Int8Array);
export type Uint8Array<B extends ArrayBufferLike = ArrayBufferLike> = globalThis.Uint8Array<B>;
export const Uint8Array: Uint8ArrayConstructor = typedArray(globalThis.Uint8Array);
export type Int16Array<B extends ArrayBufferLike = ArrayBufferLike> = globalThis.Int16Array<B>;
export const Int16Array: Int16ArrayConstructor = typedArray(globalThis.Int16Array);
export type Uint16Array<B extends ArrayBufferLike = ArrayBufferLike> = globalThis.Uint16Array<B>;
export const Uint16Array: Uint16ArrayConstructor = typedArray(globalThis.Uint16Array);
export type Int32Array<B extends ArrayBufferLike = ArrayBufferLike> = globalThis.Int32Array<B>;
export const Int32Array: Int32ArrayConstructor = typedArray(globalThis.Int32Array);
export type Uint32Array<B extends ArrayBufferLike = ArrayBufferLike> = globalThis.Uint32Array<B>;
export const Uint32Array: Uint32ArrayConstructor = typedArray(globalThis.Uint32Array);
export type Float32Array<B extends ArrayBufferLike = ArrayBufferLike> = globalThis.Float32Array<B>;
export const Float32Array: Float32ArrayConstructor = typedArray(globalThis.Float32Array);
export type Float64Array<B extends ArrayBufferLike = ArrayBufferLike> = globalThis.Float64Array<B>;
export const Float64Array: Float64ArrayConstructor = typedArray(globalThis.Float64Array);
export type BigInt64Array<B extends ArrayBufferLike = ArrayBufferLike> = globalThis.BigInt64Array<B>;
export const BigInt64Array: BigInt64ArrayConstructor = typedArray(globalThis.BigInt64Array);
export type BigUint64Array<B extends ArrayBufferLike = ArrayBufferLike> = globalThis.BigUint64Array<B>;
export const BigUint64Array: BigUint64ArrayConstructor = typedArray(globalThis.BigUint64Array);
export type DataView = globalThis.DataView;
export const DataView: DataViewConstructor = ownClass(globalThis.DataView);

export const Math: typeof globalThis.Math = ownNamespace(globalThis.Math);
export const Object: typeof globalThis.Object = ownNamespace(globalThis.Object);
export const Reflect: typeof globalThis.Reflect = ownNamespace(globalThis.Reflect);
export const Atomics: typeof globalThis.Atomics = ownNamespace(globalThis.Atomics);

const { Number: toNumber, BigInt: toBigInt, String: toText } = globalThis;
export const Number: NumberConstructor = ownFunction(globalThis.Number, (value: unknown) => toNumber(value));
export const BigInt: BigIntConstructor = ownFunction(globalThis.BigInt, (value: bigint) => toBigInt(value));
export const String: StringConstructor = ownFunction(globalThis.String, (value: unknown) => toText(value));

/** A getter of a prototype, to be asked about any object. */
function getterOf<T>(prototype: object, key: PropertyKey): (object: object) => T {
  const get = getOwnPropertyDescriptor(prototype, key)?.get as () => T;
  return (object) => apply(get, object, []) as T;
}

export type ArrayBuffer = globalThis.ArrayBuffer;
export const ArrayBuffer: new (bytes: number) => ArrayBuffer = globalThis.ArrayBuffer;

/** Bytes of an ArrayBuffer. @throws TypeError if it is none */
export const byteLengthOf: (buffer: object) => number = getterOf(globalThis.ArrayBuffer.prototype, 'byteLength');

/** The same of a SharedArrayBuffer. @throws TypeError if it is none */
export const sharedByteLengthOf: (buffer: object) => number = getterOf(
  globalThis.SharedArrayBuffer.prototype,
  'byteLength',
);

/** Whether an ArrayBuffer can change its length; none can where V8 does not know of it. @throws TypeError if it is none */
export const isResizable: (buffer: object) => boolean =
  'resizable' in globalThis.ArrayBuffer.prototype
    ? getterOf(globalThis.ArrayBuffer.prototype, 'resizable')
    : () => false;

const typedArrayPrototype = getPrototypeOf(globalThis.Uint8Array.prototype);
const dataViewPrototype = globalThis.DataView.prototype;
const isTypedArray = getterOf<string | undefined>(typedArrayPrototype, Symbol.toStringTag);
const partsOf = [typedArrayPrototype, dataViewPrototype].map((prototype) => ({
  buffer: getterOf<ArrayBufferLike>(prototype, 'buffer'),
  byteOffset: getterOf<number>(prototype, 'byteOffset'),
  byteLength: getterOf<number>(prototype, 'byteLength'),
}));

export const isView: (value: unknown) => value is ArrayBufferView = globalThis.ArrayBuffer.isView;

function viewParts(view: ArrayBufferView): (typeof partsOf)[0] {
  return partsOf[isTypedArray(view) === undefined ? 1 : 0] as (typeof partsOf)[0];
}

/** The buffer behind a view that a program gave. @throws TypeError if it is none */
export function bufferOfView(view: ArrayBufferView): ArrayBufferLike {
  return viewParts(view).buffer(view);
}

/** The bytes of a view that a program gave, as an array of the engine's. @throws TypeError if it is none */
export function viewOf(view: ArrayBufferView): Uint8Array {
  const { buffer, byteOffset, byteLength } = viewParts(view);
  return new Uint8Array(buffer(view), byteOffset(view), byteLength(view));
}

const codeAt = globalThis.String.prototype.charCodeAt;

/** `text.charCodeAt(i)` */
export function charCodeAt(text: string, i: number): number {
  return apply(codeAt, text, [i]);
}

/** The bytes of a text whose characters are below 256. */
export function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = charCodeAt(text, i);
  return bytes;
}

const fromCharCode = globalThis.String.fromCharCode;

/** A text of one character per byte. */
export function latin1Text(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += fromCharCode(bytes[i] as number);
  return text;
}

const { exec } = globalThis.RegExp.prototype;
const lowerCaseOf = globalThis.String.prototype.toLowerCase;

/** What `pattern.exec` gives; the pattern has no flags g and y. */
export function match(pattern: RegExp, text: string): ArrayLike<string> | null {
  return apply(exec, pattern, [text]);
}

export function lowerCase(text: string): string {
  return apply(lowerCaseOf, text, []);
}

const startsWithText = globalThis.String.prototype.startsWith;

/** `text.startsWith(prefix)` */
export function startsWith(text: string, prefix: string): boolean {
  return apply(startsWithText, text, [prefix]);
}

const { hrtime } = globalThis.process;

/** Milliseconds since some moment, of a clock that only goes on: to look at `performance` loads a dozen of Node's modules. */
export function now(): number {
  const time = hrtime();
  return time[0] * 1e3 + time[1] / 1e6;
}

export const { isArray } = globalThis.Array;

const hexDigits = '0123456789abcdef';

/** A number from 0 to 2^32 - 1 in hexadecimal digits, so many at least. */
export function hexText(value: number, digits: number): string {
  let text = '';
  for (let rest = value; rest > 0 || text.length < digits; rest >>>= 4) text = (hexDigits[rest & 15] as string) + text;
  return text;
}

const collect = (...values: unknown[]): unknown[] => values;

/** An ordinary array of what is in a list, for programs. No setter or iterator of theirs is called on the way. */
export function toArray<T>(list: ArrayLike<T>): T[] {
  return apply(collect, undefined, list) as T[];
}

/** Options for others to read: what is not in them is not looked for in `Object.prototype`. */
export function bare<T extends object>(options: T): T {
  return setPrototypeOf(options, null) as T;
}

/** The constructor of promises; its static methods are the realm's. */
export const Promise: new <T>(
  executor: (resolve: (value: T | PromiseLike<T>) => void, reject: (reason?: unknown) => void) => void,
) => globalThis.Promise<T> = globalThis.Promise;
export type Promise<T> = globalThis.Promise<T>;

/**
 * A promise that carries something of the engine's: `await` asks a promise for its constructor, which gives it to whoever
 * has redefined `Promise.prototype.constructor`, unless it has one of its own.
 */
export function ownPromise<T>(promise: globalThis.Promise<T>): globalThis.Promise<T> {
  return defineProperty(promise, 'constructor', bare({ value: Promise }));
}

export const Proxy: ProxyConstructor = globalThis.Proxy;

/** The constructor of functions from text. */
export const Function: FunctionConstructor = globalThis.Function;

/** Own properties as assignment makes them, whatever setters there are on prototypes. */
export function assignOwn<T extends object, F extends object>(object: T, fields: F): T & F {
  const names = keysOf(fields) as (keyof F & string)[];
  for (let i = 0; i < names.length; i++) {
    const value = fields[names[i] as keyof F];
    defineProperty(object, names[i] as string, bare({ value, writable: true, enumerable: true, configurable: true }));
  }
  return object as T & F;
}

/**
 * Cut a class of the engine's off from `Object.prototype`: `this.field = value` in its constructor would call a setter
 * of that name there. For a static block: `static { isolate(this); }`.
 */
export function isolate(Class: { readonly prototype: object }): void {
  setPrototypeOf(Class.prototype, null);
}
