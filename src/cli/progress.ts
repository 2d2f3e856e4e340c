import { isatty } from 'node:tty';
import { printError } from './output.js';
import { printable } from './text.js';

/** A line on standard error that says how far long work is; only on a terminal, and only after a while. */
const quietMs = 300;
const intervalMs = 80;
const barWidth = 24;

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} KB`;
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

export class Progress {
  readonly #what: string;
  readonly #start = performance.now();
  readonly #isShown = isatty(2);
  #last = 0;
  #isVisible = false;

  constructor(what: string) {
    this.#what = what;
  }

  bytes(done: number, total: number | undefined): void {
    if (!this.#isShown) return;
    const now = performance.now();
    if (now - this.#start < quietMs || now - this.#last < intervalMs) return;
    this.#last = now;
    this.#isVisible = true;
    const filled = total === undefined ? 0 : Math.min(barWidth, Math.round((barWidth * done) / total));
    const bar = total === undefined ? '' : ` [${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]`;
    const of = total === undefined ? '' : ` of ${formatBytes(total)}`;
    const state = `${bar} ${formatBytes(done)}${of}`;
    // A line that wraps could not be taken away.
    const room = Math.max(0, (process.stderr.columns ?? 80) - 1 - state.length);
    printError(`\r\x1b[K${printable(this.#what).slice(0, room)}${state}`);
  }

  /** Take the line away. */
  end(): void {
    if (this.#isVisible) printError('\r\x1b[K');
    this.#isVisible = false;
  }
}
