/** What users meet first: fresh processes, from start to end, beside V8's baseline compiler that compiles eagerly. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readModule as readShape } from '../spec/support/reader.js';
import { EXTERNREF, I64, Kind, typeName } from '../spec/support/wasm-types.js';
import { engineFlags } from '../src/cli/engine-flags.js';
import { geometricMean, type Summary, summarize } from '../src/cli/statistics.js';
import { type CorpusEntry, corpus, isHere, modulePath } from './corpus.js';
import type { FreshTask, FreshTimes, StubImport } from './fresh-child.js';

const run = promisify(execFile);
const child = join(import.meta.dirname, 'fresh-child.js');
type Peer = 'beamline' | 'liftoff';

/** A module in a fresh process; what Node's own start takes is subtracted. Milliseconds of processor time of all threads. */
export interface FreshModule {
  readonly name: string;
  readonly codeBytes: number;
  readonly beamline: Summary;
  readonly liftoff: Summary;
  /** Of the medians; processor time of whole processes is too coarse for ratios round by round. */
  readonly ratio: number;
  /** Wall time of the first instantiation. */
  readonly instantiate: { readonly beamline: number; readonly liftoff: number };
}

export interface FreshReport {
  /** Node's start without anything. */
  readonly start: Summary;
  /** The package is imported and not used; Node's start is subtracted. */
  readonly import: number;
  /** Import and compilation of a first module, nothing else; Node's start is subtracted. */
  readonly compile: readonly { readonly name: string; readonly beamline: number; readonly liftoff: number }[];
  readonly modules: readonly FreshModule[];
  /** Geometric means of the ratios: of all modules, and of those with at least 500 KB of code. */
  readonly mean: number;
  readonly largeMean: number | null;
}

/** Modules whose compilation alone is measured too: a small one, a usual one, a large one. */
const compiledOnly: readonly string[] = ['argon2-simd', 'sql', 'esbuild'];
const large = 500_000;

/** Imports that do nothing, of the right kinds. */
export function stubImports(path: string): StubImport[] {
  return readShape(readFileSync(path)).imports.map((item): StubImport => {
    const { module, name } = item;
    switch (item.kind) {
      case Kind.function:
        return { module, name, kind: 'function' };
      case Kind.memory:
      case Kind.table: {
        const maximum = item.max === undefined ? {} : { maximum: item.max };
        const element =
          item.kind === Kind.table ? { element: item.element === EXTERNREF ? 'externref' : 'anyfunc' } : {};
        return {
          module,
          name,
          kind: item.kind === Kind.memory ? 'memory' : 'table',
          initial: item.min,
          ...maximum,
          ...element,
        };
      }
      case Kind.global: {
        const kind = item.type === I64 ? 'bigint global' : item.type === EXTERNREF ? 'externref global' : 'global';
        return { module, name, kind, type: typeName(item.type), mutable: item.mutable };
      }
      default:
        throw new Error(`${path}: an import of kind ${item.kind} has no stub`);
    }
  });
}

async function fresh(peer: Peer, task: FreshTask, path = '', imports: StubImport[] = []): Promise<FreshTimes> {
  const args = [...engineFlags[peer], child, peer, task, path, JSON.stringify(imports)];
  const { stdout } = await run(process.execPath, args);
  return JSON.parse(stdout.trim().split('\n').at(-1) as string);
}

export interface FreshOptions {
  readonly rounds: number;
  readonly quick: boolean;
  readonly modules: readonly string[];
  readonly progress: (line: string) => void;
}

/** Processes of both engines in turns; every round starts each of them once. */
export async function benchFresh(options: FreshOptions): Promise<FreshReport> {
  const { rounds, modules: names, progress } = options;
  const wanted = (entry: CorpusEntry) =>
    isHere(entry) && (names.length > 0 ? names.includes(entry.name) : !options.quick || entry.set === 'small');
  const entries = corpus.filter(wanted);
  const nodes: number[] = [];
  const imports: number[] = [];
  const compiles = compiledOnly.flatMap((name) => {
    const entry = corpus.find((candidate) => candidate.name === name);
    if (entry === undefined || !isHere(entry)) return [];
    return [{ name, path: modulePath(entry), beamline: [] as number[], liftoff: [] as number[] }];
  });
  const runs = entries.map((entry) => {
    const path = modulePath(entry);
    return { entry, path, stubs: stubImports(path), beamline: [] as FreshTimes[], liftoff: [] as FreshTimes[] };
  });
  for (let round = 0; round < rounds; round++) {
    const peers: Peer[] = round % 2 === 0 ? ['beamline', 'liftoff'] : ['liftoff', 'beamline'];
    nodes.push((await fresh('beamline', 'nothing')).total);
    imports.push((await fresh('beamline', 'import')).total);
    for (const item of compiles) {
      for (const peer of peers) item[peer].push((await fresh(peer, 'compile', item.path)).total);
    }
    for (const item of runs) {
      for (const peer of peers) item[peer].push(await fresh(peer, 'run', item.path, item.stubs));
      progress(`fresh: round ${round + 1} of ${rounds}, ${item.entry.name}`);
    }
  }
  const start = summarize(nodes);
  const beyondStart = (totals: number[]) => summarize(totals.map((total) => Math.max(0.1, total - start.median)));
  const results = runs.map(({ entry, beamline, liftoff }): FreshModule => {
    const own = beyondStart(beamline.map((times) => times.total));
    const peer = beyondStart(liftoff.map((times) => times.total));
    const instantiate = (list: FreshTimes[]) => summarize(list.map((times) => times.instantiate)).median;
    return {
      name: entry.name,
      codeBytes: entry.codeBytes,
      beamline: own,
      liftoff: peer,
      ratio: own.median / peer.median,
      instantiate: { beamline: instantiate(beamline), liftoff: instantiate(liftoff) },
    };
  });
  const big = results.filter((result) => result.codeBytes >= large);
  return {
    start,
    import: beyondStart(imports).median,
    compile: compiles.map(({ name, beamline, liftoff }) => ({
      name,
      beamline: beyondStart(beamline).median,
      liftoff: beyondStart(liftoff).median,
    })),
    modules: results,
    mean: geometricMean(results.map((result) => result.ratio)),
    largeMean: big.length === 0 ? null : geometricMean(big.map((result) => result.ratio)),
  };
}
