/**
 * What the decoder throws for a module that is not valid, or that uses a feature that is not there yet. The JS API
 * turns it into a `CompileError`.
 */
export class WasmDecodeError extends Error {
  override readonly name = 'WasmDecodeError';
  /** Byte offset in the module. */
  readonly offset: number;
  /** Function whose body is wrong, or -1. */
  readonly functionIndex: number;
  /** Opcode at fault (0xfc.. prefixed ones with their prefix in the upper byte), or -1. */
  readonly opcode: number;

  constructor(message: string, offset: number, functionIndex = -1, opcode = -1) {
    super(`${message} @+${offset}`);
    this.offset = offset;
    this.functionIndex = functionIndex;
    this.opcode = opcode;
  }
}
