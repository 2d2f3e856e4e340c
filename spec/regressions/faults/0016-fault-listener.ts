/**
 * A listener for the signal of a fault made the trap spin for ever, or kill the process once it was removed.
 *
 * @runs SIGFPE
 * @runs SIGSEGV
 * @runs SIGBUS
 * @runs SIGILL
 */
import { check, done, WebAssembly, wat } from './support.js';

const signal = process.argv.at(-1) as NodeJS.Signals;
const bytes = await wat(`(module (memory 1)
  (func (export "div") (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))`);

let heard = 0;
const listener = (): void => {
  heard++;
};
// Before there is a machine, and after.
process.on(signal, listener);
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
const { div, load } = exports as unknown as Record<'div' | 'load', (x: number) => number>;

function traps(when: string): void {
  for (const [f, x, expected] of [
    [div, 0, 'divide by zero'],
    [load, -1, 'memory access out of bounds'],
  ] as const) {
    let message = '';
    try {
      f(x);
    } catch (error) {
      message = (error as Error).message;
    }
    check(message === expected, `${when}: ${message}`);
  }
}

/** The signal reaches the listeners when it is sent. */
async function hears(count: number, when: string): Promise<void> {
  heard = 0;
  process.kill(process.pid, signal);
  for (let i = 0; i < 100 && heard < count; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  check(heard === count, `${when}: ${heard} of ${count} listeners were called`);
}

traps('a listener from before');
await hears(1, 'a listener from before');
process.on(signal, listener);
traps('two listeners');
await hears(2, 'two listeners');
process.removeAllListeners(signal);
traps('listeners removed');
process.once(signal, listener);
traps('a listener for once');
await hears(1, 'a listener for once');
traps('after it was called');
process.on(signal, listener);
traps('a listener again');
await hears(1, 'a listener again');
process.off(signal, listener);
traps('removed again');
check(heard === 1, 'faults of wasm are no signals for listeners');
done();
