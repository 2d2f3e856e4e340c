/**
 * What a process may not do was told with a stack of Node's, or not at all: each case is one line that says what is missing
 * and what to do; for the command line with exit code 1.
 *
 * @seconds 240
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, done, wat } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'beamline-0026-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const source = new URL('../../../src/', import.meta.url);
const register = new URL('register.js', source).href;
const bytes = wat(
  '(module (memory 1) (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))',
);
const module = put('add.wasm', bytes);
const run = `console.log(new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([${bytes}]))).exports.add(2, 3));`;
const library = put(
  'library.mjs',
  `const { WebAssembly } = await import(${JSON.stringify(new URL('index.js', source).href)}); ${run}`,
);
const program = put('program.mjs', run);
const cli = fileURLToPath(new URL('cli/main.js', source));

/** A preload: functions of Node that fail as they would in a system that does not offer something. */
const noProc = put(
  'no-proc.cjs',
  `const fs = require('fs'); const read = fs.readFileSync;
   fs.readFileSync = (path, ...rest) => {
     if (String(path).startsWith('/proc/')) throw Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' });
     return read(path, ...rest);
   };
   require('module').syncBuiltinESMExports();`,
);
const koffi = JSON.stringify(fileURLToPath(import.meta.resolve('koffi')));
/** A seccomp filter of this thread: the system call fails with ENOSYS (or EPERM for executable memory). */
const filter = (call: number, errno: number): string =>
  `const koffi = require(${koffi}); const libc = koffi.load('libc.so.6');
   const prctl = libc.func('int prctl(int, intptr_t, intptr_t, intptr_t, intptr_t)');
   const words = [[0x20, 0, 0, 0], [0x15, 0, 1, ${call}], [6, 0, 0, 0x50000 + ${errno}], [6, 0, 0, 0x7fff0000]];
   const code = Buffer.alloc(32);
   words.forEach(([op, yes, no, k], i) => { code.writeUInt16LE(op, 8 * i); code[8 * i + 2] = yes; code[8 * i + 3] = no; code.writeUInt32LE(k, 8 * i + 4); });
   const head = Buffer.alloc(16); head.writeUInt16LE(4); head.writeBigUInt64LE(BigInt(koffi.address(code)), 8);
   if (prctl(38, 1, 0, 0, 0) !== 0 || prctl(22, 2, Number(koffi.address(head)), 0, 0) !== 0) process.exit(99);
   globalThis.kept = [code, head];`;
const noMemoryFile = put('no-memfd.cjs', filter(319, 38));
const permission = Number.parseInt(process.versions.node, 10) < 24 ? '--experimental-permission' : '--permission';

/** Flags, and what the error says; nothing where all works. */
const cases: [string, string[], RegExp | undefined][] = [
  ['jitless', ['--jitless'], undefined],
  ['no addons', ['--no-addons'], /^Beamline needs a native addon \(koffi\), .*: run Node without --no-addons$/],
  [
    'permissions',
    [permission, '--allow-fs-read=*'],
    /^Beamline needs a native addon \(koffi\), .*: add --allow-addons/,
  ],
  ['permissions with addons', [permission, '--allow-fs-read=*', '--allow-addons'], undefined],
  ['no /proc', ['--require', noProc], /^Beamline must know .* cannot read \/proc\/cpuinfo \(ENOENT\): mount \/proc/],
  ['no memory files', ['--require', noMemoryFile], /^memfd_create: ENOSYS \(.*the system must allow them\)$/],
];
const ways: [string, string[]][] = [
  ['library', [library]],
  ['register', ['--import', register, program]],
  ['command line', [cli, 'run', '-i', 'add', module, '2', '3']],
];
for (const [name, flags, message] of cases) {
  for (const [way, args] of ways) {
    const child = spawnSync(process.execPath, ['--no-warnings', ...flags, ...args], { encoding: 'utf8' });
    const what = `${name}, ${way}: exit code ${child.status}, signal ${child.signal}\n${child.stdout}${child.stderr}`;
    if (message === undefined) {
      check(child.status === 0 && child.stdout === '5\n', what);
      continue;
    }
    check(child.status === 1 && child.stdout === '', what);
    const lines = child.stderr.split('\n').map((line) => line.replace(/^(?:beamline: )?(?:\w*Error: )?/, ''));
    check(
      lines.some((line) => message.test(line)),
      what,
    );
    if (way === 'command line') check(lines.length === 2, `more than a line: ${what}`);
  }
}
done();
