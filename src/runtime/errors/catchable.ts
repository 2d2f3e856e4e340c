/**
 * What wasm does not catch: traps, overflows of the stack, interruptions. V8 marks such errors invisibly, whoever throws them again; those of
 * the engine have a mark of their own, and of errors that V8 has made V8 itself says whether they have one.
 */
import { types } from 'node:util';
import { bare, latin1, Reflect } from '../../support/primordials.js';
import { isV8Trap, v8 } from '../../support/v8.js';
import { brand } from '../webidl/shape.js';

const uncatchable = brand<true>();

/** From now on no wasm catches this error. */
export function makeUncatchable<T extends object>(error: T): T {
  uncatchable.stamp(error, true);
  return error;
}

const overflowMessage = 'Maximum call stack size exceeded';

/** False for the errors of traps, overflows and interruptions, those of V8 included. Runs no code of the program. */
export function isCatchable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (uncatchable.get(value) === true) return false;
  // Of a program's errors few look like those.
  if (!types.isNativeError(value)) return true;
  if (!isV8Trap(value) && Reflect.getOwnPropertyDescriptor(value, 'message')?.value !== overflowMessage) return true;
  return v8Catches(value);
}

/**
 * A module with a function that calls an import in a `try` with `catch_all`, and says whether that has caught.
 * (import "" "" (func)) (func (export "") (result i32) try (result i32) call 0 i32.const 0 catch_all i32.const 1 end)
 */
const probe =
  '\x00asm\x01\x00\x00\x00\x01\x08\x02`\x00\x00`\x00\x01\x7f\x02\x05\x01\x00\x00\x00\x00\x03\x02\x01\x01\x07\x04\x01\x00\x00\x01' +
  '\x0a\x0e\x01\x0c\x00\x06\x7f\x10\x00A\x00\x19A\x01\x0b\x0b';

let thrown: unknown;
let catches: (() => unknown) | undefined;

function v8Catches(value: object): boolean {
  if (v8 === undefined) return false;
  try {
    catches ??= makeProbe();
    thrown = value;
    return catches() === 1;
  } catch {
    return false;
  } finally {
    thrown = undefined;
  }
}

function makeProbe(): () => unknown {
  const bytes = latin1(probe);
  const { Module, Instance } = v8 as NonNullable<typeof v8>;
  const imports = bare({
    '': bare({
      '': () => {
        throw thrown;
      },
    }),
  });
  return new Instance(new Module(bytes), imports).exports[''] as () => unknown;
}
