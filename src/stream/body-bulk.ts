import { BodyValidator } from './body-validator.js';
import { packedSaturating } from './opcodes.js';
import { typeName, ValType } from './types.js';

/** The opcodes behind the prefix 0xfc: saturating conversions, bulk memory and table operations. */
export class BodyBulk extends BodyValidator {
  /** `pos` is behind the prefix, `at` where the instruction begins. */
  protected prefixed(): void {
    const sub = this.u32('prefixed opcode index');
    const op = 0xfc00 | sub;
    if (sub > 17) this.failOpcode(sub > 0xff ? 0xfc : op);
    this.opcode = op;
    if (sub > 7) {
      this.#bulk(sub);
      return;
    }
    const packed = packedSaturating[sub];
    this.pop(packed & 0xff, 0);
    this.push((packed >> 16) & 0xff);
    if (this.live) this.sink.numeric(op);
  }

  #bulk(sub: number): void {
    switch (sub) {
      case 8: // memory.init
        return this.#memoryInit();
      case 9: // data.drop
        return this.#dataDrop();
      case 10: // memory.copy
        return this.#memoryCopy();
      case 11: // memory.fill
        return this.#memoryFill();
      case 12: // table.init
        return this.#tableInit();
      case 13: // elem.drop
        return this.#elemDrop();
      case 14: // table.copy
        return this.#tableCopy();
      case 15: // table.grow
        return this.#tableGrow();
      case 16: // table.size
        return this.#tableSize();
      default: // table.fill
        return this.#tableFill();
    }
  }

  /** Three i32 operands: destination, source or value, length. */
  #popRange(): void {
    this.pop(ValType.i32, 2);
    this.pop(ValType.i32, 1);
    this.pop(ValType.i32, 0);
  }

  #memoryInit(): void {
    const segment = this.u32('data segment index');
    this.memoryIndex();
    this.dataSegment(segment);
    this.#popRange();
    if (this.live) this.sink.memoryInit(segment);
  }

  #dataDrop(): void {
    const segment = this.u32('data segment index');
    this.dataSegment(segment);
    if (this.live) this.sink.dataDrop(segment);
  }

  #memoryCopy(): void {
    this.memoryIndex();
    this.memoryIndex();
    this.#popRange();
    if (this.live) this.sink.memoryCopy();
  }

  #memoryFill(): void {
    this.memoryIndex();
    this.#popRange();
    if (this.live) this.sink.memoryFill();
  }

  #tableInit(): void {
    const segment = this.u32('element segment index');
    const table = this.u32('table index');
    const type = this.elementSegment(segment);
    if (type !== this.table(table)) this.fail(`table ${table} is not a super-type of ${typeName(type)}`);
    this.#popRange();
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
    this.#popRange();
    if (this.live) this.sink.tableCopy(destination, source);
  }

  #tableGrow(): void {
    const table = this.u32('table index');
    const type = this.table(table);
    this.pop(ValType.i32, 1);
    this.pop(type, 0);
    this.push(ValType.i32);
    if (this.live) this.sink.tableGrow(table);
  }

  #tableSize(): void {
    const table = this.u32('table index');
    this.table(table);
    this.push(ValType.i32);
    if (this.live) this.sink.tableSize(table);
  }

  #tableFill(): void {
    const table = this.u32('table index');
    const type = this.table(table);
    this.pop(ValType.i32, 2);
    this.pop(type, 1);
    this.pop(ValType.i32, 0);
    if (this.live) this.sink.tableFill(table);
  }
}
