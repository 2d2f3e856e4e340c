/** The child process of a peer: waits for requests and runs job functions with the peer's WebAssembly namespace. */
import type { WebAssemblyNamespace } from '../src/index.js';
import type { EngineName, Reply, Request } from './peers.js';

/** Both engines have the same interface as far as the jobs use it. */
export async function namespaceOf(engine: EngineName): Promise<WebAssemblyNamespace> {
  if (engine === 'beamline') return (await import('../src/index.js')).WebAssembly;
  return Reflect.get(globalThis, 'WebAssembly');
}

type Job = (wasm: WebAssemblyNamespace, argument: unknown) => unknown;

if (process.send !== undefined) {
  const engine = process.argv[2] as EngineName;
  let wasm: WebAssemblyNamespace | undefined;
  const answer = async (request: Request): Promise<Reply> => {
    try {
      wasm ??= await namespaceOf(engine);
      const file: Record<string, Job> = await import(`./job-${request.job}.js`);
      const job = file[request.name];
      if (job === undefined) throw new Error(`bench/job-${request.job}.ts has no function ${request.name}`);
      return { value: await job(wasm, request.argument) };
    } catch (error) {
      return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
  process.on('message', async (request: Request) => {
    process.send!(await answer(request));
  });
}
