/**
 * An interruption between two stores of an element of a table of functions left one function's code with the type of another:
 * it could be called with arguments of other types, and take a number for an address.
 */
import vm from 'node:vm';
import { check, done, Engine, wat } from './support.js';

const count = 40;
const bytes = await wat(`(module
  (type $a (func (result i32)))
  (type $b (func (param i64) (result i64)))
  (func $a0 (type $a) (i32.const 1))
  (func $b0 (type $b) (i64.add (local.get 0) (i64.const 2)))
  (table $t (export "t") ${count} funcref)
  (table $source 80 funcref)
  (elem (table $source) (i32.const 0) func ${'$a0 $b0 '.repeat(40)})
  (elem $as func ${'$a0 '.repeat(count)})
  (elem $bs func ${'$b0 '.repeat(count)})
  (func (export "a") (param i32) (result i32) (call_indirect $t (type $a) (local.get 0)))
  (func (export "b") (param i32) (result i64) (call_indirect $t (type $b) (i64.const 40) (local.get 0)))
  (func (export "set") (loop
    (table.set $t (i32.const 0) (ref.func $a0)) (table.set $t (i32.const 0) (ref.func $b0))
    (table.set $t (i32.const 0) (ref.null func)) (table.set $t (i32.const 0) (ref.func $b0)) (br 0)))
  (func (export "fill") (loop
    (table.fill $t (i32.const 0) (ref.func $a0) (i32.const ${count}))
    (table.fill $t (i32.const 0) (ref.func $b0) (i32.const ${count})) (br 0)))
  (func (export "copy") (loop
    (table.copy $t $source (i32.const 0) (i32.const 0) (i32.const ${count}))
    (table.copy $t $source (i32.const 0) (i32.const 1) (i32.const ${count})) (br 0)))
  (func (export "down") (loop
    (table.copy $t $source (i32.const 0) (i32.const 0) (i32.const 2))
    (table.copy $t $t (i32.const 1) (i32.const 0) (i32.const ${count - 1})) (br 0)))
  (func (export "short") (loop
    (table.copy $t $source (i32.const 0) (i32.const 0) (i32.const 5))
    (table.copy $t $source (i32.const 0) (i32.const 1) (i32.const 5)) (br 0)))
  (func (export "init") (loop
    (table.init $t $as (i32.const 0) (i32.const 0) (i32.const ${count}))
    (table.init $t $bs (i32.const 0) (i32.const 0) (i32.const ${count})) (br 0))))`);

interface Exports {
  [name: string]: unknown;
  t: { get(i: number): unknown; length: number };
  a(i: number): number;
  b(i: number): bigint;
}

const attempt = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return (error as Error).message;
  }
};

for (const tier of ['baseline', 'optimizing'] as const) {
  const engine = new Engine({ tier });
  const { exports } = new engine.WebAssembly.Instance(new engine.WebAssembly.Module(bytes)) as unknown as {
    exports: Exports;
  };
  const refused = 'null function or function signature mismatch';

  function look(what: string): void {
    for (let i = 0; i < count; i++) {
      const a = attempt(() => exports.a(i));
      const b = attempt(() => exports.b(i));
      check(a === 1 || a === refused, `${what}: a function of another type gives ${a}`);
      check(b === 42n || b === refused, `${what}: a function of another type gives ${b}`);
      check(a === refused || b === refused, `${what}: one function of two types`);
    }
  }

  for (const name of ['set', 'fill', 'copy', 'down', 'short', 'init']) {
    const run = exports[name] as () => void;
    for (let i = 0; i < 120; i++) {
      const error = attempt(() => engine.withDeadline(0.05 + (i % 50) / 500, run));
      check(error === 'execution interrupted', `${error}`);
      look(`${tier}, ${name}, a deadline`);
    }
    for (let i = 0; i < 15; i++) {
      attempt(() => vm.runInNewContext('run()', { run }, { timeout: 1 + (i % 3) }));
      look(`${tier}, ${name}, a timeout of vm`);
    }
  }
  engine.dispose();
}
done();
