import type { Int8Array, Int32Array } from '../../support/dialect.js';

export function fillWords(array: Int32Array, value: i32): void {
  array.fill(value);
}

export function fillBytes(array: Int8Array, value: i32): void {
  array.fill(value);
}
