/** Giving up in the middle of a stream: the connection is closed, the code is released. Run: node dist/examples/abort.js */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { WebAssembly } from '../src/index.js';
import { modulePath, serve } from './support.js';

const bytes = readFileSync(modulePath('factorial.wasm'));
let connection: Socket | undefined;

// This server sends half of the module and then nothing more.
await using server = await serve((request, response) => {
  connection = request.socket;
  response.writeHead(200, { 'content-type': 'application/wasm', 'content-length': bytes.length });
  response.write(bytes.subarray(0, bytes.length / 2));
});

try {
  await WebAssembly.compileStreaming(server.url, { signal: AbortSignal.timeout(200) });
  console.log('compiled, which cannot be');
} catch (error) {
  console.log(`${(error as Error).name}: ${(error as Error).message}`);
}
if (connection !== undefined && !connection.destroyed) await once(connection, 'close');
console.log('the connection is closed');
