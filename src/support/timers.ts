/** Timers that keep no process alive, by Node's functions as they were when the engine was loaded. */
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { Reflect } from './primordials.js';

const immediate = setImmediate(() => {});
const { unref: unrefImmediate } = immediate;
clearImmediate(immediate);
const timeout = setTimeout(() => {}, 1);
const { unref: unrefTimeout, refresh } = timeout;
clearTimeout(timeout);

/** Call in the next turn of the event loop, if there is one. */
export function inNextTurn(run: () => void): void {
  Reflect.apply(unrefImmediate, setImmediate(run), []);
}

/** The same; the process waits for it. */
export function inTurn(run: () => void): void {
  setImmediate(run);
}

/** Call after a time, if the process still runs. */
export function later(run: () => void, milliseconds: number): NodeJS.Timeout {
  return Reflect.apply(unrefTimeout, setTimeout(run, milliseconds), []);
}

/** Let the time of a timer begin again. */
export function restart(timer: NodeJS.Timeout): void {
  Reflect.apply(refresh, timer, []);
}

export { clearTimeout as cancel };
