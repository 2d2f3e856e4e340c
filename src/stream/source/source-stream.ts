/** In-process sources: web streams, Node streams, async iterables, buffers. */

import type { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { bare, isView, Uint8Array, viewOf } from '../../support/primordials.js';
import type { Upstream } from './source-pull.js';

/** Web streams come in two type declarations (DOM and node:stream/web) for the same class. */
export type WebStream = ReadableStream<Uint8Array> | NodeReadableStream<Uint8Array>;

export function isWebStream(value: object): value is WebStream {
  return typeof (value as { getReader?: unknown }).getReader === 'function';
}

/** By what it can do: the class would have to be loaded for it. */
export function isNodeStream(value: object): value is Readable {
  const stream = value as Partial<Readable>;
  return typeof stream.pipe === 'function' && typeof stream.read === 'function' && typeof stream.destroy === 'function';
}

export function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return typeof (value as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator] === 'function';
}

/**
 * A web stream. Takes its lock until the end.
 * @throws TypeError if the stream is locked.
 */
export function fromWebStream(stream: WebStream, name = 'the ReadableStream', length?: number): Upstream {
  const reader = (stream as ReadableStream<unknown>).getReader();
  return bare({
    name,
    ...(length === undefined ? {} : { length }),
    pull: () => reader.read(),
    async stop(reason, ended) {
      // A pending read settles as soon as the stream is cancelled.
      if (!ended) await reader.cancel(reason);
      reader.releaseLock();
    },
  });
}

/** A Node stream: destroyed at the end, on an error and when cancelled. */
export function fromNodeStream(stream: Readable): Upstream {
  const iterator = stream[Symbol.asyncIterator]();
  return bare({
    name: 'the Readable',
    pull: () => iterator.next(),
    stop() {
      // Not `iterator.return()`, which would wait for a pending read; not with an error, which is told already.
      stream.on('error', () => {});
      stream.destroy();
    },
  });
}

/** An async iterable; its iterator is told to return when the source is given up. */
export function fromAsyncIterable(iterable: AsyncIterable<unknown>): Upstream {
  const iterator = iterable[Symbol.asyncIterator]();
  let pulling = false;
  return bare({
    name: 'the async iterable',
    async pull() {
      pulling = true;
      const result = await iterator.next();
      pulling = false;
      return result;
    },
    async stop(_reason, ended) {
      if (ended) return;
      // A generator queues `return` behind the pending `next`, which may never settle: then nobody waits for it.
      const returned = giveUp(iterator);
      if (!pulling) await returned;
    },
  });
}

/** What goes wrong has nobody left to hear it. */
async function giveUp(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // See above.
  }
}

/** A buffer, copied at once: the caller may change it from now on. */
export function fromBuffer(source: ArrayBufferView | ArrayBuffer | SharedArrayBuffer): Upstream {
  const view = isView(source) ? viewOf(source) : new Uint8Array(source);
  let chunk: Uint8Array | null = new Uint8Array(view);
  return bare({
    name: 'the buffer',
    length: chunk.length,
    async pull() {
      const value = chunk;
      chunk = null;
      return bare({ done: value === null, value });
    },
    stop() {
      chunk = null;
    },
  });
}
