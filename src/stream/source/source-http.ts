/** URLs, fetched through undici. */
import { Writable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Upstream } from './source-pull.js';
import { ByteQueue } from './source-queue.js';
import { contentLength, fromResponse, innermostMessage, refusal, responseError } from './source-response.js';

const maxRedirections = 20;

type Headers = Record<string, string | string[] | undefined>;

/**
 * Fetch a URL (http, https, data, blob) on a connection of its own that is closed with the source. Redirects are
 * followed (at most 20), encoded bodies (gzip, deflate, br) are decoded.
 *
 * The body is read as fast as it comes, not as fast as it is compiled: the parser of undici 7 must never be paused,
 * because a connection that ends meanwhile fails an assertion that nobody can catch (nodejs/undici#5360).
 * @throws TypeError as `fromResponse`, or on network errors; the signal's reason when aborted.
 */
export async function openUrl(url: string, anyMimeType: boolean, signal?: AbortSignal): Promise<Upstream> {
  const { protocol, href } = new URL(url);
  // Loaded on first use: undici compiles its HTTP parser, itself a WebAssembly module, when it is loaded.
  const undici = await import('undici');
  signal?.throwIfAborted();
  if (protocol !== 'http:' && protocol !== 'https:') {
    return fromResponse(await undici.fetch(href, signal === undefined ? {} : { signal }), anyMimeType);
  }
  const agent = new undici.Agent();
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });

  let body: ByteQueue | null = null;
  const stop = async (reason: unknown, ended: boolean): Promise<void> => {
    if (!ended) controller.abort(reason);
    await agent.destroy();
  };
  try {
    return await new Promise<Upstream>((resolve, reject) => {
      const options = {
        method: 'GET' as const,
        headers: { accept: '*/*', 'accept-encoding': 'gzip, deflate, br' },
        signal: controller.signal,
        dispatcher: agent.compose(undici.interceptors.redirect({ maxRedirections })),
      };
      const onHeaders = ({ statusCode, headers }: { statusCode: number; headers: Headers }): Writable => {
        const length = checkHeaders(statusCode, headers, anyMimeType);
        body = new ByteQueue(href, length, stop);
        const sink = decoder(headerText(headers, 'content-encoding'), body);
        resolve(body);
        return sink;
      };
      undici.stream(href, options, onHeaders).catch((error: unknown) => {
        if (body === null) reject(error);
        else body.fail(signal?.aborted ? signal.reason : body.broken(innermostMessage(error), error));
      });
    });
  } catch (error) {
    await agent.destroy();
    signal?.throwIfAborted();
    // A refusal is what it is; everything else went wrong on the way.
    if (error instanceof TypeError) throw error;
    throw new TypeError(`cannot fetch ${href}: ${innermostMessage(error)}`, { cause: error });
  } finally {
    // From here on the source itself listens to the signal.
    signal?.removeEventListener('abort', onAbort);
  }
}

/** A header's value as fetch gives it: several lines joined. */
function headerText(headers: Headers, name: string): string | null {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : (value ?? null);
}

/** Returns the length of the body if it is known. */
function checkHeaders(status: number, headers: Headers, anyMimeType: boolean): number | undefined {
  if (status >= 300 && status < 400 && headers['location'] !== undefined) {
    throw new Error(`more than ${maxRedirections} redirects`);
  }
  const problem = refusal(status, headerText(headers, 'content-type') ?? '', anyMimeType);
  if (problem !== null) throw responseError(problem);
  return contentLength(headerText(headers, 'content-length'), headerText(headers, 'content-encoding'));
}

/** Takes the body's bytes as they come, decodes them and puts them in the queue; never asks the sender to wait. */
function decoder(encoding: string | null, queue: ByteQueue): Writable {
  const names = (encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  // The encodings are listed in the order in which they were applied (RFC 9110, 8.4).
  const transforms = names
    .filter((name) => name !== '' && name !== 'identity')
    .reverse()
    .map(transform);
  const [first] = transforms;
  if (first === undefined) {
    return sink(
      (chunk) => queue.push(chunk),
      () => queue.end(),
      () => {},
    );
  }
  const giveUp = (): void => {
    for (const stage of transforms) stage.destroy();
  };
  let last = first;
  for (const next of transforms.slice(1)) last = last.pipe(next);
  for (const stage of transforms) {
    stage.on('error', (error) => queue.fail(queue.broken(error.message, error)));
  }
  last.on('data', (chunk: Uint8Array) => {
    if (!queue.push(chunk)) giveUp();
  });
  last.on('end', () => queue.end());
  return sink(
    (chunk) => first.write(chunk),
    () => first.end(),
    giveUp,
  );
}

function transform(encoding: string): ReturnType<typeof createGunzip> {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'deflate') return createInflate();
  if (encoding === 'br') return createBrotliDecompress();
  throw new TypeError(`WebAssembly response has the unknown content encoding '${encoding}'`);
}

function sink(write: (chunk: Uint8Array) => void, end: () => void, giveUp: () => void): Writable {
  return new Writable({
    highWaterMark: 2 ** 31,
    write(chunk: Uint8Array, _encoding, done) {
      write(chunk);
      done();
    },
    final(done) {
      end();
      done();
    },
    destroy(error, done) {
      if (error !== null) giveUp();
      done(error);
    },
  });
}
