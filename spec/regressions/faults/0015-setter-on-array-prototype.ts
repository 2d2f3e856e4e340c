/** A setter on Array.prototype[0] saw the address of a function record on its way to wasm, and a getter chose another. */
import { check, done, WebAssembly, wat } from './support.js';

const { exports } = new WebAssembly.Instance(
  new WebAssembly.Module(
    wat(`(module (import "m" "pick" (func $pick (result funcref i32))) (table 1 funcref) (type $t (func (result i32)))
      (func (export "go") (param funcref i32 i32 i32) (result i32)
        (table.set (i32.const 0) (local.get 0)) (call_indirect (type $t) (i32.const 0)))
      (func (export "many") (param i32 i32 i32 i32 i32 i32 i32 i32 funcref) (result i32)
        (table.set (i32.const 0) (local.get 8)) (call_indirect (type $t) (i32.const 0)))
      (func (export "back") (result i32)
        (local $f funcref)
        (drop (call $pick)) (local.set $f) (table.set (i32.const 0) (local.get $f)) (call_indirect (type $t) (i32.const 0)))
      (func (export "seven") (result i32) (i32.const 7)))`),
  ),
  { m: { pick: () => [seven, 1] } },
);
const { go, many, back, seven } = exports as Record<string, (...values: unknown[]) => unknown>;

const seen: unknown[] = [];
const calls: (() => unknown)[] = [
  () => go!(seven, 0, 0, 0),
  () => go!(seven, '0', 0, 0),
  () => many!(1, 2, 3, 4, 5, 6, 7, 8, seven),
  () => back!(),
];
for (const call of calls) {
  check(call() === 7, 'before');
  for (let i = 0; i < 16; i++) {
    Object.defineProperty(Array.prototype, i, {
      configurable: true,
      set(value) {
        seen[seen.length] = value;
      },
      get: () => 0x123456789000,
    });
    let result: unknown;
    try {
      result = call();
    } catch (error) {
      result = error;
    }
    delete Array.prototype[i];
    check(result === 7 || result instanceof TypeError, `with a setter for ${i}: ${result}`);
  }
}
const numbers = seen.filter((value) => typeof value === 'number' && value > 0xffffffff);
check(numbers.length === 0, `seen: ${numbers.join()}`);
done();
