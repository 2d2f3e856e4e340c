/** The part of V8's `WebAssembly` that the engine uses itself: memories for storage, modules to find out what V8 does. */
export interface V8WebAssembly {
  readonly Memory: new (descriptor: { initial: number; maximum?: number; shared?: boolean }) => V8Storage;
  readonly Module: V8ModuleConstructor;
  readonly Instance: new (module: object, imports: object) => object;
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

/** V8's own classes, whatever the global is replaced by later; undefined where V8 has none (`--jitless`). */
export const v8: V8WebAssembly | undefined = Reflect.get(globalThis, 'WebAssembly');
