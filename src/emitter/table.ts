import { FunctionRecord, SegmentRecord, TableRecord, TrapCode } from '../backends/abi/layout.js';
import { callShape } from '../backends/code/call-shape.js';
import { Alu, Cc, Reg } from '../backends/x64/registers.js';
import { ValType } from '../stream/types.js';
import { Uint8Array } from '../support/dialect.js';
import { Registers, Type, typeOfByte } from '../valuestack/types.js';
import { callStub } from './calls.js';
import type { EmitContext } from './context.js';

/** Check the index in `r` against the table's length; afterwards r11 = the elements, speculation included. */
function tableElements(c: EmitContext, table: i32, r: i32): void {
  const asm = c.asm;
  c.loadTable(table);
  asm.alu_rm(Alu.cmp, 1, r, Registers.scratch, TableRecord.length);
  c.trapUnless(Cc.b, TrapCode.tableOutOfBounds);
  asm.alu_rr(Alu.sbb, 1, Registers.scratch, Registers.scratch);
  asm.alu_rr(Alu.and, 1, r, Registers.scratch);
  c.loadTable(table);
  asm.mov_rm(1, Registers.scratch, Registers.scratch, TableRecord.elements);
}

/** table.get */
export function tableGet(c: EmitContext, table: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const r = vs.popOwned();
  tableElements(c, table, r);
  asm.lea_x(1, r, Registers.scratch, r, 3, 0);
  asm.mov_rm(1, r, r, 0);
  vs.pushReg(typeOfByte(c.info.tables.element(table)), r);
}

/** table.set */
export function tableSet(c: EmitContext, table: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const value = vs.popReg();
  const r = vs.popOwned();
  tableElements(c, table, r);
  asm.lea_x(1, r, Registers.scratch, r, 3, 0);
  asm.mov_mr(1, r, 0, value);
}

/** table.size */
export function tableSize(c: EmitContext, table: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const d = vs.allocate(Type.i32);
  asm.mov_rm(1, d, Reg.r15, c.layout.tables + 8 * table);
  asm.mov_rm(0, d, d, TableRecord.length);
  vs.pushReg(Type.i32, d);
}

const int32: i32 = ValType.i32;
const funcref: i32 = ValType.funcref;
const noResults = new Uint8Array(0);
const growShape = callShape(Uint8Array.of(funcref, int32, int32), Uint8Array.of(int32));
const fillShape = callShape(Uint8Array.of(int32, funcref, int32, int32), noResults);
const copyShape = callShape(Uint8Array.of(int32, int32, int32, int32, int32), noResults);

/** Stubs are told tables and segments by their offsets in the instance context. */
function pushOffset(c: EmitContext, offset: i32): void {
  c.vs.pushConstant(Type.i32, offset, 0);
}

/** table.grow */
export function tableGrow(c: EmitContext, table: i32): void {
  pushOffset(c, c.layout.tables + 8 * table);
  callStub(c, growShape, c.stubs.tableGrow);
}

/** table.fill */
export function tableFill(c: EmitContext, table: i32): void {
  pushOffset(c, c.layout.tables + 8 * table);
  callStub(c, fillShape, c.stubs.tableFill);
}

/** table.copy */
export function tableCopy(c: EmitContext, destination: i32, source: i32): void {
  pushOffset(c, c.layout.tables + 8 * destination);
  pushOffset(c, c.layout.tables + 8 * source);
  callStub(c, copyShape, c.stubs.tableCopy);
}

/** table.init */
export function tableInit(c: EmitContext, segment: i32, table: i32): void {
  pushOffset(c, c.layout.tables + 8 * table);
  pushOffset(c, c.layout.elementSegments + SegmentRecord.size * segment);
  callStub(c, copyShape, c.stubs.tableInit);
}

/** elem.drop: a dropped segment is one of length 0. */
export function elemDrop(c: EmitContext, segment: i32): void {
  const record = c.layout.elementSegments + SegmentRecord.size * segment;
  c.asm.mov_mi(1, Reg.r15, record + SegmentRecord.length, 0);
}

/** ref.null: 0. */
export function refNull(c: EmitContext, type: i32): void {
  c.vs.pushConstant(typeOfByte(type), 0, 0);
}

/** ref.is_null */
export function refIsNull(c: EmitContext): void {
  const asm = c.asm;
  const vs = c.vs;
  const r = vs.popReg();
  asm.test_rr(1, r, r);
  vs.pushFlags(Cc.e);
}

/** ref.func: the address of the function's record, in the context for own functions, behind a pointer for imports. */
export function refFunc(c: EmitContext, functionIndex: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const d = vs.allocate(Type.ref);
  if (functionIndex < c.importedFunctions) asm.mov_rm(1, d, Reg.r15, c.layout.imports + 8 * functionIndex);
  else {
    const record = c.info.referencedOrdinal(functionIndex);
    asm.lea(1, d, Reg.r15, c.layout.functionRecords + FunctionRecord.size * record);
  }
  vs.pushReg(Type.ref, d);
}
