/**
 * Who runs `core.wasm`: Beamline itself, by machine code that was made with the package, or V8, which compiles it first. Of both
 * a core gets a memory with guard pages and an instance.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assignOwn, bare, isolate, Object, String, Uint8Array } from '../../support/primordials.js';
import { bufferOf, isV8Trap, v8 } from '../../support/v8.js';
import { RuntimeError } from '../errors/errors.js';
import { ImageError } from '../image/format.js';
import { OwnEngine } from '../image/own-engine.js';
import { OsError } from '../machine/os.js';
import { isReserved, isV8Memory } from '../store/memory-v8.js';
import type { CoreExports } from './core-session.js';

export interface CoreRunner {
  readonly name: 'beamline' | 'v8';
  /** A memory of V8 with guard pages behind it. @throws CoreUnavailable */
  newMemory(initial: number, maximum: number): object;
  /** @throws CoreUnavailable */
  instantiate(imports: object): CoreExports;
  /** The error is that of a trap in the core. */
  isTrap(error: unknown): boolean;
}

/** Why something cannot run the core in this process. */
export class CoreUnavailable extends Error {
  declare readonly name: 'CoreUnavailable';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    assignOwn(this, { name: 'CoreUnavailable' });
  }
}

declare const CORE_FOLDER: string | undefined;
/** What the bundle knows of the image: it was made together with it. */
declare const CORE_HASH: string | undefined;

function coreFile(name: string): string {
  const folder = typeof CORE_FOLDER === 'string' ? CORE_FOLDER : '../../../core/';
  return fileURLToPath(new URL(folder + name, import.meta.url));
}

function noWasm(): CoreUnavailable {
  return new CoreUnavailable('V8 has no WebAssembly in this process (--jitless)');
}

function unavailable(error: unknown): CoreUnavailable {
  return new CoreUnavailable(String((error as Error).message), { cause: error });
}

/** The image is not there, or not for this machine; or the system does not give what another engine needs. */
function isExpected(error: unknown): boolean {
  if (error instanceof ImageError || error instanceof OsError || error instanceof RangeError) return true;
  return (error as NodeJS.ErrnoException | null)?.syscall === 'open';
}

/** V8: the module is compiled once per thread, its functions when they are first called. */
class V8Runner implements CoreRunner {
  static {
    isolate(this);
  }

  readonly name = 'v8';
  #module: object | undefined;

  newMemory(initial: number, maximum: number): object {
    if (v8 === undefined) throw noWasm();
    let memory: object;
    try {
      memory = new v8.Memory(bare({ initial, maximum }));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new CoreUnavailable('V8 has no address space for a memory');
    }
    if (!isReserved(bufferOf(memory))) throw new CoreUnavailable('V8 has no guard pages behind its memories');
    return memory;
  }

  instantiate(imports: object): CoreExports {
    const { Module, Instance } = v8 as NonNullable<typeof v8>;
    this.#module ??= new Module(readFileSync(coreFile('core.wasm')));
    return new Instance(this.#module, imports).exports as unknown as CoreExports;
  }

  isTrap(error: unknown): boolean {
    return isV8Trap(error);
  }
}

/** Beamline: the code image that is made when the package is built, in an engine of its own. */
class ImageRunner implements CoreRunner {
  static {
    isolate(this);
  }

  readonly name = 'beamline';
  readonly #engine: OwnEngine;

  /** @throws CoreUnavailable */
  constructor(stackSize: number) {
    if (v8 === undefined) throw noWasm();
    try {
      const image = new Uint8Array(readFileSync(coreFile('core.image')));
      const hash = typeof CORE_HASH === 'string' ? CORE_HASH : readFileSync(coreFile('core.hash'), 'latin1');
      this.#engine = new OwnEngine(image, hash, undefined, stackSize);
    } catch (error) {
      if (isExpected(error)) throw unavailable(error);
      throw error;
    }
  }

  newMemory(initial: number, maximum: number): object {
    let memory: object;
    try {
      memory = this.#engine.newMemory(initial, maximum);
    } catch (error) {
      if (error instanceof RangeError) throw unavailable(error);
      throw error;
    }
    // In other areas nothing may be mapped: they are used again, and their guard pages with them.
    if (!isV8Memory(memory)) throw new CoreUnavailable('V8 has no guard pages behind its memories');
    return memory;
  }

  instantiate(imports: object): CoreExports {
    return this.#engine.instantiate(imports) as unknown as CoreExports;
  }

  isTrap(error: unknown): boolean {
    return typeof error === 'object' && error !== null && Object.getPrototypeOf(error) === RuntimeError.prototype;
  }
}

let ofV8: V8Runner | undefined;
let ofImage: ImageRunner | CoreUnavailable | undefined;

/** The runner of this thread that V8 is. */
export function v8Runner(): CoreRunner {
  ofV8 ??= new V8Runner();
  return ofV8;
}

/** The runner of this thread that Beamline is, or why it is none. @param stackSize of the engine that wants it first */
export function imageRunner(stackSize: number): CoreRunner | CoreUnavailable {
  if (ofImage === undefined) {
    try {
      ofImage = new ImageRunner(stackSize);
    } catch (error) {
      if (!(error instanceof CoreUnavailable)) throw error;
      ofImage = error;
    }
  }
  return ofImage;
}
