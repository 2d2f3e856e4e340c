/** Run time of the kernels in bench/kernels: Beamline, V8's two tiers, gcc -O2. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { geometricMean } from '../src/cli/statistics.js';
import { kernelFolder } from './native.js';
import type { PeerName } from './peers.js';
import { type RaceOptions, type RaceResult, race, type Subject } from './race.js';

/** A row of bench/kernels/kernels.json; `n` makes gcc's code run for about 8 ms. */
interface Kernel {
  readonly name: string;
  /** `simd`: uses vectors. */
  readonly kind: string;
  readonly n: number;
}

/** For kernels with vectors: instructions up to SSE4.2, which is what WebAssembly's SIMD was made for. No fused sums. */
const vectorFlags: readonly string[] = ['-march=x86-64-v2'];

export const kernels: readonly Subject[] = (
  JSON.parse(readFileSync(join(kernelFolder, 'kernels.json'), 'utf8')) as Kernel[]
).map((kernel) => ({
  ...kernel,
  path: join(kernelFolder, `${kernel.name}.wasm`),
  ...(kernel.kind === 'simd' && { gccFlags: vectorFlags }),
}));

export interface RunReport {
  readonly kernels: readonly RaceResult[];
  /** Geometric means of Beamline's time over the peer's. */
  readonly means: Readonly<Partial<Record<PeerName, number>>>;
}

export interface RunOptions extends RaceOptions {
  /** Names of kernels; empty: all. */
  readonly only: readonly string[];
  /** Kernels with vectors, or those without. */
  readonly simd: boolean;
}

/**
 * @returns undefined if none of the kernels is asked for.
 * @throws Error if a name is unknown, or two peers do not agree on a result.
 */
export async function benchRun(options: RunOptions): Promise<RunReport | undefined> {
  const { only, simd } = options;
  const unknown = only.filter((name) => !kernels.some((kernel) => kernel.name === name));
  if (unknown.length > 0) throw new Error(`no such kernel: ${unknown.join(', ')}`);
  const chosen = kernels.filter(
    ({ name, kind }) => (kind === 'simd') === simd && (only.length === 0 || only.includes(name)),
  );
  if (chosen.length === 0) return undefined;
  const results = await race(chosen, options);
  const peers = Object.keys(results[0]!.ratios) as PeerName[];
  return {
    kernels: results,
    means: Object.fromEntries(
      peers.map((peer) => [peer, geometricMean(results.map((result) => result.ratios[peer]!.median))]),
    ),
  };
}
