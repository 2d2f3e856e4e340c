/** Modules with SIMD that no program of this folder runs: they compile, as by V8; llhttp parses what V8's parses. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { Engine } from '../../src/index.js';
import { loadEngine, type Namespace, v8 } from '../support/engine.js';
import { packageFile, requirePackage } from './program.js';

const levels = ['sse4.1', 'avx', 'native'] as const;
const tfjs = '@tensorflow/tfjs-backend-wasm';

/** llhttp's build with SIMD, as undici carries it. `beamline/register` leaves it to V8, so it is compiled here. */
const llhttp = (): Uint8Array => new Uint8Array(requirePackage('undici', 'lib/llhttp/llhttp_simd-wasm.js') as Buffer);

const modules: Record<string, () => Uint8Array> = {
  'argon2-simd.wasm': () => readFileSync(packageFile('argon2-browser', 'dist/argon2-simd.wasm')),
  'Box2D.simd.wasm': () => readFileSync(packageFile('box2d-wasm', 'dist/es/Box2D.simd.wasm')),
  'tfjs-backend-wasm-simd.wasm': () => readFileSync(packageFile(tfjs, 'wasm-out/tfjs-backend-wasm-simd.wasm')),
  'webp_enc_simd.wasm': () => readFileSync(packageFile('@jsquash/webp', 'codec/enc/webp_enc_simd.wasm')),
  llhttp,
};

for (const [name, read] of Object.entries(modules)) {
  test(`${name} compiles at every level, with forced spills too`, (t) => {
    const bytes = read();
    t.true(v8.validate(bytes));
    for (const cpu of levels) {
      for (const forceSpills of [false, true]) {
        const engine = new Engine({ cpu, debug: { forceSpills, checkInvariants: true } });
        t.true(engine.WebAssembly.validate(bytes));
        const { exports, imports } = engine.WebAssembly.Module;
        const module = new engine.WebAssembly.Module(bytes);
        const theirs = new v8.Module(bytes);
        t.deepEqual(exports(module), v8.Module.exports(theirs));
        t.deepEqual(imports(module), v8.Module.imports(theirs));
        t.true(engine.statistics().functionsCompiled > 10);
      }
    }
  });
}

test('builds with threads compile', (t) => {
  const { WebAssembly } = new Engine();
  for (const [name, path] of [
    [tfjs, 'dist/tfjs-backend-wasm-threaded-simd.wasm'],
    ['@jsquash/avif', 'codec/enc/avif_enc_mt.wasm'],
  ] as const) {
    const bytes = readFileSync(packageFile(name, path));
    t.true(WebAssembly.validate(bytes));
    t.notThrows(() => new WebAssembly.Module(bytes));
  }
});

interface Parser {
  readonly memory: { readonly buffer: ArrayBuffer };
  _initialize(): void;
  malloc(bytes: number): number;
  free(pointer: number): void;
  llhttp_alloc(type: number): number;
  llhttp_free(parser: number): void;
  llhttp_execute(parser: number, data: number, length: number): number;
  llhttp_finish(parser: number): number;
  llhttp_get_error_pos(parser: number): number;
  llhttp_get_error_reason(parser: number): number;
}

const responses = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 304 Not Modified\r\n\r\n',
  `HTTP/1.1 200 OK\r\n${Array.from({ length: 40 }, (_, i) => `X-${'n'.repeat(i)}: ${'value '.repeat(i)}\t\u00e9`).join('\r\n')}\r\n\r\n`,
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n1f;name="v"\r\n0123456789012345678901234567890\r\n0\r\nT: 1\r\n\r\n',
  'HTTP/1.0 500 \r\nConnection: close\r\n\r\nuntil the end of the connection',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
  'HTTP/1.1 2x0 OK\r\n\r\n',
  'HTTP/9.1 200 OK\r\n\r\n',
  'HTTP/1.1 200 OK\r\nBad Name: 1\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
  // A forbidden byte at each place of the blocks of 16 that are searched at once.
  ...Array.from({ length: 36 }, (_, i) => `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(i)}\u0001${'b'.repeat(40 - i)}\r\n\r\n`),
  ...Array.from(
    { length: 36 },
    (_, i) => `HTTP/1.1 200 OK\r\nX: ${'\u00ff'.repeat(i)}\u007f${'~'.repeat(40 - i)}\r\n\r\n`,
  ),
];

/** Everything a parser says about the responses, given in pieces of `size` bytes. */
function parse(engine: Namespace, size: number): string[] {
  const events: string[] = [];
  let start = 0;
  const text = (name: string) => (_parser: number, at: number, length: number) => {
    events.push(`${name} ${at - start} ${Buffer.from(parser.memory.buffer, at, length).toString('latin1')}`);
    return 0;
  };
  const event =
    (name: string) =>
    (_parser: number, ...values: number[]) => {
      events.push(`${name} ${values}`);
      return 0;
    };
  const texts = ['url', 'status', 'header_field', 'header_value', 'body'].map((name) => [
    `wasm_on_${name}`,
    text(name),
  ]);
  const others = ['message_begin', 'headers_complete', 'message_complete'].map((name) => [
    `wasm_on_${name}`,
    event(name),
  ]);
  const env = Object.fromEntries([...texts, ...others]);
  const parser = new engine.Instance(new engine.Module(llhttp()), { env }).exports as unknown as Parser;
  parser._initialize();
  for (const response of responses) {
    const state = parser.llhttp_alloc(2);
    const bytes = Buffer.from(response, 'latin1');
    for (let at = 0; at < bytes.length; at += size) {
      const piece = bytes.subarray(at, at + size);
      start = parser.malloc(piece.length);
      new Uint8Array(parser.memory.buffer, start, piece.length).set(piece);
      const code = parser.llhttp_execute(state, start, piece.length);
      if (code !== 0) {
        const reason = Buffer.from(parser.memory.buffer, parser.llhttp_get_error_reason(state));
        const where = parser.llhttp_get_error_pos(state) - start;
        events.push(`error ${code} at ${where}: ${reason.subarray(0, reason.indexOf(0))}`);
      }
      parser.free(start);
      if (code !== 0) break;
    }
    events.push(`finish ${parser.llhttp_finish(state)}`);
    parser.llhttp_free(state);
  }
  return events;
}

for (const cpu of levels) {
  test(`llhttp with SIMD parses responses as V8's does, ${cpu}`, async (t) => {
    for (const debug of [{}, { forceSpills: true }]) {
      const engine = await loadEngine('beamline', { cpu, debug });
      for (const size of [1, 7, 64, 100_000]) {
        const events = parse(engine, size);
        t.deepEqual(events, parse(v8, size));
        t.true(events.length > 300);
      }
    }
  });
}
