/** All of a module but its code, which is there: these bytes were compiled before. */
import type { ContextLayout } from '../../backends/abi/layout.js';
import { ModuleDecoder } from '../../stream/decoder.js';
import type { ModuleInfo } from '../../stream/module.js';
import type { BodySink } from '../../stream/sink.js';
import { MemoryBudget, MemoryBudgetError } from '../../support/memory-budget.js';
import { isolate, Math } from '../../support/primordials.js';
import { layoutOf } from '../../tiering/context-layout.js';
import type { EngineState } from '../api/engine-state.js';
import { CompileError } from '../errors/errors.js';
import { ModuleSignatures } from './module-signatures.js';

export class SectionsDecoding {
  static {
    isolate(this);
  }

  readonly #engine: EngineState;
  readonly #bytes: Uint8Array;
  readonly #who: string;
  readonly #memory: MemoryBudget;
  readonly #decoder: ModuleDecoder;
  #layout: ContextLayout | undefined;
  #end = 0;

  /** @throws CompileError if the module is above the engine's limits, here and below */
  constructor(engine: EngineState, bytes: Uint8Array, who: string) {
    const { compileMemory, moduleSize } = engine.options.limits;
    if (bytes.length > moduleSize) {
      throw new CompileError(`${who}: size > maximum module size (${moduleSize}): ${bytes.length}`);
    }
    this.#engine = engine;
    this.#bytes = bytes;
    this.#who = who;
    this.#memory = new MemoryBudget(compileMemory);
    const onHeader = (info: ModuleInfo): void => {
      this.#layout = layoutOf(info);
    };
    this.#decoder = new ModuleDecoder({} as BodySink, { onHeader, skipBodies: true }, this.#memory);
    this.#within(() => this.#memory.take(bytes.length));
  }

  /** Decode so many bytes more; true if those were the last. */
  advance(count: number): boolean {
    this.#end = Math.min(this.#bytes.length, this.#end + count);
    this.#within(() => this.#decoder.push(this.#bytes, this.#end));
    return this.#end === this.#bytes.length;
  }

  /** @param usedTypes the types that something in the module uses: function bodies are not looked at */
  finish(usedTypes: Int32Array): { info: ModuleInfo; layout: ContextLayout; signatures: ModuleSignatures } {
    return this.#within(() => {
      const info = this.#decoder.finish(this.#bytes, this.#bytes.length);
      const signatures = new ModuleSignatures(this.#engine.signatures, info.types, this.#memory);
      try {
        for (let i = 0; i < usedTypes.length; i++) signatures.at(usedTypes[i] as number);
      } catch (error) {
        signatures.release();
        throw error;
      }
      return { info, layout: this.#layout as ContextLayout, signatures };
    });
  }

  #within<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof MemoryBudgetError)) throw error;
      throw new CompileError(`${this.#who}: compile memory > limits.compileMemory (${error.limit} bytes)`);
    }
  }
}
