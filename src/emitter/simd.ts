import { WasmDecodeError } from '../stream/errors.js';
import { opcodeName } from '../stream/opcodes.js';
import type { EmitContext } from './context.js';

/** The decoder refuses vectors unless it is told otherwise, so this is only reached by tests of the decoder. */
function refuse(context: EmitContext, opcode: number): never {
  const { wasmOffset, functionIndex } = context;
  const code = 0xfd00 | opcode;
  throw new WasmDecodeError(`${opcodeName(code)}: not supported yet (simd)`, wasmOffset, functionIndex, code);
}

export function v128Const(context: EmitContext, _a: number, _b: number, _c: number, _d: number): void {
  refuse(context, 12);
}

export function simd(context: EmitContext, opcode: number): void {
  refuse(context, opcode);
}

export function simdLane(context: EmitContext, opcode: number, _lane: number): void {
  refuse(context, opcode);
}

export function simdShuffle(context: EmitContext, _a: number, _b: number, _c: number, _d: number): void {
  refuse(context, 13);
}

export function simdLoad(context: EmitContext, opcode: number, _offset: number): void {
  refuse(context, opcode);
}

export function simdStore(context: EmitContext, opcode: number, _offset: number): void {
  refuse(context, opcode);
}

export function simdLoadLane(context: EmitContext, opcode: number, _offset: number, _lane: number): void {
  refuse(context, opcode);
}

export function simdStoreLane(context: EmitContext, opcode: number, _offset: number, _lane: number): void {
  refuse(context, opcode);
}
