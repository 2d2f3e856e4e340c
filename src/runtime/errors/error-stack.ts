/**
 * Errors whose `stack` has wasm frames between those of JS: those of traps, and those that host functions threw. Most are
 * caught and their stacks never read, so the text is made when it is first asked for, as V8 does it: `stack` is an accessor
 * until then, afterwards the property that V8's errors have.
 */
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { bare, isArray, List, Math, Object, Reflect, startsWith, toArray } from '../../support/primordials.js';
import { generatedCode } from '../api/generated-call.js';
import { brand } from '../webidl/shape.js';
import type { WebAssemblyErrorConstructor } from './errors.js';
import { type LocatedFrame, WasmCallSite } from './wasm-call-site.js';

/** Stands for the error where V8 captures the JS frames. */
interface Capture {
  readonly name: string;
  readonly message: string;
  readonly stack?: unknown;
}

type Sites = readonly NodeJS.CallSite[];
type AnyFunction = (...args: never[]) => unknown;

/** Wasm frames, innermost first, of one activation or several. */
interface WasmFrames {
  readonly frames: readonly LocatedFrame[];
  /** JS and wasm frames alternate. */
  readonly isNested: boolean;
}

const errorText = Error.prototype.toString;

/** Frames of the engine at the bottom of an outermost activation, at most: `withDeadline`, an instance's start function. */
const ownFrames = 5;

/**
 * An error with the wasm frames `frames`, innermost first, and the JS frames of now.
 * @param isNested JS and wasm frames alternate.
 * @param below hide this function and what it called.
 */
export function errorWithStack(
  type: WebAssemblyErrorConstructor | RangeErrorConstructor,
  message: string,
  frames: readonly LocatedFrame[],
  isNested: boolean,
  below: (...args: never[]) => unknown,
): Error {
  const limit: unknown = Error.stackTraceLimit;
  const capture: Capture = { name: type.prototype.name, message };
  let error: Error;
  try {
    // Captured once, below; with more frames than asked for, because the engine's own are taken out.
    setLimit(undefined);
    error = Reflect.construct(Error, [message], type) as Error;
    if (typeof limit !== 'number') return error;
    setLimit(isNested ? 4 * limit : limit - frames.length + ownFrames);
    Error.captureStackTrace(capture, below);
  } finally {
    setLimit(limit);
  }
  defineStack(error, capture, frames, Math.max(0, limit), undefined);
  return error;
}

/** V8's getter of `stack`, where errors have one (Node 22 and newer): it can be called when the property is another. */
const nativeStack = Reflect.getOwnPropertyDescriptor(new Error(), 'stack')?.get;

/**
 * Give an error that leaves a host function the wasm frames below that function, unless it has them or was made elsewhere.
 * V8 has captured JS frames when the error was made, those of the engine instead of wasm's among them. Other values, and
 * errors whose stack is fixed or was read, stay as they are.
 * @param walk finds the frames of all activations that are active now, as many as asked for.
 * @param below the function that stands between the host function and wasm.
 */
export function addWasmFrames(error: unknown, walk: (most: number) => WasmFrames, below: AnyFunction): void {
  // Programs throw numbers and objects of their own very often.
  if (typeof error !== 'object' || !types.isNativeError(error)) return;
  if (!Object.isExtensible(error)) return;
  const limit: unknown = Error.stackTraceLimit;
  if (typeof limit !== 'number' || !(limit > 0)) return;
  let isSet = false;
  try {
    // Nothing that follows must be left half done where the stack is nearly full.
    descend(roomNeeded);
    const { frames, isNested } = walk(limit);
    const capture: Capture = { name: '', message: '' };
    isSet = true;
    setLimit(isNested ? 4 * limit : limit + ownFrames);
    Error.captureStackTrace(capture, below);
    const own = ownSites(error);
    if (own === undefined) return;
    defineStack(error, capture, frames, limit, own);
  } catch {
    // No room on the stack, or a program's setter on `Error` throws: the error itself matters more.
  } finally {
    if (isSet) setLimit(limit);
  }
}

/** Frames of this module's functions that fit on the stack before it does anything. */
const roomNeeded = 40;

function descend(depth: number): number {
  return depth === 0 ? 0 : 1 + descend(depth - 1);
}

/**
 * How to get the JS frames that V8 captured when the error was made; text if somebody has read them. Undefined if the
 * property is not V8's any more: it may be the one that an inner activation has defined.
 */
function ownSites(error: Error): (() => unknown) | undefined {
  if (nativeStack !== undefined) {
    const property = Reflect.getOwnPropertyDescriptor(error, 'stack');
    if (property?.get !== nativeStack || property.configurable !== true) return undefined;
    return () => unformatted(() => Reflect.apply(nativeStack, error, []));
  }
  // The property is gone when it is defined anew: frames are taken now, their text is not made.
  const property = unformatted(() => Reflect.getOwnPropertyDescriptor(error, 'stack'));
  return isArray(property?.value) ? () => property.value : undefined;
}

/** Read a stack; V8 gives call sites, unless it is text already. */
function unformatted<T>(read: () => T): T {
  const { prepareStackTrace } = Error;
  const isReplaced = Reflect.set(Error, 'prepareStackTrace', (_: unknown, sites: Sites) => sites);
  try {
    return read();
  } finally {
    if (isReplaced) Error.prepareStackTrace = prepareStackTrace;
  }
}

/** Has no effect where somebody has frozen `Error`. */
function setLimit(limit: unknown): void {
  Reflect.set(Error, 'stackTraceLimit', limit);
}

/** A stack that nobody has read. */
interface LazyStack {
  readonly error: Error;
  capture: Capture | undefined;
  frames: readonly LocatedFrame[];
  limit: number;
  /** The frames that V8 captured for the error itself; undefined for errors of traps. */
  own: (() => unknown) | undefined;
  value: unknown;
}

const lazyStacks = brand<LazyStack>();

/**
 * The property is an accessor with functions that all errors share: functions of its own would give each error a hidden
 * class of its own, which costs 15 us and lives until V8 collects all generations.
 */
function defineStack(
  error: Error,
  capture: Capture,
  frames: readonly LocatedFrame[],
  limit: number,
  own: (() => unknown) | undefined,
): void {
  const known = lazyStacks.get(error);
  if (known !== undefined) Object.assign(known, { capture, frames, limit, own, value: undefined });
  else lazyStacks.stamp(error, { error, capture, frames, limit, own, value: undefined });
  Object.defineProperty(error, 'stack', lazyProperty);
}

const lazyProperty: PropertyDescriptor = bare({
  get(this: unknown): unknown {
    const lazy = lazyStackOf(this);
    if (lazy === undefined) return undefined;
    const { error, capture } = lazy;
    if (capture !== undefined) {
      // Code that formats stacks can ask for this one meanwhile: V8 answers undefined.
      lazy.capture = undefined;
      let done = false;
      try {
        lazy.value = format(error, capture, lazy.frames, lazy.limit, lazy.own?.());
        done = true;
      } finally {
        if (!done) lazy.capture = capture;
      }
      lazy.frames = [];
      lazy.own = undefined;
      redefine(error, lazy.value, false);
    }
    return lazy.value;
  },
  set(this: unknown, replacement: unknown): void {
    if (typeof this === 'object' && this !== null) redefine(this, replacement, lazyStacks.get(this) === undefined);
  },
  enumerable: false,
  configurable: true,
});

/** That of the object that has the property: errors can be prototypes. */
function lazyStackOf(receiver: unknown): LazyStack | undefined {
  for (let object = receiver; typeof object === 'object' && object !== null; object = Object.getPrototypeOf(object)) {
    const lazy = lazyStacks.get(object);
    if (lazy !== undefined) return lazy;
  }
  return undefined;
}

/** Fails silently on a frozen object. */
function redefine(object: object, value: unknown, enumerable: boolean): void {
  Reflect.defineProperty(object, 'stack', bare({ value, writable: true, enumerable, configurable: true }));
}

/**
 * What `stack` is: made by `Error.prepareStackTrace`, Node's or the program's, from the JS frames that V8 captured and the
 * wasm frames between them.
 */
function format(error: Error, capture: Capture, frames: readonly LocatedFrame[], limit: number, own: unknown): unknown {
  if (own !== undefined && !isArray(own)) return own;
  const { prepareStackTrace } = Error;
  const isReplaced = Reflect.set(Error, 'prepareStackTrace', (_: unknown, captured: Sites) => {
    Error.prepareStackTrace = prepareStackTrace;
    const all = own === undefined ? mergeFrames(captured, frames) : joinFrames(own, captured, frames, limit);
    if (all.length > limit) all.length = limit;
    if (typeof prepareStackTrace === 'function') return Reflect.apply(prepareStackTrace, Error, [error, toArray(all)]);
    let text = Reflect.apply(errorText, error, []) as string;
    for (let i = 0; i < all.length; i++) text += `\n    at ${describeSite(all[i] as NodeJS.CallSite)}`;
    return text;
  });
  try {
    return capture.stack;
  } finally {
    if (isReplaced) Error.prepareStackTrace = prepareStackTrace;
  }
}

/** A frame's line, by its source map where those are enabled, as Node has it. */
function describeSite(site: NodeJS.CallSite): string {
  const text = site.toString();
  const file = site.getFileName();
  const { sourceMapsEnabled } = process as { sourceMapsEnabled?: boolean };
  if (sourceMapsEnabled !== true || !file || site instanceof WasmCallSite) return text;
  const map = process.getBuiltinModule('node:module').findSourceMap(file);
  const entry = map?.findEntry((site.getLineNumber() ?? 1) - 1, (site.getColumnNumber() ?? 1) - 1);
  if (entry === undefined || !('originalSource' in entry)) return text;
  const path = entry.originalSource.startsWith('file:') ? fileURLToPath(entry.originalSource) : entry.originalSource;
  return text.replace(/[^ (]+:\d+:\d+(?=\)?$)/, `${path}:${entry.originalLine + 1}:${entry.originalColumn + 1}`);
}

/** Where the engine itself is: the folder above the rooms, or that of the bundle. */
const engine = new URL('.', import.meta.url).href.replace(/runtime\/errors\/$/, '');
/** The same as a path: so V8 names the files of the bundle. */
const enginePath = fileURLToPath(engine);

/** True for a frame of the engine, and of code that it makes. */
function isOwn(site: NodeJS.CallSite): boolean {
  const file = site.getFileName() ?? '';
  if (startsWith(file, engine) || startsWith(file, enginePath)) return true;
  return site.getScriptNameOrSourceURL() === generatedCode;
}

/** Host calls are made by whoever entered wasm: its frame stands for the wasm frames. */
function isCrossing(site: NodeJS.CallSite): boolean {
  return site.getFunctionName() === 'runWasm' && isOwn(site);
}

/** Put the wasm frames where they belong between the JS frames below the innermost ones, without the engine's. */
function mergeFrames(captured: Sites, frames: readonly LocatedFrame[]): NodeJS.CallSite[] {
  const sites: NodeJS.CallSite[] = new List();
  let next = 0;
  const addActivation = (): void => {
    const activation = frames[next]?.activation;
    for (; next < frames.length && frames[next]?.activation === activation; next++) {
      sites.push(new WasmCallSite(frames[next] as LocatedFrame) as unknown as NodeJS.CallSite);
    }
  };
  addActivation();
  for (let i = 0; i < captured.length; i++) {
    const site = captured[i] as NodeJS.CallSite;
    if (!isOwn(site)) sites.push(site);
    else if (isCrossing(site)) addActivation();
  }
  return sites;
}

/**
 * The frames of an error that a host function threw: its own above the host call, then what was below when it left. An
 * error that was made in another call, or none, keeps its own.
 */
function joinFrames(own: Sites, below: Sites, frames: readonly LocatedFrame[], limit: number): NodeJS.CallSite[] {
  const { length } = own;
  let crossing = 0;
  while (crossing < length && !isCrossing(own[crossing] as NodeJS.CallSite)) crossing++;
  const sites: NodeJS.CallSite[] = new List();
  const addOthers = (from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      const site = own[i] as NodeJS.CallSite;
      if (!isOwn(site)) sites.push(site);
    }
  };
  addOthers(0, crossing);
  // V8 captured as many as the limit says: there may be no more than a part of the engine's frames.
  const isCut = length >= limit && length > 0 && isOwn(own[length - 1] as NodeJS.CallSite);
  if (crossing === length ? isCut : isSamePlace(own, crossing + 1, below)) {
    const merged = mergeFrames(below, frames);
    for (let i = 0; i < merged.length; i++) sites.push(merged[i] as NodeJS.CallSite);
  } else addOthers(crossing, length);
  return sites;
}

/** True if `some` from `first` on and `others` agree as far as both go. */
function isSamePlace(some: Sites, first: number, others: Sites): boolean {
  for (let i = first; i < some.length && i - first < others.length; i++) {
    const site = some[i] as NodeJS.CallSite;
    const other = others[i - first] as NodeJS.CallSite;
    if (site.getPosition() !== other.getPosition() || site.getFileName() !== other.getFileName()) return false;
  }
  return true;
}
