/** The suite runner itself, on small scripts and V8, whole and damaged. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { wat } from '../api/wat.js';
import { v8 } from '../support/engine.js';
import { EXTERNREF, F32, F64, I32, I64, V128 } from '../support/wasm-types.js';
import { Bridge, bridgeModule } from './bridge.js';
import { moduleFeatures } from './features.js';
import type { Command, Script } from './format.js';
import { makeSpectest } from './spectest.js';
import { matches, toRaw } from './values.js';

const runner = fileURLToPath(new URL('./run.js', import.meta.url));

const floats = `(module
  (global (export "nan") f32 (f32.const nan:0x200001))
  (func (export "id32") (param f32) (result f32) local.get 0)
  (func (export "id64") (param f64) (result f64) local.get 0)
  (func (export "two") (param i64 f32) (result f32 i64) local.get 1 local.get 0)
  (func (export "trap") unreachable)
  (func $deep (export "deep") call $deep)
  (func (export "die") (result i32) i32.const 7)
  (func (export "a") (result i32) i32.const 2000))`;

const i32 = (value: string): { type: string; value: string } => ({ type: 'i32', value });
const f32 = (value: string): { type: string; value: string } => ({ type: 'f32', value });

function invoke(field: string, ...args: { type: string; value: string }[]): Command['action'] {
  return { type: 'invoke', field, args };
}

/** A script with right and wrong expectations. */
function script(extra: Command[] = []): Script {
  const commands: Command[] = [
    { type: 'module', line: 1, filename: 'm.wasm', module_type: 'binary' },
    { type: 'assert_return', line: 2, action: invoke('id32', f32('2139095041'))!, expected: [f32('2139095041')] },
    { type: 'assert_return', line: 3, action: { type: 'get', field: 'nan' }, expected: [f32('2141192193')] },
    { type: 'assert_trap', line: 4, action: invoke('trap')!, expected: [], text: 'unreachable' },
    { type: 'assert_exhaustion', line: 5, action: invoke('deep')!, expected: [], text: 'call stack exhausted' },
    { type: 'assert_malformed', line: 6, filename: 'bad.wasm', module_type: 'binary', text: 'unexpected end' },
    { type: 'assert_malformed', line: 7, filename: 'bad.wat', module_type: 'text', text: 'unexpected token' },
    { type: 'assert_return', line: 8, action: invoke('a')!, expected: [i32('2000')] },
    ...extra,
  ];
  const modules = {
    'm.wasm': Buffer.from(wat(floats)).toString('base64'),
    'bad.wasm': Buffer.from('0061736d01000000017f', 'hex').toString('base64'),
    'link.wasm': Buffer.from(wat('(module (import "spectest" "print_i32" (func (param i64))))')).toString('base64'),
    'gone.wasm': Buffer.from(wat('(module (import "nowhere" "f" (func)))')).toString('base64'),
    'start.wasm': Buffer.from(wat('(module (func $s unreachable) (start $s))')).toString('base64'),
  };
  return { source_filename: 'test.wast', level: '1.0', commands, modules };
}

function run(folder: string, ...flags: string[]): { status: number | null; text: string } {
  const { status, stdout } = spawnSync(process.execPath, [runner, '--suite', folder, '--jobs', '1', ...flags], {
    encoding: 'utf8',
  });
  return { status, text: stdout };
}

function withSuite(files: Record<string, string | Uint8Array>, work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'beamline-suite-test-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('passes, text only ones apart, and the closing line', (t) => {
  const links: Command[] = [
    { type: 'assert_unlinkable', line: 9, filename: 'link.wasm', module_type: 'binary', text: 'incompatible' },
    { type: 'assert_unlinkable', line: 10, filename: 'gone.wasm', module_type: 'binary', text: 'unknown import' },
    { type: 'assert_uninstantiable', line: 11, filename: 'start.wasm', module_type: 'binary', text: 'unreachable' },
  ];
  withSuite({ 'good.json': JSON.stringify(script(links)) }, (folder) => {
    const { status, text } = run(folder, '--engine', 'v8');
    t.is(status, 0, text);
    t.is(text.trimEnd().split('\n').at(-1), '10 passed, 0 failed');
  });
});

test('each kind of wrong result is a failure', (t) => {
  const wrong: Command[] = [
    { type: 'assert_return', line: 20, action: invoke('id32', f32('2139095041'))!, expected: [f32('2143289345')] },
    { type: 'assert_return', line: 21, action: invoke('a')!, expected: [] },
    { type: 'assert_trap', line: 22, action: invoke('a')!, text: 'unreachable' },
    { type: 'assert_trap', line: 23, action: invoke('deep')!, text: 'unreachable' },
    { type: 'assert_exhaustion', line: 24, action: invoke('trap')!, text: 'call stack exhausted' },
    { type: 'assert_invalid', line: 25, filename: 'm.wasm', module_type: 'binary', text: 'type mismatch' },
    { type: 'assert_unlinkable', line: 26, filename: 'm.wasm', module_type: 'binary', text: 'unknown import' },
    { type: 'assert_uninstantiable', line: 27, filename: 'm.wasm', module_type: 'binary', text: 'unreachable' },
    { type: 'module', line: 28, filename: 'bad.wasm', module_type: 'binary' },
    { type: 'assert_return', line: 29, action: invoke('a')!, expected: [i32('2000')] },
    { type: 'never_heard_of', line: 30 },
  ];
  withSuite({ 'bad.json': JSON.stringify(script(wrong)) }, (folder) => {
    const { status, text } = run(folder, '--engine', 'v8', '--verbose');
    t.is(status, 1);
    t.is(text.trimEnd().split('\n').at(-1), '7 passed, 11 failed');
    for (const { line } of wrong) t.true(text.includes(`  line ${line} `), `line ${line}: ${text}`);
  });
});

test('a damaged engine fails', (t) => {
  withSuite({ 'a.json': JSON.stringify(script()) }, (folder) => {
    t.regex(
      run(folder, '--engine', 'v8-result').text,
      /line 8 assert_return: a: got 2001[\s\S]*\n4 passed, 3 failed\n$/,
    );
    t.regex(run(folder, '--engine', 'v8-trap').text, /line 4 assert_trap[\s\S]*\n5 passed, 2 failed\n$/);
  });
});

test('a crash and a hang cost their file, and name the line', (t) => {
  const many = `(module ${Array.from({ length: 9 }, (_, i) => `(func (export "f${i}"))`).join('')})`;
  const fatal = script([{ type: 'module', line: 40, filename: 'many.wasm', module_type: 'binary' }]);
  fatal.commands.push({ type: 'assert_return', line: 41, action: invoke('f0')!, expected: [] });
  fatal.modules!['many.wasm'] = Buffer.from(wat(many)).toString('base64');
  // The damaged engine dies with nine functions: the script's first module has to have fewer.
  fatal.commands.splice(0, 1, { type: 'module', line: 1, filename: 'gone2.wasm', module_type: 'binary' });
  fatal.modules!['gone2.wasm'] = Buffer.from(wat('(module (func (export "a") (result i32) i32.const 2000))')).toString(
    'base64',
  );
  fatal.commands = fatal.commands.filter(({ line }) => [1, 8, 40, 41].includes(line));
  withSuite({ 'a.json': JSON.stringify(fatal), 'b.json': JSON.stringify(script()) }, (folder) => {
    const crash = run(folder, '--engine', 'v8-crash').text;
    t.regex(crash, /a: 2 failed, process ended at line 40 \(module\): died: SIGSEGV/);
    t.regex(crash, /\n9 passed, 2 failed\n$/);
    const hang = run(folder, '--engine', 'v8-hang', '--timeout', '2').text;
    t.regex(hang, /process ended at line 40 \(module\): no end after 2 s/);
  });
});

test('levels that are not asked for are not counted; features beyond the list are counted apart', (t) => {
  const newer = script();
  for (const command of newer.commands.slice(7)) command.level = '2.0';
  // A shared memory: the text form has no thread feature here, so the flag is set in the bytes.
  const shared = wat('(module (memory 1 1) (func (export "v") (result i32) (i32.const 1)))');
  shared[Buffer.from(shared).indexOf(Buffer.of(5, 4, 1, 1, 1, 1)) + 3] = 3;
  withSuite({ 'a.json': JSON.stringify(newer) }, (folder) => {
    t.regex(run(folder, '--engine', 'v8', '--level', '2.0').text, /\n1 passed, 0 failed\n$/);
    t.regex(run(folder, '--engine', 'v8', '--level', '1.0').text, /\n6 passed, 0 failed\n$/);
  });
  const atomic: Script = {
    source_filename: 's',
    level: '2.0',
    commands: [
      { type: 'module', line: 1, filename: 's.wasm', module_type: 'binary' },
      { type: 'assert_return', line: 2, action: invoke('v')!, expected: [i32('1')] },
    ],
    modules: { 's.wasm': Buffer.from(shared).toString('base64') },
  };
  withSuite({ 'a.json': JSON.stringify(atomic) }, (folder) => {
    t.regex(run(folder, '--engine', 'v8', '--supported', 'beamline').text, /\n0 passed, 0 failed\n$/);
    t.regex(run(folder, '--engine', 'v8').text, /\n2 passed, 0 failed\n$/);
  });
});

test('the output of wast2json, with modules in files', (t) => {
  const { modules, level: _, ...plain } = script();
  const files: Record<string, string | Uint8Array> = { 'a.json': JSON.stringify(plain) };
  for (const [name, text] of Object.entries(modules!)) files[name] = Buffer.from(text, 'base64');
  withSuite(files, (folder) => {
    t.regex(run(folder, '--engine', 'v8').text, /\n7 passed, 0 failed\n$/);
    t.regex(run(join(folder, 'a.json'), '--engine', 'v8').text, /\n7 passed, 0 failed\n$/);
  });
});

test('a missing suite is said loudly', (t) => {
  const env = { ...process.env, BEAMLINE_SPEC_SUITE: '/does/not/exist' };
  const { status, stdout } = spawnSync(process.execPath, [runner, '--engine', 'v8'], { encoding: 'utf8', env });
  t.is(status, 0);
  t.regex(stdout, /THE SPEC SUITE IS MISSING/);
  t.regex(stdout, /\n0 passed, 0 failed\n$/);
});

test('the bridge keeps every bit', (t) => {
  const bridge = new Bridge(v8);
  const { exports } = new v8.Instance(new v8.Module(wat(floats)));
  const signalling = 0x7fa00001 | 0;
  t.deepEqual(bridge.call(exports.id32, { params: [F32], results: [F32] }, [signalling]), [signalling]);
  const wide = BigInt.asIntN(64, 0xfff4000000000001n);
  t.deepEqual(bridge.call(exports.id64, { params: [F64], results: [F64] }, [wide]), [wide]);
  t.deepEqual(bridge.call(exports.two, { params: [I64, F32], results: [F32, I64] }, [3n, 7]), [7, 3n]);
  t.true(v8.validate(bridgeModule({ params: [I32, F32, 0x7b, F64], results: [0x7b, F64, I32, F32] })));
  t.is(bridge.readGlobal(exports.nan, F32, false), 0x7fa00001);
});

test('the bridge passes vectors, beside floats and references', (t) => {
  const bridge = new Bridge(v8);
  const text = `(module
    (global (export "g") v128 (v128.const i32x4 1 2 3 4))
    (func (export "f") (param f32 v128 externref) (result externref v128 f32) local.get 2 local.get 1 local.get 0))`;
  const { exports } = new v8.Instance(new v8.Module(wat(text)));
  const type = { params: [F32, V128, EXTERNREF], results: [EXTERNREF, V128, F32] };
  const vector = Uint8Array.from({ length: 16 }, (_, i) => 255 - i);
  const value = { some: 'object' };
  const [reference, lanes, bits] = bridge.call(exports.f, type, [0x7fa00001, vector, value]);
  t.is(reference, value);
  t.deepEqual(lanes, vector);
  t.is(bits, 0x7fa00001);
  t.deepEqual(bridge.readGlobal(exports.g, V128, false), new Uint8Array(Int32Array.of(1, 2, 3, 4).buffer));
});

test('lanes and references are compared with what is expected', (t) => {
  const lanes = (lane_type: string, ...value: string[]) => ({ type: 'v128', lane_type, value });
  const floats = new Uint8Array(Uint32Array.of(0x7fc00000, 0xffc00000, 0x7fc00001, 0x3f800000).buffer);
  t.true(matches(floats, lanes('f32', 'nan:canonical', 'nan:canonical', 'nan:arithmetic', '1065353216')));
  t.false(matches(floats, lanes('f32', 'nan:canonical', 'nan:canonical', 'nan:canonical', '1065353216')));
  t.false(matches(floats, lanes('f32', 'nan:canonical', 'nan:canonical', 'nan:arithmetic', '1065353217')));
  const doubles = new Uint8Array(BigUint64Array.of(0x7ff8000000000000n, 0xfff8000000000001n).buffer);
  t.true(matches(doubles, lanes('f64', 'nan:canonical', 'nan:arithmetic')));
  t.false(matches(doubles, lanes('f64', 'nan:canonical', 'nan:canonical')));
  t.deepEqual(toRaw(lanes('i32', '4294967295', '0', '1', '2')), new Uint8Array(Int32Array.of(-1, 0, 1, 2).buffer));
  t.true(matches(new Uint8Array(16).fill(255), lanes('i8', ...new Array<string>(16).fill('255'))));
  t.false(matches(1n, lanes('i64', '1', '0')));
  const reference = (value?: string) => ({ type: 'externref', ...(value === undefined ? {} : { value }) });
  t.true(matches(toRaw(reference('7')), reference('7')) && matches(toRaw(reference('7')), reference()));
  t.false(
    matches(toRaw(reference('7')), reference('8')) || matches(null, reference('7')) || matches(null, reference()),
  );
  t.true(matches(toRaw(reference('null')), reference('null')) && matches(null, { type: 'refnull' }));
});

test('classes of NaN', (t) => {
  const is = (bits: number, value: string): boolean => matches(bits, f32(value));
  t.true(is(0x7fc00000, 'nan:canonical') && is(0xffc00000, 'nan:canonical') && is(0x7fc00001, 'nan:arithmetic'));
  t.false(is(0x7fc00001, 'nan:canonical') || is(0x7fa00000, 'nan:arithmetic') || is(0x7f800000, 'nan:arithmetic'));
  t.false(matches(0x7fc00000n, f32('nan:canonical')), 'an i64 is no f32');
});

test('features of a module', (t) => {
  const of = (text: string): string[] => [...moduleFeatures(wat(text), true)].sort();
  t.deepEqual(of('(module (func (param i32) (result i64) i64.const 0))'), []);
  t.deepEqual(of('(module (func (param externref)))'), ['externref']);
  t.deepEqual(of('(module (func (drop (v128.const i32x4 0 0 0 0))))'), ['simd']);
  t.deepEqual(of('(module (table 1 externref))'), ['externref']);
  t.deepEqual(of('(module (elem externref (ref.null extern)))'), ['externref']);
  t.deepEqual(of('(module (func (local v128)))'), ['simd']);
});

test('functions of spectest have their types', (t) => {
  const spectest = makeSpectest(v8);
  const link = (text: string): unknown => new v8.Instance(new v8.Module(wat(text)), { spectest });
  t.notThrows(() => link('(module (import "spectest" "print_i32_f32" (func (param i32 f32))))'));
  t.throws(() => link('(module (import "spectest" "print_i32_f32" (func (param f32 i32))))'));
  t.notThrows(() =>
    link('(module (import "spectest" "table" (table 10 funcref)) (import "spectest" "memory" (memory 1)))'),
  );
  t.is((spectest.global_f64 as { value: number }).value, 666.6);
  t.is((spectest.global_f32 as { value: number }).value, Math.fround(666.6));
});
