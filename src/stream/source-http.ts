/** Responses and URLs, with the rules of the WebAssembly Web API (section 3, "Streaming Module Compilation"). */
import type { Response as UndiciResponse } from 'undici';
import type { Upstream } from './source-pull.js';
import { describe } from './source-pull.js';
import { fromWebStream } from './source-stream.js';

/** A response of the global fetch or of undici's. */
export type AnyResponse = Response | UndiciResponse;

export function isResponse(value: object): value is AnyResponse {
  return (
    Object.prototype.toString.call(value) === '[object Response]' &&
    typeof (value as Partial<Response>).status === 'number' &&
    typeof (value as Partial<Response>).headers?.get === 'function'
  );
}

/**
 * A response's body.
 * @throws TypeError (code ERR_WEBASSEMBLY_RESPONSE, as in Node) if the MIME type is not exactly application/wasm
 *   (unless `anyMimeType`), the status is not ok, or the body was used; the body is cancelled then.
 */
export async function fromResponse(response: AnyResponse, anyMimeType: boolean): Promise<Upstream> {
  const problem = responseProblem(response, anyMimeType);
  if (problem !== null) {
    const error = Object.assign(new TypeError(`WebAssembly response ${problem}`), { code: 'ERR_WEBASSEMBLY_RESPONSE' });
    if (response.body !== null && !response.body.locked) await response.body.cancel(error).catch(() => {});
    throw error;
  }
  const name = response.url === '' ? 'the Response' : response.url;
  if (response.body === null) return { name, length: 0, pull: async () => ({ done: true }), stop() {} };
  const length = contentLength(response);
  const upstream = fromWebStream(response.body as ReadableStream<Uint8Array>, name, length);
  // A response that the program made itself has no URL: its stream's errors are the program's own.
  return response.url === '' ? upstream : new NetworkBody(upstream);
}

function responseProblem(response: AnyResponse, anyMimeType: boolean): string | null {
  // "Extra parameters are not allowed, including the empty `application/wasm;`" (Web API, 3.1).
  const type = (response.headers.get('content-type') ?? '').replace(/^[\t ]+|[\t ]+$/g, '');
  if (!anyMimeType && type.toLowerCase() !== 'application/wasm') return `has unsupported MIME type '${type}'`;
  if (!response.ok) return `has status code ${response.status}`;
  if (response.bodyUsed || response.body?.locked) return 'body has already been used';
  return null;
}

/** Content-Length counts the bytes on the wire: of use only if they are the module's. */
function contentLength(response: AnyResponse): number | undefined {
  const encoding = response.headers.get('content-encoding') ?? 'identity';
  const value = response.headers.get('content-length');
  return encoding.trim().toLowerCase() === 'identity' && value !== null && /^\d+$/.test(value)
    ? Number(value)
    : undefined;
}

/** A body from the network: says how far it came when it breaks off. */
class NetworkBody implements Upstream {
  readonly name: string;
  declare readonly length?: number;
  readonly #body: Upstream;
  #received = 0;

  constructor(body: Upstream) {
    this.#body = body;
    this.name = body.name;
    if (body.length !== undefined) this.length = body.length;
  }

  async pull(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }> {
    let result: Awaited<ReturnType<Upstream['pull']>>;
    try {
      result = await this.#body.pull();
    } catch (error) {
      // fetch reports network errors as TypeError; anything else is the program's own doing (an abort).
      if (!(error instanceof Error) || error.name !== 'TypeError') throw error;
      throw new TypeError(`${this.name}: the body broke off, ${this.#progress()} were read: ${reason(error)}`, {
        cause: error,
      });
    }
    if (result.done) {
      if (this.length !== undefined && this.#received < this.length) {
        throw new TypeError(`${this.name}: the body is truncated, it ended after ${this.#progress()}`);
      }
    } else {
      this.#received += (result.value as Uint8Array).length;
    }
    return result;
  }

  stop(why: unknown, ended: boolean): void | Promise<void> {
    return this.#body.stop(why, ended);
  }

  #progress(): string {
    return this.length === undefined ? `${this.#received} bytes` : `${this.#received} of ${this.length} bytes`;
  }
}

/**
 * Fetch a URL (http, https, data, blob) through undici, on a connection of its own that is closed with the source.
 * Redirects are followed (at most 20), encoded bodies (gzip, deflate, br) are decoded.
 * @throws TypeError as `fromResponse`, or on network errors; the signal's reason when aborted.
 */
export async function openUrl(url: string, anyMimeType: boolean, signal?: AbortSignal): Promise<Upstream> {
  // Loaded on first use: undici compiles its HTTP parser, itself a WebAssembly module, when it is loaded.
  const { Agent, fetch } = await import('undici');
  signal?.throwIfAborted();
  const agent = new Agent({ pipelining: 0 });
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const response = await fetch(url, { dispatcher: agent, signal: controller.signal });
    const body = await fromResponse(response, anyMimeType);
    return {
      name: body.name,
      ...(body.length === undefined ? {} : { length: body.length }),
      pull: () => body.pull(),
      async stop(why, ended) {
        await Promise.resolve(body.stop(why, ended)).catch(() => {});
        if (!ended) controller.abort(why);
        await agent.destroy();
      },
    };
  } catch (error) {
    await agent.destroy();
    signal?.throwIfAborted();
    throw error instanceof TypeError && error.message === 'fetch failed'
      ? new TypeError(`cannot fetch ${url}: ${reason(error)}`, { cause: error })
      : error;
  } finally {
    // From here on the source itself listens to the signal.
    signal?.removeEventListener('abort', onAbort);
  }
}

/** The innermost message: fetch wraps what really happened. */
function reason(error: Error): string {
  let inner: unknown = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (inner instanceof AggregateError && inner.errors[0] instanceof Error) inner = inner.errors[0];
  return inner instanceof Error && inner.message !== '' ? inner.message : describe(inner);
}
