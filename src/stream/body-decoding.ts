/** Decoding bodies in JavaScript: a part of its own, for most modules are decoded by the core that is WebAssembly. */
export { BodyDecoder } from './body.js';
export { originOf } from './body-origin.js';
