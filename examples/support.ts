/** What the examples share: where their modules are, and a small local server. */
import { existsSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

/** Path of a file of `examples/wasm`, from wherever the compiled example runs. */
export function modulePath(name: string, from: string = import.meta.dirname): string {
  const path = join(from, 'examples', 'wasm', name);
  return existsSync(path) ? path : modulePath(name, dirname(from));
}

/** A server on this machine; `await using` closes it, with all its connections. */
export async function serve(listener: RequestListener): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
