/** Modules made to be slow to compile (spec/bombs), a selection of bench/bombs.ts: time per byte beside V8's baseline. */
import { exponent, measure, perByte } from './bombs.js';

export interface BombResult {
  readonly name: string;
  /** Size of the largest of three modules, which have N, 2N and 4N parts. */
  readonly bytes: number;
  /** Nanoseconds per byte of the largest, in processor time; of V8 undefined if it failed or took too long. */
  readonly beamline: number;
  readonly liftoff: number | undefined;
  /** The time grows with the size to this power. */
  readonly beamlineGrowth: number;
  readonly liftoffGrowth: number | undefined;
}

/** A few of each kind: locals, branches, nesting, calls, results, operands. */
const chosen = [
  '49,000 locals x blocks',
  '49,000 locals, all used in turn',
  'dirty locals x (if, else call)',
  'nested if/else',
  'nested blocks with states, each left by (call, end)',
  'br_table, 1000 values',
  'block end, 1000 values',
  'calls, 15 -> 15 of i64',
  'long expression',
] as const;

/** Modules of about 100 KB: some of them take V8 most of a second. */
const scale = 0.25;

/** @throws Error if Beamline cannot compile one of them */
export function benchBombs(options: { readonly progress: (line: string) => void }): BombResult[] {
  return chosen.map((name) => {
    const own = measure('beamline', name, scale);
    if (typeof own === 'string') throw new Error(`bomb '${name}': ${own}`);
    const peer = measure('v8', name, scale);
    const last = own.at(-1)!;
    options.progress(`bombs: ${name}`);
    return {
      name,
      bytes: last.bytes,
      beamline: perByte(last),
      liftoff: typeof peer === 'string' ? undefined : perByte(peer.at(-1)!),
      beamlineGrowth: exponent(own),
      liftoffGrowth: typeof peer === 'string' ? undefined : exponent(peer),
    };
  });
}
