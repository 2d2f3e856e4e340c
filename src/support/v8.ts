import { Object, Reflect } from './primordials.js';
/** The part of V8's `WebAssembly` that the engine uses itself: memories for storage, modules to find out what V8 does. */
export interface V8WebAssembly {
  readonly Memory: new (descriptor: { initial: number; maximum?: number; shared?: boolean }) => V8Storage;
  readonly Module: V8ModuleConstructor;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
  readonly RuntimeError: { readonly prototype: object };
}

export interface V8ModuleConstructor {
  new (bytes: Uint8Array): object;
  readonly prototype: object;
  customSections(module: object, name: string): ArrayBuffer[];
}

export interface V8Storage {
  readonly buffer: ArrayBuffer;
  /** Returns the number of pages before. @throws RangeError */
  grow(pages: number): number;
}

/** V8's own classes as they are now, whatever becomes of the global and of the namespace later. */
function v8Classes(): V8WebAssembly | undefined {
  const namespace: V8WebAssembly | undefined = Reflect.get(globalThis, 'WebAssembly');
  if (namespace === undefined) return undefined;
  const { Memory, Module, Instance, RuntimeError } = namespace;
  return { Memory, Module, Instance, RuntimeError };
}

/** Undefined where V8 has none (`--jitless`). */
export const v8: V8WebAssembly | undefined = v8Classes();

const prototype: object = v8?.Memory.prototype ?? {};
const getBuffer = Object.getOwnPropertyDescriptor(prototype, 'buffer')?.get as () => ArrayBuffer;
const growBy = Object.getOwnPropertyDescriptor(prototype, 'grow')?.value as (pages: number) => number;

/** The buffer of one of V8's memories. @throws TypeError if it is none */
export function bufferOf(memory: unknown): ArrayBuffer {
  return Reflect.apply(getBuffer, memory, []);
}

/** Grow one of V8's memories; returns the number of pages before. @throws RangeError */
export function growBuffer(memory: unknown, pages: number): number {
  return Reflect.apply(growBy, memory, [pages]);
}

const trapPrototype = v8?.RuntimeError.prototype;

/** True for the error of a trap in V8's wasm. */
export function isV8Trap(error: unknown): boolean {
  return typeof error === 'object' && error !== null && Object.getPrototypeOf(error) === trapPrototype;
}
