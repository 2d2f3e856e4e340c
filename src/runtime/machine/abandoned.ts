/**
 * Activations that nobody will resume. V8 ends JS by terminations (a `vm` timeout, the inspector) that run no `catch`: an
 * activation in a host call, or paused, is left on the wasm stack. An activation around it sets things right when it goes
 * on; and before V8 runs any JS for somebody else's C++, code in the thread's own page drops those whose host has returned.
 *
 * That a host has returned is certain: each activation has an address above the JS frame that entered or resumed it last.
 * If that is below the C++ function that is about to run JS, the frame is not there any more.
 */

import { ActivationFrame, StackLink, Thread } from '../../backends/abi/layout.js';
import { Alu, Assembler, Cc, Reg } from '../../backends/x64/assembler.js';
import { listWith, Uint8Array } from '../../support/primordials.js';
import { findSymbol, nativeView } from './os.js';
import { emitAddress } from './x64/address.js';

const codePage = 4096;

/** What the code page calls. Without one of them nothing is dropped before the host goes on, or another activation around. */
const names = listWith(
  'pthread_self',
  'pthread_getattr_np',
  'pthread_attr_getstack',
  'pthread_attr_destroy',
  // Isolate::GetCurrent()
  '_ZN2v87Isolate10GetCurrentEv',
  // void Isolate::AddBeforeCallEnteredCallback(void (*)(Isolate *))
  '_ZN2v87Isolate28AddBeforeCallEnteredCallbackEPFvPS0_E',
);

/**
 * Write a thread's code page: `void begin(void)`, called once by the thread that gets the record, at its begin.
 * @param thread address of the record
 * @param page address of the page, which is writable
 */
export function writeCodePage(thread: number, page: number): void {
  const a = new Assembler(new Uint8Array(nativeView(page, codePage)), 0);
  const addresses = names.map(findSymbol);
  if (addresses.includes(undefined)) {
    a.ret();
    return;
  }
  let called = 0;
  const callNext = (): void => {
    emitAddress(a, Reg.rax, addresses[called++] as number);
    a.call_r(Reg.rax);
  };
  // Two words, and glibc's pthread_attr_t of 56 bytes.
  const frame = 80;
  const attributes = 16;
  a.push(Reg.rbx);
  a.alu_ri(Alu.sub, 1, Reg.rsp, frame);
  emitAddress(a, Reg.rbx, thread);
  callNext();
  a.mov_rr(1, Reg.rdi, Reg.rax);
  a.lea(1, Reg.rsi, Reg.rsp, attributes);
  callNext();
  a.test_rr(0, Reg.rax, Reg.rax);
  const unknown = a.jcc_forward(Cc.ne);
  a.lea(1, Reg.rdi, Reg.rsp, attributes);
  a.mov_rr(1, Reg.rsi, Reg.rsp);
  a.lea(1, Reg.rdx, Reg.rsp, 8);
  callNext();
  a.mov_rm(1, Reg.rax, Reg.rsp, 0);
  a.mov_mr(1, Reg.rbx, Thread.hostStackLow, Reg.rax);
  a.alu_rm(Alu.add, 1, Reg.rax, Reg.rsp, 8);
  a.mov_mr(1, Reg.rbx, Thread.hostStackHigh, Reg.rax);
  a.lea(1, Reg.rdi, Reg.rsp, attributes);
  callNext();
  callNext();
  a.mov_rr(1, Reg.rdi, Reg.rax);
  const hook = a.lea_rip_forward(Reg.rsi);
  callNext();
  a.bind(unknown);
  a.alu_ri(Alu.add, 1, Reg.rsp, frame);
  a.pop(Reg.rbx);
  a.ret();

  // void hook(Isolate *)
  a.align(16);
  a.bind(hook);
  emitAddress(a, Reg.rax, thread);
  a.mov_rr(1, Reg.rcx, Reg.rsp);
  emitDrop(a);
  a.ret();
  if (a.pos > codePage) throw new Error('internal error: the code does not fit its page');
}

/**
 * For `Thread.enterStub`: drop what nobody will resume, as seen from JS: rax = thread record, r10 = place of the JS frame.
 * @param slack by how much places of one frame can differ
 */
export function emitSettle(a: Assembler, slack: number): void {
  a.lea(1, Reg.rcx, Reg.r10, -2 * slack);
  emitDrop(a);
  a.ret();
}

/**
 * Drop the innermost activations whose host was below rcx; rax = thread record. Only what is on the thread's own stack
 * can be compared. Clobbers rdx, rsi.
 */
function emitDrop(a: Assembler): void {
  a.alu_rm(Alu.cmp, 1, Reg.rcx, Reg.rax, Thread.hostStackHigh);
  const elsewhere = a.jcc_forward(Cc.ae);
  const loop = a.pos;
  a.mov_rm(1, Reg.rsi, Reg.rax, Thread.activation);
  a.test_rr(1, Reg.rsi, Reg.rsi);
  const none = a.jcc_forward(Cc.e);
  a.mov_rm(1, Reg.rdx, Reg.rsi, ActivationFrame.hostSp);
  a.alu_rr(Alu.cmp, 1, Reg.rdx, Reg.rcx);
  const lives = a.jcc_forward(Cc.ae);
  a.alu_rm(Alu.cmp, 1, Reg.rdx, Reg.rax, Thread.hostStackLow);
  const unknown = a.jcc_forward(Cc.b);
  a.lea(1, Reg.rdx, Reg.rsi, ActivationFrame.size);
  a.mov_mr(1, Reg.rax, Thread.wasmSp, Reg.rdx);
  a.mov_rm(1, Reg.rsi, Reg.rsi, ActivationFrame.previous);
  a.mov_mr(1, Reg.rax, Thread.activation, Reg.rsi);
  // The first activation on a stack of its own.
  a.lea(1, Reg.rsi, Reg.rdx, StackLink.size);
  a.alu_rm(Alu.cmp, 1, Reg.rsi, Reg.rax, Thread.stackHigh);
  a.jcc(Cc.ne, loop);
  const restore = (to: Thread, from: StackLink): void => {
    a.mov_rm(1, Reg.rsi, Reg.rdx, from);
    a.mov_mr(1, Reg.rax, to, Reg.rsi);
  };
  restore(Thread.wasmSp, StackLink.wasmSp);
  restore(Thread.stackLow, StackLink.stackLow);
  restore(Thread.stackHigh, StackLink.stackHigh);
  restore(Thread.guardLow, StackLink.guardLow);
  a.jmp(loop);
  a.bind(elsewhere);
  a.bind(none);
  a.bind(lives);
  a.bind(unknown);
}
