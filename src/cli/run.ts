/** `beamline run`: compile while the module arrives, then run a WASI program or one export. */
import type { WASI } from 'node:wasi';
import type { CpuLevel } from '../backends/x64/cpu.js';
import { EngineState } from '../runtime/api/engine-state.js';
import { moduleOf } from '../runtime/api/module.js';
import { createNamespace } from '../runtime/api/namespace.js';
import { defaultOptions, resolveOptions } from '../runtime/api/options.js';
import type { CompileProgress } from '../runtime/compile/compilation.js';
import type { Exports, Instance, Memory } from '../runtime/webidl/api-types.js';
import { ExportKind } from '../stream/item-lists.js';
import type { ModuleInfo } from '../stream/module.js';
import { ExitCode } from './exit-code.js';
import { Failure, ProgramExit } from './failure.js';
import { sourceOf } from './input.js';
import { print, printError } from './output.js';
import { Progress } from './progress.js';
import { Timeline } from './timeline.js';
import { formatValue, parseArguments } from './values.js';
import { WasiStdio } from './wasi-stdio.js';

export interface RunOptions {
  readonly dir: readonly string[];
  readonly env: readonly string[];
  readonly invoke?: string;
  readonly timings?: boolean;
  readonly deadline?: number;
  readonly tier: 'baseline' | 'optimizing' | 'auto';
  readonly cpu: CpuLevel;
}

const wasiVersions: Readonly<Record<string, 'preview1' | 'unstable'>> = {
  wasi_snapshot_preview1: 'preview1',
  wasi_unstable: 'unstable',
};

type Namespace = ReturnType<typeof createNamespace>;

export async function run(source: string, args: readonly string[], options: RunOptions): Promise<void> {
  const engine = new EngineState(engineOptions(options));
  const wasm = createNamespace(engine);
  const timeline = new Timeline();
  const progress = new Progress(`compiling ${source}`);
  const onProgress = (state: CompileProgress): void => {
    timeline.add(state);
    progress.bytes(state.bytesReceived, state.bytesTotal);
  };
  let module: Awaited<ReturnType<Namespace['compileStreaming']>>;
  try {
    module = await wasm.compileStreaming(sourceOf(source), { onProgress, anyMimeType: true });
  } finally {
    progress.end();
  }
  timeline.mark('compiled');
  const { info } = moduleOf(engine, module, 'beamline run') as { info: ModuleInfo };
  const isInterrupted = (): boolean => engine.machine.isInterrupted;
  const wasi = await wasiFor(info, source, args, options, isInterrupted);
  const imports: Record<string, object> = wasi === undefined ? {} : { [wasi.module]: wasi.imports };
  const lacking = info.imports.toArray().find((item) => !(item.module in imports));
  if (lacking !== undefined) {
    throw new Failure(
      `the module imports "${lacking.module}" "${lacking.name}", which the command line does not provide`,
    );
  }
  const within = <T>(work: () => T): T =>
    options.deadline === undefined ? work() : engine.machine.withDeadline(options.deadline, work);
  try {
    const instance = within(() => new wasm.Instance(module, imports));
    timeline.mark('instantiated');
    const { memory } = instance.exports as { memory?: Memory };
    if (memory !== undefined) wasi?.stdio.setMemory(() => memory.buffer);
    if (options.invoke !== undefined) invoke(info, instance, wasi?.wasi, options.invoke, args, within);
    else start(info, instance, wasi?.wasi, within);
  } catch (error) {
    if (!(error instanceof ProgramExit)) throw error;
    process.exitCode = error.status;
  } finally {
    timeline.mark('ended');
    if (options.timings) printError(`${timeline.lines().join('\n')}\n`);
  }
}

/** The command line has looked at both, and zod takes longer to load than a program to run. @throws Failure (wrong usage) for what this engine does not offer */
function engineOptions({ tier, cpu }: RunOptions): ReturnType<typeof resolveOptions> {
  if (tier === 'baseline') return { ...defaultOptions, cpu };
  try {
    return resolveOptions({ tier, cpu });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Failure(error.message.replace(/^Engine\(\): invalid options: (?:\w+: )?/, ''), ExitCode.usage);
  }
}

/** A WASI object, if the module asks for one. */
async function wasiFor(
  info: ModuleInfo,
  source: string,
  args: readonly string[],
  options: RunOptions,
  isInterrupted: () => boolean,
): Promise<{ wasi: WASI; module: string; imports: object; stdio: WasiStdio } | undefined> {
  const module = info.imports.toArray().find((item) => item.module in wasiVersions)?.module;
  if (module === undefined) {
    if (options.dir.length > 0) throw new Failure('--dir: the module does not use WASI', ExitCode.usage);
    return undefined;
  }
  const preopens: Record<string, string> = {};
  for (const entry of options.dir) {
    const [host = '', guest = host, ...more] = entry.split('::');
    if (host === '' || guest === '' || more.length > 0)
      throw new Failure(`--dir ${entry}: it must be HOST or HOST::GUEST`, ExitCode.usage);
    preopens[guest] = host;
  }
  const env: Record<string, string> = {};
  for (const entry of options.env) {
    const at = entry.indexOf('=');
    if (at === 0) throw new Failure(`--env ${entry}: it must be NAME=VALUE or NAME`, ExitCode.usage);
    const inherited = process.env[entry];
    if (at > 0) env[entry.slice(0, at)] = entry.slice(at + 1);
    else if (inherited !== undefined) env[entry] = inherited;
  }
  const { WASI } = await withoutWarnings(() => import('node:wasi'));
  const wasi = await withoutWarnings(
    () =>
      new WASI({
        version: wasiVersions[module] as 'preview1',
        args: [programName(source), ...(options.invoke === undefined ? args : [])],
        env,
        preopens,
        returnOnExit: true,
      }),
  );
  // The program may end itself in any export, not only in `_start`, where node:wasi would catch its own exception.
  const stdio = new WasiStdio(wasi.wasiImport, isInterrupted);
  const imports = {
    ...wasi.wasiImport,
    ...stdio.imports(),
    proc_exit: (code: number): never => {
      throw new ProgramExit(code);
    },
  };
  return { wasi, module, imports, stdio };
}

function programName(source: string): string {
  return source === '-' ? 'stdin' : (source.split('/').at(-1) ?? source);
}

/** node:wasi says that it is experimental; whoever uses this command knows what they run. */
async function withoutWarnings<T>(work: () => T | Promise<T>): Promise<T> {
  const emitWarning = process.emitWarning;
  process.emitWarning = (() => undefined) as typeof emitWarning;
  try {
    return await work();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Run a command (`_start`), or initialise a module that has none. */
function start(info: ModuleInfo, instance: Instance, wasi: WASI | undefined, within: <T>(work: () => T) => T): void {
  const exports = instance.exports as Exports & { _start?: unknown; _initialize?: unknown };
  if (typeof exports._start === 'function') {
    if (wasi !== undefined) process.exitCode = within(() => wasi.start(instance));
    else within(exports._start as () => void);
  } else if (typeof exports._initialize === 'function' && wasi !== undefined) {
    within(() => wasi.initialize(instance));
  } else if (info.start < 0 && Object.values(exports).some((value) => typeof value === 'function')) {
    // A start function has run already; without one, nothing would have happened.
    throw new Failure('the module has no _start: --invoke NAME calls one of its exports', ExitCode.usage);
  }
}

function invoke(
  info: ModuleInfo,
  instance: Instance,
  wasi: WASI | undefined,
  name: string,
  args: readonly string[],
  within: <T>(work: () => T) => T,
): void {
  const exports = info.exports.toArray();
  const found = exports.find((item) => item.name === name && item.kind === ExportKind.function);
  if (found === undefined) {
    const names = exports.filter((item) => item.kind === ExportKind.function).map((item) => item.name);
    const known = names.length === 0 ? 'there is none' : `there are ${names.slice(0, 12).join(', ')}`;
    throw new Failure(`--invoke ${name}: no function of this name is exported; ${known}`, ExitCode.usage);
  }
  const type = info.types.at(info.functionTypes[found.index] as number);
  const values = parseArguments(name, type, args);
  if (wasi !== undefined) {
    // A WASI library: its memory, and _initialize if it has one. (node:wasi refuses objects with _start here.)
    const { memory, _initialize } = instance.exports as { memory?: Memory; _initialize?: () => void };
    within(() => wasi.initialize({ exports: { memory, ...(_initialize === undefined ? {} : { _initialize }) } }));
  }
  const target = instance.exports[name] as (...values: unknown[]) => unknown;
  const result = within(() => target(...values));
  const results = type.results.length === 0 ? [] : type.results.length === 1 ? [result] : (result as unknown[]);
  for (const value of results) print(`${formatValue(value)}\n`);
}
