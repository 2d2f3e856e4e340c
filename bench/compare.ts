/** Two recorded runs side by side. */
import { combined, type GroupName, groupFigures, type HistoryEntry } from './history.js';
import { table } from './report.js';

/** The last recorded run of a commit, or the n-th from the end for `-n`. @throws Error if there is none */
function find(history: readonly HistoryEntry[], which: string): HistoryEntry {
  const entry = /^-\d+$/.test(which)
    ? history.at(Number(which))
    : history.findLast((candidate) => candidate.commit?.startsWith(which));
  if (entry !== undefined) return entry;
  const known = history.map(({ commit, date }) => `${commit} (${date.slice(0, 10)})`).join(', ');
  throw new Error(`no run of '${which}' in bench/history.jsonl, which has: ${known || 'none'}`);
}

/** How a group of two runs can be compared. */
interface Common {
  /** Members of both runs. */
  readonly members: readonly string[];
  /** Why they are not all. */
  readonly note?: string;
}

const titles: Readonly<Record<GroupName, string>> = {
  modules: 'modules',
  samples: 'modules for memory and streams',
  cold: 'first module of a cold process',
  kernels: 'kernels',
  'simd kernels': 'kernels with SIMD',
  bombs: 'bombs',
};

function common(a: HistoryEntry, b: HistoryEntry, group: GroupName): Common {
  const [first, second] = [a.groups?.[group], b.groups?.[group]];
  const old = [a, b].filter((entry) => entry.groups === undefined).map((entry) => entry.commit);
  if (old.length > 0) {
    return {
      members: [],
      note: `${titles[group]}: ${old.join(' and ')} was recorded without figures of each; means are left out`,
    };
  }
  if (first === undefined || second === undefined) return { members: [] };
  const members = Object.keys(first).filter((name) => name in second);
  const onlyIn = (entry: HistoryEntry, own: object, other: object): string[] => {
    const names = Object.keys(own).filter((name) => !(name in other));
    return names.length === 0 ? [] : [`only in ${entry.commit}: ${names.join(', ')}`];
  };
  const differences = [...onlyIn(a, first, second), ...onlyIn(b, second, first)];
  if (differences.length === 0) return { members };
  const means = members.length === 0 ? 'nothing in common' : `means are over the ${members.length} that both have`;
  return { members, note: `${titles[group]}: ${differences.join('; ')}; ${means}` };
}

/**
 * Two recorded runs, what changed most first. Means over modules or kernels are over those that both runs have; a note
 * says so where the sets differ. @throws Error if a run is not there
 */
export function compareText(history: readonly HistoryEntry[], before: string, after: string): string {
  const a = find(history, before);
  const b = find(history, after);
  const notes: string[] = [];
  for (const what of ['processor', 'node'] as const) {
    if (a[what] !== b[what])
      notes.push(`${what}: ${a[what]} before, ${b[what]} after; times cannot be compared, ratios can`);
  }
  const groups = new Map<GroupName, Common>();
  for (const group of Object.keys(titles) as GroupName[]) {
    const found = common(a, b, group);
    groups.set(group, found);
    if (found.note !== undefined) notes.push(found.note);
  }
  const rows: (readonly [name: string, before: number, after: number])[] = [];
  const add = (name: string, x: number | undefined, y: number | undefined) => {
    if (x !== undefined && y !== undefined) rows.push([name, x, y]);
  };
  for (const name of Object.keys(b.figures)) {
    if (name in groupFigures) {
      const { group } = groupFigures[name]!;
      const { members } = groups.get(group)!;
      if (members.length === 0) continue;
      add(name, combined(name, a.groups![group]!, members), combined(name, b.groups![group]!, members));
    } else add(name, a.figures[name], b.figures[name]);
  }
  for (const [group, { members }] of groups) {
    for (const member of members) {
      const figures = b.groups![group]![member]!;
      for (const name of Object.keys(figures)) {
        add(`${member}: ${name}`, a.groups![group]![member]![name], figures[name]);
      }
    }
  }
  const change = ([, x, y]: (typeof rows)[number]) => y / x;
  rows.sort((x, y) => Math.abs(Math.log(change(y))) - Math.abs(Math.log(change(x))));
  const title = (entry: HistoryEntry) => `${entry.commit} (${entry.date.slice(0, 10)})`;
  const text = table(
    ['figure', title(a), title(b), 'change'],
    rows.map((row) => [row[0], String(row[1]), String(row[2]), `${(100 * (change(row) - 1)).toFixed(1)}%`]),
  );
  return [...notes.map((note) => `Note: ${note}`), text].join('\n');
}
