import type { ContextLayout } from '../backends/abi/layout.js';
import type { OwnedCode } from '../backends/code/module-code.js';
import type { CompilerTarget } from '../backends/code/target.js';
import type { Debug } from '../debug.js';
import { FunctionCompiler } from '../emitter/compiler.js';
import type { Bodies } from '../stream/bodies.js';
import { BodyDecoder } from '../stream/body.js';
import type { FailureContext } from '../stream/body-failures.js';
import { ModuleInfo } from '../stream/module.js';
import { ignoringSink } from '../stream/sink.js';
import './isolated-tier.js';
import type { ModuleCompiler } from './tier.js';

/**
 * A decoder that is never used and always there. A collection of V8 drops the hidden classes of which no object is
 * alive, and all optimized code that relies on them: without it compile throughput is halved after each collection
 * that finds no module half compiled (10 instead of 21 MB/s). Exported, because V8 keeps no unused variable.
 */
export const keptDecoder: BodyDecoder = new BodyDecoder(new ModuleInfo(), ignoringSink, {
  functionName: () => undefined,
});

/** The baseline tier, the reference build of the compiler core. */
export class BaselineCompiler implements ModuleCompiler {
  readonly #compiler: FunctionCompiler;
  readonly isBulky = false;
  readonly runsAs = 'js';

  constructor(target: CompilerTarget, debug: Debug) {
    this.#compiler = new FunctionCompiler(target, debug);
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
