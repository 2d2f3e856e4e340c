/** Threads of a script: each runs its commands in a worker, with the memories that it shares with the thread that starts it. */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { loadEngine, type Namespace } from '../support/engine.js';
import { type Command, readScript } from './format.js';
import { ScriptRunner } from './script.js';

/** How a worker loads the same engine. */
export interface EngineChoice {
  readonly engine: string;
  readonly options: string;
}

interface ThreadTask extends EngineChoice {
  /** Of the script's file. */
  readonly path: string;
  readonly commands: readonly Command[];
  /** Exported memories by instance and name. */
  readonly shared: Readonly<Record<string, Record<string, unknown>>>;
  /** Word 0: 1 when the thread has ended; word 1: length of the text that follows, a list of what went wrong. */
  readonly result: SharedArrayBuffer;
}

const resultBytes = 65536;
const textAt = 8;
const patience = 60_000;

/** The threads that one script has started. */
export class Threads {
  readonly #choice: EngineChoice;
  readonly #path: string;
  readonly #results = new Map<string, SharedArrayBuffer>();

  constructor(choice: EngineChoice, path: string) {
    this.#choice = choice;
    this.#path = path;
  }

  start(name: string, commands: readonly Command[], shared: ThreadTask['shared']): void {
    const result = new SharedArrayBuffer(resultBytes);
    const task: ThreadTask = { ...this.#choice, path: this.#path, commands, shared, result };
    this.#results.set(name, result);
    const worker = new Worker(new URL(import.meta.url), { workerData: task });
    worker.unref();
  }

  /** Wait for the end of a thread: what went wrong in it. */
  wait(name: string): string[] {
    const result = this.#results.get(name);
    if (result === undefined) return [`no thread ${name}`];
    const words = new Int32Array(result);
    if (Atomics.wait(words, 0, 0, patience) === 'timed-out') return [`thread ${name} does not end`];
    const text = Buffer.from(new Uint8Array(result, textAt, words[1]));
    return JSON.parse(text.toString()) as string[];
  }
}

/** In the worker. */
async function runThread({ path, commands, shared, result, engine, options }: ThreadTask): Promise<void> {
  const messages: string[] = [];
  try {
    const namespace: Namespace = await loadEngine(engine, options);
    const runner = new ScriptRunner(namespace, readScript(path), path, { engine, options });
    for (const [name, exports] of Object.entries(shared)) runner.share(name, exports);
    for (const command of commands) {
      const { ok, message } = runner.run(command);
      if (!ok) messages.push(`line ${command.line} ${command.type}: ${message}`);
    }
  } catch (error) {
    messages.push(String(error));
  }
  const text = Buffer.from(JSON.stringify(messages)).subarray(0, resultBytes - textAt);
  new Uint8Array(result, textAt).set(text);
  const words = new Int32Array(result);
  words[1] = text.length;
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
}

if (!isMainThread && (workerData as Partial<ThreadTask> | null)?.result instanceof SharedArrayBuffer) {
  await runThread(workerData as ThreadTask);
}
