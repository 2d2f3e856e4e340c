import { Context, Thread, TrapCode } from '../../../backends/abi/layout.js';
import { Reg } from '../../../backends/x64/assembler.js';
import { Int32Array } from '../../../support/primordials.js';
import { type StubWriter, threadReg } from './stub-writer.js';

/**
 * Write the trap stubs: code offset by TrapCode. Code raises a trap with `call rel32 stub`; r15 must be an instance
 * context. The return address names the site; nothing is executed behind it.
 */
export function writeTrapStubs(writer: StubWriter, exit: number): Int32Array {
  const raise = writer.write((a) => {
    a.mov_rm(1, threadReg, Reg.r15, Context.thread);
    a.mov_mr(0, threadReg, Thread.trapCode, Reg.rcx);
    a.mov_rm(1, Reg.rax, Reg.rsp, 0);
    a.mov_mr(1, threadReg, Thread.trapPc, Reg.rax);
    a.mov_mr(1, threadReg, Thread.trapFp, Reg.rbp);
    a.mov_mi(1, threadReg, Thread.trapAddress, 0);
    a.mov_mi(0, threadReg, Thread.trapSignal, 0);
    a.jmp(exit);
  });
  const stubs = new Int32Array(TrapCode.count);
  for (let code = 1; code < TrapCode.count; code++) {
    stubs[code] = writer.write((a) => {
      a.mov_ri(Reg.rcx, code);
      a.jmp(raise);
    });
  }
  return stubs;
}
