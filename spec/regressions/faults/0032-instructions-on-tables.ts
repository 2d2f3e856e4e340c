/**
 * A program that spends nearly all its time in instructions on many elements of a table could not be stopped: nobody is paused in
 * these, and what had interrupted them was forgotten. And a program that had used a table once never waited for its turn: a register
 * still had the address of an element.
 */
import vm from 'node:vm';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { check, done, Engine, wat } from './support.js';

const count = 300_000;
/** Five milliseconds of an instruction at most, and whatever a busy machine adds. */
const late = 2000;

const bytes = await wat(`(module
  (table $t ${count} funcref)
  (table $r ${count} externref)
  (elem $s func ${'$f '.repeat(5000)})
  (func $f)
  (func (export "up") (loop (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const ${count - 1})) (br 0)))
  (func (export "down") (loop (table.copy $t $t (i32.const 1) (i32.const 0) (i32.const ${count - 1})) (br 0)))
  (func (export "fill") (loop (table.fill $t (i32.const 0) (ref.func $f) (i32.const ${count})) (br 0)))
  (func (export "init") (loop (table.init $t $s (i32.const 0) (i32.const 0) (i32.const 5000)) (br 0)))
  (func (export "refsUp") (loop (table.copy $r $r (i32.const 0) (i32.const 1) (i32.const ${count - 1})) (br 0)))
  (func (export "refsDown") (loop (table.copy $r $r (i32.const 1) (i32.const 0) (i32.const ${count - 1})) (br 0)))
  (func (export "refsFill") (loop (table.fill $r (i32.const 0) (ref.null extern) (i32.const ${count})) (br 0)))
  (func (export "set") (table.set $t (i32.const 0) (ref.func $f)) (loop (br 0)))
  (func (export "refsSet") (table.set $r (i32.const 0) (ref.null extern)) (loop (br 0))))`);
const names = ['up', 'down', 'fill', 'init', 'refsUp', 'refsDown', 'refsFill', 'set', 'refsSet'];

function start(engine: Engine, name: string): () => void {
  const { Instance, Module } = engine.WebAssembly;
  return new Instance(new Module(bytes)).exports[name] as () => void;
}

if (!isMainThread) {
  const run = start(new Engine(), workerData as string);
  parentPort?.postMessage('ready');
  run();
}

async function terminated(name: string): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: name });
  await new Promise((resolve) => worker.once('message', resolve));
  await new Promise((resolve) => setTimeout(resolve, 20));
  // `terminate` waits for the thread.
  const watchdog = setTimeout(() => check(false, `${name}: the worker does not end`), 10_000);
  await worker.terminate();
  clearTimeout(watchdog);
}

for (const name of names) {
  const engine = new Engine();
  const run = start(engine, name);
  const timed = (what: string, call: () => unknown, expected: string): void => {
    const from = performance.now();
    let message = '';
    try {
      call();
    } catch (error) {
      message = (error as Error).message;
    }
    const ms = performance.now() - from;
    check(message.includes(expected), `${name}, ${what}: ${message}`);
    check(ms < late, `${name}, ${what}: after ${ms} ms`);
  };
  timed('a deadline', () => engine.withDeadline(20, run), 'execution interrupted');
  timed('a timeout of vm', () => vm.runInNewContext('run()', { run }, { timeout: 20 }), 'timed out');

  // Two programs and the event loop.
  const controller = new AbortController();
  const ends = [run, run].map((program) =>
    engine
      .sliced(program, { signal: controller.signal })()
      .then(
        () => 'an end',
        (error: Error) => error.message,
      ),
  );
  const from = performance.now();
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 1));
  check(performance.now() - from < late, `${name}, time slices: five turns in ${performance.now() - from} ms`);
  controller.abort(new Error('enough'));
  for (const end of ends) {
    const message = await end;
    check(message === 'enough', `${name}, time slices: ${message}`);
  }
  engine.dispose();
  await terminated(name);
}
done();
