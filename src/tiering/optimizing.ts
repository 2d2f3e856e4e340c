import type { ContextLayout } from '../backends/abi/layout.js';
import type { OwnedCode } from '../backends/code/module-code.js';
import type { CompilerTarget } from '../backends/code/target.js';
import { OptimizingCompiler } from '../backends/x64/lower/compiler.js';
import type { Debug } from '../debug.js';
import type { Bodies } from '../stream/bodies.js';
import { BodyDecoder } from '../stream/body.js';
import type { FailureContext } from '../stream/body-failures.js';
import type { ModuleInfo } from '../stream/module.js';
import './isolated-optimizing.js';
import type { ModuleCompiler } from './tier.js';

/** The optimizing tier: every function of a module is compiled by it. */
export class OptimizingTier implements ModuleCompiler {
  readonly #compiler: OptimizingCompiler;
  readonly isBulky = false;
  readonly runsAs = 'js';

  constructor(target: CompilerTarget, debug: Debug) {
    this.#compiler = new OptimizingCompiler(target, debug);
  }

  get codeBytes(): number {
    return this.#compiler.codeBytes;
  }

  readonly openBodies = (info: ModuleInfo, context: FailureContext): Bodies =>
    new BodyDecoder(info, this.#compiler, context);

  beginModule(info: ModuleInfo, layout: ContextLayout): void {
    this.#compiler.beginModule(info, layout);
  }

  finishModule(): OwnedCode {
    return this.#compiler.finishModule();
  }

  abandonModule(): void {
    this.#compiler.abandonModule();
  }
}
