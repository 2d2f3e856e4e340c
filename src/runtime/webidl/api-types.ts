/** Types of the JS API's objects. TypeScript has them only in its DOM library, which Node programs do not load. */

export type ImportExportKind = 'function' | 'table' | 'memory' | 'global' | 'tag';

export interface ModuleExportDescriptor {
  name: string;
  kind: ImportExportKind;
}

export interface ModuleImportDescriptor {
  module: string;
  name: string;
  kind: ImportExportKind;
}

/** A compiled module. */
export interface Module {
  readonly [Symbol.toStringTag]: string;
}

export interface ModuleConstructor {
  readonly prototype: Module;
  /** @throws CompileError if the bytes are not a valid module. */
  new (bytes: BufferSource): Module;
  exports(module: Module): ModuleExportDescriptor[];
  imports(module: Module): ModuleImportDescriptor[];
  customSections(module: Module, sectionName: string): ArrayBuffer[];
}

// biome-ignore lint/suspicious/noExplicitAny: what a module exports is not known to TypeScript.
export type Exports = Record<string, any>;

/** An instance of a module. */
export interface Instance {
  readonly exports: Exports;
}

export interface InstanceConstructor {
  readonly prototype: Instance;
  /** @throws LinkError, TypeError if imports do not fit; RuntimeError if a segment or the start function traps. */
  new (module: Module, imports?: object): Instance;
}

export interface MemoryDescriptor {
  initial: number;
  maximum?: number;
  shared?: boolean;
}

/** A linear memory. */
export interface Memory {
  readonly buffer: ArrayBuffer;
  /** Grow by `delta` pages of 64 KiB; returns the previous number of pages. @throws RangeError */
  grow(delta: number): number;
}

export interface MemoryConstructor {
  new (descriptor: MemoryDescriptor): Memory;
  readonly prototype: Memory;
}

export interface TableDescriptor {
  element: 'anyfunc' | 'externref';
  initial: number;
  maximum?: number;
}

/** A table of references. */
export interface Table {
  readonly length: number;
  get(index: number): unknown;
  set(index: number, value?: unknown): void;
  /** Grow by `delta` elements; returns the previous length. @throws RangeError */
  grow(delta: number, value?: unknown): number;
}

export interface TableConstructor {
  readonly prototype: Table;
  new (descriptor: TableDescriptor, value?: unknown): Table;
}

export interface GlobalDescriptor {
  value: string;
  mutable?: boolean;
}

/** A global variable. */
export interface Global {
  // biome-ignore lint/suspicious/noExplicitAny: depends on the descriptor.
  value: any;
  // biome-ignore lint/suspicious/noExplicitAny: depends on the descriptor.
  valueOf(): any;
}

export interface GlobalConstructor {
  readonly prototype: Global;
  new (descriptor: GlobalDescriptor, value?: unknown): Global;
}

export type BufferSource = ArrayBuffer | SharedArrayBuffer | ArrayBufferView;
