import type { FailureContext } from './body-failures.js';
import type { ModuleInfo } from './module.js';

/** Who decodes, validates and compiles the function bodies of one module: one body after another, as far as its bytes are here. */
export interface Bodies {
  /** Next byte of the body. */
  readonly pos: number;
  /** Offset of the opcode that is being decoded, or was last. */
  readonly at: number;
  /** The body of `functionIndex`, whose bytes are [start, end) of the module. */
  begin(functionIndex: number, start: number, end: number): void;
  /**
   * Consume what bytes [pos, limit) allow. True when the body is complete.
   * @throws WasmDecodeError at the first wrong byte
   */
  run(bytes: Uint8Array, limit: number): boolean;
  /**
   * Whole bodies one after another, without a call for each: those that are here, and unusual in nothing. What is wrong comes out
   * when the next body is run.
   * @param at where the first one's size is
   * @param limit bytes that are here
   * @param most so many at most
   * @returns how many: at most as many as `whole` has room for
   */
  runWhole?(
    bytes: Uint8Array,
    at: number,
    limit: number,
    sectionEnd: number,
    functionIndex: number,
    most: number,
  ): number;
  /** Offsets and sizes of the bodies that `runWhole` has run. */
  whole?(count: number): { readonly offsets: Int32Array; readonly sizes: Int32Array };
}

/** Called when the sections before the code are known. */
export type OpenBodies = (info: ModuleInfo, context: FailureContext) => Bodies;
