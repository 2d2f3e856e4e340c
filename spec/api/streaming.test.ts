import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { type CompileProgress, Engine } from '../../src/index.js';
import { wat } from './wat.js';

const small = wat(`(module (import "m" "f" (func $f (result i32)))
  (func (export "g") (result i32) (i32.add (call $f) (i32.const 1))))`);
const imports = { m: { f: () => 41 } };

/** A module with many functions. */
function large(functions: number): Uint8Array {
  const body =
    '(local.set 0 (i32.mul (i32.add (local.get 0) (i32.const 12345)) (i32.xor (local.get 0) (i32.const 99))))';
  let text = '(module (memory 1)';
  for (let i = 0; i < functions; i++) {
    text += `(func (export "f${i}") (param i32) (result i32) ${body.repeat(20)} (i32.add (local.get 0) (i32.const ${i})))`;
  }
  return wat(`${text})`);
}
const big = large(1500);

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  // One buffer for all chunks: a source may reuse it.
  const buffer = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    buffer.set(part);
    yield buffer.subarray(0, part.length);
    buffer.fill(0xff);
  }
}

test('every kind of source gives the same module', async (t) => {
  const { WebAssembly } = new Engine();
  const folder = mkdtempSync(join(tmpdir(), 'beamline-'));
  const path = join(folder, 'm.wasm');
  writeFileSync(path, small);
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/wasm' });
    for (const byte of small) response.write(Uint8Array.of(byte));
    response.end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m.wasm`;
  const response = () => new Response(small, { headers: { 'content-type': 'application/wasm' } });
  const sources: [string, unknown][] = [
    ['buffer', small],
    ['ArrayBuffer', small.slice().buffer],
    ['iterable', pieces(small, 3)],
    ['path', path],
    ['file URL', pathToFileURL(path)],
    ['http', url],
    ['URL', new URL(url)],
    ['Response', response()],
    ['promise of a Response', Promise.resolve(response())],
    ['web stream', response().body],
    // A Readable reads ahead: its chunks must be their own.
    ['Readable', Readable.from([small.slice(0, 9), small.slice(9)])],
  ];
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  });
  for (const [name, source] of sources) {
    const { module, instance } = await WebAssembly.instantiateStreaming(source as never, imports);
    t.true(module instanceof WebAssembly.Module, name);
    t.is(instance.exports['g'](), 42, name);
  }
});

test('two streams at once, byte by byte', async (t) => {
  const { WebAssembly } = new Engine();
  const results = await Promise.all(
    [7, 1].map((size) => WebAssembly.instantiateStreaming(pieces(size === 7 ? big.slice() : small, size), imports)),
  );
  t.is(results[0]?.instance.exports['f7'](0), results[0]?.instance.exports['f0'](0) + 7);
  t.is(results[1]?.instance.exports['g'](), 42);
});

test('progress tells bytes, functions and code, and ends with all of them', async (t) => {
  const engine = new Engine({ maxSliceMs: 1 });
  const seen: CompileProgress[] = [];
  await engine.WebAssembly.compileStreaming(pieces(big, 10_000), { onProgress: (p) => seen.push(p) });
  t.true(seen.length > big.length / 10_000 - 1);
  const last = seen.at(-1) as CompileProgress;
  t.is(last.bytesReceived, big.length);
  t.is(last.bytesCompiled, big.length);
  t.is(last.functionsCompiled, 1500);
  t.true(last.codeBytes > 0);
  for (let i = 1; i < seen.length; i++) {
    t.true((seen[i] as CompileProgress).codeBytes >= (seen[i - 1] as CompileProgress).codeBytes);
  }
  const whole: CompileProgress[] = [];
  await engine.WebAssembly.compile(big, { onProgress: (p) => whole.push(p) });
  t.is(whole.at(-1)?.bytesTotal, big.length);
  t.is(whole.at(-1)?.codeBytes, last.codeBytes);
});

/** Processor time of this thread, in milliseconds: on a busy machine the wall clock counts what others do. */
function threadMs(): number {
  return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
}

test.serial('compilation leaves the event loop to others', async (t) => {
  const { WebAssembly } = new Engine({ maxSliceMs: 2, reuseCode: false });
  await WebAssembly.compile(big);
  let turns = 0;
  let longest = 0;
  let before = threadMs();
  let running = true;
  const watch = (async () => {
    while (running) {
      await turn();
      const now = threadMs();
      longest = Math.max(longest, now - before);
      before = now;
      turns++;
    }
  })();
  before = threadMs();
  await WebAssembly.compile(big);
  running = false;
  await watch;
  t.true(turns >= 3, `turns: ${turns}`);
  t.true(longest < 120, `longest: ${longest} ms of processor time`);
});

test.serial('maxSliceMs 0: no slicing', async (t) => {
  const { WebAssembly } = new Engine({ maxSliceMs: 0, reuseCode: false });
  let turns = 0;
  const timer = setImmediate(function count() {
    turns++;
    setImmediate(count).unref();
  });
  await WebAssembly.compile(big);
  clearImmediate(timer);
  t.true(turns <= 1);
});

test('the bytes are copied before compile returns', async (t) => {
  const { WebAssembly } = new Engine();
  const bytes = small.slice();
  const promise = WebAssembly.instantiate(bytes, imports);
  bytes.fill(0);
  t.is((await promise).instance.exports['g'](), 42);
});

test.serial('an error ends the stream, cancels the source and releases the code', async (t) => {
  const engine = new Engine();
  const { WebAssembly } = engine;
  const kept = await WebAssembly.compile(small);
  const before = engine.statistics().codeMemory;
  const bad = big.slice();
  bad[bad.length >> 1] = 0xff;
  let cancelled = false;
  let given = 0;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of pieces(bad, 1000)) {
        given += chunk.length;
        yield chunk;
      }
    } finally {
      cancelled = true;
    }
  }
  const error = await t.throwsAsync(WebAssembly.compileStreaming(source()), { instanceOf: WebAssembly.CompileError });
  t.regex(error?.message ?? '', /^WebAssembly\.compileStreaming\(\): Compiling function #\d+ failed: .* @\+\d+$/);
  const details = error as unknown as { offset: number; functionIndex: number };
  t.true(details.offset <= bad.length >> 1);
  t.true(details.functionIndex > 100);
  t.true(cancelled);
  t.true(given < bad.length);
  t.is(engine.statistics().codeMemory, before);
  t.truthy(kept);
});

test('truncated bodies, wrong responses and network errors are refused', async (t) => {
  const { WebAssembly } = new Engine();
  const header = { 'content-type': 'application/wasm' };
  await t.throwsAsync(WebAssembly.compileStreaming(pieces(small.subarray(0, -1), 10)), {
    instanceOf: WebAssembly.CompileError,
  });
  await t.throwsAsync(WebAssembly.compileStreaming(pieces(small.subarray(0, 0), 10)), {
    instanceOf: WebAssembly.CompileError,
  });
  await t.throwsAsync(WebAssembly.compileStreaming(new Response(small)), { instanceOf: TypeError, message: /MIME/ });
  await t.notThrowsAsync(WebAssembly.compileStreaming(new Response(small), { anyMimeType: true }));
  await t.throwsAsync(WebAssembly.compileStreaming(new Response(small, { status: 404, headers: header })), {
    instanceOf: TypeError,
  });
  await t.throwsAsync(WebAssembly.compileStreaming('http://127.0.0.1:9/'), { instanceOf: TypeError });
  await t.throwsAsync(WebAssembly.compileStreaming(5 as never), { instanceOf: TypeError });
  for (const [options, message] of [
    [{ signal: 5 }, /^WebAssembly\.compileStreaming\(\): invalid options: signal: /],
    [{ onProgress: 5 }, /invalid options: onProgress: /],
    [{ anyMimeType: 'yes' }, /invalid options: anyMimeType: /],
    [null, /invalid options: they must be an object/],
    [5, /invalid options: they must be an object/],
  ] as const) {
    await t.throwsAsync(WebAssembly.compileStreaming(small, options as never), { instanceOf: TypeError, message });
  }
  await t.notThrowsAsync(WebAssembly.compileStreaming(small, { later: 1, signal: undefined } as never));
});

test.serial('aborting: before, in the middle, while compiling bytes', async (t) => {
  const engine = new Engine({ maxSliceMs: 0.5 });
  const { WebAssembly } = engine;
  const kept = await WebAssembly.compile(small);
  const before = engine.statistics().codeMemory;
  const reason = new Error('enough');
  await t.throwsAsync(WebAssembly.compile(big, { signal: AbortSignal.abort(reason) }), { is: reason });
  const middle = new AbortController();
  const inSlices = WebAssembly.compile(big, { signal: middle.signal, onProgress: () => middle.abort(reason) });
  await t.throwsAsync(inSlices, { is: reason });
  const stream = new AbortController();
  const forever = async function* (): AsyncGenerator<Uint8Array> {
    yield small.subarray(0, 20);
    setTimeout(() => stream.abort(reason), 10);
    await new Promise(() => {});
  };
  await t.throwsAsync(WebAssembly.compileStreaming(forever(), { signal: stream.signal }), { is: reason });
  t.is(engine.statistics().codeMemory, before);
  t.truthy(kept);
});

test('validate gives verdicts and keeps nothing', async (t) => {
  const engine = new Engine();
  const { WebAssembly } = engine;
  t.true(WebAssembly.validate(small));
  const before = engine.statistics().codeMemory;
  t.true(WebAssembly.validate(big));
  t.false(WebAssembly.validate(big.subarray(0, -1)));
  t.false(WebAssembly.validate(new Uint8Array(0)));
  t.false(WebAssembly.validate(new Uint8Array([1, 2, 3, 4])));
  t.throws(() => WebAssembly.validate(5 as never), { instanceOf: TypeError });
  t.is(engine.statistics().codeMemory, before);
});

test('instantiate: both overloads, and errors as rejections', async (t) => {
  const { WebAssembly } = new Engine();
  const module = await WebAssembly.compile(small);
  const instance = await WebAssembly.instantiate(module, imports);
  t.true(instance instanceof WebAssembly.Instance);
  t.is(instance.exports['g'](), 42);
  await t.throwsAsync(WebAssembly.instantiate(module, { m: {} }), { instanceOf: WebAssembly.LinkError });
  await t.throwsAsync(WebAssembly.instantiate(small, { m: {} }), { instanceOf: WebAssembly.LinkError });
  await t.throwsAsync(WebAssembly.instantiate(module, 5 as never), { instanceOf: TypeError });
  await t.throwsAsync(WebAssembly.instantiate(5 as never), { instanceOf: TypeError });
  await t.throwsAsync(WebAssembly.compile(new Uint8Array(8)), { instanceOf: WebAssembly.CompileError });
});

test('modules that nobody holds make room before code memory is given up', async (t) => {
  const { WebAssembly } = new Engine({ limits: { codeMemory: 8 << 20 }, reuseCode: false });
  for (let i = 0; i < 40; i++) {
    const module = await (i % 2 === 0 ? WebAssembly.compile(big) : WebAssembly.compileStreaming(pieces(big, 50_000)));
    t.truthy(module);
  }
});

test('a compilation ends with an error when its engine is disposed', async (t) => {
  const engine = new Engine({ maxSliceMs: 0.5 });
  const { WebAssembly } = engine;
  const compiling = WebAssembly.compile(big);
  engine.dispose();
  await t.throwsAsync(compiling, { message: 'the engine is disposed' });
});

test('code memory that is used up is a RangeError, and the engine goes on', async (t) => {
  const engine = new Engine({ limits: { codeMemory: 4 << 20 }, reuseCode: false });
  const { WebAssembly } = engine;
  const kept: unknown[] = [];
  await t.throwsAsync(
    async () => {
      for (;;) kept.push(await WebAssembly.compile(big));
    },
    { instanceOf: RangeError, message: /code memory/ },
  );
  kept.length = 0;
  t.is((await WebAssembly.instantiate(small, imports)).instance.exports['g'](), 42);
});
