/** The public Engine: options, the namespace, statistics. */
// The built-ins and V8's classes of now, however late the rooms are loaded that use them.
import type { CoreReport } from '../compile/compilers.js';
import type { TieringStatistics } from '../compile/tier-up.js';
import '../../support/v8.js';
import { lateObject } from '../../support/late-object.js';
import { engineRooms } from './engine-rooms.late.js';
import type { EngineState } from './engine-state.js';
import type { WebAssemblyNamespace } from './namespace.js';
import { type EngineOptions, type ResolvedOptions, resolveOptions } from './options.js';
import type { SliceOptions } from './time-slices.js';

/** Sizes are in bytes. */
export interface EngineStatistics {
  /** Machine code and slots in use. */
  readonly codeMemory: number;
  /** Native blocks in use: contexts, records, table elements. */
  readonly nativeHeap: number;
  /** Native memory mapped for such blocks. */
  readonly nativeHeapReserved: number;
  /** Modules whose code is not released yet. */
  readonly modules: number;
  /** Store groups (connected instances, tables, globals) that are not freed yet. */
  readonly storeGroups: number;
  /** Functions compiled since the engine began. */
  readonly functionsCompiled: number;
  /**
   * Those of them that the optimizing tier has compiled in one pass, as the baseline tier does: they were more work than it spends on so
   * few bytes, or have instructions of exceptions, tail calls, unusual memories or other ones than the first, which it has no other code for.
   */
  readonly linearFunctions: number;
  /** Bytes of modules read since the engine began. */
  readonly bytesRead: number;
  /** Machine code emitted since the engine began. */
  readonly codeEmitted: number;
  /** Modules from other threads or engines whose machine code was there already, since the engine began. */
  readonly modulesShared: number;
  /** Modules that are found by their bytes. */
  readonly reuse: ReuseStatistics;
  /** Which build of the compiler works. */
  readonly core: CoreReport;
  /** Of an engine with `tier: 'auto'`. */
  readonly tiering: TieringStatistics | undefined;
  /** The most that a compilation has held at any time since the engine began, as `limits.compileMemory` counts. */
  readonly compileMemoryPeak: number;
  /** How long asynchronous compilations held the event loop. */
  readonly slices: SliceReport;
  /** JS values that wasm code holds (externref). */
  readonly references: ReferenceStatistics;
}

/** Modules of bytes that were compiled before: option `reuseCode`. */
export interface ReuseStatistics {
  /** Modules that were not compiled, since the engine began. */
  readonly hits: number;
  /** Modules of the engine that would be found now. */
  readonly entries: number;
  /** Their lengths together. */
  readonly bytes: number;
}

/** Slices of work between two turns of the event loop, since the engine began. */
export interface SliceReport {
  readonly count: number;
  readonly totalMs: number;
  readonly longestMs: number;
  /** Slices by duration, in quarters of a millisecond: the first number counts those below 0.25 ms, the last (16th ms) all longer ones. */
  readonly histogram: readonly number[];
}

/** Counted in references: a value that is passed to wasm twice counts twice. */
export interface ReferenceStatistics {
  /** Held now: by the last collection's result, or newer. */
  readonly live: number;
  /** Passed to wasm since the engine began. */
  readonly allocated: number;
  /** Collections since the engine began; one collects the references of one store group. */
  readonly collections: number;
  /** How long the last one took. */
  readonly lastPauseMs: number;
}

/** What a collection of references has done. */
export interface ReferenceCollection {
  /** References released. */
  readonly freed: number;
  /** References that wasm code still holds. */
  readonly live: number;
  readonly pauseMs: number;
}

/**
 * An engine: one region of machine code, one set of limits, one `WebAssembly` namespace. Objects of one engine cannot
 * be linked with those of another, apart from memories and functions (called as JS functions).
 */
export class Engine {
  readonly #options: ResolvedOptions;
  readonly #namespace: WebAssemblyNamespace;
  #made: EngineState | undefined;

  /** @throws TypeError that names each wrong option. */
  constructor(options?: EngineOptions) {
    this.#options = resolveOptions(options);
    this.#namespace = lateObject((target) => engineRooms().createNamespace(this.#state, target));
  }

  get #state(): EngineState {
    this.#made ??= new (engineRooms().EngineState)(this.#options);
    return this.#made;
  }

  /** The `WebAssembly` namespace object of this engine. */
  get WebAssembly(): WebAssemblyNamespace {
    return this.#namespace;
  }

  /** The options with all defaults filled in. */
  get options(): ResolvedOptions {
    return this.#options;
  }

  /**
   * Give the code memory back at once. Modules, instances and exported functions of the engine are unusable afterwards:
   * calls throw. Memories and globals keep their values.
   * @throws Error if wasm of this engine is active.
   */
  dispose(): void {
    this.#state.dispose();
  }

  /**
   * Run a function; wasm code that it calls and that is still running after `milliseconds` is interrupted, wherever it is,
   * with a `RuntimeError` ("execution interrupted"). Code pays nothing for it: there are no checks in it. JS code is not
   * interrupted; wasm code that JS calls after the deadline is refused, until the function ends. Within another deadline of
   * the thread the earlier one counts.
   * @throws TypeError if the time is no positive number; what `run` throws.
   */
  withDeadline<T>(milliseconds: number, run: () => T): T {
    if (!(typeof milliseconds === 'number' && milliseconds > 0)) {
      throw new TypeError(`Engine.withDeadline(): the time must be a positive number of milliseconds`);
    }
    return this.#state.machine.withDeadline(milliseconds, run);
  }

  /**
   * A function that runs an exported function of WebAssembly in time slices, and gives a promise of its result: after `sliceMs` of
   * processor time it waits, at whatever instruction it is, until the event loop has turned, and other programs have had their slices.
   * One slice is run per turn. Code pays nothing for it: there are no checks in it. The first slice is run by the call itself. Where JS has
   * called wasm in turn, the program goes on until that call has ended. If one of its memories has to move meanwhile (it does so
   * only where address space is short), the program ends with a `RuntimeError`.
   * @throws TypeError if the function is no export of this engine, or an option is wrong.
   */
  sliced(exported: CallableFunction, options: SliceOptions = {}): (...args: unknown[]) => Promise<unknown> {
    return engineRooms().slicedFunction(this.#state, exported, options);
  }

  /**
   * Release the JS values (externref) that no table, global, element segment or frame of wasm code holds any more. The
   * engine does this by itself, now and then; whether the values are garbage in JS as well is V8's business.
   */
  gc(): ReferenceCollection {
    return this.#state.collectReferences();
  }

  statistics(): EngineStatistics {
    return this.#state.statistics();
  }
}
