import type { Int32Array, Uint8Array } from '../../support/dialect.js';

/** What the compiler needs of code memory (a `CodeMemory` fits). */
export interface CodeSpace {
  /** Read-write view of the whole region. */
  readonly bytes: Uint8Array;
  readonly i32: Int32Array;
  /** Address of the executable mapping. */
  readonly base: number;
  /** End of the span that was opened last. */
  readonly spanEnd: i32;
  /** A span of at least `minBytes` bytes; where it begins. @throws CodeMemoryError */
  openSpan(minBytes: i32): i32;
  freeCode(start: i32, end: i32): void;
  /** Give back the end of a span that was never written. */
  trimCode(from: i32, end: i32): void;
  /** @throws CodeMemoryError */
  allocateData(bytes: i32): i32;
  freeData(offset: i32, bytes: i32): void;
  /** Publish code: the slot at data offset `slot` gets the address of code offset `entry`, in one store. */
  writeEntry(slot: i32, entry: i32): void;
}
