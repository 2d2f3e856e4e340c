import { stackPlace, xmmPlace } from '../../../backends/abi/call-layout.js';
import { Thread } from '../../../backends/abi/layout.js';
import { Alu, Assembler, Cc, Reg } from '../../../backends/x64/assembler.js';
import { ValType } from '../../../stream/types.js';
import { isolate } from '../../../support/primordials.js';
import type { Signature } from '../../signature.js';
import { type CodeMemory, longestStub } from '../code-memory.js';
import type { ThreadRecord } from '../thread.js';
import { emitAddress } from './address.js';

/** Runs of stack-passed values up to this length are copied without a loop. */
const shortRun = 4;

/** Thread record in all stubs. */
export const threadReg: number = Reg.r12;

/** Offset of argument or result `i` in the thread record. */
export function bufferAt(i: number): number {
  return Thread.buffer + 16 * i;
}

/** Writes stubs into code memory. */
export class StubWriter {
  static {
    isolate(this);
  }

  readonly code: CodeMemory;
  readonly asm: Assembler;

  constructor(code: CodeMemory) {
    this.code = code;
    this.asm = new Assembler(code.bytes);
  }

  /** Emit into [start, start + room); returns the end. @throws Error if that is too little: nothing behind it was written */
  #emit(start: number, room: number, emit: (asm: Assembler) => void): number {
    const { asm } = this;
    asm.forget();
    asm.open(start, start + room);
    emit(asm);
    asm.checkRoom();
    return asm.pos;
  }

  /** Write a stub that stays, behind the one before; returns its code offset. @throws CodeMemoryError */
  write(emit: (asm: Assembler) => void): number {
    const start = this.code.beginStub();
    this.code.endStub(this.#emit(start, longestStub, emit));
    return start;
  }

  /**
   * Write a stub that can be freed; returns its code offset.
   * @param emit writes the stub twice: first far from everything that it jumps to, where it is as long as it can get
   * (4096 bytes at most: moves of 14 registers, a few short runs and two loops), then where there is room for that.
   * @throws CodeMemoryError
   */
  writeFreeable(emit: (asm: Assembler) => void): number {
    const { code } = this;
    const length = this.#emit(code.stubDraft, longestStub, emit) - code.stubDraft;
    const start = code.allocateStub(length);
    this.#emit(start, length, emit);
    return start;
  }
}

/**
 * What gives back the stubs that were written for a signature, when no function of it is active or can be called any
 * more and no record points to its slot. Holds the code memory only: modules that wait for their end hold this.
 */
export function stubsReleaser(code: CodeMemory): (signature: Signature) => void {
  return ({ stubs }) => {
    if (stubs.entry !== 0) code.freeStub(stubs.entry);
    if (stubs.thunk !== 0) code.freeStub(stubs.thunk);
    if (stubs.hostSlot !== 0) code.freeData(stubs.hostSlot, 16);
    stubs.entry = 0;
    stubs.thunk = 0;
    stubs.hostSlot = 0;
  };
}

/**
 * A C function `void f(void)`: go to `Thread.enterStub` with rax = thread record, r11 = the function record at
 * `Thread.enterRecord`, r10 = the place of the JS frame that calls, for `ActivationFrame.hostSp`.
 * @param place loads r10 (it finds the stack and the arguments as the caller has left them)
 */
export function emitEnter(a: Assembler, { address }: ThreadRecord, place: (a: Assembler) => void): void {
  place(a);
  emitAddress(a, Reg.rax, address);
  a.mov_rm(1, Reg.r11, Reg.rax, Thread.enterRecord);
  a.jmp_m(Reg.rax, Thread.enterStub);
}

/** Move the register values between `Thread.buffer` and their places. i32 loads zero-extend. */
export function emitLoadRegisters(a: Assembler, types: Uint8Array, places: Int16Array): void {
  for (let i = 0; i < types.length; i++) {
    const place = places[i] as number;
    if (place >= stackPlace) continue;
    const at = bufferAt(i);
    switch (types[i]) {
      case ValType.i32:
        a.mov_rm(0, place, threadReg, at);
        break;
      case ValType.f32:
        a.movs_xm(0, place - xmmPlace, threadReg, at);
        break;
      case ValType.f64:
        a.movs_xm(1, place - xmmPlace, threadReg, at);
        break;
      case ValType.v128:
        a.movups_xm(place - xmmPlace, threadReg, at);
        break;
      default:
        a.mov_rm(1, place, threadReg, at);
    }
  }
}

export function emitStoreRegisters(a: Assembler, types: Uint8Array, places: Int16Array): void {
  for (let i = 0; i < types.length; i++) {
    const place = places[i] as number;
    if (place >= stackPlace) continue;
    const at = bufferAt(i);
    if (place < xmmPlace) a.mov_mr(1, threadReg, at, place);
    else if (types[i] === ValType.v128) a.movups_mx(threadReg, at, place - xmmPlace);
    else a.movs_mx(1, threadReg, at, place - xmmPlace);
  }
}

/**
 * Call `use` for each run of neighbouring values that are on the stack: index of the first value, its stack number,
 * length. There are at most 14 runs, however many values: one ends only at a value that is in a register.
 */
export function stackRuns(places: Int16Array, use: (first: number, stackNumber: number, length: number) => void): void {
  for (let i = 0; i < places.length; i++) {
    const place = places[i] as number;
    if (place < stackPlace) continue;
    let end = i + 1;
    while (end < places.length && (places[end] as number) >= stackPlace) end++;
    use(i, place - stackPlace, end - i);
    i = end;
  }
}

/** Push stack-passed values from the buffer, in order. Clobbers r8 and r10. */
export function emitPushStackValues(a: Assembler, places: Int16Array): void {
  stackRuns(places, (first, _, length) => {
    if (length <= shortRun) {
      for (let i = first; i < first + length; i++) a.push_m(threadReg, bufferAt(i));
      return;
    }
    a.lea(1, Reg.r8, threadReg, bufferAt(first));
    a.mov_ri(Reg.r10, length);
    const loop = a.pos;
    a.push_m(Reg.r8, 0);
    a.alu_ri(Alu.add, 1, Reg.r8, 16);
    a.alu_ri(Alu.sub, 0, Reg.r10, 1);
    a.jcc(Cc.ne, loop);
  });
}

/**
 * Copy stack-passed values between the stack and the buffer. Value k of the area is at [base + last - 8 * k].
 * Clobbers r8, r9, r10, r13.
 */
export function emitCopyStackValues(
  a: Assembler,
  places: Int16Array,
  base: number,
  last: number,
  toBuffer: boolean,
): void {
  const move = (slotBase: number, slot: number, bufferBase: number, at: number): void => {
    if (toBuffer) {
      a.mov_rm(1, Reg.r13, slotBase, slot);
      a.mov_mr(1, bufferBase, at, Reg.r13);
    } else {
      a.mov_rm(1, Reg.r13, bufferBase, at);
      a.mov_mr(1, slotBase, slot, Reg.r13);
    }
  };
  stackRuns(places, (first, stackNumber, length) => {
    const slot = last - 8 * stackNumber;
    if (length <= shortRun) {
      for (let i = 0; i < length; i++) move(base, slot - 8 * i, threadReg, bufferAt(first + i));
      return;
    }
    a.lea(1, Reg.r8, base, slot);
    a.lea(1, Reg.r9, threadReg, bufferAt(first));
    a.mov_ri(Reg.r10, length);
    const loop = a.pos;
    move(Reg.r8, 0, Reg.r9, 0);
    a.alu_ri(Alu.sub, 1, Reg.r8, 8);
    a.alu_ri(Alu.add, 1, Reg.r9, 16);
    a.alu_ri(Alu.sub, 0, Reg.r10, 1);
    a.jcc(Cc.ne, loop);
  });
}
