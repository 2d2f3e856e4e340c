import { Int32Array, isolate, Uint8Array } from '../support/primordials.js';
import { wrongConstantGcOpcode } from './gc-opcodes.js';
import type { ModuleInfo } from './module.js';
import { Op } from './op.js';
import { opcodeName } from './opcodes.js';
import type { Reader } from './reader.js';
import { typeName } from './type-names.js';
import { ValType } from './types.js';

/** Room for operands that is there from the start; more is paid for. */
const firstRoom = 64;

/**
 * Reads constant expressions (Core Specification, 3.3.10): constant instructions and `end`. An expression may come in pieces:
 * when the item that holds it is read again from its start, reading goes on where the bytes ended.
 */
export class ConstExprReader {
  static {
    isolate(this);
  }

  readonly #r: Reader;
  readonly #info: ModuleInfo;
  /** Where the expression begins that is not complete, or -1. */
  #start = -1;
  /** Behind its last complete instruction. */
  #pos = 0;
  /** Types of the operands, and places of the instructions that gave them. */
  #stack = new Uint8Array(firstRoom);
  #origins = new Int32Array(firstRoom);
  #height = 0;

  constructor(reader: Reader, info: ModuleInfo) {
    this.#r = reader;
    this.#info = info;
  }

  /** Check the expression at the reader's position and pass over it. @throws `incomplete` if it is not all there */
  read(expected: number): void {
    const r = this.#r;
    const start = r.pos;
    if (start === this.#start) r.pos = this.#pos;
    else {
      this.#start = start;
      this.#height = 0;
    }
    for (;;) {
      this.#pos = r.pos;
      const opcode = r.u8('opcode of a constant expression');
      if (opcode === Op.end) break;
      this.#instruction(opcode, this.#pos);
    }
    this.#start = -1;
    this.#checkResult(expected, start, this.#pos);
  }

  #instruction(opcode: number, at: number): void {
    const r = this.#r;
    switch (opcode) {
      case Op.i32Const:
        r.s32('i32 constant');
        this.#push(ValType.i32, at);
        break;
      case Op.i64Const:
        r.s64('i64 constant');
        this.#push(ValType.i64, at);
        break;
      case Op.f32Const:
        r.u32le('f32 constant');
        this.#push(ValType.f32, at);
        break;
      case Op.f64Const:
        r.u32le('f64 constant');
        r.u32le('f64 constant');
        this.#push(ValType.f64, at);
        break;
      case Op.globalGet:
        this.#globalGet(at);
        break;
      case Op.refNull:
        this.#push(r.heapType(), at);
        break;
      case Op.refFunc: {
        const index = r.u32('function index');
        if (index >= this.#info.functionTypes.length) r.fail(`function index #${index} is out of bounds`, at);
        this.#info.declareReference(index);
        this.#push(ValType.funcref, at);
        break;
      }
      case Op.i32Add:
      case Op.i32Sub:
      case Op.i32Mul:
        this.#binary(opcode, ValType.i32, at);
        break;
      case Op.i64Add:
      case Op.i64Sub:
      case Op.i64Mul:
        this.#binary(opcode, ValType.i64, at);
        break;
      case Op.prefixSimd:
        this.#simd(at);
        break;
      case Op.prefixGc:
        r.fail(wrongConstantGcOpcode(r.u32('prefixed opcode index')), at);
        break;
      default:
        r.fail(`opcode ${opcodeName(opcode)} is not allowed in constant expressions`, at);
    }
  }

  /** v128.const; no other opcode behind the prefix is constant. */
  #simd(at: number): void {
    const r = this.#r;
    const number = r.u32('prefixed opcode index');
    const opcode = number > 0xff ? Op.prefixSimd : (Op.prefixSimd << 8) | number;
    if (opcode !== Op.v128Const) r.fail(`opcode ${opcodeName(opcode)} is not allowed in constant expressions`, at);
    r.need(16, 'v128 constant');
    r.pos += 16;
    this.#push(ValType.v128, at);
  }

  #push(type: number, at: number): void {
    const height = this.#height;
    if (height === this.#stack.length) this.#grow();
    this.#stack[height] = type;
    this.#origins[height] = at;
    this.#height = height + 1;
  }

  #grow(): void {
    const stack = new Uint8Array(2 * this.#height);
    const origins = new Int32Array(2 * this.#height);
    this.#info.memory.take(5 * this.#height);
    stack.set(this.#stack);
    origins.set(this.#origins);
    this.#stack = stack;
    this.#origins = origins;
  }

  #globalGet(at: number): void {
    const r = this.#r;
    const index = r.u32('global index');
    const { globals } = this.#info;
    if (index >= globals.length) r.fail(`Invalid global index: ${index}`, at);
    if (globals.mutable(index)) r.fail('mutable globals cannot be used in constant expressions', at);
    this.#push(globals.type(index), at);
  }

  #binary(opcode: number, type: number, at: number): void {
    const height = this.#height;
    if (height < 2) {
      const name = opcodeName(opcode);
      this.#r.fail(`not enough arguments on the stack for ${name} (need 2, got ${height})`, at);
    }
    this.#operand(opcode, 0, type);
    this.#operand(opcode, 1, type);
    this.#height = height - 1;
    this.#origins[height - 2] = at;
  }

  /** Check operand number `operand` of the two on top. */
  #operand(opcode: number, operand: number, expected: number): void {
    const height = this.#height - 2 + operand;
    const type = this.#stack[height];
    if (type === expected) return;
    const at = this.#origins[height];
    const byte = this.#r.bytes[at];
    const origin = opcodeName(byte === Op.prefixSimd ? Op.v128Const : byte);
    const found = `found ${origin} of type ${typeName(type)}`;
    this.#r.fail(`${opcodeName(opcode)}[${operand}] expected type ${typeName(expected)}, ${found}`, at);
  }

  #checkResult(expected: number, start: number, end: number): void {
    const count = this.#height;
    if (count !== 1) {
      this.#r.fail(`expected 1 elements on the stack for constant expression, found ${count}`, end);
    }
    const type = this.#stack[0];
    if (type !== expected) {
      const types = `expected ${typeName(expected)}, got ${typeName(type)}`;
      this.#r.fail(`type error in constant expression[0] (${types})`, start);
    }
  }
}
