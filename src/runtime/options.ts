/** Options of `new Engine(options)`, validated with zod. */
import { z } from 'zod';
import { cpuLevels } from '../backends/x64/cpu.js';
import { debugSchema } from '../debug.js';

const mebibyte = 1 << 20;

/** A positive number of milliseconds, or 0 or Infinity for "no slicing". */
const milliseconds = z.custom<number>((value) => typeof value === 'number' && value >= 0, {
  error: 'must be a number of milliseconds, 0 or more (0 or Infinity: no slicing)',
});

const limitsSchema = z.strictObject({
  /** Bytes reserved for machine code and its slots; used as needed. */
  codeMemory: z
    .int()
    .min(4 * mebibyte)
    .max(1024 * mebibyte)
    .default(512 * mebibyte),
  /** Upper bound of a linear memory, in pages of 64 KiB. */
  memoryPages: z.int().min(0).max(65536).default(65536),
  /** Upper bound of a table, in elements. */
  tableElements: z.int().min(0).max(10_000_000).default(10_000_000),
  /** Bytes of the stack that wasm code runs on. */
  stackSize: z
    .int()
    .min(64 * 1024)
    .max(1024 * mebibyte)
    .default(8 * mebibyte),
  /** Upper bound of a module, in bytes. */
  moduleSize: z
    .int()
    .min(8)
    .max(1024 * mebibyte)
    .default(1024 * mebibyte),
});

const optionsSchema = z.strictObject({
  /** Which compiler: 'baseline' is the single-pass compiler. */
  tier: z
    .enum(['baseline', 'optimizing', 'auto'])
    .default('baseline')
    .refine((tier) => tier === 'baseline', {
      error: (issue) => `tier '${String(issue.input)}' is not supported yet: use 'baseline'`,
    }),
  /** Compilation yields to the event loop when it has worked this long; 0 or Infinity: never. */
  maxSliceMs: milliseconds.default(5),
  /** Where linear memories are stored: in V8's WebAssembly.Memory, in own mappings, or whichever works. */
  memory: z.enum(['auto', 'v8', 'mmap']).default('auto'),
  /** Instruction-set level of the generated code; never more than the processor has. */
  cpu: z.enum(cpuLevels).default('native'),
  limits: limitsSchema.prefault({}),
  debug: debugSchema.prefault({}),
});

/** What a caller may write. */
export type EngineOptions = z.input<typeof optionsSchema>;

/** Validated options with all defaults filled in. */
export type ResolvedOptions = z.output<typeof optionsSchema>;

/**
 * Validate engine options.
 * @throws TypeError that names each wrong option.
 */
export function resolveOptions(options: unknown): ResolvedOptions {
  const result = optionsSchema.safeParse(options ?? {});
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const path = issue.path.map(String).join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  throw new TypeError(`Engine(): invalid options: ${problems.join('; ')}`);
}
