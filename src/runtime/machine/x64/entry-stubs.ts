/**
 * Entering wasm from JS. One stub per signature moves arguments and results between `Thread.buffer` and the calling
 * convention. JS stores the function record and the stub's address in the thread record and calls `Machine.enter`: one
 * native function for all exports, because V8 inlines a native call only where its target is constant.
 */

import { Context, FunctionRecord, Interrupt, Thread, TrapCode } from '../../../backends/abi/layout.js';
import { Alu, Cc, Reg } from '../../../backends/x64/assembler.js';
import { isolate, Math } from '../../../support/primordials.js';
import { callLayout, carriesVector, type Signature } from '../../signature.js';
import type { CodeMemory } from '../code-memory.js';
import { emitOpenActivation, emitRestoreHost, emitSaveHost } from './exit-stub.js';
import {
  emitCopyStackValues,
  emitLoadRegisters,
  emitPushStackValues,
  emitStoreRegisters,
  type StubWriter,
  threadReg,
} from './stub-writer.js';

export class EntryStubs {
  static {
    isolate(this);
  }

  readonly #code: CodeMemory;
  readonly #writer: StubWriter;
  readonly #exit: number;
  readonly #marked: number;

  /** @param wake address of the code that wakes the thread's watch. */
  constructor(writer: StubWriter, exit: number, wake: number) {
    this.#writer = writer;
    this.#code = writer.code;
    this.#exit = exit;
    // Called when there is a mark. If a deadline has passed no wasm is entered: this return address and the callee-saved
    // registers are on the stack. Otherwise the watch rests and is woken.
    this.#marked = writer.write((a) => {
      a.test_mi(0, threadReg, Thread.interrupt, Interrupt.deadline);
      const refused = a.jcc8_forward(Cc.ne);
      a.push(Reg.r11);
      a.mov_ri64(Reg.rax, wake | 0, Math.floor(wake / 4294967296));
      a.call_r(Reg.rax);
      a.pop(Reg.r11);
      a.ret();
      a.bind8(refused);
      a.alu_ri(Alu.add, 1, Reg.rsp, 8);
      a.mov_mi(0, threadReg, Thread.trapCode, TrapCode.interrupted);
      a.mov_mi(1, threadReg, Thread.trapPc, 0);
      a.mov_mi(1, threadReg, Thread.trapFp, 0);
      a.mov_mi(0, threadReg, Thread.trapSignal, 0);
      emitRestoreHost(a);
    });
  }

  /** Address of the stub that enters functions of this signature, for `Thread.enterStub`. @throws CodeMemoryError */
  address(signature: Signature): number {
    const { stubs } = signature;
    if (stubs.entry === 0) stubs.entry = this.#write(signature);
    return this.#code.base + stubs.entry;
  }

  /** The stub is called with the function record in r11. */
  #write(signature: Signature): number {
    const layout = callLayout(signature);
    // JS refuses to call these (`makeCallable`).
    if (carriesVector(signature)) return this.#writer.writeFreeable((a) => a.ud2());
    return this.#writer.writeFreeable((a) => {
      const t = threadReg;
      emitSaveHost(a);
      a.mov_rm(1, Reg.r15, Reg.r11, FunctionRecord.context);
      a.mov_rm(1, t, Reg.r15, Context.thread);
      a.alu_mi(Alu.cmp, 0, t, Thread.interrupt, 0);
      const marked = a.jcc_forward(Cc.ne);
      const unmarked = a.pos;
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
      a.bind(marked);
      a.call32(this.#marked);
      a.jmp(unmarked);
    });
  }
}
