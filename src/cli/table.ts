/** Columns of text. */
import { printable } from './text.js';

/**
 * @param align per column: `l` left, `r` right
 */
export function formatTable(head: readonly string[], raw: readonly (readonly string[])[], align: string): string[] {
  const rows = raw.map((row) => row.map(printable));
  const widths = head.map((title, i) =>
    rows.reduce((width, row) => Math.max(width, (row[i] as string).length), title.length),
  );
  const format = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (align[i] === 'r' ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)))
      .join('  ')
      .trimEnd();
  return [format(head), ...rows.map(format)].map((line) => `  ${line}`);
}
