import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { WebAssembly } from '../../src/index.js';
import { wat } from './wat.js';

const child = new URL('./worker-child.js', import.meta.url);

test('workers have engines of their own; traps there do not touch this thread', async (t) => {
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(
      wat('(module (func (export "f") (param i32) (result i32) (i32.load8_u (local.get 0))) (memory 1))'),
    ),
  );
  const workers = [1, 2, 3].map((value) => new Worker(child, { workerData: { value } }));
  const replies = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
  for (const [i, reply] of replies.entries()) {
    t.deepEqual(reply, { result: 2 * (i + 1), messages: ['unreachable', 'Maximum call stack size exceeded'] });
  }
  t.throws(() => exports['f'](-1), { instanceOf: WebAssembly.RuntimeError });
  t.is(exports['f'](5), 0);
});
