import { assignOwn } from '../support/primordials.js';

/**
 * What the decoder throws for a module that is not valid, or that uses a feature that is not there yet. The JS API
 * turns it into a `CompileError`.
 */
export class WasmDecodeError extends Error {
  declare readonly name: 'WasmDecodeError';
  /** Byte offset in the module. */
  declare readonly offset: number;
  /** Function whose body is wrong, or -1. */
  declare readonly functionIndex: number;
  /** Opcode at fault (0xfc.. prefixed ones with their prefix in the upper byte), or -1. */
  declare readonly opcode: number;

  constructor(message: string, offset: number, functionIndex = -1, opcode = -1) {
    super(`${message} @+${offset}`);
    assignOwn(this, { name: 'WasmDecodeError', offset, functionIndex, opcode });
  }
}
