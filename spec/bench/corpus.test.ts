/** The list of real modules is sound, and those that come as devDependencies are here. */
import test from 'ava';
import { corpus, isHere, readModule } from '../../bench/corpus.js';

const v8 = (globalThis as unknown as { WebAssembly: { validate(bytes: Uint8Array): boolean } }).WebAssembly;

test('names are unique, hashes are SHA-256', (t) => {
  t.is(new Set(corpus.map((entry) => entry.name)).size, corpus.length);
  for (const entry of corpus) t.regex(entry.sha256, /^[0-9a-f]{64}$/, entry.name);
});

test('the small set is installed, unchanged, and valid for V8', (t) => {
  const small = corpus.filter((entry) => entry.set === 'small');
  t.true(small.length >= 5);
  for (const entry of small) {
    t.true(isHere(entry), entry.name);
    const bytes = readModule(entry.name);
    t.is(bytes.length, entry.bytes, entry.name);
    t.true(v8.validate(bytes), entry.name);
  }
});

test('unknown modules are an error', (t) => {
  t.throws(() => readModule('no-such-module'), { message: /no module 'no-such-module'/ });
});
