/**
 * Which of Node's threads this is. `node:worker_threads` brings streams and all of a worker's inside; the kernel says it
 * for nothing where Node runs on the thread that the process began with.
 */
import { getpid, gettid, keepOpen } from './os.js';

const isFirstThread = gettid() === getpid();

function workerThreads(): typeof import('node:worker_threads') {
  return process.getBuiltinModule('node:worker_threads');
}

/** This is no worker. (A program that has Node built in may run it on any thread.) */
export const isMainThread: boolean = isFirstThread || workerThreads().isMainThread;

/** Node's id of this thread, 0 for the main thread; unique in the process. */
export const nodeThreadId: number = isMainThread ? 0 : workerThreads().threadId;

// koffi flushes the output descriptors when the process ends, and waits for ever if one is closed.
if (isMainThread) process.on('exit', () => [1, 2].forEach(keepOpen));

/** Processors that this process may use. */
export function availableProcessors(): number {
  return process.getBuiltinModule('node:os').availableParallelism();
}
