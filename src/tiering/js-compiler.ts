import type { ContextLayout } from '../backends/abi/layout.js';
import type { OwnedCode } from '../backends/code/module-code.js';
import type { Bodies, OpenBodies } from '../stream/bodies.js';
import { BodyDecoder } from '../stream/body.js';
import type { FailureContext } from '../stream/body-failures.js';
import type { ModuleInfo } from '../stream/module.js';
import type { BodySink } from '../stream/sink.js';
import type { ModuleCompiler } from './tier.js';

/** What a tier's compiler does with a module; it gets the bodies as a sink. */
export interface TierCompiler extends BodySink {
  readonly codeBytes: number;
  beginModule(info: ModuleInfo, layout: ContextLayout): void;
  finishModule(): OwnedCode;
  abandonModule(): void;
}

/** A tier that V8 runs as JavaScript. */
export class JsCompiler implements ModuleCompiler {
  readonly #compiler: TierCompiler;
  readonly runsAs = 'js';

  constructor(compiler: TierCompiler) {
    this.#compiler = compiler;
  }

  get isBulky(): boolean {
    return false;
  }

  get linearFunctions(): number {
    return 0;
  }

  get codeBytes(): number {
    return this.#compiler.codeBytes;
  }

  readonly openBodies: OpenBodies = (info: ModuleInfo, context: FailureContext): Bodies =>
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
