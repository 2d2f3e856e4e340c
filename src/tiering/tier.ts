import type { ContextLayout } from '../backends/abi/layout.js';
import type { OwnedCode } from '../backends/code/module-code.js';
import type { OpenBodies } from '../stream/bodies.js';
import type { ModuleInfo } from '../stream/module.js';

/**
 * The two builds of the compiler core: `wasm` is what ships, `js` the reference, which runs everywhere, has the debug switches,
 * and words the errors.
 */
export type CoreBuild = 'wasm' | 'js';

/** Which compilers make the machine code of an engine's modules. */
export type Tier = 'baseline' | 'optimizing' | 'auto';

/** Compiles one module after another: what a compilation needs of a tier. */
export interface ModuleCompiler {
  /** Machine code of the module so far, in bytes. */
  readonly codeBytes: number;
  /** Functions of the module that the optimizing tier compiles in one pass: more work than its limit allows. */
  readonly linearFunctions: number;
  /** Takes the bodies of the module that has begun. */
  readonly openBodies: OpenBodies;
  /** A module begins: all that comes before its code is known. @throws CodeMemoryError, MemoryBudgetError */
  beginModule(info: ModuleInfo, layout: ContextLayout): void;
  /** All bodies are compiled. */
  finishModule(): OwnedCode;
  /** Release everything that was emitted for the module; after an error, too. */
  abandonModule(): void;
  /** What it runs as: machine code of V8 or of the engine, or JavaScript. */
  readonly runsAs: 'v8' | 'beamline' | 'js';
  /** Not worth keeping for another module. */
  readonly isBulky: boolean;
}
