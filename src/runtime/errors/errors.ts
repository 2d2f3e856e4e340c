/**
 * CompileError, LinkError, RuntimeError and SuspendError with the shape of the standard's NativeErrors (ECMA-262 20.5.6): callable
 * with and without `new`, `name` and `message` on the prototype. All engines of a realm share them, so that
 * `instanceof` does not depend on which engine threw.
 */
import { Object } from '../../support/primordials.js';
import { type Constructor, constructAs } from '../webidl/shape.js';

export interface WebAssemblyErrorConstructor {
  new (message?: string, options?: ErrorOptions): Error;
  (message?: string, options?: ErrorOptions): Error;
  readonly prototype: Error;
}

function defineError(name: string): WebAssemblyErrorConstructor {
  const constructor = function (this: unknown, message?: string, options?: ErrorOptions): Error {
    const own = constructor as unknown as Constructor;
    const target = (new.target as unknown as Constructor | undefined) ?? own;
    const error = constructAs(Error, [message, options], target, own) as Error;
    Error.captureStackTrace(error, target);
    return error;
  };
  Object.defineProperties(constructor, {
    name: { value: name, writable: false, enumerable: false, configurable: true },
    length: { value: 1, writable: false, enumerable: false, configurable: true },
  });
  Object.setPrototypeOf(constructor, Error);
  const prototype = Object.create(Error.prototype, {
    constructor: { value: constructor, writable: true, enumerable: false, configurable: true },
    name: { value: name, writable: true, enumerable: false, configurable: true },
    message: { value: '', writable: true, enumerable: false, configurable: true },
  });
  Object.defineProperty(constructor, 'prototype', {
    value: prototype,
    writable: false,
    enumerable: false,
    configurable: false,
  });
  return constructor as unknown as WebAssemblyErrorConstructor;
}

export const CompileError: WebAssemblyErrorConstructor = defineError('CompileError');
export const LinkError: WebAssemblyErrorConstructor = defineError('LinkError');
export const RuntimeError: WebAssemblyErrorConstructor = defineError('RuntimeError');
export const SuspendError: WebAssemblyErrorConstructor = defineError('SuspendError');

/** Where a CompileError was found: own properties of the error that the engine throws. */
export interface CompileErrorDetails {
  /** Byte offset in the module. */
  readonly offset: number;
  /** Index of the function whose body is wrong. */
  readonly functionIndex?: number;
  /** Name of the opcode. */
  readonly opcode?: string;
}
