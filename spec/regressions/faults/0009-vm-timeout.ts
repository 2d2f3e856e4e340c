/** The `timeout` of `vm` did not end wasm code. */
import vm from 'node:vm';
import { check, done, WebAssembly, wat } from './support.js';

const bytes = await wat(`(module
  (import "m" "host" (func $host)) (import "m" "inner" (func $inner)) (memory 1)
  (func (export "loop") (loop (br 0)))
  (func (export "calls") (loop (call $host) (br 0)))
  (func (export "nested") (loop (call $inner) (br 0)))
  (func (export "once") (result i32) (call $inner) (call $host) (call $inner) (i32.const 7))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))`);

let inner = (): void => {};
let calls = 0;
const m = { host: () => calls++, inner: () => inner() };
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m });
const { loop, calls: callsHost, nested, once, load } = exports as unknown as Record<string, (x?: number) => number>;
/** An instance of a store group of its own. */
const other = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m }).exports as unknown as typeof exports;

function timesOut(f: unknown, timeout = 20): boolean {
  try {
    vm.runInNewContext('f()', { f }, { timeout });
    return false;
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    return true;
  }
}

function works(): void {
  check(load?.(0) === 0, 'a load');
  let message = '';
  try {
    load?.(-1);
  } catch (error) {
    message = (error as Error).message;
  }
  check(message === 'memory access out of bounds', `a trap: ${message}`);
}

for (let i = 0; i < 3; i++) {
  check(timesOut(loop), 'a loop');
  works();
  check(timesOut(callsHost), 'a loop of host calls');
  works();
  inner = () => void loop?.();
  check(timesOut(nested), 'a loop below a host call');
  works();
  inner = () => {
    for (;;);
  };
  check(timesOut(nested), 'a host call that does not return');
  works();
  // The host function catches the timeout: its caller goes on, with its own host functions.
  inner = () => void check(timesOut((other as unknown as Record<string, () => void>)['loop'], 10), 'in a host call');
  calls = 0;
  check(once?.() === 7 && calls === 1, 'the activation around a timeout');
  works();
}
done();
