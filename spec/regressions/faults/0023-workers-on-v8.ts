/**
 * Workers with flags, an environment or a source text of their own had V8's `WebAssembly` under `beamline/register`,
 * without a word.
 *
 * @flags --no-warnings
 * @seconds 240
 */
import { SHARE_ENV, Worker, type WorkerOptions } from 'node:worker_threads';
import { check, done } from './support.js';

await import('../../../src/register.js');

const text = `const { parentPort, workerData } = require('node:worker_threads');
  parentPort.postMessage(['promising' in WebAssembly && !WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 3, 1, 95, 0)), process.env.OWN, workerData]);`;
const source = `import { parentPort, workerData } from 'node:worker_threads';
  parentPort.postMessage(['promising' in WebAssembly && !WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 3, 1, 95, 0)), process.env.OWN, workerData]);`;
const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);

function run(file: string | URL, options: WorkerOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, { ...options, workerData: 7 });
    check(worker instanceof Worker, 'instanceof');
    worker
      .on('message', resolve)
      .on('error', reject)
      .on('exit', () => reject(new Error('no message')));
  });
}

const ways: [string, string | URL, WorkerOptions][] = [
  ['plain', url, {}],
  ['flags', url, { execArgv: [] }],
  ['environment', url, { env: { OWN: 'x' } }],
  ['both', url, { execArgv: ['--no-warnings'], env: { OWN: 'x' } }],
  ['shared environment', url, { env: SHARE_ENV }],
  ['limits', url, { resourceLimits: { maxOldGenerationSizeMb: 64, stackSizeMb: 2 } }],
  ['text', text, { eval: true }],
  ['text and flags', text, { eval: true, execArgv: [], env: { OWN: 'x' } }],
  [
    'text in strict mode',
    `'use strict'; const f = function () { return this; }; if (f() !== undefined) throw f; ${text}`,
    { eval: true },
  ],
];
for (const [name, file, options] of ways) {
  const [isBeamline, own, data] = (await run(file, options)) as [boolean, string | undefined, number];
  check(isBeamline, `${name}: V8's`);
  check(data === 7 && own === (typeof options.env === 'object' ? 'x' : undefined), `${name}: options`);
}
// Wrong options are refused as before, and subclasses work.
for (const wrong of [{ execArgv: ['--expose-gc'] }, { execArgv: 5 }]) {
  try {
    new Worker(url, wrong as WorkerOptions);
    check(false, 'wrong flags are taken');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    check(code === 'ERR_WORKER_INVALID_EXEC_ARGV' || code === 'ERR_INVALID_ARG_TYPE', `${error}`);
  }
}
class Derived extends Worker {}
const derived = new Derived(text, { eval: true, workerData: 7 });
check(derived instanceof Derived && derived instanceof Worker, 'a subclass');
await derived.terminate();
done();
