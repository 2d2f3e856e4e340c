/** An engine whose modules come from code images: each is compiled, made an image of, and loaded from that. */
import { baselineCpu } from '../../src/backends/x64/cpu.js';
import type { Engine } from '../../src/index.js';
import { EngineState } from '../../src/runtime/api/engine-state.js';
import { createNamespace, type WebAssemblyNamespace } from '../../src/runtime/api/namespace.js';
import { type EngineOptions, resolveOptions } from '../../src/runtime/api/options.js';
import { loadImage } from '../../src/runtime/image/load.js';
import { type ImageTarget, makeImage } from '../../src/runtime/image/maker.js';
import type { Module } from '../../src/runtime/webidl/api-types.js';

export interface ImageEngine {
  readonly state: EngineState;
  readonly namespace: WebAssemblyNamespace;
  /** What an image for the engine is made for. */
  readonly target: ImageTarget;
  /** The same engine with its public face, as far as tests use it. */
  readonly face: Engine;
}

export function newImageEngine(options: EngineOptions = {}): ImageEngine {
  const state = new EngineState(resolveOptions(options));
  const namespace = createNamespace(state);
  const { debug } = state.options;
  const face = {
    WebAssembly: namespace,
    gc: () => state.collectReferences(),
    withDeadline: <T>(ms: number, run: () => T) => state.machine.withDeadline(ms, run),
    statistics: () => state.statistics(),
  };
  return {
    state,
    namespace,
    target: { cpu: baselineCpu, bounds: state.memoryPlan.bounds, smallWorld: debug.smallWorld },
    face: face as unknown as Engine,
  };
}

/** The Module object of a module that was loaded from an image. */
export function moduleFromImage(engine: ImageEngine, wasm: Uint8Array, image: Uint8Array): Module {
  return loadImage(engine.state, wasm, image).newObject();
}

/** A namespace whose `Module` makes an image of each module and loads it: for harnesses that run on any engine. */
export function throughImages(options: EngineOptions, linked: boolean): WebAssemblyNamespace {
  const engine = newImageEngine(options);
  const { namespace, state } = engine;
  const target: ImageTarget = { ...engine.target, cpu: state.machine.cpu, linked };
  function Module(bytes: Uint8Array<ArrayBuffer>): Module {
    // The compiler has the words for what is wrong.
    if (!namespace.validate(bytes)) return new namespace.Module(bytes);
    const wasm = new Uint8Array(bytes);
    return moduleFromImage(engine, wasm, makeImage(wasm, target));
  }
  return Object.create(namespace, { Module: { value: Module } });
}
