import { Context, MemoryField, MemoryRecord, SegmentRecord, TrapCode } from '../backends/abi/layout.js';
import { callShape } from '../backends/code/call-shape.js';
import { SiteKind } from '../backends/code/code-map-writer.js';
import { Alu, Cc, LoadKind, Reg, Shift } from '../backends/x64/registers.js';
import { Op } from '../stream/op.js';
import { ValType } from '../stream/types.js';
import { below, Uint8Array } from '../support/dialect.js';
import { Registers, Type, Window } from '../valuestack/types.js';
import { callStub } from './calls.js';
import type { EmitContext } from './context.js';

// Linear memories: r14 is the base of memory 0, those of others are loaded into r11. An address is a zero-extended i32 plus a constant
// offset. With guard pages, up to 2^31 - 1 the offset is the instruction's displacement and whatever lies outside of the memory
// faults (the reservation covers 8 GiB); larger offsets are rare and checked explicitly. Without guard pages all are checked, and so are
// addresses of 64 bits, and memories whose pages are single bytes, which end within a page of the processor.

/** An address in a memory. */
export class Address {
  /** r14, or r11. */
  base: i32 = Reg.r14;
  /** Register, or -1. */
  index: i32 = -1;
  displacement: i32 = 0;
}

/** The address that was just popped: one object for all, written anew each time. */
export const address: Address = new Address();

/** Pop an address for an access of `size` bytes; where it is says `address`. May use r11, which it can be in afterwards. */
export function popAddress(c: EmitContext, offset: i32, size: i32): void {
  const vs = c.vs;
  if (vs.topIsConstant() && !c.info.is64(c.memoryIndex) && !c.info.hasBytePages(c.memoryIndex)) {
    // All three are below 2^31: the sum has not wrapped.
    const low: i32 = vs.a[(vs.height - 1) & Window.mask];
    const more: i32 = offset | 0;
    const sum: i32 = (low + more) | 0;
    if (
      low >= 0 &&
      more >= 0 &&
      sum >= 0 &&
      (!c.checksBounds || (c.memoryIndex === 0 && sum <= c.leastMemory - size))
    ) {
      vs.drop();
      address.base = loadBase(c, takeMemory(c));
      address.index = -1;
      address.displacement = sum;
      return;
    }
  }
  placeAddress(c, vs.popReg(), offset, size);
}

/** Where the context has the fields of the memory that the access is to; the next one is to memory 0 again. */
function takeMemory(c: EmitContext): i32 {
  const fields = c.layout.memory(c.memoryIndex);
  c.memoryIndex = 0;
  return fields;
}

/** The register with the memory's base: r14, or r11, which it is loaded into. */
function loadBase(c: EmitContext, fields: i32): i32 {
  if (fields === Context.memoryBase) return Reg.r14;
  c.asm.mov_rm(1, Registers.scratch, Reg.r15, fields + MemoryField.base);
  return Registers.scratch;
}

/** An access at the popped address in `r`. */
export function placeAddress(c: EmitContext, r: i32, offset: i32, size: i32): void {
  const asm = c.asm;
  const hooks = c.hooks;
  if (c.info.is64(c.memoryIndex)) {
    checkWideAddress(c, r, offset | 0, size);
    return;
  }
  if (hooks !== null && hooks.checkUpperHalves) {
    asm.mov_rr(1, Registers.scratch, r);
    asm.shift_i(Shift.shr, 1, Registers.scratch, 32);
    c.trapUnless(Cc.e, TrapCode.internal);
  }
  if (!c.checksBounds && (offset | 0) >= 0 && !c.info.hasBytePages(c.memoryIndex)) {
    address.base = loadBase(c, takeMemory(c));
    address.index = r;
    address.displacement = offset | 0;
  } else checkAddress(c, r, offset | 0, size);
}

/**
 * The address is the base + r11 - `size`, where r11 is the end of the access; or no address, which faults, if that is
 * beyond the memory. No branch is taken, so none can be mispredicted.
 */
export function checkAddress(c: EmitContext, r: i32, offset: i32, size: i32): void {
  const asm = c.asm;
  // The end in 33 bits: it has wrapped if it is below the size.
  const end: i32 = (offset + size) | 0;
  if (offset >= 0 && end >= 0) asm.lea(1, Registers.scratch, r, end);
  else {
    asm.mov_ri64(Registers.scratch, end, below(end, size) ? 1 : 0);
    asm.alu_rr(Alu.add, 1, Registers.scratch, r);
  }
  checkEnd(c, size);
}

/** The same for an address of 64 bits in `r`, and an offset whose upper half is `memoryOffsetHigh`. */
function checkWideAddress(c: EmitContext, r: i32, offset: i32, size: i32): void {
  const asm = c.asm;
  if (!c.checksBounds && c.memoryOffsetHigh === 0 && offset >= 0 && !c.info.hasBytePages(c.memoryIndex)) {
    // All of the memory is within 32 bits, and guard pages behind it. A mispredicted check finds the lower half alone.
    asm.mov_rr(0, Registers.scratch, r);
    asm.alu_rr(Alu.cmp, 1, Registers.scratch, r);
    c.trapIf(Cc.ne, TrapCode.memoryOutOfBounds);
    placeScratch(c, takeMemory(c), offset);
    return;
  }
  const end: i32 = (offset + size) | 0;
  const high: i32 = (c.memoryOffsetHigh + (below(end, size) ? 1 : 0)) | 0;
  // Beyond 2^64 there is no memory.
  const isBeyond = high === 0 && c.memoryOffsetHigh !== 0;
  if (isBeyond) asm.mov_rm(1, Registers.scratch, Reg.r15, Context.outOfBounds);
  else if (high === 0 && end >= 0) {
    asm.mov_rr(1, Registers.scratch, r);
    asm.alu_ri(Alu.add, 1, Registers.scratch, end);
  } else {
    asm.mov_ri64(Registers.scratch, end, high);
    asm.alu_rr(Alu.add, 1, Registers.scratch, r);
  }
  if (!isBeyond) asm.cmov_rm(Cc.b, 1, Registers.scratch, Reg.r15, Context.outOfBounds);
  checkEnd(c, size);
}

/** r11 is the end of the access: see `checkAddress`. */
function checkEnd(c: EmitContext, size: i32): void {
  const asm = c.asm;
  const fields = takeMemory(c);
  asm.alu_rm(Alu.cmp, 1, Registers.scratch, Reg.r15, fields + MemoryField.length);
  asm.cmov_rm(Cc.a, 1, Registers.scratch, Reg.r15, Context.outOfBounds);
  placeScratch(c, fields, -size);
}

/** The address is the base of the memory with these fields + r11 + `displacement`. */
function placeScratch(c: EmitContext, fields: i32, displacement: i32): void {
  if (fields === Context.memoryBase) {
    address.base = Reg.r14;
    address.index = Registers.scratch;
  } else {
    c.asm.alu_rm(Alu.add, 1, Registers.scratch, Reg.r15, fields + MemoryField.base);
    address.base = Registers.scratch;
    address.index = -1;
  }
  address.displacement = displacement;
}

/** i32.load ... i64.load32_u. */
export function load(c: EmitContext, opcode: i32, offset: i32): void {
  switch (opcode) {
    case Op.i32Load:
      return loadInt(c, Type.i32, LoadKind.u32, 4, offset);
    case Op.i64Load:
      return loadInt(c, Type.i64, LoadKind.u64, 8, offset);
    case Op.f32Load:
      return loadFloat(c, 0, offset);
    case Op.f64Load:
      return loadFloat(c, 1, offset);
    case Op.i32Load8S:
      return loadInt(c, Type.i32, LoadKind.s8_32, 1, offset);
    case Op.i32Load8U:
      return loadInt(c, Type.i32, LoadKind.u8_32, 1, offset);
    case Op.i32Load16S:
      return loadInt(c, Type.i32, LoadKind.s16_32, 2, offset);
    case Op.i32Load16U:
      return loadInt(c, Type.i32, LoadKind.u16_32, 2, offset);
    case Op.i64Load8S:
      return loadInt(c, Type.i64, LoadKind.s8_64, 1, offset);
    case Op.i64Load8U:
      return loadInt(c, Type.i64, LoadKind.u8_32, 1, offset);
    case Op.i64Load16S:
      return loadInt(c, Type.i64, LoadKind.s16_64, 2, offset);
    case Op.i64Load16U:
      return loadInt(c, Type.i64, LoadKind.u16_32, 2, offset);
    case Op.i64Load32S:
      return loadInt(c, Type.i64, LoadKind.s32_64, 4, offset);
    case Op.i64Load32U:
      return loadInt(c, Type.i64, LoadKind.u32, 4, offset);
    default:
      throw noCode(opcode);
  }
}

function loadInt(c: EmitContext, type: Type, kind: LoadKind, size: i32, offset: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  popAddress(c, offset, size);
  const index = address.index;
  const d = index >= 0 && index !== Registers.scratch && vs.owned(index) ? index : vs.allocate(type);
  c.mark(SiteKind.memory, 0);
  asm.loadx(kind, d, address.base, address.index, address.displacement);
  vs.pushReg(type, d);
}

function loadFloat(c: EmitContext, f: i32, offset: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  popAddress(c, offset, f === 0 ? 4 : 8);
  const d = vs.allocate(Type.f32 + f);
  c.mark(SiteKind.memory, 0);
  asm.floadx(f, d - Registers.firstXmm, address.base, address.index, address.displacement);
  vs.pushReg(Type.f32 + f, d);
}

function noCode(opcode: i32): Error {
  return new Error(`internal error: memory opcode 0x${opcode.toString(16)} has no code`);
}

/** i32.store ... i64.store32. */
export function store(c: EmitContext, opcode: i32, offset: i32): void {
  switch (opcode) {
    case Op.i32Store:
    case Op.i64Store32:
      return storeInt(c, 4, offset);
    case Op.i64Store:
      return storeInt(c, 8, offset);
    case Op.f32Store:
      return storeFloat(c, 0, offset);
    case Op.f64Store:
      return storeFloat(c, 1, offset);
    case Op.i32Store8:
    case Op.i64Store8:
      return storeInt(c, 1, offset);
    case Op.i32Store16:
    case Op.i64Store16:
      return storeInt(c, 2, offset);
    default:
      throw noCode(opcode);
  }
}

function storeInt(c: EmitContext, size: i32, offset: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  if (vs.topIsConstant()) {
    const i = (vs.height - 1) & Window.mask;
    const value = vs.a[i];
    if (size < 8 || vs.b[i] === value >> 31) {
      vs.drop();
      popAddress(c, offset, size);
      c.mark(SiteKind.memory, 0);
      asm.storex_i(size, address.base, address.index, address.displacement, value);
      return;
    }
  }
  const s = vs.popReg();
  popAddress(c, offset, size);
  c.mark(SiteKind.memory, 0);
  asm.storex(size, address.base, address.index, address.displacement, s);
}

function storeFloat(c: EmitContext, f: i32, offset: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const s = vs.popReg();
  popAddress(c, offset, f === 0 ? 4 : 8);
  c.mark(SiteKind.memory, 0);
  asm.fstorex(f, address.base, address.index, address.displacement, s - Registers.firstXmm);
}

/** Type of a memory's addresses and sizes. */
function typeOfAddress(c: EmitContext, index: i32): Type {
  return c.info.is64(index) ? Type.i64 : Type.i32;
}

/** memory.size. Other threads can grow a shared memory: JS asks V8. */
export function memorySize(c: EmitContext, index: i32): void {
  if (c.info.isShared(index)) {
    c.vs.pushConstant(Type.i32, index, 0);
    callStub(c, sizeShape, c.stubs.memorySize);
    return;
  }
  const asm = c.asm;
  const vs = c.vs;
  const type = typeOfAddress(c, index);
  const d = vs.allocate(type);
  asm.mov_rm(1, d, Reg.r15, c.layout.memory(index) + MemoryField.record);
  asm.mov_rm(1, d, d, MemoryRecord.byteLength);
  if (!c.info.hasBytePages(index)) asm.shift_i(Shift.shr, 1, d, 16);
  vs.pushReg(type, d);
}

const int32: i32 = ValType.i32;
const sizeShape = callShape(Uint8Array.of(int32), Uint8Array.of(int32));
const growShape = callShape(Uint8Array.of(int32, int32), Uint8Array.of(int32));
const bulkShape = callShape(Uint8Array.of(int32, int32, int32), new Uint8Array(0));
const initShape = callShape(Uint8Array.of(int32, int32, int32, int32), new Uint8Array(0));
/** Of any memories: where the context has their fields. */
const otherCopyShape = callShape(Uint8Array.of(int32, int32, int32, int32, int32), new Uint8Array(0));
// With addresses of 64 bits.
const int64: i32 = ValType.i64;
const wideGrowShape = callShape(Uint8Array.of(int64, int32), Uint8Array.of(int64));
const wideFillShape = callShape(Uint8Array.of(int64, int32, int64, int32), new Uint8Array(0));
const wideCopyShape = callShape(Uint8Array.of(int64, int64, int64, int32, int32), new Uint8Array(0));
const toWideShape = callShape(Uint8Array.of(int64, int32, int32, int32, int32), new Uint8Array(0));
const fromWideShape = callShape(Uint8Array.of(int32, int64, int32, int32, int32), new Uint8Array(0));

/** memory.grow */
export function memoryGrow(c: EmitContext, index: i32): void {
  c.vs.pushConstant(Type.i32, index, 0);
  if (c.info.is64(index)) callStub(c, wideGrowShape, c.stubs.wideGrow);
  else callStub(c, growShape, c.stubs.memoryGrow);
}

/** Stubs are told memories by where the context has their fields. */
function pushFields(c: EmitContext, index: i32): void {
  c.vs.pushConstant(Type.i32, c.layout.memory(index), 0);
}

/** memory.copy */
export function memoryCopy(c: EmitContext, destination: i32, source: i32): void {
  if (destination === 0 && source === 0 && !c.info.is64(0)) {
    callStub(c, bulkShape, c.stubs.memoryCopy);
    return;
  }
  pushFields(c, destination);
  pushFields(c, source);
  const isWide = c.info.is64(destination);
  if (isWide === c.info.is64(source)) callStub(c, isWide ? wideCopyShape : otherCopyShape, c.stubs.otherCopy);
  else callStub(c, isWide ? toWideShape : fromWideShape, c.stubs.otherCopy);
}

/** memory.fill */
export function memoryFill(c: EmitContext, index: i32): void {
  const isWide = c.info.is64(index);
  if (index === 0 && !isWide) {
    callStub(c, bulkShape, c.stubs.memoryFill);
    return;
  }
  pushFields(c, index);
  callStub(c, isWide ? wideFillShape : initShape, c.stubs.otherFill);
}

/** memory.init */
export function memoryInit(c: EmitContext, segment: i32, index: i32): void {
  c.vs.pushConstant(Type.i32, c.layout.dataSegments + SegmentRecord.size * segment, 0);
  const isWide = c.info.is64(index);
  if (index === 0 && !isWide) {
    callStub(c, initShape, c.stubs.memoryInit);
    return;
  }
  pushFields(c, index);
  callStub(c, isWide ? toWideShape : otherCopyShape, c.stubs.otherInit);
}

/** data.drop: a dropped segment is one of length 0. */
export function dataDrop(c: EmitContext, segment: i32): void {
  const record = c.layout.dataSegments + SegmentRecord.size * segment;
  c.asm.mov_mi(1, Reg.r15, record + SegmentRecord.length, 0);
}
