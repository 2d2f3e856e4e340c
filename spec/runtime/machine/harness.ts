/** Hand-assembled functions on a machine of their own: what the tests of the machine level share. */

import { Context, FunctionRecord, MemoryRecord, Thread, TrapCode } from '../../../src/backends/abi/layout.js';
import { Assembler, Reg } from '../../../src/backends/x64/assembler.js';
import type { CallWay } from '../../../src/runtime/machine/calls/call-ways.js';
import { resumePaused } from '../../../src/runtime/machine/calls/pause.js';
import { Machine, type MachineOptions } from '../../../src/runtime/machine/machine.js';
import { mapAnonymous, nativeView } from '../../../src/runtime/machine/os.js';
import { type Signature, SignatureRegistry } from '../../../src/runtime/signature.js';

export const i32 = 0x7f;
export const i64 = 0x7e;
export const f32 = 0x7d;
export const f64 = 0x7c;
export const funcref = 0x70;

const arenaBytes = 1 << 20;

/** The tests run once with each way of calls between JS and machine code: BEAMLINE_TEST_CALLS=node-api, koffi. */
const callWay = (process.env['BEAMLINE_TEST_CALLS'] ?? 'v8') as CallWay;

export interface Defined {
  readonly record: number;
  /** Code offset of the function's first instruction. */
  readonly start: number;
  readonly end: number;
  readonly signature: Signature;
  readonly entry: () => void;
}

export class Harness {
  readonly machine: Machine;
  readonly signatures = new SignatureRegistry();
  readonly arena: number = mapAnonymous(arenaBytes);
  readonly words: BigInt64Array;
  readonly context: number;
  readonly memoryRecord: number;
  readonly hostFunctions: (() => void)[] = [];
  #next = 0;

  constructor(options: MachineOptions = {}) {
    this.machine = new Machine({ calls: callWay, ...options });
    this.words = new BigInt64Array(nativeView(this.arena, arenaBytes));
    this.context = this.allocate(4096);
    this.memoryRecord = this.allocate(MemoryRecord.size);
    this.set(this.context + Context.thread, this.machine.thread.address);
    this.set(this.context + Context.memory, this.memoryRecord);
    this.set(this.context + Context.instanceId, BigInt(this.machine.id) << 32n);
  }

  allocate(bytes: number): number {
    const at = this.#next;
    this.#next += (bytes + 15) & ~15;
    return this.arena + at;
  }

  set(address: number, value: number | bigint): void {
    this.words[(address - this.arena) / 8] = BigInt(value);
  }

  setMemory(base: number, byteLength: number): void {
    this.set(this.context + Context.memoryBase, base);
    this.set(this.memoryRecord + MemoryRecord.base, base);
    this.set(this.memoryRecord + MemoryRecord.byteLength, byteLength);
  }

  signature(params: number[], results: number[]): Signature {
    return this.signatures.intern(params, results);
  }

  record(slot: number, signature: Signature, hostId: number): number {
    const record = this.allocate(FunctionRecord.size);
    this.set(record + FunctionRecord.slot, slot);
    this.set(record + FunctionRecord.context, this.context);
    this.set(record + FunctionRecord.typeId, (BigInt(hostId) << 32n) | BigInt(signature.id));
    return record;
  }

  /** A wasm function whose body is written by `emit`, prologue and epilogue included. */
  define(params: number[], results: number[], emit: (asm: Assembler, start: number) => void): Defined {
    const signature = this.signature(params, results);
    const span = this.machine.code.allocateCode(16384);
    const asm = new Assembler(this.machine.code.bytes, span.start);
    emit(asm, span.start);
    const end = asm.pos;
    this.machine.code.shrink(span.start, end, span.end);
    const slot = this.machine.code.base + this.machine.code.allocateData(16);
    const i = (slot - this.machine.code.base) >>> 2;
    const entry = this.machine.code.base + span.start;
    this.machine.code.i32[i] = entry;
    this.machine.code.i32[i + 1] = Math.floor(entry / 4294967296);
    const record = this.record(slot, signature, -1);
    return { record, start: span.start, end, signature, entry: this.entry(record, signature) };
  }

  /** What enters a function record; arguments and results in the thread's buffer. */
  entry(record: number, signature: Signature): () => void {
    const { machine } = this;
    const stub = machine.entryStub(signature);
    return () => {
      machine.thread.setPointer(Thread.enterRecord, record);
      machine.thread.setPointer(Thread.enterStub, stub);
      const { f64 } = machine.thread;
      const sp = f64[Thread.wasmSp >>> 3] as number;
      const outer = f64[Thread.activation >>> 3] as number;
      machine.enter();
      if (this.trapCode !== TrapCode.hostCall && this.trapCode !== TrapCode.paused) return;
      try {
        this.goOn(machine.enter);
      } finally {
        f64[Thread.wasmSp >>> 3] = sp;
        f64[Thread.activation >>> 3] = outer;
      }
    };
  }

  /**
   * Host calls and pauses to the activation's end.
   * @param resume what enters the activation again after a host call
   */
  goOn(resume: () => void): void {
    const { machine } = this;
    const { i32, f64 } = machine.thread;
    const activation = f64[Thread.activation >>> 3] as number;
    for (;;) {
      if (this.trapCode === TrapCode.hostCall) {
        const sp = f64[Thread.wasmSp >>> 3] as number;
        const id = i32[Thread.hostId >>> 2] as number;
        if (id < 0) machine.callBuiltin(id);
        else (this.hostFunctions[id] as () => void)();
        f64[Thread.wasmSp >>> 3] = sp;
        f64[Thread.activation >>> 3] = activation;
        machine.thread.setPointer(Thread.enterStub, machine.resumeStub);
        resume();
      } else if (this.trapCode === TrapCode.paused) {
        this.pauses++;
        this.onPause();
        resumePaused(machine.thread, machine.enter);
      } else return;
    }
  }

  /** How often wasm was paused, and what then happens. */
  pauses = 0;
  onPause: () => void = () => {};

  /** A host function; arguments and results in the thread's buffer. */
  host(params: number[], results: number[], fn: () => void): { record: number; signature: Signature } {
    const signature = this.signature(params, results);
    const id = this.hostFunctions.length;
    this.hostFunctions.push(fn);
    return { record: this.record(this.machine.hostSlot(signature), signature, id), signature };
  }

  prologue(asm: Assembler, frame = 32): void {
    asm.push(Reg.rbp);
    asm.mov_rr(1, Reg.rbp, Reg.rsp);
    asm.alu_ri(5, 1, Reg.rsp, frame);
  }

  epilogue(asm: Assembler, stackParams = 0): void {
    asm.leave();
    asm.ret_n(8 * stackParams);
  }

  /** Call through a function record as compiled code does. */
  callRecord(asm: Assembler, record: number): void {
    asm.mov_mr(1, Reg.rbp, -8, Reg.r15);
    asm.mov_ri64(Reg.r11, record | 0, Math.floor(record / 4294967296));
    asm.mov_rm(1, Reg.r15, Reg.r11, FunctionRecord.context);
    asm.mov_rm(1, Reg.r14, Reg.r15, Context.memoryBase);
    asm.mov_rm(1, Reg.r10, Reg.r11, FunctionRecord.slot);
    asm.call_m(Reg.r10, 0);
    asm.mov_rm(1, Reg.r15, Reg.rbp, -8);
    asm.mov_rm(1, Reg.r14, Reg.r15, Context.memoryBase);
  }

  getI32(i: number): number {
    return this.machine.thread.i32[(Thread.buffer >>> 2) + 4 * i] as number;
  }

  setI32(i: number, value: number): void {
    this.machine.thread.i32[(Thread.buffer >>> 2) + 4 * i] = value;
  }

  getI64(i: number): bigint {
    return this.machine.thread.i64[(Thread.buffer >>> 3) + 2 * i] as bigint;
  }

  setI64(i: number, value: bigint): void {
    this.machine.thread.i64[(Thread.buffer >>> 3) + 2 * i] = value;
  }

  get trapCode(): number {
    return this.machine.thread.u32[Thread.trapCode >>> 2] as number;
  }
}
