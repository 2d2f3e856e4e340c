/**
 * `beamline bench`: one module on Beamline and on V8's compilers, each in a process of its own, asked in turn, round by
 * round, in another order each round: a machine that is busy for a while slows all of them, and the ratios stay.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { ModuleDecoder } from '../stream/decoder.js';
import { ExportKind } from '../stream/item-lists.js';
import { ignoringSink } from '../stream/sink.js';
import type { BenchReply, BenchRequest } from './bench-child.js';
import { type EngineName, engineFlags } from './engine-flags.js';
import { ExitCode } from './exit-code.js';
import { Failure } from './failure.js';
import { readAll } from './input.js';
import { print } from './output.js';
import { formatBytes } from './progress.js';
import { summarize } from './statistics.js';
import { formatTable } from './table.js';
import { parseArguments } from './values.js';

export interface BenchOptions {
  readonly rounds: number;
  readonly invoke?: string;
  readonly json?: boolean;
}

const engines: readonly { name: EngineName; title: string }[] = [
  { name: 'beamline', title: 'Beamline' },
  { name: 'liftoff', title: 'V8 Liftoff' },
  { name: 'turbofan', title: 'V8 TurboFan' },
];

/** Enough work per measurement for a clock of microseconds. */
const roundMs = 80;
const warmRounds = 8;

interface Peer {
  readonly name: string;
  readonly title: string;
  readonly ask: (request: BenchRequest) => Promise<BenchReply>;
  readonly child: ChildProcess;
}

/** Milliseconds of processor time. */
interface Figures {
  readonly engine: string;
  /** The first compilation of the process. */
  readonly coldMs: number;
  readonly compileMs: number;
  /** Half the distance between the quartiles, over the median. */
  readonly compileSpread: number;
  readonly compileRate: number;
  readonly callMs?: number;
  readonly callSpread?: number;
  readonly result?: string;
}

export async function bench(source: string, args: readonly string[], options: BenchOptions): Promise<void> {
  const bytes = await readAll(source);
  const info = new ModuleDecoder(ignoringSink).finish(bytes, bytes.length);
  let values: unknown[] = [];
  if (options.invoke !== undefined) {
    const found = info.exports
      .toArray()
      .find((item) => item.name === options.invoke && item.kind === ExportKind.function);
    if (found === undefined)
      throw new Failure(`--invoke ${options.invoke}: no such function is exported`, ExitCode.usage);
    if (info.imports.length > 0) throw new Failure('--invoke: the module has imports, so it cannot be run here');
    const type = info.types.at(info.functionTypes[found.index] as number);
    values = parseArguments(options.invoke, type, args);
  }
  const peers = engines.map(startPeer);
  try {
    const figures = await measure(peers, bytes, values, options);
    printFigures(source, bytes, figures, options);
  } finally {
    for (const { child } of peers) child.kill();
  }
}

function startPeer({ name, title }: (typeof engines)[number]): Peer {
  const child = fork(new URL('./bench-child.js', import.meta.url), [name], {
    // As far as V8 can, on one thread.
    execArgv: [...engineFlags[name], '--single-threaded'],
    serialization: 'advanced',
  });
  let waiting: { resolve: (reply: BenchReply) => void; reject: (error: Error) => void } | undefined;
  const next = (): Promise<BenchReply> => new Promise((resolve, reject) => (waiting = { resolve, reject }));
  const ready = next();
  child.on('message', (reply: BenchReply) => {
    if (reply.error === undefined) waiting?.resolve(reply);
    else waiting?.reject(new Failure(`${title}: ${reply.error}`));
  });
  child.on('exit', (code, signal) => waiting?.reject(new Failure(`${title}: the process ended (${signal ?? code})`)));
  return {
    name,
    title,
    child,
    ask: async (request) => {
      await ready;
      const reply = next();
      child.send(request);
      return reply;
    },
  };
}

async function measure(
  peers: readonly Peer[],
  bytes: Uint8Array,
  args: readonly unknown[],
  options: BenchOptions,
): Promise<Figures[]> {
  const samples = peers.map(() => ({ cold: 0, compile: [] as number[], call: [] as number[], result: '' }));
  const times = peers.map(() => ({ compile: 1, call: 1 }));
  for (const [i, peer] of peers.entries()) {
    await peer.ask({ kind: 'open', bytes });
    const { ms = 0 } = await peer.ask({ kind: 'compile', times: 1 });
    (samples[i] as { cold: number }).cold = ms;
  }
  for (let round = -warmRounds; round < options.rounds; round++) {
    for (let k = 0; k < peers.length; k++) {
      const i = (k + round + warmRounds) % peers.length;
      const peer = peers[i] as Peer;
      const sample = samples[i] as (typeof samples)[number];
      const count = times[i] as (typeof times)[number];
      const { ms: compileMs = 0 } = await peer.ask({ kind: 'compile', times: count.compile });
      if (round >= 0) sample.compile.push(compileMs);
      else count.compile = Math.min(1000, Math.max(1, Math.round(roundMs / Math.max(compileMs, 0.01))));
      if (options.invoke === undefined) continue;
      const call = await peer.ask({ kind: 'call', name: options.invoke, args, times: count.call });
      if (round >= 0) sample.call.push(call.ms ?? 0);
      else count.call = Math.min(1e6, Math.max(1, Math.round(roundMs / Math.max(call.ms ?? 0, 0.0001))));
      sample.result = call.result ?? '';
    }
  }
  return peers.map((peer, i) => {
    const sample = samples[i] as (typeof samples)[number];
    const compile = summarize(sample.compile);
    const call = options.invoke === undefined ? undefined : summarize(sample.call);
    return {
      engine: peer.title,
      coldMs: sample.cold,
      compileMs: compile.median,
      compileSpread: compile.spread,
      compileRate: bytes.length / 1000 / compile.median,
      ...(call === undefined ? {} : { callMs: call.median, callSpread: call.spread, result: sample.result }),
    };
  });
}

function printFigures(source: string, bytes: Uint8Array, figures: readonly Figures[], options: BenchOptions): void {
  const results = new Set(figures.map(({ result }) => result));
  if (results.size > 1)
    throw new Failure(`the results differ: ${figures.map((row) => `${row.engine} ${row.result}`).join(', ')}`);
  if (options.json) {
    print(`${JSON.stringify({ source, bytes: bytes.length, node: process.version, figures }, undefined, 2)}\n`);
    return;
  }
  const [own] = figures as [Figures];
  const spread = (value: number): string => `±${(100 * value).toFixed(0)}%`;
  const rows = figures.map((row) => [
    row.engine,
    row.coldMs.toFixed(1),
    `${row.compileMs.toFixed(2)} ${spread(row.compileSpread)}`,
    row.compileRate.toFixed(1),
    `${(own.compileMs / row.compileMs).toFixed(2)}`,
    ...(row.callMs === undefined
      ? []
      : [
          `${(1000 * row.callMs).toFixed(3)} ${spread(row.callSpread ?? 0)}`,
          ((own.callMs ?? 0) / row.callMs).toFixed(2),
        ]),
  ]);
  const call = options.invoke === undefined ? [] : [`${options.invoke} µs`, 'Beamline / it'];
  const head = ['engine', 'first compile ms', 'compile ms', 'MB/s', 'Beamline / it', ...call];
  print(
    [
      `${source}: ${formatBytes(bytes.length)}; processor time of all threads, median of ${options.rounds} interleaved rounds`,
      ...formatTable(head, rows, `l${'r'.repeat(head.length - 1)}`),
      ...(own.result === undefined ? [] : [`  result: ${own.result}`]),
      '',
    ].join('\n'),
  );
}
