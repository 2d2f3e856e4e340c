import { CodeSpace } from '../backends/code/code-space';
import { Int32Array } from '../support/dialect';
import { World } from '../support/world';

/** How many trap codes there can be: as many stubs has the engine's message. */
export const trapStubs: i32 = 32;

/** The twin of `src/backends/code/target.ts`, with fields to be filled. */
export class CompilerStubs {
  trap: Int32Array = new Int32Array(trapStubs);
  memoryFill: i32 = 0;
  memoryCopy: i32 = 0;
  memoryInit: i32 = 0;
  memoryGrow: i32 = 0;
  tableCopy: i32 = 0;
  tableInit: i32 = 0;
  tableFill: i32 = 0;
  tableGrow: i32 = 0;
  functionsCopy: i32 = 0;
  functionsInit: i32 = 0;
  functionsFill: i32 = 0;
  tailCall: i32 = 0;
  throwTag: i32 = 0;
  throwRef: i32 = 0;
  atomicNotify: i32 = 0;
  atomicWait32: i32 = 0;
  atomicWait64: i32 = 0;
  memorySize: i32 = 0;
  otherFill: i32 = 0;
  otherCopy: i32 = 0;
  otherInit: i32 = 0;
  wideGrow: i32 = 0;
  wideTableGrow: i32 = 0;
}

export class CpuFeatures {
  avx: bool = false;
  avx2: bool = false;
  fma: bool = false;
  bmi1: bool = false;
  bmi2: bool = false;
  lzcnt: bool = false;
  popcnt: bool = false;
}

export class CompilerTarget {
  constructor(
    public code: CodeSpace,
    public stubs: CompilerStubs,
    public cpu: CpuFeatures,
    public checksBounds: bool,
    public world: World,
  ) {}
}
