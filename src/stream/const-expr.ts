import { type ConstExpr, ConstKind, type ModuleInfo } from './module.js';
import { Op } from './op.js';
import { opcodeName } from './opcodes.js';
import type { Reader } from './reader.js';
import { typeName, ValType } from './types.js';

/** Operands on the stack of an expression that is checked although it will be refused. */
const deepest = 1000;

/**
 * Reads constant expressions (Core Specification, 3.3.10): one constant instruction and `end`. Longer ones are checked
 * to their end, so that an invalid one is called invalid and a valid one names the feature that is missing.
 * An expression may come in pieces: when the item that holds it is read again from its start, reading goes on where
 * the bytes ended.
 */
export class ConstExprReader {
  readonly #r: Reader;
  readonly #info: ModuleInfo;
  /** Where the expression begins that is not complete, or -1. */
  #start = -1;
  /** Behind its last complete instruction. */
  #pos = 0;
  #stack: ConstExpr[] = [];
  #instructions = 0;
  #ownGlobal = false;

  constructor(reader: Reader, info: ModuleInfo) {
    this.#r = reader;
    this.#info = info;
  }

  /** The expression at the reader's position. @throws `incomplete` if it is not all there */
  read(expected: number): ConstExpr {
    const r = this.#r;
    const start = r.pos;
    if (start === this.#start) r.pos = this.#pos;
    else {
      this.#start = start;
      this.#stack = [];
      this.#instructions = 0;
      this.#ownGlobal = false;
    }
    for (;;) {
      this.#pos = r.pos;
      const opcode = r.u8('opcode of a constant expression');
      if (opcode === Op.end) break;
      this.#instruction(opcode, this.#pos);
      this.#instructions++;
      if (this.#stack.length > deepest) this.#extended(start);
    }
    this.#start = -1;
    return this.#result(expected, start);
  }

  #instruction(opcode: number, at: number): void {
    const r = this.#r;
    switch (opcode) {
      case Op.i32Const:
        this.#push(ConstKind.value, ValType.i32, r.s32('i32 constant'));
        break;
      case Op.i64Const:
        r.s64('i64 constant');
        this.#push(ConstKind.value, ValType.i64, r.low, r.high);
        break;
      case Op.f32Const:
        this.#push(ConstKind.value, ValType.f32, r.u32le('f32 constant'));
        break;
      case Op.f64Const: {
        const low = r.u32le('f64 constant');
        this.#push(ConstKind.value, ValType.f64, low, r.u32le('f64 constant'));
        break;
      }
      case Op.globalGet:
        this.#globalGet(at);
        break;
      case Op.refNull: {
        const type = r.heapType();
        this.#push(ConstKind.refNull, type, type);
        break;
      }
      case Op.refFunc: {
        const index = r.u32('function index');
        if (index >= this.#info.functionTypes.length) r.fail(`function index #${index} is out of bounds`, at);
        this.#info.declareReference(index);
        this.#push(ConstKind.refFunc, ValType.funcref, index);
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
    const low = r.u32le('v128 constant');
    const high = r.u32le('v128 constant');
    const third = r.u32le('v128 constant');
    const fourth = r.u32le('v128 constant');
    this.#stack.push({ kind: ConstKind.vector, type: ValType.v128, low, high, third, fourth });
  }

  #push(kind: ConstKind, type: number, low: number, high = 0): void {
    this.#stack.push({ kind, type, low, high, third: 0, fourth: 0 });
  }

  #globalGet(at: number): void {
    const r = this.#r;
    const index = r.u32('global index');
    const { globals } = this.#info;
    if (index >= globals.length) r.fail(`Invalid global index: ${index}`, at);
    const global = globals[index];
    if (global.mutable) r.fail('mutable globals cannot be used in constant expressions', at);
    if (!global.imported) this.#ownGlobal = true;
    this.#push(ConstKind.globalGet, global.type, index);
  }

  #binary(opcode: number, type: number, at: number): void {
    const b = this.#stack.pop();
    const a = this.#stack.pop();
    if (a?.type !== type || b?.type !== type) {
      this.#r.fail(`type error in constant expression: ${opcodeName(opcode)} needs two ${typeName(type)}`, at);
    }
    this.#push(ConstKind.value, type, 0);
  }

  #result(expected: number, start: number): ConstExpr {
    const value = this.#stack[0];
    const count = this.#stack.length;
    if (count !== 1 || value === undefined) {
      this.#r.fail(`expected 1 elements on the stack for constant expression, found ${count}`, start);
    }
    if (value.type !== expected) {
      const types = `expected ${typeName(expected)}, got ${typeName(value.type)}`;
      this.#r.fail(`type error in constant expression[0] (${types})`, start);
    }
    if (this.#instructions > 1) this.#extended(start);
    if (this.#ownGlobal) {
      this.#r.fail(
        'global.get of an own global in a constant expression: not supported yet (garbage collection)',
        start,
      );
    }
    return value;
  }

  #extended(start: number): never {
    this.#r.fail(
      'constant expression of several instructions: not supported yet (extended constant expressions)',
      start,
    );
  }
}
