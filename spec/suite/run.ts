/**
 * The official test suite of WebAssembly against an engine. Each file runs in a process of its own, so that a crash
 * costs one file. Closes with the line `N passed, M failed`, which counts what is listed in supported.ts; commands
 * of other levels are not run, those that need features beyond the list are counted on their own.
 *
 *     node dist/spec/suite/run.js [--engine beamline|v8] [--level 1.0,2.0,3.0] [--group core] [--file core/i32]
 *          [--suite FOLDER] [--options JSON] [--jobs 2] [--timeout 60] [--verbose] [--json FILE] [--supported ENGINE]
 *
 * `--supported` takes the list of another engine.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { ChildTask } from './child.js';
import { type Level, levelOf, listFiles, readScript, type Script, type SuiteFile, suiteFolder } from './format.js';
import { type Message, planned, Status, usualLevels } from './plan.js';
import { Report } from './report.js';
import { supported } from './supported.js';

const { values: flags } = parseArgs({
  options: {
    engine: { type: 'string', default: 'beamline' },
    supported: { type: 'string' },
    level: { type: 'string' },
    group: { type: 'string' },
    file: { type: 'string' },
    suite: { type: 'string' },
    options: { type: 'string', default: '' },
    jobs: { type: 'string', default: String(Math.min(4, availableParallelism())) },
    timeout: { type: 'string', default: '60' },
    verbose: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const support = supported[flags.supported ?? flags.engine] ?? supported.v8!;
const levelsOf = (file: SuiteFile): Level[] =>
  flags.level === undefined ? usualLevels(support, file.name) : (flags.level.split(',') as Level[]);
const child = fileURLToPath(new URL('./child.js', import.meta.url));

interface FileResult {
  file: SuiteFile;
  script: Script;
  statuses: Status[];
  messages: Message[];
  /** How the process ended, if not well. */
  death?: string;
}

/** True if a file has no command of the levels asked for. */
function isIdle(statuses: Status[]): boolean {
  return statuses.every((status) => status === Status.notAsked);
}

function selected(file: SuiteFile): boolean {
  if (flags.group !== undefined && !flags.group.split(',').includes(file.group)) return false;
  if (flags.file === undefined) return true;
  return flags.file.split(',').some((name) => file.name === name || file.name.endsWith(`/${name}`));
}

function runChild(task: ChildTask): Promise<string | undefined> {
  return new Promise((resolve) => {
    const limit = Number(flags.timeout) * 1000;
    const process_ = spawn(process.execPath, ['--enable-source-maps', child, JSON.stringify(task)], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: limit,
      killSignal: 'SIGKILL',
    });
    let errors = '';
    process_.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-4000);
    });
    const start = performance.now();
    process_.on('error', (error) => resolve(error.message));
    process_.on('close', (code, signal) => {
      if (code === 0) return resolve(undefined);
      const timedOut = signal === 'SIGKILL' && performance.now() - start >= limit;
      const how = timedOut ? `no end after ${flags.timeout} s` : signal !== null ? `died: ${signal}` : `exit ${code}`;
      resolve(errors === '' ? how : `${how}\n${errors.trimEnd()}`);
    });
  });
}

async function runFile(file: SuiteFile, folder: string): Promise<FileResult> {
  const script = readScript(file.path);
  const levels = levelsOf(file);
  const expected = planned(script, levels);
  if (isIdle(expected)) return { file, script, statuses: expected, messages: [] };
  const key = file.name.replaceAll('/', '_');
  const progress = join(folder, `${key}.progress`);
  const messages = join(folder, `${key}.messages`);
  const { engine, options } = flags;
  const death = await runChild({
    file: file.path,
    name: file.name,
    progress,
    messages,
    engine,
    options,
    levels,
    supported: flags.supported ?? engine,
  });
  const written = existsSync(progress) ? readFileSync(progress, 'latin1') : '';
  const statuses = written === '' ? expected : ([...written] as Status[]);
  const lines = existsSync(messages) ? readFileSync(messages, 'utf8').split('\n').filter(Boolean) : [];
  const result: FileResult = { file, script, statuses, messages: lines.map((line) => JSON.parse(line) as Message) };
  if (death !== undefined) blameDeath(result, death);
  return result;
}

/** The first command without a status is the one that killed the process; those after it have failed as well. */
function blameDeath(result: FileResult, death: string): void {
  const { script, statuses, messages } = result;
  const culprit = statuses.indexOf(Status.pending);
  const command = script.commands[culprit];
  result.death = command === undefined ? death : `line ${command.line} (${command.type}): ${death}`;
  messages.push({
    line: command?.line ?? 0,
    type: command?.type ?? 'end of the script',
    status: Status.failed,
    message: death,
  });
  statuses.forEach((status, index) => {
    if (status === Status.pending) statuses[index] = Status.failed;
  });
}

async function runAll(files: SuiteFile[]): Promise<FileResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'beamline-suite-'));
  const results: FileResult[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < files.length) {
      const index = next++;
      results[index] = await runFile(files[index]!, folder);
    }
  };
  try {
    await Promise.all(Array.from({ length: Number(flags.jobs) }, worker));
  } finally {
    rmSync(folder, { recursive: true });
  }
  return results;
}

/** Failures of a file, a few of them unless `--verbose`. */
function printFailures({ file, statuses, messages, death }: FileResult): void {
  const shown = messages.filter(
    ({ status }) => status === Status.failed || (flags.verbose && status !== Status.allowed),
  );
  if (shown.length === 0) return;
  const failed = statuses.filter((status) => status === Status.failed).length;
  console.log(
    `${file.name}: ${failed} failed${death === undefined ? '' : `, process ended at ${death.split('\n')[0]}`}`,
  );
  for (const { line, type, status, message } of flags.verbose ? shown : shown.slice(0, 5)) {
    console.log(`  line ${line} ${type}${status === Status.beyondFailed ? ' (beyond the list)' : ''}: ${message}`);
  }
  if (!flags.verbose && shown.length > 5) console.log(`  ... and ${shown.length - 5} more (--verbose)`);
}

async function main(): Promise<number> {
  const folder = flags.suite ?? suiteFolder();
  if (folder === null) {
    console.log('##########################################################################################');
    console.log('## THE SPEC SUITE IS MISSING: no test of the official suite has run.');
    console.log('## Put it at ../shared/spec-suite beside the project, or name it in BEAMLINE_SPEC_SUITE.');
    console.log('##########################################################################################');
    console.log('0 passed, 0 failed');
    return 0;
  }
  const files = listFiles(folder).filter(selected);
  if (files.length === 0) throw new Error(`no file of ${folder} is selected`);
  const start = performance.now();
  const results = await runAll(files);
  const report = new Report();
  const levels = [...new Set(files.flatMap(levelsOf))];
  for (const { file, script, statuses } of results) {
    for (const [index, status] of statuses.entries()) {
      report.add(file.group, levelOf(script, script.commands[index]!), status);
    }
  }
  results.forEach(printFailures);
  const ran = results.filter(({ statuses }) => !isIdle(statuses)).length;
  console.log(`\n${flags.engine}: ${ran} files in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  console.log(report.table(levels));
  if (flags.json !== undefined) {
    const failures = results.flatMap(({ file, messages }) => messages.map((entry) => ({ file: file.name, ...entry })));
    writeFileSync(flags.json, JSON.stringify({ engine: flags.engine, levels, counts: report, failures }, null, 1));
  }
  // A process that died after its last command is a failure too.
  const deaths = results.filter(({ death, statuses }) => death !== undefined && !statuses.includes(Status.failed));
  const { passed, failed } = report.total();
  console.log(`${passed} passed, ${failed + deaths.length} failed`);
  return failed + deaths.length === 0 ? 0 : 1;
}

process.exitCode = await main();
