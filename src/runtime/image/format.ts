/**
 * The file format of code images: machine code of one module, made ahead of time, that any process with a processor of
 * its level can load. All numbers are little-endian.
 *
 *     header        `Head`, 32-bit words
 *     code          one piece, position independent but for the fields that `relocations` names
 *     constants     the vector constants, 16 bytes each
 *     relocations   groups: target, number of fields, distance of each field from the end of the one before
 *     entries       distance of each own function's entry from the one before, in units of 16 bytes
 *     sites         the code map: number, then per site the distances of code and wasm offset, kind and aux
 *     stackMaps     the nodes' words, then the lists' words, each with their number before them
 *     types         indices of the types that something in the module uses
 *     module        what decoding has found out about the module (`moduleWords`), 32-bit words
 *     wasm          the module's bytes, or nothing: then they come from elsewhere
 *
 * From the relocations to the types all is LEB128 numbers. How the fields were found is the maker's business (`maker.ts`).
 * A field of 32 bits holds what is added to the distance between its target and the code's start, so that one addition of
 * a number that is the same for the whole group makes it right; fields that name stubs hold nothing.
 */
import type { CompilerStubs, CpuFeatures } from '../../backends/code/target.js';
import { charCodeAt, Int32Array, isolate, List, listWith, Uint8Array } from '../../support/primordials.js';

/** "BLCI" */
export const imageMagic = 0x49434c42;
/** To be raised with each change of the format. */
export const imageFormat = 4;
/** Version of the package: with another one contexts, records or stubs can be others. A test compares it with package.json. */
export const engineVersion = '0.1.0';

/** Words of the header. */
export const enum Head {
  magic = 0,
  format = 1,
  /** SHA-256 of everything behind it: eight words. */
  hash = 2,
  /** Bytes of the image. */
  size = 10,
  /** `codeVersion` of whoever made it. */
  codeVersion = 11,
  /** Four words of ASCII, zeros behind it. */
  engineVersion = 12,
  /** SHA-256 of the module: eight words. */
  wasmHash = 16,
  /** `cpuMask` of what the code uses. */
  cpu = 24,
  /** `ImageOption`s. */
  options = 25,
  functions = 26,
  /** Bytes of machine code without padding at the end, for statistics. */
  codeBytes = 27,
  /** Bytes of the parts, in the order of the file. */
  code = 28,
  constants = 29,
  relocations = 30,
  entries = 31,
  sites = 32,
  stackMaps = 33,
  types = 34,
  module = 35,
  wasm = 36,
  words = 37,
}

/** What shapes code besides module and processor. */
export const enum ImageOption {
  /** Accesses to memory are compared with its length. */
  checksBounds = 1,
  /** Made for the debug switch `smallWorld`. */
  smallWorld = 2,
  /** Functions call each other directly. All engines can run such code; none can put another function in the place of one. */
  linked = 4,
}

/** What a field names: the slots, the constants, or stub number n at `firstStub` + n. */
export const enum Target {
  slots = 0,
  constants = 1,
  firstStub = 2,
}

/** Why an image is refused. */
export type ImageProblem =
  /** Not an image, or of another format. */
  | 'format'
  /** Not what was written. */
  | 'damaged'
  /** Made by another version of the engine. */
  | 'version'
  /** It needs what this processor, or the engine's option `cpu`, does not have. */
  | 'processor'
  /** The engine's options shape code in another way. */
  | 'options'
  /** Made from another module, or without one. */
  | 'module'
  /** An image, but not the one that is expected. */
  | 'unexpected';

/** A code image cannot be used; whoever loads it compiles the module instead. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly problem: ImageProblem;

  constructor(problem: ImageProblem, message: string) {
    super(`code image: ${message}`);
    this.problem = problem;
  }
}

export function damaged(what: string): never {
  throw new ImageError('damaged', `damaged (${what})`);
}

const features = listWith<keyof CpuFeatures>('avx', 'avx2', 'bmi1', 'bmi2', 'lzcnt', 'popcnt', 'fma');

/** A bit per feature. */
export function cpuMask(cpu: CpuFeatures): number {
  let mask = 0;
  for (let i = 0; i < features.length; i++) if (cpu[features[i] as keyof CpuFeatures]) mask |= 1 << i;
  return mask;
}

/** The code offset of every stub, by the number that images have for it; 0 for those that are none. */
export function stubOffsets(stubs: CompilerStubs): number[] {
  const named = listWith(
    stubs.memoryFill,
    stubs.memoryCopy,
    stubs.memoryInit,
    stubs.memoryGrow,
    stubs.tableCopy,
    stubs.tableInit,
    stubs.tableFill,
    stubs.tableGrow,
    stubs.functionsCopy,
    stubs.functionsInit,
    stubs.functionsFill,
    stubs.tailCall,
    stubs.throwTag,
    stubs.throwRef,
    stubs.atomicNotify,
    stubs.atomicWait32,
    stubs.atomicWait64,
    stubs.memorySize,
    stubs.otherFill,
    stubs.otherCopy,
    stubs.otherInit,
    stubs.wideGrow,
    stubs.wideTableGrow,
  );
  const offsets = new List<number>(named.length + stubs.trap.length);
  for (let i = 0; i < named.length; i++) offsets[i] = named[i] as number;
  for (let code = 0; code < stubs.trap.length; code++) offsets[named.length + code] = stubs.trap[code] as number;
  return offsets;
}

/** The version as the header has it. */
export function versionWords(): Int32Array {
  const words = new Int32Array(4);
  for (let i = 0; i < engineVersion.length && i < 16; i++) {
    words[i >> 2] = (words[i >> 2] as number) | (charCodeAt(engineVersion, i) << (8 * (i & 3)));
  }
  return words;
}

/** Writes the numbers behind the constants. */
export class NumberWriter {
  static {
    isolate(this);
  }

  #bytes = new Uint8Array(1024);
  #length = 0;

  /** 0 to 2^32 - 1 */
  unsigned(value: number): void {
    if (this.#length + 5 > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    let rest = value >>> 0;
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  /** -2^31 to 2^31 - 1; small numbers of either sign are short. */
  signed(value: number): void {
    this.unsigned((value << 1) ^ (value >> 31));
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Reads them, and nothing else. */
export class NumberReader {
  static {
    isolate(this);
  }

  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws ImageError at the end */
  unsigned(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let byte = bytes[at++];
    let value = 0;
    for (let shift = 0; byte !== undefined; shift += 7, byte = bytes[at++]) {
      value |= (byte & 127) << shift;
      if (byte < 128) {
        this.#at = at;
        return value >>> 0;
      }
      if (shift === 28) break;
    }
    return damaged('a number');
  }

  signed(): number {
    const value = this.unsigned();
    return (value >>> 1) ^ -(value & 1);
  }

  /** So many numbers follow; each takes at least `bytes` bytes. */
  count(bytes: number): number {
    const count = this.unsigned();
    if (count * bytes > this.left) damaged('a list');
    return count;
  }
}
