/**
 * Faults as programs: `faults/NNNN-name.ts`, numbered with the cases. A program prints `ok` as its last line when the
 * fault is not there. Its first comment may say how it is run:
 *
 *     @flags --expose-gc        flags of node
 *     @runs wasm                arguments of one run; several lines are several runs
 *     @under prlimit --data=N   a command that starts node
 *     @seconds 60               the time it has, 120 unless said otherwise: on a busy machine a second is not much
 *     @output some text         what must stand in the output as well
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../suite/format.js';

export interface Fault {
  /** `0003-name`. */
  name: string;
  /** The compiled program. */
  path: string;
  flags: string[];
  runs: string[][];
  under: string[];
  seconds: number;
  output: string[];
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** All faults, by number. */
export function listFaults(): Fault[] {
  const sources = join(projectRoot(), 'spec', 'regressions', 'faults');
  const files = readdirSync(sources).filter((file) => /^\d{4}-.*\.ts$/.test(file));
  return files.sort().map((file) => {
    const comment = /^\s*\/\*\*([\s\S]*?)\*\//.exec(readFileSync(join(sources, file), 'utf8'))?.[1] ?? '';
    const told = (key: string) =>
      [...comment.matchAll(new RegExp(`@${key}(.*)`, 'g'))].map((match) => match[1]!.trim());
    const name = file.replace(/\.ts$/, '');
    const runs = told('runs').map(words);
    return {
      name,
      path: join(projectRoot(), 'dist', 'spec', 'regressions', 'faults', `${name}.js`),
      flags: told('flags').flatMap(words),
      runs: runs.length > 0 ? runs : [[]],
      under: told('under').flatMap(words),
      seconds: Number(told('seconds')[0] ?? 120),
      output: told('output'),
    };
  });
}

/** Run a fault in a process of its own. `node` is the binary to use, this process's own unless said otherwise. */
export function runFault(
  fault: Fault,
  args: readonly string[],
  node: string = process.execPath,
): Promise<{ ok: boolean; report: string }> {
  const [command, ...rest] = [...fault.under, node, '--enable-source-maps', ...fault.flags, fault.path, ...args];
  return new Promise((resolve) => {
    const child = spawn(command as string, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let late = false;
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      output += data;
    });
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, fault.seconds * 1000);
    child.on('error', (error) => {
      output += error.message;
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const missing = fault.output.filter((text) => !output.includes(text));
      const ok = code === 0 && !late && /(^|\n)ok\n$/.test(output) && missing.length === 0;
      const end = late ? `not ended after ${fault.seconds} s` : signal !== null ? `ended by ${signal}` : `exit ${code}`;
      resolve({ ok, report: `${end}${missing.length > 0 ? `, without ${missing.join(', ')}` : ''}\n${output}` });
    });
  });
}
