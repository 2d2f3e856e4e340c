/** What an engine and the thread that optimizes its functions say to each other. All of it can be cloned. */
import type { CompilerStubs, CpuFeatures } from '../backends/code/target.js';
import type { Debug } from '../debug.js';

/** What the code is made for. */
export interface OptimizerTarget {
  readonly stubs: CompilerStubs;
  readonly cpu: CpuFeatures;
  readonly checksBounds: boolean;
  readonly debug: Debug;
  /** Bytes of the engine's code memory. */
  readonly codeMemory: number;
}

/** Where a function's code and constants go: offsets in the engine's code memory, which the engine has set aside. */
export interface Place {
  readonly start: number;
  readonly end: number;
  readonly data: number;
  readonly dataEnd: number;
}

/** A function to optimize. */
export interface OptimizeRequest {
  readonly kind: 'optimize';
  /** Number of the module among those of the engine. */
  readonly module: number;
  /** The module's bytes up to the first body; with the first function of a module only. */
  readonly header: Uint8Array | undefined;
  /** Index of the function, imports counted. */
  readonly functionIndex: number;
  readonly body: Uint8Array;
  /** Where the body is in the module. */
  readonly bodyOffset: number;
  /** Data offset of the module's slots. */
  readonly slots: number;
  readonly place: Place;
}

/** Nothing of the module is asked for any more. */
export interface ForgetRequest {
  readonly kind: 'forget';
  readonly module: number;
}

export type Request = OptimizeRequest | ForgetRequest;

/** A function's machine code, for the place that was named. */
export interface Optimized {
  readonly kind: 'optimized';
  /** Of the function. */
  readonly entry: number;
  readonly end: number;
  /** What goes to `place.start`. */
  readonly code: Uint8Array;
  /** What goes to `place.data`. */
  readonly data: Uint8Array;
  readonly mapSpans: Int32Array;
  readonly sites: Int32Array;
  readonly nodes: Int32Array;
  readonly lists: Int32Array;
}

/** The function stays as it is: more work than the tier spends on so few bytes, or instructions that it has no code for. */
export interface GivenUp {
  readonly kind: 'given up';
}

/** The place was too small. */
export interface TooSmall {
  readonly kind: 'too small';
  readonly part: 'code' | 'data';
}

/** The compiler has failed: an error of the engine, which the statistics tell. */
export interface Failed {
  readonly kind: 'failed';
  readonly message: string;
}

export type Answer = Optimized | GivenUp | TooSmall | Failed;
