/** Options of `new Engine(options)`, validated with zod. */
import { type CpuLevel, cpuLevels } from '../../backends/x64/cpu.js';
import { type Debug, type DebugOptions, debugSchema, needsReference, noDebug } from '../../debug.js';
import { zod } from '../../support/zod.js';
import type { CoreChoice } from '../compile/compilers.js';
import { type CallWay, callWays } from '../machine/calls/call-ways.js';

const mebibyte = 1 << 20;

/** Upper bounds. */
export interface EngineLimits {
  /** Bytes reserved for machine code and its slots, used as needed: 4 MiB to 1 GiB. */
  readonly codeMemory: number;
  /** Upper bound of a linear memory, in pages of 64 KiB. */
  readonly memoryPages: number;
  /** Upper bound of all tables of the engine together, in elements; of one table, 10,000,000 at most. */
  readonly tableElements: number;
  /** Upper bound of the native memory of all instances, tables and globals of the engine, in bytes: 1 MiB to 64 GiB. */
  readonly nativeMemory: number;
  /** Bytes of the stack that wasm code runs on: 64 KiB to 1 GiB. */
  readonly stackSize: number;
  /** Upper bound of a module, in bytes. */
  readonly moduleSize: number;
  /** Upper bound of the machine code of one module, in bytes. */
  readonly moduleCode: number;
  /**
   * Upper bound of the memory that the compilation of one module may hold at any time: the module's bytes, its tables, the
   * compiler's growing arrays, machine code. In bytes, 64 KiB to 64 GiB; see docs/BOUNDS.md for what is counted.
   */
  readonly compileMemory: number;
}

/** Validated options with all defaults filled in. */
export interface ResolvedOptions {
  /**
   * Which compiler: 'baseline' is the single-pass compiler, 'optimizing' the one with SSA form. With 'auto' the first compiles all
   * functions, and the second, in a thread of its own, those that turn out to be hot: their next call goes to the new code.
   */
  readonly tier: 'baseline' | 'optimizing' | 'auto';
  /** Compilation yields to the event loop when it has worked this many milliseconds; 0 or Infinity: never. */
  readonly maxSliceMs: number;
  /** Where linear memories are stored: in V8's WebAssembly.Memory, in own mappings, or whichever works. */
  readonly memory: 'auto' | 'v8' | 'mmap';
  /**
   * Who finds accesses outside of a memory: pages behind it that fault ('guard', 8 to 10 GiB of address space per memory),
   * code that compares ('check'), or guard pages unless address space is limited or cannot be had.
   */
  readonly bounds: 'auto' | 'guard' | 'check';
  /**
   * How calls between JS and machine code are made: through V8's own API, which is the fastest way, through Node-API,
   * through koffi, which always works, or through the first of them that works.
   */
  readonly calls: CallWay;
  /**
   * Which build of the compiler works: the one that is WebAssembly ('wasm'), the reference build in JavaScript ('js'), which
   * makes the same code, or the first of them that can ('auto'). Debug switches need the reference build.
   */
  readonly core: CoreChoice;
  /** Instruction-set level of the generated code; never more than the processor has. */
  readonly cpu: CpuLevel;
  /**
   * A module of bytes that are compiled already, in this engine or in another one of the process with the same options,
   * takes the code that is there. Without it each module has code of its own, in other threads too.
   */
  readonly reuseCode: boolean;
  /** Where the process has one processor only, `tier: 'auto'` leaves it to the program: nothing is optimized in the background. */
  readonly keepLastCore: boolean;
  readonly limits: EngineLimits;
  readonly debug: Debug;
}

/** What a caller may write. */
export interface EngineOptions extends Partial<Omit<ResolvedOptions, 'limits' | 'debug'>> {
  readonly limits?: Partial<EngineLimits>;
  readonly debug?: DebugOptions;
}

/** What an engine has whose program asks for nothing. */
export const defaultOptions: ResolvedOptions = {
  tier: 'baseline',
  maxSliceMs: 5,
  memory: 'auto',
  bounds: 'auto',
  calls: 'auto',
  core: 'auto',
  cpu: 'native',
  reuseCode: true,
  keepLastCore: false,
  limits: {
    codeMemory: 512 * mebibyte,
    memoryPages: 65536,
    tableElements: 40_000_000,
    nativeMemory: 4096 * mebibyte,
    stackSize: 8 * mebibyte,
    moduleSize: 1024 * mebibyte,
    moduleCode: 1024 * mebibyte,
    compileMemory: 4096 * mebibyte,
  },
  debug: noDebug,
};

function makeSchema() {
  const z = zod();
  const { limits } = defaultOptions;
  return z.strictObject({
    tier: z.enum(['baseline', 'optimizing', 'auto']).default(defaultOptions.tier),
    maxSliceMs: z
      .custom<number>((value) => typeof value === 'number' && value >= 0, {
        error: 'must be a number of milliseconds, 0 or more (0 or Infinity: no slicing)',
      })
      .default(defaultOptions.maxSliceMs),
    memory: z.enum(['auto', 'v8', 'mmap']).default(defaultOptions.memory),
    bounds: z.enum(['auto', 'guard', 'check']).default(defaultOptions.bounds),
    calls: z.enum(callWays).default(defaultOptions.calls),
    core: z.enum(['auto', 'wasm', 'js']).default(defaultOptions.core),
    cpu: z.enum(cpuLevels).default(defaultOptions.cpu),
    reuseCode: z.boolean().default(defaultOptions.reuseCode),
    keepLastCore: z.boolean().default(defaultOptions.keepLastCore),
    limits: z
      .strictObject({
        codeMemory: z
          .int()
          .min(4 * mebibyte)
          .max(1024 * mebibyte)
          .default(limits.codeMemory),
        memoryPages: z.int().min(0).max(65536).default(limits.memoryPages),
        tableElements: z.int().min(0).max(1_000_000_000).default(limits.tableElements),
        nativeMemory: z
          .int()
          .min(mebibyte)
          .max(65536 * mebibyte)
          .default(limits.nativeMemory),
        stackSize: z
          .int()
          .min(64 * 1024)
          .max(1024 * mebibyte)
          .default(limits.stackSize),
        moduleSize: z
          .int()
          .min(8)
          .max(1024 * mebibyte)
          .default(limits.moduleSize),
        moduleCode: z
          .int()
          .min(4096)
          .max(1024 * mebibyte)
          .default(limits.moduleCode),
        compileMemory: z
          .int()
          .min(64 * 1024)
          .max(65536 * mebibyte)
          .default(limits.compileMemory),
      } satisfies Record<keyof EngineLimits, unknown>)
      .prefault({}),
    debug: debugSchema().prefault({}),
  } satisfies Record<keyof ResolvedOptions, unknown>);
}

let schema: ReturnType<typeof makeSchema> | undefined;

/**
 * Validate engine options.
 * @throws TypeError that names each wrong option.
 */
export function resolveOptions(options: unknown): ResolvedOptions {
  if (options === undefined) return defaultOptions;
  schema ??= makeSchema();
  const result = schema.safeParse(options ?? {});
  if (result.success) {
    const { core, debug, tier } = result.data;
    if (core === 'wasm' && tier === 'optimizing') {
      throw new TypeError(
        "Engine(): invalid options: core: 'wasm' has the baseline tier only: leave it out, or use 'js'",
      );
    }
    if (core !== 'wasm' || !needsReference(debug)) return result.data;
    throw new TypeError("Engine(): invalid options: core: 'wasm' has no debug switches: leave it out, or use 'js'");
  }
  const problems = result.error.issues.map((issue) => {
    const path = issue.path.map(String).join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  throw new TypeError(`Engine(): invalid options: ${problems.join('; ')}`);
}
