/**
 * Which module a code address belongs to, for stack traces and trap details. Holds code and what names it, never a
 * module or an instance: an entry goes when the module's code is released.
 */

import type { Site } from '../../backends/code/code-map.js';
import type { FinishedCode } from '../../backends/code/module-code.js';
import { hexText, isolate, Set } from '../../support/primordials.js';

/** What stack traces need of a module. */
export interface FrameNames {
  /** Name in `wasm://beamline/<name>` addresses. */
  readonly moduleName: string;
  /** Name of a function from the name section, or undefined. */
  functionName(index: number): string | undefined;
  /** Index of the function whose body contains this byte offset of the module, or -1. */
  functionAt(wasmOffset: number): number;
  /** The byte of the module at this offset: the opcode of an instruction. */
  opcodeAt(wasmOffset: number): number;
}

export interface CodeEntry {
  readonly code: FinishedCode;
  readonly names: FrameNames;
}

export interface CodeLocation extends CodeEntry {
  readonly site: Site;
}

export class CodeRegistry {
  static {
    isolate(this);
  }

  readonly #entries = new Set<CodeEntry>();
  #names = 0;
  /** Where the last site was found. */
  #last: CodeEntry | undefined;

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
    if (this.#last === entry) this.#last = undefined;
  }

  /** The site at exactly this address, or undefined. For stack traces and maps: O(modules). */
  locate(address: number): CodeLocation | undefined {
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
