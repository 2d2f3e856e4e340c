import { FunctionElement, FunctionRecord, SegmentRecord, TableField, TrapCode } from '../backends/abi/layout.js';
import { callShape } from '../backends/code/call-shape.js';
import { Cc, Reg } from '../backends/x64/registers.js';
import { ValType } from '../stream/types.js';
import { Uint8Array } from '../support/dialect.js';
import { Registers, Type, typeOfByte } from '../valuestack/types.js';
import { callStub } from './calls.js';
import type { EmitContext } from './context.js';

/** Elements are `FunctionElement`s, not ids of values of the host. */
function holdsFunctions(c: EmitContext, table: i32): bool {
  return c.info.tables.element(table) === funcref;
}

/**
 * The index in `r` becomes the address of its element in the table, speculation included. Clobbers r11. A program with time slices waits
 * for no turn while a register has such an address (`promising.ts`): it must be gone when the instruction is done.
 */
function elementAddress(c: EmitContext, table: i32, r: i32): void {
  c.checkTable(table, r, TrapCode.tableOutOfBounds);
  c.elementAddress(table, r, holdsFunctions(c, table) ? FunctionElement.shift : wordShift);
}

/** table.get */
export function tableGet(c: EmitContext, table: i32): void {
  const vs = c.vs;
  const r = vs.popOwned();
  elementAddress(c, table, r);
  c.asm.mov_rm(1, r, r, holdsFunctions(c, table) ? FunctionElement.record : 0);
  vs.pushReg(typeOfByte(c.info.tables.element(table)), r);
}

/** table.set */
export function tableSet(c: EmitContext, table: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const value = vs.popReg();
  const r = vs.popOwned();
  elementAddress(c, table, r);
  if (!holdsFunctions(c, table)) {
    asm.mov_mr(1, r, 0, value);
    asm.zero(r);
    return;
  }
  // What the element has of the record: nothing of null.
  asm.xorp_xx(Registers.scratchXmm, Registers.scratchXmm);
  asm.zero(Registers.scratch);
  asm.test_rr(1, value, value);
  const isNull = asm.jcc8_forward(Cc.e);
  asm.movups_xm(Registers.scratchXmm, value, FunctionRecord.slot);
  asm.mov_rm(1, Registers.scratch, value, FunctionRecord.typeId);
  asm.bind8(isNull);
  // Code can be stopped between any two stores: an element that is not whole is null.
  asm.mov_mi(0, r, FunctionElement.typeId, 0);
  asm.movups_mx(r, FunctionElement.slot, Registers.scratchXmm);
  asm.mov_mr(1, r, FunctionElement.record, value);
  asm.mov_mr(1, r, FunctionElement.typeId, Registers.scratch);
  asm.zero(r);
}

/** table.size */
export function tableSize(c: EmitContext, table: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const type = c.info.tables.is64(table) ? Type.i64 : Type.i32;
  const d = vs.allocate(type);
  asm.mov_rm(0, d, Reg.r15, c.tableField(table, TableField.length));
  vs.pushReg(type, d);
}

/** log2 of an element that is the id of a value of the host. */
const wordShift = 3;
const int32: i32 = ValType.i32;
const funcref: i32 = ValType.funcref;
const noResults = new Uint8Array(0);
const growShape = callShape(Uint8Array.of(funcref, int32, int32), Uint8Array.of(int32));
const fillShape = callShape(Uint8Array.of(int32, funcref, int32, int32), noResults);
const copyShape = callShape(Uint8Array.of(int32, int32, int32, int32, int32), noResults);
// With indices of 64 bits.
const int64: i32 = ValType.i64;
const wideGrowShape = callShape(Uint8Array.of(funcref, int64, int32), Uint8Array.of(int64));
const wideFillShape = callShape(Uint8Array.of(int64, funcref, int64, int32), noResults);
const wideCopyShape = callShape(Uint8Array.of(int64, int64, int64, int32, int32), noResults);
const toWideShape = callShape(Uint8Array.of(int64, int32, int32, int32, int32), noResults);
const fromWideShape = callShape(Uint8Array.of(int32, int64, int32, int32, int32), noResults);

/** Stubs are told tables and segments by their offsets in the instance context. */
function pushOffset(c: EmitContext, offset: i32): void {
  c.vs.pushConstant(Type.i32, offset, 0);
}

/** table.grow */
export function tableGrow(c: EmitContext, table: i32): void {
  pushOffset(c, c.tableField(table, TableField.elements));
  if (c.info.tables.is64(table)) callStub(c, wideGrowShape, c.stubs.wideTableGrow);
  else callStub(c, growShape, c.stubs.tableGrow);
}

/** table.fill */
export function tableFill(c: EmitContext, table: i32): void {
  pushOffset(c, c.tableField(table, TableField.elements));
  const shape = c.info.tables.is64(table) ? wideFillShape : fillShape;
  callStub(c, shape, holdsFunctions(c, table) ? c.stubs.functionsFill : c.stubs.tableFill);
}

/** table.copy */
export function tableCopy(c: EmitContext, destination: i32, source: i32): void {
  pushOffset(c, c.tableField(destination, TableField.elements));
  pushOffset(c, c.tableField(source, TableField.elements));
  const isWide = c.info.tables.is64(destination);
  let shape = isWide ? toWideShape : fromWideShape;
  if (isWide === c.info.tables.is64(source)) shape = isWide ? wideCopyShape : copyShape;
  callStub(c, shape, holdsFunctions(c, destination) ? c.stubs.functionsCopy : c.stubs.tableCopy);
}

/** table.init */
export function tableInit(c: EmitContext, segment: i32, table: i32): void {
  pushOffset(c, c.tableField(table, TableField.elements));
  pushOffset(c, c.layout.elementSegments + SegmentRecord.size * segment);
  const shape = c.info.tables.is64(table) ? toWideShape : copyShape;
  callStub(c, shape, holdsFunctions(c, table) ? c.stubs.functionsInit : c.stubs.tableInit);
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
  if (functionIndex < c.importedFunctions) {
    const element = c.layout.imports + FunctionElement.size * functionIndex;
    asm.mov_rm(1, d, Reg.r15, element + FunctionElement.record);
  } else {
    const record = c.info.referencedOrdinal(functionIndex);
    asm.lea(1, d, Reg.r15, c.layout.functionRecords + FunctionRecord.size * record);
  }
  vs.pushReg(Type.ref, d);
}
