import { CodeMap } from '../../backends/code/code-map.js';
import { CodeMapChunk } from '../../backends/code/code-map-writer.js';
import type { OwnedCode } from '../../backends/code/module-code.js';
import { Node, NodeChunk } from '../../backends/code/stack-map-writer.js';
import { StackMaps } from '../../backends/code/stack-maps.js';
import { Int32Array, isolate, List, Math } from '../../support/primordials.js';
import type { CodeMemory } from '../machine/code-memory.js';
import type { CoreSession } from './core-session.js';

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

  constructor(session: CoreSession, base: number, functions: number, holdings: CodeHoldings) {
    const { core } = session;
    this.base = base;
    this.functions = functions;
    this.#holdings = holdings;
    this.slots = core.slots();
    this.codeBytes = core.moduleCodeBytes();
    this.map = readMap(session);
    this.stackMaps = readStackMaps(session);
  }

  get spans(): readonly number[] {
    return this.#holdings.spans;
  }

  release(): void {
    this.#holdings.release();
  }
}

function readMap(session: CoreSession): CodeMap {
  const { core } = session;
  const spans = new Int32Array(3 * core.mapSpans());
  for (let i = 0; i < spans.length; i++) spans[i] = core.mapSpan(Math.floor(i / 3), i % 3);
  const sites = new Int32Array(CodeMapChunk.fields * core.sites());
  copyChunks(session, sites, CodeMapChunk.fields * CodeMapChunk.entries, (k) => core.siteChunk(k));
  return CodeMap.over(spans, sites);
}

function readStackMaps(session: CoreSession): StackMaps {
  const { core } = session;
  const count = core.stackMapNodes();
  // Where there are nodes, the empty map has one, too.
  const nodes = new Int32Array(count === 0 ? 0 : Node.fields * (count + 1));
  copyChunks(session, nodes, Node.fields << NodeChunk.bits, (k) => core.stackMapChunk(k));
  const { words } = session;
  const listCount = core.stackMapLists();
  let length = 0;
  for (let k = 0; k < listCount; k++) length += 1 + lengthAt(words, core.stackMapOffsets(k));
  const lists = new Int32Array(length);
  let at = 0;
  for (let k = 0; k < listCount; k++) {
    const offsets = core.stackMapOffsets(k);
    const references = lengthAt(words, offsets);
    lists[at++] = references;
    lists.set(words.subarray(offsets >>> 2, (offsets >>> 2) + references), at);
    at += references;
  }
  return StackMaps.over(nodes, lists);
}

/** The length of the core's array at `offset`. */
function lengthAt(words: Int32Array, offset: number): number {
  return words[(offset >>> 2) - 4] as number;
}

/** Copy a list that the core has in chunks of `size` int32. */
function copyChunks(session: CoreSession, target: Int32Array, size: number, chunk: (k: number) => number): void {
  const { words } = session;
  for (let at = 0, k = 0; at < target.length; at += size, k++) {
    const from = chunk(k) >>> 2;
    target.set(words.subarray(from, from + Math.min(size, target.length - at)), at);
  }
}
