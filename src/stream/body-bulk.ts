import { below } from '../support/dialect.js';
import type { FailureContext } from './body-failures.js';
import { BodyValidator } from './body-validator.js';
import type { ModuleInfo } from './module.js';
import { Op } from './op.js';
import { packedSaturating } from './opcodes.js';
import type { BodySink } from './sink.js';
import { typeName } from './type-names.js';
import { ValType } from './types.js';

/** The opcodes behind the prefix 0xfc: saturating conversions, bulk memory and table operations, wide arithmetic. */
export class BodyBulk extends BodyValidator {
  constructor(info: ModuleInfo, sink: BodySink, context: FailureContext) {
    super(info, sink, context);
  }

  /** `pos` is behind the prefix, `at` where the instruction begins. */
  protected prefixed(): void {
    const sub = this.u32('prefixed opcode index');
    const op: i32 = (Op.prefixBulk << 8) | sub;
    if (!below(sub, (Op.i64MulWideU & 0xff) + 1) || sub === (Op.tableFill & 0xff) + 1) {
      this.failOpcode(below(sub, 0x100) ? op : Op.prefixBulk);
    }
    this.opcode = op;
    if (op >= Op.i64Add128) {
      this.#wide(op);
      return;
    }
    if (op >= Op.memoryInit) {
      this.#bulk(op);
      return;
    }
    const packed = packedSaturating[sub];
    this.pop(packed & 0xff, 0);
    this.push((packed >> 16) & 0xff);
    if (this.live) this.sink.numeric(op);
  }

  #bulk(op: i32): void {
    switch (op) {
      case Op.memoryInit:
        return this.#memoryInit();
      case Op.dataDrop:
        return this.#dataDrop();
      case Op.memoryCopy:
        return this.#memoryCopy();
      case Op.memoryFill:
        return this.#memoryFill();
      case Op.tableInit:
        return this.#tableInit();
      case Op.elemDrop:
        return this.#elemDrop();
      case Op.tableCopy:
        return this.#tableCopy();
      case Op.tableGrow:
        return this.#tableGrow();
      case Op.tableSize:
        return this.#tableSize();
      default: // Op.tableFill
        return this.#tableFill();
    }
  }

  /** Numbers of 128 bits, the lower halves below the upper ones. */
  #wide(op: i32): void {
    for (let operand = op >= Op.i64MulWideS ? 1 : 3; operand >= 0; operand--) this.pop(ValType.i64, operand);
    this.push(ValType.i64);
    this.push(ValType.i64);
    if (this.live) this.sink.wide(op);
  }

  /** Three operands: destination, source or value, length. */
  #popRange(first: i32, second: i32, length: i32): void {
    this.pop(length, 2);
    this.pop(second, 1);
    this.pop(first, 0);
  }

  #memoryInit(): void {
    const segment = this.u32('data segment index');
    const memory = this.memoryIndex();
    this.dataSegment(segment);
    this.#popRange(this.typeOfAddress(memory), ValType.i32, ValType.i32);
    if (this.live) this.sink.memoryInit(segment, memory);
  }

  #dataDrop(): void {
    const segment = this.u32('data segment index');
    this.dataSegment(segment);
    if (this.live) this.sink.dataDrop(segment);
  }

  #memoryCopy(): void {
    const destination = this.memoryIndex();
    const source = this.memoryIndex();
    const to = this.typeOfAddress(destination);
    const from = this.typeOfAddress(source);
    this.#popRange(to, from, to === from ? to : ValType.i32);
    if (this.live) this.sink.memoryCopy(destination, source);
  }

  #memoryFill(): void {
    const memory = this.memoryIndex();
    const type = this.typeOfAddress(memory);
    this.#popRange(type, ValType.i32, type);
    if (this.live) this.sink.memoryFill(memory);
  }

  #tableInit(): void {
    const segment = this.u32('element segment index');
    const table = this.u32('table index');
    const type = this.elementSegment(segment);
    if (type !== this.table(table)) this.fail(`table ${table} is not a super-type of ${typeName(type)}`);
    this.#popRange(this.typeOfIndex(table), ValType.i32, ValType.i32);
    if (this.live) this.sink.tableInit(segment, table);
  }

  #elemDrop(): void {
    const segment = this.u32('element segment index');
    this.elementSegment(segment);
    if (this.live) this.sink.elemDrop(segment);
  }

  #tableCopy(): void {
    const destination = this.u32('table index');
    const source = this.u32('table index');
    if (this.table(destination) !== this.table(source)) {
      this.fail(`table ${destination} is not a super-type of table ${source}`);
    }
    const to = this.typeOfIndex(destination);
    const from = this.typeOfIndex(source);
    this.#popRange(to, from, to === from ? to : ValType.i32);
    if (this.live) this.sink.tableCopy(destination, source);
  }

  #tableGrow(): void {
    const table = this.u32('table index');
    const type = this.table(table);
    const index = this.typeOfIndex(table);
    this.pop(index, 1);
    this.pop(type, 0);
    this.push(index);
    if (this.live) this.sink.tableGrow(table);
  }

  #tableSize(): void {
    const table = this.u32('table index');
    this.table(table);
    this.push(this.typeOfIndex(table));
    if (this.live) this.sink.tableSize(table);
  }

  #tableFill(): void {
    const table = this.u32('table index');
    const type = this.table(table);
    const index = this.typeOfIndex(table);
    this.#popRange(index, type, index);
    if (this.live) this.sink.tableFill(table);
  }
}
