/** Compiling without an engine: into plain memory, observed byte by byte. */

import type { ModuleCode } from '../../src/backends/code/module-code.js';
import { type CpuFeatures, detectCpu } from '../../src/backends/x64/cpu.js';
import { type Debug, noDebug } from '../../src/debug.js';
import { FunctionCompiler } from '../../src/emitter/compiler.js';
import { contextLayoutOf, PlainCodeSpace, plainTarget } from '../../src/explore/listing.js';
import { ModuleDecoder } from '../../src/stream/decoder.js';
import type { ModuleInfo } from '../../src/stream/module.js';

/** An opcode that was compiled: where it is, and where its code begins. */
export interface Seen {
  readonly offset: number;
  readonly pos: number;
}

/** Notes where each opcode's code begins. */
class ObservedCompiler extends FunctionCompiler {
  readonly seen: Seen[] = [];

  override at(offset: number): void {
    this.seen.push({ offset, pos: this.asm.pos });
    super.at(offset);
  }
}

export interface SessionOptions {
  readonly cpu?: CpuFeatures;
  readonly debug?: Partial<Debug>;
}

/** One compilation with a compiler, a decoder and code memory of its own. */
export class Session {
  readonly #space: PlainCodeSpace;
  readonly #compiler: ObservedCompiler;
  readonly #decoder: ModuleDecoder;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, options: SessionOptions = {}) {
    this.#bytes = bytes;
    this.#space = new PlainCodeSpace(64 * bytes.length + (4 << 20), 8 * bytes.length + 64, false);
    this.#compiler = new ObservedCompiler(
      plainTarget(this.#space, options.cpu ?? detectCpu(), options.debug),
      options.debug === undefined ? null : { ...noDebug, ...options.debug },
    );
    const events = {
      onHeader: (info: ModuleInfo) => {
        this.#compiler.beginModule(info, contextLayoutOf(info));
      },
    };
    this.#decoder = new ModuleDecoder(this.#compiler, events);
  }

  /** Opcodes compiled so far. */
  get seen(): readonly Seen[] {
    return this.#compiler.seen;
  }

  /** Where the next instruction goes. */
  get pos(): number {
    return this.#compiler.asm.pos;
  }

  /** The first `end` bytes are there. Bytes beyond are not looked at: they are not given. */
  push(end: number): void {
    this.#decoder.push(this.#bytes.subarray(0, end), end);
  }

  /** All bytes were pushed: the machine code, its entries, its code map, and all of it together. */
  finish(): { code: Uint8Array; entries: Int32Array; sites: number; module: ModuleCode } {
    this.#decoder.finish(this.#bytes, this.#bytes.length);
    const code = this.#compiler.finishModule();
    const spans: Uint8Array[] = [];
    for (let i = 0; i < code.spans.length; i += 2) {
      spans.push(this.#space.bytes.slice(code.spans[i], code.spans[i + 1]));
    }
    return { code: new Uint8Array(Buffer.concat(spans)), entries: code.entries, sites: code.map.length, module: code };
  }
}
