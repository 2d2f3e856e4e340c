/** Randomness for tables whose keys a module chooses. */
import type { Uint8Array } from './primordials.js';

type RandomBytes = (count: number) => Uint8Array;

let source: RandomBytes = (count) => process.getBuiltinModule('node:crypto').randomBytes(count);

/** Who can ask the kernel says so: `node:crypto` takes longer to load than a small module to compile. */
export function useRandomness(own: RandomBytes): void {
  source = own;
}

/** At most 256 bytes that nobody can guess. */
export function randomBytes(count: number): Uint8Array {
  return source(count);
}
