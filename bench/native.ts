/** Native peers: a kernel's C source compiled with gcc -O2, in a child process that stays alive. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './corpus.js';

/** Flags for every kernel. -fno-math-errno makes sqrt an instruction, as it is in wasm. */
export const gccFlags: readonly string[] = ['-O2', '-fno-math-errno', '-w'];

/** First line of `gcc --version`; undefined if there is no gcc. */
export function gccVersion(): string | undefined {
  const result = spawnSync('gcc', ['--version'], { encoding: 'utf8' });
  return result.status === 0 ? result.stdout.split('\n')[0] : undefined;
}

/** Folder of the kernels' sources and built modules. */
export const kernelFolder: string = join(root, 'bench', 'kernels');

/** Compile a kernel, unless that was done before. Returns the program's path. @throws Error with gcc's messages */
function buildNative(name: string, moreFlags: readonly string[]): string {
  const sources = ['native.c', `${name}.c`].map((file) => join(kernelFolder, file));
  const hash = createHash('sha256').update(JSON.stringify([gccFlags, moreFlags, gccVersion()]));
  for (const source of [...sources, join(kernelFolder, 'kernel.h')]) hash.update(readFileSync(source));
  const folder = join(root, '.cache', 'bench');
  const program = join(folder, `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const built = `${program}.${process.pid}`;
  const result = spawnSync('gcc', [...gccFlags, ...moreFlags, '-o', built, ...sources], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`gcc ${name}.c: ${result.stderr}`);
  renameSync(built, program);
  return program;
}

/** What one call of a kernel gave. */
export interface Run {
  /** The kernel's checksum: the same for all peers. */
  readonly result: number;
  /** Processor time of the thread. */
  readonly ms: number;
}

/** One kernel as a native program. */
export class NativePeer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(name: string, moreFlags: readonly string[] = []) {
    this.#child = spawn(buildNative(name, moreFlags));
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** @throws Error if the program ended */
  async run(n: number): Promise<Run> {
    this.#child.stdin.write(`${n}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the native program ended');
    const [result, ms] = (value as string).split(' ').map(Number);
    return { result: result!, ms: ms! };
  }

  close(): void {
    this.#child.stdin.end();
  }
}
