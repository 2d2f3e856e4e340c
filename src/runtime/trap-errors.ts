/** What JS sees of a trap: error class and message as V8 gives them, and the wasm frames in `stack`. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SiteKind } from '../emitter/code-map.js';
import type { CodeLocation, CodeRegistry } from './code-registry.js';
import { RuntimeError } from './errors.js';
import { TrapCode } from './layout.js';
import type { Trap } from './machine.js';
import type { StackFrame } from './stack-walk.js';

const messages: Record<TrapCode, string> = {
  [TrapCode.none]: 'no trap',
  [TrapCode.unreachable]: 'unreachable',
  [TrapCode.memoryOutOfBounds]: 'memory access out of bounds',
  [TrapCode.divideByZero]: 'divide by zero',
  [TrapCode.integerOverflow]: 'divide result unrepresentable',
  [TrapCode.invalidConversion]: 'float unrepresentable in integer range',
  [TrapCode.tableOutOfBounds]: 'table index is out of bounds',
  [TrapCode.undefinedElement]: 'table index is out of bounds',
  [TrapCode.uninitializedElement]: 'null function or function signature mismatch',
  [TrapCode.signatureMismatch]: 'null function or function signature mismatch',
  [TrapCode.stackOverflow]: 'Maximum call stack size exceeded',
  [TrapCode.interrupted]: 'execution interrupted',
  [TrapCode.hostException]: 'exception in a host function',
  [TrapCode.internal]: 'internal error: a fault in generated code that no trap site explains',
  [TrapCode.elementOutOfBounds]: 'element segment out of bounds',
  [TrapCode.count]: '',
};

/**
 * The error for a trap.
 * @param below hide this function and what it called from the JS part of the stack.
 */
export function trapError(trap: Trap, codes: CodeRegistry, below: (...args: never[]) => unknown): Error {
  const message = messageOf(trap, codes.locate(trap.pc));
  const limit = Error.stackTraceLimit;
  try {
    // Captured once, below; with more frames than asked for, because the engine's own are taken out.
    Error.stackTraceLimit = 0;
    const error = trap.code === TrapCode.stackOverflow ? new RangeError(message) : new RuntimeError(message);
    Error.stackTraceLimit = 4 * limit;
    Error.captureStackTrace(error, below);
    insertFrames(error, trap.frames, codes, limit);
    return error;
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function messageOf(trap: Trap, location: CodeLocation | undefined): string {
  if (location === undefined) return messages[trap.code];
  const opcode = location.names.opcodeAt(location.site.wasmOffset);
  let { code } = trap;
  // A zero divisor and an overflow raise the same signal.
  if (trap.signal !== 0 && location.site.kind === SiteKind.division) {
    code = isZeroDivisor(trap, location.site.aux) ? TrapCode.divideByZero : TrapCode.integerOverflow;
  }
  if (code === TrapCode.divideByZero && isRemainder(opcode)) return 'remainder by zero';
  if (code === TrapCode.integerOverflow && isTruncation(opcode)) code = TrapCode.invalidConversion;
  return messages[code];
}

/** @param aux of a division site: divisor register, width in bit 4. */
function isZeroDivisor(trap: Trap, aux: number): boolean {
  return BigInt.asUintN((aux & 16) !== 0 ? 64 : 32, trap.registers[aux & 15] as bigint) === 0n;
}

/** i32.rem_s, i32.rem_u, i64.rem_s, i64.rem_u */
function isRemainder(opcode: number): boolean {
  return opcode === 0x6f || opcode === 0x70 || opcode === 0x81 || opcode === 0x82;
}

/** i32.trunc_f32_s to i32.trunc_f64_u, i64.trunc_f32_s to i64.trunc_f64_u */
function isTruncation(opcode: number): boolean {
  return (opcode >= 0xa8 && opcode <= 0xab) || (opcode >= 0xae && opcode <= 0xb1);
}

/** `    at name (wasm://beamline/module:wasm-function[3]:0x1234)`, as V8 writes it. */
function frameLine({ names, site }: CodeLocation): string {
  const index = names.functionAt(site.wasmOffset);
  const name = names.functionName(index);
  const address = `wasm://beamline/${names.moduleName}:wasm-function[${index}]:0x${site.wasmOffset.toString(16)}`;
  return name === undefined ? `    at ${address}` : `    at ${name} (${address})`;
}

/**
 * Frames of the engine itself, as compiled and (with source maps) as written. A host call goes through the dispatcher:
 * its frame stands for the wasm frames below.
 */
const compiled = dirname(fileURLToPath(import.meta.url));
const places = [compiled, compiled.replace(/\/(?:dist|\.work\/\w+)(?=\/src\/runtime$)/, '')];

/** Put the wasm frames where they belong between the JS frames of `error.stack`, up to `limit` together. */
function insertFrames(error: Error, frames: readonly StackFrame[], codes: CodeRegistry, limit: number): void {
  const { stack } = error;
  const header = `${error.name}: ${error.message}`;
  // A program can replace the format of stacks (Error.prepareStackTrace): then there is nothing to insert into.
  if (typeof stack !== 'string' || !stack.startsWith(header)) return;
  const lines: string[] = [];
  let next = 0;
  const addActivation = (): void => {
    const activation = frames[next]?.activation;
    while (next < frames.length && frames[next]?.activation === activation && lines.length < limit) {
      const location = codes.locate((frames[next++] as StackFrame).pc);
      if (location !== undefined) lines.push(frameLine(location));
    }
    while (next < frames.length && frames[next]?.activation === activation) next++;
  };
  addActivation();
  for (const line of stack.slice(header.length + 1).split('\n')) {
    if (lines.length >= limit) break;
    const place = places.find((prefix) => line.includes(prefix));
    if (place === undefined) lines.push(line);
    else if (/^ {4}at dispatch \(/.test(line)) addActivation();
  }
  const text = [header, ...lines].join('\n');
  Object.defineProperty(error, 'stack', { value: text, writable: true, configurable: true, enumerable: false });
}
