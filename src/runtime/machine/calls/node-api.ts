/**
 * Calls between JS and machine code through Node-API, which every version of Node has: JS calls the addon's one function
 * `enter` in about 10 ns; machine code calls the dispatcher through `napi_call_function` in about 60 ns. Exceptions need no
 * care: what the dispatcher throws stays pending in the `napi_env`, and is thrown when `enter` returns.
 */

import { Thread } from '../../../backends/abi/layout.js';
import { Alu, Cc, Reg } from '../../../backends/x64/assembler.js';
import type { ThreadRecord } from '../thread.js';
import { AddonWriter, type NativeCallees, type NativeCalls } from './addon.js';

const autoLength = -1;

/**
 * Load the thread's addon.
 * @throws Error if addons are disabled, Node-API's functions are not to be found, or the file cannot be loaded.
 */
export function openNodeApi(thread: ThreadRecord, callees: NativeCallees): NativeCalls {
  const writer = new AddonWriter();
  const { a } = writer;
  const reference = writer.word();

  // napi_value enter(napi_env, napi_callback_info): the shared entry stub of the signature does the rest.
  a.align(16);
  const enter = a.pos;
  a.alu_ri(Alu.sub, 1, Reg.rsp, 8);
  writer.moveAddress(Reg.rax, thread.address);
  a.mov_rm(1, Reg.r11, Reg.rax, Thread.enterRecord);
  a.call_m(Reg.rax, Thread.enterStub);
  a.zero(Reg.rax);
  a.alu_ri(Alu.add, 1, Reg.rsp, 8);
  a.ret();

  const hostCall = writer.emitCall(reference, false);
  return writer.load(thread, callees, hostCall, () => {
    a.zero(Reg.rax);
    a.mov_mr(1, Reg.rsp, 8, Reg.rax);
    a.mov_rr(1, Reg.rdi, Reg.rbx);
    a.mov_rm(1, Reg.rsi, Reg.rsp, 0);
    a.mov_ri(Reg.rdx, 1);
    a.lea_rip(Reg.rcx, reference);
    writer.call('napi_create_reference');
    a.test_rr(0, Reg.rax, Reg.rax);
    const noReference = a.jcc_forward(Cc.ne);
    a.mov_rr(1, Reg.rdi, Reg.rbx);
    a.lea_rip(Reg.rsi, writer.enterName);
    a.mov_ri64(Reg.rdx, autoLength, autoLength);
    a.lea_rip(Reg.rcx, enter);
    a.zero(Reg.r8);
    a.lea(1, Reg.r9, Reg.rsp, 8);
    writer.call('napi_create_function');
    a.bind(noReference);
    // Still 0 if one of them has failed.
    a.mov_rm(1, Reg.rax, Reg.rsp, 8);
  });
}
