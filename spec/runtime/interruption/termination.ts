/**
 * Workers that are terminated while the engine compiles, runs, calls JS, grows, copies and traps, at a random moment, and
 * processes that exit while a worker is busy. V8 does the same beside it, turn by turn: how long a machine takes to end a
 * thread is not the engine's doing.
 *
 *     node dist/spec/runtime/interruption/termination.js [count] [exits]
 *
 * As a library, as a drop-in, and on V8. Prints how long `worker.terminate()` and `process.exit()` took; exits with 1 if one
 * took longer than ten seconds, or if the engine was above 50 ms more often than V8 and once in fifty.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const kinds = ['compile', 'run', 'host call', 'grow', 'copy', 'trap'] as const;
type Kind = (typeof kinds)[number];
const engines = ['library', 'drop-in', 'V8'] as const;
type EngineName = (typeof engines)[number];

const hangMs = 10_000;
const wantedMs = 50;
const register = new URL('../../../src/register.js', import.meta.url).href;

function flagsOf(engine: EngineName): string[] {
  return engine === 'drop-in' ? ['--import', register] : [];
}

/** How long each termination took, in milliseconds, by kind; Infinity for one that did not come to an end. */
export async function terminateWorkers(count: number, engine: EngineName = 'library'): Promise<Map<Kind, number[]>> {
  const times = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]));
  for (let i = 0; i < count; i++) {
    const kind = kinds[i % kinds.length] as Kind;
    times.get(kind)?.push(await terminateOne(kind, engine));
  }
  return times;
}

async function terminateOne(kind: Kind, engine: EngineName): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { kind, engine }, execArgv: flagsOf(engine) });
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

/** From `process.exit()` in a process with a busy worker to its end. */
function exitOne(kind: Kind, engine: EngineName): Promise<number> {
  return new Promise((resolve, reject) => {
    const args = [...flagsOf(engine), fileURLToPath(import.meta.url), 'exit', kind, engine];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    // A busy machine takes its time until the worker is at work.
    let timer = setTimeout(() => child.kill('SIGKILL'), 6 * hangMs);
    let begun = Number.NaN;
    child.stdout.once('data', (text) => {
      begun = Number(text);
      clearTimeout(timer);
      timer = setTimeout(() => child.kill('SIGKILL'), hangMs);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(
        code === 7 && signal === null ? performance.timeOrigin + performance.now() - begun : Number.POSITIVE_INFINITY,
      );
    });
  });
}

/** The child of `exitOne`. */
async function exitWithBusyWorker(kind: Kind, engine: EngineName): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { kind, engine } });
  await new Promise((resolve) => worker.once('message', resolve));
  await new Promise((resolve) => setTimeout(resolve, 20 * Math.random()));
  process.stdout.write(String(performance.timeOrigin + performance.now()), () => process.exit(7));
}

/** Work without an end, of each kind. */
async function work(kind: Kind, engine: EngineName): Promise<void> {
  const { WebAssembly } =
    engine === 'library'
      ? await import('../../../src/index.js')
      : (globalThis as unknown as typeof import('../../../src/index.js'));
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
    return new WebAssembly.Instance(new WebAssembly.Module(bytes as never), { m }).exports as never;
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

/** One line about a list of times; returns how many were above 50 ms, and how many had no end. */
function tell(name: string, times: number[]): { slow: number; hangs: number } {
  times.sort((a, b) => a - b);
  const at = (part: number): string => (times[Math.ceil(part * (times.length - 1))] ?? 0).toFixed(1);
  const slow = times.filter((time) => time > wantedMs).length;
  console.log(
    `${name}: ${times.length}, median ${at(0.5)} ms, 99 % ${at(0.99)} ms, longest ${at(1)} ms, ${slow} above 50`,
  );
  return { slow, hangs: times.filter((time) => time === Number.POSITIVE_INFINITY).length };
}

/** Each engine in turn, `count` times each. */
async function compare(
  name: string,
  count: number,
  one: (kind: Kind, engine: EngineName) => Promise<number>,
): Promise<boolean> {
  const times = new Map<EngineName, number[]>(engines.map((engine) => [engine, []]));
  for (let i = 0; i < count; i++) {
    for (const engine of engines) times.get(engine)?.push(await one(kinds[i % kinds.length] as Kind, engine));
  }
  const results = engines.map((engine) => tell(`${name}, ${engine}`, times.get(engine) as number[]));
  const v8 = results[engines.indexOf('V8')]?.slow ?? 0;
  return results.every(({ slow, hangs }) => hangs === 0 && slow <= Math.max(v8 + 2, count / 50));
}

async function main(): Promise<void> {
  const terminated = await compare('worker.terminate', Number(process.argv[2] ?? 500), terminateOne);
  const exited = await compare('process.exit', Number(process.argv[3] ?? 50), exitOne);
  const ok = terminated && exited;
  console.log(ok ? 'ok' : 'too slow');
  process.exit(ok ? 0 : 1);
}

if (!isMainThread && workerData?.kind !== undefined) await work(workerData.kind, workerData.engine);
else if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv[2] === 'exit') await exitWithBusyWorker(process.argv[3] as Kind, process.argv[4] as EngineName);
  else await main();
}
