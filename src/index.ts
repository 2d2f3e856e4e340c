/**
 * Beamline: a streaming WebAssembly engine for Node.js.
 *
 *     import { WebAssembly } from 'beamline';
 *     const { instance } = await WebAssembly.instantiateStreaming('https://example.org/module.wasm', imports);
 */
import { defaultEngine } from './runtime/default-engine.js';
import type { WebAssemblyNamespace } from './runtime/namespace.js';

export type { DebugOptions } from './debug.js';
export type * from './runtime/api-types.js';
export type { CompileOptions, CompileProgress, StreamOptions } from './runtime/compilation.js';
export { defaultEngine } from './runtime/default-engine.js';
export { Engine, type EngineStatistics } from './runtime/engine.js';
export type { CompileErrorDetails } from './runtime/errors.js';
export type { InstantiatedSource, WebAssemblyNamespace } from './runtime/namespace.js';
export type { EngineOptions, ResolvedOptions } from './runtime/options.js';

/** The namespace of the default engine. */
export const WebAssembly: WebAssemblyNamespace = defaultEngine().WebAssembly;
