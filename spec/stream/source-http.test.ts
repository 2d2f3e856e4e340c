/** Sources over the network: a local server misbehaves in every way, and no socket may stay. */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { fetch as undiciFetch } from 'undici';
import { type ByteSource, openSource } from '../../src/stream/source/source.js';

const bytes = new Uint8Array(300_000).map((_, i) => (i * i) >> 7);
const type = { 'content-type': 'application/wasm' };

async function readAll(source: ByteSource): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await source.next(); chunk !== null; chunk = await source.next()) chunks.push(chunk.slice());
  return new Uint8Array(Buffer.concat(chunks));
}

/** Large arrays are not for deepEqual, which takes seconds. */
async function isWhole(source: ByteSource): Promise<boolean> {
  return Buffer.from(bytes).equals(await readAll(source));
}

interface LocalServer {
  readonly url: string;
  /** Resolves when no connection is open, fails after two seconds. */
  quiet(): Promise<void>;
  readonly connections: number;
}

async function serve(t: ExecutionContext, handler: RequestListener): Promise<LocalServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer(handler);
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/module.wasm`,
    async quiet() {
      for (let i = 0; i < 200 && sockets.size > 0; i++) await delay(10);
      t.is(sockets.size, 0, 'all sockets are closed');
    },
    get connections() {
      return connections;
    },
  };
}

/** Sends the body in pieces with pauses; returns after the last. */
async function drip(response: ServerResponse, body: Uint8Array, size: number, end = true): Promise<void> {
  for (let i = 0; i < body.length && !response.destroyed; i += size) {
    response.write(body.subarray(i, i + size));
    await delay(1);
  }
  if (end) response.end();
}

const close = { headers: { connection: 'close' } };

test('a URL string, a URL, a fetch of either kind, as promise or settled', async (t) => {
  const server = await serve(t, (_, response) => {
    response.writeHead(200, { ...type, 'content-length': bytes.length });
    drip(response, bytes, 50_000);
  });
  const inputs = [
    () => server.url,
    () => server.url.replace('http:', 'HTTP:'),
    () => new URL(server.url),
    () => fetch(server.url, close),
    () => undiciFetch(server.url, close),
    async () => await fetch(server.url, close),
  ];
  for (const input of inputs) {
    const source = await openSource(input());
    t.is(source.length, bytes.length);
    t.is(source.name, server.url);
    t.true(await isWhole(source));
  }
  await server.quiet();
});

test('chunked bodies have no known length; encoded bodies are decoded', async (t) => {
  const encoders = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };
  const server = await serve(t, (request, response) => {
    const name = new URL(request.url ?? '', 'http://x').searchParams.get('encoding');
    if (name === null) {
      response.writeHead(200, type);
      drip(response, bytes, 100_000);
    } else {
      const body = encoders[name as keyof typeof encoders](bytes);
      response.writeHead(200, { ...type, 'content-encoding': name, 'content-length': body.length });
      drip(response, body, 10_000);
    }
  });
  for (const query of ['', '?encoding=gzip', '?encoding=deflate', '?encoding=br']) {
    const source = await openSource(server.url + query);
    t.is(source.length, undefined);
    t.true(await isWhole(source));
  }
  await server.quiet();
});

test('an encoded body that is not what it says is a TypeError', async (t) => {
  const server = await serve(t, (_, response) => {
    response.writeHead(200, { ...type, 'content-encoding': 'gzip' });
    response.end(bytes);
  });
  await t.throwsAsync(async () => readAll(await openSource(server.url)), {
    instanceOf: TypeError,
    message: /broke off/,
  });
  await server.quiet();
});

test('redirects are followed, loops are an error', async (t) => {
  const server = await serve(t, (request, response) => {
    const step = Number(new URL(request.url ?? '', 'http://x').searchParams.get('step') ?? 0);
    if (step === 3) response.writeHead(200, type).end(bytes);
    else
      response.writeHead([301, 302, 307][step % 3] ?? 302, { location: `?step=${step < 0 ? step : step + 1}` }).end();
  });
  t.true(await isWhole(await openSource(server.url)));
  await t.throwsAsync(openSource(`${server.url}?step=-1`), {
    instanceOf: TypeError,
    message: /cannot fetch .*redirect/,
  });
  await server.quiet();
});

test('status and MIME type are checked, and the connection is given up', async (t) => {
  const server = await serve(t, (request, response) => {
    if (request.url?.includes('missing')) response.writeHead(404, type);
    else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    drip(response, bytes, 1000);
  });
  await t.throwsAsync(openSource(`${server.url}?missing`), {
    instanceOf: TypeError,
    message: 'WebAssembly response has status code 404',
  });
  await t.throwsAsync(openSource(server.url), {
    instanceOf: TypeError,
    message: "WebAssembly response has unsupported MIME type 'text/html; charset=utf-8'",
  });
  await server.quiet();
  t.true(await isWhole(await openSource(server.url, { anyMimeType: true })));
  await server.quiet();
});

test('a body shorter than its Content-Length says how far it came', async (t) => {
  const server = await serve(t, (_, response) => {
    response.writeHead(200, { ...type, 'content-length': bytes.length });
    drip(response, bytes.subarray(0, 1000), 500, false).then(() => response.destroy());
  });
  for (const open of [() => server.url, () => fetch(server.url, close)]) {
    const source = await openSource(open());
    await t.throwsAsync(readAll(source), {
      instanceOf: TypeError,
      message: /broke off after \d+ of 300000 bytes: /,
    });
  }
  await server.quiet();
});

test('a chunked body that breaks off is an error', async (t) => {
  const server = await serve(t, (_, response) => {
    response.writeHead(200, type);
    drip(response, bytes.subarray(0, 1000), 500, false).then(() => response.destroy());
  });
  const source = await openSource(server.url);
  await t.throwsAsync(readAll(source), { instanceOf: TypeError, message: /broke off after \d+ bytes: / });
  await server.quiet();
});

test('network errors name the URL and what happened', async (t) => {
  const server = await serve(t, (request) => request.socket.destroy());
  await t.throwsAsync(openSource(server.url), {
    instanceOf: TypeError,
    message: /^cannot fetch http.*: other side closed$/,
  });
  await server.quiet();
  await t.throwsAsync(openSource('http://127.0.0.1:9/x.wasm'), {
    instanceOf: TypeError,
    message: /^cannot fetch .*ECONNREFUSED|bad port/,
  });
  await t.throwsAsync(openSource('http://'), { instanceOf: TypeError });
});

test('aborting: before the response, in the middle of the body, with the signal reason', async (t) => {
  let reached: () => void = () => {};
  const server = await serve(t, (request, response) => {
    reached();
    if (request.url?.includes('silent')) return;
    response.writeHead(200, { ...type, 'content-length': bytes.length });
    response.write(bytes.subarray(0, 1000));
  });
  const why = new Error('changed my mind');

  const waiting = new AbortController();
  const arrived = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const opening = openSource(`${server.url}?silent`, { signal: waiting.signal });
  await arrived;
  waiting.abort(why);
  t.is(await t.throwsAsync(opening), why);
  await server.quiet();

  for (const open of [() => server.url, () => fetch(server.url, close)]) {
    const controller = new AbortController();
    const source = await openSource(open(), { signal: controller.signal });
    t.is((await source.next())?.length, 1000);
    const pending = source.next();
    setTimeout(() => controller.abort(why), 5);
    t.is(await t.throwsAsync(pending), why);
    await server.quiet();
  }

  const already = await t.throwsAsync(openSource(server.url, { signal: AbortSignal.abort() }), { any: true });
  t.is((already as Error | undefined)?.name, 'AbortError');
  const timeout = await t.throwsAsync(openSource(`${server.url}?silent`, { signal: AbortSignal.timeout(20) }), {
    any: true,
  });
  t.is((timeout as Error | undefined)?.name, 'TimeoutError');
  await server.quiet();
});

test('cancelling in the middle closes the socket', async (t) => {
  const server = await serve(t, (_, response) => {
    response.writeHead(200, type);
    drip(response, bytes, 1000);
  });
  for (const open of [() => server.url, () => fetch(server.url, close)]) {
    const source = await openSource(open());
    await source.next();
    await source.cancel(new Error('enough'));
    await server.quiet();
  }
});

test('an incoming message of node:http as a Readable', async (t) => {
  const server = await serve(t, (_, response) => {
    response.writeHead(200, type);
    drip(response, bytes, 10_000);
  });
  const { get } = await import('node:http');
  const request = (): Promise<Readable> =>
    new Promise((resolve) => {
      get(server.url, { agent: false }, (message) => resolve(message));
    });
  t.true(await isWhole(await openSource(request())));
  const source = await openSource(await request());
  await source.next();
  await source.cancel(new Error('enough'));
  await server.quiet();
});

test('a server that closes the connection before the body is consumed', async (t) => {
  // undici 7 fails an assertion when a connection ends while its parser is paused by a slow reader.
  const sizes = [1000, 16_384, 65_436, 65_536, 131_072, 200_000, 1 << 20];
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (request) => {
      const size = Number(/size=(\d+)/.exec(request.toString())?.[1]);
      const head = `HTTP/1.1 200 OK\r\nContent-Type: application/wasm\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n`;
      socket.write(head);
      socket.end(new Uint8Array(size));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  for (const open of [(address: string) => address, (address: string) => undiciFetch(address)]) {
    for (const size of sizes) {
      const source = await openSource(open(`${url}?size=${size}`));
      let received = 0;
      for (let chunk = await source.next(); chunk !== null; chunk = await source.next()) {
        received += chunk.length;
        await delay(3);
      }
      t.is(received, size);
    }
  }
});

test('an encoded body that is truncated is an error, two encodings are decoded', async (t) => {
  const server = await serve(t, (request, response) => {
    const twice = request.url?.includes('twice') ?? false;
    response.writeHead(200, { ...type, 'content-encoding': twice ? 'gzip, br' : 'gzip' });
    if (twice) response.end(brotliCompressSync(gzipSync(bytes)));
    else response.end(gzipSync(bytes).subarray(0, 5000));
  });
  t.true(await isWhole(await openSource(`${server.url}?twice`)));
  await t.throwsAsync(async () => readAll(await openSource(server.url)), {
    message: /broke off .*unexpected end of file/,
  });
  await server.quiet();
});

test('two streams at once', async (t) => {
  const server = await serve(t, (_, response) => {
    response.writeHead(200, type);
    drip(response, bytes, 20_000);
  });
  const sources = await Promise.all([openSource(server.url), openSource(server.url)]);
  t.deepEqual(await Promise.all(sources.map(isWhole)), [true, true]);
  t.is(server.connections, 2);
  await server.quiet();
});
