import { type Debug, needsReference } from '../../debug.js';
import { isolate, List } from '../../support/primordials.js';
import type { World } from '../../support/world.js';
import { baseline } from '../../tiering/baseline.late.js';
import { optimizing } from '../../tiering/optimizing.late.js';
import type { CoreBuild, ModuleCompiler, Tier } from '../../tiering/tier.js';
import { isUnderDeadline } from '../image/own-engine.js';
import { CoreCompiler } from './core-compiler.js';
import { type CoreRunner, CoreUnavailable, imageRunner, v8Runner } from './core-runners.js';
import type { CoreTarget } from './core-session.js';

/** Compilers that nobody uses, kept for the next modules: a core has some megabytes. */
const mostIdle = 2;

/** Which build of the core may be used. */
export type CoreChoice = CoreBuild | 'auto';

/** Which build of the core works, as soon as that is decided. */
export interface CoreReport {
  readonly build: CoreBuild | undefined;
  /** Whose machine code the build that is WebAssembly is. */
  readonly runner: 'beamline' | 'v8' | undefined;
  /** Why it is the reference build, or why V8 runs the other. */
  readonly reason: string | undefined;
}

/** What an engine's compilers are made for. */
export interface CompilersTarget extends CoreTarget {
  readonly world: World;
  /** Of the engine's wasm stack, in bytes. */
  readonly stackSize: number;
}

/** The compilers of an engine: one per compilation that is underway. */
export class Compilers {
  static {
    isolate(this);
  }

  readonly #tier: Tier;
  readonly #choice: CoreChoice;
  readonly #debug: Debug;
  readonly #idle: ModuleCompiler[] = new List();
  /** Which build compiles, as soon as that is decided. */
  build: CoreBuild | undefined;
  /** Who runs it, if it is WebAssembly. */
  runner: CoreRunner['name'] | undefined;
  /** Why it is the reference build, or why V8 runs the other. */
  reason: string | undefined;
  /** The image cannot be used in this process. */
  #onlyV8 = false;

  constructor(tier: Tier, choice: CoreChoice, debug: Debug) {
    this.#tier = tier;
    this.#choice = choice;
    this.#debug = debug;
    if (choice === 'js') this.#decide('js', undefined, "the option core is 'js'");
    else if (tier === 'optimizing') this.#decide('js', undefined, 'the optimizing tier is not in the core yet');
    else if (needsReference(debug)) this.#decide('js', undefined, 'debug switches');
  }

  #decide(build: CoreBuild, runner: CoreRunner['name'] | undefined, reason: string | undefined): void {
    this.build = build;
    this.runner = runner;
    this.reason = reason;
  }

  /**
   * A compiler that no compilation uses.
   * @throws Error if the shipped core is demanded and cannot run here
   */
  take(target: () => CompilersTarget): ModuleCompiler {
    // A deadline of the program would end the core as well, if it runs as the program's code does.
    const onV8 = this.build !== 'js' && isUnderDeadline();
    const idle = this.#idle;
    for (let i = idle.length - 1; i >= 0; i--) {
      const compiler = idle[i] as ModuleCompiler;
      if (onV8 ? compiler.runsAs === 'beamline' : compiler.runsAs === 'v8' && !this.#onlyV8) continue;
      for (let k = i + 1; k < idle.length; k++) idle[k - 1] = idle[k] as ModuleCompiler;
      idle.length--;
      return compiler;
    }
    return this.#make(target(), onV8);
  }

  #make(target: CompilersTarget, onV8: boolean): ModuleCompiler {
    if (this.build !== 'js') {
      try {
        return this.#makeCore(target, onV8);
      } catch (error) {
        if (!(error instanceof CoreUnavailable)) throw error;
        if (this.#choice === 'wasm') throw new Error(`core: 'wasm' cannot be had: ${error.message}`, { cause: error });
        // One that could not be made now, beside others that could, is no verdict.
        if (this.build === undefined) this.#decide('js', undefined, error.message);
      }
    }
    if (this.#tier === 'optimizing') {
      const { OptimizingTier } = optimizing();
      return new OptimizingTier(target, this.#debug);
    }
    const { BaselineCompiler } = baseline();
    return new BaselineCompiler(target, this.#debug);
  }

  /** @throws CoreUnavailable */
  #makeCore(target: CompilersTarget, onV8: boolean): ModuleCompiler {
    let reason = this.reason;
    if (!onV8) {
      const runner = imageRunner(target.stackSize);
      try {
        if (runner instanceof CoreUnavailable) throw runner;
        const compiler = new CoreCompiler(target, runner);
        this.#decide('wasm', 'beamline', undefined);
        return compiler;
      } catch (error) {
        if (!(error instanceof CoreUnavailable)) throw error;
        reason = error.message;
        this.#onlyV8 = true;
      }
    }
    const compiler = new CoreCompiler(target, v8Runner());
    if (!onV8 || this.build === undefined) this.#decide('wasm', 'v8', onV8 ? 'a deadline' : reason);
    return compiler;
  }

  /** The compilation has ended. */
  give(compiler: ModuleCompiler): void {
    if (!compiler.isBulky && this.#idle.length < mostIdle) this.#idle.push(compiler);
  }

  report(): CoreReport {
    const { build, runner, reason } = this;
    return { build, runner, reason };
  }

  clear(): void {
    this.#idle.length = 0;
  }
}
