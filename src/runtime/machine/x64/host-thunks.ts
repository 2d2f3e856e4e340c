/**
 * Leaving wasm for JS: thunks that are called like wasm functions, store their arguments to `Thread.buffer`, leave a
 * `ThunkFrame` on the wasm stack and return to the JS function that has entered, as if wasm were done. That calls the
 * host function and resumes behind the thunk, which loads the results. One per signature for host functions (r11 =
 * function record, r15 = the importing instance's context), one per builtin. The thread comes from the context: builtins
 * are called by code that other threads have adopted, too.
 */

import { returnAddress } from '../../../backends/abi/call-layout.js';
import {
  Context,
  Frame,
  FunctionRecord,
  Interrupt,
  Thread,
  ThunkFrame,
  TrapCode,
} from '../../../backends/abi/layout.js';
import { Alu, type Assembler, Cc, Reg } from '../../../backends/x64/assembler.js';
import { isolate } from '../../../support/primordials.js';
import { callLayout, carriesVector, type Signature } from '../../signature.js';
import { emitAddress } from './address.js';
import { emitReenter, emitToHost, Way } from './exit-stub.js';
import {
  emitCopyStackValues,
  emitLoadRegisters,
  emitStoreRegisters,
  type StubWriter,
  threadReg,
} from './stub-writer.js';

export class HostThunks {
  static {
    isolate(this);
  }

  readonly #writer: StubWriter;
  /** Code offset of what goes on behind the thunk that has left, with the results in `Thread.buffer`. */
  readonly resume: number;
  /** Code offset of what goes on instead where an exception is caught: in the frame, and at the code, that the thread record names. */
  readonly landing: number;

  /**
   * @param exit code offset of the exit stub
   * @param wake address of the code that wakes the thread's watch
   */
  constructor(writer: StubWriter, exit: number, wake: number) {
    this.#writer = writer;
    // The trap's site is the call of the thunk whose frame is at rbp.
    const interrupted = writer.write((a) => {
      const t = threadReg;
      a.mov_mi(0, t, Thread.trapCode, TrapCode.interrupted);
      a.mov_rm(1, Reg.rax, Reg.rbp, Frame.returnAddress);
      a.mov_mr(1, t, Thread.trapPc, Reg.rax);
      a.mov_rm(1, Reg.rax, Reg.rbp, 0);
      a.mov_mr(1, t, Thread.trapFp, Reg.rax);
      a.mov_mi(0, t, Thread.trapSignal, 0);
      a.jmp(exit);
    });
    this.landing = writer.write((a) => {
      const t = threadReg;
      a.mov_rm(1, Reg.rbp, t, Thread.landingFp);
      a.mov_rm(1, Reg.rcx, t, Thread.landingPc);
      a.mov_rm(0, Reg.rax, t, Thread.landingException);
      a.mov_rm(0, Reg.rdx, t, Thread.landingTag);
      a.mov_rm(1, Reg.r15, Reg.rbp, Frame.savedContext);
      a.mov_rm(1, Reg.r14, Reg.r15, Context.memoryBase);
      a.mov_rm(1, Reg.rsp, t, Thread.landingSp);
      a.jmp_r(Reg.rcx);
    });
    this.resume = writer.write((a) => {
      emitReenter(a);
      a.alu_mi(Alu.cmp, 0, threadReg, Thread.interrupt, 0);
      const marked = a.jcc_forward(Cc.ne);
      const unmarked = a.pos;
      a.mov_rm(1, Reg.rsp, threadReg, Thread.wasmSp);
      // That says to the activation's end that it was resumed.
      a.mov_mi(0, threadReg, Thread.trapCode, TrapCode.hostCall);
      a.mov_rm(1, Reg.rcx, Reg.rsp, ThunkFrame.fp);
      a.mov_mr(1, threadReg, Thread.resumedFp, Reg.rcx);
      a.pop(Reg.rcx);
      a.jmp_r(Reg.rcx);
      // A deadline has passed, or the watch rests: the activation has waited for a promise.
      a.bind(marked);
      a.test_mi(0, threadReg, Thread.interrupt, Interrupt.deadline);
      const passed = a.jcc8_forward(Cc.ne);
      emitAddress(a, Reg.rax, wake);
      a.call_r(Reg.rax);
      a.jmp(unmarked);
      a.bind8(passed);
      a.mov_rm(1, Reg.rbp, threadReg, Thread.wasmSp);
      a.alu_ri(Alu.add, 1, Reg.rbp, ThunkFrame.fp);
      a.jmp(interrupted);
    });
  }

  /** Code offset of the thunk for host functions of this signature. */
  thunk(signature: Signature): number {
    const { stubs } = signature;
    if (stubs.thunk === 0) {
      stubs.thunk = this.#writer.writeFreeable((a) => {
        this.#emit(a, signature, () => {
          a.mov_rm(0, Reg.r13, Reg.r11, FunctionRecord.hostId);
          a.mov_mr(0, threadReg, Thread.hostId, Reg.r13);
        });
      });
    }
    return stubs.thunk;
  }

  /** Code offset of a new thunk that asks JS for `hostId`, called with `call rel32`. */
  builtin(hostId: number, signature: Signature): number {
    return this.#writer.write((a) => {
      this.#emit(a, signature, () => a.mov_mi(0, threadReg, Thread.hostId, hostId));
    });
  }

  #emit(a: Assembler, signature: Signature, storeHostId: () => void): void {
    const layout = callLayout(signature);
    const t = threadReg;
    const argumentBytes = 8 * layout.stackParams;
    a.push(Reg.rbp);
    a.mov_rr(1, Reg.rbp, Reg.rsp);
    a.push(Reg.r15);
    const resume = a.lea_rip_forward(Reg.r13);
    a.push(Reg.r13);
    // Nothing is stored to the wasm stack from here on: a fault in the guard has left everything as it was.
    a.mov_rm(1, t, Reg.r15, Context.thread);
    emitStoreRegisters(a, signature.params, layout.paramPlace);
    // JS throws at a call with vectors: nobody looks at its values.
    const isCopied = !carriesVector(signature);
    if (isCopied) emitCopyStackValues(a, layout.paramPlace, Reg.rbp, Frame.stackArguments + argumentBytes - 8, true);
    storeHostId();
    a.mov_mr(1, t, Thread.hostContext, Reg.r15);
    a.mov_mr(1, t, Thread.wasmSp, Reg.rsp);
    emitLeave(a);
    // The resume stub comes here, with the thread record in r12.
    a.bind(resume);
    a.lea(1, Reg.rbp, Reg.rsp, 8);
    if (isCopied) {
      emitCopyStackValues(
        a,
        layout.resultPlace,
        Reg.rbp,
        Frame.stackArguments + argumentBytes + 8 * (layout.stackResults - 1),
        false,
      );
    }
    emitLoadRegisters(a, signature.results, layout.resultPlace);
    a.pop(Reg.r15);
    // JS has run: the memory may be somewhere else. Callers of host functions load it for themselves, but for those whose callee has
    // called one in its place.
    a.mov_rm(1, Reg.r14, Reg.r15, Context.memoryBase);
    a.pop(Reg.rbp);
    // The processor has forgotten the call.
    a.pop(Reg.r10);
    if (argumentBytes > 0) a.alu_ri(Alu.add, 1, Reg.rsp, argumentBytes);
    a.jmp_r(Reg.r10);
  }
}

/**
 * Leave wasm for a host call, by a return if the processor expects one to the host: the activation was resumed, by a call of
 * `enter`, in the function that has now come here without a call.
 */
function emitLeave(a: Assembler): void {
  const t = threadReg;
  a.alu_mi(Alu.cmp, 0, t, Thread.trapCode, TrapCode.none);
  a.mov_mi(0, t, Thread.trapCode, TrapCode.hostCall);
  const notResumed = a.jcc8_forward(Cc.e);
  a.alu_rm(Alu.cmp, 1, returnAddress, Reg.rsp, ThunkFrame.pc);
  const called = a.jcc8_forward(Cc.ne);
  a.mov_rm(1, Reg.rcx, Reg.rsp, ThunkFrame.fp);
  a.alu_rm(Alu.cmp, 1, Reg.rcx, t, Thread.resumedFp);
  const elsewhere = a.jcc8_forward(Cc.ne);
  emitToHost(a, Way.return);
  a.bind8(notResumed);
  a.bind8(called);
  a.bind8(elsewhere);
  emitToHost(a, Way.jump);
}
