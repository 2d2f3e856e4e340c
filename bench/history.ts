/** bench/history.jsonl: the main figures of recorded runs, one line of JSON each, so that two commits can be compared. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './corpus.js';
import { type Report, table } from './report.js';

/** One recorded run. Ratios have Beamline's time on top: below 1, Beamline is faster. */
export interface HistoryEntry {
  readonly date: string;
  readonly commit: string | null;
  readonly processor: string;
  readonly node: string;
  /** Figure by name. */
  readonly figures: Readonly<Record<string, number>>;
}

const path = join(root, 'bench', 'history.jsonl');

/** The figures of a report that are worth keeping: ratios and sizes rather than times, which depend on the machine. */
export function historyEntry(report: Report): HistoryEntry {
  const figures: Record<string, number> = {};
  const add = (name: string, value: number | undefined) => {
    if (value !== undefined) figures[name] = Number(value.toPrecision(4));
  };
  const { compile, fib, kernels, simd, calls, machine } = report;
  if (compile !== undefined) {
    add('compile MB/s', compile.throughput.beamline);
    add('compile rate / liftoff', compile.throughput.ratio);
    const cold = compile.cold.find((entry) => entry.engine === 'beamline')!;
    add('cold first module ms', cold.firstWork.median);
    add('cold then MB/s', cold.restRate.median);
    const mean = compile.sizes.reduce((sum, size) => sum + size.beamline, 0) / compile.sizes.length;
    add('code bytes per byte', mean);
    add('ready ms, worst', Math.max(...compile.streams.map((stream) => stream.beamline.median)));
  }
  for (const [peer, ratio] of Object.entries(fib?.ratios ?? {})) add(`fib / ${peer}`, ratio.median);
  for (const [peer, mean] of Object.entries(kernels?.means ?? {})) add(`kernels / ${peer}`, mean);
  for (const [peer, mean] of Object.entries(simd?.means ?? {})) add(`simd kernels / ${peer}`, mean);
  for (const kernel of [...(kernels?.kernels ?? []), ...(simd?.kernels ?? [])])
    add(`${kernel.name} / liftoff`, kernel.ratios.liftoff?.median);
  for (const call of calls ?? []) add(`${call.title} ns`, call.times.beamline.min);
  return {
    date: report.date,
    commit: machine.commit,
    processor: machine.processor,
    node: machine.node,
    figures,
  };
}

/** Append a report's figures to the history. */
export function record(report: Report): void {
  appendFileSync(path, `${JSON.stringify(historyEntry(report))}\n`);
}

/** All recorded runs, oldest first. */
export function readHistory(): HistoryEntry[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

/** The last recorded run of a commit, or the n-th from the end for `-n`. @throws Error if there is none */
function find(history: readonly HistoryEntry[], which: string): HistoryEntry {
  const entry = /^-\d+$/.test(which)
    ? history.at(Number(which))
    : history.findLast((candidate) => candidate.commit?.startsWith(which));
  if (entry === undefined) throw new Error(`no run of '${which}' in bench/history.jsonl`);
  return entry;
}

/** Two recorded runs side by side, what changed most first. */
export function compareText(before: string, after: string): string {
  const history = readHistory();
  const a = find(history, before);
  const b = find(history, after);
  const names = Object.keys(a.figures).filter((name) => b.figures[name] !== undefined);
  const change = (name: string) => b.figures[name]! / a.figures[name]!;
  names.sort((x, y) => Math.abs(Math.log(change(y))) - Math.abs(Math.log(change(x))));
  return table(
    ['figure', `${a.commit} (${a.date.slice(0, 10)})`, `${b.commit} (${b.date.slice(0, 10)})`, 'change'],
    names.map((name) => [
      name,
      String(a.figures[name]),
      String(b.figures[name]),
      `${(100 * (change(name) - 1)).toFixed(1)}%`,
    ]),
  );
}
