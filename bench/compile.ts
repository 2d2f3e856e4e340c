/** Compilation: throughput warm and cold, size of the code, peak memory, time from the last byte to ready. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { engineFlags } from '../src/cli/engine-flags.js';
import { geometricMean, ratio, type Summary, summarize } from '../src/cli/statistics.js';
import type { ColdStep, ColdTimes } from './cold.js';
import { type CorpusEntry, corpus, isHere, modulePath } from './corpus.js';
import type { StreamTimes } from './job-compile.js';
import { type EngineName, Peer, rotated, withPeers } from './peers.js';

const engines: readonly EngineName[] = ['beamline', 'liftoff'];
const warmBytes = 20e6;
/**
 * How often each module is compiled before its throughput is measured. V8 optimises Beamline's own code on the thread that
 * is measured, functions for vector opcodes (few modules have them) long after the others: tfjs needs about ten rounds.
 */
const warmTimes = 10;
/** Streams arrive at this pace: 4 MB/s is a 32 Mbit line. */
const paceBytesPerMs = 4000;
const chunkBytes = 16384;

export interface CompileOptions {
  readonly rounds: number;
  readonly quick: boolean;
  /** Names of the corpus; empty: all that are here and that Beamline can compile. */
  readonly modules: readonly string[];
  readonly progress: (line: string) => void;
}

/** One module, for Beamline and Liftoff. */
export interface ModuleResult {
  readonly name: string;
  readonly kind: string;
  readonly codeBytes: number;
  /** MB of code section per second, warm, one thread. */
  readonly beamline: Summary;
  readonly liftoff: Summary;
  /** Beamline's throughput over Liftoff's. */
  readonly ratio: Summary;
}

export interface ColdResult {
  readonly engine: EngineName;
  readonly firstModule: string;
  /** Milliseconds of wall time: import and first module. */
  readonly first: Summary;
  /** The same, in processor time of the thread that matters (`ColdStep.work`): as on an idle machine. */
  readonly firstWork: Summary;
  /** Of that, the import. */
  readonly importWork: Summary;
  /** MB of code section per second from the second MB on, by that processor time. */
  readonly restRate: Summary;
}

export interface SizeResult {
  readonly name: string;
  /** Bytes of machine code per byte of code section. */
  readonly beamline: number;
  readonly liftoff: number;
}

export interface MemoryResult {
  readonly name: string;
  readonly bytes: number;
  /** Growth of the resident set at its peak, in bytes. */
  readonly beamline: number;
  readonly liftoff: number;
}

export interface StreamResult {
  readonly name: string;
  readonly bytes: number;
  /** Milliseconds from the last byte to the Module; V8 with its background threads. */
  readonly beamline: Summary;
  readonly liftoff: Summary;
}

export interface CompileReport {
  readonly modules: readonly ModuleResult[];
  readonly throughput: { readonly beamline: number; readonly liftoff: number; readonly ratio: number };
  readonly cold: readonly ColdResult[];
  readonly sizes: readonly SizeResult[];
  readonly memory: readonly MemoryResult[];
  readonly streams: readonly StreamResult[];
}

/** Modules of the corpus that this run compiles. */
function selected(options: CompileOptions): CorpusEntry[] {
  const usable = corpus.filter(isHere);
  if (options.modules.length > 0) return usable.filter((entry) => options.modules.includes(entry.name));
  return options.quick ? usable.filter((entry) => entry.codeBytes < 2.5e6 && entry.set === 'small') : usable;
}

function throughput(entries: readonly CorpusEntry[], options: CompileOptions): Promise<ModuleResult[]> {
  return withPeers(engines, {}, async (peers) => {
    const times = new Map(entries.map((entry) => [entry.name, { beamline: [] as number[], liftoff: [] as number[] }]));
    const warmers = entries.filter((entry) => entry.codeBytes < 4e6).map((entry) => entry.name);
    const modules = warmers.length > 0 ? warmers : entries.map((entry) => entry.name);
    for (const peer of peers) {
      await peer.run('compile', 'warm', { modules, bytes: warmBytes, times: warmTimes });
    }
    for (let round = 0; round < options.rounds; round++) {
      for (const { name } of entries) {
        for (const peer of rotated(peers, round)) {
          const ms = await peer.run<number>('compile', 'compile', { module: name });
          times.get(name)![peer.engine as 'beamline' | 'liftoff'].push(ms);
        }
      }
      options.progress(`compile: round ${round + 1} of ${options.rounds}`);
    }
    return entries.map(({ name, kind, codeBytes }) => {
      const { beamline, liftoff } = times.get(name)!;
      const rate = (ms: number) => codeBytes / 1000 / ms;
      return {
        name,
        kind,
        codeBytes,
        beamline: summarize(beamline.map(rate)),
        liftoff: summarize(liftoff.map(rate)),
        ratio: ratio(liftoff, beamline),
      };
    });
  });
}

/** One fresh process. */
function coldOnce(engine: EngineName, entries: readonly CorpusEntry[]): ColdTimes {
  const child = spawnSync(
    process.execPath,
    [...engineFlags[engine], join(import.meta.dirname, 'cold.js'), engine, ...entries.map(modulePath)],
    { encoding: 'utf8' },
  );
  if (child.status !== 0) throw new Error(`cold ${engine}: ${child.stderr}`);
  return JSON.parse(child.stdout);
}

/** Modules in the order in which a cold process compiles them: half a MB first, then some MB more. */
const coldSequence = ['quickjs', 'sql', 're2', '7z', 'resvg'];

function cold(options: CompileOptions): ColdResult[] {
  const entries = coldSequence.map((name) => corpus.find((entry) => entry.name === name)!).filter(isHere);
  const samples = engines.map(() => [] as ColdTimes[]);
  for (let round = 0; round < Math.max(3, options.rounds); round++) {
    for (const [index, engine] of engines.entries()) samples[index]!.push(coldOnce(engine, entries));
  }
  options.progress('compile: cold processes');
  // The first two modules are the first MB.
  const restBytes = entries.slice(2).reduce((sum, entry) => sum + entry.codeBytes, 0);
  return engines.map((engine, index) => {
    const times = samples[index]!;
    const sum = (steps: readonly ColdStep[]) => steps.reduce((total, step) => total + step.work, 0);
    return {
      engine,
      firstModule: entries[0]!.name,
      first: summarize(times.map((sample) => sample.import.wall + sample.modules[0]!.wall)),
      firstWork: summarize(times.map((sample) => sample.import.work + sample.modules[0]!.work)),
      importWork: summarize(times.map((sample) => sample.import.work)),
      restRate: summarize(times.map((sample) => restBytes / 1000 / sum(sample.modules.slice(2)))),
    };
  });
}

/** Liftoff's machine code of a module, as V8 reports it function by function. */
function liftoffCodeSize(entry: CorpusEntry): number {
  const program = `new WebAssembly.Module(require('node:fs').readFileSync(${JSON.stringify(modulePath(entry))}))`;
  const child = spawnSync(
    process.execPath,
    [...engineFlags.liftoff, '--single-threaded', '--trace-wasm-compilation-times', '-e', program],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  let bytes = 0;
  for (const match of child.stdout.matchAll(/using Liftoff, .*codesize (\d+)/g)) bytes += Number(match[1]);
  if (child.status !== 0 || bytes === 0) throw new Error(`V8 does not tell its code size: ${child.stderr}`);
  return bytes;
}

function sizes(entries: readonly CorpusEntry[]): Promise<SizeResult[]> {
  return withPeers(['beamline'], {}, async ([beamline]) => {
    const results: SizeResult[] = [];
    for (const entry of entries) {
      const own = await beamline!.run<number>('compile', 'beamlineCodeSize', { module: entry.name });
      results.push({
        name: entry.name,
        beamline: own / entry.codeBytes,
        liftoff: liftoffCodeSize(entry) / entry.codeBytes,
      });
    }
    return results;
  });
}

async function memory(entries: readonly CorpusEntry[]): Promise<MemoryResult[]> {
  const results: MemoryResult[] = [];
  for (const entry of entries) {
    const peaks: number[] = [];
    for (const engine of engines) {
      const peer = new Peer(engine);
      try {
        peaks.push(await peer.run<number>('compile', 'peakMemory', { module: entry.name }));
      } finally {
        peer.close();
      }
    }
    results.push({ name: entry.name, bytes: entry.bytes, beamline: peaks[0]!, liftoff: peaks[1]! });
  }
  return results;
}

function streams(entries: readonly CorpusEntry[], options: CompileOptions): Promise<StreamResult[]> {
  return withPeers(engines, { singleThreaded: false }, async (peers) => {
    const modules = entries.filter((entry) => entry.codeBytes < 4e6).map((entry) => entry.name);
    if (modules.length > 0)
      for (const peer of peers) {
        await peer.run('compile', 'warm', { modules, bytes: warmBytes, times: 1 });
      }
    const results: StreamResult[] = [];
    for (const { name, bytes } of entries) {
      const times = { beamline: [] as number[], liftoff: [] as number[] };
      for (let round = 0; round < options.rounds; round++) {
        for (const peer of rotated(peers, round)) {
          const sample = await peer.run<StreamTimes>('compile', 'stream', {
            module: name,
            chunk: chunkBytes,
            pace: paceBytesPerMs,
          });
          times[peer.engine as 'beamline' | 'liftoff'].push(sample.lastByteToReady);
        }
      }
      results.push({ name, bytes, beamline: summarize(times.beamline), liftoff: summarize(times.liftoff) });
    }
    options.progress('compile: streams');
    return results;
  });
}

/** A few modules of different size, for what takes a process or a stream each. */
function sample(entries: readonly CorpusEntry[], quick: boolean): CorpusEntry[] {
  const sorted = [...entries].sort((a, b) => a.codeBytes - b.codeBytes);
  const count = Math.min(quick ? 3 : 6, sorted.length);
  return Array.from(
    { length: count },
    (_, i) => sorted[Math.round((i * (sorted.length - 1)) / Math.max(1, count - 1))]!,
  );
}

/** @throws Error if no module of the corpus is here. */
export async function benchCompile(options: CompileOptions): Promise<CompileReport> {
  const entries = selected(options);
  if (entries.length === 0) throw new Error('no module of the corpus is here: npm run corpus fetch');
  const some = sample(entries, options.quick);
  const modules = await throughput(entries, options);
  const mean = (pick: (result: ModuleResult) => number) => geometricMean(modules.map(pick));
  return {
    modules,
    throughput: {
      beamline: mean((result) => result.beamline.median),
      liftoff: mean((result) => result.liftoff.median),
      ratio: mean((result) => result.ratio.median),
    },
    cold: cold(options),
    sizes: await sizes(entries),
    memory: await memory(some),
    streams: await streams(some, options),
  };
}
