/** Finds the function whose compiled code goes wrong: the first event of a call trace in which an engine differs. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Finding } from './finding.js';
import { instrument } from './instrument.js';
import { addTrace } from './trace.js';
import type { TraceOrder } from './trace-child.js';

export interface Culprit {
  /** Index of the function in which the engines part; null if it is outside of all functions (instantiation). */
  functionIndex: number | null;
  expected: string;
  got: string;
  /** Functions that are active at that point, outermost first. */
  stack: number[];
  /** Events up to there. */
  line: number;
}

const child = fileURLToPath(new URL('./trace-child.js', import.meta.url));

function trace(folder: string, module: string, finding: Finding, engine: string, maxLines: number): string[] {
  const log = join(folder, `${engine}.log`);
  const options = engine === 'v8' ? '' : finding.options;
  const order: TraceOrder = { engine, options, module, log, seed: finding.seed, rounds: finding.rounds, maxLines };
  // V8's optimizing compiler: its baseline compiler is not always right, see compare.ts.
  const flags = engine === 'v8' ? ['--no-liftoff'] : [];
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    ['--enable-source-maps', ...flags, child, JSON.stringify(order)],
    { timeout: 60_000, killSignal: 'SIGKILL', encoding: 'utf8' },
  );
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : [];
  if (status !== 0) lines.push(`the process ends: ${signal ?? `exit code ${status} ${stderr.slice(-2000)}`}`);
  return lines;
}

/**
 * Compare the call traces of V8 and the finding's engine.
 * @returns null if they agree
 * @throws Error if the module cannot be executed
 */
export function bisect(bytes: Uint8Array, finding: Finding, maxLines = 300_000): Culprit | null {
  const instrumented = instrument(bytes, finding.fuel);
  if (instrumented === null) throw new Error('the module cannot be instrumented');
  const folder = mkdtempSync(join(tmpdir(), 'beamline-bisect-'));
  try {
    const module = join(folder, 'module.wasm');
    writeFileSync(module, addTrace(instrumented));
    const expected = trace(folder, module, finding, 'v8', maxLines);
    const got = trace(folder, module, finding, finding.engine, maxLines);
    return firstDifference(expected, got);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Compare two traces. */
export function firstDifference(expected: readonly string[], got: readonly string[]): Culprit | null {
  const length = Math.max(expected.length, got.length);
  let line = 0;
  while (line < length && expected[line] === got[line]) line++;
  if (line === length) return null;
  const stack: number[] = [];
  // Depth of the stack where a host function called back: a trap below leaves no events of the functions it ends.
  const nested: number[] = [];
  for (const text of expected.slice(0, line)) {
    if (text.startsWith('> ')) stack.push(Number.parseInt(text.slice(2), 10));
    else if (text.startsWith('< ')) stack.pop();
    else if (text.startsWith('nested begin')) nested.push(stack.length);
    else if (text.startsWith('nested call')) stack.length = nested.pop()!;
    else if (/^(call|fuel|memory|table|global)/.test(text)) stack.length = 0;
  }
  return {
    functionIndex: stack.at(-1) ?? null,
    expected: expected[line] ?? '(nothing)',
    got: got[line] ?? '(nothing)',
    stack,
    line,
  };
}
