/**
 * Addresses as doubles of the same bits. One store of 8 bytes is forwarded to a load by the processor, which two of 4 bytes are
 * not; and addresses that only go from one place to another need not become numbers. They are below 2^47: no bits are those of a NaN.
 */

import { Float64Array, Math, Uint32Array } from '../../support/primordials.js';

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** The double whose bits are this address. */
export function bitsAsDouble(address: number): number {
  words[0] = address >>> 0;
  words[1] = Math.floor(address / 4294967296);
  return double[0] as number;
}

/** The address whose bits this double has. */
export function addressOfBits(bits: number): number {
  double[0] = bits;
  return (words[0] as number) + (words[1] as number) * 4294967296;
}
