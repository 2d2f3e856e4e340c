/** Runs a program twice, on V8 and on Beamline by `beamline/register`, each in a process of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Audit } from './audit.js';

const here = (name: string): string => pathToFileURL(join(import.meta.dirname, name)).href;

/** URL of the compiled `beamline/register`. */
export const registerUrl: string = pathToFileURL(join(import.meta.dirname, '..', '..', 'src', 'register.js')).href;

/** NODE_OPTIONS that put Beamline in the place of V8's WebAssembly, and make V8's own throw. */
export const beamlineOptions: string = [here('v8-before.js'), registerUrl, here('audit.js')]
  .map((url) => `--import ${url}`)
  .join(' ');

export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code, or the name of the signal. */
  readonly exit: number | string;
  /** One per thread of the process and its children; none on V8. */
  readonly audits: readonly Audit[];
}

export interface RunOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly stdin?: string;
  readonly node?: string;
  readonly timeoutMs?: number;
  /** Wait for the audit of a process that compiled something. */
  readonly mustCompile?: boolean;
}

/** Run Node with `args` on an engine. */
export async function runNode(
  engine: 'v8' | 'beamline',
  args: readonly string[],
  options: RunOptions = {},
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'beamline-audit-'));
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const env: NodeJS.ProcessEnv = { ...inherited, NODE_NO_WARNINGS: '1', ...options.env };
  if (engine === 'beamline') Object.assign(env, { NODE_OPTIONS: beamlineOptions, BEAMLINE_AUDIT: folder });
  try {
    const child = spawn(options.node ?? process.execPath, args, {
      env,
      cwd: options.cwd,
      timeout: options.timeoutMs ?? 120_000,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => {}).end(options.stdin ?? '');
    const exit = await new Promise<number | string>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    });
    // Processes that the program started can end a little later than the program.
    let audits = readAudits(folder);
    for (let k = 0; k < 50 && options.mustCompile && !audits.some((audit) => audit.functionsCompiled > 0); k++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      audits = readAudits(folder);
    }
    return { stdout, stderr, exit, audits };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The audits that are there; one that is just being written is left for later. */
function readAudits(folder: string): Audit[] {
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .filter((text) => text.endsWith('}'))
    .map((text) => JSON.parse(text) as Audit);
}

/** What a program printed, and how long it took. */
export interface ProgramResult {
  readonly output: string;
  readonly loadMs: number;
  readonly workMs: number;
}

export interface Comparison {
  readonly v8: ProgramResult;
  readonly beamline: ProgramResult;
  /** Functions that Beamline compiled, in all processes. */
  readonly functionsCompiled: number;
}

/** Run a compiled program file on both engines. @throws Error if a run fails or Beamline compiled nothing. */
export async function compareProgram(file: string): Promise<Comparison> {
  const args = [join(import.meta.dirname, 'child.js'), file];
  const v8 = programResult(await runNode('v8', args), 'V8');
  const run = await runNode('beamline', args, { mustCompile: true });
  const beamline = programResult(run, 'Beamline');
  const functionsCompiled = run.audits.reduce((sum, audit) => sum + audit.functionsCompiled, 0);
  if (functionsCompiled === 0) throw new Error('Beamline compiled no function');
  return { v8, beamline, functionsCompiled };
}

function programResult(run: Run, engine: string): ProgramResult {
  const line = /^#result (.*)$/m.exec(run.stdout)?.[1];
  if (run.exit === 0 && line !== undefined) return JSON.parse(line);
  throw new Error(`${engine}: exit ${run.exit}\n${run.stderr.slice(-3000)}${run.stdout.slice(-1000)}`);
}
