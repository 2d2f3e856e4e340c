/** How Node becomes one of the engines that are compared, in the bench and by `beamline bench`. */

export type EngineName = 'beamline' | 'liftoff' | 'turbofan';

const nodeMajor = Number(process.versions.node.split('.')[0]);
/** Without it V8 only validates, and compiles a function when it is called first. */
const eager = '--no-wasm-lazy-compilation';
/** V8 from Node 23 on inlines across functions, which is not what is compared here. */
const noInlining = nodeMajor >= 23 ? ['--no-wasm-inlining', '--no-wasm-inlining-call-indirect'] : [];

/** Flags of Node that make it the engine. */
export const engineFlags: Readonly<Record<EngineName, readonly string[]>> = {
  beamline: [],
  liftoff: ['--liftoff-only', eager],
  turbofan: ['--no-liftoff', eager, ...noInlining],
};
