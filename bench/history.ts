/** bench/history.jsonl: the main figures of recorded runs, one line of JSON each, so that two commits can be compared. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { geometricMean } from '../src/cli/statistics.js';
import type { CompileReport } from './compile.js';
import { root } from './corpus.js';
import type { PeerName } from './peers.js';
import type { Report } from './report.js';
import type { RunReport } from './run.js';

/** Figures of the members of a group: by member (a module, a kernel), by name. */
export type Members = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** One recorded run. Ratios have Beamline's time on top: below 1, Beamline is faster. */
export interface HistoryEntry {
  readonly date: string;
  readonly commit: string | null;
  readonly processor: string;
  readonly node: string;
  /** Figure by name; those in `groupFigures` are means over the members of a group. */
  readonly figures: Readonly<Record<string, number>>;
  /** Group by name: what those means are made of, so that runs with other modules can be compared. */
  readonly groups?: Readonly<Partial<Record<GroupName, Members>>>;
}

export type GroupName = 'modules' | 'samples' | 'cold' | 'kernels' | 'simd kernels' | 'bombs';

interface GroupFigure {
  readonly group: GroupName;
  /** The members' figure that it is made of. */
  readonly of: string;
  readonly combine: (values: readonly number[]) => number;
}

const peers: readonly PeerName[] = ['liftoff', 'turbofan', 'gcc'];

/** Figures over the members of a group. */
export const groupFigures: Readonly<Record<string, GroupFigure>> = {
  'compile MB/s': { group: 'modules', of: 'MB/s', combine: geometricMean },
  'compile rate / liftoff': { group: 'modules', of: 'rate / liftoff', combine: geometricMean },
  'code bytes per byte': { group: 'modules', of: 'code bytes per byte', combine: mean },
  'ready ms, worst': { group: 'samples', of: 'ready ms', combine: (values) => Math.max(...values) },
  'peak memory / liftoff': { group: 'samples', of: 'peak memory / liftoff', combine: geometricMean },
  'cold first module ms': { group: 'cold', of: 'first ms', combine: mean },
  'cold then MB/s': { group: 'cold', of: 'then MB/s', combine: mean },
  'bombs, worst ns/byte': { group: 'bombs', of: 'ns/byte', combine: (values) => Math.max(...values) },
  ...Object.fromEntries(
    (['kernels', 'simd kernels'] as const).flatMap((group) =>
      peers.map((peer) => [`${group} / ${peer}`, { group, of: `time / ${peer}`, combine: geometricMean }]),
    ),
  ),
};

/** A figure of `groupFigures` over some members; undefined if one of them does not have it. */
export function combined(name: string, members: Members, only: readonly string[]): number | undefined {
  const { of, combine } = groupFigures[name]!;
  const values = only.map((member) => members[member]?.[of]).filter((value) => value !== undefined);
  return values.length === 0 || values.length < only.length ? undefined : rounded(combine(values));
}

/**
 * A figure of all runs, null where a run does not have it. Figures over a group are over the members that all runs with
 * such a group have, so that runs with other modules do not look faster or slower.
 */
export function comparable(history: readonly HistoryEntry[], name: string): (number | null)[] {
  const group = groupFigures[name]?.group;
  if (group === undefined) return history.map((entry) => entry.figures[name] ?? null);
  const sets = history.map((entry) => entry.groups?.[group]).filter((members) => members !== undefined);
  const common = Object.keys(sets[0] ?? {}).filter((member) => sets.every((members) => member in members));
  return history.map((entry) => {
    const members = entry.groups?.[group];
    return members === undefined ? null : (combined(name, members, common) ?? null);
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const rounded = (value: number): number => Number(value.toPrecision(4));

const path = join(root, 'bench', 'history.jsonl');

function moduleGroups({ modules, sizes, streams, memory, cold }: CompileReport): Partial<Record<GroupName, Members>> {
  const own = cold.find((entry) => entry.engine === 'beamline')!;
  return {
    modules: Object.fromEntries(
      modules.map((module) => [
        module.name,
        {
          'MB/s': rounded(module.beamline.median),
          'rate / liftoff': rounded(module.ratio.median),
          'code bytes per byte': rounded(sizes.find((size) => size.name === module.name)!.beamline),
        },
      ]),
    ),
    samples: Object.fromEntries(
      streams.map((stream) => {
        const peak = memory.find((entry) => entry.name === stream.name)!;
        return [
          stream.name,
          {
            'ready ms': rounded(stream.beamline.median),
            'peak memory / liftoff': rounded(peak.beamline / peak.liftoff),
          },
        ];
      }),
    ),
    cold: {
      [own.firstModule]: {
        'first ms': rounded(own.firstWork.median),
        'then MB/s': rounded(own.restRate.median),
      },
    },
  };
}

function kernelMembers(report: RunReport): Members {
  return Object.fromEntries(
    report.kernels.map(({ name, ratios }) => [
      name,
      Object.fromEntries(Object.entries(ratios).map(([peer, ratio]) => [`time / ${peer}`, rounded(ratio.median)])),
    ]),
  );
}

/** The figures of a report that are worth keeping: ratios and sizes rather than times, which depend on the machine. */
export function historyEntry(report: Report): HistoryEntry {
  const { compile, fib, kernels, simd, calls, bombs, machine } = report;
  const groups: Partial<Record<GroupName, Members>> = {
    ...(compile !== undefined && moduleGroups(compile)),
    ...(kernels !== undefined && { kernels: kernelMembers(kernels) }),
    ...(simd !== undefined && { 'simd kernels': kernelMembers(simd) }),
    ...(bombs !== undefined && {
      bombs: Object.fromEntries(bombs.map((bomb) => [bomb.name, { 'ns/byte': rounded(bomb.beamline) }])),
    }),
  };
  const figures: Record<string, number> = {};
  for (const [name, { group }] of Object.entries(groupFigures)) {
    const members = groups[group];
    const value = members && combined(name, members, Object.keys(members));
    if (value !== undefined) figures[name] = value;
  }
  for (const [peer, ratio] of Object.entries(fib?.ratios ?? {})) figures[`fib / ${peer}`] = rounded(ratio.median);
  for (const call of calls ?? []) figures[`${call.title} ns`] = rounded(call.times.beamline.min);
  return {
    date: report.date,
    commit: machine.commit,
    processor: machine.processor,
    node: machine.node,
    figures,
    groups,
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
