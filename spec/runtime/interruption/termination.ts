/**
 * Workers that are terminated while the engine compiles, runs, calls JS, grows, copies and traps, at a random moment.
 *
 *     node dist/spec/runtime/interruption/termination.js [count]
 *
 * Prints how long `worker.terminate()` took per kind of work; exits with 1 if one took longer than ten seconds. The engine
 * is in the workers only.
 */
import { pathToFileURL } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const kinds = ['compile', 'run', 'host call', 'grow', 'copy', 'trap'] as const;
type Kind = (typeof kinds)[number];

const hangMs = 10_000;

/** How long each termination took, in milliseconds, by kind; Infinity for one that did not come to an end. */
export async function terminateWorkers(count: number): Promise<Map<Kind, number[]>> {
  const times = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]));
  for (let i = 0; i < count; i++) {
    const kind = kinds[i % kinds.length] as Kind;
    times.get(kind)?.push(await terminateOne(kind));
  }
  return times;
}

async function terminateOne(kind: Kind): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { kind } });
  await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await new Promise((resolve) => setTimeout(resolve, 20 * Math.random()));
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<number>((resolve) => {
    timer = setTimeout(() => resolve(Number.POSITIVE_INFINITY), hangMs);
  });
  const ended = worker.terminate().then(() => performance.now() - start);
  const time = await Promise.race([ended, late]);
  clearTimeout(timer);
  return time;
}

/** Work without an end, of each kind. */
async function work(kind: Kind): Promise<void> {
  const { WebAssembly } = await import('../../../src/index.js');
  const { wat } = await import('../../api/wat.js');
  const bytes = await wat(`(module
    (import "m" "f" (func $f)) (memory (export "memory") 1 20000) (table (export "table") 1 100000 externref)
    (func (export "run") (loop (br 0)))
    (func (export "call") (loop (call $f) (br 0)))
    (func (export "grow") (result i32) (table.grow (ref.null extern) (i32.const 1)) (memory.grow (i32.const 1)) (i32.add))
    (func (export "copy") (loop
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536))
      (memory.copy (i32.const 1) (i32.const 0) (i32.const 65535)) (br 0)))
    (func (export "trap") (unreachable))
    ${Array.from({ length: 300 }, (_, i) => `(func (result i32) (i32.const ${i}) (i32.const 1) (i32.add))`).join('\n')})`);
  const instantiate = (): Record<string, () => number> => {
    const m = { f: () => {} };
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), { m }).exports as never;
  };
  let exports = instantiate();
  parentPort?.postMessage('ready');
  const steps: Record<Kind, () => void> = {
    compile: () => void instantiate(),
    run: () => exports['run']?.(),
    'host call': () => exports['call']?.(),
    grow: () => {
      if ((exports['grow']?.() ?? 0) > 2000) exports = instantiate();
    },
    copy: () => exports['copy']?.(),
    trap: () => {
      try {
        exports['trap']?.();
      } catch {
        // Again.
      }
    },
  };
  for (;;) steps[kind]();
}

if (!isMainThread && workerData?.kind !== undefined) await work(workerData.kind);
else if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const times = await terminateWorkers(Number(process.argv[2] ?? 500));
  let hangs = 0;
  for (const [kind, list] of times) {
    list.sort((a, b) => a - b);
    const at = (part: number): string => (list[Math.ceil(part * (list.length - 1))] ?? 0).toFixed(1);
    const slow = list.filter((time) => time > 50).length;
    hangs += list.filter((time) => time === Number.POSITIVE_INFINITY).length;
    console.log(`${kind}: ${list.length}, median ${at(0.5)} ms, longest ${at(1)} ms, ${slow} above 50 ms`);
  }
  console.log(hangs === 0 ? 'ok' : `${hangs} were not terminated`);
  process.exit(hangs === 0 ? 0 : 1);
}
