/**
 * The peers of a measurement, each in a child process of its own that stays alive: the driver asks one after the other,
 * round by round, so that all of them see the same machine.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { type EngineName, engineFlags } from '../src/cli/engine-flags.js';

export type { EngineName };
export type PeerName = EngineName | 'gcc';

export const peerTitles: Readonly<Record<PeerName, string>> = {
  beamline: 'Beamline baseline',
  liftoff: 'V8 Liftoff',
  turbofan: 'V8 TurboFan',
  gcc: 'gcc -O2',
};

export interface PeerOptions {
  /** More flags for Node. */
  readonly flags?: readonly string[];
  /** V8 does everything on one thread. Default: true. */
  readonly singleThreaded?: boolean;
}

/** What travels to a child: a function of a job file, and its argument. */
export interface Request {
  readonly job: string;
  readonly name: string;
  readonly argument: unknown;
}

/** What comes back. */
export type Reply = { readonly value: unknown } | { readonly error: string };

/** One child process that runs jobs for one engine. */
export class Peer {
  readonly engine: EngineName;
  readonly #child: ChildProcess;
  #waiting: { resolve(value: unknown): void; reject(error: Error): void } | undefined;

  constructor(engine: EngineName, options: PeerOptions = {}) {
    this.engine = engine;
    const flags = ['--expose-gc', ...engineFlags[engine], ...(options.flags ?? [])];
    if (options.singleThreaded ?? true) flags.push('--single-threaded');
    this.#child = fork(join(import.meta.dirname, 'child.js'), [engine], { execArgv: flags });
    this.#child.on('message', (reply: Reply) => {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if ('error' in reply) waiting?.reject(new Error(`${engine}: ${reply.error}`));
      else waiting?.resolve(reply.value);
    });
    this.#child.on('exit', (code, signal) => {
      this.#waiting?.reject(new Error(`${engine}: the child process ended (${signal ?? code})`));
    });
  }

  /**
   * Run an exported function of a job file (bench/job-*.ts) in the child.
   * @throws Error with the child's message
   */
  run<Result>(job: string, name: string, argument?: unknown): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve: resolve as (value: unknown) => void, reject };
      this.#child.send({ job, name, argument } satisfies Request);
    });
  }

  close(): void {
    this.#waiting = undefined;
    if (this.#child.connected) this.#child.disconnect();
  }
}

/** Start one child per engine, and end them whatever happens. */
export async function withPeers<Result>(
  engines: readonly EngineName[],
  options: PeerOptions,
  work: (peers: Peer[]) => Promise<Result>,
): Promise<Result> {
  const peers = engines.map((engine) => new Peer(engine, options));
  try {
    return await work(peers);
  } finally {
    for (const peer of peers) peer.close();
  }
}

/** The peers in another order each round: being first after a pause must not stay with one of them. */
export function rotated<T>(peers: readonly T[], round: number): T[] {
  const by = round % peers.length;
  return [...peers.slice(by), ...peers.slice(0, by)];
}
