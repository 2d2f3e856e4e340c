/** Realms beside the thread's own one: `vm` contexts whose `WebAssembly` is an engine's. */

import { Reflect, WeakMap } from '../../support/primordials.js';

/** Gives an error of the engine the prototype that errors of its kind have in a realm. */
type Adopt = (error: unknown) => unknown;

const realms = new WeakMap<object, Adopt>();
let isAlone = true;

/** Functions with this prototype, `Function.prototype` of the realm, belong to it. */
export function addRealm(functionPrototype: object, adopt: Adopt): void {
  realms.set(functionPrototype, adopt);
  isAlone = false;
}

/** An error that a call of an exported function throws, as one of the function's realm. */
export function inRealmOf<T>(callable: object, error: T): T {
  if (!isAlone) realms.get(Reflect.getPrototypeOf(callable) as object)?.(error);
  return error;
}
