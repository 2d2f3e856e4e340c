/** Runs the built command line in a child process. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.js');

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `beamline` with this working directory. */
export function commandIn(folder: string) {
  return (args: readonly string[], input?: Uint8Array, env: Record<string, string> = {}): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...env }, cwd: folder });
      let out = '';
      let err = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        err += text;
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, out, err }));
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    });
}
