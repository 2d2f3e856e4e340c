/** Signals, workers and other copies of the package, each in a child process of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';

interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

function run(scenario: string, ...flags: string[]): Promise<Outcome> {
  const script = join(import.meta.dirname, 'children.js');
  const child = spawn(process.execPath, [...flags, script, scenario], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 30000);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, output });
    });
  });
}

for (const scenario of [
  'v8 traps work beside own traps',
  'v8 traps in a host call below wasm',
  'a second copy of the package in one thread',
  'somebody replaces the signal stack',
  'workers have records of their own',
  'a spinning worker is terminated',
  'a worker that spins below a host call below wasm is terminated',
  'the process exits while a worker spins',
  'many workers one after the other leave nothing behind',
  'signals with handlers of Node, however little room wasm has',
  'process.exit in a host call',
  'process.exit in a host call in a worker',
  'a worker is terminated in a host call',
]) {
  test(scenario, async (t) => {
    const outcome = await run(scenario);
    t.deepEqual(outcome, { code: 0, signal: null, output: '' });
  });
}

test('v8 traps without its trap handler', async (t) => {
  const outcome = await run('v8 traps work beside own traps', '--disable-wasm-trap-handler');
  t.deepEqual(outcome, { code: 0, signal: null, output: '' });
});

test('a handler of Node that was there before', async (t) => {
  const handler = "globalThis.signals = 0; process.on('SIGUSR2', () => { globalThis.signals++; });";
  const outcome = await run(
    'signals with a handler of Node that was there before',
    `--import=data:text/javascript,${handler}`,
  );
  t.deepEqual(outcome, { code: 0, signal: null, output: '' });
});

test('machines that are dropped are freed', async (t) => {
  t.deepEqual(await run('machines that are dropped are freed', '--expose-gc'), { code: 0, signal: null, output: '' });
});

test('with a CPU profiler', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'profile-'));
  const outcome = await run(
    'with a CPU profiler',
    '--cpu-prof',
    '--cpu-prof-interval=200',
    `--cpu-prof-dir=${directory}`,
  );
  t.deepEqual(outcome, { code: 0, signal: null, output: '' });
  t.is(readdirSync(directory).length, 1);
  rmSync(directory, { recursive: true });
});

for (const scenario of [
  'SIGSEGV in foreign code',
  'SIGFPE in foreign code',
  'SIGILL in foreign code',
  'SIGSEGV in foreign code called from a host call',
  'SIGSEGV sent by kill',
  'SIGBUS sent by kill',
]) {
  test(scenario, async (t) => {
    const { signal } = await run(scenario);
    t.is(signal, scenario.split(' ')[0] as string);
  });
}
