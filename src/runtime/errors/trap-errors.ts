/** What JS sees of a trap: error class and message as V8 gives them; error-stack.ts makes the stack. */

import { TrapCode } from '../../backends/abi/layout.js';
import { SiteKind } from '../../backends/code/code-map-writer.js';
import { Op } from '../../stream/op.js';
import { BigInt, List } from '../../support/primordials.js';
import type { Machine, Trap } from '../machine/machine.js';
import type { StackFrame } from '../machine/stack-walk.js';
import type { CodeLocation, CodeRegistry } from './code-registry.js';
import { addWasmFrames, errorWithStack } from './error-stack.js';
import { RuntimeError } from './errors.js';
import type { LocatedFrame } from './wasm-call-site.js';

const messages: Record<TrapCode, string> = {
  [TrapCode.none]: 'no trap',
  [TrapCode.unreachable]: 'unreachable',
  [TrapCode.memoryOutOfBounds]: 'memory access out of bounds',
  [TrapCode.divideByZero]: 'divide by zero',
  [TrapCode.integerOverflow]: 'divide result unrepresentable',
  [TrapCode.invalidConversion]: 'float unrepresentable in integer range',
  [TrapCode.tableOutOfBounds]: 'table index is out of bounds',
  [TrapCode.undefinedElement]: 'table index is out of bounds',
  [TrapCode.nullReference]: 'rethrowing null value',
  [TrapCode.signatureMismatch]: 'null function or function signature mismatch',
  [TrapCode.stackOverflow]: 'Maximum call stack size exceeded',
  [TrapCode.interrupted]: 'execution interrupted',
  [TrapCode.hostCall]: 'host call',
  [TrapCode.internal]: 'internal error: a fault in generated code that no trap site explains',
  [TrapCode.elementOutOfBounds]: 'element segment out of bounds',
  [TrapCode.paused]: 'paused',
  [TrapCode.unalignedAccess]: 'operation does not support unaligned accesses',
  [TrapCode.count]: '',
};

/**
 * The error for a trap.
 * @param below hide this function and what it called from the JS part of the stack.
 */
export function trapError(trap: Trap, codes: CodeRegistry, below: (...args: never[]) => unknown): Error {
  const { code } = trap;
  // The instruction matters for arithmetic only.
  const isArithmetic = code === TrapCode.divideByZero || code === TrapCode.integerOverflow;
  const message = isArithmetic ? messageOf(trap, codes.locate(trap.site)) : messages[code];
  const isOverflow = code === TrapCode.stackOverflow;
  const frames = locateFrames(trap.frames, codes, isOverflow && trap.signal !== 0);
  return errorWithStack(isOverflow ? RangeError : RuntimeError, message, frames, trap.isNested, below);
}

/**
 * An error, or whatever else, that a host function threw leaves that function.
 * @param machine the one whose code called it.
 * @param below hide this function and what it called from the JS part of the stack.
 */
export function hostError(
  error: unknown,
  machine: Machine,
  codes: CodeRegistry,
  below: (...args: never[]) => unknown,
): void {
  const walk = (most: number) => {
    const frames = locateFrames(machine.callers(most), codes);
    return { frames, isNested: (frames.at(-1)?.activation ?? 0) > 0 };
  };
  addWasmFrames(error, walk, below);
}

/**
 * The module and the place in it of each frame, found now because code can be freed before anybody reads the stack.
 * @param overflows the first frame is that of an instruction that had no stack.
 */
function locateFrames(frames: readonly StackFrame[], codes: CodeRegistry, overflows = false): LocatedFrame[] {
  const located: LocatedFrame[] = new List();
  for (let i = 0; i < frames.length; i++) {
    const { address, activation } = frames[i] as StackFrame;
    if (overflows && i === 0) {
      const place = codes.locateOverflow(address);
      if (place !== undefined) located.push({ names: place.names, wasmOffset: place.wasmOffset, activation });
      continue;
    }
    const location = codes.locate(address);
    if (location === undefined) continue;
    located.push({ names: location.names, wasmOffset: location.site.wasmOffset, activation });
  }
  return located;
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

function isRemainder(opcode: number): boolean {
  return opcode === Op.i32RemS || opcode === Op.i32RemU || opcode === Op.i64RemS || opcode === Op.i64RemU;
}

/** Of a float to an integer. */
function isTruncation(opcode: number): boolean {
  return (
    (opcode >= Op.i32TruncF32S && opcode <= Op.i32TruncF64U) || (opcode >= Op.i64TruncF32S && opcode <= Op.i64TruncF64U)
  );
}
