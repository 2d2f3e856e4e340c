/**
 * Deadlines, terminations, exceptions, traps and overflows at random moments in activations within each other, also on stacks
 * of their own. Each call must give the result that it would have given alone, or the error that was to be expected; none is lost, none goes
 * on with another's values. Prints `ok` and what has happened.
 *
 *     node dist/spec/runtime/interruption/storm.js [count] [seed] [v8|node-api|koffi]
 */
import vm from 'node:vm';
import { Thread } from '../../../src/backends/abi/layout.js';
import { Engine } from '../../../src/index.js';
import type { EngineOptions } from '../../../src/runtime/api/options.js';
import { ThreadRecord } from '../../../src/runtime/machine/thread.js';
import { wat } from '../../api/wat.js';
import { Random } from '../../support/random.js';

const [count = 10_000, seed = 1] = process.argv.slice(2, 4).map(Number);
const calls = (process.argv[4] ?? 'auto') as NonNullable<EngineOptions['calls']>;

const rounds = 5;
const bytes = await wat(`(module
  (import "m" "step" (func $step (param i32 i32 externref) (result i32)))
  (import "m" "corrupt" (func $corrupt))
  (func $work (export "work") (param $depth i32) (param $token i32) (param $mark externref) (result i32)
    (local $a i32) (local $b f64) (local $sum i32) (local $i i32)
    (local.set $a (i32.mul (local.get $token) (i32.const 3)))
    (local.set $b (f64.convert_i32_s (local.get $token)))
    (loop
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31))
        (call $step (local.get $depth) (i32.add (local.get $token) (local.get $i)) (local.get $mark))))
      (if (i32.ne (local.get $a) (i32.mul (local.get $token) (i32.const 3))) (then (call $corrupt)))
      (if (f64.ne (local.get $b) (f64.convert_i32_s (local.get $token))) (then (call $corrupt)))
      (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${rounds}))))
    (local.get $sum))
  (func (export "spin") (loop (br 0)))
  (func (export "trap") unreachable)
  (func $dive (export "dive") (result i32) (i32.add (call $dive) (i32.const 1))))`);

interface Exports {
  work(depth: number, token: number, mark: object): number;
  spin(): void;
  trap(): void;
  dive(): number;
}

class Storm extends Error {}

const random = new Random(0x73746f72, seed);
const engine = new Engine({ calls });
const W = engine.WebAssembly;
const happened: Record<string, number> = {};
const note = (what: string): void => {
  happened[what] = (happened[what] ?? 0) + 1;
};
const fail = (what: string): never => {
  console.log(`${what} (seed ${seed})`);
  process.exit(1);
};

const ofStep = (depth: number, token: number): number => (Math.imul(token, 7) + depth) | 0;
function expected(depth: number, token: number): number {
  let sum = 0;
  for (let i = 0; i < rounds; i++) sum = (Math.imul(sum, 31) + ofStep(depth, token + i)) | 0;
  return sum;
}

const isTimeout = (error: unknown): boolean => (error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
const isInterruption = (error: unknown): boolean => (error as Error).message === 'execution interrupted';

/** A call with its own reference and token: the right result, or an error that others have caused. */
function call(depth: number): void {
  const token = random.below(1_000_000);
  const result = exports.work(depth, token, { token });
  if (result !== expected(depth, token)) fail(`work(${depth}, ${token}) gave ${result}`);
  note('results');
}

function attempt(what: string, allowed: (error: unknown) => boolean, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!allowed(error)) throw error;
    note(what);
  }
}

const pending: Promise<void>[] = [];
// A timeout can come between a call that gives a promise and the `then` of the next statement.
process.on('unhandledRejection', (error) => {
  if (!(error instanceof Storm || isInterruption(error))) fail(`a rejection that nobody expects: ${error}`);
  note('promises lost');
});

function act(depth: number): void {
  const inner = Math.max(0, depth - 1);
  switch (depth === 0 ? random.below(3) : random.below(16)) {
    case 1:
      if (random.below(4) === 0) {
        note('thrown');
        throw new Storm();
      }
      break;
    case 3:
    case 4:
      call(inner);
      break;
    case 5:
    case 6:
      attempt(
        'exceptions caught',
        (error) => error instanceof Storm,
        () => call(inner),
      );
      break;
    case 7:
      attempt('deadlines', isInterruption, () =>
        engine.withDeadline(0.05 + random.below(30) / 20, () => (random.below(2) === 0 ? exports.spin() : call(inner))),
      );
      break;
    case 8:
    case 9: {
      if (isTimed) break;
      const kind = random.below(3);
      const f = (): void => {
        if (kind === 0) exports.spin();
        call(inner);
        if (kind === 1) for (;;);
      };
      attempt('terminations', isTimeout, () => timed(f));
      break;
    }
    case 10:
      attempt(
        'traps',
        (error) => (error as Error).message === 'unreachable',
        () => exports.trap(),
      );
      break;
    case 11:
      if (random.below(20) === 0)
        attempt(
          'overflows',
          (error) => error instanceof RangeError,
          () => void exports.dive(),
        );
      break;
    case 12: {
      const token = random.below(1_000_000);
      pending.push(
        promising(inner, token, { token }).then(
          (result) => (result === expected(inner, token) ? note('promises') : fail('a promise of a wrong result')),
          (error) => {
            if (!(error instanceof Storm || isInterruption(error))) fail(`a promise rejected: ${error}`);
            note('promises rejected');
          },
        ),
      );
      break;
    }
  }
}

/** Node forgets a timeout that passes together with one within it. */
let isTimed = false;

function timed(f: () => void): void {
  isTimed = true;
  try {
    vm.runInNewContext('f()', { f }, { timeout: 1 + random.below(3) });
  } finally {
    isTimed = false;
  }
}

const exports = new W.Instance(new W.Module(bytes), {
  m: {
    step(depth: number, token: number, mark: { token: number }): number {
      if (token - mark.token < 0 || token - mark.token >= rounds) fail('a reference of another call');
      act(depth);
      return ofStep(depth, token);
    },
    corrupt: () => fail('locals of another activation'),
  },
}).exports as unknown as Exports;
const promising = W.promising(exports.work) as (...args: unknown[]) => Promise<number>;

const events = (): number => {
  const { terminations = 0, deadlines = 0, thrown = 0 } = happened;
  return terminations + deadlines + thrown;
};
const thread = ThreadRecord.current();
for (let i = 0; events() < count; i++) {
  try {
    call(4);
  } catch (error) {
    if (!(error instanceof Storm || isInterruption(error))) throw error;
    note('calls that failed');
  }
  if (i % 20 === 19) {
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all(pending);
    pending.length = 0;
    if (thread.pointer(Thread.activation) !== 0) fail('an activation is left');
    if (thread.pointer(Thread.stackHigh) !== thread.firstStackHigh) fail('another stack is in use');
    if (i % 200 === 199) engine.gc();
  }
}
console.log(JSON.stringify(happened));
console.log('ok');
