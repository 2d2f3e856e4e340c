/** Which commands of a script count in a run, and the letters that child and driver use for their fate. */
import type { Feature } from './features.js';
import { type Command, isTextOnly, type Level, levelOf, releases, type Script } from './format.js';
import { limits, type Support } from './supported.js';

export const enum Status {
  /** Not reached yet. */
  pending = '.',
  passed = 'p',
  failed = 'f',
  /** Needs a feature that is not listed as supported. */
  beyondPassed = 'q',
  beyondFailed = 'u',
  /** Failed in a way that the suite allows: an implementation limit, or custom sections that are not looked into. */
  allowed = 'l',
  textOnly = 't',
  /** Of a level that was not asked for. */
  notAsked = 'n',
}

/** Statuses that a driver knows before the run. */
export function planned(script: Script, levels: readonly Level[]): Status[] {
  return script.commands.map((command) => {
    if (!levels.includes(levelOf(script, command))) return Status.notAsked;
    return isTextOnly(command) ? Status.textOnly : Status.pending;
  });
}

/**
 * True if a command that is not counted must still run, because later ones build on it: those of older releases, when
 * only a newer one was asked for.
 */
export function runsUncounted(script: Script, command: Command, levels: readonly Level[]): boolean {
  if (isTextOnly(command) || command.type.startsWith('assert_invalid') || command.type === 'assert_malformed') {
    return false;
  }
  const newest = Math.max(...levels.map((level) => releases.indexOf(level)));
  const own = releases.indexOf(levelOf(script, command));
  return own >= 0 && own < newest;
}

/** True if the engine must pass a command of this level with these features. */
export function isListed(support: Support, level: Level, features: Iterable<Feature>): boolean {
  if (!support.levels.includes(level)) return false;
  // The oldest release has no optional features; what a scan finds in its malformed modules means nothing.
  if (level === '1.0') return true;
  for (const feature of features) if (!support.features.includes(feature)) return false;
  return true;
}

/** The levels to run of a file if none are asked for. */
export function usualLevels(support: Support, file: string): Level[] {
  const levels: Level[] = ['1.0', '2.0'];
  if (isNewer(support, file)) levels.push('3.0', 'proposal', 'legacy');
  return levels;
}

/** True if the file's commands of all levels count. */
export function isNewer(support: Support, file: string): boolean {
  return support.newer?.includes(file) === true;
}

/** True if the suite allows this command to fail. */
export function mayFail(file: string, command: Command): boolean {
  if (command.type.endsWith('_custom')) return true;
  return limits.some((entry) => entry.file === file && entry.lines.includes(command.line));
}

/** What went wrong in a command. */
export interface Message {
  line: number;
  type: string;
  status: Status;
  message: string;
}
