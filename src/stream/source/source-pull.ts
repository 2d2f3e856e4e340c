/** The one pull source behind all kinds of input: chunk checks, abort, release exactly once. */

import { types } from 'node:util';
import { isolate, Promise, String, viewOf } from '../../support/primordials.js';
import { Turns } from '../../support/turns.js';

/**
 * A normalised source of bytes. The consumer copies each chunk before it asks for the next one: a source may
 * reuse its buffer from then on. Only one `next()` may be under way at a time.
 */
export interface ByteSource {
  /** Number of bytes to come, if known beforehand (file size, buffer size, Content-Length of an unencoded body). */
  readonly length?: number;
  /** What messages call the source: a URL, a path, or the kind of stream. */
  readonly name: string;
  /** The next chunk, never empty; null at the end. Rejects with the abort reason, or with what went wrong. */
  next(): Promise<Uint8Array | null>;
  /**
   * Give up: a pending and all later `next()` reject with `reason`, sockets, files and locks are released.
   * Resolves when that is done, never rejects; harmless after the end, after an error, or twice.
   */
  cancel(reason: unknown): Promise<void>;
}

const { isUint8Array } = types;

/** Where the chunks of a `PullSource` come from. */
export interface Upstream {
  readonly name: string;
  readonly length?: number;
  /** One chunk, or `done`. Never called again before it settled. */
  pull(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
  /** Release everything; called once, after the end, an error or a cancellation. Must not wait for a pending pull. */
  stop(reason: unknown, ended: boolean): void | Promise<void>;
}

export class PullSource implements ByteSource {
  static {
    isolate(this);
  }

  readonly name: string;
  declare readonly length?: number;
  readonly #upstream: Upstream;
  readonly #api: string;
  readonly #signal: AbortSignal | undefined;
  readonly #turns: Turns;
  #over: 'ended' | 'failed' | null = null;
  #failure: unknown = undefined;
  #stopped: Promise<void> | null = null;
  /** Rejects the `next()` that is under way. */
  #reject: ((reason: unknown) => void) | null = null;
  readonly #onAbort = (): void => this.#fail(this.#signal?.reason);

  /** @param api how errors name the caller, for example `WebAssembly.compileStreaming()`. */
  constructor(upstream: Upstream, api: string, signal?: AbortSignal, turns: Turns = new Turns()) {
    this.#turns = turns;
    this.#upstream = upstream;
    this.#api = api;
    this.#signal = signal;
    this.name = upstream.name;
    if (upstream.length !== undefined) this.length = upstream.length;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  async next(): Promise<Uint8Array | null> {
    if (this.#over === 'failed') throw this.#failure;
    if (this.#over === 'ended') return null;
    if (this.#reject !== null) throw new Error('next() called while another next() is under way');
    return await new Promise((resolve, reject) => {
      this.#reject = reject;
      void this.#settle(resolve, reject);
    });
  }

  /** The end of a `next()`, unless something else has ended it meanwhile. */
  async #settle(resolve: (chunk: Uint8Array | null) => void, reject: (reason: unknown) => void): Promise<void> {
    try {
      const chunk = await this.#pull();
      if (this.#reject === reject) this.#reject = null;
      resolve(chunk);
    } catch (error) {
      this.#fail(error);
    }
  }

  async cancel(reason: unknown): Promise<void> {
    this.#fail(reason);
    await this.#stopped;
  }

  async #pull(): Promise<Uint8Array | null> {
    for (;;) {
      const { done, value } = await this.#upstream.pull();
      // Whatever the upstream does, empty chunks for ever included: others have their turn, and may abort.
      if (this.#turns.due) await this.#turns.turn();
      if (this.#over !== null) throw this.#failure;
      if (done) {
        this.#finish('ended', undefined);
        return null;
      }
      if (!isUint8Array(value)) {
        throw new TypeError(`${this.#api}: ${this.name} yielded ${describe(value)} instead of a Uint8Array`);
      }
      if (viewOf(value).length > 0) return value;
    }
  }

  #fail(reason: unknown): void {
    if (this.#over !== null) return;
    this.#failure = reason;
    this.#finish('failed', reason);
    this.#reject?.(reason);
    this.#reject = null;
  }

  #finish(how: 'ended' | 'failed', reason: unknown): void {
    this.#over = how;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    // What goes wrong while letting go has nobody left to hear it: the stream's own result is decided already.
    this.#stopped = this.#stop(reason, how === 'ended');
  }

  async #stop(reason: unknown, ended: boolean): Promise<void> {
    try {
      await this.#upstream.stop(reason, ended);
    } catch {
      // See above.
    }
  }
}

/** A short description of a value of the wrong type. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return 'a string';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object') return `a ${typeof value}`;
  const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object';
}
