/** WASI preview 1 by `node:wasi`: C programs that work on real files, with the results and files that V8 leaves. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { runNode } from '../real/harness.js';
import { root } from '../real/program.js';
import type { Task } from './child.js';

const programs = join(root, 'spec', 'wasi', 'programs');

/** A folder with some files, the same each time. */
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'beamline-wasi-'));
  mkdirSync(join(folder, 'sub', 'deeper'), { recursive: true });
  writeFileSync(join(folder, '1.txt'), 'one two\nthree\n');
  writeFileSync(join(folder, 'ünicode.txt'), 'äöü €');
  writeFileSync(join(folder, 'sub', 'large.bin'), Buffer.alloc(300_000, 'Beamline'));
  writeFileSync(join(folder, 'sub', 'deeper', 'empty'), '');
  symlinkSync('../1.txt', join(folder, 'sub', 'link'));
  symlinkSync('/etc/passwd', join(folder, 'outside'));
  return folder;
}

/** All files below a folder with their contents. */
function contents(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .map((entry) => {
      const path = join(entry.path, entry.name);
      if (entry.isSymbolicLink()) return `${path.slice(folder.length)} -> ${readlinkSync(path)}`;
      return `${path.slice(folder.length)}: ${entry.isFile() ? readFileSync(path, 'base64') : ''}`;
    })
    .sort();
}

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number | string;
  readonly files: string[];
}

/** Run on both engines, compare everything, and return it. */
async function onBoth(
  t: ExecutionContext,
  args: string[],
  more: { env?: Record<string, string>; stdin?: string; calls?: Task['calls']; node?: string; exits?: boolean } = {},
): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (const engine of ['v8', 'beamline'] as const) {
    const folder = makeFolder();
    try {
      const task: Task = {
        module: join(programs, more.calls === undefined ? 'tool.wasm' : 'reactor.wasm'),
        options: {
          args: ['tool', ...args],
          env: more.env ?? {},
          preopens: { '/data': folder },
          ...(more.exits ? { returnOnExit: false } : {}),
        },
        ...(more.calls === undefined ? {} : { calls: more.calls }),
      };
      const script = join(import.meta.dirname, 'child.js');
      const options = {
        ...(more.stdin === undefined ? {} : { stdin: more.stdin }),
        ...(more.node === undefined ? {} : { node: more.node }),
      };
      const { stdout, stderr, exit, audits } = await runNode(engine, [script, JSON.stringify(task)], options);
      outcomes.push({ stdout, stderr, exit, files: contents(folder) });
      // proc_exit without returnOnExit ends the process at once: no audit then.
      if (engine === 'beamline' && !more.exits) t.true((audits[0]?.functionsCompiled ?? 0) > 10);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  t.deepEqual(outcomes[1], outcomes[0]);
  return outcomes[1] as Outcome;
}

test('arguments, environment, exit code', async (t) => {
  const { stdout, exit } = await onBoth(t, ['args', 'two words', '', 'ü'], { env: { HOME: '/data', EMPTY: '' } });
  t.is(stdout, '0: tool\n1: args\n2: two words\n3: \n4: ü\nHOME=/data\nEMPTY=\n');
  t.is(exit, 0);
  t.like(await onBoth(t, ['exit', '7']), { stdout: 'leaving\n', stderr: '', exit: 7 });
  t.like(await onBoth(t, ['exit', '9'], { exits: true }), { stdout: 'leaving\n', stderr: '', exit: 9 });
  t.like(await onBoth(t, ['nonsense']), { stderr: 'tool: unknown command nonsense\n', exit: 2 });
});

test('list a folder', async (t) => {
  const { stdout } = await onBoth(t, ['list', '/data']);
  t.is(
    stdout,
    '1.txt 14\noutside link 11\nsub/\n  deeper/\n    empty 0\n  large.bin 300000\n  link link 8\nünicode.txt 10\n',
  );
});

test('read files and standard input', async (t) => {
  t.regex((await onBoth(t, ['count', '/data/sub/large.bin'])).stdout, /^0 lines, 1 words, 300000 bytes, hash /);
  t.regex((await onBoth(t, ['count'], { stdin: 'a b\nc' })).stdout, /^1 lines, 3 words, 5 bytes, hash /);
});

test('write, overwrite, truncate, append, copy, rename, link, remove', async (t) => {
  const edited = await onBoth(t, ['edit', '/data/new.txt']);
  t.is(edited.stdout, '10 of 12: 2abc67END\n');
  t.true(edited.files.includes(`/new.txt: ${btoa('012abc67END\n')}`));
  const copied = await onBoth(t, ['copy', '/data/1.txt', '/data/sub/copy.txt']);
  t.true(copied.files.includes(`/sub/copy.txt: ${btoa('one two\nthree\n')}`));
  const tree = await onBoth(t, ['tree', '/data/made']);
  t.is(tree.stdout, 'link -> second.txt\n');
  t.deepEqual(
    tree.files.filter((line) => line.startsWith('/made')),
    ['/made/link -> second.txt', `/made/second.txt: ${btoa('pi 3.142\n')}`, '/made: '],
  );
  const removed = await onBoth(t, ['remove', '/data/1.txt']);
  t.false(removed.files.some((line) => line.startsWith('/1.txt')));
});

test('what is not allowed or not there', async (t) => {
  for (const path of ['/etc/passwd', '/data/../etc/passwd', '/data/outside', '/data/missing']) {
    t.like(await onBoth(t, ['count', path]), { stdout: '', exit: 1 });
  }
});

test('clocks, sleep, random numbers', async (t) => {
  t.is((await onBoth(t, ['clocks'])).stdout, 'slept, after 2020, random\n');
});

test('a trap and a second start', async (t) => {
  const trapped = await onBoth(t, ['abort']);
  t.deepEqual([trapped.stderr, trapped.exit], ['RuntimeError: unreachable\n', 99]);
  const again = await onBoth(t, ['args'], { env: { AGAIN: '1' } });
  t.regex(again.stderr, /WASI instance has already started/);
});

test('a reactor', async (t) => {
  const { stdout } = await onBoth(t, [], { calls: [['call'], ['call'], ['measure', 1], ['measure', 2]] });
  t.is(stdout, 'call() = 101\ncall() = 102\n/data/1.txt has 14 bytes\nmeasure(1) = 14\nmeasure(2) = -1\n');
});

test("mapped memories: Node's WASI says what it wants", async (t) => {
  const task: Task = { module: join(programs, 'tool.wasm'), options: { args: ['tool'], env: {} } };
  const script = join(import.meta.dirname, 'child.js');
  const run = await runNode('beamline', [script, JSON.stringify(task)], { env: { BEAMLINE_MEMORY: 'mmap' } });
  t.is(run.exit, 99);
  t.regex(run.stderr, /^TypeError: "instance\.exports\.memory" property must be a WebAssembly\.Memory object$/m);
});
