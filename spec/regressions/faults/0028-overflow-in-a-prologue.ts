/**
 * A function that runs out of stack at its first instruction was named after the function before it, when that one ends with a
 * call and without a gap: the address is also the return address of the call. V8 names the function itself.
 */
import { check, done, Engine, wat } from './support.js';

const { WebAssembly } = new Engine();

/** Names of the wasm functions in the stack of an overflow, innermost first. */
function overflow(deep: () => void): string[] {
  try {
    deep();
  } catch (error) {
    check(error instanceof RangeError, `no overflow: ${error}`);
    return [...String((error as Error).stack).matchAll(/at (\w+) \(wasm:/g)].map((match) => match[1] as string);
  }
  throw new Error('no overflow');
}

// With each number of instructions before the call the function ends at another place: all distances to the next entry. The
// depth at which the stack ends decides which instruction is the one that fails: the call's push, or the prologue's.
for (let length = 0; length < 40; length++) {
  for (const locals of ['', '(local i64)', '(local i64 i64 i64)']) {
    const module = new WebAssembly.Module(
      wat(`(module (memory 1)
        (func $before (param i32) ${'(i32.store8 (i32.const 8) (local.get 0))'.repeat(length)} (unreachable))
        (func $deep (export "deep") ${locals} (call $deep) (call $before (i32.const 1))))`),
    );
    const { deep } = new WebAssembly.Instance(module).exports as { deep: () => void };
    const names = overflow(deep);
    check(names.length >= 9 && names.every((name) => name === 'deep'), `${length} ${locals}: ${names.join(' ')}`);
  }
}
done();
