/**
 * The bytes of a mapped memory were unmapped while a buffer still showed them: one that `ArrayBuffer.prototype.transfer` of
 * another realm, or Node's own, had moved them to.
 *
 * @flags --expose-gc
 * @runs guard
 * @runs check
 */
import { writeFile } from 'node:fs/promises';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { check, done, Engine, wat } from './support.js';

// biome-ignore lint/suspicious/noExplicitAny: functions that TypeScript's library does not know.
type Any = any;
const bounds = process.argv[2] as 'guard' | 'check';
const { WebAssembly } = new Engine({ memory: 'mmap', bounds });
if (process.versions.node.startsWith('20.')) setFlagsFromString('--harmony-rab-gsab-transfer');
const realm = runInNewContext('ArrayBuffer.prototype') as Any;
const page = 65536;

const ways: Record<string, (buffer: ArrayBuffer) => ArrayBuffer | undefined> = {
  own: (b) => (ArrayBuffer.prototype as Any).transfer?.call(b),
  realm: (b) => realm.transfer.call(b),
  longer: (b) => realm.transfer.call(b, 3 * page),
  shorter: (b) => realm.transfer.call(b, 100),
  empty: (b) => realm.transfer.call(b, 0),
  fixed: (b) => realm.transferToFixedLength.call(b),
  twice: (b) => realm.transfer.call(realm.transfer.call(b)),
  property: (b) => (b as Any).transfer(),
  clone: (b) => structuredClone(b, { transfer: [b] }),
  post: (b) => {
    const { port1, port2 } = new MessageChannel();
    try {
      port1.postMessage(b, [b]);
      return receiveMessageOnPort(port2)?.message;
    } finally {
      port1.close();
    }
  },
  'transferred and posted': (b) => ways['post']?.(realm.transfer.call(b)),
};

async function collect(): Promise<void> {
  for (let i = 0; i < 8; i++) {
    (globalThis as Any).gc();
    await turn();
    await wait(5);
  }
}

/** A memory whose buffer somebody takes; afterwards only what he took is left. */
function take(way: string): ArrayBuffer | undefined {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 40 });
  const { load, store, grow } = new WebAssembly.Instance(
    new WebAssembly.Module(
      wat(`(module (import "m" "m" (memory 1))
        (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
        (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`),
    ),
    { m: { m: memory } },
  ).exports as Any;
  const { buffer } = memory;
  new Uint8Array(buffer)[0] = 42;
  let taken: ArrayBuffer | undefined;
  try {
    taken = ways[way]?.(buffer);
  } catch (error) {
    check(error instanceof TypeError || (error as Error).name === 'DataCloneError', String(error));
  }
  // The memory is as it was for everybody else.
  check(
    memory.buffer.byteLength === page && new Uint8Array(memory.buffer)[0] === 42,
    `${way}: the memory's buffer is gone`,
  );
  store(4, 7);
  check(load(4) === 7 && new Int32Array(memory.buffer)[1] === 7, `${way}: JS and wasm see different bytes`);
  check(grow(30) === 1 && memory.buffer.byteLength === 31 * page, `${way}: it cannot grow`);
  check(load(0) === 42 && load(4) === 7, `${way}: growth has lost bytes`);
  store(31 * page - 4, 9);
  check(
    new Int32Array(memory.buffer)[(31 * page) / 4 - 1] === 9,
    `${way}: after growth JS and wasm see different bytes`,
  );
  return taken;
}

for (const way of Object.keys(ways)) {
  const taken = take(way);
  await collect();
  if (taken === undefined || taken.byteLength === 0) continue;
  const bytes = new Uint8Array(taken);
  check(bytes[0] === 42, `${way}: the bytes that were taken are others now`);
  bytes.fill(1);
}

// An operation of Node has the bytes when nothing of JS refers to them any more.
const writes: Promise<void>[] = [];
for (let i = 0; i < 20; i++) {
  writes.push(writeFile('/dev/null', new Uint8Array(new WebAssembly.Memory({ initial: 64 }).buffer)));
}
await collect();
await Promise.all(writes);

// Buffers that outlive their memories, and all areas are given back in the end.
const kept: ArrayBuffer[] = [];
for (let i = 0; i < 300; i++) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  if (i % 10 === 0) kept.push(memory.buffer);
  else memory.buffer;
}
await collect();
for (const buffer of kept) new Uint8Array(buffer).fill(3);

// A thread that ends while others have what was its memory.
const program = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { setFlagsFromString } = require('node:v8');
  if (process.versions.node.startsWith('20.')) setFlagsFromString('--harmony-rab-gsab-transfer');
  const { transfer } = require('node:vm').runInNewContext('ArrayBuffer.prototype');
  import(workerData.url).then(({ Engine }) => {
    const { WebAssembly } = new Engine({ memory: 'mmap', bounds: workerData.bounds });
    const buffer = new WebAssembly.Memory({ initial: 1 }).buffer;
    new Uint8Array(buffer)[0] = 42;
    const mine = transfer.call(buffer);
    parentPort.postMessage(mine, [mine]);
  });`;
const url = new URL('../../../src/index.js', import.meta.url).href;
const worker = new Worker(program, { eval: true, workerData: { url, bounds } });
const received = await new Promise<ArrayBuffer>((resolve, reject) => {
  worker.on('message', resolve);
  worker.on('error', reject);
});
await new Promise((resolve) => worker.on('exit', resolve));
await collect();
for (let i = 0; i < 20; i++) new WebAssembly.Memory({ initial: 1 });
check(new Uint8Array(received)[0] === 42, 'what a thread has sent went with the thread');
new Uint8Array(received).fill(1);
done();
