/** Asking V8 for a collection where it cannot know that one is due: it sees JS objects, not what they hold natively. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/** V8's `gc`: a context made while the flag is set has it. */
function gcFunction(): () => void {
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
    await nextTurn();
  }
}
