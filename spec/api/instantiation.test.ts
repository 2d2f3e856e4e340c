/** Instantiation in slices: what other code of the program does between two of them, and limits of all instances together. */
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { Engine } from '../../src/index.js';
import { FUNCREF, I32, Kind, Section } from '../support/wasm-types.js';
import { ByteWriter } from '../support/writer.js';
import { wat } from './wat.js';

// biome-ignore lint/suspicious/noExplicitAny: exports are what the modules say.
type Any = any;

const functions = 3000;
const dataBytes = 3_000_000;

/**
 * A module with an imported table and memory: it writes a function into the first element, then many others, then a long
 * data segment. Function i returns i.
 */
function shared(): Uint8Array {
  const w = new ByteWriter(1 << 20);
  w.header();
  w.section(Section.type, (s) => s.u32(1).byte(0x60, 0, 1, I32));
  w.section(Section.import, (s) => {
    s.u32(2).name('m').name('t').byte(Kind.table, FUNCREF).limits(functions);
    s.name('m').name('memory').byte(Kind.memory).limits(64, 1000);
  });
  w.section(Section.function, (s) => {
    s.u32(functions);
    for (let i = 0; i < functions; i++) s.byte(0);
  });
  w.section(Section.export, (s) => {
    s.u32(functions);
    for (let i = 0; i < functions; i++) s.name(`f${i}`).byte(Kind.function).u32(i);
  });
  w.section(Section.element, (s) => {
    s.u32(functions);
    for (let i = 0; i < functions; i++) s.byte(0, 0x41).s32(i).byte(0x0b, 1).u32(i);
  });
  w.section(Section.code, (s) => {
    s.u32(functions);
    for (let i = 0; i < functions; i++) s.sized((body) => body.byte(0, 0x41).s32(i).byte(0x0b));
  });
  w.section(Section.data, (s) => {
    const bytes = Uint8Array.from({ length: dataBytes }, (_, i) => 1 + (i % 251));
    s.u32(1).byte(0, 0x41).s32(100_000).byte(0x0b).u32(dataBytes).bytes(bytes);
  });
  return w.finish();
}

const bytes = shared();

/** Call `work` in each turn of the event loop until the promise is settled. Returns how often. */
async function meanwhile(promise: Promise<unknown>, work: (turn: number) => void): Promise<number> {
  let turns = 0;
  let over = false;
  const settled = promise.then(
    () => (over = true),
    () => (over = true),
  );
  while (!over) {
    work(turns++);
    await turn();
  }
  await settled;
  return turns;
}

test('others grow the memory and the table, write elements and call functions between the slices', async (t) => {
  const { WebAssembly } = new Engine({ maxSliceMs: 0.05 });
  const module = await WebAssembly.compile(bytes);
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 1000 });
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: functions });
  const other = new WebAssembly.Instance(
    new WebAssembly.Module(wat('(module (func (export "f") (result i32) i32.const -7))')),
  ).exports as Any;
  let called = 0;
  const promise = WebAssembly.instantiate(module, { m: { t: table, memory } });
  const turns = await meanwhile(promise, (i) => {
    if (i < 300) memory.grow(1);
    if (i < 100) table.grow(1);
    table.set(functions - 1, other.f);
    for (const at of [0, 1, functions >> 1]) {
      const f = table.get(at) as (() => number) | null;
      if (f === null) continue;
      t.is(f(), at);
      called++;
    }
  });
  const { exports } = (await promise) as Any;
  t.true(turns > 20, `${turns} turns`);
  t.true(called > 0);
  t.true(Object.isFrozen(exports));
  t.is(Object.keys(exports).length, functions);
  t.is(exports.f2999(), 2999);
  t.is(table.get(5), exports.f5);
  const written = new Uint8Array(memory.buffer, 100_000, dataBytes);
  t.true(written.every((byte, i) => byte === 1 + (i % 251)));
  t.is(new Uint8Array(memory.buffer)[100_000 + dataBytes], 0);
});

test('the engine is disposed, or the signal aborts, between the slices', async (t) => {
  for (const how of ['dispose', 'abort']) {
    for (const at of [0, 1, 5, 20]) {
      const engine = new Engine({ maxSliceMs: 0.05 });
      const { WebAssembly } = engine;
      const memory = new WebAssembly.Memory({ initial: 64, maximum: 1000 });
      const table = new WebAssembly.Table({ element: 'anyfunc', initial: functions });
      const module = await WebAssembly.compile(bytes);
      const controller = new AbortController();
      const reason = new Error('enough');
      let promise: Promise<unknown>;
      let begun = 0;
      if (how === 'dispose') promise = WebAssembly.instantiate(module, { m: { t: table, memory } });
      else {
        // From the first turn after the imports are read.
        const m = {
          t: table,
          get memory() {
            begun = 1;
            return memory;
          },
        };
        promise = WebAssembly.instantiate(bytes, { m }, { signal: controller.signal });
      }
      let count = 0;
      await meanwhile(promise, () => {
        if (how === 'abort' && begun === 0) return;
        if (count++ !== at) return;
        if (how === 'dispose') engine.dispose();
        else controller.abort(reason);
      });
      if (how === 'dispose') await t.throwsAsync(promise, { message: 'the engine is disposed' });
      else await t.throwsAsync(promise, { is: reason });
    }
  }
});

test('a segment that does not fit traps when its turn comes; what was written before stays', async (t) => {
  const { WebAssembly } = new Engine({ maxSliceMs: 0.05 });
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 4 });
  const text = (offset: number) => `(module (import "m" "t" (table 1 funcref))
    (func $f (result i32) i32.const 7)
    (elem (i32.const 0) $f) ${'(elem (i32.const 1) func)'.repeat(3000)} (elem (i32.const ${offset}) $f))`;
  await t.throwsAsync(WebAssembly.instantiate(wat(text(40)), { m: { t: table } }), {
    instanceOf: WebAssembly.RuntimeError,
    message: 'WebAssembly.instantiate(): table index is out of bounds',
  });
  t.is((table.get(0) as Any)(), 7);
  // It fits by the time it is looked at.
  const promise = WebAssembly.instantiate(await WebAssembly.compile(wat(text(40))), { m: { t: table } });
  table.grow(100);
  await promise;
  t.is((table.get(40) as Any)(), 7);
});

test('references in passive segments are kept while others collect', async (t) => {
  const engine = new Engine({ maxSliceMs: 0.05, debug: { gcStress: true } });
  const { WebAssembly } = engine;
  const module = await WebAssembly.compile(
    wat(`(module (import "m" "g" (global $g externref)) (table $t (export "t") 3000 externref)
      (func (export "init") (table.init $t 0 (i32.const 0) (i32.const 0) (i32.const 3000)))
      (elem externref ${'(global.get $g)'.repeat(3000)}))`),
  );
  const value = { kept: true };
  const promise = WebAssembly.instantiate(module, { m: { g: value } });
  await meanwhile(promise, () => engine.gc());
  const { t: table, init } = ((await promise) as Any).exports;
  init();
  engine.gc();
  t.is(table.get(0), value);
  t.is(table.get(2999), value);
});

test('all tables of an engine share a limit, and dropped ones come back', async (t) => {
  const limit = 1000;
  const { WebAssembly } = new Engine({ limits: { tableElements: limit } });
  const refused = { instanceOf: RangeError, message: /limits\.tableElements \(1000 elements\)/ };
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 400 });
  t.is(table.grow(200), 400);
  t.throws(() => table.grow(401), { instanceOf: RangeError });
  t.throws(() => new WebAssembly.Table({ element: 'anyfunc', initial: 401 }), refused);
  const module = new WebAssembly.Module(wat('(module (table 200 funcref) (table 300 externref))'));
  t.throws(() => new WebAssembly.Instance(module), refused);
  await t.throwsAsync(WebAssembly.instantiate(module), refused);
  const empty = new WebAssembly.Module(wat('(module (table 400 funcref))'));
  for (let i = 0; i < 10; i++) {
    // Each drops its table; the next one asks for a collection.
    t.true((await WebAssembly.instantiate(empty)) instanceof WebAssembly.Instance);
  }
  t.is(table.length, 600);
});

test('instances have a limit of native memory', async (t) => {
  const { WebAssembly } = new Engine({ limits: { nativeMemory: 1 << 20 } });
  const module = new WebAssembly.Module(wat(`(module ${'(global (mut i64) (i64.const 1))'.repeat(10_000)})`));
  const held: unknown[] = [];
  const error = t.throws(() => {
    for (let i = 0; i < 100; i++) held.push(new WebAssembly.Instance(module));
  });
  t.true(error instanceof RangeError);
  t.regex((error as Error).message, /limits\.nativeMemory \(1048576 bytes\)/);
  await t.throwsAsync(WebAssembly.instantiate(module), { instanceOf: RangeError });
  held.length = 0;
  t.true((await WebAssembly.instantiate(module)) instanceof WebAssembly.Instance);
});
