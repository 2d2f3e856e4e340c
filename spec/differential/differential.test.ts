/** The differential harness: V8 agrees with itself, every kind of defect is found, reduced and located. */
import test from 'ava';
import { wat } from '../api/wat.js';
import { generateModule } from '../fuzz/generate.js';
import { loadEngine, v8 } from '../support/engine.js';
import { readModule } from '../support/reader.js';
import { bisect, firstDifference } from './bisect.js';
import { compareAll, isDifference } from './compare.js';
import { Executor } from './execute.js';
import { type Finding, failureClass, recheck, toItem } from './finding.js';
import { fuelExport, instrument } from './instrument.js';
import { Reducer } from './reduce.js';
import { compareVerdicts, refusal } from './verdict.js';

function finding(engine: string): Finding {
  return { origin: 'test', seed: 1, rounds: 2, fuel: 'everywhere' as const, kind: '', detail: '', engine, options: '' };
}

function linesOf(text: string): string[] {
  return new Executor(v8, instrument(wat(text))!, 1).run().lines;
}

test('V8 agrees with V8 on generated modules', async (t) => {
  const items = Array.from({ length: 60 }, (_, seed) => toItem(generateModule(seed), seed));
  t.true(items.every(({ instrumented }) => instrumented !== undefined && v8.validate(instrumented)));
  const comparisons = await compareAll(items, { tested: { engine: 'v8' } });
  t.deepEqual(comparisons.filter(isDifference), []);
  t.true(comparisons.filter((comparison) => comparison.kind === 'same' && comparison.executed).length > 55);
});

const rotates = wat(`(module
  (func $inner (param i32) (result i32) (i32.rotl (local.get 0) (i32.const 3)))
  (func $middle (param i32) (result i32) (i32.add (call $inner (local.get 0)) (i32.const 1)))
  (func (export "outer") (param i32) (result i32) (i32.mul (call $middle (local.get 0)) (i32.const 5)))
  (func (export "other") (param f64) (result f64) (f64.neg (local.get 0))))`);
const many = wat(`(module ${Array.from({ length: 9 }, (_, i) => `(func (export "f${i}"))`).join('')})`);
const small = wat('(module (func (export "f") (result i32) i32.const 1))');
const traps = wat('(module (func (export "f") (result i32) unreachable))');

test('each kind of defect is found', async (t) => {
  const modules = [small, rotates, many, traps];
  const kinds = async (engine: string): Promise<string[]> =>
    (await recheck(modules, finding(engine), 1500)).map(({ kind }) => kind);
  t.deepEqual(await kinds('v8'), ['same', 'same', 'same', 'same']);
  t.deepEqual(await kinds('v8-code'), ['same', 'outcome', 'same', 'same']);
  t.deepEqual(await kinds('v8-trap'), ['same', 'same', 'same', 'outcome']);
  t.deepEqual(await kinds('v8-crash'), ['same', 'same', 'crash', 'same']);
  t.deepEqual(await kinds('v8-hang'), ['same', 'same', 'hang', 'same']);
  const wrong = modules.map(({ length }) => length % 3 === 0);
  const verdicts = await recheck(modules, finding('v8-verdict'));
  t.deepEqual(
    verdicts.map(({ kind }) => kind === 'verdict'),
    wrong,
  );
});

test('an engine that accepts what is not valid is found', async (t) => {
  const [comparison] = await compareAll([{ bytes: small, seed: 1 }], {
    reference: { engine: small.length % 3 === 0 ? 'v8-verdict' : 'v8' },
    tested: { engine: 'v8' },
  });
  t.is(comparison!.kind, small.length % 3 === 0 ? 'verdict' : 'same');
});

test('an engine that does not start is an error', async (t) => {
  await t.throwsAsync(recheck([small], finding('no-such-engine')), { message: /does not start/ });
});

test('the one known deviation of V8 is no difference: element segments of a number type, and nothing else', async (t) => {
  const beamline = await loadEngine('beamline');
  const header = [0, 97, 115, 109, 1, 0, 0, 0];
  for (const type of [0x7f, 0x7e, 0x7d, 0x7c]) {
    // A passive segment of expressions, empty.
    const bytes = Uint8Array.of(...header, 9, 4, 1, 5, type, 0);
    t.true(v8.validate(bytes), 'V8 of this Node deviates');
    t.false(beamline.validate(bytes));
    t.is(compareVerdicts({ valid: true }, { valid: false, refusal: refusal(beamline, bytes) }), 'same');
  }
  for (const bytes of [
    [9, 4, 1, 5, 0x6e, 0],
    [4, 4, 1, 0x7f, 0, 1],
    [1, 5, 1, 0x60, 1, 0x75, 0],
    [9, 4, 1, 9, 0x7f, 0],
  ]) {
    const module = Uint8Array.of(...header, ...bytes);
    t.false(beamline.validate(module));
    const verdict = compareVerdicts({ valid: true }, { valid: false, refusal: refusal(beamline, module) });
    t.regex(verdict, bytes.includes(0x6e) || bytes.includes(0x75) ? /^unsupported/ : /^refused, but is valid/);
  }
});

test('fuel ends loops and recursion', (t) => {
  const lines = linesOf(`(module
    (func (export "loop") (loop (br 0)))
    (func $r (export "recursion") (call $r)))`);
  t.is(lines.filter((line) => line.endsWith('trap: unreachable')).length, 4);
  t.is(lines.filter((line) => line === 'fuel 0').length, 4);
});

test('bits of a NaN are canonical where they show', (t) => {
  const lines = linesOf(`(module (memory 1)
    (func (export "bits") (result i32 i64)
      (i32.reinterpret_f32 (f32.neg (f32.const nan:0x123)))
      (i64.reinterpret_f64 (f64.const -nan:0x456)))
    (func (export "sign") (result f32) (f32.copysign (f32.const 1) (f32.const -nan)))
    (func (export "memory") (result i32)
      (f32.store (i32.const 8) (f32.const -nan:0x200001)) (i32.load (i32.const 8))))`);
  t.true(lines.includes('call bits() = 2143289344, 9221120237041090560n'));
  t.true(lines.includes('call sign() = 1'));
  t.true(lines.includes('call memory() = 2143289344'));
});

test('bits of NaNs in vectors are canonical where they come into being', (t) => {
  const lines = linesOf(`(module
    (func (export "add") (result v128) (f32x4.add (v128.const f32x4 nan:0x123 1 -nan:0x200000 2) (v128.const f32x4 0 1 0 inf)))
    (func (export "sqrt") (result v128) (f64x2.sqrt (v128.const f64x2 -1 4)))
    (func (export "splat") (result i64)
      (i64x2.extract_lane 0 (f64x2.splat (f64.neg (f64.const -nan:0x456)))))
    (func (export "abs") (result v128) (f32x4.abs (v128.const f32x4 -nan:0x123 -1 0 2))))`);
  t.true(lines.includes('call add() = 0x7f8000007fc00000400000007fc00000'));
  t.true(lines.includes('call sqrt() = 0x40000000000000007ff8000000000000'));
  t.true(lines.includes('call splat() = 9221120237041090560n'));
  t.true(lines.includes('call abs() = 0x40000000000000003f8000007f800123'), 'this one has its bits');
});

test('functions and globals of vectors are called and read, values of the host keep their identity', (t) => {
  const lines = linesOf(`(module
    (import "m" "f" (func $f (param externref) (result externref)))
    (global $g (mut v128) (v128.const i32x4 1 2 3 4)) (table 2 externref)
    (func (export "set") (param i32 v128 f32) (result f64 v128 externref)
      (global.set $g (local.get 1)) (f64.const -0) (local.get 1) (ref.null extern))
    (func (export "store") (param externref) (result externref)
      (table.set (i32.const 1) (local.get 0)) (call $f (table.get (i32.const 1)))))`);
  t.true(lines.includes('global0 0x00000004000000030000000200000001'));
  const call = lines.find((line) => line.startsWith('call set('))!;
  const [, vector] = /^call set\(-?\d+, (0x[0-9a-f]{32}), \S+\) = -0, \1, host value 0$/.exec(call) ?? [];
  t.truthy(vector, call);
  t.true(lines.includes(`global0 ${vector}`));
  const store = lines.find((line) => line.startsWith('call store('))!;
  const [, stored] = /^call store\((host value \d+)\) = host value \d+$/.exec(store) ?? [];
  t.true(lines.includes(`host f(${stored})`), store);
  t.true(lines.includes(`table 2: - ${stored === 'host value 0' ? '-' : stored}`), lines.join('\n'));
});

test('V8 agrees with V8 on generated modules with vectors and values of the host, whatever its compiler', async (t) => {
  const items = Array.from({ length: 60 }, (_, seed) =>
    toItem(generateModule(seed, { vectors: true, externref: true }), seed),
  );
  t.true(items.every(({ instrumented }) => instrumented !== undefined && v8.validate(instrumented)));
  const comparisons = await compareAll(items, {
    reference: { engine: 'v8', flags: ['--liftoff-only'] },
    tested: { engine: 'v8', flags: ['--no-liftoff'] },
  });
  t.deepEqual(
    comparisons.filter((comparison) => isDifference(comparison)),
    [],
  );
});

test('memory, tables and globals are compared, host calls are logged', (t) => {
  const lines = linesOf(`(module
    (import "m" "f" (func $f (param i32 f64) (result i64)))
    (memory 1) (table 3 funcref) (global $g (mut i64) (i64.const 5)) (elem (i32.const 1) $run)
    (func $run (export "run") (global.set $g (call $f (i32.const 7) (f64.const 0.5)))
      (i32.store (i32.const 0) (i32.const 1)) (drop (memory.grow (i32.const 1)))))`);
  t.true(lines.includes('host f(7, 0.5)'));
  t.true(lines.includes('global0 5n'));
  t.true(
    lines.some((line) => line.startsWith('memory 65536 ')) && lines.some((line) => line.startsWith('memory 131072 ')),
  );
  t.true(lines.includes('table 3: - 1 -'));
});

test('instrumentation exports fuel, and leaves modules that it cannot read alone', (t) => {
  const shape = readModule(instrument(small)!);
  t.true(shape.exports.some(({ name }) => name === fuelExport));
  t.is(instrument(wat('(module (import "m" "f" (func (param v128))))')), null);
  t.is(instrument(Uint8Array.of(1, 2, 3)), null);
});

test('the reducer finds the instruction', async (t) => {
  const big = `(module (memory 1)
    ${Array.from({ length: 12 }, (_, i) => `(func (export "f${i}") (param i32) (result i32) (i32.add (local.get 0) (i32.const ${i})))`).join('\n')}
    (func (export "bad") (param i32 i32) (result i32) (local i32)
      (i32.store (i32.const 0) (local.get 1))
      (block (br_if 0 (i32.eqz (local.get 0))) (local.set 2 (i32.const 5)))
      (i32.rotl (i32.mul (local.get 0) (i32.load (i32.const 0))) (i32.const 7))
      (i32.add (local.get 2))))`;
  const bytes = wat(big);
  const failing = finding('v8-code');
  const [first] = await recheck([bytes], failing);
  const wanted = failureClass(first!);
  t.not(wanted, null);
  const reducer = new Reducer(
    bytes,
    async (candidates) => (await recheck(candidates, failing)).map((comparison) => failureClass(comparison) === wanted),
    { plausible: (candidate) => v8.validate(candidate), seconds: 60 },
  );
  const reduced = await reducer.run();
  t.true(v8.validate(reduced));
  t.true(reduced.length < bytes.length / 2, `${bytes.length} to ${reduced.length} bytes`);
  t.true(reduced.includes(0x77), 'the wrong opcode is still there');
});

test('bisect names the function', (t) => {
  const culprit = bisect(rotates, finding('v8-code'))!;
  t.is(culprit.functionIndex, 0);
  t.deepEqual(culprit.stack, [2, 1, 0]);
  t.regex(culprit.expected, /^< 0 = /);
  t.is(bisect(rotates, finding('v8')), null);
});

test('a crash is located by what was logged before it', (t) => {
  const expected = ['instantiate: ok', '> 3(1)', '> 4(2)', '< 4 = 5', '< 3 = 1'];
  const culprit = firstDifference(expected, [...expected.slice(0, 3), 'the process ends: SIGSEGV'])!;
  t.deepEqual(culprit.stack, [3, 4]);
  t.is(culprit.functionIndex, 4);
});
