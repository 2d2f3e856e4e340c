/** Responses, with the rules of the WebAssembly Web API (section 3, "Streaming Module Compilation"). */

import type { Response as UndiciResponse } from 'undici';
import { assignOwn, bare, lowerCase, match, Number, Object, Reflect } from '../../support/primordials.js';
import { Turns } from '../../support/turns.js';
import type { Upstream } from './source-pull.js';
import { describe } from './source-pull.js';
import { ByteQueue } from './source-queue.js';
import { fromWebStream } from './source-stream.js';

/** A response of the global fetch or of undici's. */
export type AnyResponse = Response | UndiciResponse;

const tagOf = Object.prototype.toString;

export function isResponse(value: object): value is AnyResponse {
  return (
    Reflect.apply(tagOf, value, []) === '[object Response]' &&
    typeof (value as Partial<Response>).status === 'number' &&
    typeof (value as Partial<Response>).headers?.get === 'function'
  );
}

/**
 * Why a response is refused, or null.
 * "Extra parameters are not allowed, including the empty `application/wasm;`" (Web API, 3.1).
 */
export function refusal(status: number, contentType: string, anyMimeType: boolean): string | null {
  const type = match(/^[\t ]*(.*?)[\t ]*$/s, contentType)?.[1] ?? '';
  if (!anyMimeType && lowerCase(type) !== 'application/wasm') return `has unsupported MIME type '${type}'`;
  return status >= 200 && status <= 299 ? null : `has status code ${status}`;
}

/** The error for a refused response, with the message and code that Node's own WebAssembly gives. */
export function responseError(problem: string): TypeError {
  return assignOwn(new TypeError(`WebAssembly response ${problem}`), { code: 'ERR_WEBASSEMBLY_RESPONSE' });
}

/** Content-Length counts the bytes on the wire: of use only if they are the module's. */
export function contentLength(length: string | null, encoding: string | null): number | undefined {
  const plain = encoding === null || match(/^\s*identity\s*$/i, encoding) !== null;
  return plain && length !== null && match(/^\d+$/, length) !== null ? Number(length) : undefined;
}

/**
 * A response's body.
 * @throws TypeError (code ERR_WEBASSEMBLY_RESPONSE, as in Node) if the MIME type is not exactly application/wasm
 *   (unless `anyMimeType`), the status is not ok, or the body was used; a body from the network is cancelled then.
 */
export async function fromResponse(response: AnyResponse, anyMimeType: boolean): Promise<Upstream> {
  const { headers, body } = response;
  let problem = refusal(response.status, headers.get('content-type') ?? '', anyMimeType);
  if (problem === null && (response.bodyUsed || body?.locked)) problem = 'body has already been used';
  if (problem !== null) {
    const error = responseError(problem);
    // The body of a response that the program made itself stays the program's, as the standard leaves all.
    if (body !== null && !body.locked && response.url !== '') await body.cancel(error).catch(() => {});
    throw error;
  }
  const name = response.url === '' ? 'the Response' : response.url;
  if (body === null) return bare({ name, length: 0, pull: async () => bare({ done: true }), stop() {} });
  const length = contentLength(headers.get('content-length'), headers.get('content-encoding'));
  const upstream = fromWebStream(body as ReadableStream<Uint8Array>, name, length);
  // A response that the program made itself has no URL: its stream's errors are the program's own.
  return response.url === '' ? upstream : readAhead(upstream);
}

/**
 * Reads a body from the network without waiting for the consumer, as `openUrl` does and for the same reason: undici 7
 * can fail an assertion, and with it the process, when a connection ends while its parser waits for the reader.
 */
function readAhead(body: Upstream): Upstream {
  const queue = new ByteQueue(body.name, body.length, (reason, ended) => body.stop(reason, ended));
  const turns = new Turns();
  const read = async (): Promise<void> => {
    try {
      for (;;) {
        const { done, value } = await body.pull();
        if (done) return queue.end();
        if (!queue.push(value as Uint8Array)) return;
        if (turns.due) await turns.turn();
      }
    } catch (error) {
      // fetch reports network errors as TypeError; anything else is the program's own doing (an abort).
      const network = error instanceof Error && error.name === 'TypeError';
      queue.fail(network ? queue.broken(innermostMessage(error), error) : error);
    }
  };
  void read();
  return queue;
}

/** The innermost message: errors of the network come wrapped. */
export function innermostMessage(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (inner instanceof AggregateError && inner.errors[0] instanceof Error) inner = inner.errors[0];
  return inner instanceof Error && inner.message !== '' ? inner.message : describe(inner);
}
