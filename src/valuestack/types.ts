import { Reg } from '../backends/x64/registers.js';

/** Machine-level value types: what decides register class, width and slot size. */
export const enum Type {
  i32 = 0,
  i64 = 1,
  f32 = 2,
  f64 = 3,
  v128 = 4,
  /** funcref: the address of a function record, in a general register. */
  ref = 5,
  /** externref, exnref: the id of a value of the host, in a general register. Stack maps name the slots that hold one. */
  externRef = 6,
}

/** Value type byte of the binary format (0x7f i32 ... 0x7b v128, 0x70, 0x6f references) to `Type`. */
export function typeOfByte(byte: i32): Type {
  if (byte >= 0x7b) return 0x7f - byte;
  return byte === 0x6f || byte === 0x69 ? Type.externRef : Type.ref;
}

/** Lives in an xmm register. */
export function isFloat(type: i32): bool {
  return type >= Type.f32 && type <= Type.v128;
}

/** Slots of 8 bytes that a value takes in a frame. */
export function slotsOf(type: i32): i32 {
  return type === Type.v128 ? 2 : 1;
}

/** Vector constants that need no memory. The others are named by their code position, which is neither of these. */
export const enum VectorConstant {
  zero = 0,
  ones = -1,
}

/**
 * Registers are numbered 0..15 (general) and 16..31 (xmm0..xmm15), so that one 32-bit mask describes the whole
 * register file. Not allocatable: rsp, rbp, r14, r15 (pinned), r11 and xmm15 (scratch).
 */
export const enum Registers {
  generalMask = 0x37cf,
  xmmMask = 0x7fff0000,
  allocatable = 0x7fff37cf,
  firstXmm = 16,
  count = 32,
  scratch = Reg.r11,
  /** xmm15 without the offset of 16, as the assembler wants it. */
  scratchXmm = 15,
}

/** Where an operand of the value stack is. */
export const enum Place {
  slot = 0,
  /** a = register, used by this entry (and perhaps other entries), never by a local. */
  reg = 1,
  /** A `local.get` that has not been read yet. a = local index. */
  local = 2,
  /** a = low, b = high half. Of a vector: a = code position or `VectorConstant`, b = 0. */
  constant = 3,
  /** A comparison whose result is only in the processor's flags; always the top entry. a = condition. */
  flags = 4,
}

/** Conditions 0..15 are the processor's; two more for floating-point equality, which must look at two flags. */
export const enum Condition {
  /** ZF = 1 and PF = 0. */
  floatEqual = 16,
  /** ZF = 0 or PF = 1. */
  floatNotEqual = 17,
}

/** The ring buffers for the operands at the top of the stack that can be elsewhere than in their slots. */
export const enum Window {
  /** Larger than the window (`World.window`, at most 64): an opcode may push a few entries before the oldest is materialised. */
  ring = 128,
  mask = 127,
}
