import type { ContextLayout } from '../../backends/abi/layout.js';
import type { OwnedCode } from '../../backends/code/module-code.js';
import type { Bodies } from '../../stream/bodies.js';
import { bodyDecoding } from '../../stream/body-decoding.late.js';
import type { FailureContext } from '../../stream/body-failures.js';
import type { MemoryType, ModuleInfo } from '../../stream/module.js';
import { ignoringSink } from '../../stream/sink.js';
import { MemoryBudgetError } from '../../support/memory-budget.js';
import { type Int32Array, isolate, Math, Number } from '../../support/primordials.js';
import type { ModuleCompiler } from '../../tiering/tier.js';
import { releaseWith } from '../store/store-group.js';
import { CodeHoldings, CoreCode, CoreMaps } from './core-code.js';
import type { CoreRunner } from './core-runners.js';
import { type CoreHost, CoreSession, type CoreTarget } from './core-session.js';

/** Words of a module's header before its lists; the order is that of `Header` in src/core/index.ts. */
const headerWords = 13;
/** As in src/core/index.ts. */
const wholeRoom = 4096;

/** The baseline tier, as it ships: the compiler core as WebAssembly. */
export class CoreCompiler implements ModuleCompiler {
  static {
    isolate(this);
  }

  readonly #target: CoreTarget;
  readonly #session: CoreSession;
  #module: CoreModule | undefined;

  /** @throws CoreUnavailable */
  constructor(target: CoreTarget, runner: CoreRunner) {
    this.#target = target;
    this.#session = new CoreSession(target, runner);
  }

  get runsAs(): 'v8' | 'beamline' {
    return this.#session.runner.name;
  }

  /** The core is the baseline tier. */
  readonly linearFunctions = 0;

  get isBulky(): boolean {
    return this.#session.isBulky;
  }

  get codeBytes(): number {
    return this.#module === undefined ? 0 : this.#session.core.codeBytes();
  }

  readonly openBodies = (_info: ModuleInfo, context: FailureContext): Bodies => {
    const module = this.#module as CoreModule;
    module.context = context;
    return module;
  };

  beginModule(info: ModuleInfo, _layout: ContextLayout): void {
    const module = new CoreModule(this.#session, this.#target, info);
    try {
      module.open();
    } catch (error) {
      module.abandon();
      throw error;
    }
    this.#module = module;
  }

  finishModule(): OwnedCode {
    const module = this.#module as CoreModule;
    this.#module = undefined;
    const code = module.finish();
    this.#session.reset();
    return code;
  }

  abandonModule(): void {
    this.#module?.abandon();
    this.#module = undefined;
    this.#session.reset();
  }
}

/** A module that the core is compiling: the bodies go there, and what the core asks for comes from here. */
class CoreModule implements Bodies, CoreHost {
  static {
    isolate(this);
  }

  readonly #session: CoreSession;
  readonly #target: CoreTarget;
  readonly #info: ModuleInfo;
  readonly #holdings: CodeHoldings;
  readonly #maps = new CoreMaps();
  context: FailureContext | undefined;
  /** Module bytes that the core has. */
  #copied = 0;
  /** Types that the core has asked for, and the engine's list knows. */
  #typesKnown = 0;
  /** What ended a run of whole bodies: the next body's error. */
  #stopped: unknown;
  /** The body, and where it is until the core has begun it. */
  #function = 0;
  #start = 0;
  #end = 0;
  #begun = false;

  constructor(session: CoreSession, target: CoreTarget, info: ModuleInfo) {
    this.#session = session;
    this.#target = target;
    this.#info = info;
    const holdings = new CodeHoldings(target.code);
    this.#holdings = holdings;
    // V8 can end a compilation without a word (a timeout of `vm`): then nobody else gives its code back.
    releaseWith(this, () => {
      if (!holdings.isOwned) holdings.release();
    });
    session.host = this;
  }

  open(): void {
    const { core } = this.#session;
    const info = this.#info;
    const { memory } = info;
    const header = this.#writeHeader();
    // Without a code section nothing says where the bytes end that are here.
    this.#copy(info.wire, info.codeStart === 0 ? info.wire.length : info.codeStart);
    this.#within(() => core.beginModule(header, memory.held, memory.peak, memory.limit));
  }

  #writeHeader(): number {
    const { core } = this.#session;
    const { types, globals, tables, tags, functionTypes, elements, memories } = this.#info;
    const used = types.usedInOrder();
    const functions = functionTypes.length;
    const items = types.length + globals.length + tables.length + tags.length;
    const words = headerWords + items + 2 * functions + memories.length + used.length;
    const header = core.allocate(4 * words);
    const out = this.#session.words.subarray(header >>> 2, (header >>> 2) + words);
    const { leastPages, dataCount, importedFunctions, importedGlobals, referencedFunctions } = this.#info;
    const head = [types.length, globals.length, tables.length, functions, elements.length, memories.length];
    const rest = [leastPages, dataCount, importedFunctions, importedGlobals, referencedFunctions.length, used.length];
    out.set(head, 0);
    out.set(rest, head.length);
    out[head.length + rest.length] = tags.length;
    let at = headerWords;
    types.places.copyTo(out.subarray(at));
    at += types.length;
    globals.places.copyTo(out.subarray(at));
    at += globals.length;
    tables.places.copyTo(out.subarray(at));
    at += tables.length;
    tags.places.copyTo(out.subarray(at));
    at += tags.length;
    out.set(functionTypes, at);
    at += functions;
    this.#info.copyReferences(out.subarray(at, at + functions));
    at += functions;
    for (let i = 0; i < memories.length; i++) {
      const { shared, is64, bytePages } = memories[i] as MemoryType;
      out[at++] = Number(shared) | (Number(is64) << 1) | (Number(bytePages) << 2);
    }
    out.set(used, at);
    return header;
  }

  /** Let the core have the module's bytes up to `end`. */
  #copy(bytes: Uint8Array, end: number): void {
    if (end <= this.#copied) return;
    this.#session.wire(end).set(bytes.subarray(this.#copied, end), this.#copied);
    this.#copied = end;
  }

  /** Let the core work; afterwards what it has counted and asked for is known here, whatever it ended with. */
  #within<T>(work: () => T): T {
    try {
      return work();
    } finally {
      this.#takeOver();
    }
  }

  #takeOver(): void {
    const { core } = this.#session;
    const { types, memory } = this.#info;
    const asked = core.typesAsked();
    for (; this.#typesKnown < asked; this.#typesKnown++) types.adopt(core.typeAsked(this.#typesKnown));
    memory.held = core.held();
    memory.peak = core.peak();
  }

  // Bodies.

  get pos(): number {
    return this.#begun ? this.#session.core.position() : this.#start;
  }

  get at(): number {
    return this.#begun ? this.#session.core.opcodeAt() : this.#start;
  }

  begin(functionIndex: number, start: number, end: number): void {
    this.#function = functionIndex;
    this.#start = start;
    this.#end = end;
    this.#begun = false;
  }

  run(bytes: Uint8Array, limit: number): boolean {
    if (this.#stopped !== undefined) {
      this.#begun = true;
      throw this.#worded(bytes, limit, this.#stopped);
    }
    this.#copy(bytes, limit);
    const { core } = this.#session;
    const { memory } = this.#info;
    try {
      core.setBudget(memory.held, memory.peak, memory.limit);
      if (!this.#begun) {
        this.#begun = true;
        core.beginBody(this.#function, this.#start, this.#end);
      }
      return core.runBody(limit) !== 0;
    } catch (error) {
      throw this.#worded(bytes, limit, error);
    } finally {
      this.#takeOver();
      // The module has begun: it has maps.
      this.#maps.takeFull(this.#session);
    }
  }

  runWhole(
    bytes: Uint8Array,
    at: number,
    limit: number,
    sectionEnd: number,
    functionIndex: number,
    most: number,
  ): number {
    if (this.#stopped !== undefined) return 0;
    this.#copy(bytes, limit);
    const { core } = this.#session;
    const { memory } = this.#info;
    try {
      core.setBudget(memory.held, memory.peak, memory.limit);
      return core.runWhole(at, limit, sectionEnd, functionIndex, Math.min(most, wholeRoom));
    } catch (error) {
      this.#stopped = error;
      return core.wholeDone();
    } finally {
      this.#takeOver();
      // The module has begun: it has maps.
      this.#maps.takeFull(this.#session);
    }
  }

  whole(count: number): { offsets: Int32Array; sizes: Int32Array } {
    const { core, words } = this.#session;
    const part = (at: number): Int32Array => words.subarray(at >>> 2, (at >>> 2) + count);
    return { offsets: part(core.wholeOffsetsAt()), sizes: part(core.wholeSizesAt()) };
  }

  #worded(bytes: Uint8Array, limit: number, error: unknown): unknown {
    return this.#session.runner.isTrap(error) ? this.#explain(bytes, limit, error) : error;
  }

  /** The core has stopped because something is wrong: the reference build says what. */
  #explain(bytes: Uint8Array, limit: number, stopped: unknown): unknown {
    const info = this.#info;
    const { memory } = info;
    const { held, peak } = memory;
    const bound = memory.limit;
    memory.limit = Number.POSITIVE_INFINITY;
    const where = `at byte ${this.at} of the module, in function ${this.#function}`;
    try {
      const { BodyDecoder } = bodyDecoding();
      const again = new BodyDecoder(info, ignoringSink, this.context as FailureContext);
      again.begin(this.#function, this.#start, this.#end);
      again.run(bytes, limit);
      return new Error(`internal error: the compiler core has stopped ${where}`, { cause: stopped });
    } catch (error) {
      return error;
    } finally {
      memory.held = held;
      memory.peak = peak;
      memory.limit = bound;
    }
  }

  // What the core asks for.

  overBudget(): void {
    throw new MemoryBudgetError(this.#info.memory.limit);
  }

  outOfMemory(): void {
    const { length } = this.#session.heap;
    throw new RangeError(
      `the compiler core has used up its memory (${length} bytes, and no more to be had) ` +
        `in function ${this.#function}; option core: 'js' compiles without it`,
    );
  }

  openSpan(minBytes: number): number {
    return this.#holdings.openSpan(minBytes);
  }

  spanEnd(): number {
    return this.#target.code.spanEnd;
  }

  trimCode(from: number, end: number): void {
    this.#holdings.trim(from, end);
  }

  allocateData(bytes: number): number {
    return this.#holdings.allocateData(bytes);
  }

  elementType(segment: number): number {
    return this.#info.elements.type(segment);
  }

  // The end.

  finish(): OwnedCode {
    const info = this.#info;
    const { memory } = info;
    const { core } = this.#session;
    core.setBudget(memory.held, memory.peak, memory.limit);
    this.#within(() => core.finishModule());
    const functions = info.functionCount - info.importedFunctions;
    const code = new CoreCode(this.#session, this.#target.code.base, functions, this.#holdings, this.#maps);
    this.#holdings.isOwned = true;
    this.#session.forgetWire(this.#copied);
    return code;
  }

  abandon(): void {
    this.#holdings.release();
    this.#session.forgetWire(this.#copied);
  }
}
