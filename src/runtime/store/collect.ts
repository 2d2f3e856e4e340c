/** Asking V8 for a collection where it cannot know that one is due: it sees JS objects, not what they hold natively. */

import { isolate } from '../../support/primordials.js';
import { inNextTurn } from '../../support/timers.js';

let collect: (() => void) | undefined;

/** V8's `gc`: a context made while the flag is set has it. */
function gcFunction(): () => void {
  // `node:v8` brings streams with it.
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  const { runInNewContext } = process.getBuiltinModule('node:vm');
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return gc;
}

/** A full collection. Finalizers run in later turns of the event loop. */
export function collectNow(): void {
  collect ??= gcFunction();
  collect();
}

/** Collect, and let the finalizers run that give code and native memory back (they need turns of the event loop). */
export async function collectGarbage(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    collectNow();
    await process.getBuiltinModule('node:timers/promises').setImmediate();
  }
}

/**
 * Asks for a collection in the next turn of the event loop when much was taken since the last one: where what is dropped
 * comes back by finalizers only, a limit must not be reached by garbage that V8 takes for a few small objects.
 */
export class CollectionPressure {
  static {
    isolate(this);
  }

  readonly #threshold: number;
  #taken = 0;
  #isAsked = false;

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  take(amount: number): void {
    this.#taken += amount;
    if (this.#taken < this.#threshold || this.#isAsked) return;
    this.#isAsked = true;
    inNextTurn(() => {
      this.#isAsked = false;
      this.#taken = 0;
      collectNow();
    });
  }
}
