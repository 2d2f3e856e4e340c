/** The demo's server, in a thread of its own so that it sends on time whatever the main thread does. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/** What the demo asks for. */
export interface ServerRequest {
  /** Path of the module. */
  readonly path: string;
  /** Bytes per write. */
  readonly chunkSize: number;
  /** Bytes per second. */
  readonly rate: number;
}

/** What the server says: first its URL, later when it handed the last byte to the socket (ms since the epoch). */
export type ServerMessage = { readonly url: string } | { readonly lastByteAt: number };

const { path, chunkSize, rate } = workerData as ServerRequest;
const bytes = readFileSync(path);
const say = (message: ServerMessage): void => parentPort?.postMessage(message);

const server = createServer(async (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/wasm', 'content-length': bytes.length });
  response.socket?.setNoDelay(true);
  const start = performance.now();
  for (let at = 0; at < bytes.length && !response.destroyed; at += chunkSize) {
    const wait = start + (1000 * at) / rate - performance.now();
    if (wait > 0) await delay(wait);
    response.write(bytes.subarray(at, at + chunkSize));
  }
  say({ lastByteAt: performance.timeOrigin + performance.now() });
  response.end();
});
server.listen(0, '127.0.0.1', () =>
  say({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/module.wasm` }),
);
