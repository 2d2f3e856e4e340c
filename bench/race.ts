/** Programs that all peers run, round by round, each peer in its own process. */

import { ratio, type Summary, summarize } from '../src/cli/statistics.js';
import { gccVersion, NativePeer, type Run } from './native.js';
import { type EngineName, type PeerName, rotated, withPeers } from './peers.js';

/** A program: the same source as wasm and, with gcc, as machine code. */
export interface Subject {
  readonly name: string;
  readonly kind: string;
  /** The built module; it exports `run`. */
  readonly path: string;
  /** Argument of `run`. */
  readonly n: number;
  /** More flags for gcc. */
  readonly gccFlags?: readonly string[];
}

export interface RaceOptions {
  readonly rounds: number;
  readonly progress: (line: string) => void;
}

export interface RaceResult {
  readonly name: string;
  readonly kind: string;
  readonly n: number;
  /** Checksum, the same for all. */
  readonly result: number;
  /** Milliseconds of processor time per run. Without gcc on the machine it has no column. */
  readonly times: Readonly<Partial<Record<PeerName, Summary>>>;
  /** Beamline's time over the peer's: below 1, Beamline is faster. */
  readonly ratios: Readonly<Partial<Record<PeerName, Summary>>>;
}

const engines: readonly EngineName[] = ['beamline', 'liftoff', 'turbofan'];

interface Runner {
  readonly name: PeerName;
  run(): Promise<Run>;
}

/**
 * Run all subjects.
 * @throws Error if a peer's checksum differs from the others'.
 */
export function race(subjects: readonly Subject[], options: RaceOptions): Promise<RaceResult[]> {
  const withGcc = gccVersion() !== undefined;
  return withPeers(engines, { singleThreaded: false }, async (peers) => {
    const results: RaceResult[] = [];
    for (const subject of subjects) {
      const native = withGcc ? new NativePeer(subject.name, subject.gccFlags) : undefined;
      try {
        const runners: Runner[] = [];
        for (const peer of peers) {
          await peer.run('run', 'load', { name: subject.name, path: subject.path });
          const argument = { name: subject.name, n: subject.n };
          runners.push({ name: peer.engine, run: () => peer.run<Run>('run', 'run', argument) });
        }
        if (native !== undefined) runners.push({ name: 'gcc', run: () => native.run(subject.n) });
        results.push(await raceOne(subject, runners, options.rounds));
      } finally {
        native?.close();
      }
      options.progress(`run: ${subject.name}`);
    }
    return results;
  });
}

async function raceOne(subject: Subject, runners: readonly Runner[], rounds: number): Promise<RaceResult> {
  const samples: Partial<Record<PeerName, number[]>> = {};
  let expected: number | undefined;
  // Round 0 warms caches and branch predictors, and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const runner of rotated(runners, round)) {
      const { result, ms } = await runner.run();
      expected ??= result;
      if (result !== expected) {
        throw new Error(`${subject.name}: ${runner.name} returns ${result}, others ${expected}`);
      }
      if (round > 0) {
        samples[runner.name] ??= [];
        samples[runner.name]!.push(ms);
      }
    }
  }
  const names = Object.keys(samples) as PeerName[];
  const own = samples.beamline!;
  return {
    name: subject.name,
    kind: subject.kind,
    n: subject.n,
    result: expected!,
    times: Object.fromEntries(names.map((name) => [name, summarize(samples[name]!)])),
    ratios: Object.fromEntries(
      names.filter((name) => name !== 'beamline').map((name) => [name, ratio(own, samples[name]!)]),
    ),
  };
}
