/**
 * A realm whose built-ins are all hostile: the engine's results are right, it asks for none of them but where the list says
 * why, and nothing of the engine's is handed out. `hostile-child.ts` has the command that does the same one by one.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import type { Finding } from './recorder.js';

const child = fileURLToPath(new URL('./hostile-child.js', import.meta.url));

interface Report {
  readonly places: number;
  readonly findings: Finding[];
  readonly wrong: { place: string; error: string }[];
}

async function run(...args: string[]): Promise<Report> {
  const { stdout } = await promisify(execFile)(process.execPath, [child, ...args], { maxBuffer: 1 << 28 });
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as Report;
}

interface Allowance {
  readonly caller: RegExp;
  readonly place: RegExp;
  /** What may be handed out, if anything. */
  readonly leak?: RegExp;
  readonly why: string;
}

const allowances: readonly Allowance[] = [
  {
    caller: /./,
    place: /^Promise\.prototype\.constructor$/,
    why: '`await` asks a promise for its constructor; what these promises carry is the program’s, or nothing',
  },
  {
    caller: /^src\/(runtime|stream\/source)\//,
    place: /^Object\.prototype\.then \(new\)$/,
    leak: /^a view of a buffer$/,
    why: 'a promise that is settled with an object of the program, or a chunk of its stream, asks it for `then`',
  },
  {
    caller: /./,
    place: /^(Type|Range)Error$/,
    why: 'errors for programs are made by the global of that name: a message',
  },
  {
    caller: /^src\/runtime\/api\/host-function\.js #writeResults$/,
    place: /(Symbol\.iterator\]|%ArrayIterator%\.prototype\.next)$/,
    why: 'several results are an iterable of the program',
  },
  {
    caller: /^src\/stream\/source\//,
    place:
      /^(Response|ReadableStream|String|RegExp)\.prototype|^Object\.prototype\.(toString|pipe|getReader|then|done|value) |toStringTag\]$/,
    why: 'sources are objects of the program: what they are, and what they give, is asked of them',
  },
];

/** Findings that no allowance explains. */
function open({ findings }: Report): string[] {
  return findings
    .filter(({ place, caller, leak }) => {
      return !allowances.some(
        (allowed) =>
          allowed.caller.test(caller) &&
          allowed.place.test(place) &&
          (leak === '' || allowed.leak?.test(leak) === true),
      );
    })
    .map(({ place, caller, leak, stack }) => `${place} <- ${caller}: ${leak}\n${stack}`);
}

test('all at once', async (t) => {
  const report = await run('--warm');
  t.true(report.places > 3000);
  t.deepEqual(report.wrong, []);
  t.deepEqual(open(report), []);
});

test('all at once, and lying to the engine', async (t) => {
  const report = await run('--warm', '--lie');
  t.deepEqual(report.wrong, []);
  t.deepEqual(open(report), []);
});

// Another sample each day.
const samples = 200;
const part = Math.floor(Date.now() / 86_400_000) % samples;

test(`one after the other: sample ${part} of ${samples}`, async (t) => {
  const report = await run('--lie', '--part', `${part}/${samples}`);
  t.deepEqual(report.wrong, []);
  t.deepEqual(open(report), []);
});
