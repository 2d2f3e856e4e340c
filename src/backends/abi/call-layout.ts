/** Where the calling convention puts parameters and results. */
import type { Int16Array, Uint8Array } from '../../support/dialect.js';

const vector = 0x7b;

/** Value types as encoded in the binary format that travel in xmm registers: f32, f64, v128. */
function isFloat(type: i32): bool {
  return type === 0x7d || type === 0x7c || type === vector;
}

/** rax, rdx, rcx, rbx, rsi, rdi: integer and reference parameters and results, in this order. */
export const generalSequence: i32[] = [0, 2, 1, 3, 6, 7];

/** xmm0..xmm7: how many floats and vectors travel in registers. */
export const floatSequenceLength = 8;

/** Who calls an imported host function has the address to return to in r8, too: that is how its thunk knows. */
export const returnAddress = 8;

/** The first place number that is an xmm register. */
export const xmmPlace = 16;

/** The first place number that is on the stack. */
export const stackPlace = 32;

/** Fills `places`; returns how many items of 8 bytes are on the stack. */
export function assignPlaces(types: Uint8Array, places: Int16Array): i32 {
  let general = 0;
  let float = 0;
  let stack = 0;
  for (let i = 0; i < types.length; i++) {
    if (isFloat(types[i])) {
      if (float < floatSequenceLength) places[i] = xmmPlace + float++;
      else {
        places[i] = stackPlace + stack;
        stack += types[i] === vector ? 2 : 1;
      }
    } else {
      places[i] = general < generalSequence.length ? generalSequence[general++] : stackPlace + stack++;
    }
  }
  return stack;
}
