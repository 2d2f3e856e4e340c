/**
 * What lets a Module pass through structured clone: its JS object is one of V8's modules, without functions, that carries
 * an identity and the module's bytes in custom sections (as memories are V8's own objects with another prototype). V8
 * copies no carrier: threads share it, a message that is on its way keeps it, and the last one frees it. So a Module can
 * outlive the thread that made it.
 */
import { latin1, latin1Text, listWith, Object, Uint8Array, viewOf } from '../../support/primordials.js';
import { v8 } from '../../support/v8.js';
import { randomBytes } from '../machine/os.js';
import { isObject } from '../webidl/convert.js';
import { type Constructor, constructAs } from '../webidl/shape.js';

/** V8's class and function as they are now; undefined where V8 runs without WebAssembly (`--jitless`). */
const V8Module = v8?.Module;
const customSections = V8Module?.customSections;
const v8Prototype: object | undefined = V8Module?.prototype;

const clone = structuredClone;

const identityName = 'beamline.identity';
const bytesName = 'beamline.module';
const header = latin1('\0asm\x01\0\0\0');
/** V8 hashes what comes before a code section; an empty one spares it the module's bytes (up to 3 ms per MB). */
const emptyCodeSection = latin1('\n\x01\0');
const identityBytes = 32;
/** V8 takes modules of up to 1 GiB. */
const largestCarrier = 2 ** 30;

/**
 * By which the module's object is recognised, one character per byte: the hash of its bytes, or a number that nobody can
 * guess if its code is not to be found by that.
 */
export type ModuleIdentity = string;

export function newIdentity(): ModuleIdentity {
  return latin1Text(viewOf(randomBytes(identityBytes)));
}

/**
 * A carrier with the prototype that `newTarget` names, or undefined if V8 does not make one: where its code generation is
 * forbidden, or for a module that is too long. Such a Module cannot be cloned.
 */
export function makeCarrier(
  identity: ModuleIdentity,
  bytes: Uint8Array,
  newTarget: Constructor,
  own: Constructor,
): object | undefined {
  const parts = listWith(
    header,
    customSectionHead(identityName, identityBytes),
    latin1(identity),
    emptyCodeSection,
    customSectionHead(bytesName, bytes.length),
    bytes,
  );
  let length = 0;
  for (let i = 0; i < parts.length; i++) length += (parts[i] as Uint8Array).length;
  if (V8Module === undefined || length > largestCarrier) return undefined;
  const carrier = new Uint8Array(length);
  for (let i = 0, at = 0; i < parts.length; i++) {
    carrier.set(parts[i] as Uint8Array, at);
    at += (parts[i] as Uint8Array).length;
  }
  try {
    return constructAs(V8Module, [carrier], newTarget, own);
  } catch {
    return undefined;
  }
}

/**
 * Another carrier like one that there is: as different as two objects are, and the bytes are there once. It takes a few
 * microseconds, a new one a hundred and more, and time for each byte.
 */
export function copyCarrier(carrier: object, newTarget: Constructor, own: Constructor): object | undefined {
  const prototype: unknown = newTarget.prototype;
  try {
    return Object.setPrototypeOf(clone(carrier), isObject(prototype) ? prototype : own.prototype);
  } catch {
    return undefined;
  }
}

/** The identity in a carrier, undefined for everything else. */
export function identityIn(value: unknown): ModuleIdentity | undefined {
  const bytes = sectionOf(value, identityName);
  return bytes?.length === identityBytes ? latin1Text(bytes) : undefined;
}

/** The module's bytes in a carrier. */
export function bytesIn(value: unknown): Uint8Array | undefined {
  return sectionOf(value, bytesName);
}

/** What arrives in a thread has V8's prototype: give it the one of the class it belongs to. */
export function repairPrototype(carrier: object, prototype: object): void {
  if (Object.getPrototypeOf(carrier) === v8Prototype) Object.setPrototypeOf(carrier, prototype);
}

function sectionOf(value: unknown, name: string): Uint8Array | undefined {
  if (customSections === undefined || typeof value !== 'object' || value === null) return undefined;
  try {
    const sections = customSections(value, name);
    return sections.length === 0 ? undefined : new Uint8Array(sections[0] as ArrayBuffer);
  } catch {
    // Not one of V8's modules.
    return undefined;
  }
}

/** Id, size in five bytes, name. */
function customSectionHead(name: string, length: number): Uint8Array {
  const head = new Uint8Array(7 + name.length);
  const size = 1 + name.length + length;
  for (let i = 0; i < 5; i++) head[1 + i] = ((size >>> (7 * i)) & 127) | (i < 4 ? 128 : 0);
  head[6] = name.length;
  head.set(latin1(name), 7);
  return head;
}
