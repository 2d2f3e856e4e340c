/** The command line on modules that end themselves, ask for what is not there, or have names made to confuse. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import loadWabt from 'wabt';
import type { Inspection } from '../../src/cli/inspect.js';
import { commandIn } from './command.js';

const folder = mkdtempSync(join(tmpdir(), 'beamline-cli-edges-'));
const beamline = commandIn(folder);
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const exit = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)';
const modules: Readonly<Record<string, string>> = {
  exit: `${exit} (func (export "leave") (param i32) (call $exit (local.get 0)) unreachable)`,
  command: `${exit} (func (export "_start") (call $exit (i32.const 300)))`,
  library: `${exit} (func (export "_initialize") (call $exit (i32.const 5))) (func (export "g"))`,
  start: '(func $s nop) (start $s) (func (export "f"))',
  'start-traps': '(func $s unreachable) (start $s)',
  unknown: '(import "wasi_snapshot_preview1" "no_such" (func)) (memory (export "memory") 1) (func (export "_start"))',
  host: '(import "env" "log" (func)) (func (export "_start"))',
  numbers: `(func (export "i") (param i32) (result i32) (local.get 0))
    (func (export "l") (param i64) (result i64) (local.get 0))
    (func (export "f") (param f32) (result f32) (local.get 0))`,
  vector: '(func (export "v") (result v128) (v128.const i32x4 1 2 3 4))',
  names: '(func (export "red\\1b[31m\\0aline") unreachable)',
};

test.before(async () => {
  const wabt = await loadWabt();
  for (const [name, text] of Object.entries(modules)) {
    const module = wabt.parseWat(`${name}.wat`, `(module ${text})`);
    writeFileSync(join(folder, `${name}.wasm`), module.toBinary({ write_debug_names: true }).buffer);
    module.destroy();
  }
  // (func return_call 0) and (func (result i32) i64.const 0)
  const head = [0, 97, 115, 109, 1, 0, 0, 0];
  const reference = [...head, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 6, 1, 4, 0, 0x14, 0, 11];
  const wrong = [...head, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 10, 6, 1, 4, 0, 0x42, 0, 11];
  writeFileSync(join(folder, 'reference.wasm'), Uint8Array.from(reference));
  writeFileSync(join(folder, 'wrong.wasm'), Uint8Array.from(wrong));
});

test('proc_exit ends the program wherever it is called', async (t) => {
  t.deepEqual(await beamline(['run', '-i', 'leave', 'exit.wasm', '7']), { code: 7, out: '', err: '' });
  t.is((await beamline(['run', '-i', 'leave', 'exit.wasm', '0'])).code, 0);
  t.is((await beamline(['run', 'library.wasm'])).code, 5);
  t.is((await beamline(['run', '-i', 'g', 'library.wasm'])).code, 5);
});

test('exit codes of more than eight bits: their low byte, and never success for a failure', async (t) => {
  t.is((await beamline(['run', 'command.wasm'])).code, 300 & 0xff);
  t.is((await beamline(['run', '-i', 'leave', 'exit.wasm', '256'])).code, 1);
  t.is((await beamline(['run', '-i', 'leave', 'exit.wasm', '-1'])).code, 255);
});

test('a module with nothing but a start function has run', async (t) => {
  t.deepEqual(await beamline(['run', 'start.wasm']), { code: 0, out: '', err: '' });
  const trap = await beamline(['run', 'start-traps.wasm']);
  t.is(trap.code, 134);
  t.regex(trap.err, /^beamline: trap: unreachable \(function 0 s, offset 0x[0-9a-f]+\)\n$/);
});

test('imports that nobody provides', async (t) => {
  const unknown = await beamline(['run', 'unknown.wasm']);
  t.is(unknown.code, 1);
  t.regex(unknown.err, /^beamline: LinkError: [^\n]*"no_such"[^\n]*\n$/);
  t.deepEqual(await beamline(['run', 'host.wasm']), {
    code: 1,
    out: '',
    err: 'beamline: the module imports "env" "log", which the command line does not provide\n',
  });
});

test('arguments of exports: edges of their types', async (t) => {
  for (const [name, given, printed] of [
    ['i', '4294967295', '-1'],
    ['i', '-2147483648', '-2147483648'],
    ['i', '1_000', '1000'],
    ['l', '18446744073709551615', '-1'],
    ['l', '-0x8000000000000000', '-9223372036854775808'],
    ['f', '0.1', '0.10000000149011612'],
    ['f', 'nan', 'NaN'],
    ['f', '-0', '-0'],
  ] as const) {
    t.deepEqual(await beamline(['run', '-i', name, 'numbers.wasm', given]), { code: 0, out: `${printed}\n`, err: '' });
  }
  t.is((await beamline(['run', '-i', 'i', 'numbers.wasm', '--', '-5'])).out, '-5\n');
  for (const command of [['run'], ['bench', '-r', '1']]) {
    for (const [name, given] of [
      ['i', 'abc'],
      ['i', '1.5'],
      ['l', ''],
      ['f', 'abc'],
    ] as const) {
      const { code, out, err } = await beamline([...command, '-i', name, 'numbers.wasm', given]);
      t.deepEqual({ code, out }, { code: 2, out: '' }, `${command[0]} ${name} ${given}`);
      t.regex(err, /^beamline: --invoke \w: argument 1 must be [ilf]\w+, not '[^\n]*'\n$/);
    }
  }
  const vector = await beamline(['run', '-i', 'v', 'vector.wasm']);
  t.is(vector.code, 2);
  t.regex(vector.err, /^beamline: --invoke v: [^\n]*v128[^\n]*\n$/);
});

test('every command names offset, function and opcode of what is wrong', async (t) => {
  const where = /^beamline: not valid: [^\n]* \(offset 0x1a, function 0, end\)\n$/;
  for (const command of ['run', 'inspect', 'objdump', 'bench']) {
    const { code, out, err } = await beamline([command, 'wrong.wasm']);
    t.deepEqual({ code, out }, { code: 1, out: '' }, command);
    t.regex(err, where, command);
  }
  const verbose = await beamline(['inspect', '--verbose', 'wrong.wasm']);
  t.regex(verbose.err, /\n {4}at /);
});

test('a feature that is not there yet is named, and its module not called invalid', async (t) => {
  for (const command of ['run', 'inspect', 'objdump', 'validate']) {
    const { code, out, err } = await beamline([command, 'reference.wasm']);
    t.is(code, 1, command);
    t.regex(
      out + err,
      /^[\w.]+: not supported: [^\n]*typed function references[^\n]*function 0, call_ref\)\n$/,
      command,
    );
  }
});

test('names cannot break lines or move the cursor', async (t) => {
  const shown = 'red\\u{1b}[31m\\u{a}line';
  for (const args of [['inspect'], ['objdump']]) {
    const { code, out } = await beamline([...args, 'names.wasm']);
    t.is(code, 0);
    t.false(out.includes('\x1b'));
    t.true(out.includes(shown), out);
  }
  const trap = await beamline(['run', '--invoke', 'no such\n\x1b[2J', 'names.wasm']);
  t.is(trap.err.split('\n').length, 2);
  t.false(trap.err.includes('\x1b'));
  const json = await beamline(['inspect', '--json', 'names.wasm']);
  t.is((JSON.parse(json.out) as Inspection).exports[0]?.name, 'red\x1b[31m\nline');
});

test('wrong usage', async (t) => {
  t.deepEqual(await beamline(['validate', '-', 'start.wasm', '-']), {
    code: 2,
    out: '',
    err: 'beamline: standard input (-) can be read once only\n',
  });
  for (const dir of ['a::b::c', '::b', 'a::']) {
    t.is((await beamline(['run', '--dir', dir, 'exit.wasm'])).code, 2, dir);
  }
  t.is((await beamline(['run', '--env', '=x', 'exit.wasm'])).code, 2);
  t.is((await beamline(['run', '--dir', '.', 'start.wasm'])).code, 2);
});

test('a folder is no module', async (t) => {
  const { code, err } = await beamline(['run', folder]);
  t.is(code, 1);
  t.is(err, `beamline: cannot open '${folder}': it is a directory (EISDIR)\n`);
});
