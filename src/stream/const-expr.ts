import { isolate, Uint8Array } from '../support/primordials.js';
import type { ModuleInfo } from './module.js';
import { Op } from './op.js';
import { opcodeName } from './opcodes.js';
import type { Reader } from './reader.js';
import { typeName } from './type-names.js';
import { ValType } from './types.js';

/** Operands on the stack of an expression that is checked although it will be refused. */
const deepest = 1000;

/**
 * Reads constant expressions (Core Specification, 3.3.10): one constant instruction and `end`. Longer ones are checked
 * to their end, so that an invalid one is called invalid and a valid one names the feature that is missing.
 * An expression may come in pieces: when the item that holds it is read again from its start, reading goes on where
 * the bytes ended.
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
  /** Types of the operands. */
  readonly #stack = new Uint8Array(deepest + 1);
  #height = 0;
  #instructions = 0;
  #ownGlobal = false;

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
      this.#instructions = 0;
      this.#ownGlobal = false;
    }
    for (;;) {
      this.#pos = r.pos;
      const opcode = r.u8('opcode of a constant expression');
      if (opcode === Op.end) break;
      this.#instruction(opcode, this.#pos);
      this.#instructions++;
      if (this.#height > deepest) this.#extended(start);
    }
    this.#start = -1;
    this.#checkResult(expected, start);
  }

  #instruction(opcode: number, at: number): void {
    const r = this.#r;
    switch (opcode) {
      case Op.i32Const:
        r.s32('i32 constant');
        this.#push(ValType.i32);
        break;
      case Op.i64Const:
        r.s64('i64 constant');
        this.#push(ValType.i64);
        break;
      case Op.f32Const:
        r.u32le('f32 constant');
        this.#push(ValType.f32);
        break;
      case Op.f64Const:
        r.u32le('f64 constant');
        r.u32le('f64 constant');
        this.#push(ValType.f64);
        break;
      case Op.globalGet:
        this.#globalGet(at);
        break;
      case Op.refNull:
        this.#push(r.heapType());
        break;
      case Op.refFunc: {
        const index = r.u32('function index');
        if (index >= this.#info.functionTypes.length) r.fail(`function index #${index} is out of bounds`, at);
        this.#info.declareReference(index);
        this.#push(ValType.funcref);
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
    this.#push(ValType.v128);
  }

  #push(type: number): void {
    this.#stack[this.#height++] = type;
  }

  #globalGet(at: number): void {
    const r = this.#r;
    const index = r.u32('global index');
    const { globals, importedGlobals } = this.#info;
    if (index >= globals.length) r.fail(`Invalid global index: ${index}`, at);
    if (globals.mutable(index)) r.fail('mutable globals cannot be used in constant expressions', at);
    if (index >= importedGlobals) this.#ownGlobal = true;
    this.#push(globals.type(index));
  }

  #binary(opcode: number, type: number, at: number): void {
    const height = this.#height;
    if (height < 2 || this.#stack[height - 1] !== type || this.#stack[height - 2] !== type) {
      this.#r.fail(`type error in constant expression: ${opcodeName(opcode)} needs two ${typeName(type)}`, at);
    }
    this.#height--;
  }

  #checkResult(expected: number, start: number): void {
    const count = this.#height;
    if (count !== 1) {
      this.#r.fail(`expected 1 elements on the stack for constant expression, found ${count}`, start);
    }
    const type = this.#stack[0];
    if (type !== expected) {
      const types = `expected ${typeName(expected)}, got ${typeName(type)}`;
      this.#r.fail(`type error in constant expression[0] (${types})`, start);
    }
    if (this.#instructions > 1) this.#extended(start);
    if (this.#ownGlobal) {
      this.#r.fail(
        'global.get of an own global in a constant expression: not supported yet (garbage collection)',
        start,
      );
    }
  }

  #extended(start: number): never {
    this.#r.fail(
      'constant expression of several instructions: not supported yet (extended constant expressions)',
      start,
    );
  }
}
