/** A compiler that holds every byte against what was promised: per opcode, and where an opcode asks for more. */

import { Room } from '../../src/backends/code/room.js';
import type { CpuFeatures } from '../../src/backends/x64/cpu.js';
import { FunctionCompiler } from '../../src/emitter/compiler.js';
import { contextLayoutOf, PlainCodeSpace, plainTarget } from '../../src/explore/listing.js';
import { ModuleDecoder } from '../../src/stream/decoder.js';
import type { ModuleInfo } from '../../src/stream/module.js';
import { opcodeName, prefixedOpcode } from '../../src/stream/opcodes.js';

export class MeasuredCompiler extends FunctionCompiler {
  /** Since the last promise. */
  #from = 0;
  /** Where the promised room ends. */
  #promised = 0;
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;
  /** The most bytes between two promises, by the opcode that took them. */
  readonly most = new Map<string, number>();
  readonly broken: string[] = [];

  set wire(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  #name(): string {
    const byte = this.#bytes[this.#at] as number;
    if (byte !== 0xfd && byte !== 0xfc) return opcodeName(byte);
    const low = this.#bytes[this.#at + 1] as number;
    const number = low < 0x80 ? low : (low & 0x7f) | ((this.#bytes[this.#at + 2] as number) << 7);
    return opcodeName(prefixedOpcode(byte, number));
  }

  /** What was emitted fits in what was promised. */
  #check(): void {
    const { pos } = this.asm;
    const took = pos - this.#from;
    if (took > 0) {
      const name = this.#name();
      if (took > (this.most.get(name) ?? 0)) this.most.set(name, took);
      if (pos > this.#promised) this.broken.push(`${name}: ${took} bytes, ${pos - this.#promised} too many`);
    }
    this.#from = pos;
  }

  #promise(bytes: number): void {
    const { pos } = this.asm;
    // After a change of spans the old promise is void.
    const kept = pos === this.#from ? this.#promised : 0;
    this.#from = pos;
    this.#promised = Math.max(kept, pos + bytes);
  }

  override beginCode(): void {
    this.#check();
    super.beginCode();
  }

  override at(offset: number): void {
    this.#check();
    this.#at = offset;
    this.#promised = 0;
    this.#promise(Room.opcode);
    super.at(offset);
  }

  override ensureSpace(): void {
    this.#check();
    super.ensureSpace();
    this.#promise(Room.opcode);
  }

  override reserve(bytes: number): void {
    this.#check();
    super.reserve(bytes);
    this.#promise(bytes);
  }

  override endFunction(): void {
    super.endFunction();
    this.#check();
  }
}

/** Compile a module, and hand back the compiler with what it has measured. */
export function measure(bytes: Uint8Array, cpu: CpuFeatures): MeasuredCompiler {
  const space = new PlainCodeSpace(48 * bytes.length + (4 << 20), 16 * bytes.length + (1 << 16), false);
  const compiler = new MeasuredCompiler(plainTarget(space, cpu), null);
  compiler.wire = bytes;
  const onHeader = (info: ModuleInfo) => {
    compiler.beginModule(info, contextLayoutOf(info));
  };
  const decoder = new ModuleDecoder(compiler, { onHeader });
  decoder.push(bytes, bytes.length);
  decoder.finish(bytes, bytes.length);
  compiler.finishModule();
  return compiler;
}
