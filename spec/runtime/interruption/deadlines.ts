/**
 * Random deadlines, one within another, around code that spins, returns, waits, throws, calls back and is terminated by V8.
 *
 *     node dist/spec/runtime/interruption/deadlines.js [count] [seed]
 *
 * Fails if one is lost, comes early, or outlives its scope.
 */
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { Engine } from '../../../src/index.js';
import { wat } from '../../api/wat.js';
import { Random } from '../../support/random.js';

/** A scope that is open. Its deadline passes between these two moments: the clock is read outside of it and inside. */
interface Scope {
  readonly earliest: number;
  readonly latest: number;
}

export interface DeadlineReport {
  readonly deadlines: number;
  readonly interruptions: number;
  readonly refusals: number;
  readonly terminations: number;
  /** Most milliseconds that code ran after its deadline. */
  readonly latestMs: number;
}

const deepest = 4;

/** @throws Error that says what went wrong. */
export async function randomDeadlines(count: number, seed: number): Promise<DeadlineReport> {
  const random = new Random(seed);
  const engine = new Engine();
  const bytes = await wat(`(module (import "m" "f" (func $f))
    (func (export "spin") (loop (br 0)))
    (func (export "nop"))
    (func (export "calls") (call $f) (call $f)))`);
  let host = (): void => {};
  const m = { f: () => host() };
  const { exports } = new engine.WebAssembly.Instance(new engine.WebAssembly.Module(bytes), { m });
  const { spin, nop, calls } = exports as unknown as Record<'spin' | 'nop' | 'calls', () => void>;
  const scopes: Scope[] = [];
  let deadlines = 0;
  let interruptions = 0;
  let refusals = 0;
  let terminations = 0;
  let latestMs = 0;

  const earliest = (): number => Math.min(...scopes.map((scope) => scope.earliest));
  const latest = (): number => Math.min(...scopes.map((scope) => scope.latest));
  const fail = (text: string): never => {
    throw new Error(`seed ${seed}, deadline ${deadlines}, ${scopes.length} scopes: ${text}`);
  };

  /** Calls wasm; true if it was interrupted or refused. */
  const isEnded = (f: () => void): boolean => {
    try {
      f();
      return false;
    } catch (error) {
      if ((error as Error).message === 'execution interrupted') return true;
      throw error;
    }
  };

  const mustSpin = (): void => {
    if (!isEnded(spin)) fail('a loop ended');
    const now = performance.now();
    if (now < earliest()) fail('a loop was interrupted early');
    latestMs = Math.max(latestMs, now - latest());
    interruptions++;
  };

  const tryNop = (): void => {
    const before = performance.now();
    const ended = isEnded(nop);
    const after = performance.now();
    if (ended && after < earliest()) fail('code was refused early');
    if (!ended && before >= latest()) fail('code was not refused after the deadline');
    if (ended) refusals++;
  };

  const wait = (milliseconds: number): void => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
  };

  /** A termination of V8 in the middle of scopes that it takes along. */
  const terminate = (): void => {
    const depth = scopes.length;
    try {
      vm.runInNewContext('f()', { f: () => scope(() => spin(), 1000) }, { timeout: 1 + random.below(3) });
    } catch (error) {
      if ((error as Error).message === 'execution interrupted') return;
      if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      terminations++;
    } finally {
      scopes.length = depth;
    }
  };

  function scope(run: () => void, milliseconds: number): void {
    deadlines++;
    const depth = scopes.length;
    const before = performance.now();
    try {
      engine.withDeadline(milliseconds, () => {
        scopes.push({ earliest: before + milliseconds, latest: performance.now() + milliseconds });
        run();
      });
    } finally {
      scopes.length = depth;
    }
  }

  const act = (): void => {
    const choice = random.below(20);
    if (choice < 5) mustSpin();
    else if (choice < 10) tryNop();
    else if (choice < 12) wait(random.below(100) / 50);
    else if (choice < 17) nest();
    else if (choice < 19) {
      host = nest;
      isEnded(calls);
      host = () => {};
    } else terminate();
  };

  function nest(): void {
    if (scopes.length >= deepest) return tryNop();
    const throws = random.below(4) === 0;
    const thrown = new Error('thrown');
    try {
      scope(
        () => {
          for (let i = random.below(4); i > 0; i--) act();
          if (throws) throw thrown;
        },
        0.02 + random.below(300) / 100,
      );
      if (throws) fail('an exception was lost');
    } catch (error) {
      if (error !== thrown) throw error;
    }
  }

  while (deadlines < count) {
    nest();
    if (isEnded(nop)) fail('code is refused after all scopes have ended');
  }
  return { deadlines, interruptions, refusals, terminations, latestMs };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(await randomDeadlines(Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 1)));
}
