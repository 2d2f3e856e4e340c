/** The optimizing tier: the official suite, generated modules and the bench's kernels, with its checks on. In child processes. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { type DebugOptions, Engine } from '../../src/index.js';
import { wat } from '../api/wat.js';
import { compareAll, isDifference } from '../differential/compare.js';
import { toItem } from '../differential/finding.js';
import { generateModule } from '../fuzz/generate.js';
import { projectRoot, suiteFolder } from '../suite/format.js';
import { v8 } from '../support/engine.js';

const runner = fileURLToPath(new URL('../suite/run.js', import.meta.url));

/** Files that between them have every opcode, and all ways to call and to branch. */
const files = [
  'core/i32,core/i64,core/f32,core/f64,core/conversions,core/int_exprs,core/float_exprs,core/br_table,core/br_if',
  'core/call,core/call_indirect,core/loop,core/if,core/block,core/select,core/local_set,core/local_tee,core/global,core/fac',
  'core/memory_grow,core/memory_trap,core/address,core/align,core/endianness,core/left-to-right,core/nop,core/return',
  'core/stack,core/switch,core/unwind,core/traps,core/func,core/labels,core/float_memory,core/skip-stack-guard-page',
  'bulk-memory,table_get,table_set,table_grow,table_fill,table_copy,table_init,ref_func,ref_is_null,ref_null,memory_copy',
  'simd_i8x16_arith,simd_i32x4_cmp,simd_f32x4_arith,simd_lane,simd_load,simd_store,simd_load_extend,simd_load8_lane',
  'simd_store16_lane,simd_conversions,simd_bitwise,simd_boolean,simd_splat,simd_bit_shift,simd_const,simd_f64x2_rounding',
].join(',');
/** Files whose code depends most on registers and on the processor. */
const fewFiles =
  'core/i64,core/f32,core/conversions,core/br_table,core/call_indirect,core/memory_trap,core/left-to-right,simd_lane,simd_conversions,simd_i8x16_arith,simd_bit_shift,simd_load,simd_store16_lane';

for (const [name, options] of Object.entries({
  usual: {},
  'few registers': { debug: { forceSpills: true, checkInvariants: true } },
  // Most functions are given up somewhere in the middle.
  'little work': { debug: { smallWorld: true } },
  'checked bounds, oldest processor': { bounds: 'check', cpu: 'sse4.1' },
})) {
  test.serial(`the official suite: ${name}`, (t) => {
    const flags = [
      '--options',
      JSON.stringify({ tier: 'optimizing', ...options }),
      '--file',
      name === 'usual' ? files : fewFiles,
    ];
    const { stdout } = spawnSync(process.execPath, [runner, ...flags], { encoding: 'utf8' });
    if (suiteFolder() === null) {
      // As in the whole run: that says so loudly, and is no failure.
      t.regex(stdout, /THE SPEC SUITE IS MISSING/);
      t.log('the official suite is not here');
      return;
    }
    const [, passed, failed] = /(\d+) passed, (\d+) failed/.exec(stdout) ?? [];
    t.is(failed, '0', stdout);
    t.true(Number(passed) > 4000, stdout);
  });
}

test.serial('generated modules do what they do in V8', async (t) => {
  const items = Array.from({ length: 150 }, (_, seed) => toItem(generateModule(seed), seed));
  for (const debug of [{ checkInvariants: true }, { forceSpills: true, gcStress: true }]) {
    const options = JSON.stringify({ tier: 'optimizing', debug });
    const comparisons = await compareAll(items, { tested: { engine: 'beamline', options } });
    t.deepEqual(comparisons.filter(isDifference), []);
  }
});

test('the graphs and the allocation of the kernels keep the rules', (t) => {
  const folder = join(projectRoot(), 'bench', 'kernels');
  const kernels = readdirSync(folder).filter((file) => file.endsWith('.wasm'));
  t.true(kernels.length > 40);
  const debugs: DebugOptions[] = [{ checkInvariants: true }, { checkInvariants: true, forceSpills: true }];
  for (const debug of debugs) {
    const engine = new Engine({ tier: 'optimizing', debug });
    for (const kernel of kernels) {
      t.notThrows(() => new engine.WebAssembly.Module(readFileSync(join(folder, kernel))), kernel);
    }
    engine.dispose();
  }
});

test('many values meet in memory, in all orders', (t) => {
  // A loop that turns the values of forty locals round: more than there are registers, each a phi that others read.
  const count = 40;
  const locals = Array.from({ length: count }, (_, i) => i + 1);
  const turn = `${locals.map((i) => `local.get ${i}`).join(' ')} ${locals.map((i) => `local.set ${((i + 2) % count) + 1}`).join(' ')}`;
  const text = (type: string): string => `(module (func (export "f") (param i32) (result ${type})
    (local ${locals.map(() => type).join(' ')})
    ${locals.map((i) => `${type}.const ${i * i} local.set ${i}`).join('\n')}
    loop ${turn} local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end
    ${type}.const 0 ${locals.map((i) => `local.get ${i} ${type}.const 3 ${type}.mul ${type}.add`).join(' ')}))`;
  const optimizing = new Engine({ tier: 'optimizing', debug: { checkInvariants: true } });
  const baseline = new Engine();
  for (const type of ['i32', 'i64', 'f32', 'f64']) {
    const bytes = wat(text(type));
    const results = [optimizing, baseline].map((engine) => {
      const { f } = new engine.WebAssembly.Instance(new engine.WebAssembly.Module(bytes)).exports;
      return [1, 2, 7, 40, 41].map((n) => (f as (n: number) => unknown)(n));
    });
    t.deepEqual(results[0], results[1]);
  }
  optimizing.dispose();
  baseline.dispose();
});

interface Sql {
  Database: new () => { run(sql: string): void; exec(sql: string): unknown };
}

test('a database of a few thousand rows', async (t) => {
  const require = createRequire(import.meta.url);
  const bytes = readFileSync(require.resolve('sql.js/dist/sql-wasm.wasm'));
  const answers = async (wasm: Pick<Engine['WebAssembly'], 'Instance' | 'Module'>): Promise<unknown> => {
    const instantiateWasm = (imports: object, done: (instance: object) => void): object => {
      done(new wasm.Instance(new wasm.Module(bytes), imports as never));
      return {};
    };
    // It makes one instance, however often it is asked: each engine gets a copy of its own.
    delete require.cache[require.resolve('sql.js')];
    const initialize = require('sql.js') as (options: object) => Promise<Sql>;
    const { Database } = await initialize({ instantiateWasm });
    const db = new Database();
    db.run(`create table t(a integer primary key, b text, c real);
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 4000)
      insert into t select i, 'text ' || (i * 7919 % 100), i * 0.5 - 700 from n;
      create index x on t(b); delete from t where a % 5 = 0; update t set c = c * 1.25 where b like '%7'`);
    return db.exec(`select b, count(*), sum(c), group_concat(a % 7) from t group by b order by 3 desc, 1;
      select sum(p.a * q.a) from t p join t q on p.b = q.b where p.a < 300; pragma integrity_check`);
  };
  const engine = new Engine({ tier: 'optimizing' });
  t.deepEqual(await answers(engine.WebAssembly), await answers(v8 as unknown as Engine['WebAssembly']));
  engine.dispose();
});
