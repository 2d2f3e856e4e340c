/**
 * Calls between JS and machine code through V8's own API, the fastest way: what Node-API does around each call (a heap
 * allocation, two handles, an exception handler) is not done. JS calls `enter` in about 4 ns, machine code the dispatcher
 * in about 30. An exception of the dispatcher stays scheduled in the isolate and is thrown when `enter` returns.
 *
 * The functions are found by their C++ names, which spell out their parameters: where V8 has changed one it is not found,
 * and calls go through Node-API. What is assumed of V8 beyond the names, the same from Node 20 to 26: a `Local` is the address of
 * a slot that holds the value, so is a global handle; a `MaybeLocal` is a `Local` or 0; a `HandleScope` takes less than 64
 * bytes. Node's `v8.h`, `v8-function.h`, `v8-local-handle.h`.
 */

import { Alu, Reg } from '../../../backends/x64/assembler.js';
import { listWith } from '../../../support/primordials.js';
import { findSymbol } from '../os.js';
import type { ThreadRecord } from '../thread.js';
import { emitEnter } from '../x64/stub-writer.js';
import { AddonWriter, type NativeCallees, type NativeCalls } from './addon.js';

const callback = 'PFvRKNS_20FunctionCallbackInfoINS_5ValueEEEE';
const currentIsolate = '_ZN2v87Isolate10GetCurrentEv';
const currentContext = '_ZN2v87Isolate17GetCurrentContextEv';
/** Function::New(Local<Context>, FunctionCallback, Local<Value or Data>, int length, ConstructorBehavior, SideEffectType) */
const functionNew = listWith(
  `_ZN2v88Function3NewENS_5LocalINS_7ContextEEE${callback}NS1_IS5_EEiNS_19ConstructorBehaviorENS_14SideEffectTypeE`,
  `_ZN2v88Function3NewENS_5LocalINS_7ContextEEE${callback}NS1_INS_4DataEEEiNS_19ConstructorBehaviorENS_14SideEffectTypeE`,
);
/** Function::Call(Local<Context>, Local<Value> receiver, int argc, Local<Value> argv[]) */
const functionCall = '_ZN2v88Function4CallENS_5LocalINS_7ContextEEENS1_INS_5ValueEEEiPS5_';
/** GlobalizeReference(Isolate*, Address*), in later versions (Isolate*, Address). */
const globalizeSlot = '_ZN2v812api_internal18GlobalizeReferenceEPNS_8internal7IsolateEPm';
const globalizeValue = '_ZN2v812api_internal18GlobalizeReferenceEPNS_8internal7IsolateEm';
const openScope = '_ZN2v811HandleScopeC1EPNS_7IsolateE';
const closeScope = '_ZN2v811HandleScopeD1Ev';

/**
 * Load the thread's addon.
 * @throws Error if addons are disabled, V8's functions are not to be found, or the file cannot be loaded.
 */
export function openV8Api(thread: ThreadRecord, callees: NativeCallees): NativeCalls {
  const writer = new AddonWriter();
  const { a } = writer;
  const isolate = writer.word();
  const context = writer.word();
  const dispatcher = writer.word();
  const receiver = writer.word();

  // void enter(const FunctionCallbackInfo<Value> &): the shared entry stub of the signature does the rest.
  a.align(16);
  const enter = a.pos;
  emitEnter(a, thread);

  // void hostCall(void). The scope frees the handles of the call: one entry can make millions of calls.
  a.align(16);
  const hostCall = a.pos;
  // Later versions of V8 have HandleScope inline only.
  const ownScope = findSymbol(openScope) !== undefined && findSymbol(closeScope) !== undefined;
  a.alu_ri(Alu.sub, 1, Reg.rsp, 72);
  if (ownScope) {
    a.mov_rr(1, Reg.rdi, Reg.rsp);
    a.mov_rm_rip(1, Reg.rsi, isolate);
    writer.call(openScope);
  } else {
    a.mov_rm_rip(1, Reg.rdi, writer.env);
    a.mov_rr(1, Reg.rsi, Reg.rsp);
    writer.call('napi_open_handle_scope');
  }
  a.mov_rm_rip(1, Reg.rdi, dispatcher);
  a.mov_rm_rip(1, Reg.rsi, context);
  a.mov_rm_rip(1, Reg.rdx, receiver);
  a.zero(Reg.rcx);
  a.zero(Reg.r8);
  writer.call(functionCall);
  if (ownScope) {
    a.mov_rr(1, Reg.rdi, Reg.rsp);
    writer.call(closeScope);
  } else {
    a.mov_rm_rip(1, Reg.rdi, writer.env);
    a.mov_rm(1, Reg.rsi, Reg.rsp, 0);
    writer.call('napi_close_handle_scope');
  }
  a.alu_ri(Alu.add, 1, Reg.rsp, 72);
  a.ret();

  /** rax = Local: store the address of a global handle of the same value. */
  const globalize = (word: number): void => {
    const takesValue = findSymbol(globalizeValue) !== undefined;
    a.mov_rr(1, Reg.rsi, Reg.rax);
    if (takesValue) a.mov_rm(1, Reg.rsi, Reg.rsi, 0);
    a.mov_rm_rip(1, Reg.rdi, isolate);
    writer.call(takesValue ? globalizeValue : globalizeSlot);
    a.mov_mr_rip(1, word, Reg.rax);
  };

  // A napi_value is a Local<Value>.
  return writer.load(thread, callees, hostCall, () => {
    writer.call(currentIsolate);
    a.mov_mr_rip(1, isolate, Reg.rax);
    a.mov_rr(1, Reg.rdi, Reg.rax);
    writer.call(currentContext);
    globalize(context);
    a.mov_rm(1, Reg.rax, Reg.rsp, 0);
    globalize(dispatcher);
    // With another receiver than undefined, stack traces would name its class.
    a.mov_rr(1, Reg.rdi, Reg.rbx);
    a.mov_rr(1, Reg.rsi, Reg.rsp);
    writer.call('napi_get_undefined');
    a.mov_rm(1, Reg.rax, Reg.rsp, 0);
    globalize(receiver);
    a.mov_rm_rip(1, Reg.rdi, context);
    a.lea_rip(Reg.rsi, enter);
    a.zero(Reg.rdx);
    a.zero(Reg.rcx);
    // ConstructorBehavior::kThrow, SideEffectType::kHasSideEffect
    a.zero(Reg.r8);
    a.zero(Reg.r9);
    writer.call(...functionNew);
  });
}
