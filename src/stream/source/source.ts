/** Sources: whatever a module can come from, made into one pull source of byte chunks. */
import type { Readable } from 'node:stream';
import { types } from 'node:util';
import { isView, match, ownPromise } from '../../support/primordials.js';
import type { Turns } from '../../support/turns.js';
import { openFile } from './source-file.js';
import { urls } from './source-http.late.js';
import { type ByteSource, describe, PullSource, type Upstream } from './source-pull.js';
import { type AnyResponse, fromResponse, isResponse } from './source-response.js';
import {
  fromAsyncIterable,
  fromBuffer,
  fromNodeStream,
  fromWebStream,
  isAsyncIterable,
  isNodeStream,
  isWebStream,
  type WebStream,
} from './source-stream.js';

const { isAnyArrayBuffer, isPromise: isNativePromise } = types;

export type { ByteSource } from './source-pull.js';

/**
 * What a module can be read from:
 * a string that begins with `http:`, `https:`, `file:`, `data:` or `blob:` is a URL, every other string a path;
 * a `URL`; a `Response` (global or undici's); a web `ReadableStream`; a Node `Readable`; an async iterable of
 * `Uint8Array`; a buffer.
 */
export type SourceInput =
  | string
  | URL
  | AnyResponse
  | WebStream
  | Readable
  | AsyncIterable<Uint8Array>
  | ArrayBufferView
  | ArrayBuffer
  | SharedArrayBuffer;

export interface SourceOptions {
  /** Aborting makes the pending call reject with the signal's reason and releases the source. */
  readonly signal?: AbortSignal | undefined;
  /** Accept responses of any MIME type; the standard demands exactly `application/wasm`. */
  readonly anyMimeType?: boolean | undefined;
  /** The turns of the event loop that the reader of the source takes and gives: a source that always has bytes may not keep others waiting. */
  readonly turns?: Turns | undefined;
}

/**
 * Open a source.
 * @param input what to read, or a promise of it. A buffer is copied before the call returns.
 * @param api how errors name the caller.
 * @throws TypeError for an input of the wrong kind, a response that the standard refuses, a network error, a file
 *   that cannot be opened (with the system's code); the signal's reason.
 */
export async function openSource(
  input: SourceInput | PromiseLike<SourceInput>,
  options: SourceOptions = {},
  api = 'WebAssembly.compileStreaming()',
): Promise<ByteSource> {
  const { signal, anyMimeType = false, turns } = options;
  if (signal?.aborted) {
    release(input, signal.reason);
    throw signal.reason;
  }
  let settled = isPromise(input) ? await withSignal(input, signal) : input;
  // The standard reacts to a promise of the response: who reads the body right after the call comes first.
  if (settled === input && typeof input === 'object' && isResponse(input)) settled = await input;
  const opening = openUpstream(settled, anyMimeType, signal, api);
  const upstream = isNativePromise(opening) ? await ownPromise(opening) : opening;
  const source = new PullSource(upstream, api, signal, turns);
  if (signal?.aborted) {
    await source.cancel(signal.reason);
    throw signal.reason;
  }
  return source;
}

function openUpstream(
  input: unknown,
  anyMimeType: boolean,
  signal: AbortSignal | undefined,
  api: string,
): Upstream | Promise<Upstream> {
  if (typeof input === 'string') {
    if (match(/^(?:https?|data|blob):/i, input) !== null) return urls().openUrl(input, anyMimeType, signal);
    return openFile(match(/^file:/i, input) === null ? input : new URL(input));
  }
  if (isView(input) || isAnyArrayBuffer(input)) return fromBuffer(input);
  if (typeof input === 'object' && input !== null) {
    if (input instanceof URL) {
      return input.protocol === 'file:' ? openFile(input) : urls().openUrl(input.href, anyMimeType, signal);
    }
    if (isResponse(input)) return fromResponse(input, anyMimeType);
    if (isNodeStream(input)) return fromNodeStream(input);
    if (isWebStream(input)) return fromWebStream(input);
    if (isAsyncIterable(input)) return fromAsyncIterable(input);
  }
  const kinds = 'a URL, a path, a Response, a stream, an async iterable of Uint8Array or a buffer';
  throw new TypeError(`${api}: Argument 0 must be ${kinds} (or a promise of one), not ${describe(input)}`);
}

function isPromise(value: unknown): value is PromiseLike<SourceInput> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** Waits for the input; what arrives after an abort is released. */
function withSignal(input: PromiseLike<SourceInput>, signal: AbortSignal | undefined): Promise<SourceInput> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      release(input, signal?.reason);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    input.then(
      (value) => {
        signal?.removeEventListener('abort', onAbort);
        resolve(value);
      },
      (error) => {
        signal?.removeEventListener('abort', onAbort);
        reject(error);
      },
    );
  });
}

/** Let go of an input that will not be read, now or when its promise resolves. */
function release(input: unknown, reason: unknown): void {
  if (typeof input !== 'object' || input === null) return;
  if (isPromise(input)) {
    input.then(
      (value) => release(value, reason),
      () => {},
    );
  } else if (isResponse(input)) {
    if (input.body !== null && !input.body.locked) input.body.cancel(reason).catch(() => {});
  } else if (isNodeStream(input)) {
    input.on('error', () => {});
    input.destroy();
  } else if (isWebStream(input)) {
    if (!input.locked) input.cancel(reason).catch(() => {});
  }
}
