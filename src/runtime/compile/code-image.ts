/**
 * Loading code images (`image-format.ts`): the module is there as if it had just been compiled. Nothing that a file says
 * is used before it is checked: a wrong file is refused, and whatever is in one, nothing is written outside of the memory
 * that was allocated for it.
 */

import { CodeMap } from '../../backends/code/code-map.js';
import type { CodeSpace } from '../../backends/code/code-space.js';
import type { OwnedCode } from '../../backends/code/module-code.js';
import { StackMaps } from '../../backends/code/stack-maps.js';
import type { CompilerStubs } from '../../backends/code/target.js';
import { charCodeAt } from '../../support/primordials.js';
import type { EngineState } from '../api/engine-state.js';
import { CompiledModule } from '../api/module.js';
import { CompileError } from '../errors/errors.js';
import {
  cpuMask,
  damaged,
  engineVersion,
  Head,
  ImageError,
  ImageOption,
  imageFormat,
  imageMagic,
  NumberReader,
  stubOffsets,
  Target,
  versionWords,
} from './image-format.js';
import { type ContentHash, findOrAdopt, hashOf } from './known-modules.js';
import { SectionsDecoding } from './sections-decoding.js';
import { changesCode, codeVersion } from './shared-code.js';

const hashWords = 8;
/** Words of a node of stack maps, and of a site of the code map. */
const nodeWords = 4;
const siteWords = 3;

/** An image in its parts: views of the file. */
export interface ImageParts {
  readonly functions: number;
  readonly codeBytes: number;
  readonly code: Uint8Array;
  readonly constants: Uint8Array;
  readonly relocations: Uint8Array;
  readonly entries: Uint8Array;
  readonly sites: Uint8Array;
  readonly stackMaps: Uint8Array;
  readonly types: Uint8Array;
}

/** Where code was put that is to be relocated, and what it refers to. */
export interface ImagePlace {
  /** Code-memory offsets. */
  readonly code: number;
  readonly slots: number;
  readonly constants: number;
  /** As `stubOffsets` has them. */
  readonly stubs: ArrayLike<number>;
}

/** The words of the header. @throws ImageError if it is none, or of another format, or not whole */
function headOf(image: Uint8Array): Int32Array {
  const bytes = 4 * Head.words;
  if (image.length < bytes) throw new ImageError('format', 'too short');
  const words = new Int32Array(image.slice(0, bytes).buffer, 0, Head.words);
  if (words[Head.magic] !== imageMagic) throw new ImageError('format', 'not a code image');
  if (words[Head.format] !== imageFormat) {
    throw new ImageError('format', `format ${words[Head.format]}, this engine reads format ${imageFormat}`);
  }
  if (words[Head.size] !== image.length) damaged(`${image.length} bytes of ${words[Head.size]}`);
  return words;
}

/** The hash that an image of these bytes has in its header. */
export function imageHash(image: Uint8Array): ContentHash {
  return hashOf(image.subarray(4 * (Head.hash + hashWords)));
}

/** True if the header has this hash there. */
function hasHash(image: Uint8Array, field: Head, hash: ContentHash): boolean {
  for (let i = 0; i < hash.length; i++) if (image[4 * field + i] !== charCodeAt(hash, i)) return false;
  return true;
}

/**
 * Find out whether an image is whole, and made for this module, engine and processor.
 * @param content the hash of the module's bytes
 * @throws ImageError
 */
export function checkImage(engine: EngineState, content: ContentHash, image: Uint8Array): void {
  const head = headOf(image);
  if (!hasHash(image, Head.hash, imageHash(image))) damaged('its hash is another');
  const version = versionWords();
  let same = head[Head.codeVersion] === codeVersion;
  for (let i = 0; i < version.length; i++) same &&= head[Head.engineVersion + i] === version[i];
  if (!same) throw new ImageError('version', `made by another version of the engine, this one is ${engineVersion}`);
  const cpu = head[Head.cpu] as number;
  if ((cpu & ~cpuMask(engine.machine.cpu)) !== 0) throw new ImageError('processor', 'made for another processor');
  if (head[Head.options] !== optionsOf(engine)) {
    throw new ImageError('options', 'made for other options (bounds, debug switches)');
  }
  if (!hasHash(image, Head.wasmHash, content)) throw new ImageError('module', 'made from another module');
}

/** The `ImageOption`s of an engine, -1 if debug switches make its code one of its own. */
function optionsOf({ options, memoryPlan }: EngineState): number {
  const { debug } = options;
  if (changesCode({ ...debug, smallWorld: false })) return -1;
  return (
    (memoryPlan.bounds === 'check' ? ImageOption.checksBounds : 0) | (debug.smallWorld ? ImageOption.smallWorld : 0)
  );
}

/** Take an image apart. @throws ImageError if its parts are not what they have to be */
export function readImage(image: Uint8Array): ImageParts {
  const head = headOf(image);
  let at = 4 * Head.words;
  const part = (field: Head): Uint8Array => {
    const begin = at;
    const length = head[field] as number;
    if (length < 0 || length > image.length - begin) damaged('a part');
    at += length;
    return image.subarray(begin, at);
  };
  const parts: ImageParts = {
    functions: head[Head.functions] as number,
    codeBytes: head[Head.codeBytes] as number,
    code: part(Head.code),
    constants: part(Head.constants),
    relocations: part(Head.relocations),
    entries: part(Head.entries),
    sites: part(Head.sites),
    stackMaps: part(Head.stackMaps),
    types: part(Head.types),
  };
  if (at !== image.length) damaged('parts');
  const { functions, code, codeBytes, constants, entries } = parts;
  // An entry takes a byte at least.
  if (functions < 0 || functions > entries.length) damaged('functions');
  if (codeBytes < 0 || codeBytes > code.length || code.length % 16 !== 0 || constants.length % 16 !== 0)
    damaged('code');
  return parts;
}

/**
 * Make code right for its place.
 * @param view of the code, and of nothing else
 * @throws ImageError; then some of it is not right, and nothing else was touched
 */
export function relocate(view: DataView, { functions, constants, relocations }: ImageParts, place: ImagePlace): void {
  const { stubs, code } = place;
  const reader = new NumberReader(relocations);
  const slotBytes = 8 * functions;
  const constantBytes = constants.length;
  /** No field begins behind it. */
  const last = view.byteLength - 4;
  while (reader.left > 0) {
    const target = reader.unsigned();
    let at = 0;
    if (target === Target.slots) {
      const shift = place.slots - code;
      for (let n = reader.unsigned(); n > 0; n--, at += 4) {
        at += reader.unsigned();
        if (at > last) damaged('a field');
        const held = view.getInt32(at, true);
        const slot = held + at + 4;
        if (slot < 0 || slot >= slotBytes || (slot & 7) !== 0) damaged('a slot');
        view.setInt32(at, held + shift, true);
      }
    } else if (target === Target.constants) {
      const shift = place.constants - code;
      for (let n = reader.unsigned(); n > 0; n--, at += 4) {
        at += reader.unsigned();
        if (at > last) damaged('a field');
        const held = view.getInt32(at, true);
        // Up to four bytes of the instruction can follow its field.
        const constant = held + at + 4;
        if (constant < -4 || constant >= constantBytes || (-constant & 15) > 4) damaged('a constant');
        view.setInt32(at, held + shift, true);
      }
    } else {
      const stub = stubs[target - Target.firstStub];
      if (stub === undefined || stub === 0) damaged('a stub');
      for (let n = reader.unsigned(); n > 0; n--, at += 4) {
        at += reader.unsigned();
        if (at > last) damaged('a field');
        view.setInt32(at, stub - (code + at + 4), true);
      }
    }
  }
}

/** Machine code that came from an image: shared by the instances of its module, released once. */
export class ImageCode implements OwnedCode {
  readonly slots: number;
  readonly functions: number;
  readonly codeBytes: number;
  readonly spans: readonly number[];
  readonly #space: CodeSpace;
  readonly #parts: ImageParts;
  readonly #constants: number;
  #map: CodeMap | undefined;
  #stackMaps: StackMaps | undefined;
  #released = false;

  /**
   * Copy an image's code to where it can run, and publish it.
   * @param parts are its own from now on
   * @throws ImageError, CodeMemoryError
   */
  constructor(parts: ImageParts, space: CodeSpace, stubs: CompilerStubs) {
    const { functions, codeBytes, code, constants } = parts;
    this.#space = space;
    this.#parts = parts;
    this.functions = functions;
    this.codeBytes = codeBytes;
    const spans: number[] = [];
    this.spans = spans;
    this.slots = functions === 0 ? 0 : space.allocateData(8 * functions);
    this.#constants = 0;
    try {
      if (constants.length > 0) {
        this.#constants = space.allocateData(constants.length);
        space.bytes.set(constants, this.#constants);
      }
      if (code.length > 0) {
        const start = space.openSpan(code.length);
        const used = start + code.length;
        spans.push(start, used);
        space.trimCode(used, space.spanEnd);
        space.bytes.set(code, start);
        const { buffer, byteOffset } = space.bytes;
        const view = new DataView(buffer, byteOffset + start, code.length);
        const place = { code: start, slots: this.slots, constants: this.#constants, stubs: stubOffsets(stubs) };
        relocate(view, parts, place);
        this.#publish(start);
      } else if (functions > 0) damaged('functions');
    } catch (error) {
      this.release();
      throw error;
    }
  }

  get base(): number {
    return this.#space.base;
  }

  /** The entries of all functions. */
  #publish(start: number): void {
    const { entries, code } = this.#parts;
    const reader = new NumberReader(entries);
    let entry = 0;
    for (let i = 0; i < this.functions; i++) {
      entry += 16 * reader.unsigned();
      if (entry >= code.length) damaged('an entry');
      this.#space.writeEntry(this.slots + 8 * i, start + entry);
    }
    if (reader.left > 0) damaged('entries');
  }

  /** Most code never traps: its map is decoded when it is first looked at. */
  get map(): CodeMap {
    this.#map ??= this.#decodeMap();
    return this.#map;
  }

  #decodeMap(): CodeMap {
    const [start, end] = this.spans;
    if (start === undefined || end === undefined) return CodeMap.over(new Int32Array(0), new Int32Array(0));
    const reader = new NumberReader(this.#parts.sites);
    const sites = new Int32Array(siteWords * reader.count(siteWords));
    let code = start;
    let wasm = 0;
    for (let i = 0; i < sites.length; i += siteWords) {
      code += reader.unsigned();
      wasm += reader.signed();
      sites[i] = code;
      sites[i + 1] = wasm;
      sites[i + 2] = reader.unsigned();
    }
    return CodeMap.over(Int32Array.of(start, end, 0), sites);
  }

  get stackMaps(): StackMaps {
    this.#stackMaps ??= this.#decodeStackMaps();
    return this.#stackMaps;
  }

  #decodeStackMaps(): StackMaps {
    const reader = new NumberReader(this.#parts.stackMaps);
    const nodes = new Int32Array(reader.count(1));
    for (let i = 0; i < nodes.length; i++) nodes[i] = reader.signed();
    const lists = new Int32Array(reader.count(1));
    for (let i = 0; i < lists.length; i++) lists[i] = reader.signed();
    if (nodes.length % nodeWords !== 0) damaged('stack maps');
    return StackMaps.over(nodes, lists);
  }

  /** Give code, slots and constants back. The caller knows that no frame can return into them. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    const space = this.#space;
    const { constants } = this.#parts;
    const [start, end] = this.spans;
    if (start !== undefined && end !== undefined) space.freeCode(start, end);
    if (this.#constants !== 0) space.freeData(this.#constants, constants.length);
    if (this.functions > 0) space.freeData(this.slots, 8 * this.functions);
  }
}

const who = 'loadImage()';

/**
 * The module that an image was made from, with the image's code.
 * @param wasm the module's bytes; they and the image are the engine's from now on, and nobody changes them
 * @throws ImageError if the image cannot be used: compile the module instead; CompileError if the module is above the
 *   engine's limits; CodeMemoryError if the code memory is used up
 */
export function loadImage(engine: EngineState, wasm: Uint8Array, image: Uint8Array): CompiledModule {
  engine.checkUsable();
  const content = hashOf(wasm);
  const known = engine.reusesCode ? findOrAdopt(engine, content, wasm, who) : undefined;
  if (known !== undefined) return known;
  checkImage(engine, content, image);
  const parts = readImage(image);
  const { moduleCode } = engine.options.limits;
  if (parts.codeBytes > moduleCode) {
    throw new CompileError(`${who}: machine code > limits.moduleCode (${moduleCode} bytes)`);
  }
  const code = new ImageCode(parts, engine.machine.code, engine.machine.stubs);
  try {
    const sections = new SectionsDecoding(engine, wasm, who);
    sections.advance(wasm.length);
    const { info, layout, signatures } = sections.finish(usedTypes(parts));
    const module = new CompiledModule(engine, info, layout, code, signatures);
    module.share(engine.reusesCode ? content : undefined);
    return module;
  } catch (error) {
    code.release();
    throw error;
  }
}

function usedTypes({ types }: ImageParts): Int32Array {
  const reader = new NumberReader(types);
  const used = new Int32Array(reader.count(1));
  for (let i = 0; i < used.length; i++) used[i] = reader.unsigned();
  return used;
}
