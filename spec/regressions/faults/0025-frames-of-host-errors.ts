/**
 * An error that a host function threw had no wasm frames in its stack, but frames of the engine; and the asynchronous
 * functions of the namespace were async functions.
 *
 * @seconds 120
 */
import { check, done, WebAssembly, wat } from './support.js';

const bytes = wat(`(module (import "m" "f" (func $f)) (func $inner (call $f)) (func (export "outer") (call $inner)))`);
const m = {
  f: (): never => {
    throw Object.assign(new TypeError('from JS'), { code: 7 });
  },
};
const { outer } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m }).exports as { outer: () => void };
for (let i = 0; i < 3000; i++) {
  try {
    outer();
    check(false, 'nothing was thrown');
  } catch (error) {
    // The generated callers of warm functions, too.
    if (i > 0 && i < 2990) continue;
    const { message, code, stack = '' } = error as TypeError & { code: number };
    check(error instanceof TypeError && message === 'from JS' && code === 7, 'another error');
    const lines = stack.split('\n').slice(0, 5);
    check(lines[0] === 'TypeError: from JS', stack);
    check(/ m\.f | f | Object\.f /.test(lines[1] as string), stack);
    check(/ inner \(wasm:/.test(lines[2] as string) && /wasm-function\[2\]/.test(lines[3] as string), stack);
    check(/0025-frames/.test(lines[4] as string), stack);
    check(!/dispatch|invoke|beamline:calls/.test(stack), stack);
  }
}
for (const name of ['compile', 'instantiate', 'compileStreaming', 'instantiateStreaming'] as const) {
  const tag = Object.prototype.toString.call(WebAssembly[name]);
  check(tag === '[object Function]', `${name}: ${tag}`);
}
done();
