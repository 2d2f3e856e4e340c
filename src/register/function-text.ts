/**
 * `Function.prototype.toString` where Beamline stands for V8's `WebAssembly`: functions that V8 has in C++ show no source
 * text there. Calls of these functions know nothing of it: a bound function, which shows none by itself, costs 7 ns more
 * where a call site sees several, and has no name in its text.
 */
import type { WebAssemblyNamespace } from '../runtime/api/namespace.js';

/**
 * Let exported functions, and the functions and classes of `namespace`, look native.
 * @param exportedIndex the function index of an exported function, undefined for all else.
 * @param prototype `Function.prototype` of the realm.
 */
export function hideSourceText(
  namespace: WebAssemblyNamespace,
  exportedIndex: (value: unknown) => number | undefined,
  prototype: { toString(): string } = Function.prototype,
): void {
  const original = prototype.toString;
  const names = new WeakMap<object, string>();
  const { toString } = {
    toString(this: unknown): string {
      const name = typeof this === 'function' ? (exportedIndex(this) ?? names.get(this)) : undefined;
      return name === undefined ? Reflect.apply(original, this, []) : `function ${name}() { [native code] }`;
    },
  };
  Object.setPrototypeOf(toString, prototype);
  addNames(namespace, names);
  names.set(toString, 'toString');
  // Has no effect where somebody has frozen the prototype.
  Reflect.defineProperty(prototype, 'toString', {
    value: toString,
    writable: true,
    enumerable: false,
    configurable: true,
  });
}

/** The functions among the properties of an object, with those of classes and of their prototypes. */
function addNames(object: object, names: WeakMap<object, string>): void {
  for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(object))) {
    const { value, get, set } = property as PropertyDescriptor;
    if (get !== undefined) names.set(get, `get ${key}`);
    if (set !== undefined) names.set(set, `set ${key}`);
    if (typeof value !== 'function' || names.has(value)) continue;
    names.set(value, value.name);
    addNames(value, names);
    if (typeof value.prototype === 'object') addNames(value.prototype, names);
  }
}
