/**
 * Modules are found by what they consist of: whoever makes a module of bytes that are compiled already, in this engine or by
 * another one of the process, gets the machine code that is there. V8 does the same.
 */
import { isolate, List, Map, Math, Promise } from '../../support/primordials.js';
import type { EngineState } from '../api/engine-state.js';
import { CompiledModule } from '../api/module.js';
import { Sha256 } from '../machine/sha256.js';
import type { CodeHold } from '../machine/shared-code-table.js';
import { SectionsDecoding } from './sections-decoding.js';
import { type AdoptedCode, codeKey } from './shared-code.js';
import type { Slices } from './slices.js';

/** SHA-256 of a module's bytes, one character per byte. Other code runs for whoever finds two modules with the same. */
export type ContentHash = string;

/** How many bytes are hashed at once where others wait: 0.1 ms, 0.3 where the processor has no instructions for it. */
const hashStep = 1 << 17;

/** Up to this length others can wait: 0.3 ms. */
export const hashedAtOnce: number = 1 << 19;

export function hashOf(bytes: Uint8Array): ContentHash {
  const hash = new Sha256();
  hash.update(bytes, 0, bytes.length);
  return hash.digest();
}

/** The same in slices, into `hash`. `pause` is called where others may run. */
export async function hashInSlices(
  hash: Sha256,
  bytes: Uint8Array,
  slices: Slices,
  pause: () => Promise<void>,
): Promise<void> {
  for (let at = 0; at < bytes.length; at += hashStep) {
    slices.resume();
    hash.update(bytes, at, Math.min(at + hashStep, bytes.length));
    slices.pause();
    if (slices.over) await pause();
  }
}

/** Code of another engine, held until `finish` or `abandon`. */
export class Adoption {
  static {
    isolate(this);
  }

  readonly #engine: EngineState;
  readonly #content: ContentHash;
  readonly #hold: CodeHold;
  readonly #code: AdoptedCode;
  readonly #sections: SectionsDecoding;

  /** @throws CompileError if the module is above the engine's limits */
  private constructor(
    engine: EngineState,
    content: ContentHash,
    bytes: Uint8Array,
    who: string,
    borrowed: { readonly hold: CodeHold; readonly code: AdoptedCode },
  ) {
    this.#engine = engine;
    this.#content = content;
    this.#hold = borrowed.hold;
    this.#code = borrowed.code;
    this.#sections = new SectionsDecoding(engine, bytes, who);
  }

  /**
   * Code that another engine, or thread, has made of a module; undefined if there is none that fits.
   * @param bytes the module's, which nobody else can change.
   */
  static begin(engine: EngineState, content: ContentHash, bytes: Uint8Array, who: string): Adoption | undefined {
    const { machine, options } = engine;
    const key = codeKey(options, machine, engine.memoryPlan.bounds, content, bytes.length);
    const borrowed = key === undefined ? undefined : machine.sharing.borrow(key);
    if (borrowed === undefined) return undefined;
    // The compiler finds the words for what is too much.
    if (borrowed.code.codeBytes <= options.limits.moduleCode) {
      try {
        return new Adoption(engine, content, bytes, who, borrowed);
      } catch (error) {
        machine.sharing.giveBack(borrowed.hold);
        throw error;
      }
    }
    machine.sharing.giveBack(borrowed.hold);
    return undefined;
  }

  /** Decode some bytes of the module. Returns true when that is done. */
  advance(count: number): boolean {
    return this.#sections.advance(count);
  }

  finish(): CompiledModule {
    const { info, layout, signatures } = this.#sections.finish(this.#code.usedTypes);
    this.#engine.totals.modulesShared++;
    this.#engine.totals.reuseHits++;
    const module = new CompiledModule(this.#engine, info, layout, this.#code, signatures, this.#hold);
    module.share(this.#content);
    return module;
  }

  abandon(): void {
    this.#engine.machine.sharing.giveBack(this.#hold);
  }
}

/** A module of the engine with this content. @throws Error if the engine is disposed */
export function findKnown(engine: EngineState, content: ContentHash): CompiledModule | undefined {
  engine.checkUsable();
  const known = engine.directory.find(content);
  if (known !== undefined) engine.totals.reuseHits++;
  return known;
}

/**
 * A module of the engine with these bytes, which are not copied: nothing is read of them again, so it does not matter who
 * changes them.
 */
export function findAtOnce(engine: EngineState, bytes: Uint8Array): CompiledModule | undefined {
  return engine.directory.hasLength(bytes.length) ? findKnown(engine, hashOf(bytes)) : undefined;
}

/** A module of the engine, or with the code of another one. @param bytes which nobody else can change. */
export function findOrAdopt(
  engine: EngineState,
  content: ContentHash,
  bytes: Uint8Array,
  who: string,
): CompiledModule | undefined {
  const known = findKnown(engine, content);
  if (known !== undefined) return known;
  const adoption = Adoption.begin(engine, content, bytes, who);
  if (adoption === undefined) return undefined;
  try {
    adoption.advance(bytes.length);
    return adoption.finish();
  } catch (error) {
    adoption.abandon();
    throw error;
  }
}

/** What an engine compiles just now in slices: whoever wants the same waits for it. */
export class ModulesUnderway {
  static {
    isolate(this);
  }

  readonly #waiting = new Map<ContentHash, (() => void)[]>();

  begin(content: ContentHash): void {
    this.#waiting.set(content, new List());
  }

  /** It is compiled, or will not be. */
  end(content: ContentHash): void {
    const waiting = this.#waiting.get(content);
    if (waiting === undefined) return;
    this.#waiting.delete(content);
    for (let i = 0; i < waiting.length; i++) (waiting[i] as () => void)();
  }

  has(content: ContentHash): boolean {
    return this.#waiting.has(content);
  }

  /** Resolved at the end, or when the signal aborts. */
  wait(content: ContentHash, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        signal?.removeEventListener('abort', go);
        resolve();
      };
      const waiting = this.#waiting.get(content) as (() => void)[];
      waiting[waiting.length] = go;
      signal?.addEventListener('abort', go);
    });
  }
}
