/** A module from a URL, compiled while it arrives. Run: node dist/examples/url.js */
import { readFileSync } from 'node:fs';
import { WebAssembly } from '../src/index.js';
import { modulePath, serve } from './support.js';

await using server = await serve((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/wasm' });
  response.end(readFileSync(modulePath('factorial.wasm')));
});

const { instance } = await WebAssembly.instantiateStreaming(server.url);
const factorial = instance.exports['factorial'] as (n: bigint) => bigint;
console.log(`from ${new URL(server.url).protocol}//...: 10! = ${factorial(10n)}`);

// Any stream of bytes will do, for example the body of a fetch of your own.
const response = await fetch(server.url);
const module = await WebAssembly.compileStreaming(response);
console.log(
  'exports:',
  WebAssembly.Module.exports(module)
    .map(({ name, kind }) => `${kind} ${name}`)
    .join(', '),
);
