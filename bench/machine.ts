/** What a figure depends on besides the code: machine and versions. */
import { spawnSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { root } from './corpus.js';
import { gccVersion } from './native.js';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memory: number;
  readonly kernel: string;
  readonly node: string;
  readonly v8: string;
  /** Null where there is no gcc: its column is missing then. */
  readonly gcc: string | null;
  /** Of the working tree; `+` at the end if it has changes. Null outside a repository. */
  readonly commit: string | null;
  /** Processes that wanted to run in the minute before: figures of a busy machine are worse. */
  readonly load: number;
}

function git(...args: string[]): string | null {
  const result = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : null;
}

export function describeMachine(): Machine {
  const commit = git('rev-parse', '--short', 'HEAD');
  const changed = git('status', '--porcelain', '--untracked-files=no', 'src') !== '';
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory: totalmem(),
    kernel: release(),
    node: process.version,
    v8: process.versions.v8,
    gcc: gccVersion() ?? null,
    commit: commit === null ? null : commit + (changed ? '+' : ''),
    load: Math.round(loadavg()[0]! * 100) / 100,
  };
}
