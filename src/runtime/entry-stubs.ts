/**
 * Entering wasm from JS. One shared stub per signature moves arguments and results between `Thread.buffer` and the
 * calling convention; one 16-byte stub per function record names the record. JS calls the latter, as `void f(void)`.
 *
 *     record stub:  mov r11, [record]; jmp [shared stub]
 *
 * Both words are data, so that a released stub is used again without a change to code.
 */
import { Alu, Cc, Reg } from '../backends/x64/assembler.js';
import type { CodeMemory } from './code-memory.js';
import { emitOpenActivation, emitRestoreHost, emitSaveHost } from './exit-stub.js';
import { Context, FunctionRecord, Thread, TrapCode } from './layout.js';
import { nativeFunction } from './os.js';
import { callLayout, carriesVector, type Signature } from './signature.js';
import {
  emitCopyStackValues,
  emitLoadRegisters,
  emitPushStackValues,
  emitStoreRegisters,
  type StubWriter,
  threadReg,
} from './stub-writer.js';

/** A native function that enters one function record. */
export type Entry = () => void;

/** A record stub: its code offset and the data offset of its two words. */
interface RecordStub {
  readonly stub: number;
  readonly words: number;
}

const mostDecoded = 512;

export class EntryStubs {
  readonly #code: CodeMemory;
  readonly #writer: StubWriter;
  readonly #exit: number;
  readonly #refuse: number;
  readonly #shared: number[] = [];
  readonly #stubOf = new WeakMap<Entry, RecordStub>();
  /** Released stubs, still decoded: each takes some 2 KB of JS heap, so only so many are kept. */
  readonly #free: Entry[] = [];
  /** The other released stubs. */
  readonly #freeStubs: RecordStub[] = [];

  constructor(writer: StubWriter, exit: number) {
    this.#writer = writer;
    this.#code = writer.code;
    this.#exit = exit;
    // The thread is interrupted: no wasm is entered. Only the callee-saved registers are on the stack.
    this.#refuse = writer.write((a) => {
      a.mov_mi(0, threadReg, Thread.trapCode, TrapCode.interrupted);
      a.mov_mi(1, threadReg, Thread.trapPc, 0);
      a.mov_mi(1, threadReg, Thread.trapFp, 0);
      a.mov_mi(0, threadReg, Thread.trapSignal, 0);
      emitRestoreHost(a);
    });
  }

  /** Address of the stub that enters functions of this signature, for `Thread.enterStub`. */
  address(signature: Signature): number {
    return this.#code.base + this.#sharedStub(signature);
  }

  /**
   * The one entry for all functions: JS stores record and stub in the thread record and calls it. That is faster than an
   * entry per function as soon as a program calls several: V8 inlines a native call only where its target is constant
   * (20 ns instead of 35).
   */
  enter(thread: number): Entry {
    const stub = this.#writer.write((a) => {
      a.mov_ri64(Reg.rax, thread | 0, Math.floor(thread / 4294967296));
      a.mov_rm(1, Reg.r11, Reg.rax, Thread.enterRecord);
      a.jmp_m(Reg.rax, Thread.enterStub);
    });
    return nativeFunction(this.#code.base + stub);
  }

  /** The entry of a function record. The caller keeps the record alive and hands the entry back with `release`. */
  entry(record: number, signature: Signature): Entry {
    const target = this.#code.base + this.#sharedStub(signature);
    const reused = this.#free.pop();
    if (reused !== undefined) {
      this.#setWords((this.#stubOf.get(reused) as RecordStub).words, record, target);
      return reused;
    }
    const place = this.#freeStubs.pop() ?? this.#writeRecordStub();
    this.#setWords(place.words, record, target);
    const entry = nativeFunction(this.#code.base + place.stub);
    this.#stubOf.set(entry, place);
    return entry;
  }

  /** The record behind this entry is dead: nobody calls the entry again. */
  release(entry: Entry): void {
    const place = this.#stubOf.get(entry);
    if (place === undefined) return;
    this.#setWords(place.words, 0, 0);
    if (this.#free.length < mostDecoded) {
      this.#free.push(entry);
      return;
    }
    this.#stubOf.delete(entry);
    this.#freeStubs.push(place);
  }

  #writeRecordStub(): RecordStub {
    const words = this.#code.allocateData(16);
    const stub = this.#writer.write((a) => {
      a.mov_rm_rip(1, Reg.r11, words);
      a.jmp_rip(words + 8);
    });
    return { stub, words };
  }

  #setWords(offset: number, record: number, target: number): void {
    const i32 = this.#code.i32;
    const at = offset >>> 2;
    i32[at] = record;
    i32[at + 1] = Math.floor(record / 4294967296);
    i32[at + 2] = target;
    i32[at + 3] = Math.floor(target / 4294967296);
  }

  /** Code offset of the stub that enters functions of this signature; r11 holds the record. */
  #sharedStub(signature: Signature): number {
    let stub = this.#shared[signature.id];
    if (stub === undefined) {
      stub = this.#writeShared(signature);
      this.#shared[signature.id] = stub;
    }
    return stub;
  }

  #writeShared(signature: Signature): number {
    const layout = callLayout(signature);
    // JS refuses to call these (`makeCallable`).
    if (carriesVector(signature)) return this.#writer.write((a) => a.ud2());
    return this.#writer.write((a) => {
      const t = threadReg;
      emitSaveHost(a);
      a.mov_rm(1, Reg.r15, Reg.r11, FunctionRecord.context);
      a.mov_rm(1, t, Reg.r15, Context.thread);
      a.alu_mi(Alu.cmp, 0, t, Thread.interrupt, 0);
      a.jcc32(Cc.ne, this.#refuse);
      emitOpenActivation(a);
      a.mov_rm(1, Reg.r14, Reg.r15, Context.memoryBase);
      // The first store to the wasm stack can hit the guard: from here on the exit stub can leave.
      a.mov_rm(1, Reg.rsp, t, Thread.wasmSp);
      a.zero(Reg.rbp);
      if (layout.stackResults > 0) a.alu_ri(Alu.sub, 1, Reg.rsp, 8 * layout.stackResults);
      emitPushStackValues(a, layout.paramPlace);
      emitLoadRegisters(a, signature.params, layout.paramPlace);
      a.mov_rm(1, Reg.r8, Reg.r11, FunctionRecord.slot);
      a.call_m(Reg.r8, 0);
      // r15 is the context of some instance of this thread.
      a.mov_rm(1, t, Reg.r15, Context.thread);
      emitStoreRegisters(a, signature.results, layout.resultPlace);
      emitCopyStackValues(a, layout.resultPlace, Reg.rsp, 8 * (layout.stackResults - 1), true);
      // At the end: an inner activation that a host function's exception left may have set it since the beginning.
      a.mov_mi(0, t, Thread.trapCode, TrapCode.none);
      a.jmp(this.#exit);
    });
  }
}
