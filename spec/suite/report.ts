/** Counts of a run, per group and level, as a table. */
import type { Level } from './format.js';
import { Status } from './plan.js';

export interface Counts {
  passed: number;
  failed: number;
  beyondPassed: number;
  beyondFailed: number;
  allowed: number;
  textOnly: number;
}

const field: Partial<Record<string, keyof Counts>> = {
  [Status.passed]: 'passed',
  [Status.failed]: 'failed',
  [Status.beyondPassed]: 'beyondPassed',
  [Status.beyondFailed]: 'beyondFailed',
  [Status.allowed]: 'allowed',
  [Status.textOnly]: 'textOnly',
};

export function noCounts(): Counts {
  return { passed: 0, failed: 0, beyondPassed: 0, beyondFailed: 0, allowed: 0, textOnly: 0 };
}

export function count(into: Counts, status: Status): void {
  const name = field[status];
  if (name !== undefined) into[name]++;
}

function sum(counts: Iterable<Counts>): Counts {
  const total = noCounts();
  for (const entry of counts) for (const name of Object.keys(total) as (keyof Counts)[]) total[name] += entry[name];
  return total;
}

/** Counts by group and level. */
export class Report {
  readonly #cells = new Map<string, { group: string; level: Level; counts: Counts }>();

  add(group: string, level: Level, status: Status): void {
    const key = `${group}\0${level}`;
    let cell = this.#cells.get(key);
    if (cell === undefined) this.#cells.set(key, (cell = { group, level, counts: noCounts() }));
    count(cell.counts, status);
  }

  total(): Counts {
    return sum([...this.#cells.values()].map((cell) => cell.counts));
  }

  /** Counts of one level over all groups. */
  ofLevel(level: Level): Counts {
    return sum([...this.#cells.values()].filter((cell) => cell.level === level).map((cell) => cell.counts));
  }

  /** One row per group and level, and one per level. */
  table(levels: readonly Level[]): string {
    const rows = [['group', 'level', 'passed', 'failed', 'beyond: passed', 'failed', 'may fail', 'text only']];
    const row = (name: string, level: string, counts: Counts): void => {
      if (Object.values(counts).some((number) => number > 0)) {
        rows.push([name, level, ...Object.values(counts).map((number: number) => (number === 0 ? '.' : `${number}`))]);
      }
    };
    for (const { group, level, counts } of this.#cells.values()) row(group, level, counts);
    for (const level of levels) row('all groups', level, this.ofLevel(level));
    if (levels.length > 1) row('all groups', 'all', this.total());
    return format(rows);
  }

  toJSON(): unknown {
    return [...this.#cells.values()].map(({ group, level, counts }) => ({ group, level, ...counts }));
  }
}

function format(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
    .join('\n');
}
