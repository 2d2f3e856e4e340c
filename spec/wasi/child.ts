/** Runs one WASI program with `node:wasi` on the global `WebAssembly`: `node child.js JSON`. */
import { readFileSync } from 'node:fs';
import { WASI, type WASIOptions } from 'node:wasi';

export interface Task {
  readonly module: string;
  readonly options: Omit<WASIOptions, 'version'>;
  /** Calls of exports after `initialize`, for a reactor; a command is started instead. */
  readonly calls?: readonly [name: string, ...args: number[]][];
}

interface Engine {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ exports: Record<string, (...args: number[]) => number> }>;
}

const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
const task = JSON.parse(process.argv[2] as string) as Task;
const wasi = new WASI({ version: 'preview1', ...task.options });
const module = await engine.compile(readFileSync(task.module));
const instance = await engine.instantiate(module, wasi.getImportObject() as object);
try {
  if (task.calls === undefined) {
    process.exitCode = wasi.start(instance);
  } else {
    wasi.initialize(instance);
    for (const [name, ...args] of task.calls) console.log(`${name}(${args}) = ${instance.exports[name]?.(...args)}`);
  }
  if ((task.options.env as Record<string, string>)['AGAIN'] !== undefined) wasi.start(instance);
} catch (error) {
  console.error(String(error));
  process.exitCode = 99;
}
