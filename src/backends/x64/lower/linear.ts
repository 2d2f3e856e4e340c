import type { Debug } from '../../../debug.js';
import { FunctionCompiler } from '../../../emitter/compiler.js';
import type { ModuleInfo } from '../../../stream/module.js';
import type { ContextLayout } from '../../abi/layout.js';
import type { ModuleCode } from '../../code/module-code.js';
import type { CompilerTarget } from '../../code/target.js';

/**
 * The functions of a module that the optimizing compiler gives up: compiled in one pass, as in the baseline tier, whose bounds hold for
 * every body. Their code lies in spans of its own.
 */
export class LinearCompiler extends FunctionCompiler {
  #joined: bool = false;

  constructor(target: CompilerTarget, debug: Debug | null) {
    super(target, debug);
  }

  /** A function of the module follows. */
  enter(info: ModuleInfo, layout: ContextLayout, code: ModuleCode): void {
    if (this.#joined) return;
    this.#joined = true;
    this.joinModule(info, layout, code);
  }

  /** The function is done. */
  pause(): void {
    this.closeSpan();
  }

  /** The module is done, or given up in the middle of a function. */
  leave(): void {
    if (!this.#joined) return;
    this.#joined = false;
    this.vs.resetAfterError();
    this.leaveModule();
  }
}
