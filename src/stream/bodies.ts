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
}

/** Called when the sections before the code are known. */
export type OpenBodies = (info: ModuleInfo, context: FailureContext) => Bodies;
