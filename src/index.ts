/**
 * Beamline: a streaming WebAssembly engine for Node.js.
 *
 *     import { WebAssembly } from 'beamline';
 *     const { instance } = await WebAssembly.instantiateStreaming('https://example.org/module.wasm', imports);
 */
import { defaultEngine } from './runtime/api/default-engine.js';
import type { WebAssemblyNamespace } from './runtime/api/namespace.js';

export type { DebugOptions } from './debug.js';
export { defaultEngine } from './runtime/api/default-engine.js';
export { Engine, type EngineStatistics } from './runtime/api/engine.js';
export type { InstantiatedSource, WebAssemblyNamespace } from './runtime/api/namespace.js';
export type { EngineOptions, ResolvedOptions } from './runtime/api/options.js';
export type { SliceOptions } from './runtime/api/time-slices.js';
export type { CompileOptions, CompileProgress, StreamOptions } from './runtime/compile/compilation.js';
export type { CompileErrorDetails } from './runtime/errors/errors.js';
export type * from './runtime/webidl/api-types.js';

/** The namespace of the default engine. */
export const WebAssembly: WebAssemblyNamespace = defaultEngine().WebAssembly;
