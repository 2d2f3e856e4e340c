/**
 * The compiler core as WebAssembly (`src/core`): one instance in one memory of V8, into which code memory and the bytes of
 * the module are mapped. V8 lets accesses behind the length of a memory pass to its guard pages, so what is mapped there can be
 * reached; without guard pages, or without WebAssembly in V8, there is no session.
 *
 *     0            length        0x3fff0000      0x40000000     0x80000000      0x80010000
 *     | heap       | (growth)    | header page   | wire bytes   | header page   | code memory (its alias)
 */
import type { CompilerStubs, CpuFeatures } from '../../backends/code/target.js';
import { BigInt, bare, Int32Array, isolate, Math, Number, Uint8Array } from '../../support/primordials.js';
import { bufferOf } from '../../support/v8.js';
import type { CodeMemory } from '../machine/code-memory.js';
import { addressOf } from '../machine/native-memory.js';
import { discard, mapSharedAnonymousAt, mapSharedAt, nativeView, OsError, punchHole } from '../machine/os.js';
import { type CoreRunner, CoreUnavailable } from './core-runners.js';

/** Stubs of traps that the core is told of, and all that it is told at first: `open` in src/core/index.ts. */
const trapStubs = 32;
const configWords: number = trapStubs + 32;

const page = 65536;
/** The memory never reaches the wire bytes. */
const firstPages = 64;
const mostPages = 0x3fff;
const wireAt = 0x40000000;
const mostWire = 0x40000000;
const codeAt = 0x80010000;
/** What is kept of the heap and of the wire bytes from one module to the next. */
const kept = 1 << 20;
/** A memory that has grown beyond this is not used again: V8 cannot make it smaller, and counts all of it. */
const mostHeap = 64 << 20;

/** What the core exports; pointers are offsets in its memory. */
export interface CoreExports {
  allocate(bytes: number): number;
  heapEnd(): number;
  release(end: number): void;
  probe(at: number): number;
  open(wire: number, alias: number, address: bigint, config: number): void;
  beginModule(header: number, held: number, peak: number, limit: number): void;
  beginBody(functionIndex: number, start: number, end: number): void;
  runBody(limit: number): number;
  runWhole(at: number, limit: number, sectionEnd: number, functionIndex: number, most: number): number;
  wholeDone(): number;
  wholeOffsetsAt(): number;
  wholeSizesAt(): number;
  finishModule(): void;
  position(): number;
  opcodeAt(): number;
  codeBytes(): number;
  setBudget(held: number, peak: number, limit: number): void;
  held(): number;
  peak(): number;
  typesAsked(): number;
  typeAsked(k: number): number;
  slots(): number;
  moduleCodeBytes(): number;
  sites(): number;
  siteChunk(k: number): number;
  mapSpans(): number;
  mapSpan(k: number, field: number): number;
  stackMapNodes(): number;
  stackMapChunk(k: number): number;
  stackMapLists(): number;
  stackMapOffsets(k: number): number;
}

/** What the core asks the engine for while it works. */
export interface CoreHost {
  /** @throws MemoryBudgetError */
  overBudget(): void;
  /** @throws RangeError */
  outOfMemory(): void;
  openSpan(minBytes: number): number;
  spanEnd(): number;
  trimCode(from: number, end: number): void;
  allocateData(bytes: number): number;
  elementType(segment: number): number;
}

/** What code is made for; the same for all modules of a session. */
export interface CoreTarget {
  readonly code: CodeMemory;
  readonly stubs: CompilerStubs;
  readonly cpu: CpuFeatures;
  readonly checksBounds: boolean;
  readonly smallWorld: boolean;
}

export class CoreSession {
  static {
    isolate(this);
  }

  readonly core: CoreExports;
  readonly runner: CoreRunner;
  readonly #memory: object;
  /** Address of the memory. */
  readonly #base: number;
  /** The bytes of the module, as far as there is room for them: index i is offset i. */
  #wire: Uint8Array = new Uint8Array(0);
  #heap: Uint8Array;
  #words: Int32Array;
  /** The heap as it is between two modules. */
  readonly #image: Uint8Array;
  /** Who compiles a module here. */
  host: CoreHost | undefined;

  /** @throws CoreUnavailable */
  constructor(target: CoreTarget, runner: CoreRunner) {
    this.runner = runner;
    this.#memory = runner.newMemory(firstPages, mostPages);
    const buffer = bufferOf(this.#memory);
    this.#base = addressOf(buffer);
    this.#heap = new Uint8Array(buffer);
    this.#words = new Int32Array(buffer);
    const { code } = target;
    try {
      mapSharedAnonymousAt(this.#base + wireAt - page, page);
      mapSharedAnonymousAt(this.#base + codeAt - page, page);
      mapSharedAt(code.alias, code.limit, this.#base + codeAt);
    } catch (error) {
      if (!(error instanceof OsError)) throw error;
      throw new CoreUnavailable(`code memory cannot be mapped twice: ${error.message}`, { cause: error });
    }
    const header = new Int32Array(nativeView(this.#base + wireAt - 16, 8));
    // Offsets of bodies are inside: the section decoder has seen to that.
    header[0] = 0x7fffffff;
    header[1] = 1;
    this.core = this.#instantiate();
    try {
      this.core.probe(wireAt - page);
    } catch (error) {
      if (!runner.isTrap(error)) throw error;
      throw new CoreUnavailable('V8 checks the bounds of memories itself');
    }
    this.#open(target);
    this.#image = this.heap.slice(0, this.core.heapEnd());
  }

  /** All of the memory up to its length: made anew when it has grown. */
  get heap(): Uint8Array {
    this.#look();
    return this.#heap;
  }

  /** The same as int32. */
  get words(): Int32Array {
    this.#look();
    return this.#words;
  }

  #look(): void {
    if (this.#heap.length !== 0) return;
    const buffer = bufferOf(this.#memory);
    this.#heap = new Uint8Array(buffer);
    this.#words = new Int32Array(buffer);
  }

  #instantiate(): CoreExports {
    const active = (): CoreHost => this.host as CoreHost;
    const host = bare({
      overBudget: () => active().overBudget(),
      outOfMemory: () => active().outOfMemory(),
      openSpan: (minBytes: number) => active().openSpan(minBytes),
      spanEnd: () => active().spanEnd(),
      trimCode: (from: number, end: number) => active().trimCode(from, end),
      allocateData: (bytes: number) => active().allocateData(bytes),
      elementType: (segment: number) => active().elementType(segment),
    });
    return this.runner.instantiate(bare({ env: bare({ memory: this.#memory }), host }));
  }

  #open({ code, stubs, cpu, checksBounds, smallWorld }: CoreTarget): void {
    const at = this.core.allocate(4 * configWords);
    const { words } = this;
    const { avx, avx2, fma, bmi1, bmi2, lzcnt, popcnt } = cpu;
    let i = at >>> 2;
    for (let k = 0; k < trapStubs; k++) words[i++] = stubs.trap[k] ?? 0;
    words[i++] = stubs.memoryFill;
    words[i++] = stubs.memoryCopy;
    words[i++] = stubs.memoryInit;
    words[i++] = stubs.memoryGrow;
    words[i++] = stubs.tableCopy;
    words[i++] = stubs.tableInit;
    words[i++] = stubs.tableFill;
    words[i++] = stubs.tableGrow;
    words[i++] = stubs.functionsCopy;
    words[i++] = stubs.functionsInit;
    words[i++] = stubs.functionsFill;
    words[i++] = stubs.tailCall;
    words[i++] = stubs.throwTag;
    words[i++] = stubs.throwRef;
    words[i++] = stubs.atomicNotify;
    words[i++] = stubs.atomicWait32;
    words[i++] = stubs.atomicWait64;
    words[i++] = stubs.memorySize;
    words[i++] = stubs.otherFill;
    words[i++] = stubs.otherCopy;
    words[i++] = stubs.otherInit;
    words[i++] = stubs.wideGrow;
    words[i++] = stubs.wideTableGrow;
    words[i++] = Number(avx);
    words[i++] = Number(avx2);
    words[i++] = Number(fma);
    words[i++] = Number(bmi1);
    words[i++] = Number(bmi2);
    words[i++] = Number(lzcnt);
    words[i++] = Number(popcnt);
    words[i++] = Number(checksBounds);
    words[i++] = Number(smallWorld);
    this.core.open(wireAt, codeAt, BigInt(code.base), at);
  }

  /** Be as after the begin: nothing of the module is left. */
  reset(): void {
    const { length } = this.#image;
    const end = Math.min(this.core.heapEnd(), this.heap.length);
    this.core.release(length);
    this.heap.set(this.#image);
    if (end > length + kept) {
      const from = Math.ceil((length + kept) / 4096) * 4096;
      const to = Math.floor(end / 4096) * 4096;
      if (to > from) discard(this.#base + from, to - from);
    }
    this.host = undefined;
  }

  /** Room for so many bytes of the module; what is there stays. @throws RangeError if there is no memory */
  wire(bytes: number): Uint8Array {
    const old = this.#wire.length;
    if (bytes <= old) return this.#wire;
    const wanted = Math.ceil(Math.min(mostWire, Math.max(bytes, 2 * old, kept)) / page) * page;
    try {
      mapSharedAnonymousAt(this.#base + wireAt + old, wanted - old);
    } catch (error) {
      if (!(error instanceof OsError)) throw error;
      throw new RangeError(`could not allocate ${wanted - old} bytes for a module`, { cause: error });
    }
    this.#wire = new Uint8Array(nativeView(this.#base + wireAt, wanted));
    return this.#wire;
  }

  /** So many bytes of the module were written: their pages go back to the system, but for the first. */
  forgetWire(bytes: number): void {
    const end = Math.min(this.#wire.length, Math.ceil(bytes / 4096) * 4096);
    if (end > kept) punchHole(this.#base + wireAt + kept, end - kept);
  }

  /** Too large to be kept for another module. */
  get isBulky(): boolean {
    return this.heap.length > mostHeap;
  }
}
