/**
 * Machine code that other threads run in place. Code refers to its own region only (stubs, slots, constants) and finds
 * thread, machine and signatures through the instance context: so a thread that has mapped nothing and compiled nothing
 * can run it, once its signal handlers know the region. What it needs besides is a description: where the code is, the code
 * map, the stack maps. It is written to native memory when a module gets its JS object, because nobody can say when
 * that is cloned.
 */

import { CodeMap } from '../../backends/code/code-map.js';
import type { FinishedCode, OwnedCode } from '../../backends/code/module-code.js';
import { StackMaps } from '../../backends/code/stack-maps.js';
import type { Debug } from '../../debug.js';
import {
  charCodeAt,
  Int32Array,
  isolate,
  List,
  latin1,
  listWith,
  Map,
  Object,
  Set,
  Uint8Array,
  WeakMap,
} from '../../support/primordials.js';
import type { ResolvedOptions } from '../api/options.js';
import type { CodeArea } from '../machine/code-regions.js';
import type { Machine } from '../machine/machine.js';
import { nodeThreadId } from '../machine/node-thread.js';
import { nativeFree, nativeMalloc, nativeView } from '../machine/os.js';
import { type CodeHold, type CodeKey, type RegionPlace, SharedCodeTable } from '../machine/shared-code-table.js';
import { type ContentHash, hashOf } from './known-modules.js';

/**
 * To be raised with each change of contexts, records or stubs that code knows of: copies of the package share code, and
 * load code images.
 */
export const codeVersion = 8;

/** The key of a module's code, undefined if debug switches, or `tier: 'auto'`, make it the engine's own. */
export function codeKey(
  options: ResolvedOptions,
  machine: Machine,
  bounds: string,
  content: ContentHash,
  length: number,
): CodeKey | undefined {
  let word = optionWords.get(machine);
  if (word === undefined) {
    word = optionsWord(options, machine, bounds);
    optionWords.set(machine, word);
  }
  if (word === null) return undefined;
  const words = new Int32Array(contentWords);
  for (let k = 0; k < contentWords; k++) words[k] = wordOf(content, 4 * k);
  return { content: words, length, options: word };
}

const contentWords = 8;
const optionWords = new WeakMap<Machine, number | null>();

/** A hash of all that code depends on besides its module; null if debug switches, or the engine itself, change it. */
function optionsWord({ debug, tier }: ResolvedOptions, { cpu }: Machine, bounds: string): number | null {
  // Functions of `auto` are replaced by the engine that has compiled them; others would not know what to look frames up in.
  if (changesCode(debug) || tier === 'auto') return null;
  const { avx, avx2, fma, bmi1, bmi2, lzcnt, popcnt } = cpu;
  const features = `${avx} ${avx2} ${fma} ${bmi1} ${bmi2} ${lzcnt} ${popcnt}`;
  return wordOf(hashOf(latin1(`${codeVersion} ${tier} ${features} ${bounds}`)), 0);
}

/** True if debug switches show, or change, how code is made: then each module is compiled. */
export function changesCode(debug: Debug): boolean {
  const names = Object.keys(debug) as (keyof Debug)[];
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as keyof Debug;
    if (debug[name] === true && name !== 'gcStress') return true;
  }
  return false;
}

function wordOf(text: string, at: number): number {
  let word = 0;
  for (let k = 3; k >= 0; k--) word = (word << 8) | charCodeAt(text, at + k);
  return word;
}

/** Words at the begin of a description; the lists follow in this order. */
const enum Description {
  slots = 0,
  functions = 1,
  codeBytes = 2,
  spans = 3,
  mapSpans = 4,
  mapWords = 5,
  nodeWords = 6,
  listWords = 7,
  usedTypes = 8,
  size = 9,
}

/** Writes the description of code to native memory, in steps: that of a large module has some megabytes. */
export class DescriptionWriter {
  static {
    isolate(this);
  }

  readonly address: number;
  readonly #out: Int32Array;
  readonly #lists: readonly (readonly ArrayLike<number>[])[];
  #list = 0;
  #part = 0;
  #at: number = Description.size;

  constructor(code: FinishedCode, usedTypes: readonly number[]) {
    const map = code.map.parts();
    const stackMaps = code.stackMaps.parts();
    this.#lists = listWith<readonly ArrayLike<number>[]>(
      listWith<ArrayLike<number>>(code.spans, map.spans),
      map.chunks,
      stackMaps.chunks,
      listWith<ArrayLike<number>>(stackMaps.lists, usedTypes),
    );
    let words: number = Description.size;
    for (let i = 0; i < this.#lists.length; i++) words += lengthOf(this.#lists[i] as readonly ArrayLike<number>[]);
    this.address = nativeMalloc(4 * words);
    const out = new Int32Array(nativeView(this.address, 4 * words));
    this.#out = out;
    out[Description.slots] = code.slots;
    out[Description.functions] = code.functions;
    out[Description.codeBytes] = code.codeBytes;
    out[Description.spans] = code.spans.length;
    out[Description.mapSpans] = map.spans.length;
    out[Description.mapWords] = lengthOf(map.chunks);
    out[Description.nodeWords] = lengthOf(stackMaps.chunks);
    out[Description.listWords] = stackMaps.lists.length;
    out[Description.usedTypes] = usedTypes.length;
  }

  /** One step. Returns true when all is written. */
  advance(): boolean {
    const parts = this.#lists[this.#list];
    if (parts === undefined) return true;
    const part = parts[this.#part];
    if (part === undefined) {
      this.#list++;
      this.#part = 0;
      return false;
    }
    this.#part++;
    this.#out.set(part, this.#at);
    this.#at += part.length;
    return false;
  }

  /** Nobody will find it. */
  free(): void {
    nativeFree(this.address);
  }
}

/** Elements of all parts together. A loop: what a program may have redefined decides about no length. */
function lengthOf(parts: readonly ArrayLike<number>[]): number {
  let sum = 0;
  for (let i = 0; i < parts.length; i++) sum += (parts[i] as ArrayLike<number>).length;
  return sum;
}

/** Code that another engine has made, as long as the hold is not released. */
export class AdoptedCode implements FinishedCode {
  static {
    isolate(this);
  }

  /** Types of the module that something uses, by index. */
  readonly usedTypes: Int32Array;
  readonly base: number;
  readonly slots: number;
  readonly functions: number;
  readonly codeBytes: number;
  readonly spans: readonly number[];
  readonly map: CodeMap;
  readonly stackMaps: StackMaps;

  constructor(base: number, description: number) {
    const head = new Int32Array(nativeView(description, 4 * Description.size));
    const get = (field: Description): number => head[field] as number;
    let total: number = Description.size;
    for (let field = Description.spans; field <= Description.usedTypes; field++) total += get(field);
    const words = new Int32Array(nativeView(description, 4 * total));
    let at: number = Description.size;
    const next = (field: Description): Int32Array => {
      const begin = at;
      at += get(field);
      return words.subarray(begin, at);
    };
    // In this order they follow each other.
    const spans = next(Description.spans);
    const mapSpans = next(Description.mapSpans);
    const sites = next(Description.mapWords);
    const nodes = next(Description.nodeWords);
    const lists = next(Description.listWords);
    const usedTypes = next(Description.usedTypes);
    this.base = base;
    this.usedTypes = usedTypes;
    this.slots = get(Description.slots);
    this.functions = get(Description.functions);
    this.codeBytes = get(Description.codeBytes);
    const spanList = new List<number>(spans.length);
    for (let i = 0; i < spans.length; i++) spanList[i] = spans[i] as number;
    this.spans = spanList;
    this.map = CodeMap.over(mapSpans, sites);
    this.stackMaps = StackMaps.over(nodes, lists);
  }
}

/** A region of another engine: code of it runs in this one. */
export class ForeignRegion implements CodeArea {
  static {
    isolate(this);
  }

  readonly place: RegionPlace;
  readonly base: number;
  readonly codeStart: number;
  readonly dataStart: number;
  /** Modules of this engine that have code there. */
  users = 0;
  #bytes: Uint8Array | undefined;

  constructor(place: RegionPlace) {
    this.place = place;
    this.base = place.base;
    this.codeStart = place.codeStart;
    this.dataStart = place.dataStart;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= new Uint8Array(nativeView(this.base, this.dataStart));
    return this.#bytes;
  }
}

/** What a machine lends to others and borrows from them. */
export class CodeSharing {
  static {
    isolate(this);
  }

  readonly #machine: Machine;
  /** The number of the machine's own region, -1 if the table has no room. */
  readonly region: number;
  readonly #foreign = new Map<number, ForeignRegion>();
  /** All holds of the machine. */
  readonly #holds = new Set<CodeHold>();
  /** Own code that is only used by others. */
  #lent: { readonly hold: CodeHold; readonly code: OwnedCode }[] = new List();
  #seen = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    const { base, alias, limit, codeStart, dataStart } = machine.code;
    const { loops } = machine.stubs;
    this.region = SharedCodeTable.current().openRegion({ base, alias, limit, codeStart, dataStart, loops });
  }

  /** The begin of letting others find the code; undefined where nobody could. */
  describe(code: FinishedCode, usedTypes: readonly number[]): DescriptionWriter | undefined {
    return this.region < 0 ? undefined : new DescriptionWriter(code, usedTypes);
  }

  /** Let others find the code, now that it is described. */
  publish(key: CodeKey, description: DescriptionWriter): CodeHold | undefined {
    const hold = SharedCodeTable.current().publish(key, this.region, description.address, nodeThreadId);
    if (hold === undefined) description.free();
    else this.#holds.add(hold);
    return hold;
  }

  /** The machine's own module is gone: free its code, now or when others have done with it. */
  retire(hold: CodeHold, code: OwnedCode): void {
    if (!this.#holds.delete(hold)) return;
    if (SharedCodeTable.current().releaseOwn(hold)) {
      code.release();
      SharedCodeTable.current().forget(hold, true);
    } else this.#lent.push({ hold, code });
  }

  /** Called before code memory is allocated: free what others have given back. */
  collect(): void {
    if (this.#lent.length === 0) return;
    const returned = SharedCodeTable.current().returned(this.region);
    if (returned === this.#seen) return;
    this.#seen = returned;
    this.#lent = this.#lent.filter(({ hold, code }) => {
      if (!SharedCodeTable.current().isReturned(hold)) return true;
      code.release();
      SharedCodeTable.current().forget(hold, false);
      return false;
    });
  }

  /** Code of another machine, ready to run in this thread; undefined if there is none. */
  borrow(key: CodeKey): { readonly hold: CodeHold; readonly code: AdoptedCode } | undefined {
    const hold = SharedCodeTable.current().acquire(key, nodeThreadId);
    if (hold === undefined) return undefined;
    this.#holds.add(hold);
    const { thread, regions } = this.#machine;
    const place = SharedCodeTable.current().place(hold.region);
    if (hold.region !== this.region) {
      let region = this.#foreign.get(hold.region);
      if (region === undefined) {
        region = new ForeignRegion(place);
        this.#foreign.set(hold.region, region);
        regions.add(region);
        thread.addRange({ ...place, alias: 0, limit: 0 }, place.loops, -1);
      }
      region.users++;
    }
    // Another core has written the code.
    this.#machine.code.synchronize();
    return { hold, code: new AdoptedCode(place.base, hold.description) };
  }

  /** The module with that code is gone. */
  giveBack(hold: CodeHold): void {
    if (!this.#holds.delete(hold)) return;
    const region = this.#foreign.get(hold.region);
    if (region !== undefined && --region.users === 0) {
      this.#foreign.delete(hold.region);
      this.#machine.regions.remove(region);
      this.#machine.thread.removeRange(region);
    }
    SharedCodeTable.current().release(hold);
  }

  /** No code of this machine runs any more. Regions stay mapped as long as others run code in them. */
  end(): void {
    this.#foreign.forEach((region) => {
      this.#machine.thread.removeRange(region);
    });
    for (const hold of this.#holds) SharedCodeTable.current().release(hold);
    this.#holds.clear();
    this.#lent = new List();
  }
}
