/** Runs modules on two engines, each in child processes, and compares what they say. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Answer, type Item, type Order, writeBatch } from './batch.js';
import type { Outcome } from './execute.js';
import { compareVerdicts } from './verdict.js';

export interface EngineChoice {
  engine: string;
  /** JSON of the options of `new Engine()`. */
  options?: string;
  /** Flags of the process. */
  flags?: readonly string[];
}

export interface CompareOptions {
  reference?: EngineChoice;
  tested: EngineChoice;
  rounds?: number;
  /** Milliseconds that one module may take. */
  timeLimit?: number;
}

export type DifferenceKind = 'verdict' | 'outcome' | 'crash' | 'hang' | 'error';

/** What became of one module. */
export type Comparison =
  | { kind: 'same'; valid: boolean; executed: boolean }
  | { kind: 'unsupported' | 'inconclusive'; detail: string }
  | { kind: DifferenceKind; detail: string; line?: number };

/** A child's end while it worked on a module. */
interface Death {
  death: 'crash' | 'hang';
  detail: string;
}

/** V8 has to get as deep as others do, or comparisons end where its stack does. In KiB, below the usual limit of 8 MiB. */
const largeStack = '--stack-size=5000';
const baseline: EngineChoice = { engine: 'v8', flags: [largeStack] };

/**
 * V8's optimizing compiler alone. V8's baseline compiler is the quicker reference, but V8 11.3 has at least one bug in
 * it (a loop parameter that is overwritten on the back edge): when results differ, this one decides.
 */
const optimizing: EngineChoice = { engine: 'v8', flags: ['--no-liftoff', largeStack] };

/** Milliseconds that a child may take to start, on a machine that has much else to do. */
const startLimit = 60_000;

const child = fileURLToPath(new URL('./child.js', import.meta.url));

export function isDifference(comparison: Comparison): comparison is Extract<Comparison, { kind: DifferenceKind }> {
  return !['same', 'unsupported', 'inconclusive'].includes(comparison.kind);
}

/** Compare all modules; the result has one entry per module, in order. */
export async function compareAll(items: readonly Item[], options: CompareOptions): Promise<Comparison[]> {
  const folder = mkdtempSync(join(tmpdir(), 'beamline-differential-'));
  try {
    const batch = join(folder, 'modules');
    writeBatch(batch, items);
    const run = (choice: EngineChoice, name: string): Promise<(Answer | Death)[]> =>
      runEngine(choice, batch, join(folder, name), items.length, options);
    const [reference, tested] = await Promise.all([
      run(options.reference ?? baseline, 'reference'),
      run(options.tested, 'tested'),
    ]);
    const comparisons = items.map((_, index) => compareAnswers(reference[index]!, tested[index]!));
    const differing = comparisons.flatMap(({ kind }, index) => (kind === 'outcome' ? [index] : []));
    if (differing.length === 0 || options.reference !== undefined) return comparisons;
    const disputed = join(folder, 'disputed');
    writeBatch(
      disputed,
      differing.map((index) => items[index]!),
    );
    const decisive = await runEngine(optimizing, disputed, join(folder, 'optimizing'), differing.length, options);
    for (const [i, index] of differing.entries()) {
      const comparison = compareAnswers(decisive[i]!, tested[index]!);
      const agrees = comparison.kind === 'same';
      comparisons[index] = agrees ? { kind: 'inconclusive', detail: "V8's tiers disagree" } : comparison;
    }
    return comparisons;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Answers of one engine; a child that dies is started again behind the module it died of. */
async function runEngine(
  choice: EngineChoice,
  batch: string,
  answers: string,
  count: number,
  options: CompareOptions,
): Promise<(Answer | Death)[]> {
  const results: (Answer | Death)[] = [];
  while (results.length < count) {
    const path = `${answers}-${results.length}`;
    const order: Order = {
      engine: choice.engine,
      options: choice.options ?? '',
      batch,
      answers: path,
      from: results.length,
      rounds: options.rounds ?? 2,
    };
    const death = await runChild(order, options.timeLimit ?? 10_000, choice.flags ?? []);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const lines = text.split('\n').slice(0, -1);
    if (lines.length === 0 && death !== null && !existsSync(path)) {
      throw new Error(`${choice.engine} does not start: ${death.detail}`);
    }
    for (const line of lines) results.push(JSON.parse(line) as Answer);
    if (results.length < count) results.push(death ?? { death: 'crash', detail: 'the child left early' });
  }
  return results;
}

/** Runs a child to its end, or until it has made no progress for the time limit. Null if it ended well. */
function runChild(order: Order, timeLimit: number, engineFlags: readonly string[]): Promise<Death | null> {
  return new Promise((resolve) => {
    const flags = ['--enable-source-maps', '--stack-trace-limit=30', ...engineFlags];
    const process_ = spawn(process.execPath, [...flags, child, JSON.stringify(order)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    process_.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-3000);
    });
    let size = -1;
    let since = performance.now();
    let hung = false;
    const watch = setInterval(
      () => {
        const now = existsSync(order.answers) ? statSync(order.answers).size : -1;
        if (now !== size) {
          size = now;
          since = performance.now();
        } else if (performance.now() - since > (size < 0 ? Math.max(timeLimit, startLimit) : timeLimit)) {
          hung = true;
          process_.kill('SIGKILL');
        }
      },
      Math.min(500, timeLimit / 4),
    );
    process_.on('error', (error) => {
      clearInterval(watch);
      resolve({ death: 'crash', detail: error.message });
    });
    process_.on('close', (code, signal) => {
      clearInterval(watch);
      if (code === 0) return resolve(null);
      if (hung) return resolve({ death: 'hang', detail: `no end after ${timeLimit} ms` });
      const how = signal === null ? `exit code ${code}` : signal;
      resolve({ death: 'crash', detail: `${how}${errors === '' ? '' : `\n${errors}`}` });
    });
  });
}

function compareAnswers(reference: Answer | Death, tested: Answer | Death): Comparison {
  if ('death' in reference) return { kind: 'inconclusive', detail: `the reference: ${reference.detail}` };
  if ('death' in tested) return { kind: tested.death, detail: tested.detail };
  const verdict = compareVerdicts(reference, tested);
  if (verdict === 'unsupported') return { kind: 'unsupported', detail: tested.refusal ?? '' };
  if (verdict !== 'same') return { kind: 'verdict', detail: verdict };
  if (reference.outcome === undefined || tested.outcome === undefined) {
    return { kind: 'same', valid: reference.valid, executed: false };
  }
  return compareOutcomes(reference.outcome, tested.outcome);
}

/** Compare line by line, up to where a stack overflowed. */
export function compareOutcomes(reference: Outcome, tested: Outcome): Comparison {
  if (tested.unsupported) return { kind: 'unsupported', detail: tested.lines.at(-1) ?? '' };
  const harness = [reference, tested].flatMap(({ lines }) => lines.filter((line) => line.startsWith('harness: ')));
  if (harness.length > 0) return { kind: 'error', detail: harness[0]! };
  const overflow = reference.overflow || tested.overflow;
  const length = Math.max(reference.lines.length, tested.lines.length);
  for (let line = 0; line < length; line++) {
    const [wanted, got] = [reference.lines[line], tested.lines[line]];
    if (wanted === got) continue;
    const ended = (outcome: Outcome): boolean => outcome.overflow && line >= outcome.lines.length - 1;
    if (overflow && (ended(reference) || ended(tested))) {
      return { kind: 'inconclusive', detail: 'stack overflow' };
    }
    return { kind: 'outcome', line, detail: `line ${line}: expected '${wanted}', got '${got}'` };
  }
  return { kind: 'same', valid: true, executed: true };
}
