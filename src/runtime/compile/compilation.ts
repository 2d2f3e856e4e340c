/**
 * Driving the decoder and the compiler: at once (`new Module`), in slices that leave the event loop to others
 * (`compile`), or while the bytes arrive (`compileStreaming`). Whatever goes wrong, source and code are released.
 */

import type { ContextLayout } from '../../backends/abi/layout.js';
import type { OpenBodies } from '../../stream/bodies.js';
import { ModuleDecoder } from '../../stream/decoder.js';
import { WasmDecodeError } from '../../stream/errors.js';
import type { ModuleInfo } from '../../stream/module.js';
import { opcodeName } from '../../stream/opcodes.js';
import type { BodySink } from '../../stream/sink.js';
import type { SourceInput } from '../../stream/source/source.js';
import { sources } from '../../stream/source/source.late.js';
import { WireBuffer } from '../../stream/wire.js';
import { MemoryBudget, MemoryBudgetError } from '../../support/memory-budget.js';
import { assignOwn, bare, isolate, Math, ownPromise, Uint8Array, viewOf } from '../../support/primordials.js';
import { layoutOf } from '../../tiering/context-layout.js';
import type { ModuleCompiler } from '../../tiering/tier.js';
import type { EngineState } from '../api/engine-state.js';
import { CompiledModule } from '../api/module.js';
import { CompileError, type CompileErrorDetails } from '../errors/errors.js';
import { CodeMemoryError } from '../machine/code-memory.js';
import { Sha256 } from '../machine/sha256.js';
import { collectGarbage } from '../store/collect.js';
import type { Module as ModuleObject } from '../webidl/api-types.js';
import {
  Adoption,
  type ContentHash,
  findAtOnce,
  findKnown,
  findOrAdopt,
  hashedAtOnce,
  hashInSlices,
  hashOf,
} from './known-modules.js';
import './isolated-core.js';
import { ModuleSignatures } from './module-signatures.js';
import { Slices } from './slices.js';

/** Where a compilation is. */
export interface CompileProgress {
  /** Bytes of the module that have arrived. */
  readonly bytesReceived: number;
  /** Bytes that are decoded and compiled. */
  readonly bytesCompiled: number;
  /** Bytes of the whole module, if the source knows. */
  readonly bytesTotal: number | undefined;
  /** Function bodies compiled. */
  readonly functionsCompiled: number;
  /** Machine code emitted, in bytes. */
  readonly codeBytes: number;
  /** What the compilation holds now, in bytes, as `limits.compileMemory` counts. */
  readonly memoryBytes: number;
}

/** Options of `compile` and `instantiate`, as an additional last argument. */
export interface CompileOptions {
  /** Aborting rejects with the signal's reason and releases everything. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each slice of work, and at the end. What it throws ends the compilation. */
  readonly onProgress?: ((progress: CompileProgress) => void) | undefined;
}

/** Options of `compileStreaming` and `instantiateStreaming`, as an additional last argument. */
export interface StreamOptions extends CompileOptions {
  /** Accept a Response of any MIME type; the standard demands `application/wasm`. */
  readonly anyMimeType?: boolean | undefined;
}

/**
 * Validate the additional options. Unknown properties are ignored: the standard may give this argument a meaning. Not by zod,
 * as an engine's options are: it takes longer to load than most modules to compile, and few engines are made with options.
 * @throws TypeError
 */
export function compileOptions(options: unknown, who: string): StreamOptions {
  if (options === undefined) return bare({});
  const refuse = (problem: string): never => {
    throw new TypeError(`${who}: invalid options: ${problem}`);
  };
  if (typeof options !== 'object' || options === null) return refuse('they must be an object');
  const { signal, onProgress, anyMimeType } = options as StreamOptions;
  if (signal !== undefined && !(signal instanceof AbortSignal)) refuse('signal: it must be an AbortSignal');
  if (onProgress !== undefined && typeof onProgress !== 'function') refuse('onProgress: it must be a function');
  if (anyMimeType !== undefined && typeof anyMimeType !== 'boolean') refuse('anyMimeType: it must be true or false');
  return bare({ signal, onProgress, anyMimeType });
}

/** Nothing comes here: the compiler has its own way from the bodies to code. */
const noSink = {} as BodySink;

/** Storage for a module of known length is allocated at once up to this length. */
const largestClaim = 64 << 20;
/** Storage that is larger than the module is exchanged for one that fits, up to this length: 1 MiB copies in 0.1 ms. */
const largestCopy = 1 << 20;
const noBytes = new Uint8Array(0);

/** @param length of the module in bytes, if it is known. A length that only a server claims reserves no more than this. */
function wireBuffer(length: number | undefined): WireBuffer {
  return new WireBuffer(length === undefined || length > largestClaim ? undefined : length);
}

/** The bytes for as long as the module lives. */
function keptBytes({ bytes, length }: WireBuffer): Uint8Array {
  if (bytes.length === length) return bytes;
  return length > largestCopy ? bytes.subarray(0, length) : bytes.slice(0, length);
}

/** One module on its way through decoder and compiler. */
class Compilation {
  static {
    isolate(this);
  }

  readonly #engine: EngineState;
  readonly #who: string;
  readonly #compiler: ModuleCompiler;
  readonly wire: WireBuffer;
  readonly #decoder: ModuleDecoder;
  #layout!: ContextLayout;
  readonly #signatures: ModuleSignatures;
  readonly #memory: MemoryBudget;
  #decoded = 0;
  /** What is not copied yet of the chunk that came last. */
  #rest: Uint8Array = noBytes;
  /** Of what is copied so far; undefined where others hash, or nobody. */
  #hash: Sha256 | undefined;
  /** The compiler has begun the module. */
  #begun = false;
  #inCode = false;
  #over = false;
  /** Bytes of machine code at the end. */
  #finalBytes = 0;
  #broken = false;

  /** @param wire where the bytes are, or go. */
  constructor(engine: EngineState, who: string, wire: WireBuffer) {
    this.#engine = engine;
    this.#who = who;
    this.wire = wire;
    this.#memory = new MemoryBudget(engine.options.limits.compileMemory);
    this.#compiler = engine.takeCompiler();
    const bodies: OpenBodies = (info, context) => this.#compiler.openBodies(info, context);
    this.#decoder = new ModuleDecoder(noSink, { onHeader: (info) => this.#begin(info), bodies }, this.#memory);
    this.#signatures = new ModuleSignatures(engine.signatures, this.#decoder.info.types, this.#memory);
    this.#memory.take(wire.length);
  }

  /** The bytes will come little by little: hash them on the way. */
  hashOnTheWay(): void {
    this.#hash = new Sha256();
  }

  /** All that the code depends on is known: the sections before the code. */
  #begin(info: ModuleInfo): boolean {
    this.#signatures.internUsed();
    this.#layout = layoutOf(info);
    this.#compiler.beginModule(info, this.#layout);
    this.#begun = true;
    return true;
  }

  /** Copy bytes behind what is there. @throws CompileError if the module is too long */
  append(chunk: Uint8Array): void {
    this.#checkSize(chunk.length);
    this.#copy(chunk);
  }

  /** A chunk of a stream: it is copied piece by piece while `advance` compiles it, and not touched afterwards. */
  take(chunk: Uint8Array): void {
    this.#rest = viewOf(chunk);
    this.#checkSize(this.#rest.length);
  }

  #checkSize(more: number): void {
    const { moduleSize } = this.#engine.options.limits;
    const size = this.wire.length + more;
    if (size > moduleSize) throw new CompileError(`${this.#who}: size > maximum module size (${moduleSize}): ${size}`);
  }

  /** @throws CompileError if there is more machine code than the engine's options allow */
  #checkCode(): void {
    const { moduleCode } = this.#engine.options.limits;
    if (!this.#begun || this.#compiler.codeBytes <= moduleCode) return;
    throw new CompileError(`${this.#who}: machine code > limits.moduleCode (${moduleCode} bytes)`);
  }

  #copy(bytes: Uint8Array): void {
    try {
      this.#memory.take(bytes.length);
    } catch (error) {
      throw this.#explain(error);
    }
    this.wire.append(bytes);
    // The copy: a source that is shared with other threads may say something else by now.
    this.#hash?.update(this.wire.bytes, this.wire.length - bytes.length, this.wire.length);
    this.#engine.totals.bytesRead += bytes.length;
  }

  /**
   * Compile what is there, until it is done or the slice is over.
   * Returns true when all bytes that are there are decoded.
   */
  advance(slices: Slices | undefined): boolean {
    this.#engine.checkUsable();
    try {
      for (;;) {
        const end = this.wire.length;
        if (this.#decoded < end) {
          const next = Math.min(
            end,
            this.#decoded + (slices === undefined ? this.#engine.world.decodeStep : slices.step),
          );
          this.#decoder.push(this.wire.bytes, next);
          this.#decoded = next;
          this.#signatures.internUsed();
          this.#checkCode();
          if (!this.#inCode && this.#begun) {
            // The decoder has stopped there.
            this.#inCode = true;
            this.#decoded = this.#decoder.pos;
            slices?.codeBegins();
          }
        } else if (this.#rest.length > 0) {
          const { copyStep } = this.#engine.world;
          this.#copy(this.#rest.subarray(0, copyStep));
          this.#rest = this.#rest.subarray(copyStep);
        } else return true;
        if (slices?.stepDone()) return this.#decoded === this.wire.length && this.#rest.length === 0;
      }
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Begin again with the same bytes. */
  restartFrom(other: Compilation): void {
    this.#rest = other.#rest;
    this.#hash = other.#hash;
  }

  /** The bytes have ended: check that the module is whole. */
  #complete(): ModuleInfo {
    this.#engine.checkUsable();
    try {
      return this.#decoder.finish(this.wire.bytes, this.wire.length);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** The bytes have ended: the verdict is all that is wanted. @throws CompileError */
  validate(): void {
    this.#complete();
    this.abandon();
  }

  /**
   * The bytes have ended.
   * @param content their hash, if somebody else has it.
   * @throws CompileError
   */
  finish(content: ContentHash | undefined): CompiledModule {
    const module = this.beginFinish(content);
    while (!module.shareMore());
    return module;
  }

  /**
   * The same, but other threads find the code only after steps of `shareMore`.
   * @param content the hash of the bytes, if somebody else has it.
   * @throws CompileError
   */
  beginFinish(content: ContentHash | undefined = this.#hash?.digest()): CompiledModule {
    const info = this.#complete();
    // Somebody else was faster.
    const known = content === undefined ? undefined : this.#engine.directory.find(content);
    if (known !== undefined) {
      this.abandon();
      return known;
    }
    this.#signatures.internUsed();
    this.#memory.end();
    info.wire = keptBytes(this.wire);
    const { linearFunctions } = this.#compiler;
    const code = this.#compiler.finishModule();
    this.#over = true;
    this.#notePeak();
    this.#count(code.codeBytes, linearFunctions);
    this.#engine.compilers.give(this.#compiler);
    const module = new CompiledModule(this.#engine, info, this.#layout, code, this.#signatures);
    module.beginSharing(content);
    return module;
  }

  /** Release the code. Doing it twice, or after the end, does nothing. */
  abandon(): void {
    if (this.#over) return;
    this.#over = true;
    this.#notePeak();
    this.#signatures.release();
    if (this.#engine.disposed) return;
    if (this.#begun) {
      const { codeBytes, linearFunctions } = this.#compiler;
      this.#compiler.abandonModule();
      this.#count(codeBytes, linearFunctions);
    }
    if (!this.#broken) this.#engine.compilers.give(this.#compiler);
  }

  #notePeak(): void {
    const engine = this.#engine;
    engine.compileMemoryPeak = Math.max(engine.compileMemoryPeak, this.#memory.peak);
  }

  #count(codeBytes: number, linearFunctions: number): void {
    this.#engine.totals.functionsCompiled += this.#decoder.functionsDone;
    this.#engine.totals.codeEmitted += codeBytes;
    this.#engine.totals.linearFunctions += linearFunctions;
    this.#finalBytes = codeBytes;
  }

  get #codeBytes(): number {
    if (!this.#begun) return 0;
    return this.#over ? this.#finalBytes : this.#compiler.codeBytes;
  }

  progress(bytesTotal: number | undefined): CompileProgress {
    return {
      bytesReceived: this.wire.length,
      bytesCompiled: this.#decoded,
      bytesTotal,
      functionsCompiled: this.#decoder.functionsDone,
      codeBytes: this.#codeBytes,
      memoryBytes: this.#memory.held,
    };
  }

  #explain(error: unknown): unknown {
    if (error instanceof MemoryBudgetError) {
      this.#broken = true;
      const { at, functionIndex } = this.#decoder;
      const details: CompileErrorDetails = { offset: at, ...(functionIndex >= 0 ? { functionIndex } : {}) };
      const message = `${this.#who}: compile memory > limits.compileMemory (${error.limit} bytes) @+${at}`;
      return assignOwn(new CompileError(message), details);
    }
    if (!(error instanceof WasmDecodeError)) {
      // The compiler was left in the middle of an opcode.
      this.#broken = true;
      return error;
    }
    const { functionIndex, offset, opcode } = error;
    const details: CompileErrorDetails = {
      offset,
      ...(functionIndex >= 0 ? { functionIndex } : {}),
      ...(opcode >= 0 ? { opcode: opcodeName(opcode) } : {}),
    };
    return assignOwn(new CompileError(`${this.#who}: ${error.message}`), details);
  }
}

/**
 * Compile at once.
 * @param keep false: only validate; the code is released again.
 * @throws CompileError; RangeError if the code memory is used up.
 */
export function compileSync(engine: EngineState, bytes: Uint8Array, who: string, keep: true): CompiledModule;
export function compileSync(engine: EngineState, bytes: Uint8Array, who: string, keep: false): void;
export function compileSync(
  engine: EngineState,
  bytes: Uint8Array,
  who: string,
  keep: boolean,
): CompiledModule | undefined | void {
  if (bytes.length === 0) throw new CompileError(`${who}: BufferSource argument is empty`);
  const reuses = keep && engine.reusesCode;
  const known = reuses ? findAtOnce(engine, bytes) : undefined;
  if (known !== undefined) return known;
  const compilation = new Compilation(engine, who, wireBuffer(bytes.length));
  try {
    compilation.append(bytes);
    let content: ContentHash | undefined;
    if (reuses) {
      const copy = keptBytes(compilation.wire);
      content = hashOf(copy);
      const known = findOrAdopt(engine, content, copy, who);
      if (known !== undefined) {
        compilation.abandon();
        return known;
      }
    }
    compilation.advance(undefined);
    return keep ? compilation.finish(content) : compilation.validate();
  } catch (error) {
    compilation.abandon();
    throw error;
  }
}

/** For one piece of asynchronous work: a compilation, and the instantiation that follows it. */
export function newSlices(engine: EngineState): Slices {
  return new Slices(engine.options.maxSliceMs, engine.slices);
}

/** How far a module is that was compiled before. */
function progressOf({ code, info }: CompiledModule): CompileProgress {
  const { length } = info.wire;
  return {
    bytesReceived: length,
    bytesCompiled: length,
    bytesTotal: length,
    functionsCompiled: code.functions,
    codeBytes: code.codeBytes,
    memoryBytes: 0,
  };
}

/** A compilation in slices: reports progress, yields to the event loop, can be aborted. */
class SlicedCompilation {
  static {
    isolate(this);
  }

  readonly #engine: EngineState;
  readonly #who: string;
  readonly #options: CompileOptions;
  readonly #total: number | undefined;
  readonly #slices: Slices;
  #current: Compilation;
  /** What the engine knows to be underway here. */
  #content: ContentHash | undefined;
  #collected = false;
  /** All that was to be compiled is. */
  #isDone = false;
  /** The module, if it was found, or is complete. */
  known: CompiledModule | undefined;
  /** The module that is to be complete. */
  #finished: CompiledModule | undefined;

  constructor(engine: EngineState, who: string, options: CompileOptions, total: number | undefined, slices: Slices) {
    this.#engine = engine;
    this.#who = who;
    this.#options = options;
    this.#total = total;
    this.#slices = slices;
    this.#current = new Compilation(engine, who, wireBuffer(total));
  }

  /** All bytes, copied at once. */
  append(bytes: Uint8Array): void {
    this.#current.append(bytes);
  }

  hashOnTheWay(): void {
    this.#current.hashOnTheWay();
  }

  /**
   * All bytes are there: sets `known` if the module is compiled already or somebody else is at it. Neither hash nor module
   * go through a promise: whoever chose them would run the code of one module as another's.
   */
  async findKnown(): Promise<void> {
    const engine = this.#engine;
    const { signal } = this.#options;
    const bytes = keptBytes(this.#current.wire);
    const hash = new Sha256();
    await hashInSlices(hash, bytes, this.#slices, () => this.#letOthersRun());
    const content = hash.digest();
    for (;;) {
      this.known = findKnown(engine, content);
      if (this.known === undefined) await this.#adopt(content, bytes);
      if (this.known !== undefined) {
        this.abandon();
        this.#options.onProgress?.(progressOf(this.known));
        return;
      }
      if (!engine.underway.has(content)) break;
      this.#slices.end();
      await engine.underway.wait(content, signal);
      signal?.throwIfAborted();
    }
    engine.underway.begin(content);
    this.#content = content;
  }

  /** The module with the code of another engine or thread. */
  async #adopt(content: ContentHash, bytes: Uint8Array): Promise<void> {
    const adoption = Adoption.begin(this.#engine, content, bytes, this.#who);
    if (adoption === undefined) return;
    try {
      this.#slices.resume();
      while (!adoption.advance(this.#slices.step)) {
        if (!this.#slices.stepDone()) continue;
        this.#slices.pause();
        await this.#letOthersRun();
        this.#slices.resume();
      }
      this.known = adoption.finish();
      this.#slices.pause();
    } catch (error) {
      this.#slices.pause();
      adoption.abandon();
      throw error;
    }
  }

  async #letOthersRun(): Promise<void> {
    this.report();
    await this.#slices.yield();
    this.#engine.checkUsable();
    this.#options.signal?.throwIfAborted();
  }

  report(): void {
    this.#options.onProgress?.(this.#current.progress(this.#total));
  }

  /** Compile all that is there, and a chunk that has come. */
  async advance(chunk?: Uint8Array): Promise<void> {
    if (chunk !== undefined) this.#current.take(chunk);
    this.#isDone = false;
    for (;;) {
      await this.#slice();
      if (this.#isDone) return;
      await this.#letOthersRun();
    }
  }

  /** One slice of work; without code memory, once, collect and begin again. */
  async #slice(): Promise<void> {
    try {
      this.#work();
      return;
    } catch (error) {
      if (!(error instanceof CodeMemoryError) || this.#collected) throw error;
    }
    this.#collected = true;
    this.#current.abandon();
    await collectGarbage();
    const next = new Compilation(this.#engine, this.#who, this.#current.wire);
    next.restartFrom(this.#current);
    this.#current = next;
    this.#work();
  }

  #work(): void {
    this.#slices.resume();
    try {
      this.#isDone = this.#current.advance(this.#slices);
    } finally {
      this.#slices.pause();
    }
  }

  /** Chunks that are there already come without a turn of the event loop in between. */
  async rest(): Promise<void> {
    if (this.#slices.over) await this.#slices.yield();
  }

  /** Sets `known` to the module that is complete. It does not go through a promise, see `findKnown`. */
  async finish(): Promise<void> {
    const slices = this.#slices;
    slices.resume();
    const module = this.#current.beginFinish(this.#content);
    this.#finished = module;
    slices.stepDone();
    while (!module.shareMore()) {
      if (!slices.stepDone()) continue;
      slices.pause();
      await this.#letOthersRun();
      slices.resume();
    }
    slices.pause();
    slices.end();
    this.#notUnderway();
    this.report();
    this.known = module;
  }

  abandon(): void {
    this.#slices.end();
    this.#finished?.stopSharing();
    this.#current.abandon();
    this.#notUnderway();
  }

  #notUnderway(): void {
    if (this.#content !== undefined) this.#engine.underway.end(this.#content);
    this.#content = undefined;
  }
}

/**
 * Compile bytes that are all there, in slices. They are copied before the call returns. A promise is open to everybody who
 * redefines `Promise.prototype.constructor`: it carries the object that the program gets, nothing of the engine's.
 */
export async function compileBytes(
  engine: EngineState,
  bytes: Uint8Array,
  options: CompileOptions,
  who: string,
  slices: Slices = newSlices(engine),
): Promise<ModuleObject> {
  options.signal?.throwIfAborted();
  if (bytes.length === 0) throw new CompileError(`${who}: BufferSource argument is empty`);
  const known = engine.reusesCode && bytes.length <= hashedAtOnce ? findAtOnce(engine, bytes) : undefined;
  if (known !== undefined) {
    options.onProgress?.(progressOf(known));
    return known.newObject();
  }
  const compilation = new SlicedCompilation(engine, who, options, bytes.length, slices);
  try {
    compilation.append(bytes);
    if (engine.reusesCode) {
      await compilation.findKnown();
      if (compilation.known !== undefined) return compilation.known.newObject();
    }
    await compilation.advance();
    await compilation.finish();
    return (compilation.known as CompiledModule).newObject();
  } catch (error) {
    compilation.abandon();
    throw error;
  }
}

/**
 * Compile while the bytes arrive.
 * @param input what `openSource` takes, or a promise of it.
 * @throws CompileError, what the source's errors are, the signal's reason.
 */
export async function compileSource(
  engine: EngineState,
  input: unknown,
  options: StreamOptions,
  who: string,
  slices: Slices = newSlices(engine),
): Promise<ModuleObject> {
  const opening = sources().openSource(input as SourceInput, bare({ ...options, turns: slices.turns }), who);
  const source = await ownPromise(opening);
  let compilation: SlicedCompilation | undefined;
  try {
    compilation = new SlicedCompilation(engine, who, options, source.length, slices);
    if (engine.reusesCode) compilation.hashOnTheWay();
    for (;;) {
      const chunk = await source.next();
      if (chunk === null) break;
      await compilation.advance(chunk);
      compilation.report();
      await compilation.rest();
    }
    await compilation.finish();
    return (compilation.known as CompiledModule).newObject();
  } catch (error) {
    compilation?.abandon();
    await source.cancel(error);
    throw error;
  }
}
