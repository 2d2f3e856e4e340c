/** The one sink that the core has: calls of it are direct. */
export { FunctionCompiler as BodySink } from '../emitter/compiler';
