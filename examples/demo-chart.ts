/** Text charts of the demo. */
import type { CompileProgress } from '../src/index.js';

/** Where the compilation was, `time` ms after its start. */
export interface Sample extends CompileProgress {
  readonly time: number;
}

const width = 44;
const rowCount = 18;

/** A row per moment: received and compiled bytes as a bar, and the counters. */
export function drawTimeline(samples: readonly Sample[]): string[] {
  const last = samples.at(-1);
  if (last === undefined) return ['(no progress was reported)'];
  const total = last.bytesTotal ?? last.bytesReceived;
  const kb = (bytes: number): string => (bytes / 1000).toFixed(0).padStart(6);
  const lines = [
    `${'ms'.padStart(6)}  ${'█ compiled  ░ received, waiting'.padEnd(width)}  received compiled functions  code`,
    `${''.padStart(6)}  ${''.padEnd(width)}       KB       KB              KB`,
  ];
  for (const sample of pick(samples)) {
    const compiled = Math.round((width * sample.bytesCompiled) / total);
    const waiting = Math.round((width * sample.bytesReceived) / total) - compiled;
    const bar = `${'█'.repeat(compiled)}${'░'.repeat(Math.max(0, waiting))}`.padEnd(width, '·');
    const counters = `  ${kb(sample.bytesReceived)}   ${kb(sample.bytesCompiled)}    ${String(sample.functionsCompiled).padStart(6)} ${kb(sample.codeBytes)}`;
    lines.push(`${sample.time.toFixed(0).padStart(6)}  ${bar}${counters}`);
  }
  const backlog = Math.max(...samples.map((sample) => sample.bytesReceived - sample.bytesCompiled));
  lines.push('', `most bytes waiting after a slice of work: ${backlog} of ${total}`);
  return lines;
}

/** About `rowCount` samples, evenly spread over the time, the last one included. */
function pick(samples: readonly Sample[]): Sample[] {
  const end = samples.at(-1)?.time ?? 0;
  const picked: Sample[] = [];
  for (const sample of samples) {
    if (sample === samples.at(-1) || sample.time >= (picked.length * end) / rowCount) picked.push(sample);
  }
  return picked;
}

/** Columns with headings; numbers to the right. */
export function drawTable(columns: readonly string[], rows: readonly (string | number)[][]): string[] {
  const widths = columns.map((name, i) => Math.max(name.length, ...rows.map((row) => String(row[i]).length)));
  const line = (cells: readonly (string | number)[]): string =>
    cells
      .map((cell, i) =>
        typeof cell === 'number' ? String(cell).padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join('  ');
  return [line(columns), line(widths.map((size) => '-'.repeat(size))), ...rows.map(line)];
}
