import { lengthened, lengthOf, sizeOf } from '../support/dialect';

/** The twin of `src/support/memory-budget.ts` and `src/support/reserve.ts`: the same bytes are counted, in the same order. */

export { Cost } from '../support/cost';

/** Ends the compilation: the host asks why. */
// @ts-ignore: decorator
@external('host', 'overBudget')
declare function overBudget(): void;

export class MemoryBudget {
  limit: f64 = Infinity;
  held: f64 = 0;
  peak: f64 = 0;

  take(bytes: i32): void {
    const held = this.held + <f64>bytes;
    if (held > this.limit) overBudget();
    this.held = held;
    if (held > this.peak) this.peak = held;
  }

  give(bytes: i32): void {
    this.held -= <f64>bytes;
  }
}

/** The twin of the function in `src/support/reserve.ts`. */
export function grow<T>(array: T, needed: i32, most: i32, memory: MemoryBudget): T {
  if (needed > most) unreachable();
  const old = lengthOf(changetype<usize>(array));
  const length = min(most, max(needed, 2 * old));
  memory.take(sizeOf<T>(array) * (length - old));
  return lengthened<T>(array, length, most);
}
