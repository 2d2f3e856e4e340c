/** Asking V8 for a collection, before giving up for lack of code memory: what V8 does itself when memories run out. */
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

/** Collect, and let the finalizers run that give code and native memory back (they need turns of the event loop). */
export async function collectGarbage(): Promise<void> {
  collect ??= gcFunction();
  for (let i = 0; i < 3; i++) {
    collect();
    await nextTurn();
  }
}
