/** What an engine needs to do anything: all rooms below the API. */
export { EngineState } from './engine-state.js';
export { createNamespace } from './namespace.js';
export { slicedFunction } from './promising.js';
