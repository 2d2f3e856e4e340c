/**
 * Conversions between JS values and WebAssembly numbers (JS API, "ToWebAssemblyValue", "EnforceRange"), with the
 * messages that V8 gives.
 */
import {
  BigInt,
  bufferOfView,
  byteLengthOf,
  isView,
  Math,
  Number,
  sharedByteLengthOf,
  Uint8Array,
  viewOf,
} from '../../support/primordials.js';

const maxUint32 = 0xffffffff;
const maxUint64 = 0xffff_ffff_ffff_ffffn;

/**
 * A JS value as `[EnforceRange] unsigned long` (Web IDL 3.3.6).
 * @param what begins the message, for example `WebAssembly.Table.get(): Argument 0`.
 * @throws TypeError if the value is not a number in range.
 */
export function toIndex(value: unknown, what: string): number {
  // Unary plus gives V8's own errors for BigInt and Symbol.
  const number = +(value as number);
  if (!Number.isFinite(number)) throw new TypeError(`${what} must be convertible to a valid number`);
  const integer = Math.trunc(number);
  if (integer < 0) throw new TypeError(`${what} must be non-negative`);
  if (integer > maxUint32) throw new TypeError(`${what} must be in the unsigned long range`);
  return integer + 0;
}

/** The property of a limits descriptor, or undefined if it is absent. @throws TypeError as {@link toIndex} does. */
function limitProperty(descriptor: object, name: string, who: string): number | undefined {
  const value: unknown = (descriptor as Record<string, unknown>)[name];
  return value === undefined ? undefined : toIndex(value, `${who}: Property '${name}'`);
}

/** @throws RangeError if the number is outside of [low, high]. */
function checkLimit(number: number, name: string, who: string, low: number, high: number): void {
  const what = `${who}: Property '${name}'`;
  if (number < low) throw new RangeError(`${what}: value ${number} is below the lower bound ${low}`);
  if (number > high) throw new RangeError(`${what}: value ${number} is above the upper bound ${high}`);
}

export interface Limits {
  readonly initial: number;
  readonly maximum: number | undefined;
}

/**
 * `initial` and `maximum` of a memory or table descriptor: all is converted first, then ranges are checked.
 * @throws TypeError if `initial` is absent or something is no number, RangeError if it is too large or too small.
 */
export function limits(descriptor: object, who: string, highInitial: number, highMaximum: number): Limits {
  const initial = limitProperty(descriptor, 'initial', who);
  if (initial === undefined) throw new TypeError(`${who}: Property 'initial' is required`);
  const maximum = limitProperty(descriptor, 'maximum', who);
  checkLimit(initial, 'initial', who, 0, highInitial);
  if (maximum !== undefined) checkLimit(maximum, 'maximum', who, initial, highMaximum);
  return { initial, maximum };
}

/** True if a memory or table descriptor wants indices of 64 bits. @throws TypeError if its `address` is no address type */
export function isWide(descriptor: object, who: string): boolean {
  const { address } = descriptor as { address?: unknown };
  if (address === undefined) return false;
  const type = toDomString(address);
  if (type === 'i32' || type === 'i64') return type === 'i64';
  throw new TypeError(`${who}: Unknown address type '${type}'; pass 'i32' or 'i64'`);
}

/** The same with numbers of 64 bits, as BigInts: for memories whose addresses have as many. */
export function wideLimits(descriptor: object, who: string, highInitial: number, highMaximum: number): Limits {
  const property = (name: string): number | undefined => {
    const value: unknown = (descriptor as Record<string, unknown>)[name];
    return value === undefined ? undefined : toWideIndex(value, `${who}: Property '${name}'`);
  };
  const initial = property('initial');
  if (initial === undefined) throw new TypeError(`${who}: Property 'initial' is required`);
  const maximum = property('maximum');
  checkLimit(initial, 'initial', who, 0, highInitial);
  if (maximum !== undefined) checkLimit(maximum, 'maximum', who, initial, highMaximum);
  return { initial, maximum };
}

/**
 * A JS value as an index of 64 bits ("AddressValueToU64" of the JavaScript interface): exact below 2^53, else nearly.
 * @throws TypeError if it is no BigInt, nor converted to one, or is out of range
 */
export function toWideIndex(value: unknown, what: string): number {
  // ToBigInt and nothing else: no number is converted.
  const index = BigInt.asIntN(Number.MAX_SAFE_INTEGER, value as bigint);
  if (index < 0n || index > maxUint64) throw new TypeError(`${what} must be in u64 range`);
  return Number(index);
}

/** A JS value as DOMString. @throws TypeError for a symbol, which `String()` would describe. */
export function toDomString(value: unknown): string {
  return `${value as string}`;
}

/** An argument behind the declared ones; undefined if there is none, whatever `Array.prototype` has at its index. */
export function restArgument(rest: readonly unknown[], i: number): unknown {
  return i < rest.length ? rest[i] : undefined;
}

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/**
 * A byte view of a BufferSource (ArrayBuffer, SharedArrayBuffer or a view of one), or undefined. Nothing is left of what
 * is detached ("get a copy of the bytes held by the buffer source", Web IDL 3.2.25).
 * @throws TypeError for a DataView that is out of the bounds of its buffer.
 */
export function bufferSourceView(source: unknown): Uint8Array | undefined {
  if (isView(source)) {
    if (isDetached(bufferOfView(source))) return new Uint8Array();
    return viewOf(source);
  }
  if (isArrayBuffer(source)) return isDetached(source) ? new Uint8Array() : new Uint8Array(source);
  return undefined;
}

/** Only a detached buffer cannot be viewed; its length says 0, as that of an empty one does. */
function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** Brand check: works for buffers of other realms, and not for impostors. */
function isArrayBuffer(value: unknown): value is ArrayBuffer {
  if (typeof value !== 'object' || value === null) return false;
  return hasLength(byteLengthOf, value) || hasLength(sharedByteLengthOf, value);
}

function hasLength(lengthOf: (buffer: object) => number, value: object): boolean {
  try {
    lengthOf(value);
    return true;
  } catch {
    // Not of this kind.
    return false;
  }
}
