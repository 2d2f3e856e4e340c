/** Loading code images: a module is there as if it had just been compiled, and nothing of it is decoded again. */
import type { ModuleInfo } from '../../stream/module.js';
import { moduleOfWords } from '../../stream/module-words.js';
import { MemoryBudget, MemoryBudgetError } from '../../support/memory-budget.js';
import { Int32Array, Uint8Array } from '../../support/primordials.js';
import { layoutOf } from '../../tiering/context-layout.js';
import type { EngineState } from '../api/engine-state.js';
import { createInstance } from '../api/instantiation.js';
import { CompiledModule } from '../api/module.js';
import { findOrAdopt, hashOf } from '../compile/known-modules.js';
import { ModuleSignatures } from '../compile/module-signatures.js';
import { CompileError } from '../errors/errors.js';
import type { Exports } from '../webidl/api-types.js';
import { checkImage, type ImageParts, readImage } from './check.js';
import { ImageCode } from './code.js';
import { damaged, ImageError, NumberReader } from './format.js';

const who = 'loadImage()';

/**
 * The module of these bytes, with an image's code. It is found by its bytes from now on, like one that was compiled.
 * @param wasm the module's bytes; they are the engine's from now on, and nobody changes them
 * @param image is not looked at any more when this returns
 * @param expected the `imageHash` of what was made, for those who know it
 * @throws ImageError if the image cannot be used: compile the module instead; CompileError if the module is above the
 *   engine's limits; CodeMemoryError if the code memory is used up
 */
export function loadImage(engine: EngineState, wasm: Uint8Array, image: Uint8Array, expected?: string): CompiledModule {
  engine.checkUsable();
  const content = hashOf(wasm);
  const known = engine.reusesCode ? findOrAdopt(engine, content, wasm, who) : undefined;
  if (known !== undefined) return known;
  checkImage(engine, image, expected, content);
  const module = build(engine, readImage(image), wasm);
  module.share(engine.reusesCode ? content : undefined);
  return module;
}

/**
 * A module of the engine's own, which comes with the package as an image: nobody finds it by its bytes, and it has no Module
 * object.
 * @param image is not looked at any more when this returns
 * @param expected the `imageHash` of what was made
 * @param wasm the module's bytes, if they are not in the image
 * @throws ImageError, CompileError, CodeMemoryError as `loadImage`
 */
export function ownModule(engine: EngineState, image: Uint8Array, expected: string, wasm?: Uint8Array): CompiledModule {
  engine.checkUsable();
  checkImage(engine, image, expected, wasm === undefined ? undefined : hashOf(wasm));
  const parts = readImage(image);
  if (wasm === undefined && parts.wasm.length === 0) throw new ImageError('module', 'the module is not in it');
  return build(engine, parts, wasm ?? new Uint8Array(parts.wasm));
}

/** The exports of a new instance of an `ownModule`. @throws also what instantiation throws */
export function instantiateImage(
  engine: EngineState,
  image: Uint8Array,
  expected: string,
  imports: object,
  wasm?: Uint8Array,
): Exports {
  return createInstance(engine, ownModule(engine, image, expected, wasm), imports, 'instantiateImage()').exports;
}

function build(engine: EngineState, parts: ImageParts, wasm: Uint8Array): CompiledModule {
  const { moduleCode, moduleSize, compileMemory } = engine.options.limits;
  if (wasm.length > moduleSize) {
    throw new CompileError(`${who}: size > maximum module size (${moduleSize}): ${wasm.length}`);
  }
  if (parts.codeBytes > moduleCode) {
    throw new CompileError(`${who}: machine code > limits.moduleCode (${moduleCode} bytes)`);
  }
  const memory = new MemoryBudget(compileMemory);
  try {
    memory.take(wasm.length);
    return assemble(engine, parts, infoOf(parts, wasm, memory), memory);
  } catch (error) {
    if (!(error instanceof MemoryBudgetError)) throw error;
    throw new CompileError(`${who}: compile memory > limits.compileMemory (${error.limit} bytes)`);
  }
}

function infoOf({ module, functions }: ImageParts, wasm: Uint8Array, memory: MemoryBudget): ModuleInfo {
  if (module.length % 4 !== 0) damaged('what it says about the module');
  const words = new Int32Array(module.length / 4);
  new Uint8Array(words.buffer).set(module);
  const info = moduleOfWords(words, wasm, memory);
  if (info === undefined || info.functionCount - info.importedFunctions !== functions) {
    return damaged('what it says about the module');
  }
  return info;
}

function assemble(engine: EngineState, parts: ImageParts, info: ModuleInfo, memory: MemoryBudget): CompiledModule {
  const signatures = new ModuleSignatures(engine.signatures, info.types, memory);
  try {
    const reader = new NumberReader(parts.types);
    for (let n = reader.count(1); n > 0; n--) {
      const type = reader.unsigned();
      if (type >= info.types.length) damaged('a type');
      signatures.at(type);
    }
    const code = new ImageCode(parts, engine.machine.code, engine.machine.stubs);
    memory.end();
    return new CompiledModule(engine, info, layoutOf(info), code, signatures);
  } catch (error) {
    signatures.release();
    throw error;
  }
}
