/**
 * Compilation bombs (spec/bombs) in numbers: time per byte, growth, machine code per byte, memory per byte and its growth, beside V8's
 * baseline compiler. Each bomb runs in a child process of its own, at N, 2N and 4N.
 *
 *   node dist/bench/bombs.js [pattern] [--scale=1] [--no-v8] [--no-corpus] [--tier=optimizing]
 *
 * With `--tier=optimizing` V8's compiler is TurboFan, for all functions and at once.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bombs } from '../spec/bombs/all.js';
import { v8 } from '../spec/support/engine.js';
import { engineFlags } from '../src/cli/engine-flags.js';
import { ModuleCopy } from '../src/cli/module-copy.js';
import { Engine } from '../src/index.js';
import { processMs, threadMs } from './clock.js';
import { corpus, isHere, readModule } from './corpus.js';

/** What a child measures for one size. */
export interface Sample {
  bytes: number;
  /** Best of several runs. */
  ms: number;
  /** Machine code; 0 for V8. */
  code: number;
  functions: number;
  /** The most memory that the compilation has held, as `limits.compileMemory` counts, in bytes; 0 for V8. */
  peak: number;
  error?: string;
}

const self = fileURLToPath(import.meta.url);
const timeLimit = 20_000;
type Measured = 'baseline' | 'optimizing';
const peers = { baseline: engineFlags.liftoff, optimizing: engineFlags.turbofan };

/**
 * Compile until 300 ms are used, at least three and at most ten times; the best time counts. Processor time: what other
 * processes take away is not counted.
 */
function best(compile: () => void, clock: () => number): number {
  let least = Number.POSITIVE_INFINITY;
  const begin = clock();
  for (let i = 0; i < 10 && (i < 3 || clock() - begin < 300); i++) {
    const start = clock();
    compile();
    least = Math.min(least, clock() - start);
  }
  return least;
}

function sample(engine: Engine | undefined, bytes: Uint8Array): Sample {
  const before = engine?.statistics();
  let error: string | undefined;
  // V8 shares the code of modules with equal bytes.
  const copy = new ModuleCopy(bytes);
  const compile = () => {
    if (engine === undefined) new v8.Module(copy.next());
    else if (!engine.WebAssembly.validate(bytes)) error = 'invalid';
  };
  compile();
  const after = engine?.statistics();
  const code = (after?.codeEmitted ?? 0) - (before?.codeEmitted ?? 0);
  const functions = (after?.functionsCompiled ?? 0) - (before?.functionsCompiled ?? 0);
  // V8 compiles on another thread.
  const ms = best(compile, engine === undefined ? processMs : threadMs);
  return {
    bytes: bytes.length,
    ms,
    code,
    functions,
    peak: after?.compileMemoryPeak ?? 0,
    ...(error === undefined ? {} : { error }),
  };
}

/** Code that has run often is optimised; a fresh process is not warm. */
function warm(engine: Engine): void {
  for (const bomb of bombs) {
    const bytes = bomb.build(Math.max(1, Math.floor(bomb.scale / 300)));
    for (let i = 0; i < 3; i++) engine.WebAssembly.validate(bytes);
  }
}

function child(what: string, name: string, scale: number, tier: Measured): void {
  const engine = what === 'v8' ? undefined : new Engine({ tier });
  if (engine !== undefined) warm(engine);
  const samples: Sample[] = [];
  if (what === 'corpus') {
    for (const entry of corpus) {
      if (!isHere(entry) || entry.bytes > 5_000_000) continue;
      const bytes = readModule(entry.name);
      if (engine?.WebAssembly.validate(bytes)) samples.push(sample(engine, bytes));
    }
  } else {
    const bomb = bombs.find((b) => b.name === name);
    if (bomb === undefined) throw new Error(`no bomb '${name}'`);
    for (const factor of [1, 2, 4])
      samples.push(sample(engine, bomb.build(Math.max(1, Math.floor(bomb.scale * scale * factor)))));
  }
  console.log(JSON.stringify(samples));
}

/**
 * Samples of a bomb at N, 2N and 4N, or why there are none.
 * @param what `beamline`, `v8`, or `corpus`: real modules instead
 */
export function measure(what: string, name: string, scale: number, tier: Measured = 'baseline'): Sample[] | string {
  const flags = what === 'v8' ? [...peers[tier], '--single-threaded'] : [];
  const { stdout, signal, status } = spawnSync(
    process.execPath,
    [...flags, self, '--child', what, name, String(scale), tier],
    {
      encoding: 'utf8',
      timeout: what === 'v8' ? timeLimit : 5 * timeLimit,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  if (signal === 'SIGTERM') return `> ${timeLimit / 1000} s`;
  return status === 0 ? (JSON.parse(stdout) as Sample[]) : `fails (${signal ?? status})`;
}

/** Nanoseconds per byte of the module. */
export const perByte = (s: Sample): number => (s.ms * 1e6) / s.bytes;

/** Exponent e of value ~ bytes^e between the first and the last sample; the value is time if nothing else is said. */
export function exponent(samples: readonly Sample[], value: (sample: Sample) => number = (s) => s.ms): number {
  const [first, last] = [samples[0] as Sample, samples.at(-1) as Sample];
  return Math.log(value(last) / value(first)) / Math.log(last.bytes / first.bytes);
}

function columns(result: Sample[] | string): string {
  if (typeof result === 'string') return result.padStart(14);
  const last = result.at(-1) as Sample;
  return `${perByte(last).toFixed(0).padStart(7)} ${exponent(result).toFixed(2).padStart(6)}`;
}

function main(): void {
  const options = process.argv.slice(2).filter((a) => a.startsWith('--'));
  const pattern = new RegExp(process.argv.slice(2).find((a) => !a.startsWith('--')) ?? '');
  const scale = Number(options.find((o) => o.startsWith('--scale='))?.slice(8) ?? 1);
  const tier: Measured = options.includes('--tier=optimizing') ? 'optimizing' : 'baseline';
  const real = options.includes('--no-corpus') ? [] : measure('corpus', '', 1, tier);
  if (typeof real !== 'string' && real.length > 0) {
    const times = real.map(perByte).sort((a, b) => a - b);
    const code = real.map((s) => s.code / s.bytes).sort((a, b) => a - b);
    const middle = Math.floor(times.length / 2);
    console.log(
      `${real.length} real modules: median ${times[middle]?.toFixed(0)} ns/byte, ${code[middle]?.toFixed(1)} code bytes/byte`,
    );
  }
  console.log(`${''.padEnd(64)}    KB   ns/B growth code/B mem/B growth   V8 ns/B growth`);
  for (const bomb of bombs) {
    if (!pattern.test(bomb.name)) continue;
    const ours = measure('beamline', bomb.name, scale, tier);
    const theirs = options.includes('--no-v8') || bomb.withoutV8 ? '' : measure('v8', bomb.name, scale, tier);
    let rest = '';
    let size = '';
    if (typeof ours !== 'string') {
      const last = ours.at(-1) as Sample;
      size = (last.bytes / 1024).toFixed(0);
      rest = `${((last.code - 128 * last.functions) / last.bytes).toFixed(1).padStart(6)} ${(last.peak / last.bytes).toFixed(1).padStart(5)} ${exponent(
        ours,
        (s) => s.peak,
      )
        .toFixed(2)
        .padStart(6)} ${last.error ?? ''}`;
    }
    console.log(`${bomb.name.padEnd(64)} ${size.padStart(5)} ${columns(ours)} ${rest} ${columns(theirs)}`);
  }
}

if (process.argv[1] === self) {
  if (process.argv[2] === '--child')
    child(process.argv[3] as string, process.argv[4] as string, Number(process.argv[5]), process.argv[6] as Measured);
  else main();
}
