import { fileURLToPath } from 'node:url';

/** The module of the thread that optimizes functions. */
export const optimizerPath: string = fileURLToPath(new URL('./optimizer-worker.js', import.meta.url));
