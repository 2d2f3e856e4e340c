/**
 * Is a file the code image that is wanted? Who loads one runs what is in it: so all of it is under a hash, and who knows
 * the hash of what was made says so.
 */
import { charCodeAt, Int32Array, type Uint8Array } from '../../support/primordials.js';
import type { EngineState } from '../api/engine-state.js';
import { type ContentHash, hashOf } from '../compile/known-modules.js';
import { changesCode, codeVersion } from '../compile/shared-code.js';
import {
  cpuMask,
  damaged,
  engineVersion,
  Head,
  ImageError,
  ImageOption,
  imageFormat,
  imageMagic,
  versionWords,
} from './format.js';

const hashWords = 8;

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
  readonly module: Uint8Array;
  readonly wasm: Uint8Array;
}

/** The words of the header. @throws ImageError if it is none, or of another format, or not whole */
function headOf(image: Uint8Array): Int32Array {
  const bytes = 4 * Head.words;
  if (image.length < bytes) throw new ImageError('format', 'not a code image (too short)');
  const words = new Int32Array(Head.words);
  for (let i = 0; i < bytes; i++) words[i >> 2] = (words[i >> 2] as number) | ((image[i] as number) << (8 * (i & 3)));
  if (words[Head.magic] !== imageMagic) throw new ImageError('format', 'not a code image');
  if (words[Head.format] !== imageFormat) {
    throw new ImageError('format', `format ${words[Head.format]}, this engine reads format ${imageFormat}`);
  }
  if (words[Head.size] !== image.length) damaged(`${image.length} bytes of ${words[Head.size]}`);
  return words;
}

/** The hash that an image of these bytes has in its header: of all that is behind it. */
export function contentHash(image: Uint8Array): ContentHash {
  return hashOf(image.subarray(4 * (Head.hash + hashWords)));
}

const digits = '0123456789abcdef';

/** By what an image is known: the hash that is in its header, 64 hexadecimal digits. */
export function imageHash(image: Uint8Array): string {
  let text = '';
  for (let i = 4 * Head.hash; i < 4 * (Head.hash + hashWords); i++) {
    const byte = image[i] as number;
    text += (digits[byte >> 4] as string) + (digits[byte & 15] as string);
  }
  return text;
}

/** True if the header has this hash there. */
function hasHash(image: Uint8Array, field: Head, hash: ContentHash): boolean {
  for (let i = 0; i < hash.length; i++) if (image[4 * field + i] !== charCodeAt(hash, i)) return false;
  return true;
}

/**
 * Find out whether an image is whole, the one that is expected, and made for this engine and processor.
 * @param expected the `imageHash` of what was made, for those who know it
 * @param content the hash of the module's bytes, for those who have them
 * @throws ImageError
 */
export function checkImage(
  engine: EngineState,
  image: Uint8Array,
  expected: string | undefined,
  content: ContentHash | undefined,
): void {
  const head = headOf(image);
  if (expected !== undefined && imageHash(image) !== expected) {
    throw new ImageError('unexpected', 'another one than expected, or damaged');
  }
  if (!hasHash(image, Head.hash, contentHash(image))) damaged('its hash is another');
  const version = versionWords();
  let same = head[Head.codeVersion] === codeVersion;
  for (let i = 0; i < version.length; i++) same &&= head[Head.engineVersion + i] === version[i];
  if (!same) throw new ImageError('version', `made by another version of the engine, this one is ${engineVersion}`);
  const cpu = head[Head.cpu] as number;
  if ((cpu & ~cpuMask(engine.machine.cpu)) !== 0) throw new ImageError('processor', 'made for another processor');
  if (((head[Head.options] as number) & ~ImageOption.linked) !== optionsOf(engine)) {
    throw new ImageError('options', 'made for other options (bounds, debug switches)');
  }
  if (content !== undefined && !hasHash(image, Head.wasmHash, content)) {
    throw new ImageError('module', 'made from another module');
  }
}

/** The `ImageOption`s that an engine needs, -1 if debug switches make its code one of its own. */
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
    module: part(Head.module),
    wasm: part(Head.wasm),
  };
  if (at !== image.length) damaged('parts');
  const { functions, code, codeBytes, constants, entries } = parts;
  // An entry takes a byte at least.
  if (functions < 0 || functions > entries.length) damaged('functions');
  if (codeBytes < 0 || codeBytes > code.length || code.length % 16 !== 0 || constants.length % 16 !== 0)
    damaged('code');
  return parts;
}
