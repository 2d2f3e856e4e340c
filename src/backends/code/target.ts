import type { CpuFeatures } from '../x64/cpu.js';

export type { CpuFeatures };

/** Who finds accesses outside of a memory: pages behind it that fault, or code that compares. */
export type Bounds = 'guard' | 'check';

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
