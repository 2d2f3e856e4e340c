import type { CompilerTarget } from '../backends/code/target.js';
import { OptimizingCompiler } from '../backends/x64/lower/compiler.js';
import type { Debug } from '../debug.js';
import './isolated-optimizing.js';
import { JsCompiler } from './js-compiler.js';

/** The optimizing tier: every function of a module is compiled by it. */
export class OptimizingTier extends JsCompiler {
  constructor(target: CompilerTarget, debug: Debug) {
    super(new OptimizingCompiler(target, debug));
  }
}
