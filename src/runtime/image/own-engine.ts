/**
 * Modules of the engine's own that run as Beamline's machine code, made ahead of time: in an engine of their own, so that code
 * memory, limits, debug switches and statistics of a program's engines have nothing to do with them.
 */
import { Thread } from '../../backends/abi/layout.js';
import { isolate } from '../../support/primordials.js';
import { EngineState } from '../api/engine-state.js';
import { createInstance } from '../api/instantiation.js';
import type { CompiledModule } from '../api/module.js';
import { createNamespace } from '../api/namespace.js';
import { defaultOptions } from '../api/options.js';
import { ThreadRecord } from '../machine/thread.js';
import type { Exports, Memory } from '../webidl/api-types.js';
import { ownModule } from './load.js';

/** The least that there is: enough for stubs and some megabytes of code. */
const codeMemory = 4 << 20;

export class OwnEngine {
  static {
    isolate(this);
  }

  readonly #state: EngineState;
  readonly #module: CompiledModule;

  /**
   * @param expected the `imageHash` of the image that comes with the package
   * @param wasm the module's bytes, if they are not in the image
   * @param stackSize of the engine that wants it
   * @throws ImageError, OsError; RangeError where address space is short
   */
  constructor(image: Uint8Array, expected: string, wasm: Uint8Array | undefined, stackSize: number) {
    const limits = { ...defaultOptions.limits, codeMemory, stackSize };
    this.#state = new EngineState({ ...defaultOptions, limits });
    createNamespace(this.#state);
    this.#module = ownModule(this.#state, image, expected, wasm);
  }

  /** A memory that can be imported, and that code without bounds checks can use. @throws RangeError */
  newMemory(initial: number, maximum: number): Memory {
    return this.#state.classes.memory.create({ initial, maximum, shared: false, is64: false, bytePages: false })
      .object as Memory;
  }

  /** A new instance. @throws what instantiation throws */
  instantiate(imports: object): Exports {
    return createInstance(this.#state, this.#module, imports, 'OwnEngine').exports;
  }
}

/** Both halves of the word that says that there is no deadline. */
const noDeadlineHalf = 0xffffffff;

/** True in a scope of `withDeadline` of this thread: deadlines are for the program's wasm, and end all other, too. */
export function isUnderDeadline(): boolean {
  const { u32 } = ThreadRecord.current();
  const at = Thread.deadline >>> 2;
  return u32[at] !== noDeadlineHalf || u32[at + 1] !== noDeadlineHalf;
}
