/** Chunks that a network delivers, kept until the consumer asks for them. */
import { bare, isolate, List, Promise } from '../../support/primordials.js';
import type { Upstream } from './source-pull.js';

/**
 * Most bytes of one module from the network: what a WebAssembly implementation accepts at most (JS API,
 * "Implementation-defined Limits": 1 GiB). The engine keeps all bytes of a module anyway, so that reading ahead of
 * the compiler costs no more memory than the module; this bounds hostile bodies, encoded ones included.
 */
const largestBody = 2 ** 30;

export class ByteQueue implements Upstream {
  static {
    isolate(this);
  }

  readonly name: string;
  declare readonly length?: number;
  readonly #stop: (reason: unknown, ended: boolean) => void | Promise<void>;
  #chunks: Uint8Array[] = new List();
  #head = 0;
  #received = 0;
  #over: { readonly error: unknown } | 'ended' | null = null;
  /** Wakes the pull that waits for a chunk. */
  #wake: (() => void) | null = null;

  constructor(
    name: string,
    length: number | undefined,
    stop: (reason: unknown, ended: boolean) => void | Promise<void>,
  ) {
    this.name = name;
    if (length !== undefined) this.length = length;
    this.#stop = stop;
  }

  /** A chunk has arrived; it is the queue's from now on. Returns false if no more are wanted. */
  push(chunk: Uint8Array): boolean {
    if (this.#over !== null) return false;
    if (chunk.length === 0) return true;
    this.#received += chunk.length;
    if (this.#received > largestBody) {
      this.fail(new RangeError(`${this.name}: the body is larger than ${largestBody} bytes`));
      return false;
    }
    this.#chunks.push(chunk);
    this.#notify();
    return true;
  }

  /** The body is complete; a body shorter than its announced length is not. */
  end(): void {
    const missing = this.length !== undefined && this.#received < this.length;
    if (missing) this.fail(this.broken('it is truncated'));
    else this.#finish('ended');
  }

  /** The body broke off: what arrived before is delivered, then the error. */
  fail(error: unknown): void {
    this.#finish({ error });
  }

  /** The error for a body that breaks off. */
  broken(why: string, cause?: unknown): TypeError {
    const progress =
      this.length === undefined ? `${this.#received} bytes` : `${this.#received} of ${this.length} bytes`;
    return new TypeError(`${this.name}: the body broke off after ${progress}: ${why}`, { cause });
  }

  async pull(): Promise<{ done: boolean; value?: Uint8Array }> {
    for (;;) {
      if (this.#head < this.#chunks.length) {
        const value = this.#chunks[this.#head++] as Uint8Array;
        // Consumed chunks are dropped when they are half of the list: O(1) per chunk.
        if (2 * this.#head >= this.#chunks.length) {
          this.#chunks = this.#chunks.slice(this.#head);
          this.#head = 0;
        }
        return bare({ done: false, value });
      }
      if (this.#over === 'ended') return bare({ done: true });
      if (this.#over !== null) throw this.#over.error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  stop(reason: unknown, ended: boolean): void | Promise<void> {
    this.#finish({ error: reason });
    this.#chunks = new List();
    this.#head = 0;
    return this.#stop(reason, ended);
  }

  #finish(how: { readonly error: unknown } | 'ended'): void {
    this.#over ??= how;
    this.#notify();
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
