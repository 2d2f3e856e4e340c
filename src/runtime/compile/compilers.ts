import { type Debug, needsReference } from '../../debug.js';
import { isolate, List } from '../../support/primordials.js';
import type { World } from '../../support/world.js';
import { baseline } from '../../tiering/baseline.late.js';
import type { CoreBuild, ModuleCompiler } from '../../tiering/tier.js';
import { CoreCompiler } from './core-compiler.js';
import { type CoreTarget, CoreUnavailable } from './core-session.js';

/** Compilers that nobody uses, kept for the next modules: a core has some megabytes. */
const mostIdle = 2;

/** Which build of the core may be used. */
export type CoreChoice = CoreBuild | 'auto';

/** What an engine's compilers are made for. */
export interface CompilersTarget extends CoreTarget {
  readonly world: World;
}

/** The compilers of an engine: one per compilation that is underway. */
export class Compilers {
  static {
    isolate(this);
  }

  readonly #choice: CoreChoice;
  readonly #debug: Debug;
  readonly #idle: ModuleCompiler[] = new List();
  /** Which build compiles, as soon as that is decided. */
  build: CoreBuild | undefined;
  /** Why it is the reference build. */
  reason: string | undefined;

  constructor(choice: CoreChoice, debug: Debug) {
    this.#choice = choice;
    this.#debug = debug;
    if (choice === 'js') this.#decide('js', "the option core is 'js'");
    else if (needsReference(debug)) this.#decide('js', 'debug switches');
  }

  #decide(build: CoreBuild, reason?: string): void {
    this.build = build;
    this.reason = reason;
  }

  /**
   * A compiler that no compilation uses.
   * @throws Error if the shipped core is demanded and cannot run here
   */
  take(target: () => CompilersTarget): ModuleCompiler {
    return this.#idle.pop() ?? this.#make(target());
  }

  #make(target: CompilersTarget): ModuleCompiler {
    if (this.build !== 'js') {
      try {
        const compiler = new CoreCompiler(target);
        this.build = 'wasm';
        return compiler;
      } catch (error) {
        if (!(error instanceof CoreUnavailable)) throw error;
        if (this.#choice === 'wasm') throw new Error(`core: 'wasm' cannot be had: ${error.message}`, { cause: error });
        // One that could not be made now, beside others that could, is no verdict.
        if (this.build === undefined) this.#decide('js', error.message);
      }
    }
    const { BaselineCompiler } = baseline();
    return new BaselineCompiler(target, this.#debug);
  }

  /** The compilation has ended. */
  give(compiler: ModuleCompiler): void {
    if (!compiler.isBulky && this.#idle.length < mostIdle) this.#idle.push(compiler);
  }

  clear(): void {
    this.#idle.length = 0;
  }
}
