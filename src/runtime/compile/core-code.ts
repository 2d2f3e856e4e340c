import { CodeMap } from '../../backends/code/code-map.js';
import { CodeMapChunk } from '../../backends/code/code-map-writer.js';
import type { OwnedCode } from '../../backends/code/module-code.js';
import { Node, NodeChunk } from '../../backends/code/stack-map-writer.js';
import { StackMaps } from '../../backends/code/stack-maps.js';
import { Int32Array, isolate, List, Math } from '../../support/primordials.js';
import type { CodeMemory } from '../machine/code-memory.js';
import type { CoreExports, CoreSession } from './core-session.js';

/** What a module has of code memory: kept by the engine, whatever becomes of the core. */
export class CodeHoldings {
  static {
    isolate(this);
  }

  readonly #code: CodeMemory;
  /** Pairs of [start, end). */
  readonly spans: number[] = new List();
  /** Pairs of offset and bytes. */
  readonly #data: number[] = new List();
  /** A module has it now: it is the module's to release. */
  isOwned = false;

  constructor(code: CodeMemory) {
    this.#code = code;
  }

  openSpan(minBytes: number): number {
    const start = this.#code.openSpan(minBytes);
    this.spans.push(start);
    this.spans.push(this.#code.spanEnd);
    return start;
  }

  /** The end of a span was not needed: of the last one, or of the one before, when the last is open already. */
  trim(from: number, end: number): void {
    const { spans } = this;
    let at = spans.length - 1;
    if (spans[at] !== end) at -= 2;
    if (spans[at] !== end || from < (spans[at - 1] as number))
      throw new Error(`internal error: no span ends at ${end}`);
    this.#code.trimCode(from, end);
    spans[at] = from;
    // Only the last span can have nothing in it.
    if (at === spans.length - 1 && spans[at - 1] === from) spans.length -= 2;
  }

  allocateData(bytes: number): number {
    const offset = this.#code.allocateData(bytes);
    this.#data.push(offset);
    this.#data.push(bytes);
    return offset;
  }

  release(): void {
    const { spans } = this;
    const data = this.#data;
    for (let i = 0; i < spans.length; i += 2) this.#code.freeCode(spans[i] as number, spans[i + 1] as number);
    for (let i = 0; i < data.length; i += 2) this.#code.freeData(data[i] as number, data[i + 1] as number);
    spans.length = data.length = 0;
  }
}

/** Machine code that the core has made. */
export class CoreCode implements OwnedCode {
  static {
    isolate(this);
  }

  readonly base: number;
  readonly slots: number;
  readonly functions: number;
  readonly codeBytes: number;
  readonly map: CodeMap;
  readonly stackMaps: StackMaps;
  readonly #holdings: CodeHoldings;

  constructor(session: CoreSession, base: number, functions: number, holdings: CodeHoldings, maps: CoreMaps) {
    const { core } = session;
    this.base = base;
    this.functions = functions;
    this.#holdings = holdings;
    this.slots = core.slots();
    this.codeBytes = core.moduleCodeBytes();
    const { map, stackMaps } = maps.finish(session);
    this.map = map;
    this.stackMaps = stackMaps;
  }

  get spans(): readonly number[] {
    return this.#holdings.spans;
  }

  release(): void {
    this.#holdings.release();
  }
}

/**
 * What the core has written of code map and stack maps so far: taken over chunk by chunk while the module is compiled, because
 * all of it at the end would be a long step.
 */
export class CoreMaps {
  static {
    isolate(this);
  }

  readonly #sites: Int32Array[] = new List();
  readonly #nodes: Int32Array[] = new List();

  /** The chunks that are full: nobody changes them any more. */
  takeFull(session: CoreSession): void {
    const { core } = session;
    this.#takeSites(session, core.sites() >>> CodeMapChunk.bits);
    this.#takeNodes(session, nodesOf(core) >>> NodeChunk.bits);
  }

  #takeSites(session: CoreSession, chunks: number): void {
    const list = this.#sites;
    const words = CodeMapChunk.fields * CodeMapChunk.entries;
    while (list.length < chunks) list.push(wordsAt(session, session.core.siteChunk(list.length), words));
  }

  #takeNodes(session: CoreSession, chunks: number): void {
    const list = this.#nodes;
    const words = Node.fields << NodeChunk.bits;
    while (list.length < chunks) list.push(wordsAt(session, session.core.stackMapChunk(list.length), words));
  }

  /** The module is complete. */
  finish(session: CoreSession): { map: CodeMap; stackMaps: StackMaps } {
    this.takeFull(session);
    const { core } = session;
    const sites = CodeMapChunk.fields * (core.sites() & CodeMapChunk.mask);
    if (sites > 0) this.#sites.push(wordsAt(session, core.siteChunk(this.#sites.length), sites));
    const nodes = Node.fields * (nodesOf(core) & NodeChunk.mask);
    if (nodes > 0) this.#nodes.push(wordsAt(session, core.stackMapChunk(this.#nodes.length), nodes));
    const spans = new Int32Array(3 * core.mapSpans());
    for (let i = 0; i < spans.length; i++) spans[i] = core.mapSpan(Math.floor(i / 3), i % 3);
    return { map: CodeMap.of(spans, this.#sites), stackMaps: StackMaps.of(this.#nodes, listsOf(session)) };
  }
}

/** Where there are nodes, the empty map has one, too. */
function nodesOf(core: CoreExports): number {
  const count = core.stackMapNodes();
  return count === 0 ? 0 : count + 1;
}

/** For each list of references their number and their offsets. */
function listsOf(session: CoreSession): Int32Array {
  const { core, words } = session;
  const count = core.stackMapLists();
  let length = 0;
  for (let k = 0; k < count; k++) length += 1 + lengthAt(words, core.stackMapOffsets(k));
  const lists = new Int32Array(length);
  let at = 0;
  for (let k = 0; k < count; k++) {
    const offsets = core.stackMapOffsets(k);
    const references = lengthAt(words, offsets);
    lists[at++] = references;
    lists.set(words.subarray(offsets >>> 2, (offsets >>> 2) + references), at);
    at += references;
  }
  return lists;
}

/** The length of the core's array at `offset`. */
function lengthAt(words: Int32Array, offset: number): number {
  return words[(offset >>> 2) - 4] as number;
}

/** A copy of the begin of the core's array at `offset`. */
function wordsAt(session: CoreSession, offset: number, count: number): Int32Array {
  const copy = new Int32Array(count);
  copy.set(session.words.subarray(offset >>> 2, (offset >>> 2) + count));
  return copy;
}
