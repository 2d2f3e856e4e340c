/** Files that are no images, no whole images, or images for others: refused, and nothing of them is used. */
import test from 'ava';
import fc from 'fast-check';
import { baselineCpu, detectCpu } from '../../src/backends/x64/cpu.js';
import type { EngineOptions } from '../../src/index.js';
import { contentHash, imageHash, readImage } from '../../src/runtime/image/check.js';
import { Head, ImageError, type ImageProblem } from '../../src/runtime/image/format.js';
import { instantiateImage, loadImage } from '../../src/runtime/image/load.js';
import { makeImage } from '../../src/runtime/image/maker.js';
import { answersOf, rich } from '../api/shared-code-module.js';
import { wat } from '../api/wat.js';
import { moduleFromImage, newImageEngine } from '../support/image-engine.js';

const engine = newImageEngine({ reuseCode: false });
const image = makeImage(rich, { ...engine.target, holdsModule: true });
const hash = imageHash(image);
const code = engine.state.machine.code;

/** Why the image is refused; undefined if it is not. */
function problemOf(bytes: Uint8Array, expected?: string, wasm = rich): ImageProblem | undefined {
  try {
    loadImage(engine.state, wasm, bytes, expected);
    return undefined;
  } catch (error) {
    if (error instanceof ImageError) return error.problem;
    throw error;
  }
}

/** With another hash in the header: what is in it passes for whole. */
function sealed(bytes: Uint8Array): Uint8Array {
  const text = contentHash(bytes);
  for (let i = 0; i < text.length; i++) bytes[4 * Head.hash + i] = text.charCodeAt(i);
  return bytes;
}

/** Changed in one word of the header, and sealed. */
function withWord(field: Head, change: (word: number) => number): Uint8Array {
  const bytes = image.slice();
  const view = new DataView(bytes.buffer);
  view.setInt32(4 * field, change(view.getInt32(4 * field, true)), true);
  return sealed(bytes);
}

test('any bit of any byte', (t) => {
  const before = code.statistics.inUse;
  const bytes = image.slice();
  for (let at = 0; at < bytes.length; at++) {
    // All bits of the header, one in eight behind it.
    for (let bit = at < 4 * Head.words ? 0 : at % 8; bit < 8; bit += at < 4 * Head.words ? 1 : 8) {
      bytes[at] = (bytes[at] as number) ^ (1 << bit);
      const problem = problemOf(bytes);
      if (problem === undefined || problem === 'unexpected') t.fail(`byte ${at} bit ${bit}: ${problem}`);
      if (problemOf(bytes, hash) === undefined) t.fail(`byte ${at} bit ${bit}, with the hash known`);
      bytes[at] = (bytes[at] as number) ^ (1 << bit);
    }
  }
  t.is(code.statistics.inUse, before);
  t.is(problemOf(bytes, hash), undefined);
});

test('cut off, made longer, mixed up, replaced', (t) => {
  const place = fc.nat(image.length - 1);
  const damage = fc.oneof(
    place.map((end) => image.slice(0, end)),
    fc.uint8Array({ minLength: 1, maxLength: 300 }).map((more) => Buffer.concat([image, more])),
    fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 64 })).map(([at, other]) => {
      const bytes = image.slice();
      bytes.set(other.subarray(0, bytes.length - at), at);
      return bytes;
    }),
    fc.tuple(place, place, fc.integer({ min: 1, max: 4096 })).map(([to, from, count]) => {
      return image.slice().copyWithin(to, from, from + count);
    }),
    fc.tuple(place, place).map(([from, to]) => image.slice().fill(0, Math.min(from, to), Math.max(from, to))),
    fc.uint8Array({ maxLength: 400 }),
  );
  const before = code.statistics.inUse;
  fc.assert(
    fc.property(damage, (bytes) => {
      if (Buffer.compare(bytes, image) === 0) return true;
      return problemOf(bytes) !== undefined && problemOf(bytes, hash) !== undefined;
    }),
    { numRuns: 3000 },
  );
  t.is(code.statistics.inUse, before);
});

test('what the loader writes by is checked, though the hash is right', (t) => {
  const neighbour = newImageEngine({ reuseCode: false });
  const { bytes, codeStart, dataStart } = neighbour.state.machine.code;
  const kept = moduleFromImage(neighbour, rich, image);
  const answers = answersOf(kept, neighbour.face);
  const { statistics } = neighbour.state.machine.code;
  const inUse: [number, number][] = [
    [0, statistics.stubs],
    [codeStart, codeStart + statistics.code],
    [dataStart, dataStart + statistics.data],
  ];
  const contents = () => Buffer.concat(inUse.map(([from, to]) => bytes.subarray(from, to)));
  const expected = contents();
  const { code: own, constants, relocations, entries } = readImage(image);
  const first = 4 * Head.words;
  const lists = first + own.length + constants.length;
  // The fields in the code, and where they are; the entries; numbers of functions and bytes.
  const place = fc.oneof(
    fc.integer({ min: first, max: lists - 1 }),
    fc.integer({ min: lists, max: lists + relocations.length + entries.length - 1 }),
    fc.integer({ min: 4 * Head.functions, max: 4 * Head.codeBytes + 3 }),
  );
  const changes = fc.array(fc.record({ place, byte: fc.nat(255) }), { minLength: 1, maxLength: 4 });
  let loaded = 0;
  let refused = 0;
  fc.assert(
    fc.property(changes, (list) => {
      const damaged = image.slice();
      for (const { place: at, byte } of list) damaged[at] = byte;
      try {
        // Never run.
        loadImage(neighbour.state, rich, sealed(damaged));
        loaded++;
      } catch (error) {
        if (!(error instanceof ImageError)) throw error;
        refused++;
      }
      return Buffer.compare(contents(), expected) === 0;
    }),
    { numRuns: 2000 },
  );
  t.true(refused > 500 && loaded > 100, `${refused} refused, ${loaded} loaded`);
  t.deepEqual(answersOf(kept, neighbour.face), answers);
});

test('each refusal has its reason', (t) => {
  const message = (bytes: Uint8Array, options: EngineOptions = {}, wasm = rich, expected?: string): string =>
    (
      t.throws(() => loadImage(newImageEngine(options).state, wasm, bytes, expected), {
        instanceOf: ImageError,
      }) as Error
    ).message;
  t.is(message(new Uint8Array(0)), 'code image: not a code image (too short)');
  t.is(message(rich), 'code image: not a code image');
  t.is(message(withWord(Head.format, (n) => n + 1)), 'code image: format 5, this engine reads format 4');
  t.regex(message(image.slice(0, -1)), /^code image: damaged \(\d+ bytes of \d+\)$/);
  const changed = image.slice();
  changed[image.length >> 1] = (changed[image.length >> 1] as number) ^ 4;
  t.is(message(changed), 'code image: damaged (its hash is another)');
  t.regex(message(withWord(Head.codeVersion, (n) => n + 1)), /made by another version of the engine, this one is 0/);
  t.regex(message(withWord(Head.engineVersion, (n) => n ^ 1)), /made by another version of the engine/);
  t.regex(message(withWord(Head.cpu, () => 1 << 30)), /made for another processor/);
  t.regex(
    message(makeImage(rich, { cpu: { ...baselineCpu, avx: true }, bounds: 'guard' }), { cpu: 'sse4.1' }),
    /processor/,
  );
  t.regex(message(image, { bounds: 'check' }), /made for other options/);
  t.regex(message(image, { debug: { smallWorld: true } }), /made for other options/);
  t.regex(message(image, { debug: { forceSpills: true } }), /made for other options/);
  t.is(message(image, {}, wat('(module (func))')), 'code image: made from another module');
  t.is(message(image, {}, rich, '0'.repeat(64)), 'code image: another one than expected, or damaged');
  t.is(message(image, {}, rich, ''), 'code image: another one than expected, or damaged');
});

test('a processor that has more can load what needs less', (t) => {
  const native = newImageEngine();
  t.notThrows(() => loadImage(native.state, rich, makeImage(rich, { cpu: detectCpu(), bounds: 'guard' })));
});

test('an image that another has replaced is not instantiated', (t) => {
  const other = makeImage(rich, { ...engine.target, linked: true, holdsModule: true });
  t.throws(() => instantiateImage(engine.state, other, hash, {}), { message: /another one than expected/ });
});
