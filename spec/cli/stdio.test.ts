/** Standard streams of `beamline run`: pipes of every kind, readers that are slow or gone, terminals. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { wat } from '../api/wat.js';

const folder = mkdtempSync(join(tmpdir(), 'beamline-stdio-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.js');
const size = 64 * 65536;

/** 64 writes of 64 KiB in three parts to a descriptor; ends with errno, or 99 if a write was not whole. */
const writer = (fd: number, before = '') => `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_renumber" (func $fd_renumber (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_set_flags" (func $flags (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  (func (export "_start") (local $i i32) (local $e i32)
    ${before}
    (memory.fill (i32.const 65536) (i32.const 120) (i32.const 65536))
    (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const 1000))
    (i32.store (i32.const 8) (i32.const 65536)) (i32.store (i32.const 12) (i32.const 0))
    (i32.store (i32.const 16) (i32.const 66536)) (i32.store (i32.const 20) (i32.const 64536))
    (loop $l
      (local.set $e (call $fd_write (i32.const ${fd}) (i32.const 0) (i32.const 3) (i32.const 32)))
      (if (local.get $e) (then (call $exit (local.get $e))))
      (if (i32.ne (i32.load (i32.const 32)) (i32.const 65536)) (then (call $exit (i32.const 99))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 64))))))`;

/** Copies standard input to standard output; ends with errno if a read fails. */
const copier = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  (func (export "_start") (local $e i32)
    (loop $l
      (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const 65536))
      (local.set $e (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (local.get $e) (then (call $exit (local.get $e))))
      (if (i32.eqz (i32.load (i32.const 8))) (then (return)))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (local.set $e (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (local.get $e) (then (call $exit (local.get $e))))
      (br $l))))`;

function file(name: string, text: string): string {
  const path = join(folder, `${name}.wasm`);
  writeFileSync(path, wat(text));
  return path;
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));

/** A process that reads nothing for a while, then counts. */
function slowReader() {
  const child = spawn('sh', ['-c', 'sleep 0.3; wc -c'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  return { child, count: ended(child).then(() => Number(out)) };
}

/** A shell command, with `$node` and `$main` in it. */
async function shell(command: string): Promise<{ code: number | null; out: string }> {
  const env = { ...process.env, node: process.execPath, main };
  const child = spawn('bash', ['-c', `set -o pipefail; ${command}`], { env, cwd: folder, stdio: 'pipe' });
  let out = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  child.stderr.on('data', (data) => {
    out += data;
  });
  const code = await ended(child);
  return { code, out: out.trim() };
}

test('nothing is lost in a pipe with a slow reader', async (t) => {
  file('out', writer(1));
  file('err', writer(2));
  t.deepEqual(await shell('$node $main run out.wasm | (sleep 0.3; wc -c)'), { code: 0, out: `${size}` });
  t.deepEqual(await shell('$node $main run err.wasm 2>&1 >&- | (sleep 0.3; wc -c)'), { code: 0, out: `${size}` });
});

test('nothing is lost where the pipe is non-blocking, as Node makes those that it holds', async (t) => {
  for (const [name, before] of [
    ['plain', ''],
    ['renumbered', '(drop (call $fd_renumber (i32.const 1) (i32.const 2)))'],
  ]) {
    const path = file(name as string, writer(before === '' ? 1 : 2, before));
    const { child, count } = slowReader();
    // The parent's end of a child's pipe, handed on.
    const { fd } = (child.stdin as unknown as { _handle: { fd: number } })._handle;
    const program = spawn(process.execPath, [main, 'run', path], { stdio: ['ignore', fd, 'inherit'] });
    t.is(await ended(program), 0, name);
    child.stdin.destroy();
    t.is(await count, size, name);
  }
});

/** Run a program whose output nobody reads. */
async function unread(path: string, ...options: string[]): Promise<{ code: number | null; err: string }> {
  const program = spawn(process.execPath, [main, 'run', ...options, path], { stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  program.stderr.on('data', (data) => {
    err += data;
  });
  const code = await new Promise<number | null>((resolve) => program.on('exit', resolve));
  program.stdout.destroy();
  return { code, err };
}

test('a program that asks for a non-blocking stream is told EAGAIN, or what was taken', async (t) => {
  const { code } = await unread(file('asks', writer(1, '(drop (call $flags (i32.const 1) (i32.const 4)))')));
  t.true(code === 6 || code === 99, `${code}`);
});

test('input from a slow pipe, a non-blocking one too', async (t) => {
  file('copy', copier);
  const slow = '(head -c 100000 /dev/zero; sleep 0.3; head -c 100000 /dev/zero)';
  t.deepEqual(await shell(`${slow} | $node $main run copy.wasm | wc -c`), { code: 0, out: '200000' });
  // The first reader makes the pipe non-blocking, and stays.
  const both = `($node -e 'process.stdin; setTimeout(() => {}, 1500)' <&0 & sleep 0.4; exec $node $main run copy.wasm)`;
  const late = '(sleep 1.2; head -c 200000 /dev/zero)';
  t.deepEqual(await shell(`${late} | ${both} | wc -c`), { code: 0, out: '200000' });
});

test('files and terminals', async (t) => {
  const path = file('out2', writer(1));
  const target = join(folder, 'out.txt');
  const program = spawn(process.execPath, [main, 'run', path], { stdio: ['ignore', openSync(target, 'w'), 'inherit'] });
  t.is(await ended(program), 0);
  t.is(readFileSync(target).length, size);
  // A terminal, read slowly; a slow compilation shows a line there, without the letter that is counted.
  const command = `script -qefc "'$node' '$main' run out2.wasm" /dev/null < /dev/null | (sleep 0.3; tr -dc x | wc -c)`;
  t.deepEqual(await shell(command), { code: 0, out: `${size}` });
});

test('a reader that goes away ends the program as SIGPIPE would, without a word', async (t) => {
  file('out3', writer(1));
  t.deepEqual(await shell('$node $main run out3.wasm | head -c 3'), { code: 141, out: 'xxx' });
  t.deepEqual(await shell('$node $main --help | true'), { code: 141, out: '' });
  file('numbers', '(module (func (export "f") (result i32) (i32.const 7)))');
  t.deepEqual(await shell('$node $main inspect numbers.wasm | true'), { code: 141, out: '' });
  t.deepEqual(await shell('$node $main run -i f numbers.wasm | true'), { code: 141, out: '' });
  // Nobody reads what went wrong: the exit code still says it.
  t.is((await shell('exec 3>&1; $node $main run --bad numbers.wasm 2>&1 >&3 | true')).code, 2);
});

test('a deadline ends a program that waits for its reader', async (t) => {
  const { code, err } = await unread(file('out4', writer(1)), '--deadline', '400');
  t.is(code, 134);
  t.regex(err, /execution interrupted/);
});

test('a program may close its streams', async (t) => {
  const close = `(module (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start") (drop (call $close (i32.const 1))) (drop (call $close (i32.const 2))) unreachable))`;
  file('close', close);
  t.deepEqual(await shell('timeout 100 $node $main run close.wasm'), { code: 134, out: '' });
  const index = new URL('../../src/index.js', import.meta.url).href;
  const script = `await import("${index}"); fs.closeSync(1); process.exitCode = 3`;
  t.is((await shell(`timeout 100 $node --input-type=module -e 'import fs from "node:fs"; ${script}'`)).code, 3);
});
