/**
 * The stacks of a thread besides its first one, as native memory: a table of their addresses, so that whoever reaps a dead
 * thread can free them. All have one size.
 */

import { Stack, Thread } from '../../backends/abi/layout.js';
import { BigInt, BigUint64Array, isolate, Number } from '../../support/primordials.js';
import { mapAnonymous, nativeView, Prot, protect, unmap } from './os.js';
import type { ThreadRecord } from './thread.js';

/** What is mapped for a stack: a guard, and as much as V8 gives an activation that can be suspended. */
export const stackMappedBytes: number = Stack.guard + (1 << 20);
/** The most that a thread can have. */
export const mostStacks = 16384;
const tableBytes = 8 * mostStacks;

/** Free a table and what it lists. */
export function freeStacks(table: number): void {
  if (table === 0) return;
  const addresses = new BigUint64Array(nativeView(table, tableBytes));
  for (let i = 0; i < mostStacks; i++) {
    const address = Number(addresses[i]);
    if (address !== 0) unmap(address, stackMappedBytes);
  }
  unmap(table, tableBytes);
}

export class StackTable {
  static {
    isolate(this);
  }

  readonly #addresses: BigUint64Array;
  /** The place that is looked at first. */
  #next = 0;

  /** The thread's table, which other copies of the package may have made. @throws OsError */
  constructor(thread: ThreadRecord) {
    let table = thread.pointer(Thread.stackTable);
    if (table === 0) {
      table = mapAnonymous(tableBytes);
      thread.setPointer(Thread.stackTable, table);
    }
    this.#addresses = new BigUint64Array(nativeView(table, tableBytes));
  }

  /** A new stack: its place in the table and its address. Undefined if there are too many. @throws OsError */
  allocate(): { readonly index: number; readonly address: number } | undefined {
    const index = this.#place();
    if (index < 0) return undefined;
    const address = mapAnonymous(stackMappedBytes);
    this.#addresses[index] = BigInt(address);
    try {
      protect(address, Stack.guard, Prot.none);
    } catch (error) {
      this.free(index);
      throw error;
    }
    return { index, address };
  }

  /** A free place. Other copies of the package take and free places, too: only the table says what is free. */
  #place(): number {
    for (let i = 0; i < mostStacks; i++) {
      const index = this.#next;
      this.#next = (index + 1) % mostStacks;
      if (this.#addresses[index] === 0n) return index;
    }
    return -1;
  }

  /** Free the stack at a place that `allocate` gave. */
  free(index: number): void {
    const address = Number(this.#addresses[index]);
    this.#addresses[index] = 0n;
    this.#next = index;
    unmap(address, stackMappedBytes);
  }
}
