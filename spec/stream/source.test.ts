/** Sources that need no network: buffers, files, streams, iterables, hand-made responses. */
import { mkdtempSync, openSync, readdirSync, readlinkSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { Response as UndiciResponse } from 'undici';
import { type ByteSource, openSource } from '../../src/stream/source/source.js';

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);
const wasm = { headers: { 'content-type': 'application/wasm' } };

async function readAll(source: ByteSource): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await source.next(); chunk !== null; chunk = await source.next()) chunks.push(chunk.slice());
  return new Uint8Array(Buffer.concat(chunks));
}

function pieces(size: number): Uint8Array[] {
  const result: Uint8Array[] = [];
  for (let i = 0; i < bytes.length; i += size) result.push(bytes.subarray(i, i + size));
  return result;
}

async function* generate(size: number, log: string[] = []): AsyncGenerator<Uint8Array> {
  try {
    for (const piece of pieces(size)) yield piece;
    log.push('done');
  } finally {
    log.push('finally');
  }
}

function webStream(size: number): ReadableStream<Uint8Array> {
  const rest = pieces(size);
  return new ReadableStream({
    pull(controller) {
      const piece = rest.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
}

test('buffers of every kind, copied when the call is made', async (t) => {
  const shared = new SharedArrayBuffer(1000);
  new Uint8Array(shared).set(bytes);
  const inputs = [
    bytes,
    bytes.buffer,
    new DataView(bytes.buffer),
    Buffer.from(bytes),
    new Uint16Array(bytes.buffer),
    shared,
  ];
  for (const input of inputs) {
    const source = await openSource(input);
    t.is(source.length, 1000);
    t.deepEqual(await readAll(source), bytes);
    t.is(await source.next(), null, 'the end stays the end');
  }
  const own = bytes.slice();
  const opening = openSource(own);
  own.fill(0);
  t.deepEqual(await readAll(await opening), bytes);
  const part = await openSource(bytes.subarray(10, 20));
  t.deepEqual(await readAll(part), bytes.slice(10, 20));
});

test('streams and iterables, also promised', async (t) => {
  const make = [
    () => generate(7),
    () => webStream(13),
    () => Readable.from(pieces(100)),
    () => new Response(bytes, wasm),
    () => new Response(webStream(9), wasm),
    () => new UndiciResponse(bytes, wasm),
  ];
  for (const input of make) {
    t.deepEqual(await readAll(await openSource(input())), bytes);
    t.deepEqual(await readAll(await openSource(Promise.resolve(input()))), bytes);
  }
  const error = new Error('no response today');
  t.is(await t.throwsAsync(openSource(Promise.reject(error))), error);
});

test('empty chunks are skipped, an empty source ends at once', async (t) => {
  const empty = new Uint8Array(0);
  const source = await openSource(
    Readable.from([empty, bytes.subarray(0, 4), empty, empty, bytes.subarray(4, 5), empty]),
  );
  t.is((await source.next())?.length, 4);
  t.is((await source.next())?.length, 1);
  t.is(await source.next(), null);
  t.is(await (await openSource(Readable.from([]))).next(), null);
  t.is(await (await openSource(new Response(null, wasm))).next(), null);
  t.is(await (await openSource(empty)).next(), null);
});

test('a source may reuse its buffer once the next chunk is asked for', async (t) => {
  const buffer = new Uint8Array(10);
  async function* reuse(): AsyncGenerator<Uint8Array> {
    for (const piece of pieces(10)) {
      buffer.set(piece);
      yield buffer;
      buffer.fill(0xee);
    }
  }
  t.deepEqual(await readAll(await openSource(reuse())), bytes);
});

test('chunks that are not Uint8Array are a TypeError and release the source', async (t) => {
  let finished = false;
  async function* wrong(value: unknown): AsyncGenerator<unknown> {
    try {
      yield bytes;
      yield value;
    } finally {
      finished = true;
    }
  }
  const cases: [unknown, RegExp][] = [
    ['text', /yielded a string instead of a Uint8Array/],
    [undefined, /yielded undefined/],
    [null, /yielded null/],
    [bytes.buffer, /yielded an instance of ArrayBuffer/],
    [[1, 2], /yielded an instance of Array/],
    [new Uint16Array(2), /yielded an instance of Uint16Array/],
    [12, /yielded a number/],
  ];
  for (const [value, message] of cases) {
    finished = false;
    const source = await openSource(wrong(value) as AsyncIterable<Uint8Array>);
    t.is((await source.next())?.length, 1000);
    const error = await t.throwsAsync(source.next(), { instanceOf: TypeError, message });
    t.is(await t.throwsAsync(source.next()), error, 'the error stays');
    await source.cancel(error);
    t.true(finished);
  }
  const text = Readable.from(['text']).setEncoding('utf8');
  const source = await openSource(text);
  await t.throwsAsync(source.next(), { instanceOf: TypeError, message: /the Readable yielded a string/ });
  t.true(text.destroyed);
});

test('inputs of the wrong kind are a TypeError', async (t) => {
  for (const input of [undefined, null, 12, {}, [], () => bytes, new Map(), Symbol('x')]) {
    await t.throwsAsync(openSource(input as never), {
      instanceOf: TypeError,
      message: /^WebAssembly\.compileStreaming\(\): Argument 0 must be a URL, a path/,
    });
  }
});

test('errors of the source come through as they are', async (t) => {
  const broken = new Error('broken pipe');
  async function* iterable(): AsyncGenerator<Uint8Array> {
    yield bytes;
    throw broken;
  }
  const readable = new Readable({ read() {} });
  readable.push(bytes);
  let pulls = 0;
  const web = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulls++ === 0) controller.enqueue(bytes);
      else controller.error(broken);
    },
  });
  for (const input of [iterable(), readable, web]) {
    const source = await openSource(input);
    await source.next();
    if (input === readable) readable.destroy(broken);
    t.is(await t.throwsAsync(source.next()), broken);
  }
});

test('a Response must have the MIME type, an ok status and an unused body', async (t) => {
  const code = 'ERR_WEBASSEMBLY_RESPONSE';
  for (const type of [
    'text/plain',
    'application/wasm;',
    'application/wasm; charset=utf-8',
    'application/wasmx',
    null,
  ]) {
    const response = new Response(bytes, type === null ? {} : { headers: { 'content-type': type } });
    const message = `WebAssembly response has unsupported MIME type '${type ?? ''}'`;
    await t.throwsAsync(openSource(response), { instanceOf: TypeError, message, code });
    t.false(response.bodyUsed, "the body stays the program's");
    const relaxed = new Response(bytes, type === null ? {} : { headers: { 'content-type': type } });
    t.deepEqual(await readAll(await openSource(relaxed, { anyMimeType: true })), bytes);
  }
  for (const type of ['Application/WASM', ' application/wasm\t']) {
    const response = new Response(bytes, { headers: { 'content-type': type } });
    t.deepEqual(await readAll(await openSource(response)), bytes);
  }
  const missing = new Response(bytes, { status: 404, ...wasm });
  await t.throwsAsync(openSource(missing, { anyMimeType: true }), {
    message: 'WebAssembly response has status code 404',
    code,
  });
  const used = new Response(bytes, wasm);
  await used.arrayBuffer();
  await t.throwsAsync(openSource(used), { message: 'WebAssembly response body has already been used', code });
  const locked = new Response(bytes, wasm);
  locked.body?.getReader();
  await t.throwsAsync(openSource(locked), { message: 'WebAssembly response body has already been used', code });
  const stream = webStream(10);
  stream.getReader();
  await t.throwsAsync(openSource(stream), { instanceOf: TypeError, message: /locked/ });
});

test('cancelling releases the source and rejects pending and later reads', async (t) => {
  const why = new Error('enough');
  let cancelled: unknown;
  const web = new ReadableStream<Uint8Array>({ cancel: (reason) => void (cancelled = reason) });
  const readable = new Readable({ read() {} });
  const log: string[] = [];
  async function* endless(): AsyncGenerator<Uint8Array> {
    await new Promise(() => {});
    yield bytes;
  }
  for (const input of [web, readable, endless(), generate(10, log), new Response(bytes, wasm)]) {
    const source = await openSource(input);
    const pending = source.next();
    const settled = pending.then(
      () => 'read',
      (error) => error,
    );
    await source.cancel(why);
    await source.cancel(new Error('again'));
    t.is(await settled, why);
    t.is(await t.throwsAsync(source.next()), why);
  }
  t.is(cancelled, why);
  t.true(readable.destroyed);
  await delay(1);
  t.deepEqual(log, ['finally'], 'the generator was told to return');
  t.false(web.locked);
});

test('an AbortSignal ends a source with its reason', async (t) => {
  const why = new Error('no longer needed');
  const before = AbortSignal.abort(why);
  const response = new Response(bytes, wasm);
  t.is(await t.throwsAsync(openSource(response, { signal: before })), why);
  t.true(response.bodyUsed);
  t.is(await t.throwsAsync(openSource(generate(10), { signal: before })), why);

  const waiting = new AbortController();
  const late = deferred<Response>();
  const opening = openSource(late.promise, { signal: waiting.signal });
  waiting.abort(why);
  t.is(await t.throwsAsync(opening), why);
  const lateResponse = new Response(webStream(10), wasm);
  late.resolve(lateResponse);
  await delay(1);
  t.true(lateResponse.bodyUsed, 'a response that comes too late is cancelled');

  const middle = new AbortController();
  const readable = new Readable({ read() {} });
  readable.push(bytes);
  const source = await openSource(readable, { signal: middle.signal });
  t.is((await source.next())?.length, 1000);
  const pending = source.next();
  middle.abort(why);
  t.is(await t.throwsAsync(pending), why);
  t.true(readable.destroyed);

  const after = new AbortController();
  const whole = await openSource(bytes, { signal: after.signal });
  await readAll(whole);
  after.abort(why);
  t.is(await whole.next(), null, 'an abort after the end changes nothing');
});

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function openFiles(path: string): number {
  let count = 0;
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`) === path) count++;
    } catch {
      // The descriptor of the listing itself is gone by now.
    }
  }
  return count;
}

test('files by path, by URL and by URL string; closed afterwards', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'beamline-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'large module.wasm');
  const large = new Uint8Array(700_001).map((_, i) => (i * 31) >> 3);
  writeFileSync(path, large);
  for (const input of [path, pathToFileURL(path), pathToFileURL(path).href]) {
    const source = await openSource(input);
    t.is(source.length, large.length);
    t.is(openFiles(path), 1);
    t.true(Buffer.from(large).equals(await readAll(source)));
    await source.cancel(undefined);
    t.is(openFiles(path), 0);
  }
  const source = await openSource(path);
  await source.next();
  await source.cancel(new Error('enough'));
  t.is(openFiles(path), 0);
  const controller = new AbortController();
  const opening = openSource(path, { signal: controller.signal });
  controller.abort();
  await t.throwsAsync(opening, { any: true, name: 'AbortError' });
  t.is(openFiles(path), 0);

  const grown = openSync(path, 'a');
  const growing = await openSource(path);
  writeSync(grown, bytes);
  t.is((await readAll(growing)).length, large.length + bytes.length, 'a file is read to its end');
});

test('files that cannot be read are a clear error', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'beamline-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'none.wasm');
  await t.throwsAsync(openSource(path), { message: `cannot open '${path}': no such file`, code: 'ENOENT' });
  await t.throwsAsync(openSource(pathToFileURL(path)), {
    message: /^cannot open 'file:.*': no such file$/,
    code: 'ENOENT',
  });
  await t.throwsAsync(openSource(folder), { message: `cannot open '${folder}': it is a directory`, code: 'EISDIR' });
});

test('data: URLs carry their MIME type', async (t) => {
  const base64 = Buffer.from(bytes).toString('base64');
  t.deepEqual(await readAll(await openSource(`data:application/wasm;base64,${base64}`)), bytes);
  await t.throwsAsync(openSource(`data:text/plain;base64,${base64}`), {
    message: /unsupported MIME type 'text\/plain/,
  });
});
