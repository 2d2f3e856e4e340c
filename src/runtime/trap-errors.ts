/** What JS sees of a trap: error class and message as V8 gives them, and the wasm frames in `stack`. */
import { dirname } from 'node:path';
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
  [TrapCode.count]: '',
};

/**
 * The error for a trap.
 * @param below hide this function and what it called from the JS part of the stack.
 */
export function trapError(trap: Trap, codes: CodeRegistry, below: (...args: never[]) => unknown): Error {
  const message = messageOf(trap, codes.locate(trap.pc));
  const error = trap.code === TrapCode.stackOverflow ? new RangeError(message) : new RuntimeError(message);
  Error.captureStackTrace(error, below);
  insertFrames(error, trap.frames, codes);
  return error;
}

function messageOf(trap: Trap, location: CodeLocation | undefined): string {
  if (location?.site.kind === SiteKind.division && trap.signal !== 0) {
    return divisionMessage(trap, location.site.aux);
  }
  return messages[trap.code];
}

/** A zero divisor and an overflow raise the same signal: the divisor register tells them apart. */
function divisionMessage(trap: Trap, aux: number): string {
  const wide = (aux & 16) !== 0;
  const remainder = (aux & 64) !== 0;
  const divisor = BigInt.asUintN(wide ? 64 : 32, trap.registers[aux & 15] as bigint);
  if (divisor !== 0n) return messages[TrapCode.integerOverflow];
  return remainder ? 'remainder by zero' : 'divide by zero';
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
const compiled = dirname(import.meta.url);
const places = [compiled, compiled.replace(/\/dist\/(?=src\/runtime$)/, '/')];

/** Put the wasm frames where they belong between the JS frames of `error.stack`, up to `Error.stackTraceLimit`. */
function insertFrames(error: Error, frames: readonly StackFrame[], codes: CodeRegistry): void {
  const { stack } = error;
  const header = `${error.name}: ${error.message}`;
  // A program can replace the format of stacks (Error.prepareStackTrace): then there is nothing to insert into.
  if (typeof stack !== 'string' || !stack.startsWith(header)) return;
  const limit = Error.stackTraceLimit ?? 10;
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
    else if (line.includes(`${place}/dispatcher.`)) addActivation();
  }
  const text = [header, ...lines].join('\n');
  Object.defineProperty(error, 'stack', { value: text, writable: true, configurable: true, enumerable: false });
}
