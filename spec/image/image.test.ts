/** Code images: made, loaded, run. What a damaged one does is in damage.test.ts. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { baselineCpu, detectCpu } from '../../src/backends/x64/cpu.js';
import { Engine, type EngineOptions } from '../../src/index.js';
import { imageHash, readImage } from '../../src/runtime/image/check.js';
import { engineVersion, NumberReader, NumberWriter, Target } from '../../src/runtime/image/format.js';
import { instantiateImage, loadImage } from '../../src/runtime/image/load.js';
import { type ImageTarget, makeImage } from '../../src/runtime/image/maker.js';
import { ModuleDecoder } from '../../src/stream/decoder.js';
import { moduleOfWords, moduleWords } from '../../src/stream/module-words.js';
import type { BodySink } from '../../src/stream/sink.js';
import { MemoryBudget } from '../../src/support/memory-budget.js';
import { answersOf, rich } from '../api/shared-code-module.js';
import { wat } from '../api/wat.js';
import { root } from '../real/program.js';
import { moduleFromImage, newImageEngine } from '../support/image-engine.js';

const folder = mkdtempSync(join(tmpdir(), 'beamline-image-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
const child = fileURLToPath(new URL('./child.js', import.meta.url));
const run = (...args: string[]): string => execFileSync(process.execPath, [child, ...args], { encoding: 'utf8' });

const plain: ImageTarget = { cpu: baselineCpu, bounds: 'guard' };
const answersOfCompiled = (options: EngineOptions = {}) => {
  const engine = new Engine(options);
  return answersOf(new engine.WebAssembly.Module(rich as Uint8Array<ArrayBuffer>), engine);
};

/** Modules of the development packages. */
const packages = [
  '@jsquash/webp/codec/dec/webp_dec.wasm',
  'box2d-wasm/dist/es/Box2D.simd.wasm',
  '@jitl/quickjs-wasmfile-release-sync/dist/emscripten-module.wasm',
  'sql.js/dist/sql-wasm.wasm',
];
const packaged = (path: string) => new Uint8Array(readFileSync(join(root, 'node_modules', path)));

test('the version in images is that of the package', (t) => {
  t.is(engineVersion, JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
});

test('a loaded module answers as a compiled one does, with all options that shape code', (t) => {
  const variants: [EngineOptions, Partial<ImageTarget>][] = [
    [{}, {}],
    [{}, { linked: true, holdsModule: true }],
    [{ cpu: 'sse4.1' }, { linked: true }],
    [{ bounds: 'check' }, {}],
    [{ debug: { smallWorld: true } }, { linked: true }],
    [{ debug: { gcStress: true } }, {}],
    [{ reuseCode: false, calls: 'node-api' }, {}],
  ];
  for (const [options, target] of variants) {
    const engine = newImageEngine(options);
    const image = makeImage(rich, { ...engine.target, ...target });
    const module = moduleFromImage(engine, rich, image);
    t.deepEqual(answersOf(module, engine.face), answersOfCompiled(options), JSON.stringify([options, target]));
    t.is(engine.state.totals.functionsCompiled, 0);
  }
});

test('another process loads what this one has made', (t) => {
  const [wasm, image] = [join(folder, 'rich.wasm'), join(folder, 'rich.image')];
  writeFileSync(wasm, rich);
  writeFileSync(image, makeImage(rich, plain));
  const { answers, compiled } = JSON.parse(run('load', wasm, image));
  t.deepEqual(answers, JSON.parse(JSON.stringify(answersOfCompiled())));
  t.is(compiled.functionsCompiled, 0);
});

test('the same bytes and target give the same image', (t) => {
  const wasm = join(folder, 'same.wasm');
  const bytes = packaged(packages[0] as string);
  writeFileSync(wasm, bytes);
  const image = makeImage(bytes, { ...plain, holdsModule: true });
  t.deepEqual(makeImage(bytes, { ...plain, holdsModule: true }), image);
  t.is(run('make', wasm).trim(), createHash('sha256').update(image).digest('hex'));
  t.notDeepEqual(makeImage(bytes, { ...plain, linked: true, holdsModule: true }), image);
});

test('modules of packages: few fields are left, what decoding found is the same', (t) => {
  t.timeout(120_000);
  for (const path of packages) {
    const bytes = packaged(path);
    const engine = newImageEngine();
    const loaded = loadImage(engine.state, bytes, makeImage(bytes, engine.target));
    const linked = readImage(makeImage(bytes, { ...engine.target, linked: true }));
    const reader = new NumberReader(linked.relocations);
    while (reader.left > 0) {
      const target = reader.unsigned();
      const fields = reader.unsigned();
      t.true(target === Target.constants || (target >= Target.firstStub && fields === 1), `${path}: ${target}`);
      for (let i = 0; i < fields; i++) reader.unsigned();
    }
    const decoder = new ModuleDecoder({} as BodySink, { skipBodies: true });
    const decoded = decoder.finish(bytes, bytes.length);
    t.deepEqual(moduleWords(loaded.info), moduleWords(decoded));
    for (let i = 0; i < decoded.functionCount; i++) {
      if (loaded.info.referencedOrdinal(i) !== decoded.referencedOrdinal(i)) t.fail(`${path}: function ${i}`);
    }
    t.deepEqual(loaded.info.exports.toArray(), decoded.exports.toArray());
    t.deepEqual(loaded.info.imports.toArray(), decoded.imports.toArray());
  }
});

test('a vector constant beside the slots is no slot', (t) => {
  const engine = newImageEngine();
  // The first instruction has a byte behind the field that names the constant.
  const bytes = wat(`
    (func (export "shuffle") (result i32)
      (i32x4.extract_lane 0 (i32x4.trunc_sat_f32x4_u (v128.const f32x4 1.5 2.5 3.5 4e9))))
    (func (export "compare") (param v128) (result i32)
      (i8x16.bitmask (f32x4.le (local.get 0) (v128.const f32x4 1.5 2.5 3.5 4.5))))
    (func (export "all") (result i32) (call 1 (v128.const f32x4 1 9 3 4)))
    (func)`);
  for (const cpu of [baselineCpu, detectCpu()]) {
    const image = makeImage(bytes, { ...engine.target, cpu, holdsModule: true });
    const exports = instantiateImage(engine.state, image, imageHash(image), {}) as Record<string, () => unknown>;
    t.is(exports['shuffle']?.(), 1);
    t.is(exports['all']?.(), 0xff0f);
  }
});

test('words of a module that are none', (t) => {
  const decoder = new ModuleDecoder({} as BodySink, { skipBodies: true });
  const words = moduleWords(decoder.finish(rich, rich.length));
  const back = (changed: Int32Array) => moduleOfWords(changed, rich, new MemoryBudget());
  t.truthy(back(words.slice()));
  t.is(back(words.slice(0, 13)), undefined);
  t.is(back(words.slice(0, -1)), undefined);
  for (let i = 9; i < 24; i++) {
    for (const wrong of [-1, (words[i] as number) + 1, 0x7fffffff]) {
      const changed = words.slice();
      changed[i] = wrong;
      t.is(back(changed), undefined, `word ${i}`);
    }
  }
});

test('a module in its image is instantiated without anything else', (t) => {
  const engine = newImageEngine();
  const bytes = wat(`
    (import "env" "memory" (memory 1 10))
    (import "env" "add" (func $add (param i32 i64) (result i64)))
    (global $count (mut i32) (i32.const 5))
    (table 2 funcref)
    (elem (i32.const 0) $next $twice)
    (data (i32.const 16) "\\2a\\00\\00\\00")
    (func $next (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func $twice (param i32) (result i32) (i32.mul (call $next (local.get 0)) (i32.const 2)))
    (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
    (func (export "count") (result i32)
      (global.set $count (call $next (global.get $count))) (global.get $count))
    (func (export "host") (param i32 i64) (result i64) (call $add (local.get 0) (local.get 1)))
    (func (export "table") (param i32 i32) (result i32)
      (call_indirect (param i32) (result i32) (local.get 1) (local.get 0)))
    (func (export "fail") (unreachable))`);
  const image = makeImage(bytes, { ...engine.target, linked: true, holdsModule: true });
  const hash = imageHash(image);
  const memory = new engine.namespace.Memory({ initial: 1, maximum: 10 });
  const imports = { env: { memory, add: (a: number, b: bigint) => BigInt(a) + b } };
  const exports = instantiateImage(engine.state, image, hash, imports) as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  // Nothing of the file is needed any more.
  image.fill(0);
  t.is(exports['load']?.(16), 42);
  t.deepEqual([exports['count']?.(), exports['count']?.()], [6, 7]);
  t.is(exports['host']?.(-3, 10n ** 12n), 10n ** 12n - 3n);
  t.deepEqual([exports['table']?.(0, 4), exports['table']?.(1, 4)], [5, 10]);
  t.throws(() => exports['load']?.(0x10000), { message: 'memory access out of bounds' });
  const { stack } = t.throws(() => exports['fail']?.(), { message: 'unreachable' }) as Error;
  t.regex(stack as string, /at (?:fail|wasm).*wasm-function\[/);
  t.is(engine.state.totals.functionsCompiled, 0);
  t.is(engine.state.directory.size, 0);
  const withoutModule = makeImage(bytes, engine.target);
  t.throws(() => instantiateImage(engine.state, withoutModule, imageHash(withoutModule), imports), {
    name: 'ImageError',
    message: /the module is not in it/,
  });
});

test('a loaded module is found by its bytes', (t) => {
  const engine = newImageEngine();
  const module = moduleFromImage(engine, rich, makeImage(rich, plain));
  const same = new engine.namespace.Module(rich as Uint8Array<ArrayBuffer>);
  t.is(engine.state.statistics().modules, 1);
  t.is(engine.state.directory.size, 1);
  t.deepEqual(answersOf(structuredClone(module), engine.face), answersOf(same, engine.face));
});

test('no page is writable and executable; code is given back', async (t) => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const engine = newImageEngine({ reuseCode: false });
  const image = makeImage(rich, { ...plain, linked: true });
  new engine.namespace.Module(wat('(module)') as Uint8Array<ArrayBuffer>);
  const before = engine.state.machine.code.statistics;
  let module: unknown = moduleFromImage(engine, rich, image);
  t.true(engine.state.machine.code.statistics.code > before.code);
  t.notRegex(readFileSync('/proc/self/maps', 'latin1'), /beamline.*rwx|rwx.*beamline/);
  t.truthy(module);
  module = undefined;
  for (let i = 0; i < 20 && engine.state.machine.code.statistics.code > before.code; i++) {
    gc();
    await turn();
  }
  const after = engine.state.machine.code.statistics;
  t.is(after.code, before.code);
  t.is(after.data, before.data);
});

test('limits of the engine hold for images', (t) => {
  const image = makeImage(rich, plain);
  const load = (limits: NonNullable<EngineOptions['limits']>) => () =>
    loadImage(newImageEngine({ limits }).state, rich, image);
  t.throws(load({ moduleCode: 100 }), { message: /limits.moduleCode/ });
  t.throws(load({ moduleSize: 100 }), { message: /maximum module size/ });
});

test('numbers of the format', (t) => {
  const unsigned = [0, 1, 127, 128, 16383, 16384, 2 ** 31, 2 ** 32 - 1];
  const signed = [0, -1, 1, -64, 64, -(2 ** 31), 2 ** 31 - 1];
  const writer = new NumberWriter();
  for (let n = 0; n < 500; n++) {
    for (const value of unsigned) writer.unsigned(value);
    for (const value of signed) writer.signed(value);
  }
  const reader = new NumberReader(writer.bytes);
  for (let n = 0; n < 500; n++) {
    t.deepEqual(
      unsigned.map(() => reader.unsigned()),
      unsigned,
    );
    t.deepEqual(
      signed.map(() => reader.signed()),
      signed,
    );
  }
  t.is(reader.left, 0);
  for (const bytes of [[], [128], [128, 128, 128, 128, 128, 1]]) {
    t.throws(() => new NumberReader(Uint8Array.from(bytes)).unsigned(), { name: 'ImageError' });
  }
  t.throws(() => new NumberReader(Uint8Array.of(3, 0, 0)).count(1), { name: 'ImageError' });
});
