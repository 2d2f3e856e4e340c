/**
 * `tier: 'auto'`: functions that turn out to be hot are compiled once more, by the optimizing tier in a thread of its own, and their
 * slots get the new code. The baseline's code has no part in that: the watch interrupts wasm every few milliseconds of
 * processor time anyway, and control is in JS then. There the engine notes which function it was in, asks for code, and publishes
 * what has come: wasm is between two instructions, so nothing of it sees half of anything.
 */

import { CodeMap } from '../../backends/code/code-map.js';
import type { FinishedCode, OwnedCode } from '../../backends/code/module-code.js';
import { StackMaps } from '../../backends/code/stack-maps.js';
import { debugApplies } from '../../debug.js';
import type { ModuleInfo } from '../../stream/module.js';
import { isolate, List, listWith, Map, Math, now, Set, Uint8Array } from '../../support/primordials.js';
import { functionOptimizer } from '../../tiering/function-optimizer.late.js';
import { OptimizerThread, type ThreadOwner } from '../../tiering/optimizer-thread.js';
import type { Answer, Optimized, OptimizeRequest, OptimizerTarget, Place } from '../../tiering/tier-up-messages.js';
import type { EngineState } from '../api/engine-state.js';
import { entriesOf, type FrameNames, ownFunctionAt } from '../errors/code-registry.js';
import type { ReplacedFunction } from '../errors/replaced-functions.js';
import { CodeMemoryError } from '../machine/code-memory.js';
import { availableProcessors } from '../machine/node-thread.js';
import { pausedAt } from '../machine/stack-walk.js';

/** So many samples come before any function is hot: a program has run for 20 ms then. */
const firstSamples = 4;
/** A function with so many samples is hot. */
const hotSamples = 2;
/** Functions that wait for the thread, at most: beyond that the next samples decide. */
const mostWaiting = 64;
/** Bytes for the code of a function at first, for each byte of its body besides, and at most. */
const leastCode = 16384;
const codePerByte = 16;
const mostCode = 8 << 20;
/** Bytes of a body that take as long as what there is to do for any function. */
const fixedBytes = 200;
/** Bytes for its constants. */
const leastData = 1024;
const mostData = 1 << 20;
/** What a place is multiplied by that was too small. */
const growth = 8;

/** Functions optimized by `tier: 'auto'` since the engine began. */
export interface TieringStatistics {
  /** How often wasm code was interrupted and looked at. */
  readonly samples: number;
  /** Functions that wait for their code, and the one that is compiled now. */
  readonly waiting: number;
  /** Functions whose calls go to optimized code. */
  readonly optimized: number;
  /** Bytes of that code. */
  readonly codeBytes: number;
  /** Hot functions that stay in the baseline's code: more work than the optimizing tier spends on so few bytes, or no code for them. */
  readonly refused: number;
  /** The longest time that the program has waited for a sample, and what was asked for or published then, the start excepted. */
  readonly longestPauseMs: number;
  /** How long it has waited for the start of the thread. */
  readonly startMs: number;
  /** Why nothing is optimized any more; undefined as long as something can be. */
  readonly ended: string | undefined;
}

/** A module whose functions can be replaced. Knows the module's code, never the module: that goes when it is unreachable. */
export interface TieredModule {
  readonly code: OwnedCode;
  readonly names: FrameNames;
  readonly info: ModuleInfo;
  readonly number: number;
  /** Where the baseline's functions begin. */
  readonly entries: Int32Array;
  /** Samples by own function. */
  readonly samples: Map<number, number>;
  /** Functions that the thread was asked for, or will be. */
  readonly asked: Set<number>;
  readonly replaced: Replacement[];
  /** The thread has its header. */
  isKnown: boolean;
  isReleased: boolean;
}

interface Replacement extends ReplacedFunction {
  readonly place: Place;
}

interface Job {
  readonly module: TieredModule;
  readonly own: number;
  codeRoom: number;
  dataRoom: number;
}

/** What an engine with `tier: 'auto'` does about hot functions. */
export class TierUp implements ThreadOwner {
  static {
    isolate(this);
  }

  readonly #engine: EngineState;
  readonly #modules = new Set<TieredModule>();
  #numbers = 0;
  #thread: OptimizerThread | undefined;
  readonly #waiting: Job[] = new List();
  /** What the thread is working on, and where the code goes. */
  #job: Job | undefined;
  #place: Place | undefined;
  #samples = 0;
  #optimized = 0;
  #codeBytes = 0;
  #refused = 0;
  #longestPauseMs = 0;
  #startMs = 0;
  #ended: string | undefined;

  constructor(engine: EngineState) {
    this.#engine = engine;
    if (engine.options.keepLastCore && availableProcessors() === 1) {
      this.#ended = 'the process has one processor, and the option keepLastCore leaves it to the program';
    }
  }

  /** A module's code is complete. */
  add(code: OwnedCode, names: FrameNames, info: ModuleInfo): TieredModule {
    const module: TieredModule = {
      code,
      names,
      info,
      number: ++this.#numbers,
      entries: entriesOf(code),
      samples: new Map(),
      asked: new Set(),
      replaced: new List(),
      isKnown: false,
      isReleased: false,
    };
    this.#modules.add(module);
    if (this.#engine.options.debug.eagerTierUp) this.#replaceAll(module);
    return module;
  }

  /** Nobody can return into the module's code any more, or call it: what has taken the place of its functions goes, too. */
  release(module: TieredModule): void {
    module.isReleased = true;
    this.#modules.delete(module);
    if (this.#engine.disposed) return;
    const { codes, machine } = this.#engine;
    for (let i = 0; i < module.replaced.length; i++) {
      const replaced = module.replaced[i] as Replacement;
      codes.deleteReplaced(replaced);
      const { start, end, data, dataEnd } = replaced.place;
      machine.code.freeCode(start, end);
      if (dataEnd > data) machine.code.freeData(data, dataEnd - data);
    }
    let kept = 0;
    for (let i = 0; i < this.#waiting.length; i++) {
      const job = this.#waiting[i] as Job;
      if (job.module !== module) this.#waiting[kept++] = job;
    }
    this.#waiting.length = kept;
    if (module.isKnown) this.#thread?.ask({ kind: 'forget', module: module.number });
  }

  /** The watch has interrupted wasm code. */
  sample(): void {
    this.#samples++;
    if (this.#ended !== undefined) return;
    const { debug } = this.#engine.options;
    if (debug.eagerTierUp) return;
    const start = now() - this.#startMs;
    try {
      const answer = this.#thread?.poll();
      if (answer !== undefined) this.answered(answer);
      this.#note(pausedAt(this.#engine.thread));
    } catch (error) {
      // Where JS has no stack left, this sample is lost: wasm goes on.
      if (!(error instanceof RangeError)) throw error;
    }
    this.#longestPauseMs = Math.max(this.#longestPauseMs, now() - this.#startMs - start);
  }

  #note(address: number): void {
    if (address === 0) return;
    const { debug } = this.#engine.options;
    for (const module of this.#modules) {
      const own = ownFunctionAt(module, address);
      if (own < 0) continue;
      const count = (module.samples.get(own) ?? 0) + 1;
      module.samples.set(own, count);
      if (this.#samples < firstSamples || count < hotSamples || this.#waiting.length === mostWaiting) return;
      if (module.asked.has(own)) return;
      const index = own + module.info.importedFunctions;
      if (!debugApplies(debug, index, module.names.functionName(index))) return;
      module.asked.add(own);
      this.#waiting.push(jobOf(module, own));
      this.#askNext();
      return;
    }
  }

  /** Give the thread its next function, if it has none. */
  #askNext(): void {
    while (this.#job === undefined && this.#waiting.length > 0 && this.#ended === undefined) {
      this.#ask(this.#takeBest());
    }
  }

  /** Of those that wait the one with most samples per byte: a large function does not hold up many small ones, unless it is as hot. */
  #takeBest(): Job {
    const waiting = this.#waiting;
    let best = 0;
    for (let i = 1; i < waiting.length; i++) {
      if (heat(waiting[i] as Job) > heat(waiting[best] as Job)) best = i;
    }
    const job = waiting[best] as Job;
    for (let i = best + 1; i < waiting.length; i++) waiting[i - 1] = waiting[i] as Job;
    waiting.length--;
    return job;
  }

  #ask(job: Job): void {
    const place = this.#reserve(job);
    if (place === undefined) return;
    this.#job = job;
    this.#place = place;
    const { module } = job;
    try {
      this.#thread ??= this.#start();
      this.#thread.ask(requestOf(job, place, !module.isKnown));
      module.isKnown = true;
    } catch (error) {
      this.lost(`no thread can be had: ${(error as Error).message}`);
    }
  }

  #start(): OptimizerThread {
    const start = now();
    const thread = new OptimizerThread(this.#target(), this);
    this.#startMs = now() - start;
    return thread;
  }

  /** Room for a function's code; none is an end, but not for the program. */
  #reserve({ codeRoom, dataRoom }: Job): Place | undefined {
    const { code } = this.#engine.machine;
    try {
      const { start, end } = code.allocateCode(codeRoom);
      try {
        const data = code.allocateData(dataRoom);
        return { start, end, data, dataEnd: data + dataRoom };
      } catch (error) {
        code.trimCode(start, end);
        throw error;
      }
    } catch (error) {
      if (!(error instanceof CodeMemoryError)) throw error;
      this.#end('the code memory is used up');
      return undefined;
    }
  }

  #giveBack({ start, end, data, dataEnd }: Place): void {
    if (this.#engine.disposed) return;
    const { code } = this.#engine.machine;
    code.trimCode(start, end);
    code.freeData(data, dataEnd - data);
  }

  /** The thread says what has become of the function that it was asked for. */
  answered(answer: Answer): void {
    const job = this.#job;
    const place = this.#place;
    this.#job = this.#place = undefined;
    if (job === undefined || place === undefined || this.#engine.disposed) return;
    this.#take(job, place, answer);
    this.#askNext();
  }

  #take(job: Job, place: Place, answer: Answer): void {
    if (job.module.isReleased) this.#giveBack(place);
    else if (answer.kind === 'optimized') this.#replace(job, place, answer);
    else {
      this.#giveBack(place);
      if (answer.kind === 'failed') this.#fail(answer.message);
      else if (answer.kind === 'too small' && enlarge(job, answer.part)) this.#ask(job);
      else this.#refused++;
    }
  }

  /** An error of the engine: what is compiled stays right, so the program goes on; the tests do not. */
  #fail(message: string): void {
    const reason = `internal error: the optimizing tier: ${message}`;
    if (this.#engine.options.debug.eagerTierUp) throw new Error(reason);
    this.#end(reason);
  }

  /** Copy the code to its place; from here on calls go there. */
  #replace({ module, own }: Job, place: Place, made: Optimized): void {
    const { codes, machine } = this.#engine;
    const { bytes } = machine.code;
    bytes.set(made.code, place.start);
    bytes.set(made.data, place.data);
    const end = machine.code.shrink(place.start, made.end, place.end);
    const dataEnd = place.data + ((made.data.length + 15) & -16);
    if (dataEnd < place.dataEnd) machine.code.freeData(dataEnd, place.dataEnd - dataEnd);
    const code: FinishedCode = {
      base: module.code.base,
      slots: module.code.slots,
      functions: module.code.functions,
      map: CodeMap.over(made.mapSpans, made.sites),
      stackMaps: StackMaps.over(made.nodes, made.lists),
      spans: listWith(place.start, made.end),
      codeBytes: made.code.length,
    };
    const replacement: Replacement = { code, names: module.names, own, place: { ...place, end, dataEnd } };
    module.replaced.push(replacement);
    codes.addReplaced(replacement);
    machine.code.writeEntry(module.code.slots + 8 * own, made.entry);
    this.#optimized++;
    this.#codeBytes += made.code.length;
  }

  /** In this thread, before anything of the module runs. */
  #replaceAll(module: TieredModule): void {
    const { FunctionOptimizer } = functionOptimizer();
    const optimizer = new FunctionOptimizer(this.#target(), this.#engine.machine.code.bytes.buffer);
    const { info, names } = module;
    for (let own = 0; own < module.code.functions; own++) {
      const index = own + info.importedFunctions;
      if (!debugApplies(this.#engine.options.debug, index, names.functionName(index))) continue;
      const job = jobOf(module, own);
      for (;;) {
        const place = this.#reserve(job);
        if (place === undefined) return;
        const answer = optimizer.optimize(requestOf(job, place, !module.isKnown));
        module.isKnown = true;
        if (answer.kind === 'too small' && enlarge(job, answer.part)) this.#giveBack(place);
        else {
          this.#take(job, place, answer.kind === 'too small' ? { kind: 'given up' } : answer);
          break;
        }
      }
    }
  }

  #target(): OptimizerTarget {
    const { machine, memoryPlan, options } = this.#engine;
    return {
      stubs: stubsOf(machine.stubs),
      cpu: machine.cpu,
      checksBounds: memoryPlan.bounds === 'check',
      debug: options.debug,
      codeMemory: machine.code.limit,
    };
  }

  /** The thread has ended, or could not be made: the program goes on in the code that it has. */
  lost(reason: string): void {
    this.#end(reason);
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    if (this.#place !== undefined) this.#giveBack(this.#place);
    this.#job = this.#place = undefined;
    this.#waiting.length = 0;
    this.#thread?.end();
    this.#thread = undefined;
  }

  /** The engine is disposed. */
  dispose(): void {
    this.#end('the engine is disposed');
  }

  statistics(): TieringStatistics {
    return {
      samples: this.#samples,
      waiting: this.#waiting.length + (this.#job === undefined ? 0 : 1),
      optimized: this.#optimized,
      codeBytes: this.#codeBytes,
      refused: this.#refused,
      longestPauseMs: this.#longestPauseMs,
      startMs: this.#startMs,
      ended: this.#ended,
    };
  }
}

function heat({ module, own }: Job): number {
  return (module.samples.get(own) ?? 0) / (fixedBytes + module.info.bodySize.at(own));
}

function jobOf(module: TieredModule, own: number): Job {
  const size = module.info.bodySize.at(own);
  const codeRoom = Math.min(mostCode, leastCode + codePerByte * size);
  return { module, own, codeRoom, dataRoom: leastData };
}

/** False if it is as large as it gets. */
function enlarge(job: Job, part: 'code' | 'data'): boolean {
  if (part === 'code') {
    if (job.codeRoom >= mostCode) return false;
    job.codeRoom = Math.min(mostCode, growth * job.codeRoom);
  } else {
    if (job.dataRoom >= mostData) return false;
    job.dataRoom = Math.min(mostData, growth * job.dataRoom);
  }
  return true;
}

/** @param isFirst the module's header is to be told */
function requestOf({ module, own }: Job, place: Place, isFirst: boolean): OptimizeRequest {
  const { code, info, number } = module;
  const bodyOffset = info.bodyOffset.at(own);
  const { wire } = info;
  return {
    kind: 'optimize',
    module: number,
    header: isFirst ? copyOf(wire, 0, info.bodyOffset.at(0)) : undefined,
    functionIndex: own + info.importedFunctions,
    body: copyOf(wire, bodyOffset, bodyOffset + info.bodySize.at(own)),
    bodyOffset,
    slots: code.slots,
    place,
  };
}

/** With a buffer of its own: only these bytes are sent. */
function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start);
  copy.set(bytes.subarray(start, end));
  return copy;
}

/** Nothing else of the machine's: it is to be cloned. */
function stubsOf(stubs: OptimizerTarget['stubs']): OptimizerTarget['stubs'] {
  return {
    trap: stubs.trap,
    memoryFill: stubs.memoryFill,
    memoryCopy: stubs.memoryCopy,
    memoryInit: stubs.memoryInit,
    memoryGrow: stubs.memoryGrow,
    tableCopy: stubs.tableCopy,
    tableInit: stubs.tableInit,
    tableFill: stubs.tableFill,
    tableGrow: stubs.tableGrow,
    functionsCopy: stubs.functionsCopy,
    functionsInit: stubs.functionsInit,
    functionsFill: stubs.functionsFill,
    tailCall: stubs.tailCall,
    throwTag: stubs.throwTag,
    throwRef: stubs.throwRef,
    atomicNotify: stubs.atomicNotify,
    atomicWait32: stubs.atomicWait32,
    atomicWait64: stubs.atomicWait64,
    memorySize: stubs.memorySize,
    otherFill: stubs.otherFill,
    otherCopy: stubs.otherCopy,
    otherInit: stubs.otherInit,
    wideGrow: stubs.wideGrow,
    wideTableGrow: stubs.wideTableGrow,
  };
}
