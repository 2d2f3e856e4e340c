/**
 * V8 moves a memory that it cannot grow in place, if a collection makes room elsewhere (Node 20 under RLIMIT_DATA): code
 * went on with the old base, where other memories can lie by then. Growth by everybody who can, at every place where JS runs.
 *
 * @under prlimit --data=740000000
 * @flags --expose-gc
 * @runs wasm
 * @runs v8-before
 * @runs v8-module
 * @runs engine
 * @runs nested
 * @runs import
 * @runs redefined
 */
import { spawnSync } from 'node:child_process';
import koffi from 'koffi';
import { check, done, Engine, wat } from './support.js';

// biome-ignore lint/suspicious/noExplicitAny: exports of test modules.
type Any = any;
const how = process.argv[2];
const attempt = Number(process.env['FAULT_ATTEMPT'] ?? 1);
const v8 = Reflect.get(globalThis, 'WebAssembly') as Any;
const { WebAssembly } = new Engine({ memory: 'v8' });
const pages = 3200;

const text = (imported: string, own = '') => `(module ${imported}
  (import "m" "f" (func $f (param i32) (result i32))) ${own}
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "around") (param i32) (result i32)
    (i32.store (i32.const 16) (i32.const 5))
    (drop (call $f (local.get 0)))
    (i32.store (i32.const 20) (i32.const 6))
    (i32.load (i32.const 0))))`;

let inside: (delta: number) => number = () => 0;
const m: Any = { f: (delta: number) => inside(delta) };
const owner = new WebAssembly.Instance(new WebAssembly.Module(wat(text('', '(memory (export "memory") 1 65536)'))), {
  m,
}).exports as Any;
const { memory } = owner;
m.memory = memory;
const user = new WebAssembly.Instance(new WebAssembly.Module(wat(text('(import "m" "memory" (memory 1))'))), { m })
  .exports as Any;
const importer = new WebAssembly.Instance(
  new WebAssembly.Module(
    wat(`(module (import "u" "grow" (func $grow (param i32) (result i32))) (import "m" "memory" (memory 1))
      (func (export "run") (param i32) (result i32) (drop (call $grow (local.get 0))) (i32.load (i32.const 0))))`),
  ),
  { u: owner, m },
).exports as Any;

const other = new Engine({ memory: 'v8' }).WebAssembly;
const { grow: otherGrow } = new other.Instance(
  new other.Module(
    wat(`(module (import "m" "memory" (memory 1))
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`),
  ),
  { m },
).exports as Any;

/** Garbage that V8 finds only when it needs room, less than would make it collect by itself. */
function waste(): void {
  try {
    for (let i = 0; i < 5 + (attempt % 3); i++) new v8.Memory({ initial: 1600, maximum: 1600 });
  } catch {
    // No room for more.
  }
}

function address(): bigint {
  return koffi.address(memory.buffer) as bigint;
}

owner.store(0, 1234);
user.load(0);
const before = address();
waste();
const growByV8 = (delta: number): number => {
  try {
    return v8.Memory.prototype.grow.call(memory, delta);
  } catch {
    return -1;
  }
};
let seen: number | undefined;
switch (how) {
  case 'wasm':
    owner.grow(pages);
    break;
  case 'js':
    try {
      memory.grow(pages);
    } catch {
      // Later versions of V8 refuse instead of moving.
    }
    break;
  case 'v8-before':
    growByV8(pages);
    break;
  case 'v8-inside':
    inside = growByV8;
    seen = owner.around(pages);
    break;
  case 'redefined': {
    // Who may run code in the process can redefine what the engine might ask.
    const nothing = { value: () => ({ next: () => ({ done: true }) }), configurable: true, writable: true };
    const owners = [Array.prototype, Set.prototype, Map.prototype];
    const iterators = owners.map(
      (target) => Object.getOwnPropertyDescriptor(target, Symbol.iterator) as PropertyDescriptor,
    );
    const byteLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength') as PropertyDescriptor;
    const { Uint8Array: bytes } = globalThis;
    const { forEach, add } = Set.prototype;
    inside = (delta) => {
      const result = growByV8(delta);
      for (let i = 0; i < owners.length; i++) Object.defineProperty(owners[i], Symbol.iterator, nothing);
      Object.defineProperty(ArrayBuffer.prototype, 'byteLength', { get: () => 65536, configurable: true });
      Set.prototype.forEach = () => {};
      Set.prototype.add = (() => {}) as Any;
      globalThis.Uint8Array = class {
        0 = 1;
      } as Any;
      return result;
    };
    const { around } = owner;
    seen = around(pages);
    Object.assign(Set.prototype, { forEach, add });
    globalThis.Uint8Array = bytes;
    Object.defineProperty(ArrayBuffer.prototype, 'byteLength', byteLength);
    for (let i = 0; i < owners.length; i++) {
      Object.defineProperty(owners[i], Symbol.iterator, iterators[i] as PropertyDescriptor);
    }
    break;
  }
  case 'v8-module': {
    const bytes = wat(`(module (import "m" "memory" (memory 1))
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`);
    const { grow } = new v8.Instance(new v8.Module(bytes), { m }).exports;
    inside = grow;
    seen = owner.around(pages);
    break;
  }
  case 'engine':
    inside = otherGrow;
    seen = owner.around(pages);
    break;
  case 'nested':
    inside = (delta) => {
      inside = growByV8;
      return user.around(delta);
    };
    seen = owner.around(pages);
    break;
  default:
    seen = importer.run(pages);
}
const isMoved = address() !== before;
console.log(`${how}: ${memory.buffer.byteLength / 65536} pages, ${isMoved ? 'moved' : 'in place'}`);
if (process.versions.node.startsWith('20.') && !isMoved) {
  // It depends on where V8's heap stands: another process, with other garbage.
  check(attempt < 10, 'V8 has not moved the memory in ten processes: nothing was tested');
  const env = { ...process.env, FAULT_ATTEMPT: String(attempt + 1) };
  const args = [...process.execArgv, ...process.argv.slice(1)];
  process.exit(spawnSync(process.execPath, args, { env, stdio: 'inherit' }).status ?? 1);
}
check(seen === undefined || seen === 1234, `after the growth code reads ${seen}`);
const words = () => new Int32Array(memory.buffer);
if (seen !== undefined && how !== undefined && how !== 'import') {
  check(words()[4] === 5 && words()[5] === 6, 'a store is lost');
}
words()[1] = 77;
const last = memory.buffer.byteLength - 4;
words()[last >>> 2] = 99;
for (const instance of [owner, user]) {
  check(instance.load(0) === 1234 && instance.load(4) === 77, 'stale values');
  check(instance.load(last) === 99, 'the end of the memory is not there');
}
check(importer.run(0) === 1234, 'stale value through an import');
(globalThis as Any).gc();
user.store(8, 4321);
check(words()[2] === 4321, 'a store went elsewhere');
// Another memory at the old base must stay as it is.
const others = Array.from({ length: 20 }, () => new WebAssembly.Memory({ initial: 1, maximum: 1 }));
owner.store(12, -1);
check(
  others.every((other) => new Int32Array(other.buffer)[3] === 0),
  'a store went into another memory',
);
done();
