/** The core as machine code that Beamline has made of it: when it runs, and what stands in for it. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { Engine } from '../../src/index.js';
import { imageHash } from '../../src/runtime/image/check.js';
import { generateModule } from '../fuzz/generate.js';
import { projectRoot } from '../suite/format.js';

const output = join(import.meta.dirname, '..', '..');
const urlOf = (path: string) => JSON.stringify(pathToFileURL(join(output, path)).href);
const bytesOf = (seed: number) => generateModule(seed, { size: 'large' }) as Uint8Array<ArrayBuffer>;

test('the hash that is known is that of the image', (t) => {
  const known = readFileSync(join(output, 'core', 'core.hash'), 'latin1');
  t.is(imageHash(readFileSync(join(output, 'core', 'core.image'))), known);
});

test('engines do not notice: statistics, small code memories, dispose', (t) => {
  const engine = new Engine({ limits: { codeMemory: 4 << 20 }, debug: { gcStress: true } });
  new engine.WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  const { modules, codeMemory, core } = engine.statistics();
  t.is(core.runner, 'beamline');
  t.is(modules, 1);
  t.true(codeMemory < 32768, `${codeMemory} bytes`);
  engine.dispose();
  const next = new Engine();
  t.notThrows(() => new next.WebAssembly.Module(bytesOf(1)));
  t.is(next.statistics().core.runner, 'beamline');
});

test('threads that end while they compile', async (t) => {
  const program = `
    import { parentPort } from 'node:worker_threads';
    const { Engine } = await import(${urlOf('src/index.js')});
    const { generateModule } = await import(${urlOf('spec/fuzz/generate.js')});
    const engine = new Engine({ reuseCode: false });
    const bytes = generateModule(5, { size: 'large' });
    new engine.WebAssembly.Module(bytes);
    parentPort.postMessage(engine.statistics().core.runner);
    for (;;) new engine.WebAssembly.Module(bytes);`;
  for (let i = 0; i < 4; i++) {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
    const message = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    t.is(message, 'beamline');
    await new Promise((resolve) => setTimeout(resolve, 30));
    await worker.terminate();
  }
  const engine = new Engine();
  t.notThrows(() => new engine.WebAssembly.Module(bytesOf(1)));
});

test("an image that is missing or damaged: V8's machine code, and why", (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'beamline-core-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'dist'));
  for (const part of ['src', 'core']) cpSync(join(output, part), join(folder, 'dist', part), { recursive: true });
  cpSync(join(projectRoot(), 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(projectRoot(), 'node_modules'), join(folder, 'node_modules'));
  const program = `
    const { Engine } = await import(${JSON.stringify(join(folder, 'dist', 'src', 'index.js'))});
    const engine = new Engine();
    const bytes = Uint8Array.from([0,97,115,109,1,0,0,0,1,5,1,96,0,1,127,3,2,1,0,7,5,1,1,102,0,0,10,6,1,4,0,65,42,11]);
    const { Module, Instance } = engine.WebAssembly;
    console.log(new Instance(new Module(bytes)).exports.f(), JSON.stringify(engine.statistics().core));`;
  const run = () =>
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }).trim();
  t.is(run(), '42 {"build":"wasm","runner":"beamline"}');
  const image = join(folder, 'dist', 'core', 'core.image');
  const bytes = readFileSync(image);
  const changed = Buffer.from(bytes);
  changed[bytes.length >> 1] = (changed[bytes.length >> 1] as number) ^ 0x10;
  const because = (reason: string) => `42 {"build":"wasm","runner":"v8","reason":"code image: ${reason}"}`;
  writeFileSync(image, changed);
  t.is(run(), because('damaged (its hash is another)'));
  writeFileSync(image, bytes.subarray(0, 1000));
  t.is(run(), because(`damaged (1000 bytes of ${bytes.length})`));
  rmSync(image);
  t.regex(run(), /^42 \{"build":"wasm","runner":"v8","reason":"ENOENT/);
});
