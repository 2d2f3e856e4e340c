/** Small versions of the bombs give what V8 gives, in every mode of the compiler. */
import test from 'ava';
import { Engine, type EngineOptions } from '../../src/index.js';
import { v8 } from '../support/engine.js';
import { bombs } from './all.js';
import type { Bomb } from './bomb.js';

const modes: Record<string, EngineOptions> = {
  usual: {},
  spilling: { debug: { forceSpills: true, checkInvariants: true } },
  checked: { debug: { checkInvariants: true, checkUpperHalves: true } },
  'optimizing tier': { tier: 'optimizing' },
  'optimizing tier, which gives up early': { tier: 'optimizing', debug: { smallWorld: true } },
};

type Namespace = typeof v8;

/** What the calls of `f` give, as text: NaN and bits of floats are compared by their value. */
function outcome(namespace: Namespace, bytes: Uint8Array, calls: number[][]): string[] {
  const module = new namespace.Module(bytes);
  const { f } = new namespace.Instance(module, {}).exports as Record<string, (...args: number[]) => unknown>;
  return calls.map((args) => {
    try {
      const result = f?.(...args);
      return String(typeof result === 'function' ? 'function' : result);
    } catch (error) {
      return error instanceof Error ? `${error.constructor.name}: ${error.message}` : 'not an error';
    }
  });
}

const runnable = bombs.filter((bomb): bomb is Bomb & { run: number } => bomb.run !== undefined);

for (const [mode, options] of Object.entries(modes)) {
  test(`small bombs run as in V8: ${mode}`, (t) => {
    const engine = new Engine(options);
    for (const bomb of runnable) {
      for (const n of [1, bomb.run]) {
        const bytes = bomb.build(n);
        const calls = bomb.calls ?? [[]];
        const expected = outcome(v8, bytes, calls);
        const actual = outcome(engine.WebAssembly as unknown as Namespace, bytes, calls);
        t.deepEqual(actual, expected, `${bomb.name}, ${n}`);
      }
    }
    engine.dispose();
  });
}
