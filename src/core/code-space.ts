import { CodeBytes, CodeWords } from '../support/dialect';

// Rare, so the engine does it: spans and data are its allocators'.
// @ts-ignore: decorator
@external('host', 'openSpan')
declare function hostOpenSpan(minBytes: i32): i32;
// @ts-ignore: decorator
@external('host', 'spanEnd')
declare function hostSpanEnd(): i32;
// @ts-ignore: decorator
@external('host', 'freeCode')
declare function hostFreeCode(start: i32, end: i32): void;
// @ts-ignore: decorator
@external('host', 'trimCode')
declare function hostTrimCode(from: i32, end: i32): void;
// @ts-ignore: decorator
@external('host', 'allocateData')
declare function hostAllocateData(bytes: i32): i32;
// @ts-ignore: decorator
@external('host', 'freeData')
declare function hostFreeData(offset: i32, bytes: i32): void;

/** Code memory, mapped into the core's memory. */
export class CodeSpace {
  bytes: CodeBytes;
  i32: CodeWords;
  spanEnd: i32 = 0;

  /**
   * @param alias where code memory is mapped
   * @param address of the executable mapping
   */
  constructor(
    alias: usize,
    readonly address: u64,
  ) {
    this.bytes = changetype<CodeBytes>(alias);
    this.i32 = changetype<CodeWords>(alias);
  }

  /** What the engine keeps. */
  get base(): i32 {
    return 0;
  }

  openSpan(minBytes: i32): i32 {
    const start = hostOpenSpan(minBytes);
    this.spanEnd = hostSpanEnd();
    return start;
  }

  freeCode(start: i32, end: i32): void {
    hostFreeCode(start, end);
  }

  trimCode(from: i32, end: i32): void {
    hostTrimCode(from, end);
  }

  allocateData(bytes: i32): i32 {
    return hostAllocateData(bytes);
  }

  freeData(offset: i32, bytes: i32): void {
    hostFreeData(offset, bytes);
  }

  /** One aligned store: readers see the old entry or the new one. */
  writeEntry(slot: i32, entry: i32): void {
    store<u64>(changetype<usize>(this.bytes) + slot, this.address + entry);
  }
}
