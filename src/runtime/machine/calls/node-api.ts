/**
 * Calls of machine code through Node-API, which every version of Node has: JS calls the addon's one function `enter` in
 * about 10 ns.
 */

import { Alu, Reg } from '../../../backends/x64/assembler.js';
import type { ThreadRecord } from '../thread.js';
import { emitEnter } from '../x64/stub-writer.js';
import { AddonWriter, type NativeCallees, type NativeCalls } from './addon.js';

const autoLength = -1;

/** Bytes of stack, at most, between a JS frame, however V8 has compiled it, and `enter`: 90 to 640 were measured. */
export const nodeApiSlack: number = 1024;

/**
 * Load the thread's addon.
 * @throws Error if addons are disabled, Node-API's functions are not to be found, or the file cannot be loaded.
 */
export function openNodeApi(thread: ThreadRecord, callees: NativeCallees): NativeCalls {
  const writer = new AddonWriter();
  const { a } = writer;

  // napi_value enter(napi_env, napi_callback_info): the shared entry stub of the signature does the rest.
  a.align(16);
  const enter = a.pos;
  a.alu_ri(Alu.sub, 1, Reg.rsp, 8);
  const toStub = a.call_forward();
  a.zero(Reg.rax);
  a.alu_ri(Alu.add, 1, Reg.rsp, 8);
  a.ret();
  a.bind(toStub);
  emitEnter(a, thread, () => a.lea(1, Reg.r10, Reg.rsp, nodeApiSlack));

  return writer.load(thread, callees, {
    enter: () => {
      a.zero(Reg.rax);
      a.mov_mr(1, Reg.rsp, 8, Reg.rax);
      a.mov_rr(1, Reg.rdi, Reg.rbx);
      a.lea_rip(Reg.rsi, writer.enterName);
      a.mov_ri64(Reg.rdx, autoLength, autoLength);
      a.lea_rip(Reg.rcx, enter);
      a.zero(Reg.r8);
      a.lea(1, Reg.r9, Reg.rsp, 8);
      writer.call('napi_create_function');
      // Still 0 if that has failed.
      a.mov_rm(1, Reg.rax, Reg.rsp, 8);
    },
  });
}
