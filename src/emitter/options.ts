import type { CpuFeatures } from '../backends/x64/cpu.js';

export type { CpuFeatures };

/** What the compiler needs of the machine-level stubs: code offsets. */
export interface CompilerStubs {
  /** By TrapCode. */
  readonly trap: ArrayLike<number>;
  readonly memoryFill: number;
  readonly memoryCopy: number;
  readonly memoryInit: number;
  readonly memoryGrow: number;
  readonly tableCopy: number;
  readonly tableInit: number;
  readonly tableFill: number;
  readonly tableGrow: number;
}

export interface CompilerOptions {
  /** Spill everything after each opcode. */
  readonly forceSpills: boolean;
  /** Check the abstract state after each opcode. */
  readonly checkInvariants: boolean;
  /** Emit a check that the upper half of i32 address registers is zero. */
  readonly checkUpperHalves: boolean;
}

export const defaultCompilerOptions: CompilerOptions = {
  forceSpills: false,
  checkInvariants: false,
  checkUpperHalves: false,
};
