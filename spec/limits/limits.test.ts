/** Limits of the process: each gives right results, or one line that says what to do. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { projectRoot } from '../suite/format.js';

const child = join(projectRoot(), 'dist', 'spec', 'limits', 'child.js');
const major = Number(process.versions.node.split('.')[0]);

interface Case {
  name: string;
  /** Run before the program, in the same shell. */
  before?: string;
  flags?: string[];
  options?: object;
  /** The whole answer; `ok` unless said otherwise. */
  answer?: RegExp;
}

const gib = 1024 * 1024;
const trapHandlerOff = '--disable-wasm-trap-handler';
// V8 moves a memory at each growth where it has no guard pages.
const moving = major >= 22 ? ['--stress-wasm-memory-moving'] : [];
const small = { limits: { codeMemory: 16 << 20 } };

const cases: Case[] = [
  { name: 'no limit' },
  { name: '3 GiB of address space', before: `ulimit -v ${3 * gib}` },
  { name: '8 GiB of address space', before: `ulimit -v ${8 * gib}` },
  { name: '20 GiB of address space', before: `ulimit -v ${20 * gib}` },
  { name: '200 GiB of address space', before: `ulimit -v ${200 * gib}` },
  { name: '3 GiB, mapped memories', before: `ulimit -v ${3 * gib}`, options: { memory: 'mmap' } },
  { name: '1.5 GiB of address space, little code memory', before: `ulimit -v ${1.5 * gib}`, options: small },
  {
    name: '1.5 GiB of address space',
    before: `ulimit -v ${1.5 * gib}`,
    answer: /address space.*limits\.codeMemory.*ulimit -v/,
  },
  {
    name: '3 GiB, guard pages wanted',
    before: `ulimit -v ${3 * gib}`,
    options: { bounds: 'guard' },
    answer: /bounds: 'guard' needs 8 GiB of address space.*use bounds: 'check'/,
  },
  {
    name: '3 GiB, memories of V8 wanted',
    before: `ulimit -v ${3 * gib}`,
    options: { memory: 'v8' },
    answer: /memory: 'v8' does not work.*use memory: 'mmap'/,
  },
  { name: '500 MB of data', before: 'prlimit --pid $$ --data=500000000' },
  { name: '500 MB of data, checks', before: 'prlimit --pid $$ --data=500000000', options: { bounds: 'check' } },
  { name: 'no trap handler', flags: [trapHandlerOff] },
  { name: 'no trap handler, memories of V8', flags: [trapHandlerOff, ...moving], options: { memory: 'v8' } },
  { name: 'no trap handler, 3 GiB', before: `ulimit -v ${3 * gib}`, flags: [trapHandlerOff] },
  {
    name: 'no trap handler, memories of V8 with guard pages wanted',
    flags: [trapHandlerOff],
    options: { memory: 'v8', bounds: 'guard' },
    answer: /V8's trap handler is off; use memory: 'mmap' or bounds: 'check'/,
  },
  { name: 'no WebAssembly in V8', flags: ['--jitless'] },
  { name: 'no WebAssembly in V8, checks', flags: ['--jitless'], options: { bounds: 'check' } },
  { name: 'no WebAssembly in V8, 3 GiB', before: `ulimit -v ${3 * gib}`, flags: ['--jitless'] },
  {
    name: 'no WebAssembly in V8, its memories wanted',
    flags: ['--jitless'],
    options: { memory: 'v8' },
    answer: /memory: 'v8' does not work.*use memory: 'mmap'/,
  },
  { name: "V8's own bounds checks", flags: ['--wasm-enforce-bounds-checks'] },
];

function run({ before = ':', flags = [], options = {} }: Case): Promise<string> {
  const command = [process.execPath, ...flags, child, JSON.stringify(options)];
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  return new Promise((resolve, reject) => {
    const shell = spawn('/bin/bash', ['-c', `${before} && exec ${quoted}`], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    shell.stdout.on('data', (data) => {
      output += data;
    });
    shell.stderr.on('data', (data) => {
      errors += data;
    });
    shell.on('error', reject);
    shell.on('close', (code, signal) => {
      // V8 of older versions says on the same stream that --jitless switches WebAssembly off.
      const lines = output.split('\n').filter((line) => line !== '' && !line.startsWith('Warning: disabling flag'));
      resolve(lines.length === 1 ? (lines[0] as string) : `${lines.join('\n')}\n${errors}\nexit ${code}, ${signal}`);
    });
  });
}

for (const limited of cases) {
  test.serial(limited.name, async (t) => {
    t.regex(await run(limited), limited.answer ?? /^ok$/);
  });
}
