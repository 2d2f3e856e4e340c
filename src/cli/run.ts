/** `beamline run`: compile while the module arrives, then run a WASI program or one export. */
import type { WASI } from 'node:wasi';
import type { CpuLevel } from '../backends/x64/cpu.js';
import type { Exports, Instance, Memory } from '../runtime/api-types.js';
import type { CompileProgress } from '../runtime/compilation.js';
import { EngineState } from '../runtime/engine-state.js';
import { moduleOf } from '../runtime/module.js';
import { createNamespace } from '../runtime/namespace.js';
import { resolveOptions } from '../runtime/options.js';
import { ExportKind, type FunctionType, type ModuleInfo } from '../stream/module.js';
import { typeName, ValType } from '../stream/types.js';
import { ExitCode, Failure } from './failure.js';
import { sourceOf } from './input.js';
import { Progress } from './progress.js';
import { Timeline } from './timeline.js';

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
  const engine = new EngineState(resolveOptions({ tier: options.tier, cpu: options.cpu }));
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
  const { info } = moduleOf(engine, module) as { info: ModuleInfo };
  const wasi = await wasiFor(info, source, args, options);
  const imports: Record<string, object> = wasi === undefined ? {} : { [wasi.module]: wasi.imports };
  const lacking = info.imports.find((item) => !(item.module in imports));
  if (lacking !== undefined) {
    throw new Failure(
      `the module imports "${lacking.module}" "${lacking.name}", which the command line does not provide`,
    );
  }
  const within = <T>(work: () => T): T =>
    options.deadline === undefined ? work() : engine.withDeadline(options.deadline, work);
  try {
    const instance = within(() => new wasm.Instance(module, imports));
    timeline.mark('instantiated');
    if (options.invoke !== undefined) invoke(info, instance, wasi?.wasi, options.invoke, args, within);
    else start(instance, wasi?.wasi, within);
    timeline.mark('ended');
  } finally {
    if (options.timings) process.stderr.write(`${timeline.lines().join('\n')}\n`);
  }
}

/** A WASI object, if the module asks for one. */
async function wasiFor(
  info: ModuleInfo,
  source: string,
  args: readonly string[],
  options: RunOptions,
): Promise<{ wasi: WASI; module: string; imports: object } | undefined> {
  const module = info.imports.find((item) => item.module in wasiVersions)?.module;
  if (module === undefined) {
    if (options.dir.length > 0) throw new Failure('--dir: the module does not use WASI', ExitCode.usage);
    return undefined;
  }
  const preopens: Record<string, string> = {};
  for (const entry of options.dir) {
    const [host = '', guest = host] = entry.split('::', 2);
    if (host === '' || guest === '')
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
  return { wasi, module, imports: wasi.wasiImport };
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
function start(instance: Instance, wasi: WASI | undefined, within: <T>(work: () => T) => T): void {
  const exports = instance.exports as Exports & { _start?: unknown; _initialize?: unknown };
  if (typeof exports._start === 'function') {
    if (wasi !== undefined) process.exitCode = within(() => wasi.start(instance));
    else within(exports._start as () => void);
  } else if (typeof exports._initialize === 'function' && wasi !== undefined) {
    within(() => wasi.initialize(instance));
  } else if (Object.values(exports).some((value) => typeof value === 'function')) {
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
  const found = info.exports.find((item) => item.name === name && item.kind === ExportKind.function);
  if (found === undefined) {
    const names = info.exports.filter((item) => item.kind === ExportKind.function).map((item) => item.name);
    const known = names.length === 0 ? 'there is none' : `there are ${names.slice(0, 12).join(', ')}`;
    throw new Failure(`--invoke ${name}: no function of this name is exported; ${known}`, ExitCode.usage);
  }
  const type = info.types[info.functionTypes[found.index] as number] as FunctionType;
  const values = parseArguments(name, type, args);
  if (wasi !== undefined) {
    // A WASI library: its memory, and _initialize if it has one. (node:wasi refuses objects with _start here.)
    const { memory, _initialize } = instance.exports as { memory?: Memory; _initialize?: () => void };
    within(() => wasi.initialize({ exports: { memory, ...(_initialize === undefined ? {} : { _initialize }) } }));
  }
  const target = instance.exports[name] as (...values: unknown[]) => unknown;
  const result = within(() => target(...values));
  const results = type.results.length === 0 ? [] : type.results.length === 1 ? [result] : (result as unknown[]);
  for (const value of results) process.stdout.write(`${formatValue(value)}\n`);
}

function parseArguments(name: string, type: FunctionType, args: readonly string[]): unknown[] {
  const types = [...type.params];
  if (args.length !== types.length) {
    const wanted = types.length === 0 ? 'no arguments' : types.map(typeName).join(', ');
    throw new Failure(`--invoke ${name}: it takes ${wanted}, not ${args.length} arguments`, ExitCode.usage);
  }
  return types.map((valueType, i) => parseValue(name, i, valueType, args[i] as string));
}

function parseValue(name: string, position: number, type: number, text: string): unknown {
  const fail = (): never => {
    throw new Failure(
      `--invoke ${name}: argument ${position + 1} must be ${typeName(type)}, not '${text}'`,
      ExitCode.usage,
    );
  };
  switch (type) {
    case ValType.i32:
    case ValType.i64: {
      const digits = /^([+-]?)(\d[\d_]*|0x[\da-f][\da-f_]*)$/i.exec(text);
      if (digits === null) return fail();
      const value = BigInt((digits[2] as string).replaceAll('_', '')) * (digits[1] === '-' ? -1n : 1n);
      const bits = type === ValType.i32 ? 32 : 64;
      if (value >= 1n << BigInt(bits) || value < -(1n << BigInt(bits - 1))) return fail();
      return bits === 32 ? Number(BigInt.asIntN(32, value)) : BigInt.asIntN(64, value);
    }
    case ValType.f32:
    case ValType.f64: {
      const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
      if (special !== null) {
        const value = /^n/i.test(special[2] as string) ? Number.NaN : Number.POSITIVE_INFINITY;
        return special[1] === '-' ? -value : value;
      }
      const value = text.trim() === '' ? Number.NaN : Number(text);
      return Number.isNaN(value) ? fail() : value;
    }
    case ValType.externref:
      return text;
    default:
      throw new Failure(
        `--invoke ${name}: an argument of type ${typeName(type)} cannot be written here`,
        ExitCode.usage,
      );
  }
}

function formatValue(value: unknown): string {
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'function') return `funcref ${value.name}`;
  return String(value);
}
