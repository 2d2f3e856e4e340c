/** `limits.moduleCode`: compilation ends when there is too much machine code, and leaves nothing behind. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'ava';
import { Engine } from '../../src/index.js';

const bytes = readFileSync(createRequire(import.meta.url).resolve('sql.js/dist/sql-wasm.wasm'));

async function* chunks(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 16384) yield bytes.subarray(at, at + 16384);
}

test('a module with more machine code than allowed is refused, and its code released', async (t) => {
  const engine = new Engine({ limits: { moduleCode: 400_000 }, maxSliceMs: 2 });
  const { WebAssembly } = engine;
  const expected = {
    instanceOf: WebAssembly.CompileError,
    message: /machine code > limits\.moduleCode \(400000 bytes\)/,
  };
  t.throws(() => new WebAssembly.Module(bytes), expected);
  await t.throwsAsync(WebAssembly.compile(bytes), expected);
  let code = 0;
  const onProgress = (progress: { codeBytes: number }) => {
    code = Math.max(code, progress.codeBytes);
  };
  await t.throwsAsync(WebAssembly.compileStreaming(chunks(), { onProgress }), expected);
  t.true(code < 500_000);
  t.is(engine.statistics().modules, 0);
  const small = new WebAssembly.Module(Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0]));
  t.deepEqual(WebAssembly.Module.exports(small), []);
  t.true(engine.statistics().codeMemory < 1 << 20);
});

test('a budget that is large enough changes nothing', (t) => {
  const { WebAssembly } = new Engine({ limits: { moduleCode: 2 << 20 } });
  t.true(WebAssembly.Module.exports(new WebAssembly.Module(bytes)).length > 10);
});
