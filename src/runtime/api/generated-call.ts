/**
 * Calls in both directions as source text made for a signature, for functions that are warm: no general code for up to
 * eight arguments of any type is small enough for V8 to inline. The text consists of types and positions only, nothing in
 * it comes from a module.
 */

import { Thread } from '../../backends/abi/layout.js';
import { ValType } from '../../stream/types.js';
import { Function, Map, mapWith } from '../../support/primordials.js';
import type { ThreadRecord } from '../machine/thread.js';
import type { Signature } from '../signature.js';
import type { Callable, WasmFunction } from './exported-function.js';

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

/** The function with these parameters and this body, or undefined if it cannot be made. */
function factoryOf<Factory extends (...args: never[]) => unknown>(names: string, body: string): Factory | undefined {
  const known = factories.get(body);
  if (known !== undefined || !isAllowed || factories.size >= maxFactories) return known as Factory | undefined;
  try {
    const text = `'use strict';\nconst { i32, f32, f64, i64 } = thread;\n${body}\n//# sourceURL=${generatedCode}`;
    const factory = new Function(names, text) as unknown as Factory;
    factories.set(body, factory);
    return factory;
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
  target.run();
  ${result}
};`;
  type Factory = (target: WasmFunction, thread: ThreadRecord, helpers: CallHelpers) => Callable;
  return factoryOf<Factory>('target, thread, helpers', body)?.(target, target.engine.thread, helpers);
}

/**
 * The whole call of a host function: arguments are in the thread's buffer, the result goes there. Undefined as above.
 * @param writeResult converts and writes what is no number (no BigInt for i64), and several results.
 */
export function generateHostCall(
  thread: ThreadRecord,
  { params, results }: Signature,
  callable: Callable,
  writeResult: (value: unknown) => void,
): (() => void) | undefined {
  if (params.length > maxParameters || !params.every(isNumeric) || !results.every(isNumeric)) return undefined;
  const call = `callable(${textOf(params, ', ', element)})`;
  const only = results.length === 1 ? (results[0] as ValType) : undefined;
  let body = `return () => { writeResult(${call}); };`;
  if (results.length === 0) body = `return () => { ${call}; };`;
  else if (only !== undefined) {
    body = `return () => {
  const value = ${call};
  if (${isOf('value', only)}) ${element(only, 0)} = value;
  else writeResult(value);
};`;
  }
  type Factory = (callable: Callable, writeResult: (value: unknown) => void, thread: ThreadRecord) => () => void;
  return factoryOf<Factory>('callable, writeResult, thread', body)?.(callable, writeResult, thread);
}
