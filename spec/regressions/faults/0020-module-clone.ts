/**
 * A module could not be cloned: neither by structuredClone nor on any way to another thread. And it has to outlive the
 * thread that made it.
 *
 * @runs library
 * @runs drop-in
 * @seconds 60
 */
import { fileURLToPath } from 'node:url';
import {
  BroadcastChannel,
  MessageChannel,
  parentPort,
  receiveMessageOnPort,
  Worker,
  workerData,
} from 'node:worker_threads';
import { check, done, Engine, WebAssembly as library, wat } from './support.js';

type Namespace = typeof library;
type Order = { readonly mode: string; readonly job: string; readonly module?: unknown };

const order: Order = workerData ?? { mode: process.argv[2] ?? 'library', job: 'main' };
if (order.mode === 'drop-in') await import('../../../src/register.js');
const wasm: Namespace = order.mode === 'drop-in' ? (Reflect.get(globalThis, 'WebAssembly') as Namespace) : library;

/** The sum that a module as received computes; -1 if something is wrong with the object. */
function sumOf(received: unknown): number {
  const module = received as InstanceType<Namespace['Module']>;
  if (!(module instanceof wasm.Module)) return -1;
  if (wasm.Module.exports(module)[0]?.name !== 'add' || wasm.Module.imports(module).length !== 0) return -1;
  if (Object.prototype.toString.call(module) !== '[object WebAssembly.Module]') return -1;
  return (new wasm.Instance(module).exports['add'] as (a: number, b: number) => number)(2, 3);
}

function startWorker(job: string, module?: unknown): Worker {
  return new Worker(fileURLToPath(import.meta.url), { workerData: { mode: order.mode, job, module } });
}

async function nextMessage(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function main(): Promise<void> {
  const module = new wasm.Module(
    wat('(func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))'),
  );
  check(sumOf(structuredClone(module)) === 5, 'structuredClone');
  check(sumOf(structuredClone({ a: [module] }).a[0]) === 5, 'structuredClone, nested');
  const clone = structuredClone(module);
  check((await wasm.instantiate(clone)).exports['add'] !== undefined, 'instantiate');
  const engine = new Engine();
  check(
    typeof new engine.WebAssembly.Instance(structuredClone(module)).exports['add'] === 'function',
    'another engine',
  );

  const { port1, port2 } = new MessageChannel();
  port1.postMessage({ module });
  check(sumOf(receiveMessageOnPort(port2)?.message.module) === 5, 'MessageChannel');
  port1.close();
  const [sender, receiver] = [new BroadcastChannel('0020'), new BroadcastChannel('0020')];
  const broadcast = new Promise<unknown>((resolve) => {
    receiver.onmessage = (event) => resolve((event as { data: unknown }).data);
  });
  sender.postMessage(module);
  check(sumOf(await broadcast) === 5, 'BroadcastChannel');
  sender.close();
  receiver.close();

  const byData = startWorker('data', module);
  check((await nextMessage(byData)) === 5, 'workerData');
  const byMessage = startWorker('message');
  byMessage.postMessage({ deep: { module } });
  check((await nextMessage(byMessage)) === 5, 'postMessage');

  // The sender ends, and so does its heap, before anybody looks at what it sent.
  const dying = startWorker('send');
  const received = nextMessage(dying);
  await new Promise((resolve) => dying.once('exit', resolve));
  check(sumOf(await received) === 5, 'a module outlives its thread');
  await Promise.all([byData.terminate(), byMessage.terminate()]);
}

switch (order.job) {
  case 'data':
    parentPort?.postMessage(sumOf(order.module));
    break;
  case 'message':
    parentPort?.once('message', ({ deep }) => parentPort?.postMessage(sumOf(deep.module)));
    break;
  case 'send':
    parentPort?.postMessage(
      new wasm.Module(wat('(func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))')),
    );
    process.exit(0);
    break;
  default:
    await main();
    done();
}
