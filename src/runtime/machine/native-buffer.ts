/**
 * ArrayBuffers over native memory that say when nothing can refer to the memory any more: neither the buffer that was made,
 * nor one that it was transferred to, in any realm, nor an operation of Node that still works on the bytes. Node-API calls
 * a finalizer when V8 frees the backing store; it is a few bytes of machine code in an addon of its own, which counts.
 */

import { Alu, Cc, Reg } from '../../backends/x64/assembler.js';
import { listWith } from '../../support/primordials.js';
import { AddonWriter } from './calls/addon.js';
import { isMainThread } from './node-thread.js';
import { nativeMalloc, setViewMaker } from './os.js';

interface BufferAddon {
  /** `counter`: address of an int32 that is counted down when the memory of the buffer is free. */
  makeBuffer(address: number, bytes: number, counter: number): ArrayBuffer;
  /** Detach a buffer; its memory is free from the next turns of the event loop on. */
  detachBuffer(buffer: ArrayBuffer): void;
}

let addon: BufferAddon | undefined;

/** @throws Error if no addon can be loaded */
export function nativeBuffers(): BufferAddon {
  addon ??= open();
  return addon;
}

let tried = false;

/**
 * Make this worker's views of native memory through the addon: koffi ends the process when a worker that is being terminated
 * asks for one, because it throws where nothing can be thrown any more. Where no addon can be loaded, koffi's way stays.
 */
export function viewByAddon(): void {
  if (tried || isMainThread) return;
  tried = true;
  try {
    const { makeBuffer } = nativeBuffers();
    // Nobody waits for these buffers: what counts them is never read.
    const counter = nativeMalloc(8);
    setViewMaker((address, bytes) => makeBuffer(address, bytes, counter));
  } catch {
    // `--no-addons`, no /proc: what needs addons says so itself.
  }
}

const autoLength = -1;

function open(): BufferAddon {
  const writer = new AddonWriter();
  const { a } = writer;

  /** Read `count` arguments to [rsp + 8] and behind; rbx = environment from here on. 88 bytes of stack. */
  const begin = (count: number): void => {
    a.push(Reg.rbx);
    a.alu_ri(Alu.sub, 1, Reg.rsp, 80);
    a.mov_rr(1, Reg.rbx, Reg.rdi);
    a.mov_mi(1, Reg.rsp, 0, count);
    a.mov_rr(1, Reg.rdx, Reg.rsp);
    a.lea(1, Reg.rcx, Reg.rsp, 8);
    a.zero(Reg.r8);
    a.zero(Reg.r9);
    writer.call('napi_get_cb_info');
  };
  const end = (): void => {
    a.alu_ri(Alu.add, 1, Reg.rsp, 80);
    a.pop(Reg.rbx);
    a.ret();
  };

  // void finalize(napi_env, void *data, void *counter)
  a.align(16);
  const finalize = a.pos;
  a.alu_mi(Alu.sub, 0, Reg.rdx, 0, 1);
  a.ret();

  // napi_value makeBuffer(napi_env, napi_callback_info)
  a.align(16);
  const makeBuffer = a.pos;
  const values = 32;
  const result = 56;
  begin(3);
  for (let i = 0; i < 3; i++) {
    a.mov_rr(1, Reg.rdi, Reg.rbx);
    a.mov_rm(1, Reg.rsi, Reg.rsp, 8 + 8 * i);
    a.lea(1, Reg.rdx, Reg.rsp, values + 8 * i);
    writer.call('napi_get_value_int64');
  }
  a.mov_mi(1, Reg.rsp, result, 0);
  a.mov_rr(1, Reg.rdi, Reg.rbx);
  a.mov_rm(1, Reg.rsi, Reg.rsp, values);
  a.mov_rm(1, Reg.rdx, Reg.rsp, values + 8);
  a.lea_rip(Reg.rcx, finalize);
  a.mov_rm(1, Reg.r8, Reg.rsp, values + 16);
  a.lea(1, Reg.r9, Reg.rsp, result);
  writer.call('napi_create_external_arraybuffer');
  a.mov_rm(1, Reg.rax, Reg.rsp, result);
  end();

  // napi_value detachBuffer(napi_env, napi_callback_info)
  a.align(16);
  const detachBuffer = a.pos;
  begin(1);
  a.mov_rr(1, Reg.rdi, Reg.rbx);
  a.mov_rm(1, Reg.rsi, Reg.rsp, 8);
  writer.call('napi_detach_arraybuffer');
  a.zero(Reg.rax);
  end();

  const names = listWith(
    { name: writer.name('makeBuffer'), at: makeBuffer },
    { name: writer.name('detachBuffer'), at: detachBuffer },
  );
  // napi_value napi_register_module_v1(napi_env, napi_value exports)
  a.align(16);
  const register = a.pos;
  a.push(Reg.rbx);
  a.push(Reg.r12);
  a.alu_ri(Alu.sub, 1, Reg.rsp, 24);
  a.mov_rr(1, Reg.rbx, Reg.rdi);
  a.mov_rr(1, Reg.r12, Reg.rsi);
  for (const { name, at } of names) {
    a.mov_rr(1, Reg.rdi, Reg.rbx);
    a.lea_rip(Reg.rsi, name);
    a.mov_ri64(Reg.rdx, autoLength, autoLength);
    a.lea_rip(Reg.rcx, at);
    a.zero(Reg.r8);
    a.lea(1, Reg.r9, Reg.rsp, 8);
    writer.call('napi_create_function');
    a.test_rr(0, Reg.rax, Reg.rax);
    const failed = a.jcc_forward(Cc.ne);
    a.mov_rr(1, Reg.rdi, Reg.rbx);
    a.mov_rr(1, Reg.rsi, Reg.r12);
    a.lea_rip(Reg.rdx, name);
    a.mov_rm(1, Reg.rcx, Reg.rsp, 8);
    writer.call('napi_set_named_property');
    a.bind(failed);
  }
  a.mov_rr(1, Reg.rax, Reg.r12);
  a.alu_ri(Alu.add, 1, Reg.rsp, 24);
  a.pop(Reg.r12);
  a.pop(Reg.rbx);
  a.ret();

  const exports: Partial<BufferAddon> = {};
  writer.open(register, exports);
  if (exports.makeBuffer === undefined || exports.detachBuffer === undefined) {
    throw new Error('Node refused to make a function');
  }
  return exports as BufferAddon;
}
