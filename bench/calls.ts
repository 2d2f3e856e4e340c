/** Cost of calls between JS and wasm, and of traps, beside V8's. */

import { ratio, type Summary, summarize } from '../src/cli/statistics.js';
import { type CallCase, callCases } from './job-calls.js';
import { type EngineName, rotated, withPeers } from './peers.js';

export interface CallResult {
  readonly title: string;
  /** Nanoseconds per call. */
  readonly times: Readonly<Record<EngineName, Summary>>;
  /** Beamline's time over TurboFan's. */
  readonly ratio: Summary;
}

export interface CallOptions {
  readonly rounds: number;
  readonly progress: (line: string) => void;
}

const engines: readonly EngineName[] = ['beamline', 'liftoff', 'turbofan'];

export function benchCalls(options: CallOptions): Promise<CallResult[]> {
  return withPeers(engines, { singleThreaded: false }, async (peers) => {
    const results: CallResult[] = [];
    for (const name of Object.keys(callCases) as CallCase[]) {
      const samples: Record<EngineName, number[]> = { beamline: [], liftoff: [], turbofan: [] };
      // Round 0 lets V8 optimize the calling function, and is not counted.
      for (let round = 0; round <= options.rounds; round++) {
        for (const peer of rotated(peers, round)) {
          const ns = await peer.run<number>('calls', 'time', { name });
          if (round > 0) samples[peer.engine].push(ns);
        }
      }
      results.push({
        title: callCases[name].title,
        times: {
          beamline: summarize(samples.beamline),
          liftoff: summarize(samples.liftoff),
          turbofan: summarize(samples.turbofan),
        },
        ratio: ratio(samples.beamline, samples.turbofan),
      });
      options.progress(`calls: ${callCases[name].title}`);
    }
    return results;
  });
}
