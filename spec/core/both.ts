/** The two builds of the compiler core side by side: from the same bytes they must make the same code, or the same error. */
import { EngineState } from '../../src/runtime/api/engine-state.js';
import type { CompiledModule } from '../../src/runtime/api/module.js';
import { type EngineOptions, resolveOptions } from '../../src/runtime/api/options.js';
import { compileSync } from '../../src/runtime/compile/compilation.js';

const sides = ['wasm', 'js'] as const;

/** What a compilation became, apart from where the engine is. */
type Outcome = Record<string, unknown>;

function outcomeOf(engine: EngineState, module: CompiledModule): Outcome {
  const { code, info } = module;
  const { bytes, base } = engine.machine.code;
  const machineCode: Uint8Array[] = [];
  for (let i = 0; i < code.spans.length; i += 2) machineCode.push(bytes.slice(code.spans[i], code.spans[i + 1]));
  const slots = new BigUint64Array(bytes.slice(code.slots, code.slots + 8 * code.functions).buffer);
  const map = code.map.parts();
  const stackMaps = code.stackMaps.parts();
  return {
    spans: Int32Array.from(code.spans),
    machineCode: Buffer.concat(machineCode),
    entries: slots.map((entry) => entry - BigInt(base)),
    codeBytes: code.codeBytes,
    mapSpans: Int32Array.from(map.spans),
    sites: concatenate(map.chunks),
    stackMapNodes: concatenate(stackMaps.chunks),
    stackMapLists: Int32Array.from(stackMaps.lists),
    types: Int32Array.from(info.types.usedInOrder()),
    held: info.memory.held,
    peak: info.memory.peak,
  };
}

function concatenate(chunks: readonly Int32Array[]): Int32Array {
  const out = new Int32Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

function isSame(a: unknown, b: unknown): boolean {
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) {
    const view = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
      new Uint8Array(buffer, byteOffset, byteLength);
    return Buffer.compare(view(a), view(b)) === 0;
  }
  return a === b;
}

/** Where two arrays differ first, or the values. */
function difference(a: unknown, b: unknown): string {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b)) return `${a} and ${b}`;
  const [x, y] = [a as Uint8Array, b as Uint8Array];
  let i = 0;
  while (i < x.length && x[i] === y[i]) i++;
  return `${x.length} and ${y.length} elements, at ${i}: ${x.slice(i, i + 8)} and ${y.slice(i, i + 8)}`;
}

/** One engine with each build. */
export class BothCores {
  readonly #options: EngineOptions;
  #engines!: readonly EngineState[];
  accepted = 0;
  refused = 0;

  constructor(options: EngineOptions = {}) {
    this.#options = options;
    this.#restart();
  }

  dispose(): void {
    for (const engine of this.#engines) engine.dispose();
  }

  /** Code memory as at the begin, so that both have the same spans. */
  #restart(): void {
    for (const engine of this.#engines ?? []) engine.dispose();
    this.#engines = sides.map((core) => new EngineState(resolveOptions({ ...this.#options, core, reuseCode: false })));
  }

  #compile(engine: EngineState, bytes: Uint8Array): Outcome {
    try {
      const module = compileSync(engine, bytes, 'compile', true);
      const outcome = outcomeOf(engine, module);
      // Now, and not when V8 finds out that nobody has it.
      if ('release' in module.code) module.code.release();
      return outcome;
    } catch (error) {
      const { name, message } = error as Error;
      if (/internal error/.test(message)) throw error;
      return { error: `${name}: ${message}` };
    }
  }

  /** Compile on both; what differs, or undefined. */
  compare(bytes: Uint8Array): string | undefined {
    const [wasm, js] = this.#engines.map((engine) => this.#compile(engine, bytes)) as [Outcome, Outcome];
    const build = this.#engines[0]?.compilers.build;
    if (build !== 'wasm') throw new Error(`the core has not run: ${this.#engines[0]?.compilers.reason}`);
    if ('error' in js) this.refused++;
    else this.accepted++;
    for (const key of new Set([...Object.keys(wasm), ...Object.keys(js)])) {
      if (isSame(wasm[key], js[key])) continue;
      this.#restart();
      return `${key}: ${difference(wasm[key], js[key])}`;
    }
    return undefined;
  }
}
