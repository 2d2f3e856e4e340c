/**
 * Runs one file of the suite in a process of its own. After each command the status letter is written to its place in
 * a file, so that the driver knows how far the run came when the process dies.
 *
 *     node child.js '{"file": ..., "name": ..., "progress": ..., "messages": ..., "engine": ..., ...}'
 */
import { openSync, writeSync } from 'node:fs';
import { loadEngine } from '../support/engine.js';
import { type Level, levelOf, readScript } from './format.js';
import { isListed, isNewer, type Message, mayFail, planned, runsUncounted, Status } from './plan.js';
import { ScriptRunner } from './script.js';
import { supported } from './supported.js';

export interface ChildTask {
  file: string;
  name: string;
  progress: string;
  messages: string;
  engine: string;
  /** Whose list of supported features counts. */
  supported: string;
  options: string;
  levels: Level[];
}

const task = JSON.parse(process.argv[2]!) as ChildTask;
const script = readScript(task.file);
const statuses = planned(script, task.levels);
const progress = openSync(task.progress, 'w');
const messages = openSync(task.messages, 'w');
writeSync(progress, statuses.join(''));

const support = supported[task.supported] ?? supported.v8!;
const runner = new ScriptRunner(await loadEngine(task.engine, task.options), script, task.file, {
  engine: task.engine,
  options: task.options,
});

// The last module was refused for a feature that is not there yet: what is asked of its instance cannot be.
let isRefused = false;
script.commands.forEach((command, index) => {
  if (statuses[index] === Status.notAsked && runsUncounted(script, command, task.levels)) runner.run(command);
  if (statuses[index] !== Status.pending) return;
  const outcome = runner.run(command);
  const level = levelOf(script, command);
  if (command.type === 'module') isRefused = outcome.unsupported;
  const isBeyond = outcome.unsupported || (isRefused && !outcome.ok && /: no instance/.test(`: ${outcome.message}`));
  const counts = isNewer(support, task.name) && !isBeyond;
  const listed = counts || isListed(support, level, outcome.features);
  let status = outcome.ok ? Status.passed : Status.failed;
  if (!listed) status = outcome.ok ? Status.beyondPassed : Status.beyondFailed;
  if (!outcome.ok && mayFail(task.name, command)) status = Status.allowed;
  writeSync(progress, status, index);
  if (outcome.ok) return;
  const message: Message = { line: command.line, type: command.type, status, message: outcome.message! };
  writeSync(messages, `${JSON.stringify(message)}\n`);
});
process.exit(0);
