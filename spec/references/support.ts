import { Engine } from '../../src/index.js';
import { wat } from '../api/wat.js';

// biome-ignore lint/suspicious/noExplicitAny: exports and imports of test modules.
export type Any = any;

/** Engines whose collector runs when it thinks fit, and at every safepoint. */
export const engines: readonly { readonly name: string; make(): Engine }[] = [
  { name: 'as usual', make: () => new Engine() },
  { name: 'gcStress', make: () => new Engine({ debug: { gcStress: true } }) },
  { name: 'gcStress, forced spills', make: () => new Engine({ debug: { gcStress: true, forceSpills: true } }) },
];

/** Exports of a new instance. */
export function instantiate(engine: Engine, source: string | Uint8Array, imports: Record<string, Any> = {}): Any {
  const { WebAssembly } = engine;
  const module = new WebAssembly.Module(typeof source === 'string' ? wat(source) : source);
  return new WebAssembly.Instance(module, imports).exports;
}
