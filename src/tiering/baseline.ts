import type { CompilerTarget } from '../backends/code/target.js';
import type { Debug } from '../debug.js';
import { FunctionCompiler } from '../emitter/compiler.js';
import { BodyDecoder } from '../stream/body.js';
import { ModuleInfo } from '../stream/module.js';
import { ignoringSink } from '../stream/sink.js';
import './isolated-tier.js';
import { JsCompiler } from './js-compiler.js';

/**
 * A decoder that is never used and always there. A collection of V8 drops the hidden classes of which no object is
 * alive, and all optimized code that relies on them: without it compile throughput is halved after each collection
 * that finds no module half compiled (10 instead of 21 MB/s). Exported, because V8 keeps no unused variable.
 */
export const keptDecoder: BodyDecoder = new BodyDecoder(new ModuleInfo(), ignoringSink, {
  functionName: () => undefined,
});

/** The baseline tier, the reference build of the compiler core. */
export class BaselineCompiler extends JsCompiler {
  constructor(target: CompilerTarget, debug: Debug) {
    super(new FunctionCompiler(target, debug));
  }
}
