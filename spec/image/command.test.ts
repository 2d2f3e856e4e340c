/** The command that makes images. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { imageHash, readImage } from '../../src/runtime/image/check.js';
import { instantiateImage } from '../../src/runtime/image/load.js';
import { wat } from '../api/wat.js';
import { root } from '../real/program.js';
import { newImageEngine } from '../support/image-engine.js';

const folder = mkdtempSync(join(tmpdir(), 'beamline-image-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
const command = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'scripts', 'image.mjs'), ...args], { encoding: 'utf8' });

const [module, out, hash] = ['add.wasm', 'add.image', 'add.mjs'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
writeFileSync(module, wat('(func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))'));

test('a module in, an image and its hash out', async (t) => {
  const { status, stdout, stderr } = command(module, '--out', out, '--hash', hash, '--linked', '--module');
  t.is(stderr, '');
  t.is(status, 0);
  const image = readFileSync(out);
  const { imageHash: known } = (await import(pathToFileURL(hash).href)) as { imageHash: string };
  t.is(known, imageHash(image));
  t.is(stdout, `${out}: ${image.length} bytes, ${known}\n`);
  const exports = instantiateImage(newImageEngine().state, image, known, {}) as {
    add: (a: number, b: number) => number;
  };
  t.is(exports.add(40, 2), 42);
  command(module, '--out', out);
  t.is(readImage(readFileSync(out)).wasm.length, 0);
});

test('what it cannot do', (t) => {
  t.regex(command('--help').stdout, /^node scripts\/image.mjs MODULE --out IMAGE/);
  writeFileSync(join(folder, 'wrong.wasm'), 'no module at all');
  for (const [args, message] of [
    [[], /^image: node scripts/],
    [[module], /--out IMAGE/],
    [[module, '--out', out, '--cpu', 'avx9'], /--cpu avx9: sse4.1 or native/],
    [[module, '--out', out, '--bounds', 'none'], /--bounds none: guard or check/],
    [[join(folder, 'missing.wasm'), '--out', out], /ENOENT/],
    [[join(folder, 'wrong.wasm'), '--out', out], /^image: .*magic/],
  ] as [string[], RegExp][]) {
    const { status, stderr } = command(...args);
    t.is(status, 1, args.join(' '));
    t.regex(stderr, message);
  }
});
