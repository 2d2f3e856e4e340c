/**
 * Which module a code address belongs to, for stack traces and trap details. Holds code and what names it, never a
 * module or an instance: an entry goes when the module's code is released.
 */

import type { Site } from '../../backends/code/code-map.js';
import type { FinishedCode } from '../../backends/code/module-code.js';
import { hexText, Int32Array, isolate, Map, Set, Uint32Array } from '../../support/primordials.js';
import { nativeView } from '../machine/os.js';
import { type ReplacedFunction, ReplacedFunctions } from './replaced-functions.js';

/** What stack traces need of a module. */
export interface FrameNames {
  /** Name in `wasm://beamline/<name>` addresses. */
  readonly moduleName: string;
  /** Name of a function from the name section, or undefined. */
  functionName(index: number): string | undefined;
  /** Index of the function whose body contains this byte offset of the module, or -1. */
  functionAt(wasmOffset: number): number;
  /** Byte offset in the module of the body of its own function number `own`. */
  bodyAt(own: number): number;
  /** The byte of the module at this offset: the opcode of an instruction. */
  opcodeAt(wasmOffset: number): number;
}

export interface CodeEntry {
  readonly code: FinishedCode;
  readonly names: FrameNames;
  /** Where the module's own functions begin (code offsets), if the slots may say something else by now. */
  readonly entries?: Int32Array | undefined;
}

export interface CodeLocation {
  readonly code: FinishedCode;
  readonly names: FrameNames;
  readonly site: Site;
}

export class CodeRegistry {
  static {
    isolate(this);
  }

  readonly #entries = new Set<CodeEntry>();
  #names = 0;
  /** Handlers by return address, as far as somebody has asked. */
  #handlers = new Map<number, number>();
  /** Where the last site was found. */
  #last: CodeEntry | undefined;
  readonly #replaced = new ReplacedFunctions();

  /** Number of modules whose code is not released. */
  get size(): number {
    return this.#entries.size;
  }

  /** A name for a module in stack traces: eight hex digits, unique in the engine. */
  nextName(): string {
    this.#names++;
    return hexText(this.#names, 8);
  }

  add(entry: CodeEntry): void {
    this.#entries.add(entry);
  }

  delete(entry: CodeEntry): void {
    this.#entries.delete(entry);
    this.#handlers = new Map();
    if (this.#last === entry) this.#last = undefined;
  }

  /** Code that takes a function's place: frames may be in it from now on. */
  addReplaced(added: ReplacedFunction): void {
    this.#replaced.add(added);
  }

  deleteReplaced(removed: ReplacedFunction): void {
    this.#replaced.delete(removed);
  }

  /** The site at exactly this address, or undefined. For stack traces and maps: O(modules). */
  locate(address: number): CodeLocation | undefined {
    return this.#locate(address) ?? this.#locateReplaced(address);
  }

  #locateReplaced(address: number): CodeLocation | undefined {
    let location: CodeLocation | undefined;
    this.#replaced.at(address, ({ code, names }) => {
      const site = code.map.lookup(address - code.base);
      if (site !== undefined) location = { code, names, site };
      return site !== undefined;
    });
    return location;
  }

  #locate(address: number): CodeLocation | undefined {
    if (this.#last !== undefined) {
      const site = siteIn(this.#last, address);
      if (site !== undefined) return locationOf(this.#last, site);
    }
    for (const entry of this.#entries) {
      const site = siteIn(entry, address);
      if (site === undefined) continue;
      this.#last = entry;
      return locationOf(entry, site);
    }
    return undefined;
  }

  /** The address of the code that handles what the call throws that returns to `address`; 0 if its function has none. */
  handlerAt(address: number): number {
    const known = this.#handlers.get(address);
    if (known !== undefined) return known;
    if (this.#handlers.size >= mostHandlers) this.#handlers = new Map();
    const found = this.#findHandler(address);
    this.#handlers.set(address, found);
    return found;
  }

  #findHandler(address: number): number {
    for (const { code } of this.#entries) {
      if (!holds(code, address)) continue;
      let handler = code.map.handler(address - code.base);
      while (handler !== 0) {
        const value = new Int32Array(nativeView(code.base + 4 * handler, 4))[0] as number;
        if (value >= 0) return value === 0 ? 0 : code.base + value;
        handler = ~value;
      }
    }
    return 0;
  }

  /**
   * The function that has run out of stack at this instruction, which has no site of its own: the address may be the return
   * address of a call before it, and at the begin of a function that call is the last one of another function.
   */
  locateOverflow(address: number): { names: FrameNames; wasmOffset: number } | undefined {
    for (const entry of this.#entries) {
      const own = ownFunctionAt(entry, address);
      if (own >= 0) return { names: entry.names, wasmOffset: entry.names.bodyAt(own) };
    }
    let found: { names: FrameNames; wasmOffset: number } | undefined;
    this.#replaced.at(address, ({ code, names, own }) => {
      if (address < code.base + (code.spans[1] as number)) found = { names, wasmOffset: names.bodyAt(own) };
      return found !== undefined;
    });
    return found;
  }
}

/** Return addresses whose handlers are known, at most. */
const mostHandlers = 65536;

/** A call can be the last instruction of a span: its return address is the span's end. */
function holds({ base, spans }: FinishedCode, address: number): boolean {
  for (let i = 0; i < spans.length; i += 2) {
    if (address >= base + (spans[i] as number) && address <= base + (spans[i + 1] as number)) return true;
  }
  return false;
}

/** Number of the span in which a code offset lies, or -1. */
function spanAt(spans: readonly number[], codeOffset: number): number {
  for (let i = 0; i < spans.length; i += 2) {
    if (codeOffset >= (spans[i] as number) && codeOffset < (spans[i + 1] as number)) return i;
  }
  return -1;
}

/** The own function in whose code an address lies, or -1: functions and spans come in the order in which code is emitted. */
export function ownFunctionAt({ code, entries }: CodeEntry, address: number): number {
  const { base, spans, functions } = code;
  const codeOffset = address - base;
  const span = spanAt(spans, codeOffset);
  if (span < 0 || functions === 0) return -1;
  const begins = entries ?? entriesOf(code);
  let low = 0;
  let high = functions;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = begins[middle] as number;
    const at = spanAt(spans, entry);
    if (at < span || (at === span && entry <= codeOffset)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Where own functions begin, as the slots say. */
export function entriesOf({ base, functions, slots }: FinishedCode): Int32Array {
  const words = new Uint32Array(nativeView(base + slots, 8 * functions));
  const entries = new Int32Array(functions);
  for (let k = 0; k < functions; k++) {
    entries[k] = (words[2 * k] as number) + (words[2 * k + 1] as number) * 4294967296 - base;
  }
  return entries;
}

function locationOf({ code, names }: CodeEntry, site: Site): CodeLocation {
  return { code, names, site };
}

function siteIn({ code }: CodeEntry, address: number): Site | undefined {
  const codeOffset = address - code.base;
  const { spans, map } = code;
  for (let i = 0; i < spans.length; i += 2) {
    // A call can be the last instruction of a span: its return address is the span's end.
    if (codeOffset < (spans[i] as number) || codeOffset > (spans[i + 1] as number)) continue;
    const site = map.lookup(codeOffset);
    if (site !== undefined) return site;
  }
  return undefined;
}
