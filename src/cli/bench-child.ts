/** The child process of one engine in `beamline bench`: compiles and calls what its parent asks for. */
import type { WebAssemblyNamespace } from '../runtime/api/namespace.js';
import { ModuleCopy } from './module-copy.js';

/** What the parent sends. */
export type BenchRequest =
  | { readonly kind: 'open'; readonly bytes: Uint8Array }
  | { readonly kind: 'compile'; readonly times: number }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly unknown[];
      readonly times: number;
    };

/** Milliseconds of processor time (compile: of all threads), and what a call returned. */
export interface BenchReply {
  readonly ms?: number;
  readonly result?: string;
  readonly error?: string;
}

const engine = process.argv[2];
let wasm: WebAssemblyNamespace;
let copies: ModuleCopy | undefined;
let exports: Record<string, unknown> | undefined;

function processMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function handle(request: BenchRequest): BenchReply {
  switch (request.kind) {
    case 'open':
      copies = new ModuleCopy(request.bytes);
      return {};
    case 'compile': {
      const modules = Array.from({ length: request.times }, () => (copies as ModuleCopy).next());
      const start = processMs();
      for (const bytes of modules) new wasm.Module(bytes);
      return { ms: (processMs() - start) / request.times };
    }
    case 'call': {
      exports ??= new wasm.Instance(new wasm.Module((copies as ModuleCopy).next())).exports;
      const target = exports[request.name] as (...args: unknown[]) => unknown;
      let result: unknown;
      const start = processMs();
      for (let i = 0; i < request.times; i++) result = target(...request.args);
      return { ms: (processMs() - start) / request.times, result: String(result) };
    }
  }
}

function answer(request: BenchRequest): void {
  let reply: BenchReply;
  try {
    reply = handle(request);
  } catch (error) {
    reply = { error: error instanceof Error ? error.message : String(error) };
  }
  process.send?.(reply);
}

async function start(): Promise<void> {
  wasm = engine === 'beamline' ? (await import('../index.js')).WebAssembly : Reflect.get(globalThis, 'WebAssembly');
  process.on('message', answer);
  process.send?.({});
}

void start();
