/** Objects that are made when somebody first looks at them. */
import { bare, Proxy, Reflect } from './primordials.js';

/** What can be done with an object: each of these makes it. */
const operations = [
  'defineProperty',
  'deleteProperty',
  'get',
  'getOwnPropertyDescriptor',
  'getPrototypeOf',
  'has',
  'isExtensible',
  'ownKeys',
  'preventExtensions',
  'set',
  'setPrototypeOf',
] as const;

/**
 * An object whose properties are defined when it is first used, in whatever way. It is a proxy, then without traps, of a
 * plain object: nothing in the language tells it from one.
 * @param define defines the properties; called once, or again if it threw.
 */
export function lateObject<T extends object>(define: (target: object) => void): T {
  const target = {};
  // Whatever a program adds to `Object.prototype` is no trap.
  const handler: ProxyHandler<object> = bare({});
  for (let k = 0; k < operations.length; k++) {
    const name = operations[k] as (typeof operations)[number];
    const operation = Reflect[name] as (...args: unknown[]) => never;
    handler[name] = (...args: unknown[]): never => {
      define(target);
      for (let i = 0; i < operations.length; i++) Reflect.deleteProperty(handler, operations[i] as PropertyKey);
      return Reflect.apply(operation, undefined, args);
    };
  }
  return new Proxy(target, handler) as T;
}
