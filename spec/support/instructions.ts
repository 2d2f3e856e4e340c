/**
 * Walks over the instructions of a body: where each starts and ends, and its numbers. Knows the immediates of
 * WebAssembly 1.0, 2.0, threads, tail calls and legacy exceptions, which is what V8 in Node 20 accepts. A table of
 * its own, so that a mistake in the engine's opcode table cannot hide from the tests.
 */
import type { ByteReader } from './reader.js';
import type { ValueType } from './wasm-types.js';

/** What follows an opcode. */
export const enum Immediate {
  none,
  /** Block type: a value type, empty, or a type index. */
  block,
  /** One index. */
  index,
  /** Two indices. */
  indexPair,
  branchTable,
  memoryAccess,
  /** Memory access and a lane. */
  memoryLane,
  i32,
  i64,
  f32,
  f64,
  v128,
  /** Sixteen lanes of a shuffle, or one lane. */
  lane,
  heapType,
  typeVector,
  /** A single byte (memory index, or the reserved byte of `atomic.fence`). */
  byte,
  unknown,
}

/** Opcodes with a prefix are `prefix << 16 | number`. */
export const enum Op {
  unreachable = 0x00,
  nop = 0x01,
  block = 0x02,
  loop = 0x03,
  if = 0x04,
  else = 0x05,
  try = 0x06,
  catch = 0x07,
  throw = 0x08,
  rethrow = 0x09,
  end = 0x0b,
  br = 0x0c,
  brIf = 0x0d,
  brTable = 0x0e,
  return = 0x0f,
  call = 0x10,
  callIndirect = 0x11,
  returnCall = 0x12,
  returnCallIndirect = 0x13,
  delegate = 0x18,
  catchAll = 0x19,
  drop = 0x1a,
  select = 0x1b,
  selectTyped = 0x1c,
  localGet = 0x20,
  localSet = 0x21,
  localTee = 0x22,
  globalGet = 0x23,
  globalSet = 0x24,
  tableGet = 0x25,
  tableSet = 0x26,
  f32Store = 0x38,
  f64Store = 0x39,
  memorySize = 0x3f,
  memoryGrow = 0x40,
  i32Const = 0x41,
  i64Const = 0x42,
  f32Const = 0x43,
  f64Const = 0x44,
  f32Copysign = 0x98,
  f64Copysign = 0xa6,
  i32ReinterpretF32 = 0xbc,
  i64ReinterpretF64 = 0xbd,
  f32ReinterpretI32 = 0xbe,
  f64ReinterpretI64 = 0xbf,
  refNull = 0xd0,
  refIsNull = 0xd1,
  refFunc = 0xd2,
}

/** The kind of immediate of an opcode. */
export function immediateOf(opcode: number): Immediate {
  if (opcode > 0xff) return prefixedImmediate(opcode >>> 16, opcode & 0xffff);
  if (opcode >= 0x45 && opcode <= 0xc4) return Immediate.none;
  if (opcode >= 0x28 && opcode <= 0x3e) return Immediate.memoryAccess;
  switch (opcode) {
    case Op.unreachable:
    case Op.nop:
    case Op.else:
    case Op.end:
    case Op.return:
    case Op.catchAll:
    case Op.drop:
    case Op.select:
    case Op.refIsNull:
      return Immediate.none;
    case Op.block:
    case Op.loop:
    case Op.if:
    case Op.try:
      return Immediate.block;
    case Op.catch:
    case Op.throw:
    case Op.rethrow:
    case Op.delegate:
    case Op.br:
    case Op.brIf:
    case Op.call:
    case Op.returnCall:
    case Op.localGet:
    case Op.localSet:
    case Op.localTee:
    case Op.globalGet:
    case Op.globalSet:
    case Op.tableGet:
    case Op.tableSet:
    case Op.refFunc:
      return Immediate.index;
    case Op.brTable:
      return Immediate.branchTable;
    case Op.callIndirect:
    case Op.returnCallIndirect:
      return Immediate.indexPair;
    case Op.selectTyped:
      return Immediate.typeVector;
    case Op.memorySize:
    case Op.memoryGrow:
      return Immediate.index;
    case Op.i32Const:
      return Immediate.i32;
    case Op.i64Const:
      return Immediate.i64;
    case Op.f32Const:
      return Immediate.f32;
    case Op.f64Const:
      return Immediate.f64;
    case Op.refNull:
      return Immediate.heapType;
    default:
      return Immediate.unknown;
  }
}

/** The same for an opcode behind a prefix. */
export function prefixedImmediate(prefix: number, number: number): Immediate {
  if (prefix === 0xfc) {
    if (number <= 7) return Immediate.none;
    if (number === 8 || number === 10 || number === 12 || number === 14) return Immediate.indexPair;
    if (number <= 17) return Immediate.index;
    if (number >= 19 && number <= 22) return Immediate.none;
  } else if (prefix === 0xfd) {
    if (number <= 11 || number === 92 || number === 93) return Immediate.memoryAccess;
    if (number === 12 || number === 13) return Immediate.v128;
    if (number >= 21 && number <= 34) return Immediate.lane;
    if (number >= 84 && number <= 91) return Immediate.memoryLane;
    if (number <= 0x113) return Immediate.none;
  } else if (prefix === 0xfe) {
    if (number === 3) return Immediate.byte;
    if (number <= 0x4e) return Immediate.memoryAccess;
  }
  return Immediate.unknown;
}

/** One instruction; the walker reuses the object. */
export interface Instruction {
  opcode: number;
  immediate: Immediate;
  start: number;
  /** Where the immediate begins. */
  operand: number;
  end: number;
}

/** A run of locals of one type. */
export interface LocalRun {
  count: number;
  type: ValueType;
}

/** Reads local declarations; the reader then stands at the first instruction. */
export function readLocals(reader: ByteReader): LocalRun[] {
  return reader.vector(() => ({ count: reader.unsigned(), type: reader.byte() }));
}

/**
 * Read one instruction at the reader's position.
 * @throws RangeError past the end, Error for an unknown opcode
 */
export function readInstruction(reader: ByteReader, into: Instruction): void {
  into.start = reader.position;
  let opcode = reader.byte();
  if (opcode === 0xfc || opcode === 0xfd || opcode === 0xfe) opcode = (opcode << 16) | reader.unsigned();
  into.opcode = opcode;
  into.immediate = immediateOf(opcode);
  into.operand = reader.position;
  skipImmediate(reader, into.immediate, opcode);
  into.end = reader.position;
}

function skipImmediate(reader: ByteReader, immediate: Immediate, opcode: number): void {
  switch (immediate) {
    case Immediate.none:
      return;
    case Immediate.block:
    case Immediate.index:
    case Immediate.i32:
    case Immediate.i64:
    case Immediate.heapType:
      reader.skipLeb();
      return;
    case Immediate.indexPair:
      reader.skipLeb();
      reader.skipLeb();
      return;
    case Immediate.branchTable:
      for (let count = reader.unsigned(); count >= 0; count--) reader.skipLeb();
      return;
    case Immediate.memoryAccess:
    case Immediate.memoryLane:
      if (reader.unsigned() & 0x40) reader.skipLeb();
      reader.skipLeb();
      if (immediate === Immediate.memoryLane) reader.skip(1);
      return;
    case Immediate.f32:
      reader.skip(4);
      return;
    case Immediate.f64:
      reader.skip(8);
      return;
    case Immediate.v128:
      reader.skip(16);
      return;
    case Immediate.lane:
    case Immediate.byte:
      reader.skip(1);
      return;
    case Immediate.typeVector:
      reader.vector(() => reader.byte());
      return;
    case Immediate.unknown:
      throw new Error(`unknown opcode 0x${opcode.toString(16)}`);
  }
}

/** A fresh object for {@link readInstruction}. */
export function newInstruction(): Instruction {
  return { opcode: 0, immediate: Immediate.none, start: 0, operand: 0, end: 0 };
}
