/** Programs with exceptions that run on V8 and on engines of Beamline with several options. */
import type { ExecutionContext } from 'ava';
import { Engine } from '../../src/index.js';
import { wat } from '../api/wat.js';

// biome-ignore lint/suspicious/noExplicitAny: a namespace, and what modules export.
export type Any = any;

export const v8 = (globalThis as Any).WebAssembly;

export interface Setting {
  readonly title: string;
  readonly namespace: Any;
  readonly engine: Engine | undefined;
}

const engine = (title: string, options: object): Setting => {
  const made = new Engine(options as never);
  return { title, namespace: made.WebAssembly, engine: made };
};

/** The engines under test. */
export const settings: readonly Setting[] = [
  engine('the core', {}),
  engine('JavaScript', { core: 'js' }),
  engine('forced spills', { debug: { forceSpills: true, checkInvariants: true } }),
  engine('optimizing', { tier: 'optimizing' }),
  engine('small world, all collected', { debug: { smallWorld: true, gcStress: true } }),
];

/** Imports of a program, made for a namespace. */
export type Imports = (namespace: Any) => object;

export function instantiate(namespace: Any, text: string | Uint8Array, imports: Imports | undefined): Any {
  const bytes = typeof text === 'string' ? wat(text) : text;
  return new namespace.Instance(new namespace.Module(bytes), imports?.(namespace) ?? {}).exports;
}

/** What a call gives, or throws, as something to be compared. */
export function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return `throws ${String(error)}`;
  }
}

/** The program's result is the expected one on V8 and on all engines. */
export function agree(
  t: ExecutionContext,
  text: string | Uint8Array,
  imports: Imports | undefined,
  run: (exports: Any, namespace: Any) => unknown,
  expected: unknown,
): void {
  if (typeof text === 'string') {
    t.deepEqual(
      outcome(() => run(instantiate(v8, text, imports), v8)),
      expected,
      'V8',
    );
  }
  for (const { title, namespace } of settings) {
    t.deepEqual(
      outcome(() => run(instantiate(namespace, text, imports), namespace)),
      expected,
      title,
    );
  }
}
