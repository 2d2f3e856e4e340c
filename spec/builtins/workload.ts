/**
 * What a program does with the engine, each result checked: compiles in all ways, instantiates, calls in both directions,
 * grows memories and tables by all who can, traps, links, clones. It looks up next to nothing in the realm itself, so that
 * it goes on among hostile built-ins.
 */
import { Engine, type EngineOptions } from '../../src/index.js';
import { wat } from '../api/wat.js';

// biome-ignore lint/suspicious/noExplicitAny: exports of test modules, and objects made of hostile values.
type Any = any;

const RealArray = Uint8Array;
const { apply } = Reflect;
const set = RealArray.prototype.set;
const { create } = Object;
const RealError = Error;
const secret = create(null) as object;
const clone = structuredClone;

const mainBytes = wat(`(module
  (type $binary (func (param i32 i32) (result i32)))
  (import "m" "host" (func $host (param i32) (result i32)))
  (import "m" "pair" (func $pair (param f64 i64) (result f64 i64)))
  (import "m" "object" (func $object (param externref) (result externref)))
  (import "m" "base" (global $base i32))
  (memory (export "memory") 1 20)
  (table $t (export "table") 4 100 funcref)
  (table $refs (export "refs") 1 50 externref)
  (global (export "global") (mut i64) (i64.const 7))
  (elem (table $t) (i32.const 0) func $add $mul)
  (elem $passive func $mul $add)
  (data (i32.const 8) "\\2a\\00\\00\\00")
  (data $spare "spare")
  (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func $mul (type $binary) (i32.mul (local.get 0) (local.get 1)))
  (func (export "add") (type $binary) (call $add (local.get 0) (local.get 1)))
  (func (export "many") (param i32 f64 i64 f32 i32 i32 i32 f64 i32 i64) (result i64)
    (i64.add (i64.add (local.get 2) (local.get 9)) (i64.extend_i32_s (i32.add (local.get 0) (local.get 8)))))
  (func (export "swap") (param f64 i64) (result f64 i64) (call $pair (local.get 0) (local.get 1)))
  (func (export "host") (param i32) (result i32) (i32.add (global.get $base) (call $host (local.get 0))))
  (func (export "indirect") (param i32 i32 i32) (result i32)
    (call_indirect $t (type $binary) (local.get 1) (local.get 2) (local.get 0)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "size") (result i32) (memory.size))
  (func (export "spare") (memory.init $spare (i32.const 100) (i32.const 0) (i32.const 5)) (data.drop $spare))
  (func (export "elements") (table.init $t $passive (i32.const 2) (i32.const 0) (i32.const 2)) (elem.drop $passive))
  (func (export "growTable") (param externref i32) (result i32) (table.grow $refs (local.get 0) (local.get 1)))
  (func (export "getRef") (param i32) (result externref) (table.get $refs (local.get 0)))
  (func (export "setRef") (param i32 externref) (table.set $refs (local.get 0) (call $object (local.get 1))))
  (func (export "trap") (unreachable))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $deep (export "deep") (param i32) (result i32) (i32.add (i32.const 1) (call $deep (local.get 0))))
  (func (export "vector") (param i32) (result i32)
    (i32x4.extract_lane 2 (i32x4.add (i32x4.splat (local.get 0)) (v128.const i32x4 1 2 3 4))))
  (func (export "branch") (param i32) (result i32)
    (block $a (block $b (block $c (br_table $a $b $c (local.get 0))) (return (i32.const 12))) (return (i32.const 11)))
    (i32.const 10))
  (func (export "loop") (param i32) (result i32) (local i32)
    (loop $l (local.set 1 (i32.add (local.get 1) (local.get 0)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))`);
const linkBytes = wat(`(module
  (import "a" "add" (func $add (param i32 i32) (result i32)))
  (import "a" "memory" (memory 1))
  (import "a" "table" (table $t 4 funcref))
  (import "a" "global" (global $g (mut i64)))
  (func $seven (param i32 i32) (result i32) (i32.const 7))
  (elem (table $t) (i32.const 1) func $seven)
  (func (export "sum") (param i32) (result i32) (global.set $g (i64.const 9))
    (i32.store (i32.const 200) (local.get 0)) (call $add (local.get 0) (i32.const 1))))`);
const startBytes = wat('(module (import "m" "f" (func $f)) (func $s (call $f)) (start $s))');

/** Modules that nobody has compiled before: the same with another custom section. */
let serial = 0;
function fresh(bytes: Uint8Array): Uint8Array {
  const made = new RealArray(bytes.length + 8);
  apply(set, made, [bytes, 0]);
  const at = bytes.length;
  serial++;
  made[at + 1] = 6;
  made[at + 2] = 1;
  made[at + 3] = 0x6e;
  for (let i = 0; i < 4; i++) made[at + 4 + i] = (serial >>> (8 * i)) & 0xff;
  return made;
}

export function check(condition: boolean, what: string): void {
  if (!condition) throw new RealError(`WRONG: ${what}`);
}

/** A call that must fail with an error of a class, or with `secret` (null). */
function failure(run: () => unknown, ofClass: Any, what: string): void {
  let error: unknown;
  let isThrown = false;
  try {
    run();
  } catch (e) {
    isThrown = true;
    error = e;
  }
  const isRight = ofClass === null ? error === secret : error instanceof ofClass;
  check(isThrown && isRight, `${what}: ${error instanceof RealError ? error.message : typeof error}`);
}

export interface Program {
  /** Tell whoever watches that this object is the program's. */
  know(object: object): void;
}

function imports(program: Program): Any {
  const m = create(null) as Any;
  m.host = (x: number) => x + 1;
  m.pair = (a: number, b: bigint) => [a + 1, b + 1n];
  m.object = (x: unknown) => x;
  m.base = 100;
  program.know(m.host);
  program.know(m.pair);
  program.know(m.object);
  const all = create(null) as Any;
  all.m = m;
  return all;
}

function useInstance(W: Any, e: Any, program: Program): void {
  program.know(e.memory.buffer);
  check(e.add(2, 3) === 5 && e.add('4', true) === 5, 'add');
  check(e.many(1, 2, 3n, 4, 5, 6, 7, 8, 9, 10n) === 23n, 'many');
  const swapped = e.swap(1.5, 2n);
  check(swapped[0] === 2.5 && swapped[1] === 3n && swapped.length === 2, 'multiple results');
  check(e.host(5) === 106, 'host call');
  check(e.indirect(0, 3, 4) === 7 && e.indirect(1, 3, 4) === 12, 'call_indirect');
  check(e.load(8) === 42, 'data segment');
  e.store(16, 0x1234);
  check(e.load(16) === 0x1234, 'store');
  check(
    e.vector(5) === 8 && e.branch(0) === 10 && e.branch(1) === 11 && e.branch(7) === 12 && e.loop(4) === 10,
    'code',
  );
  e.spare();
  check(e.load(100) === 0x72617073, 'memory.init');
  e.elements();
  check(e.indirect(2, 3, 4) === 12 && e.indirect(3, 3, 4) === 7, 'table.init');
  check(e.grow(1) === 1 && e.size() === 2, 'memory.grow');
  program.know(e.memory.buffer);
  check(e.memory.grow(1) === 2 && e.size() === 3, 'Memory.grow');
  program.know(e.memory.buffer);
  check(e.memory.buffer.byteLength === 3 * 65536, 'buffer');
  e.store(3 * 65536 - 4, 77);
  check(e.load(3 * 65536 - 4) === 77 && e.grow(1000) === -1, 'memory after growth');
  failure(() => e.load(3 * 65536), W.RuntimeError, 'load out of bounds');
  failure(() => e.trap(), W.RuntimeError, 'unreachable');
  failure(() => e.divide(1, 0), W.RuntimeError, 'division by zero');
  failure(() => e.deep(1), RangeError, 'stack overflow');
  check(e.growTable(secret, 3) === 1 && e.refs.length === 4 && e.refs.get(2) === secret, 'table.grow');
  e.setRef(0, swapped);
  check(e.getRef(0) === swapped && e.getRef(3) === secret, 'references');
  check(e.refs.grow(1, 'x') === 4 && e.getRef(4) === 'x', 'Table.grow');
  check(e.table.get(0)(20, 3) === 23 && e.table.grow(2) === 4 && e.table.get(4) === null, 'Table.get');
  e.table.set(4, e.add);
  check(e.indirect(4, 1, 1) === 2 && e.table.get(4) === e.add, 'Table.set');
  failure(() => e.table.set(4, secret), TypeError, 'Table.set of an object');
  check(e.global.value === 7n, 'Global');
  e.global.value = 8n;
  check(e.global.value === 8n && e.global.valueOf() === 8n, 'Global.value');
}

function useLinks(W: Any, a: Any): void {
  const m = create(null) as Any;
  m.a = a;
  const e = new W.Instance(new W.Module(fresh(linkBytes)), m).exports;
  check(e.sum(41) === 42 && a.load(200) === 41 && a.global.value === 9n, 'linked');
  check(a.indirect(1, 1, 1) === 7, 'element of another instance');
  m.a = create(null);
  failure(() => new W.Instance(new W.Module(linkBytes), m), W.LinkError, 'a missing import');
}

function makeObjects(W: Any): void {
  const d = create(null) as Any;
  d.initial = 1;
  d.maximum = 3;
  d.element = 'anyfunc';
  d.value = 'i32';
  d.mutable = true;
  const memory = new W.Memory(d);
  check(memory.grow(1) === 1 && memory.buffer.byteLength === 131072, 'new Memory');
  const table = new W.Table(d);
  check(table.length === 1 && table.get(0) === null && table.grow(1, null) === 1, 'new Table');
  const global = new W.Global(d, 5);
  global.value = 6;
  check(global.value === 6, 'new Global');
}

/** What a program does at once. */
export function workSync(engine: Engine, program: Program): void {
  const W = engine.WebAssembly as Any;
  const bytes = fresh(mainBytes);
  program.know(bytes.buffer);
  check(W.validate(bytes) === true, 'validate');
  const module = new W.Module(bytes);
  const e = new W.Instance(module, imports(program)).exports;
  useInstance(W, e, program);
  useLinks(W, e);
  makeObjects(W);
  check(W.Module.exports(module).length === 24 && W.Module.exports(module)[0].name === 'memory', 'Module.exports');
  check(W.Module.imports(module)[3].kind === 'global' && W.Module.imports(module).length === 4, 'Module.imports');
  check(W.Module.customSections(module, 'n').length === 1, 'Module.customSections');
  bytes[20] = 0xff;
  check(W.validate(bytes) === false, 'validate of a broken module');
  failure(() => new W.Module(bytes), W.CompileError, 'a broken module');
  const late = fresh(mainBytes);
  late[late.length - 8 - 2000] = 0xfe;
  W.validate(late);
  let started = 0;
  const m = create(null) as Any;
  m.m = create(null);
  m.m.f = () => void started++;
  new W.Instance(new W.Module(fresh(startBytes)), m);
  check(started === 1, 'start function');
  m.m.f = () => {
    throw secret;
  };
  failure(() => new W.Instance(new W.Module(startBytes), m), null, 'exception of a host function');
  check(clone(module) instanceof W.Module, 'a cloned module');
  check(new W.Instance(clone(module), imports(program)).exports.add(1, 2) === 3, 'an instance of it');
  check(engine.withDeadline(1000, () => e.add(1, 1)) === 2, 'withDeadline');
  engine.gc();
  check(engine.statistics().modules > 0, 'statistics');
}

/** Functions that are called so often that they get code of their own. */
export function workWarm(engine: Engine, program: Program): void {
  const W = engine.WebAssembly as Any;
  const e = new W.Instance(new W.Module(fresh(mainBytes)), imports(program)).exports;
  for (let i = 0; i < 5000; i++) {
    check(e.host(i) === i + 101 && e.many(i, 2, 3n, 4, 5, 6, 7, 8, 9, 10n) === 22n + BigInt(i), 'warm calls');
    check(e.swap(1, 2n)[1] === 3n && e.indirect(0, i, 1) === i + 1, 'warm calls of other types');
  }
}

/** A stream in chunks of 100 bytes. */
function chunksOf(bytes: Uint8Array): object {
  let at = 0;
  const subarray = RealArray.prototype.subarray;
  return {
    [Symbol.asyncIterator]() {
      return {
        async next() {
          if (at >= bytes.length) return { done: true, value: undefined };
          at += 100;
          return { done: false, value: apply(subarray, bytes, [at - 100, at]) };
        },
        return: async () => ({ done: true, value: undefined }),
      };
    },
  };
}

/** The bytes of a module that `workAsync` reads from a source. */
export function sourceBytes(): Uint8Array {
  return fresh(mainBytes);
}

/** What a program waits for. The sources give modules of `sourceBytes`. */
export async function workAsync(engine: Engine, program: Program, sources: readonly unknown[]): Promise<void> {
  const W = engine.WebAssembly as Any;
  const mine = (bytes: Uint8Array): Uint8Array => {
    program.know(bytes.buffer);
    return bytes;
  };
  const module = await W.compile(mine(fresh(mainBytes)));
  check((await W.instantiate(module, imports(program))).exports.add(1, 2) === 3, 'compile');
  const both = await W.instantiate(mine(fresh(mainBytes)), imports(program));
  check(both.module instanceof W.Module, 'module of instantiate');
  useInstance(W, both.instance.exports, program);
  check((await W.instantiate(mine(fresh(mainBytes)), imports(program))).instance.exports.loop(4) === 10, 'instantiate');
  const streamed = await W.compileStreaming(chunksOf(mine(fresh(mainBytes))));
  useInstance(W, new W.Instance(streamed, imports(program)).exports, program);
  for (let i = 0; i < sources.length; i++) {
    const { instance } = await W.instantiateStreaming(sources[i], imports(program));
    check(instance.exports.add(i, 2) === i + 2, `source ${i}`);
  }
  const broken = mine(fresh(mainBytes));
  broken[30] = 0xff;
  let refused: unknown;
  try {
    await W.compile(broken);
  } catch (error) {
    refused = error;
  }
  check(refused instanceof W.CompileError, 'compile of a broken module');
}

export function makeEngine(options?: EngineOptions): Engine {
  return new Engine(options);
}
