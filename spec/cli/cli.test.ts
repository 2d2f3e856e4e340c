/** The command line in child processes: results, exit codes, one-line errors. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import wabt from 'wabt';
import type { Inspection } from '../../src/cli/inspect.js';
import { root } from '../real/program.js';
import { commandIn } from './command.js';

const folder = mkdtempSync(join(tmpdir(), 'beamline-cli-'));
const beamline = commandIn(folder);
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const source = `(module
  (memory (export "memory") 1)
  (global (export "g") (mut i32) (i32.const 7))
  (func $load (param i32) (result i32) (i32.load (local.get 0)))
  (func $spin (export "spin") (loop (br 0)))
  (func $recurse (export "recurse") (call $recurse))
  (func (export "read") (param i32) (result i32) (call $load (local.get 0)))
  (func (export "mixed") (param i32 i64 f32 f64) (result f64 i64)
    (f64.add (local.get 3) (f64.promote_f32 (local.get 2))) (i64.add (local.get 1) (i64.extend_i32_s (local.get 0))))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "extend") (param i32) (result i32) (i32.extend8_s (local.get 0))))`;

const file = join(folder, 'all.wasm');
const broken = join(folder, 'broken.wasm');
const tool = join(root, 'spec', 'wasi', 'programs', 'tool.wasm');
let bytes = new Uint8Array();

test.before(async () => {
  const { buffer } = (await wabt()).parseWat('all.wat', source).toBinary({ write_debug_names: true });
  bytes = new Uint8Array(buffer);
  writeFileSync(file, bytes);
  writeFileSync(broken, bytes.slice(0, bytes.length - 40));
});

test('run: an export with arguments of all number types', async (t) => {
  const { code, out, err } = await beamline(['run', '--invoke', 'mixed', file, '-2', '0x10', '1.5', '-inf']);
  t.deepEqual({ code, out, err }, { code: 0, out: '-Infinity\n14\n', err: '' });
});

test('run: wrong arguments of an export are wrong usage', async (t) => {
  for (const [args, message] of [
    [['4294967296'], "beamline: --invoke read: argument 1 must be i32, not '4294967296'\n"],
    [['1', '2'], 'beamline: --invoke read: it takes i32, not 2 arguments\n'],
  ] as const) {
    t.deepEqual(await beamline(['run', '-i', 'read', file, ...args]), { code: 2, out: '', err: message });
  }
  const { code, err } = await beamline(['run', '-i', 'nothing', file]);
  t.is(code, 2);
  t.regex(err, /^beamline: --invoke nothing: no function of this name is exported; there are spin, recurse, [^\n]*\n$/);
});

test('run: a trap names function and offset, exit code 134', async (t) => {
  const trap = await beamline(['run', '-i', 'read', file, '65536']);
  t.is(trap.code, 134);
  t.regex(trap.err, /^beamline: trap: memory access out of bounds \(function 0 load, offset 0x[0-9a-f]+\)\n$/);
  const verbose = await beamline(['run', '-v', '-i', 'read', file, '65536']);
  t.is(verbose.code, 134);
  t.regex(verbose.err, /\n {4}at load \(wasm:\/\/.*\n {4}at .*wasm-function\[3\]/);
  const division = await beamline(['run', '-i', 'divide', file, '1', '0']);
  t.regex(division.err, /^beamline: trap: divide by zero \(function 5, offset/);
  const overflow = await beamline(['run', '-i', 'recurse', file]);
  t.is(overflow.code, 134);
  t.regex(overflow.err, /^beamline: trap: Maximum call stack size exceeded \(function 2 recurse/);
});

test('run: a deadline ends a program that does not', async (t) => {
  const { code, err } = await beamline(['run', '--deadline', '30', '-i', 'spin', file]);
  t.is(code, 134);
  t.regex(err, /^beamline: trap: execution interrupted/);
});

test('run: a WASI program with arguments, environment, directory and exit code', async (t) => {
  writeFileSync(join(folder, 'hello.txt'), 'hello\n');
  const usage = await beamline(['run', tool]);
  t.is(usage.code, 0);
  t.is(usage.out, '0: tool.wasm\n');
  const args = await beamline(['run', tool, 'args', '--', '-v', '--help']);
  t.is(args.out, '0: tool.wasm\n1: args\n2: --\n3: -v\n4: --help\n');
  const env = ['--env', 'A=1=2', '-e', 'EMPTY=', '-e', 'INHERITED', '-e', 'NOT_THERE'];
  const environment = await beamline(['run', ...env, tool, 'args'], undefined, { INHERITED: 'yes', SECRET: 'no' });
  t.deepEqual(environment.out.split('\n').slice(2, -1), ['A=1=2', 'EMPTY=', 'INHERITED=yes']);
  const count = await beamline(['run', '--dir', `${folder}::/data`, tool, 'list', '/data']);
  t.is(count.code, 0);
  t.regex(count.out, /hello\.txt/);
  t.is((await beamline(['run', tool, 'exit', '3'])).code, 3);
  const aborted = await beamline(['run', tool, 'abort']);
  t.is(aborted.code, 134);
  t.regex(aborted.err, /^beamline: trap: unreachable \(function \d+[^\n]*\)\n$/);
  const refused = await beamline(['run', '--dir', '/nowhere/at/all', tool]);
  t.is(refused.code, 1);
  t.regex(refused.err, /^beamline: [^\n]+\n$/);
});

test('run: standard input, a URL, and --timings', async (t) => {
  const server = createServer((request, response) => {
    if (request.url === '/missing') {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    response.write(bytes.subarray(0, 20));
    setTimeout(() => response.end(bytes.subarray(20)), 20);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const streamed = await beamline(['run', '--timings', '-i', 'extend', `${url}/all.wasm`, '255']);
    t.is(streamed.code, 0);
    t.is(streamed.out, '-1\n');
    t.regex(
      streamed.err,
      /received +compiled +functions +code\n(?: .*\n)+ .* compiled\n .* instantiated\n .* ended\n$/,
    );
    const inspected = await beamline(['inspect', '--json', `${url}/all.wasm`]);
    t.is((JSON.parse(inspected.out) as Inspection).bytes, bytes.length);
    const validated = await beamline(['validate', `${url}/all.wasm`, `${url}/missing`]);
    t.is(validated.code, 1);
    t.regex(validated.out, /^http[^\n]*all\.wasm: valid [^\n]*\nhttp[^\n]*missing: [^\n]*404[^\n]*\n$/);
    const missing = await beamline(['run', `${url}/missing`]);
    t.is(missing.code, 1);
    t.regex(missing.err, /^beamline: [^\n]*404[^\n]*\n$/);
  } finally {
    server.close();
  }
  const piped = await beamline(['run', '-i', 'extend', '-', '128'], bytes);
  t.deepEqual(piped, { code: 0, out: '-128\n', err: '' });
  t.is((JSON.parse((await beamline(['inspect', '--json', '-'], bytes)).out) as Inspection).bytes, bytes.length);
});

test('run: what cannot be run', async (t) => {
  t.deepEqual(await beamline(['run', 'nowhere.wasm']), {
    code: 1,
    out: '',
    err: "beamline: cannot open 'nowhere.wasm': no such file (ENOENT)\n",
  });
  const noStart = await beamline(['run', file]);
  t.is(noStart.code, 2);
  t.regex(noStart.err, /^beamline: the module has no _start/);
  const invalid = await beamline(['run', broken]);
  t.is(invalid.code, 1);
  t.regex(invalid.err, /^beamline: not valid: .* \(offset 0x[0-9a-f]+[^\n]*\)\n$/);
  const tier = await beamline(['run', '--tier', 'fast', file]);
  t.is(tier.code, 2);
});

test('inspect: sections, imports, exports, functions, features', async (t) => {
  const { code, out } = await beamline(['inspect', '--json', file]);
  t.is(code, 0);
  const result = JSON.parse(out) as Inspection;
  t.is(result.bytes, bytes.length);
  t.deepEqual(result.features, ['multi-value', 'mutable-globals', 'sign-extension']);
  t.deepEqual(
    result.sections.map(({ name }) => name),
    ['type', 'function', 'memory', 'global', 'export', 'code', 'custom "name"'],
  );
  t.deepEqual(result.exports[0], { name: 'memory', kind: 'memory', index: 0, type: '1 pages' });
  t.is(result.exports.find(({ name }) => name === 'mixed')?.type, '(i32, i64, f32, f64) -> (f64, i64)');
  t.is(result.functions.length, 7);
  t.is(result.functions[0]?.name, 'load');
  t.true(result.functions.every((item) => item.codeBytes > 0 && item.bytes > 0));
  const text = await beamline(['inspect', tool]);
  t.is(text.code, 0);
  for (const part of [
    'Sections',
    'Imports (',
    '"wasi_snapshot_preview1"',
    'Exports (',
    'Functions (the 15 largest of',
  ]) {
    t.true(text.out.includes(part), part);
  }
});

test('objdump: chosen functions, bytes, sites, colours', async (t) => {
  const plain = await beamline(['objdump', '--funcs', 'load,5-6', '--traps', '--bytes', file]);
  t.is(plain.code, 0);
  t.regex(plain.out, /^load: function 0, \d+ bytes\n/);
  t.regex(plain.out, / {2}i32\.load +.*41 8b .*mov e.x, \[r14\+rax\] +; trap: memory\n/);
  t.regex(plain.out, /idiv .*; trap: division\n/);
  t.is(plain.out.match(/^\S.*: function \d+, \d+ bytes$/gm)?.length, 3);
  t.false(plain.out.includes('\x1b['));
  const coloured = await beamline(['objdump', '-f', 'load', file], undefined, { FORCE_COLOR: '1' });
  t.true(coloured.out.includes('\x1b['));
  const missing = await beamline(['objdump', '--funcs', 'load,no_such', file]);
  t.deepEqual(missing, { code: 1, out: '', err: `beamline: --funcs: no own function no_such in ${file}\n` });
});

test('validate: one line per module', async (t) => {
  const { code, out, err } = await beamline(['validate', file, broken, '-'], Buffer.from('\0asm\x02\0\0\0', 'latin1'));
  t.is(code, 1);
  t.is(err, '');
  const lines = out.trimEnd().split('\n');
  t.is(lines.length, 3);
  t.is(lines[0], `${file}: valid (${bytes.length} B, 7 functions)`);
  t.true(lines[1]?.startsWith(`${broken}: not valid: `));
  t.regex(lines[2] ?? '', /^-: not valid: .*version.* \(offset 0x4\)$/);
  t.deepEqual(await beamline(['validate', '--quiet', file]), { code: 0, out: '', err: '' });
});

test('bench: all engines, one result', async (t) => {
  const json = await beamline(['bench', '--json', '--rounds', '1', '--invoke', 'extend', file, '200']);
  t.is(json.code, 0, json.err);
  const { figures } = JSON.parse(json.out) as { figures: { engine: string; compileMs: number; result: string }[] };
  t.deepEqual(
    figures.map(({ engine, result }) => [engine, result]),
    [
      ['Beamline', '-56'],
      ['V8 Liftoff', '-56'],
      ['V8 TurboFan', '-56'],
    ],
  );
  t.true(figures.every(({ compileMs }) => compileMs > 0));
  t.is((await beamline(['bench', '--rounds', 'x', file])).code, 2);
  t.is((await beamline(['bench', '--invoke', 'nothing', file])).code, 2);
});

const helpOptions: Readonly<Record<string, readonly string[]>> = {
  '--help': ['-V, --version', 'run [options]', 'inspect [options]', 'objdump [options]', 'validate [options]', 'bench'],
  run: [
    '--dir <host[::guest]>',
    '--env <name=value>',
    '--invoke <name>',
    '--timings',
    '--deadline <ms>',
    '--tier <tier>',
  ],
  inspect: ['--json', '--functions', '--verbose'],
  objdump: ['--funcs <list>', '--bytes', '--traps', '--cpu <level>'],
  validate: ['--quiet', '--verbose'],
  bench: ['--invoke <name>', '--rounds <number>', '--json'],
};

test('help, version and wrong usage', async (t) => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  t.deepEqual(await beamline(['--version']), { code: 0, out: `${version}\n`, err: '' });
  for (const args of [
    ['--help'],
    ['run', '--help'],
    ['inspect', '--help'],
    ['objdump', '--help'],
    ['validate', '--help'],
    ['bench', '--help'],
  ]) {
    const { code, out, err } = await beamline(args);
    t.is(code, 0);
    t.is(err, '');
    t.true(out.startsWith('Usage: beamline '), args.join(' '));
    for (const option of helpOptions[args[0] as string] ?? []) t.true(out.includes(option), `${args[0]} ${option}`);
  }
  for (const args of [[], ['frobnicate'], ['run'], ['run', '--no-such-option', file], ['validate']]) {
    const { code, out, err } = await beamline(args);
    t.is(code, 2, args.join(' '));
    t.is(out, '');
    t.true(err.length > 0);
  }
});
