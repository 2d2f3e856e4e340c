import { below } from '../support/dialect.js';
import { BodyExceptions } from './body-exceptions.js';
import type { FailureContext } from './body-failures.js';
import type { ModuleInfo } from './module.js';
import { Op } from './op.js';
import type { BodySink } from './sink.js';
import { isReference, ValType } from './types.js';

/**
 * Opcodes that the hot loop leaves to a call. Few of them are seen before the loop is optimised, and V8 throws
 * optimised code away when it meets a case that it has no feedback for: behind one call they cost one such loss
 * instead of one each. In each method `pos` is behind the opcode.
 */
export class BodyRare extends BodyExceptions {
  constructor(info: ModuleInfo, sink: BodySink, context: FailureContext) {
    super(info, sink, context);
  }

  protected rare(op: i32): void {
    switch (op) {
      case Op.unreachable:
        return this.#unreachable();
      case Op.return_:
        return this.#return();
      case Op.callIndirect:
        return this.callIndirect();
      case Op.returnCall:
        return this.returnCall();
      case Op.returnCallIndirect:
        return this.returnCallIndirect();
      case Op.select:
        return this.#select();
      case Op.globalGet:
        return this.#globalGet();
      case Op.globalSet:
        return this.#globalSet();
      case Op.tableGet:
        return this.#tableGet();
      case Op.tableSet:
        return this.#tableSet();
      case Op.memorySize:
        return this.#memorySize();
      case Op.memoryGrow:
        return this.#memoryGrow();
      case Op.i64Const:
        return this.#i64Const();
      case Op.f32Const:
        return this.#f32Const();
      case Op.f64Const:
        return this.#f64Const();
      case Op.refNull:
        return this.#refNull();
      case Op.refIsNull:
        return this.#refIsNull();
      case Op.refFunc:
        return this.#refFunc();
      case Op.try_:
        return this.beginTry();
      case Op.catch_:
        return this.catchTag();
      case Op.catchAll:
        return this.catchAll();
      case Op.delegate:
        return this.delegate();
      case Op.throw_:
        return this.throwTag();
      case Op.rethrow:
        return this.rethrow();
      case Op.throwRef:
        return this.throwRef();
      case Op.prefixBulk:
        return this.prefixed();
      case Op.prefixSimd:
        return this.simd();
      case Op.prefixAtomic:
        return this.atomic();
      case Op.prefixGc:
        return this.#gc();
      default:
        this.failOpcode(op);
    }
  }

  /** Of garbage collection: the number behind the prefix says what is not there. */
  #gc(): void {
    this.failGcOpcode(this.u32('prefixed opcode index'));
  }

  #unreachable(): void {
    if (this.live) this.sink.unreachable();
    this.setDead();
  }

  #return(): void {
    this.checkBranch(this.results, 'return');
    if (this.live) this.sink.return();
    this.setDead();
  }

  /** select without types: numbers only. */
  #select(): void {
    this.pop(ValType.i32, 2);
    const b = this.popAny(1);
    const a = this.popAny(0);
    if (isReference(a) || isReference(b)) this.fail('select without type is restricted to number and simd types');
    if (a !== b && a !== ValType.bottom && b !== ValType.bottom) this.failType(1, a, b, this.height + 1);
    this.push(a === ValType.bottom ? b : a);
    if (this.live) this.sink.select();
  }

  #globalGet(): void {
    const index = this.u32('global index');
    if (!below(index, this.info.globals.length)) this.fail(`Invalid global index: ${index}`);
    this.push(this.info.globals.type(index));
    if (this.live) this.sink.globalGet(index);
  }

  #globalSet(): void {
    const index = this.u32('global index');
    if (!below(index, this.info.globals.length)) this.fail(`Invalid global index: ${index}`);
    if (!this.info.globals.mutable(index)) this.fail(`immutable global #${index} cannot be assigned`);
    this.pop(this.info.globals.type(index), 0);
    if (this.live) this.sink.globalSet(index);
  }

  #tableGet(): void {
    const index = this.u32('table index');
    const element = this.table(index);
    this.pop(this.typeOfIndex(index), 0);
    this.push(element);
    if (this.live) this.sink.tableGet(index);
  }

  #tableSet(): void {
    const index = this.u32('table index');
    const element = this.table(index);
    this.pop(element, 1);
    this.pop(this.typeOfIndex(index), 0);
    if (this.live) this.sink.tableSet(index);
  }

  #memorySize(): void {
    const memory = this.memoryIndex();
    this.push(this.typeOfAddress(memory));
    if (this.live) this.sink.memorySize(memory);
  }

  #memoryGrow(): void {
    const memory = this.memoryIndex();
    const type = this.typeOfAddress(memory);
    this.pop(type, 0);
    this.push(type);
    if (this.live) this.sink.memoryGrow(memory);
  }

  #i64Const(): void {
    this.s64();
    this.push(ValType.i64);
    if (this.live) this.sink.i64Const(this.low, this.high);
  }

  #f32Const(): void {
    const bits = this.u32le();
    this.push(ValType.f32);
    if (this.live) this.sink.f32Const(bits);
  }

  #f64Const(): void {
    const low = this.u32le();
    const high = this.u32le();
    this.push(ValType.f64);
    if (this.live) this.sink.f64Const(low, high);
  }

  #refNull(): void {
    const type = this.heapType();
    this.push(type);
    if (this.live) this.sink.refNull(type);
  }

  #refIsNull(): void {
    const type = this.popAny(0);
    if (type !== ValType.bottom && !isReference(type)) {
      this.fail(`ref.is_null[0] expected reference type, found ${this.described(this.height, type)}`);
    }
    this.push(ValType.i32);
    if (this.live) this.sink.refIsNull();
  }

  #refFunc(): void {
    const index = this.u32('function index');
    if (!below(index, this.info.functionTypes.length)) this.fail(`function index #${index} is out of bounds`);
    if (!this.info.isReferenced(index)) this.fail(`undeclared reference to function #${index}`);
    this.push(ValType.funcref);
    if (this.live) this.sink.refFunc(index);
  }
}
