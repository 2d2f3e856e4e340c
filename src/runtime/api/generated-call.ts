/**
 * Calls in both directions as source text made for a signature, for functions that are warm: no general code for up to
 * eight arguments of any type is small enough for V8 to inline. The text consists of types and positions only, nothing in
 * it comes from a module.
 */

import { Thread, TrapCode } from '../../backends/abi/layout.js';
import { ValType } from '../../stream/types.js';
import { Function, Map, mapWith } from '../../support/primordials.js';
import { resumePaused } from '../machine/calls/pause.js';
import type { ThreadRecord } from '../machine/thread.js';
import type { Signature } from '../signature.js';
import type { EngineState, EngineStoreGroup } from './engine-state.js';
import type { Callable, WasmFunction } from './exported-function.js';
import { type HostCalls, type HostLoop, suspended } from './host-calls.js';
import type { HostFunction } from './host-function.js';

/** What the generated code calls when an argument is no number (no BigInt for i64), and for unusual results. */
export interface CallHelpers {
  /** All arguments converted, then all written. */
  convertAndWrite(target: WasmFunction, args: unknown[]): void;
  readResults(target: WasmFunction): unknown;
}

/** The address of such code in stacks. */
export const generatedCode = 'beamline:calls';

const maxParameters = 8;
/** Modules can have any number of signatures: these are kept, the others take the general way. */
const maxFactories = 256;

/** Thread.buffer in typed arrays: values are 16 bytes apart. */
const arrays = mapWith<ValType, { array: string; base: number; stride: number }>(
  [ValType.i32, { array: 'i32', base: Thread.buffer >>> 2, stride: 4 }],
  [ValType.f32, { array: 'f32', base: Thread.buffer >>> 2, stride: 4 }],
  [ValType.f64, { array: 'f64', base: Thread.buffer >>> 3, stride: 2 }],
  [ValType.i64, { array: 'i64', base: Thread.buffer >>> 3, stride: 2 }],
);

/** By text: functions of one signature share a factory, and what V8 learns about it. */
const factories = new Map<string, (...args: never[]) => unknown>();
/** False where strings must not become code (`--disallow-code-generation-from-strings`). */
let isAllowed = true;

/** As `compile`; functions of one signature share what it makes. */
function factoryOf<Factory extends (...args: never[]) => unknown>(names: string, body: string): Factory | undefined {
  const known = factories.get(body);
  if (known !== undefined || factories.size >= maxFactories) return known as Factory | undefined;
  const factory = compile<Factory>(names, body);
  if (factory !== undefined) factories.set(body, factory);
  return factory;
}

/** The function with these parameters, of which one is `thread`, and this body, or undefined if it cannot be made. */
function compile<Made extends (...args: never[]) => unknown>(names: string, body: string): Made | undefined {
  if (!isAllowed) return undefined;
  try {
    const text = `'use strict';\nconst { i32, f32, f64, i64 } = thread;\n${body}\n//# sourceURL=${generatedCode}`;
    return new Function(names, text) as unknown as Made;
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    isAllowed = false;
    return undefined;
  }
}

/** What `write` says of each parameter, with a separator between. */
function textOf(types: Uint8Array, separator: string, write: (type: ValType, position: number) => string): string {
  let text = '';
  for (let i = 0; i < types.length; i++) text += (i === 0 ? '' : separator) + write(types[i] as ValType, i);
  return text;
}

/** The typed array's element that holds argument or result `position`. */
function element(type: ValType, position: number): string {
  const { array, base, stride } = arrays.get(type) as { array: string; base: number; stride: number };
  return `${array}[${base + stride * position}]`;
}

/** The test whether a variable's value needs no conversion but that of the store. */
function isOf(name: string, type: ValType): string {
  return `typeof ${name} === '${type === ValType.i64 ? 'bigint' : 'number'}'`;
}

const isNumeric = (type: ValType): boolean => arrays.has(type);

/** The body of an exported function, or undefined if its signature is of another kind or text cannot become code. */
export function generateCallable(target: WasmFunction, helpers: CallHelpers): Callable | undefined {
  const { params, results } = target.signature;
  if (params.length === 0 || params.length > maxParameters || !params.every(isNumeric)) return undefined;
  const names = textOf(params, ', ', (_, i) => `a${i}`);
  const fits = textOf(params, ' && ', (type, i) => isOf(`a${i}`, type));
  const stores = textOf(params, ' ', (type, i) => `${element(type, i)} = a${i};`);
  const only = results.length === 1 ? (results[0] as ValType) : undefined;
  let result = 'return helpers.readResults(target);';
  if (results.length === 0) result = '';
  else if (only !== undefined && isNumeric(only)) result = `return ${element(only, 0)};`;
  const body = `return (${names}) => {
  if (${fits}) { ${stores} }
  else helpers.convertAndWrite(target, [${names}]);
  target.runWasm();
  ${result}
};`;
  type Factory = (target: WasmFunction, thread: ThreadRecord, helpers: CallHelpers) => Callable;
  return factoryOf<Factory>('target, thread, helpers', body)?.(target, target.engine.thread, helpers);
}

/** True if calls of host functions of this signature can be written out: numbers only, and one result at most. */
export function isGenerable({ params, results }: Signature): boolean {
  return params.length <= maxParameters && results.length <= 1 && params.every(isNumeric) && results.every(isNumeric);
}

/**
 * The loop of host calls (`HostCalls.run`) with `hosts` written out. Undefined if text cannot become code.
 * @param calls whose loop it becomes; it calls other host functions and builtins.
 */
export function generateHostLoop(
  engine: EngineState,
  group: EngineStoreGroup,
  calls: HostCalls,
  hosts: readonly HostFunction[],
): HostLoop | undefined {
  let cases = '';
  let names = '';
  for (let i = 0; i < hosts.length; i++) {
    const { id, signature } = hosts[i] as HostFunction;
    const result = signature.results.length === 0 ? undefined : (signature.results[0] as ValType);
    const value = `f${i}(${textOf(signature.params, ', ', element)})`;
    const statement =
      result === undefined
        ? `${value};`
        : `{ const v = ${value}; if (${isOf('v', result)}) ${element(result, 0)} = v; else h${i}.writeResult(v); }`;
    cases += `        case ${id}: ${statement} break;\n`;
    names += `const h${i} = hosts[${i}], f${i} = h${i}.callable;\n`;
  }
  const body = `${names}const { u32 } = thread;
const { enter, resumeBits } = engine;
return function hostCalls(code, id) {
  const activation = f64[${Thread.activation >>> 3}];
  const low = f64[${Thread.stackLow >>> 3}];
  const high = f64[${Thread.stackHigh >>> 3}];
  const guard = f64[${Thread.guardLow >>> 3}];
  let isStale = false;
  let waits = false;
  for (;;) {
    if (code === ${TrapCode.hostCall}) {
      const sp = f64[${Thread.wasmSp >>> 3}];
      switch (id) {
${cases}        default:
          waits = calls.call(id);
          isStale = calls.run !== hostCalls;
      }
      if (group.watch[0] === undefined) engine.resumeActivity(group);
      f64[${Thread.wasmSp >>> 3}] = sp;
      f64[${Thread.activation >>> 3}] = activation;
      if (f64[${Thread.stackHigh >>> 3}] !== high) thread.useStack(low, high, guard);
      if (waits) return ${suspended};
      f64[${Thread.enterStub >>> 3}] = resumeBits;
      enter();
    } else if (code === ${TrapCode.paused}) {
      if (engine.yieldsNow(group)) return code;
      resumePaused(thread, enter);
    } else return code;
    code = u32[${Thread.trapCode >>> 2}];
    id = i32[${Thread.hostId >>> 2}];
    if (isStale) return calls.run(code, id);
  }
};`;
  const make = compile<Make>('thread, engine, group, calls, hosts, resumePaused', body);
  return make?.(engine.thread, engine, group, calls, hosts, resumePaused);
}

type Make = (
  thread: ThreadRecord,
  engine: EngineState,
  group: EngineStoreGroup,
  calls: HostCalls,
  hosts: readonly HostFunction[],
  pause: typeof resumePaused,
) => HostLoop;
