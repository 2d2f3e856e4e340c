import { readFileSync } from 'node:fs';
import { match } from '../../support/primordials.js';

/** Instruction-set extensions beyond SSE4.1 that generated code uses where they are there. */
export interface CpuFeatures {
  readonly avx: boolean;
  /** Includes AVX. */
  readonly avx2: boolean;
  /** FMA3; includes AVX. */
  readonly fma: boolean;
  readonly bmi1: boolean;
  readonly bmi2: boolean;
  readonly lzcnt: boolean;
  readonly popcnt: boolean;
}

/** The floor: nothing beyond SSE4.1. */
export const baselineCpu: CpuFeatures = {
  avx: false,
  avx2: false,
  fma: false,
  bmi1: false,
  bmi2: false,
  lzcnt: false,
  popcnt: false,
};

/** What /proc/cpuinfo calls the features, as words of a line. */
const patterns: Readonly<Record<string, RegExp>> = {};
for (const flag of ['sse4_1', 'avx', 'avx2', 'fma', 'bmi1', 'bmi2', 'abm', 'lzcnt', 'popcnt']) {
  (patterns as Record<string, RegExp>)[flag] = new RegExp(`(?:^|\\s)${flag}(?:\\s|$)`);
}

let detected: CpuFeatures | undefined;

/**
 * What this machine's processor (and its kernel, for the AVX state) can do, from /proc/cpuinfo.
 * @throws Error if SSE4.1 is missing, or nothing can be read there.
 */
export function detectCpu(): CpuFeatures {
  if (detected !== undefined) return detected;
  const line = match(/^flags\s*:(.*)$/m, readInfo())?.[1] ?? '';
  const flags = { has: (flag: string): boolean => match(patterns[flag] as RegExp, line) !== null };
  if (!flags.has('sse4_1')) throw new Error('beamline needs a processor with SSE4.1');
  detected = {
    avx: flags.has('avx'),
    avx2: flags.has('avx') && flags.has('avx2'),
    fma: flags.has('avx') && flags.has('fma'),
    bmi1: flags.has('bmi1'),
    bmi2: flags.has('bmi2'),
    lzcnt: flags.has('abm') || flags.has('lzcnt'),
    popcnt: flags.has('popcnt'),
  };
  return detected;
}

function readInfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      `Beamline must know what the processor can do, and cannot read /proc/cpuinfo (${code}): mount /proc, or allow reading it`,
      { cause: error },
    );
  }
}

/**
 * Names of instruction-set levels that an engine can be held to: `sse4.1` is the floor, `avx` adds three-operand
 * vector instructions and population count, `native` is all that the processor has.
 */
export const cpuLevels = ['native', 'avx', 'sse4.1'] as const;
export type CpuLevel = (typeof cpuLevels)[number];

/** What code of this level may use: never more than the processor has. @throws Error if SSE4.1 is missing. */
export function cpuFeatures(level: CpuLevel): CpuFeatures {
  const native = detectCpu();
  if (level === 'native') return native;
  if (level === 'avx') return { ...baselineCpu, avx: native.avx, popcnt: native.popcnt };
  return baselineCpu;
}
