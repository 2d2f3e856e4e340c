/**
 * Errors whose `stack` has wasm frames between those of JS. Most errors of traps are caught and their stacks never
 * read, so the text is made when it is first asked for, as V8 does it: `stack` is an accessor until then, afterwards
 * the property that V8's errors have.
 */
import type { WebAssemblyErrorConstructor } from './errors.js';
import { type LocatedFrame, WasmCallSite } from './wasm-call-site.js';

/** Stands for the error where V8 captures the JS frames. */
interface Capture {
  readonly name: string;
  readonly message: string;
  readonly stack?: unknown;
}

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
  defineStack(error, capture, frames, Math.max(0, limit));
  return error;
}

/** Has no effect where somebody has frozen `Error`. */
function setLimit(limit: unknown): void {
  Reflect.set(Error, 'stackTraceLimit', limit);
}

function defineStack(error: Error, capture: Capture, frames: readonly LocatedFrame[], limit: number): void {
  let pending: Capture | undefined = capture;
  let wasmFrames: readonly LocatedFrame[] = frames;
  let value: unknown;
  const get = (): unknown => {
    if (pending !== undefined) {
      const captured = pending;
      // Code that formats stacks can ask for this one meanwhile: V8 answers undefined.
      pending = undefined;
      let done = false;
      try {
        value = format(error, captured, wasmFrames, limit);
        done = true;
      } finally {
        if (!done) pending = captured;
      }
      wasmFrames = [];
      redefine(error, value, false);
    }
    return value;
  };
  const set = function (this: unknown, replacement: unknown): void {
    if (this === error) redefine(error, replacement, false);
    else if (typeof this === 'object' && this !== null) redefine(this, replacement, true);
  };
  Object.defineProperty(error, 'stack', { get, set, enumerable: false, configurable: true });
}

/** Fails silently on a frozen object. */
function redefine(object: object, value: unknown, enumerable: boolean): void {
  Reflect.defineProperty(object, 'stack', { value, writable: true, enumerable, configurable: true });
}

/**
 * What `stack` is: made by `Error.prepareStackTrace`, Node's or the program's, from the JS frames that V8 captured and the
 * wasm frames between them.
 */
function format(error: Error, capture: Capture, frames: readonly LocatedFrame[], limit: number): unknown {
  const { prepareStackTrace } = Error;
  const isReplaced = Reflect.set(Error, 'prepareStackTrace', (_: unknown, captured: NodeJS.CallSite[]) => {
    Error.prepareStackTrace = prepareStackTrace;
    const sites = mergeFrames(captured, frames).slice(0, limit);
    if (typeof prepareStackTrace === 'function') return Error.prepareStackTrace(error, sites);
    return [Error.prototype.toString.call(error), ...sites].join('\n    at ');
  });
  try {
    return capture.stack;
  } finally {
    if (isReplaced) Error.prepareStackTrace = prepareStackTrace;
  }
}

/** Where the engine itself is. */
const engine = new URL('.', import.meta.url).href;

/**
 * Put the wasm frames where they belong between the JS frames. A host call goes through the dispatcher: its frame stands
 * for the wasm frames below. The engine's other frames are left out.
 */
function mergeFrames(captured: readonly NodeJS.CallSite[], frames: readonly LocatedFrame[]): NodeJS.CallSite[] {
  const sites: NodeJS.CallSite[] = [];
  let next = 0;
  const addActivation = (): void => {
    const activation = frames[next]?.activation;
    for (; next < frames.length && frames[next]?.activation === activation; next++) {
      sites.push(new WasmCallSite(frames[next] as LocatedFrame) as unknown as NodeJS.CallSite);
    }
  };
  addActivation();
  for (const site of captured) {
    if (site.getFileName()?.startsWith(engine) !== true) sites.push(site);
    else if (site.getFunctionName() === 'dispatch') addActivation();
  }
  return sites;
}
