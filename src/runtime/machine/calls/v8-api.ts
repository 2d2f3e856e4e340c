/**
 * Calls of machine code through V8's own API, the fastest way: what Node-API does around each call (a heap allocation, two
 * handles, an exception handler) is not done. JS calls `enter` in about 4 ns, and where V8 has optimised the caller in less than
 * one: it has two functions, and calls the second one (a "fast API call") as a C function. That may call no JS, and never does: wasm
 * calls the host by return. The scope of a deadline calls JS, and has a function without a second one.
 *
 * The functions are found by their C++ names, which spell out their parameters: where V8 has changed one it is not found,
 * and calls go through Node-API. What is assumed of V8 beyond the names, the same from Node 20 to 26: a `Local` is the address of
 * a slot that holds the value; a `MaybeLocal` is a `Local` or 0; the first byte of a `CTypeInfo` is the type, the others are 0 for
 * plain values. Node's `v8.h`, `v8-function.h`, `v8-local-handle.h`, `v8-template.h`, `v8-fast-api-calls.h`.
 */

import { Thread } from '../../../backends/abi/layout.js';
import { Alu, type Assembler, Reg } from '../../../backends/x64/assembler.js';
import { charCodeAt, listWith } from '../../../support/primordials.js';
import type { ThreadRecord } from '../thread.js';
import { emitAddress } from '../x64/address.js';
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

/** FunctionTemplate::New(Isolate *, FunctionCallback, data, signature, length, behavior, side effects, const CFunction *, 3 types of receivers) */
const templateNew = `_ZN2v816FunctionTemplate3NewEPNS_7IsolateE${callback}NS_5LocalIS4_EENSA_INS_9SignatureEEEiNS_19ConstructorBehaviorENS_14SideEffectTypeEPKNS_9CFunctionEttt`;
const getFunction = '_ZN2v816FunctionTemplate11GetFunctionENS_5LocalINS_7ContextEEE';
/** CFunctionInfo::CFunctionInfo(const CTypeInfo &result, unsigned count, const CTypeInfo *arguments, Int64Representation) */
const functionInfo = listWith(
  '_ZN2v813CFunctionInfoC1ERKNS_9CTypeInfoEjPS2_NS0_19Int64RepresentationE',
  '_ZN2v813CFunctionInfoC1ERKNS_9CTypeInfoEjPS2_',
);
/** CFunction::CFunction(const void *address, const CFunctionInfo *) */
const cFunction = '_ZN2v89CFunctionC1EPKvPKNS_13CFunctionInfoE';
/** CTypeInfo::Type */
const enum CType {
  void = 0,
  value = 10,
}

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
  // void enter(Local<Value> receiver), for optimised code. The return address lies below the JS frame.
  a.align(16);
  const fast = a.pos;
  emitEnter(a, thread, () => a.lea(1, Reg.r10, Reg.rsp, frameSlack));

  // V8's optimising threads read these, and still do when a worker's addons are unloaded: they are part of the record, which stays.
  const info = thread.address + Thread.enterInfo;
  const argument = thread.address + Thread.enterReceiver;
  const result = thread.address + Thread.enterResult;
  const both = writer.words(2);
  // A napi_value is a Local<Value>.
  return writer.load(thread, callees, {
    enter: () => {
      emitIsolateAndContext(writer);
      emitAddress(a, Reg.rcx, argument);
      a.mov_mi(1, Reg.rcx, 0, CType.value);
      emitAddress(a, Reg.rsi, result);
      a.mov_mi(1, Reg.rsi, 0, CType.void);
      emitAddress(a, Reg.rdi, info);
      a.mov_ri(Reg.rdx, 1);
      a.zero(Reg.r8);
      writer.call(...functionInfo);
      a.lea_rip(Reg.rdi, both);
      a.lea_rip(Reg.rsi, fast);
      emitAddress(a, Reg.rdx, info);
      writer.call(cFunction);
      // SideEffectType::kHasSideEffect, the function, no types of receivers; a word for the alignment of rsp.
      for (let i = 0; i < 4; i++) a.push_i(0);
      a.lea_rip(Reg.rax, both);
      a.push(Reg.rax);
      a.push_i(0);
      a.mov_rr(1, Reg.rdi, isolate);
      a.lea_rip(Reg.rsi, enter);
      a.zero(Reg.rdx);
      a.zero(Reg.rcx);
      a.zero(Reg.r8);
      // ConstructorBehavior::kThrow
      a.zero(Reg.r9);
      writer.call(templateNew);
      a.alu_ri(Alu.add, 1, Reg.rsp, 48);
      a.mov_rr(1, Reg.rdi, Reg.rax);
      a.mov_rr(1, Reg.rsi, context);
      writer.call(getFunction);
    },
    enterScope: () => {
      emitIsolateAndContext(writer);
      a.mov_rr(1, Reg.rdi, context);
      a.lea_rip(Reg.rsi, enter);
      a.zero(Reg.rdx);
      a.zero(Reg.rcx);
      // ConstructorBehavior::kThrow, SideEffectType::kHasSideEffect
      a.zero(Reg.r8);
      a.zero(Reg.r9);
      writer.call(...functionNew);
    },
  });
}

// Registers that calls preserve.
const isolate = Reg.r13;
const context = Reg.r14;

function emitIsolateAndContext(writer: AddonWriter): void {
  const { a } = writer;
  writer.call(currentIsolate);
  a.mov_rr(1, isolate, Reg.rax);
  a.mov_rr(1, Reg.rdi, Reg.rax);
  writer.call(currentContext);
  a.mov_rr(1, context, Reg.rax);
}
