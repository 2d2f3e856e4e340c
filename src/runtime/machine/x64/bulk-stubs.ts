/**
 * Bulk memory and table instructions as stubs with the wasm calling convention (parameters in rax, rdx, rcx, rbx, rsi).
 * They may clobber everything but rbp, rsp, r14, r15, check all bounds before the first store, and raise their trap
 * with the caller's return address as its site.
 */

import {
  Context,
  FunctionElement,
  FunctionRecord,
  Interrupt,
  MemoryField,
  MemoryRecord,
  SegmentRecord,
  TableField,
  Thread,
  TrapCode,
} from '../../../backends/abi/layout.js';
import { Alu, type Assembler, Cc, LoadKind, Reg, Shift } from '../../../backends/x64/assembler.js';
import { List, listWith } from '../../../support/primordials.js';
import { emitAddress } from './address.js';
import type { StubWriter } from './stub-writer.js';

/** Below this length a loop is faster than `rep`, which takes some 30 ns to start. */
const repThreshold = 256;
/** The interrupt mark is looked at after this many bytes: about a millisecond. */
const chunkBytes = 16 << 20;

export interface BulkStubs {
  /** (dst i32, value i32, n i32) */
  readonly memoryFill: number;
  /** (dst i32, src i32, n i32) */
  readonly memoryCopy: number;
  /** (dst i32, src i32, n i32, context offset of the segment's record i32) */
  readonly memoryInit: number;
  /** The same for any memories: (dst i32, value i32, n i32, context offset of the memory's fields i32) */
  readonly otherFill: number;
  /** (dst i32, src i32, n i32, context offsets of the memories' fields: dst i32, src i32) */
  readonly otherCopy: number;
  /** (dst i32, src i32, n i32, context offsets of the segment's record i32, of the memory's fields i32) */
  readonly otherInit: number;
  /** (dst i32, src i32, n i32, context offsets of the tables' fields: dst i32, src i32) */
  readonly tableCopy: number;
  /** (dst i32, src i32, n i32, context offset of the table's fields i32, of the segment's record i32) */
  readonly tableInit: number;
  /** (dst i32, value ref, n i32, context offset of the table's fields i32) */
  readonly tableFill: number;
  /** The same for tables of functions. Segments and values are addresses of function records. */
  readonly functionsCopy: number;
  readonly functionsInit: number;
  readonly functionsFill: number;
  /** The stubs in whose middle a thread can be paused are here: they use the stack as wasm functions do. */
  readonly loops: { readonly start: number; readonly end: number };
}

/**
 * Write the stubs.
 * @param trap the trap stubs
 * @param refreshMemories builtin () -> () that brings the lengths of the caller's memories up to date: V8 can have grown one
 *   without the engine's knowledge
 * @param pause address of `emitPauseAtReturn`
 */
export function writeBulkStubs(
  writer: StubWriter,
  trap: Int32Array,
  refreshMemories: number,
  pause: number,
): BulkStubs {
  const memoryTrap = trap[TrapCode.memoryOutOfBounds] as number;
  const tableTrap = trap[TrapCode.tableOutOfBounds] as number;
  const elementTrap = trap[TrapCode.elementOutOfBounds] as number;
  const interrupted = trap[TrapCode.interrupted] as number;
  const refresh = writer.write((a) => emitRefresh(a, refreshMemories));
  // Nobody is paused in what works on tables: elements are written whole, and registers have addresses of elements, which must hold.
  // These stubs look at the marks themselves: between two chunks, which are multiples of an element, and at their ends.
  const marked = writer.write((a) => emitMarked(a, interrupted, pause));
  const leaveTable = (a: Assembler): void => emitLeaveTable(a, marked);
  const tableUp = writer.write((a) => emitCopyUp(a, interrupted, leaveTable));
  const tableDown = writer.write((a) => emitCopyDown(a, interrupted, leaveTable));
  const initFunctions = writer.write((a) => emitInitFunctions(a, interrupted, leaveTable));
  const fillFunctions = writer.write((a) => emitFillFunctions(a, interrupted, leaveTable));
  const fillWords = writer.write((a) =>
    emitRepeat(a, interrupted, leaveTable, chunkBytes >>> wordShift, () => a.rep_stosq()),
  );
  const leave = (a: Assembler): void => a.ret();
  const up = writer.write((a) => emitCopyUp(a, interrupted, leave));
  const down = writer.write((a) => emitCopyDown(a, interrupted, leave));
  const memoryFill = writer.write((a) => {
    emitCheckMemory(a, [Reg.rax], refresh, memoryTrap);
    a.lea_x(1, Reg.rdi, Reg.r14, Reg.rax, 0, 0);
    a.mov_rr(0, Reg.rax, Reg.rdx);
    emitFillBytes(a, interrupted, leave);
  });

  return {
    memoryFill,
    loops: { start: up, end: writer.asm.pos },
    memoryCopy: writer.write((a) => {
      emitCheckMemory(a, [Reg.rax, Reg.rdx], refresh, memoryTrap);
      a.lea_x(1, Reg.rdi, Reg.r14, Reg.rax, 0, 0);
      a.lea_x(1, Reg.rsi, Reg.r14, Reg.rdx, 0, 0);
      emitCopy(a, up, down);
    }),
    memoryInit: writer.write((a) => {
      a.lea_x(1, Reg.rbx, Reg.r15, Reg.rbx, 0, 0);
      const outside = emitCheckLength(a, Reg.rdx, Reg.rbx, SegmentRecord.length);
      emitCheckMemory(a, [Reg.rax], refresh, memoryTrap);
      a.lea_x(1, Reg.rdi, Reg.r14, Reg.rax, 0, 0);
      a.mov_rm(1, Reg.rsi, Reg.rbx, SegmentRecord.address);
      a.alu_rr(Alu.add, 1, Reg.rsi, Reg.rdx);
      a.jmp(up);
      a.bind(outside);
      a.jmp(memoryTrap);
    }),
    otherFill: writer.write((a) => {
      emitFieldAddress(a, Reg.rbx);
      emitCheckMemories(a, listWith(Reg.rax), listWith(Reg.rbx), refresh, memoryTrap);
      a.mov_rm(1, Reg.rdi, Reg.rbx, MemoryField.base);
      a.alu_rr(Alu.add, 1, Reg.rdi, Reg.rax);
      a.mov_rr(0, Reg.rax, Reg.rdx);
      emitFillBytes(a, interrupted, leave);
    }),
    otherCopy: writer.write((a) => {
      emitFieldAddress(a, Reg.rbx);
      emitFieldAddress(a, Reg.rsi);
      emitCheckMemories(a, listWith(Reg.rax, Reg.rdx), listWith(Reg.rbx, Reg.rsi), refresh, memoryTrap);
      a.mov_rm(1, Reg.rdi, Reg.rbx, MemoryField.base);
      a.alu_rr(Alu.add, 1, Reg.rdi, Reg.rax);
      a.mov_rm(1, Reg.rsi, Reg.rsi, MemoryField.base);
      a.alu_rr(Alu.add, 1, Reg.rsi, Reg.rdx);
      emitCopy(a, up, down);
    }),
    otherInit: writer.write((a) => {
      emitFieldAddress(a, Reg.rbx);
      emitFieldAddress(a, Reg.rsi);
      const outside = emitCheckLength(a, Reg.rdx, Reg.rbx, SegmentRecord.length);
      emitCheckMemories(a, listWith(Reg.rax), listWith(Reg.rsi), refresh, memoryTrap);
      a.mov_rm(1, Reg.rdi, Reg.rsi, MemoryField.base);
      a.alu_rr(Alu.add, 1, Reg.rdi, Reg.rax);
      a.mov_rm(1, Reg.rsi, Reg.rbx, SegmentRecord.address);
      a.alu_rr(Alu.add, 1, Reg.rsi, Reg.rdx);
      a.jmp(up);
      a.bind(outside);
      a.jmp(memoryTrap);
    }),
    tableCopy: writer.write((a) => emitTableCopy(a, wordShift, tableUp, tableDown, tableTrap)),
    functionsCopy: writer.write((a) => emitTableCopy(a, FunctionElement.shift, tableUp, tableDown, tableTrap)),
    tableInit: writer.write((a) => {
      emitTableInit(a, wordShift, tableTrap, elementTrap, () => {
        a.shift_i(Shift.shl, 1, Reg.rcx, wordShift);
        a.jmp(tableUp);
      });
    }),
    functionsInit: writer.write((a) => {
      emitTableInit(a, FunctionElement.shift, tableTrap, elementTrap, () => a.jmp(initFunctions));
    }),
    tableFill: writer.write((a) => emitTableFill(a, wordShift, fillWords, tableTrap)),
    functionsFill: writer.write((a) => emitTableFill(a, FunctionElement.shift, fillFunctions, tableTrap)),
  };
}

/** log2 of an element that is the id of a value of the host. */
const wordShift = 3;

function emitTableCopy(a: Assembler, shift: number, up: number, down: number, trap: number): void {
  emitFieldAddress(a, Reg.rbx);
  emitFieldAddress(a, Reg.rsi);
  const outside = listWith(
    emitCheckLength(a, Reg.rax, Reg.rbx, TableField.length),
    emitCheckLength(a, Reg.rdx, Reg.rsi, TableField.length),
  );
  emitElement(a, Reg.rdi, Reg.rbx, Reg.rax, shift);
  emitElement(a, Reg.rsi, Reg.rsi, Reg.rdx, shift);
  a.shift_i(Shift.shl, 1, Reg.rcx, shift);
  emitCopy(a, up, down);
  for (const jump of outside) a.bind(jump);
  a.jmp(trap);
}

/** @param copy tail: rcx entries of the segment from rsi on to the elements from rdi on. */
function emitTableInit(a: Assembler, shift: number, tableTrap: number, elementTrap: number, copy: () => void): void {
  emitFieldAddress(a, Reg.rbx);
  emitFieldAddress(a, Reg.rsi);
  const outsideTable = emitCheckLength(a, Reg.rax, Reg.rbx, TableField.length);
  const outsideSegment = emitCheckLength(a, Reg.rdx, Reg.rsi, SegmentRecord.length);
  emitElement(a, Reg.rdi, Reg.rbx, Reg.rax, shift);
  a.mov_rm(1, Reg.rsi, Reg.rsi, SegmentRecord.address);
  a.lea_x(1, Reg.rsi, Reg.rsi, Reg.rdx, wordShift, 0);
  copy();
  a.bind(outsideTable);
  a.jmp(tableTrap);
  a.bind(outsideSegment);
  a.jmp(elementTrap);
}

/** @param fill tail: rax to the rcx elements from rdi on. */
function emitTableFill(a: Assembler, shift: number, fill: number, trap: number): void {
  emitFieldAddress(a, Reg.rbx);
  const outside = emitCheckLength(a, Reg.rax, Reg.rbx, TableField.length);
  emitElement(a, Reg.rdi, Reg.rbx, Reg.rax, shift);
  a.mov_rr(1, Reg.rax, Reg.rdx);
  a.jmp(fill);
  a.bind(outside);
  a.jmp(trap);
}

/** Stub: the lengths of all memories are read again by JS; r8 = that of memory 0. Keeps the parameters. */
function emitRefresh(a: Assembler, refreshMemories: number): void {
  a.push(Reg.rbp);
  a.mov_rr(1, Reg.rbp, Reg.rsp);
  a.push(Reg.rax);
  a.push(Reg.rdx);
  a.push(Reg.rcx);
  a.push(Reg.rbx);
  a.push(Reg.rsi);
  // As before, rsp is a multiple of 16 when the callee begins.
  a.push(Reg.rsi);
  a.call32(refreshMemories);
  a.pop(Reg.rsi);
  a.pop(Reg.rsi);
  a.pop(Reg.rbx);
  a.pop(Reg.rcx);
  a.pop(Reg.rdx);
  a.pop(Reg.rax);
  a.pop(Reg.rbp);
  emitMemoryLength(a);
  a.ret();
}

function emitMemoryLength(a: Assembler): void {
  a.mov_rm(1, Reg.r8, Reg.r15, Context.memory);
  a.mov_rm(1, Reg.r8, Reg.r8, MemoryRecord.byteLength);
}

/**
 * Trap unless each start + rcx is at most the length of memory 0. If that is mispredicted, the length of the work is 0.
 * Clobbers r8, r9, r10.
 */
function emitCheckMemory(a: Assembler, starts: readonly Reg[], refresh: number, trap: number): void {
  emitMemoryLength(a);
  emitCheckTwice(a, refresh, trap, () => {
    a.zero(Reg.r10);
    const outside = new List<number>();
    for (let i = 0; i < starts.length; i++) outside.push(emitCheckEnd(a, starts[i] as Reg));
    return outside;
  });
}

/** The same for any memories, and starts and a length of 64 bits: `fields` are the addresses of their fields in the context. */
function emitCheckMemories(
  a: Assembler,
  starts: readonly Reg[],
  fields: readonly Reg[],
  refresh: number,
  trap: number,
): void {
  emitCheckTwice(a, refresh, trap, () => {
    a.zero(Reg.r10);
    const outside = new List<number>();
    for (let i = 0; i < starts.length; i++) {
      a.mov_rm(1, Reg.r8, fields[i] as Reg, MemoryField.record);
      a.mov_rm(1, Reg.r8, Reg.r8, MemoryRecord.byteLength);
      // The sum of two numbers of 64 bits: beyond 2^64 it is above every length.
      a.mov_rr(1, Reg.r9, starts[i] as Reg);
      a.alu_rr(Alu.add, 1, Reg.r9, Reg.rcx);
      outside.push(a.jcc_forward(Cc.b));
      a.cmov_rr(Cc.b, 1, Reg.rcx, Reg.r10);
      outside.push(emitCheckEnd(a, starts[i] as Reg));
    }
    return outside;
  });
}

/** Returns the jump that is taken if start + rcx is above r8; rcx = r10 if that is mispredicted. Clobbers r9. */
function emitCheckEnd(a: Assembler, start: Reg): number {
  a.lea_x(1, Reg.r9, start, Reg.rcx, 0, 0);
  a.alu_rr(Alu.cmp, 1, Reg.r9, Reg.r8);
  const outside = a.jcc_forward(Cc.a);
  a.cmov_rr(Cc.a, 1, Reg.rcx, Reg.r10);
  return outside;
}

/**
 * Compare, and once more with lengths that are read again, before the trap is raised.
 * @param compare returns the jumps that are taken out of bounds
 */
function emitCheckTwice(a: Assembler, refresh: number, trap: number, compare: () => number[]): void {
  const maybe = compare();
  const inside = a.jmp_forward();
  for (const jump of maybe) a.bind(jump);
  a.call32(refresh);
  const outside = compare();
  const insideNow = a.jmp_forward();
  for (const jump of outside) a.bind(jump);
  a.jmp(trap);
  a.bind(inside);
  a.bind(insideNow);
}

/**
 * Returns the jump that is taken if start + rcx, numbers of 64 bits, is above the u32 length at [record + offset]. Clobbers r8, r9,
 * r10.
 */
function emitCheckLength(a: Assembler, start: Reg, record: Reg, offset: number): number {
  a.mov_rr(1, Reg.r9, start);
  a.alu_rr(Alu.add, 1, Reg.r9, Reg.rcx);
  // A sum beyond 2^64 is above every length.
  a.alu_rr(Alu.sbb, 1, Reg.r10, Reg.r10);
  a.alu_rr(Alu.or, 1, Reg.r9, Reg.r10);
  a.mov_rm(0, Reg.r8, record, offset);
  a.alu_rr(Alu.cmp, 1, Reg.r9, Reg.r8);
  return a.jcc_forward(Cc.a);
}

/** r = address of what is at context offset r. */
function emitFieldAddress(a: Assembler, r: Reg): void {
  a.lea_x(1, r, Reg.r15, r, 0, 0);
}

/** d = address of element `index` of the table whose fields are at `table`. Clobbers the index. */
function emitElement(a: Assembler, d: Reg, table: Reg, index: Reg, shift: number): void {
  a.shift_i(Shift.shl, 1, index, shift);
  a.mov_rm(1, d, table, TableField.elements);
  a.alu_rr(Alu.add, 1, d, index);
}

/** Tail of a stub: copy rcx bytes from rsi to rdi, which may overlap. */
function emitCopy(a: Assembler, up: number, down: number): void {
  // dst - src, unsigned, is below the length exactly if dst is inside of the source: then from the end.
  a.mov_rr(1, Reg.r8, Reg.rdi);
  a.alu_rr(Alu.sub, 1, Reg.r8, Reg.rsi);
  a.alu_rr(Alu.cmp, 1, Reg.r8, Reg.rcx);
  a.jcc32(Cc.b, down);
  a.jmp(up);
}

/** Writes the end of a stub. */
type Leave = (a: Assembler) => void;

/**
 * The end of a stub for tables. A program with time slices waits for no turn while a register has the address of an element: none is left
 * behind. What has interrupted the thread meanwhile had to wait until here. Clobbers rsi, rdi, r9.
 */
function emitLeaveTable(a: Assembler, marked: number): void {
  a.zero(Reg.rsi);
  a.zero(Reg.rdi);
  a.mov_rm(1, Reg.r9, Reg.r15, Context.thread);
  a.alu_mi(Alu.cmp, 0, Reg.r9, Thread.interrupt, 0);
  a.jcc(Cc.ne, marked);
  a.ret();
}

/** Tail of a stub: there is a mark in the thread record in r9. */
function emitMarked(a: Assembler, interrupted: number, pause: number): void {
  a.test_mi(0, Reg.r9, Thread.interrupt, Interrupt.deadline);
  a.jcc(Cc.ne, interrupted);
  a.test_mi(0, Reg.r9, Thread.interrupt, Interrupt.tick);
  const other = a.jcc8_forward(Cc.e);
  emitAddress(a, Reg.rax, pause);
  a.jmp_r(Reg.rax);
  a.bind8(other);
  a.ret();
}

/**
 * Tail of a stub: run a `rep` string instruction for rcx units in chunks, looking at the deadline's mark in between.
 * Clobbers rcx, r8, r9.
 */
function emitRepeat(a: Assembler, interrupted: number, leave: Leave, chunk: number, instruction: () => void): void {
  a.mov_rr(1, Reg.r8, Reg.rcx);
  a.mov_rm(1, Reg.r9, Reg.r15, Context.thread);
  const loop = a.pos;
  a.mov_ri(Reg.rcx, chunk);
  a.alu_rr(Alu.cmp, 1, Reg.r8, Reg.rcx);
  a.cmov_rr(Cc.b, 1, Reg.rcx, Reg.r8);
  a.alu_rr(Alu.sub, 1, Reg.r8, Reg.rcx);
  instruction();
  a.test_rr(1, Reg.r8, Reg.r8);
  const done = a.jcc8_forward(Cc.e);
  a.test_mi(0, Reg.r9, Thread.interrupt, Interrupt.deadline);
  a.jcc(Cc.e, loop);
  a.jmp(interrupted);
  a.bind8(done);
  leave(a);
}

/** Stub: copy rcx bytes from rsi to rdi, upwards. */
function emitCopyUp(a: Assembler, interrupted: number, leave: Leave): void {
  a.alu_ri(Alu.cmp, 1, Reg.rcx, repThreshold);
  const long = a.jcc_forward(Cc.ae);
  const loop = a.pos;
  a.alu_ri(Alu.sub, 1, Reg.rcx, 16);
  const tail = a.jcc8_forward(Cc.b);
  a.movups_xm(0, Reg.rsi, 0);
  a.movups_mx(Reg.rdi, 0, 0);
  a.alu_ri(Alu.add, 1, Reg.rsi, 16);
  a.alu_ri(Alu.add, 1, Reg.rdi, 16);
  a.jmp(loop);
  a.bind8(tail);
  a.alu_ri(Alu.add, 1, Reg.rcx, 16);
  const bytes = a.pos;
  a.alu_ri(Alu.sub, 1, Reg.rcx, 1);
  const done = a.jcc8_forward(Cc.b);
  a.loadm(LoadKind.u8_32, Reg.rax, Reg.rsi, 0);
  a.storem(1, Reg.rdi, 0, Reg.rax);
  a.alu_ri(Alu.add, 1, Reg.rsi, 1);
  a.alu_ri(Alu.add, 1, Reg.rdi, 1);
  a.jmp(bytes);
  a.bind8(done);
  leave(a);
  a.bind(long);
  emitRepeat(a, interrupted, leave, chunkBytes, () => a.rep_movsb());
}

/** Stub: copy rcx bytes from rsi to rdi, downwards, 64 at a time (`rep movsb` with the direction flag set is slow). */
function emitCopyDown(a: Assembler, interrupted: number, leave: Leave): void {
  a.mov_rm(1, Reg.r9, Reg.r15, Context.thread);
  a.alu_rr(Alu.add, 1, Reg.rsi, Reg.rcx);
  a.alu_rr(Alu.add, 1, Reg.rdi, Reg.rcx);
  const loop = a.pos;
  a.alu_ri(Alu.sub, 1, Reg.rcx, 64);
  const tail = a.jcc_forward(Cc.b);
  a.alu_ri(Alu.sub, 1, Reg.rsi, 64);
  a.alu_ri(Alu.sub, 1, Reg.rdi, 64);
  for (let i = 0; i < 4; i++) a.movups_xm(i, Reg.rsi, 16 * i);
  for (let i = 0; i < 4; i++) a.movups_mx(Reg.rdi, 16 * i, i);
  a.test_mi(0, Reg.r9, Thread.interrupt, Interrupt.deadline);
  a.jcc(Cc.e, loop);
  a.jmp(interrupted);
  a.bind(tail);
  a.alu_ri(Alu.add, 1, Reg.rcx, 64);
  const loop8 = a.pos;
  a.alu_ri(Alu.sub, 1, Reg.rcx, 8);
  const tail8 = a.jcc8_forward(Cc.b);
  a.alu_ri(Alu.sub, 1, Reg.rsi, 8);
  a.alu_ri(Alu.sub, 1, Reg.rdi, 8);
  a.mov_rm(1, Reg.rax, Reg.rsi, 0);
  a.mov_mr(1, Reg.rdi, 0, Reg.rax);
  a.jmp(loop8);
  a.bind8(tail8);
  a.alu_ri(Alu.add, 1, Reg.rcx, 8);
  const bytes = a.pos;
  a.alu_ri(Alu.sub, 1, Reg.rcx, 1);
  const done = a.jcc8_forward(Cc.b);
  a.alu_ri(Alu.sub, 1, Reg.rsi, 1);
  a.alu_ri(Alu.sub, 1, Reg.rdi, 1);
  a.loadm(LoadKind.u8_32, Reg.rax, Reg.rsi, 0);
  a.storem(1, Reg.rdi, 0, Reg.rax);
  a.jmp(bytes);
  a.bind8(done);
  leave(a);
}

/** Tail of a stub: store al to rcx bytes at rdi. */
function emitFillBytes(a: Assembler, interrupted: number, leave: Leave): void {
  a.alu_ri(Alu.cmp, 1, Reg.rcx, repThreshold);
  const long = a.jcc_forward(Cc.ae);
  a.movzx8(Reg.rax, Reg.rax);
  a.mov_ri64(Reg.r8, 0x01010101, 0x01010101);
  a.imul_rr(1, Reg.rax, Reg.r8);
  const loop = a.pos;
  a.alu_ri(Alu.sub, 1, Reg.rcx, 8);
  const tail = a.jcc8_forward(Cc.b);
  a.mov_mr(1, Reg.rdi, 0, Reg.rax);
  a.alu_ri(Alu.add, 1, Reg.rdi, 8);
  a.jmp(loop);
  a.bind8(tail);
  a.alu_ri(Alu.add, 1, Reg.rcx, 8);
  const bytes = a.pos;
  a.alu_ri(Alu.sub, 1, Reg.rcx, 1);
  const done = a.jcc8_forward(Cc.b);
  a.storem(1, Reg.rdi, 0, Reg.rax);
  a.alu_ri(Alu.add, 1, Reg.rdi, 1);
  a.jmp(bytes);
  a.bind8(done);
  leave(a);
  a.bind(long);
  emitRepeat(a, interrupted, leave, chunkBytes, () => a.rep_stosb());
}

/** Stub: write rcx elements at rdi, of the function records whose addresses are at rsi. */
function emitInitFunctions(a: Assembler, interrupted: number, leave: Leave): void {
  emitElements(a, interrupted, leave, () => {
    a.mov_rm(1, Reg.rax, Reg.rsi, 0);
    a.alu_ri(Alu.add, 1, Reg.rsi, 1 << wordShift);
    emitReadRecord(a);
  });
}

/** Stub: write rcx elements at rdi, all of the function record whose address is in rax. */
function emitFillFunctions(a: Assembler, interrupted: number, leave: Leave): void {
  emitReadRecord(a);
  emitElements(a, interrupted, leave, () => {});
}

/** xmm0 and rdx = what elements have of the function record at rax; zeros if that is 0. */
function emitReadRecord(a: Assembler): void {
  a.xorp_xx(0, 0);
  a.zero(Reg.rdx);
  a.test_rr(1, Reg.rax, Reg.rax);
  const isNull = a.jcc8_forward(Cc.e);
  a.movups_xm(0, Reg.rax, FunctionRecord.slot);
  a.mov_rm(1, Reg.rdx, Reg.rax, FunctionRecord.typeId);
  a.bind8(isNull);
}

/** Write rcx elements at rdi, each of what `next` puts into rax, xmm0 and rdx. Clobbers r9. */
function emitElements(a: Assembler, interrupted: number, leave: Leave, next: () => void): void {
  a.mov_rm(1, Reg.r9, Reg.r15, Context.thread);
  const loop = a.pos;
  a.alu_ri(Alu.sub, 1, Reg.rcx, 1);
  const done = a.jcc_forward(Cc.b);
  next();
  a.movups_mx(Reg.rdi, FunctionElement.slot, 0);
  a.mov_mr(1, Reg.rdi, FunctionElement.typeId, Reg.rdx);
  a.mov_mr(1, Reg.rdi, FunctionElement.record, Reg.rax);
  a.alu_ri(Alu.add, 1, Reg.rdi, FunctionElement.size);
  a.test_mi(0, Reg.r9, Thread.interrupt, Interrupt.deadline);
  a.jcc(Cc.e, loop);
  a.jmp(interrupted);
  a.bind(done);
  leave(a);
}
