/** A module that uses everything code can refer to, and what its functions answer. */
import type { Engine } from '../../src/index.js';
import type { Memory, Module } from '../../src/runtime/webidl/api-types.js';
import { wat } from './wat.js';

export const rich = wat(`
  (import "m" "double" (func $double (param i32) (result i32)))
  (import "m" "pass" (func $pass (param externref) (result externref)))
  (memory (export "memory") 1 10)
  (table $t (export "table") 2 funcref)
  (elem (i32.const 0) $add)
  (data $passive "passive")
  (func $add (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "host") (param i32) (result i32) (i32.add (call $double (local.get 0)) (i32.const 1)))
  (func (export "reference") (param externref) (result externref) (local $kept externref)
    (local.set $kept (local.get 0))
    (drop (call $pass (local.get 0)))
    (drop (call $pass (ref.null extern)))
    (local.get $kept))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "growTable") (param i32) (result i32) (table.grow $t (ref.func $add) (local.get 0)))
  (func (export "init") (memory.init $passive (i32.const 100) (i32.const 0) (i32.const 7)))
  (func (export "indirect") (param i32) (result i32)
    (call_indirect (param i32 i32) (result i32) (i32.const 3) (i32.const 4) (local.get 0)))
  (func (export "vector") (result i32) (i32x4.extract_lane 2 (v128.const i32x4 1 2 77 4)))
  (func $divide (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "outside") (result i32) (i32.load (i32.const 0x7fffffff)))
  (func (export "fillOutside") (memory.fill (i32.const 0) (i32.const 7) (i32.const 7000000)))
  (func $deep (export "deep") (drop (call $double (i32.const 1))) (call $deep))
  (func (export "forever") (loop (br 0)))
`);

export type Answers = readonly unknown[];

/** Instantiate `module` with `engine`; what all its functions answer. */
export function answersOf(module: Module, engine: Engine): Answers {
  const object = {};
  const imports = {
    double(value: number) {
      if (value === 13) throw new Error('thirteen');
      return 2 * value;
    },
    pass(value: unknown) {
      engine.gc();
      return value;
    },
  };
  const instance = new engine.WebAssembly.Instance(module, { m: imports });
  const e = instance.exports as Record<string, (...args: unknown[]) => unknown>;
  const memory = instance.exports['memory'] as Memory;
  const call = (name: string, ...args: unknown[]): unknown => {
    const f = e[name] as (...args: unknown[]) => unknown;
    try {
      return engine.withDeadline(name === 'forever' ? 20 : 60_000, () => f(...args));
    } catch (error) {
      const { message, stack } = error as Error;
      return `${message} ${/at divide/.exec(stack as string)?.[0] ?? ''}`;
    }
  };
  call('init');
  return [
    call('add', 2, 3),
    call('host', 20),
    call('reference', object) === object,
    call('grow', 2),
    memory.buffer.byteLength,
    call('growTable', 1),
    call('indirect', 2),
    call('vector'),
    Buffer.from(memory.buffer, 100, 7).toString(),
    call('divide', 1, 0),
    call('divide', -(2 ** 31), -1),
    call('outside'),
    call('fillOutside'),
    call('host', 13),
    call('deep'),
    call('forever'),
    call('indirect', 9),
    call('add', 5, 5),
  ];
}
