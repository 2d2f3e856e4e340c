/** The engine behind the exported `WebAssembly`, and behind the global one after `beamline/register`. */
import { Engine } from './engine.js';
import type { EngineOptions } from './options.js';

let engine: Engine | undefined;

/** The default engine, made when first asked for. */
export function defaultEngine(): Engine {
  engine ??= new Engine();
  return engine;
}

/**
 * Make the default engine with options.
 * @throws Error if it was made already; TypeError that names each wrong option.
 */
export function configureDefaultEngine(options: EngineOptions): void {
  if (engine !== undefined) throw new Error('the default engine was made already, its options cannot be set any more');
  engine = new Engine(options);
}
