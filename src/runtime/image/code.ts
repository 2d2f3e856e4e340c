/** Machine code of an image in code memory: relocated, published, released. */

import { CodeMap } from '../../backends/code/code-map.js';
import { CodeMapChunk } from '../../backends/code/code-map-writer.js';
import type { CodeSpace } from '../../backends/code/code-space.js';
import type { OwnedCode } from '../../backends/code/module-code.js';
import { Node } from '../../backends/code/stack-map-writer.js';
import { StackMaps } from '../../backends/code/stack-maps.js';
import type { CompilerStubs } from '../../backends/code/target.js';
import { DataView, Int32Array, isolate, List, Uint8Array } from '../../support/primordials.js';
import type { ImageParts } from './check.js';
import { damaged, NumberReader, stubOffsets, Target } from './format.js';

/** Where code was put that is to be relocated, and what it refers to. */
export interface ImagePlace {
  /** Code-memory offsets. */
  readonly code: number;
  readonly slots: number;
  readonly constants: number;
  /** As `stubOffsets` has them. */
  readonly stubs: ArrayLike<number>;
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
  static {
    isolate(this);
  }

  readonly slots: number;
  readonly functions: number;
  readonly codeBytes: number;
  readonly spans: readonly number[];
  readonly #space: CodeSpace;
  readonly #constants: number;
  readonly #constantBytes: number;
  readonly #sites: Uint8Array;
  readonly #stackMapNumbers: Uint8Array;
  #map: CodeMap | undefined;
  #stackMaps: StackMaps | undefined;
  #released = false;

  /**
   * Copy an image's code to where it can run, and publish it. The image is not needed any more.
   * @throws ImageError, CodeMemoryError
   */
  constructor(parts: ImageParts, space: CodeSpace, stubs: CompilerStubs) {
    const { functions, codeBytes, code, constants, entries } = parts;
    this.#space = space;
    this.#sites = new Uint8Array(parts.sites);
    this.#stackMapNumbers = new Uint8Array(parts.stackMaps);
    this.#constantBytes = constants.length;
    this.functions = functions;
    this.codeBytes = codeBytes;
    const spans: number[] = new List();
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
        spans[0] = start;
        spans[1] = used;
        space.trimCode(used, space.spanEnd);
        space.bytes.set(code, start);
        const { buffer, byteOffset } = space.bytes;
        const view = new DataView(buffer, byteOffset + start, code.length);
        const place = { code: start, slots: this.slots, constants: this.#constants, stubs: stubOffsets(stubs) };
        relocate(view, parts, place);
        this.#publish(start, used, entries);
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
  #publish(start: number, end: number, entries: Uint8Array): void {
    const reader = new NumberReader(entries);
    let entry = start;
    for (let i = 0; i < this.functions; i++) {
      entry += 16 * reader.unsigned();
      if (entry >= end) damaged('an entry');
      this.#space.writeEntry(this.slots + 8 * i, entry);
    }
    if (reader.left > 0) damaged('entries');
  }

  /** Most code never traps: its map is decoded when it is first looked at. */
  get map(): CodeMap {
    this.#map ??= this.#decodeMap();
    return this.#map;
  }

  #decodeMap(): CodeMap {
    const start = this.spans[0];
    const end = this.spans[1];
    if (start === undefined || end === undefined) return CodeMap.over(new Int32Array(0), new Int32Array(0));
    const reader = new NumberReader(this.#sites);
    const sites = new Int32Array(CodeMapChunk.fields * reader.count(CodeMapChunk.fields));
    let code = start;
    let wasm = 0;
    for (let i = 0; i < sites.length; i += CodeMapChunk.fields) {
      code += reader.unsigned();
      wasm += reader.signed();
      sites[i] = code;
      sites[i + 1] = wasm;
      sites[i + 2] = reader.unsigned();
    }
    return CodeMap.over(spanOf(start, end), sites);
  }

  get stackMaps(): StackMaps {
    this.#stackMaps ??= this.#decodeStackMaps();
    return this.#stackMaps;
  }

  #decodeStackMaps(): StackMaps {
    const reader = new NumberReader(this.#stackMapNumbers);
    const nodes = new Int32Array(reader.count(1));
    for (let i = 0; i < nodes.length; i++) nodes[i] = reader.signed();
    const lists = new Int32Array(reader.count(1));
    for (let i = 0; i < lists.length; i++) lists[i] = reader.signed();
    if (nodes.length % Node.fields !== 0) damaged('stack maps');
    return StackMaps.over(nodes, lists);
  }

  /** Give code, slots and constants back. The caller knows that no frame can return into them. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    const space = this.#space;
    const start = this.spans[0];
    const end = this.spans[1];
    if (start !== undefined && end !== undefined) space.freeCode(start, end);
    if (this.#constants !== 0) space.freeData(this.#constants, this.#constantBytes);
    if (this.functions > 0) space.freeData(this.slots, 8 * this.functions);
  }
}

/** What a code map of one span says about it: begin, end, first site. */
function spanOf(start: number, end: number): Int32Array {
  const span = new Int32Array(3);
  span[0] = start;
  span[1] = end;
  return span;
}
