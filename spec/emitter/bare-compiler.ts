/** The compiler without a runtime: code goes to an ordinary buffer, which tests look at. */
import { type CpuFeatures, detectCpu } from '../../src/backends/x64/cpu.js';
import { disassemble } from '../../src/backends/x64/disassemble.js';
import { FunctionCompiler } from '../../src/emitter/compiler.js';
import type { CodeSpace } from '../../src/emitter/module-code.js';
import type { CompilerStubs } from '../../src/emitter/options.js';
import { ContextLayout } from '../../src/runtime/layout.js';
import { ModuleDecoder } from '../../src/stream/decoder.js';

const dataPart = 48 << 20;

/** A code space that never runs: spans follow each other. */
class BufferSpace implements CodeSpace {
  readonly bytes = new Uint8Array(64 << 20);
  readonly i32 = new Int32Array(this.bytes.buffer);
  readonly base = 0x10000000;
  #code = 4096;
  #data = dataPart;

  allocateCode(minBytes: number): { start: number; end: number } {
    const start = this.#code;
    this.#code += minBytes;
    return { start, end: this.#code };
  }

  freeCode(): void {}
  trimCode(): void {}

  allocateData(bytes: number): number {
    const at = this.#data;
    this.#data += (bytes + 15) & ~15;
    return at;
  }

  freeData(): void {}
}

const stubs: CompilerStubs = {
  trap: Int32Array.from({ length: 16 }, (_, code) => 64 + 16 * code),
  memoryFill: 512,
  memoryCopy: 528,
  memoryInit: 544,
  memoryGrow: 560,
  tableCopy: 576,
  tableInit: 592,
  tableFill: 608,
  tableGrow: 624,
};

/** A compilation that is fed by hand. */
export class BareCompiler {
  readonly space: BufferSpace = new BufferSpace();
  readonly compiler: FunctionCompiler;
  readonly decoder: ModuleDecoder;

  constructor(cpu: CpuFeatures = detectCpu()) {
    const compiler = new FunctionCompiler({ code: this.space, stubs, cpu });
    this.compiler = compiler;
    this.decoder = new ModuleDecoder(compiler, {
      onHeader: (info) => {
        const layout = new ContextLayout({
          importedFunctions: info.importedFunctions,
          globals: info.globals.length,
          tables: info.tables.length,
          types: info.types.length,
          referencedFunctions: info.referencedFunctions.length,
          dataSegments: Math.max(0, info.dataCount),
          elementSegments: info.elements.length,
        });
        compiler.beginModule(info, layout);
      },
    });
  }

  /** All machine code of a module whose bytes come in pieces that end at `cuts`. */
  static compile(bytes: Uint8Array, cuts: Iterable<number> = []): Uint8Array {
    const bare = new BareCompiler();
    for (const cut of cuts) bare.decoder.push(bytes, cut);
    bare.decoder.finish(bytes, bytes.length);
    const code = bare.compiler.finishModule();
    const last = code.spans.at(-1) ?? 4096;
    return bare.space.bytes.slice(4096, last);
  }

  /** The instructions of a module with one function, without the alignment before it. */
  static async listing(bytes: Uint8Array): Promise<string[]> {
    const bare = new BareCompiler();
    bare.decoder.finish(bytes, bytes.length);
    const code = bare.compiler.finishModule();
    const entry = code.entries[0];
    const end = entry + bare.compiler.codeBytes;
    const lines = await disassemble(bare.space.bytes.subarray(entry, end), entry, {
      symbol: (address) => (address >= dataPart ? 'slot' : undefined),
    });
    return lines.map((line) => line.text);
  }
}
