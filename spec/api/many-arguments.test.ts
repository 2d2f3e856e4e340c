/** Functions of zero to ten parameters, cold and warm: code made for a signature takes over after some calls. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { WebAssembly as beamline } from '../../src/index.js';
import { Random } from '../support/random.js';
import { wat } from './wat.js';

type AnyFunction = (...args: unknown[]) => unknown;
type Namespace = Pick<typeof beamline, 'Module' | 'Instance'>;

const v8 = Reflect.get(globalThis, 'WebAssembly') as Namespace;
/** More than a function needs to be warm. */
const manyCalls = 2500;
const types = ['i32', 'f64', 'f32', 'i64'];

interface Pair {
  /** Gives back all its arguments. */
  readonly all: AnyFunction;
  /** Passes its arguments to a host function, which gives back the last. */
  readonly host: AnyFunction;
}

function instantiate(wasm: Namespace, params: readonly string[], log: unknown[][]): Pair {
  const list = params.length === 0 ? '' : `(param ${params.join(' ')})`;
  const gets = params.map((_, i) => `(local.get ${i})`).join(' ');
  const last = params.length === 0 ? '' : `(result ${params.at(-1)})`;
  const text = `(module (import "m" "h" (func $h ${list} ${last}))
    (func (export "all") ${list} ${list.replace('param', 'result')} ${gets})
    (func (export "host") ${list} ${last} (call $h ${gets})))`;
  const h = (...args: unknown[]) => {
    log.push(args);
    return args.at(-1);
  };
  return new wasm.Instance(new wasm.Module(wat(text)), { m: { h } }).exports as unknown as Pair;
}

function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return [(error as Error).name, (error as Error).message];
  }
}

/** Arguments that need no conversion, those that do, those that fail, too few and too many. */
function argumentLists(params: readonly string[]): unknown[][] {
  const fit: unknown[] = params.map((type, i) => (type === 'i64' ? BigInt(i) - (1n << 63n) : i + 0.75 + 2 ** (8 * i)));
  const replaced = (at: number, value: unknown) => fit.map((item, i) => (i === at ? value : item));
  const lists: unknown[][] = [fit, fit.slice(0, -1), [...fit, 'ignored'], []];
  for (let i = 0; i < params.length; i++) {
    const others =
      params[i] === 'i64' ? ['7', true, { valueOf: () => 9n }, 5, null] : ['7', true, null, { valueOf: () => 9 }, 5n];
    for (const value of [...others, undefined, Symbol('s'), Number.NaN, -0, 2 ** 32 + 1])
      lists.push(replaced(i, value));
  }
  return lists;
}

function compare(t: ExecutionContext, params: readonly string[]): void {
  const logs: [unknown[][], unknown[][]] = [[], []];
  const ours = instantiate(beamline, params, logs[0]);
  const theirs = instantiate(v8, params, logs[1]);
  const lists = argumentLists(params);
  const fit = lists[0] as unknown[];
  for (const when of ['cold', 'warm']) {
    for (const key of ['all', 'host'] as const) {
      for (const args of lists) {
        t.deepEqual(
          outcome(() => ours[key](...args)),
          outcome(() => theirs[key](...args)),
          `${when} ${key}(${params.join(' ')}) ${args.map(String).join(', ')}`,
        );
      }
    }
    t.deepEqual(logs[0], logs[1]);
    for (let i = 0; i < manyCalls; i++) ours.all(...fit);
    for (let i = 0; i < manyCalls; i++) ours.host(...fit);
    t.deepEqual(logs[0].at(-1), logs[0][0], 'warm as cold');
    logs[0].length = 0;
    logs[1].length = 0;
  }
  t.is(ours.all.length, params.length);
}

test('types in turn, zero to ten of them: as V8', (t) => {
  for (let count = 0; count <= 10; count++)
    compare(
      t,
      Array.from({ length: count }, (_, i) => types[i % 4] as string),
    );
});

test('random types: as V8', (t) => {
  const random = new Random(20);
  for (let round = 0; round < 24; round++) {
    compare(
      t,
      Array.from({ length: 1 + random.below(9) }, () => types[random.below(4)] as string),
    );
  }
});

test('warm functions that call themselves while an argument is converted', (t) => {
  const { all } = instantiate(beamline, ['i32', 'i32', 'i32', 'i32', 'f32'], []);
  for (let i = 0; i < manyCalls; i++) all(1, 2, 3, 4, 5);
  const inner = {
    valueOf() {
      t.deepEqual(all(11, 12, 13, 14, 15), [11, 12, 13, 14, 15]);
      return 7;
    },
  };
  t.deepEqual(all(1, inner, 3, 4, inner), [1, 7, 3, 4, 7]);
});

test('more signatures than code is made for', (t) => {
  for (let n = 0; n < 300; n++) {
    const params = Array.from({ length: 5 }, (_, i) => types[(n >> (2 * i)) & 3] as string);
    const { all } = instantiate(beamline, params, []);
    const args = params.map((type) => (type === 'i64' ? 1n : 1));
    for (let i = 0; i < 2001; i++) all(...args);
    t.deepEqual(all(...args), args);
  }
});

test('without code from strings the general code goes on', async (t) => {
  const index = new URL('../../src/index.js', import.meta.url).href;
  const source = wat('(module (func (export "f") (param i32 i64 f32 f64 i32) (result i32) (local.get 4)))');
  const script = `import { WebAssembly } from '${index}';
    const { f } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(${[...source].join()}))).exports;
    let sum = 0;
    for (let i = 0; i < 5000; i++) sum += f(1, 2n, 3, 4, i);
    console.log(sum);`;
  const flags = ['--disallow-code-generation-from-strings', '--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, flags);
  t.is(stdout.trim(), String((5000 * 4999) / 2));
});
