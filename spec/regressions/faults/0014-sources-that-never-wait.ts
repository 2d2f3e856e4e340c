/**
 * Chunks that are there at once kept the event loop from turning: empty ones for ever, so that no signal was heard, and
 * single bytes far longer than `maxSliceMs`.
 *
 * @runs iterable
 * @runs stream
 * @runs readable
 * @runs response
 * @runs unsliced
 * @runs bytes
 * @seconds 120
 */
import { Readable } from 'node:stream';
import { check, done, Engine } from './support.js';

const run = process.argv[2];
const maxSliceMs = run === 'unsliced' ? 0 : 2;
const { WebAssembly } = new Engine({ maxSliceMs });
const empty = new Uint8Array(0);

async function* forEver(): AsyncGenerator<Uint8Array> {
  for (;;) yield empty;
}

function stream(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(empty) });
}

/** What the engine takes for a response from the network: read ahead of the compiler. */
function response(): unknown {
  const made = new Response(stream(), { headers: { 'content-type': 'application/wasm' } });
  return Object.defineProperty(made, 'url', { value: 'http://127.0.0.1/endless.wasm' });
}

/** The header and custom sections, a byte at a time, from a source that has some work with each. */
async function* bytes(): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const section = [0, 2, 1, 0x61];
  for (let i = 0; i < 20_000; i++) {
    for (const begin = performance.now(); performance.now() < begin + 0.02; );
    yield Uint8Array.of(section[i % 4] as number);
  }
}

const sources: Record<string, () => unknown> = {
  iterable: forEver,
  unsliced: forEver,
  stream,
  readable: () => Readable.from(forEver()),
  response,
};

if (run === 'bytes') {
  // Turns per processor time: what other processes take away is not the engine's.
  let turns = 0;
  let ended = false;
  const watch = (): void => {
    turns++;
    if (!ended) setImmediate(watch);
  };
  watch();
  const begin = process.cpuUsage();
  await WebAssembly.compileStreaming(bytes());
  ended = true;
  const { user, system } = process.cpuUsage(begin);
  const ms = (user + system) / 1000;
  check(turns > ms / 12, `${turns} turns of the event loop in ${Math.round(ms)} ms`);
} else {
  const signal = AbortSignal.timeout(100);
  const reason = await WebAssembly.compileStreaming(sources[run as string]?.() as never, { signal }).catch((e) => e);
  check(reason === signal.reason, `ended with ${reason}`);
}
done();
