/** The engine's end of the thread that optimizes functions. */
import type { MessagePort, Worker } from 'node:worker_threads';
import { FinalizationRegistry, isolate, WeakRef } from '../support/primordials.js';
import { optimizerPath } from './optimizer-url.js';
import type { Answer, OptimizerTarget, Request } from './tier-up-messages.js';

/** Who gets what the thread says, held weakly. */
export interface ThreadOwner {
  /** There is an answer, to be taken with `poll`. */
  answered(answer: Answer): void;
  /** The thread has ended, and takes what it was asked for with it. */
  lost(reason: string): void;
}

/** Threads of engines that are unreachable. */
const unreachable = new FinalizationRegistry<Worker>((worker) => void worker.terminate());

/**
 * A worker that keeps no process alive, and ends with the engine. It is made and asked where the event loop of this thread may not
 * turn for long: wasm code is paused. So answers can be taken without it.
 */
export class OptimizerThread {
  static {
    isolate(this);
  }

  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #receive: (port: MessagePort) => { message: unknown } | undefined;
  #hasEnded = false;

  /** @throws what Node says where no worker can be had */
  constructor(target: OptimizerTarget, owner: ThreadOwner) {
    const threads = process.getBuiltinModule('node:worker_threads');
    this.#receive = threads.receiveMessageOnPort;
    const { port1, port2 } = new threads.MessageChannel();
    this.#port = port1;
    // None of the program's flags: they could make it run the program's modules.
    this.#worker = new threads.Worker(optimizerPath, {
      workerData: { port: port2, target },
      transferList: [port2],
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    const held = new WeakRef(owner);
    port1.on('message', (answer: Answer) => held.deref()?.answered(answer));
    port1.unref();
    this.#worker.on('error', (error) => held.deref()?.lost(`its thread has failed: ${error.message}`));
    this.#worker.on('exit', () => held.deref()?.lost('its thread has ended'));
    this.#worker.unref();
    unreachable.register(owner, this.#worker, this);
  }

  ask(request: Request): void {
    this.#port.postMessage(request);
  }

  /** An answer that has come, undefined if there is none. */
  poll(): Answer | undefined {
    return this.#receive(this.#port)?.message as Answer | undefined;
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    unreachable.unregister(this);
    this.#worker.removeAllListeners();
    this.#port.close();
    void this.#worker.terminate();
  }
}
