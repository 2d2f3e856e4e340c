/**
 * Hostile functions that note who calls them and what they are given: whether the engine looked a built-in up in the
 * realm, and whether an object of the engine's came with it. When told so they lie to the engine, and to nobody else.
 */
import { readFileSync } from 'node:fs';
import { types } from 'node:util';
import { type Call, callOriginal, type Hostile, type Place } from './realm.js';

const { apply, ownKeys, getOwnPropertyDescriptor } = Reflect;
const { getPrototypeOf, is } = Object;
const RealError = Error;
const objectPrototype = Object.prototype;
const toSource = Function.prototype.toString;
const indexOf = String.prototype.indexOf;
const lastIndexOf = String.prototype.lastIndexOf;
const slice = String.prototype.slice;
const push = Array.prototype.push;
const mapGet = Map.prototype.get;
const mapSet = Map.prototype.set;
const hasKnown = WeakSet.prototype.has;
const addKnown = WeakSet.prototype.add;
const then = Promise.prototype.then;
const { isInteger, parseInt: toInt } = Number;
const bufferGetters: ((this: unknown) => unknown)[] = [];
for (const prototype of [getPrototypeOf(Uint8Array.prototype) as object, DataView.prototype]) {
  bufferGetters[bufferGetters.length] = getOwnPropertyDescriptor(prototype, 'buffer')?.get as () => unknown;
}

function includes(text: string, part: string): boolean {
  return apply(indexOf, text, [part]) >= 0;
}

/** A call of a hostile function by the engine, or with something of the engine's. */
export interface Finding {
  readonly place: string;
  /** Where the call came from: file below `src`, and function. */
  readonly caller: string;
  /** What the call handed out that is not the program's; empty if nothing. */
  readonly leak: string;
  count: number;
  readonly stack: string;
}

interface Site {
  getFileName(): string | null | undefined;
  getFunctionName(): string | null;
  getLineNumber(): number | null;
}

export class Recorder {
  /** Lie to the engine. */
  lies = false;
  readonly #byKey = new Map<string, Finding>();
  readonly findings: Finding[] = [];
  /** Functions and buffers that a program may have. */
  readonly #known = new WeakSet<object>();
  readonly #classes: Set<string>;
  readonly #root: string;
  #inside = false;

  /**
   * @param root folder of the engine's compiled modules.
   * @param classes names of the engine's classes.
   */
  constructor(root: string, classes: Set<string>) {
    this.#root = root;
    this.#classes = classes;
  }

  /** This is the program's, and no secret. */
  know(object: object): void {
    apply(addKnown, this.#known, [object]);
  }

  readonly hostile: Hostile = (place, original) => {
    const call: Call = (self, args, newTarget) => {
      if (this.#inside) return callOriginal(original, self, args, newTarget);
      let isEngine = false;
      this.#inside = true;
      try {
        isEngine = this.#note(place, self, args);
      } finally {
        this.#inside = false;
      }
      const result = callOriginal(original, self, args, newTarget);
      return isEngine && this.lies && newTarget === undefined ? lie(place, result) : result;
    };
    return call;
  };

  /** Returns whether the engine is the caller. */
  #note(place: Place, self: unknown, args: unknown[]): boolean {
    const sites = stackSites();
    let caller: string | undefined;
    let origin: 'engine' | 'node' | 'program' | 'nobody' = 'nobody';
    let stack = '';
    for (let i = 0; i < sites.length; i++) {
      const site = sites[i] as Site;
      const file = site.getFileName() ?? '';
      if (includes(file, '/spec/builtins/re')) continue;
      const where = `${this.#below(file)} ${site.getFunctionName() ?? '(top)'}`;
      if (caller === undefined && file !== '') {
        caller = where;
        origin = includes(file, this.#root)
          ? 'engine'
          : includes(file, 'node:') || includes(file, '/node_modules/')
            ? 'node'
            : 'program';
      }
      stack += `${where}:${site.getLineNumber()}\n`;
    }
    if (origin === 'program') return false;
    let leak = this.#leakIn(self, origin, 2);
    for (let i = 0; leak === '' && i < args.length; i++) leak = this.#leakIn(args[i], origin, 2);
    if (leak !== '' || origin === 'engine') this.#add(place.name, caller ?? '(no frame)', leak, stack);
    if (types.isPromise(self)) this.#awaitLeak(place, self, caller ?? '(no frame)', stack);
    return origin === 'engine';
  }

  /** Whoever gets a promise gets what it carries. */
  #awaitLeak(place: Place, promise: Promise<unknown>, caller: string, stack: string): void {
    const look = (value: unknown): void => {
      this.#inside = true;
      const leak = this.#leakIn(value, 'nobody', 2);
      if (leak !== '') this.#add(place.name, caller, `a promise of ${leak}`, stack);
      this.#inside = false;
    };
    apply(then, promise, [look, look]);
  }

  #add(place: string, caller: string, leak: string, stack: string): void {
    const key = `${place}|${caller}|${leak}`;
    const found = apply(mapGet, this.#byKey, [key]) as Finding | undefined;
    if (found !== undefined) {
      found.count++;
      return;
    }
    const finding: Finding = { place, caller, leak, count: 1, stack };
    apply(mapSet, this.#byKey, [key, finding]);
    apply(push, this.findings, [finding]);
  }

  #below(file: string): string {
    const at = apply(lastIndexOf, file, ['/dist/']) as number;
    return at < 0 ? file : (apply(slice, file, [at + 6]) as string);
  }

  /** What of a value is not the program's; empty if nothing. */
  #leakIn(value: unknown, origin: string, depth: number): string {
    if (typeof value === 'number') return this.#isAddress(value) ? 'an address' : '';
    if (typeof value === 'bigint') return this.#isAddress(Number(value)) ? 'an address' : '';
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return '';
    if (apply(hasKnown, this.#known, [value])) return '';
    if (typeof value === 'function') {
      if (origin !== 'engine' || types.isProxy(value)) return '';
      const text = apply(toSource, value, []) as string;
      return includes(text, '[native code]') ? '' : `a function: ${apply(slice, text, [0, 60])}`;
    }
    if (types.isProxy(value)) return '';
    let top: object = value;
    for (let next = getPrototypeOf(top); next !== null; next = getPrototypeOf(next)) top = next as object;
    if (top !== objectPrototype && top !== value) {
      const name = nameOf(value);
      if (origin === 'engine' || this.#classes.has(name)) return `an object of the engine's: ${name}`;
    }
    if (origin === 'engine') {
      if (types.isAnyArrayBuffer(value)) return 'a buffer';
      if (ArrayBuffer.isView(value)) {
        const buffer = apply(bufferGetters[types.isDataView(value) ? 1 : 0] as () => unknown, value, []) as object;
        if (!apply(hasKnown, this.#known, [buffer])) return 'a view of a buffer';
      }
    }
    if (depth === 0 || types.isTypedArray(value) || types.isModuleNamespaceObject(value)) return '';
    const keys = ownKeys(value);
    for (let i = 0; i < keys.length && i < 60; i++) {
      const property = getOwnPropertyDescriptor(value, keys[i] as PropertyKey);
      const leak = property === undefined ? '' : this.#leakIn(property.value, 'nobody', depth - 1);
      if (leak !== '') return `${leak} in ${String(keys[i])}`;
    }
    return '';
  }

  /** A number that lies in one of the process's mappings. */
  #isAddress(value: number): boolean {
    if (!isInteger(value) || value < 0x1_0000_0000 || value >= 2 ** 47) return false;
    const maps = readFileSync('/proc/self/maps', 'latin1');
    for (let at = 0; at < maps.length; ) {
      const dash = apply(indexOf, maps, ['-', at]) as number;
      const space = apply(indexOf, maps, [' ', dash]) as number;
      const from = toInt(apply(slice, maps, [at, dash]) as string, 16);
      const to = toInt(apply(slice, maps, [dash + 1, space]) as string, 16);
      if (value >= from && value < to) return true;
      at = (apply(indexOf, maps, ['\n', space]) as number) + 1;
    }
    return false;
  }
}

function nameOf(value: object): string {
  for (let at: object | null = value; at !== null; at = getPrototypeOf(at) as object | null) {
    const made = getOwnPropertyDescriptor(at, 'constructor')?.value as { name?: unknown } | undefined;
    if (typeof made === 'function') return String((made as { name: unknown }).name);
  }
  return 'without a class';
}

function stackSites(): Site[] {
  const { prepareStackTrace, stackTraceLimit } = RealError;
  RealError.stackTraceLimit = 14;
  RealError.prepareStackTrace = (_, sites) => sites;
  const sites = new RealError().stack as unknown as Site[];
  RealError.stackTraceLimit = stackTraceLimit;
  if (prepareStackTrace === undefined) delete (RealError as { prepareStackTrace?: unknown }).prepareStackTrace;
  else RealError.prepareStackTrace = prepareStackTrace;
  return typeof sites === 'object' ? sites : [];
}

/** What a descriptor or an iterator's result would be misread by. */
const lyingNames = ' get set value writable enumerable configurable done shared ';

/** Something else of the same kind. */
function lie({ name, key, before }: Place, truth: unknown): unknown {
  // What a source is, the program says.
  if (includes(name, 'Response.') || includes(name, 'ReadableStream.')) return truth;
  if (before === undefined) {
    if (typeof key === 'string' && includes(lyingNames, ` ${key} `))
      return key === 'get' || key === 'set' ? () => 0x41414141 : true;
    return typeof key === 'string' && key >= '0' && key <= '9~' ? 0x41414141 : undefined;
  }
  switch (typeof truth) {
    case 'number':
      return is(truth, 0x41414140) ? 0 : 0x41414140;
    case 'bigint':
      return 0x41414141_41414140n;
    case 'boolean':
      return !truth;
    case 'string':
      return `${truth}lie`;
    case 'undefined':
      return 0x41414140;
    default:
      return truth;
  }
}
