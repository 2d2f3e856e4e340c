/** Values of the host that pass through wasm as externref: some of each kind, known by their places. */
import type { Random } from '../support/random.js';

const values: readonly unknown[] = [
  null,
  undefined,
  0,
  -0,
  Number.NaN,
  2 ** 40,
  1n,
  '',
  'text',
  true,
  Symbol('symbol'),
  Object.freeze({}),
  Object.freeze([1]),
  Math.max,
];

export function randomHostValue(random: Random): unknown {
  return random.pick(values);
}

/** A value to its identity. What is not one of the known values is an exported function, or wrong. */
export function showHostValue(value: unknown): string {
  const index = values.findIndex((known) => Object.is(known, value));
  if (index >= 0) return `host value ${index}`;
  return typeof value === 'function' ? `function ${value.name}` : `unknown ${typeof value}`;
}
