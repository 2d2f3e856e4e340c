import type { World } from '../../support/world.js';
import type { CpuFeatures } from '../x64/cpu.js';
import type { CodeSpace } from './code-space.js';

export type { CpuFeatures };

/** Who finds accesses outside of a memory: pages behind it that fault, or code that compares. */
export type Bounds = 'guard' | 'check';

/** What the compiler needs of the machine-level stubs: code offsets. */
export interface CompilerStubs {
  /** By TrapCode. */
  readonly trap: ArrayLike<i32>;
  readonly memoryFill: i32;
  readonly memoryCopy: i32;
  readonly memoryInit: i32;
  readonly memoryGrow: i32;
  readonly tableCopy: i32;
  readonly tableInit: i32;
  readonly tableFill: i32;
  readonly tableGrow: i32;
  readonly functionsCopy: i32;
  readonly functionsInit: i32;
  readonly functionsFill: i32;
  readonly tailCall: i32;
  /** (tag index i32, displacement of its values from rbp i32): does not return. */
  readonly throwTag: i32;
  /** (exception): does not return. */
  readonly throwRef: i32;
  readonly atomicNotify: i32;
  readonly atomicWait32: i32;
  readonly atomicWait64: i32;
  readonly memorySize: i32;
  /** Of any memory, which is told by the offset of its `MemoryField` in the context. */
  readonly otherFill: i32;
  readonly otherCopy: i32;
  readonly otherInit: i32;
  readonly wideGrow: i32;
  readonly wideTableGrow: i32;
}

/** What code is made for. */
export interface CompilerTarget {
  readonly code: CodeSpace;
  readonly stubs: CompilerStubs;
  readonly cpu: CpuFeatures;
  /** Accesses to memory are compared with its length: there are no guard pages. */
  readonly checksBounds: boolean;
  readonly world: World;
}
