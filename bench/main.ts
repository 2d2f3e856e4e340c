/**
 * The bench: npm run bench -- [--only fresh,images,compile,fib,kernels,simd,calls,bombs] [--quick] [--rounds N] [--modules A,B] [--kernels A,B]
 * [--record] [--compare A,B]. Writes bench/results/latest.json and latest.html, and a copy under the date.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { benchCalls } from './calls.js';
import { compareText } from './compare.js';
import { benchCompile } from './compile.js';
import { root } from './corpus.js';
import { benchFib } from './fib.js';
import { benchFresh } from './fresh.js';
import { readHistory, record } from './history.js';
import { benchImages } from './images.js';
import { describeMachine } from './machine.js';
import { page } from './page.js';
import { type Report, reportText } from './report.js';
import { benchRun } from './run.js';
import { benchBombs } from './worst-case.js';

const usage = `npm run bench -- [options]
  --only PARTS     some of fresh,images,compile,fib,kernels,simd,calls,bombs (default: all)
  --quick          fewer rounds, fewer modules: a minute
  --rounds N       rounds per measurement (default 5, quick 3)
  --modules NAMES  modules of bench/corpus.json (npm run corpus fetch gets those that are not devDependencies)
  --kernels NAMES  kernels of bench/kernels
  --record         append the main figures to bench/history.jsonl
  --compare A,B    compare two recorded commits (or -2,-1: the last two) and measure nothing`;

const parts = ['fresh', 'images', 'compile', 'fib', 'kernels', 'simd', 'calls', 'bombs'] as const;

/** A comma-separated list. */
const list = (text: string | undefined): string[] => (text === undefined ? [] : text.split(',').filter(Boolean));

async function measure(values: Values): Promise<Report> {
  const only = list(values.only);
  const unknown = only.filter((name) => !parts.includes(name as (typeof parts)[number]));
  if (unknown.length > 0) throw new Error(`unknown part: ${unknown.join(', ')}\n${usage}`);
  const wanted = (part: (typeof parts)[number]) => only.length === 0 || only.includes(part);
  const quick = values.quick === true;
  const rounds = values.rounds === undefined ? (quick ? 3 : 5) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds must be a positive integer\n${usage}`);
  const progress = (line: string) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
  };
  const options = { rounds, quick, progress };
  const chosen = list(values.kernels);
  const machine = describeMachine();
  if (machine.gcc === null) console.log('There is no gcc on this machine: the native column is left out.');
  const report: Report = {
    date: new Date().toISOString(),
    quick,
    machine,
    ...(wanted('fresh') && { fresh: await benchFresh({ ...options, modules: list(values.modules) }) }),
    ...(wanted('images') && { images: await benchImages({ ...options, modules: list(values.modules) }) }),
    ...(wanted('compile') && { compile: await benchCompile({ ...options, modules: list(values.modules) }) }),
    ...(wanted('fib') && { fib: await benchFib(options) }),
    kernels: wanted('kernels') ? await benchRun({ ...options, only: chosen, simd: false }) : undefined,
    simd: wanted('simd') ? await benchRun({ ...options, only: chosen, simd: true }) : undefined,
    ...(wanted('calls') && { calls: await benchCalls(options) }),
    ...(wanted('bombs') && { bombs: benchBombs(options) }),
  };
  progress('');
  return report;
}

type Values = ReturnType<typeof parse>;

function parse() {
  // The value of --compare can begin with a dash.
  const args = process.argv.slice(2);
  const at = args.indexOf('--compare');
  if (at >= 0 && /^-\d/.test(args[at + 1] ?? '')) args.splice(at, 2, `--compare=${args[at + 1]}`);
  return parseArgs({
    args,
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean' },
      rounds: { type: 'string' },
      modules: { type: 'string' },
      kernels: { type: 'string' },
      record: { type: 'boolean' },
      compare: { type: 'string' },
      help: { type: 'boolean' },
    },
  }).values;
}

async function main(): Promise<void> {
  const values = parse();
  if (values.help) return console.log(usage);
  if (values.compare !== undefined) {
    const [before, after] = list(values.compare);
    if (before === undefined || after === undefined) throw new Error(`--compare needs two commits\n${usage}`);
    return console.log(compareText(readHistory(), before, after));
  }
  const report = await measure(values);
  if (values.record) record(report);
  const folder = join(root, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const json = `${JSON.stringify(report, null, 1)}\n`;
  const html = page(report, readHistory());
  for (const name of ['latest', report.date.replace(/[:.]/g, '-')]) {
    writeFileSync(join(folder, `${name}.json`), json);
    writeFileSync(join(folder, `${name}.html`), html);
  }
  console.log(reportText(report));
  console.log(`\nCharts: ${pathToFileURL(join(folder, 'latest.html')).href}`);
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
