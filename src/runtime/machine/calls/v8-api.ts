/**
 * Calls of machine code through V8's own API, the fastest way: what Node-API does around each call (a heap allocation, two
 * handles, an exception handler) is not done. JS calls `enter` in about 4 ns.
 *
 * The functions are found by their C++ names, which spell out their parameters: where V8 has changed one it is not found,
 * and calls go through Node-API. What is assumed of V8 beyond the names, the same from Node 20 to 26: a `Local` is the address of
 * a slot that holds the value; a `MaybeLocal` is a `Local` or 0. Node's `v8.h`, `v8-function.h`, `v8-local-handle.h`.
 */

import { Alu, type Assembler, Reg } from '../../../backends/x64/assembler.js';
import { charCodeAt, listWith } from '../../../support/primordials.js';
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

/** Bytes by which the frame of a JS function can shrink when V8 optimises it. */
export const frameSlack: number = 384;

/**
 * r10 = the place of the arguments that the JS frame has pushed, rdi = FunctionCallbackInfo: up to V8 13 {implicit_args_, values_,
 * length_}, since then the place itself.
 */
function emitPlace(a: Assembler): void {
  const hasFields = majorOf(process.versions.v8) < 14;
  if (hasFields) a.mov_rm(1, Reg.r10, Reg.rdi, 8);
  else a.mov_rr(1, Reg.r10, Reg.rdi);
  a.alu_ri(Alu.add, 1, Reg.r10, frameSlack);
}

/** The first number of a version. */
function majorOf(version: string): number {
  const point = 0x2e;
  let major = 0;
  for (let i = 0; i < version.length && charCodeAt(version, i) !== point; i++) {
    major = 10 * major + charCodeAt(version, i) - 0x30;
  }
  return major;
}

/**
 * Load the thread's addon.
 * @throws Error if addons are disabled, V8's functions are not to be found, or the file cannot be loaded.
 */
export function openV8Api(thread: ThreadRecord, callees: NativeCallees): NativeCalls {
  const writer = new AddonWriter();
  const { a } = writer;

  // void enter(const FunctionCallbackInfo<Value> &): the shared entry stub of the signature does the rest.
  a.align(16);
  const enter = a.pos;
  emitEnter(a, thread, emitPlace);

  // A napi_value is a Local<Value>.
  return writer.load(thread, callees, () => {
    writer.call(currentIsolate);
    a.mov_rr(1, Reg.rdi, Reg.rax);
    writer.call(currentContext);
    a.mov_rr(1, Reg.rdi, Reg.rax);
    a.lea_rip(Reg.rsi, enter);
    a.zero(Reg.rdx);
    a.zero(Reg.rcx);
    // ConstructorBehavior::kThrow, SideEffectType::kHasSideEffect
    a.zero(Reg.r8);
    a.zero(Reg.r9);
    writer.call(...functionNew);
  });
}
