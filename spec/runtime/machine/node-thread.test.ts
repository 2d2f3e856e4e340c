/** What the kernel says of Node's threads is what Node says. */
import { isMainThread, threadId, Worker } from 'node:worker_threads';
import test from 'ava';
import * as own from '../../../src/runtime/machine/node-thread.js';

test('here', (t) => {
  t.deepEqual([own.isMainThread, own.nodeThreadId], [isMainThread, threadId]);
});

test('in workers', async (t) => {
  const file = new URL('../../../src/runtime/machine/node-thread.js', import.meta.url).href;
  const text = `
    const { parentPort, isMainThread, threadId } = require('node:worker_threads');
    import('${file}').then((own) => parentPort.postMessage([own.isMainThread, own.nodeThreadId, isMainThread, threadId]));`;
  const workers = [1, 2].map(() => new Worker(text, { eval: true }));
  const said = await Promise.all(
    workers.map((worker) => new Promise<unknown[]>((done) => worker.once('message', done))),
  );
  await Promise.all(workers.map((worker) => worker.terminate()));
  for (const [main, id, mainOfNode, idOfNode] of said) t.deepEqual([main, id], [mainOfNode, idOfNode]);
  t.true(said.every(([main]) => main === false));
  t.not(said[0]?.[1], said[1]?.[1]);
});
