/** Run in several workers at once by release-child.ts: counts the objects that came back from wasm as others. */
import { parentPort, threadId } from 'node:worker_threads';
import { Engine } from '../../src/index.js';
import { instantiate } from './support.js';

const engine = new Engine();
const { f } = instantiate(
  engine,
  `(module (table 16 externref)
    (func (export "f") (param i32 externref) (result externref)
      (local.set 0 (i32.and (local.get 0) (i32.const 15)))
      (table.get (local.get 0)) (table.set (local.get 0) (local.get 1))))`,
);
let wrong = 0;
for (let i = 0; i < 200_000; i++) {
  const before = f(i, { threadId, i });
  if (i >= 16 && (before.threadId !== threadId || before.i !== i - 16)) wrong++;
}
parentPort?.postMessage({ wrong, live: engine.gc().live });
