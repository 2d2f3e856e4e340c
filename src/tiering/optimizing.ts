import type { CompilerTarget } from '../backends/code/target.js';
import { OptimizingCompiler } from '../backends/x64/lower/compiler.js';
import type { Debug } from '../debug.js';
import type { Bodies } from '../stream/bodies.js';
import type { FailureContext } from '../stream/body-failures.js';
import type { ModuleInfo } from '../stream/module.js';
import { BoundedBodies } from './bounded-bodies.js';
import './isolated-optimizing.js';
import { JsCompiler } from './js-compiler.js';

/** The optimizing tier: every function of a module is compiled by it. */
export class OptimizingTier extends JsCompiler {
  readonly #optimizer: OptimizingCompiler;

  constructor(target: CompilerTarget, debug: Debug) {
    const optimizer = new OptimizingCompiler(target, debug);
    super(optimizer);
    this.#optimizer = optimizer;
  }

  override get linearFunctions(): number {
    return this.#optimizer.linearFunctions;
  }

  override get isBulky(): boolean {
    return this.#optimizer.isBulky;
  }

  override readonly openBodies = (info: ModuleInfo, context: FailureContext): Bodies =>
    new BoundedBodies(info, this.#optimizer, context);
}
