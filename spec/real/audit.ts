/**
 * Preload after `beamline/register`: V8's own compile functions throw from now on, and each thread that ends leaves its
 * engine's statistics in the folder BEAMLINE_AUDIT.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { defaultEngine } from '../../src/index.js';

export interface Audit {
  readonly program: string;
  readonly functionsCompiled: number;
  readonly codeEmitted: number;
  readonly bytesRead: number;
}

const v8 = (globalThis as Record<symbol, unknown>)[Symbol.for('beamline.spec.v8')] as Record<string, unknown>;
if (v8 === undefined) throw new Error('v8-before was not loaded');
if ((globalThis as { WebAssembly?: unknown }).WebAssembly === v8) throw new Error("the global WebAssembly is V8's");

const compilers = ['compile', 'compileStreaming', 'instantiate', 'instantiateStreaming', 'Module', 'Instance'];
for (const name of [...compilers, 'validate']) {
  v8[name] = function () {
    throw new Error(`V8's WebAssembly.${name} was called`);
  };
}

// Read now: programs may clear their environment.
const folder = process.env['BEAMLINE_AUDIT'];

// A package that stops its child process by a signal gets the same audit.
process.once('SIGTERM', () => process.exit(143));

process.on('exit', () => {
  const { functionsCompiled, codeEmitted, bytesRead } = defaultEngine().statistics();
  const audit: Audit = { program: process.argv[1] ?? '', functionsCompiled, codeEmitted, bytesRead };
  if (folder) writeFileSync(join(folder, `${process.pid}-${threadId}.json`), JSON.stringify(audit));
});
