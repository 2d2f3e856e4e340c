/** `tier: 'auto'`: hot functions are replaced while their program runs, and nobody notices. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import test from 'ava';
import { Engine, type EngineOptions } from '../../src/index.js';
import { wat } from '../api/wat.js';
import { compareAll, isDifference } from '../differential/compare.js';
import { toItem } from '../differential/finding.js';
import { generateModule } from '../fuzz/generate.js';
import { suiteFolder } from '../suite/format.js';

const runner = fileURLToPath(new URL('../suite/run.js', import.meta.url));
const files =
  'core/i64,core/f32,core/conversions,core/br_table,core/call,core/call_indirect,core/traps,core/memory_trap,core/fac,core/left-to-right,table_set,ref_func,simd_lane,simd_conversions';
/** Every second function: calls go from one tier to the other all the time. */
const mixed = Array.from({ length: 400 }, (_, k) => 2 * k);

for (const [name, debug] of Object.entries({
  'all functions': {},
  'every second function': { functions: mixed },
  'under collection stress': { functions: mixed, gcStress: true },
  'little room': { smallWorld: true },
})) {
  test.serial(`the official suite: ${name}`, (t) => {
    const options = JSON.stringify({ tier: 'auto', debug: { eagerTierUp: true, ...debug } });
    const { stdout } = spawnSync(process.execPath, [runner, '--options', options, '--file', files], {
      encoding: 'utf8',
    });
    if (suiteFolder() === null) {
      t.regex(stdout, /THE SPEC SUITE IS MISSING/);
      return;
    }
    const [, passed, failed] = /(\d+) passed, (\d+) failed/.exec(stdout) ?? [];
    t.is(failed, '0', stdout);
    t.true(Number(passed) > 3000, stdout);
  });
}

/** `run(k, n)` calls `$body(n)` k times; `deep(d, k, n)` does so below d frames of its own; `late(k, n)` traps in `$last` at the end. */
const source = `(module
  (func $body (param $n i32) (result i32) (local $i i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31)) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_s (local.get $i) (local.get $n))))
    (local.get $s))
  (func $run (export "run") (param $k i32) (param $n i32) (result i32) (local $r i32)
    (loop $l
      (local.set $r (i32.add (i32.rotl (local.get $r) (i32.const 1)) (call $body (local.get $n))))
      (br_if $l (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
    (local.get $r))
  (func $deep (export "deep") (param $d i32) (param $k i32) (param $n i32) (result i32)
    (if (result i32) (local.get $d)
      (then (i32.add (local.get $d) (call $deep (i32.sub (local.get $d) (i32.const 1)) (local.get $k) (local.get $n))))
      (else (call $run (local.get $k) (local.get $n)))))
  (func $last (param $n i32) (result i32) (local $i i32) (local $s i32)
    (loop $l
      (local.set $s (i32.xor (local.get $s) (i32.shl (local.get $i) (i32.const 3))))
      (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i32.div_s (local.get $s) (i32.sub (local.get $n) (i32.const 1))))
  (func (export "late") (param $k i32) (param $n i32) (result i32)
    (loop $l
      (drop (call $last (local.get $n)))
      (br_if $l (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
    (call $last (i32.const 1))))`;

type Exports = Record<'run' | 'deep' | 'late', (...numbers: number[]) => number>;

function start(options: EngineOptions): { engine: Engine; exports: Exports } {
  const engine = new Engine(options);
  const { Instance, Module } = engine.WebAssembly;
  return { engine, exports: new Instance(new Module(wat(source))).exports as unknown as Exports };
}

const optimized = (engine: Engine): number => engine.statistics().tiering?.optimized ?? -1;

/** Run until something is optimized: some tenths of a second, on a busy machine seconds. */
function runUntil(done: () => boolean, step: () => void): void {
  const end = performance.now() + 30_000;
  while (!done()) {
    if (performance.now() > end) throw new Error('nothing came for half a minute');
    step();
  }
}

test.serial('a hot function is replaced; results stay what they are', (t) => {
  const baseline = start({}).exports;
  const { engine, exports } = start({ tier: 'auto' });
  const wanted = baseline.run(50, 20_000);
  runUntil(
    () => optimized(engine) > 0,
    () => t.is(exports.run(50, 20_000), wanted),
  );
  t.is(exports.run(50, 20_000), wanted);
  const { tiering } = engine.statistics();
  t.true(tiering !== undefined && tiering.codeBytes > 0 && tiering.samples > 3);
  t.is(tiering?.ended, undefined);
  t.is(engine.statistics().modules, 1);
  engine.dispose();
});

test.serial('within one call, below many frames of the function’s callers', (t) => {
  const baseline = start({}).exports;
  const { engine, exports } = start({ tier: 'auto' });
  let calls = 100;
  runUntil(
    () => optimized(engine) > 0,
    () => {
      calls *= 2;
      t.is(exports.deep(5000, calls, 10_000), baseline.deep(5000, calls, 10_000));
    },
  );
  t.is(exports.deep(5000, 10, 1000), baseline.deep(5000, 10, 1000));
  engine.dispose();
});

test.serial('a trap in optimized code names the function and the instruction', (t) => {
  const stackOf = (exports: Exports, k: number): string =>
    (t.throws(() => exports.late(k, 20_000), { message: 'divide by zero' })?.stack ?? '').replaceAll(
      /beamline\/\w+/g,
      '',
    );
  const wanted = stackOf(start({}).exports, 1).split('\n').slice(0, 3);
  t.regex(wanted[1] ?? '', /\blast\b/);
  const { engine, exports } = start({ tier: 'auto' });
  runUntil(
    () => optimized(engine) > 0,
    () => stackOf(exports, 50),
  );
  t.deepEqual(stackOf(exports, 1).split('\n').slice(0, 3), wanted);
  engine.dispose();
});

test.serial('deadlines end optimized code, before and after it is published', (t) => {
  const { engine, exports } = start({ tier: 'auto' });
  const endless = (): unknown => engine.withDeadline(40, () => exports.run(1 << 30, 10_000));
  runUntil(
    () => optimized(engine) > 0,
    () => t.throws(endless, { message: /interrupted/ }),
  );
  t.throws(endless, { message: /interrupted/ });
  t.is(exports.run(3, 100), start({}).exports.run(3, 100));
  engine.dispose();
});

test.serial('time slices: what is paused goes on in the code that it was in', async (t) => {
  const { engine, exports } = start({ tier: 'auto' });
  const wanted = start({}).exports.run(20_000, 10_000);
  const sliced = engine.sliced(exports.run, { sliceMs: 2 });
  t.deepEqual(await Promise.all([sliced(20_000, 10_000), sliced(20_000, 10_000)]), [wanted, wanted]);
  engine.dispose();
});

test.serial('an overflow of the stack in optimized code', (t) => {
  const bytes = wat(`(module (func $down (export "down") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))))`);
  const { Instance, Module } = new Engine({ tier: 'auto', debug: { eagerTierUp: true } }).WebAssembly;
  const { down } = new Instance(new Module(bytes)).exports as { down: (n: number) => number };
  t.is(down(1000), 1000);
  const error = t.throws(() => down(-1), { instanceOf: RangeError });
  t.regex(error?.stack ?? '', /down/);
});

test.serial('a function in two tables and an export: all see the new code', (t) => {
  const bytes = wat(`(module (type $t (func (result i32)))
    (table (export "table") 2 funcref) (elem (i32.const 0) $answer $answer)
    (func $answer (export "answer") (result i32) (i32.add (i32.const 40) (i32.const 2)))
    (func (export "through") (param i32) (result i32) (call_indirect (type $t) (local.get 0))))`);
  const engine = new Engine({ tier: 'auto', debug: { eagerTierUp: true } });
  const { Instance, Module } = engine.WebAssembly;
  const { answer, through, table } = new Instance(new Module(bytes)).exports as never as {
    answer: () => number;
    through: (i: number) => number;
    table: { get(i: number): () => number };
  };
  t.is(optimized(engine), 2);
  t.deepEqual([answer(), through(0), through(1), table.get(1)()], [42, 42, 42, 42]);
});

test.serial('the engine is disposed while a function is compiled', (t) => {
  const { engine, exports } = start({ tier: 'auto' });
  runUntil(
    () => (engine.statistics().tiering?.waiting ?? 0) > 0,
    () => exports.run(50, 20_000),
  );
  engine.dispose();
  t.is(engine.statistics().tiering?.waiting, 0);
  t.throws(() => exports.run(1, 1), { message: /disposed/ });
});

test.serial('the thread is killed: the program runs on, and the statistics say so', async (t) => {
  // Node tells of a worker when the event loop turns: of those of the tests before now, of this one's below.
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  await turn();
  const threads: Worker[] = [];
  const note = (worker: Worker): unknown => threads.push(worker);
  process.on('worker', note);
  const { engine, exports } = start({ tier: 'auto' });
  const wanted = start({}).exports.run(50, 20_000);
  runUntil(
    () => (engine.statistics().tiering?.waiting ?? 0) > 0,
    () => exports.run(50, 20_000),
  );
  await turn();
  process.off('worker', note);
  t.is(threads.length, 1);
  await threads[0]?.terminate();
  await turn();
  const { tiering } = engine.statistics();
  t.is(tiering?.ended, 'its thread has ended');
  t.is(tiering?.waiting, 0);
  t.is(exports.run(50, 20_000), wanted);
  engine.dispose();
});

test.serial('used-up code memory', (t) => {
  // So large a function may need more room than there is: as much as it is given at first.
  const long = '(i32.xor (i32.const 123456789))'.repeat(40_000);
  const bytes = wat(`(module (func (export "f") (param i32) (result i32) (local.get 0) ${long})
    (func (export "g") (result i32) (i32.const 7)))`);
  const engine = new Engine({ tier: 'auto', limits: { codeMemory: 4 << 20 }, debug: { eagerTierUp: true } });
  const { Instance, Module } = engine.WebAssembly;
  const { f, g } = new Instance(new Module(bytes)).exports as { f: (n: number) => number; g: () => number };
  t.is(engine.statistics().tiering?.ended, 'the code memory is used up');
  t.is(f(5), 5);
  t.is(g(), 7);
});

test.serial('a module is freed, and so is the code that took the place of its functions', async (t) => {
  const child = fileURLToPath(new URL('./auto-freed-child.js', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', child], { encoding: 'utf8' });
  t.is(status, 0, stderr);
  t.is(stdout.trim(), 'freed');
});

test.serial('generated modules do what they do in V8, every second function replaced', async (t) => {
  const items = Array.from({ length: 100 }, (_, seed) => toItem(generateModule(seed + 1000), seed));
  for (const debug of [{}, { gcStress: true, forceSpills: true }]) {
    const options = JSON.stringify({ tier: 'auto', debug: { eagerTierUp: true, functions: mixed, ...debug } });
    const comparisons = await compareAll(items, { tested: { engine: 'beamline', options } });
    t.deepEqual(comparisons.filter(isDifference), []);
  }
});

interface Sql {
  Database: new () => { run(sql: string): void; exec(sql: string): unknown; close(): void };
}

test.serial('a database whose functions are replaced while it works', async (t) => {
  const require = createRequire(import.meta.url);
  const bytes = readFileSync(require.resolve('sql.js/dist/sql-wasm.wasm'));
  const open = async (engine: Engine): Promise<() => unknown> => {
    const { Instance, Module } = engine.WebAssembly;
    const instantiateWasm = (imports: object, done: (instance: object) => void): object => {
      done(new Instance(new Module(bytes), imports as never));
      return {};
    };
    // It makes one instance, however often it is asked: each engine gets a copy of its own.
    delete require.cache[require.resolve('sql.js')];
    const initialize = require('sql.js') as (options: object) => Promise<Sql>;
    const { Database } = await initialize({ instantiateWasm });
    return () => {
      const db = new Database();
      db.run(`create table t(a integer primary key, b text, c real);
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)
        insert into t select i, 'text ' || (i * 7919 % 100), i * 0.5 - 700 from n;
        create index x on t(b); delete from t where a % 5 = 0; update t set c = c * 1.25 where b like '%7'`);
      const rows = db.exec(`select b, count(*), sum(c), group_concat(a % 7) from t group by b order by 3 desc, 1;
        select sum(p.a * q.a) from t p join t q on p.b = q.b where p.a < 300; pragma integrity_check`);
      db.close();
      return rows;
    };
  };
  const wanted = (await open(new Engine()))();
  const engine = new Engine({ tier: 'auto' });
  const work = await open(engine);
  runUntil(
    () => optimized(engine) >= 3,
    () => t.deepEqual(work(), wanted),
  );
  t.deepEqual(work(), wanted);
  t.is(engine.statistics().tiering?.ended, undefined);
  engine.dispose();
});

test.serial('several threads, each with an engine; one is terminated in hot code', (t) => {
  const child = fileURLToPath(new URL('./auto-threads-child.js', import.meta.url));
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, [child], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  t.is(signal, null);
  t.is(status, 0, stderr);
  t.is(stdout, 'optimized\noptimized\nterminated: 1\n', stderr);
});

test.serial('the drop-in: the program has no part in the thread, and ends by itself', (t) => {
  const register = fileURLToPath(new URL('../../src/register.js', import.meta.url));
  const program = fileURLToPath(new URL('./auto-dropin-child.js', import.meta.url));
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, ['--import', register, program], {
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, BEAMLINE_TIER: 'auto' },
  });
  t.is(signal, null);
  t.is(status, 0, stderr);
  t.is(stdout, 'threads: 1, niceness 5\n', stderr);
});
