import type { ContextLayout } from '../backends/abi/layout.js';
import { CodeMapChunk } from '../backends/code/code-map-writer.js';
import type { ModuleCode } from '../backends/code/module-code.js';
import { ModuleDecoder } from '../stream/decoder.js';
import type { ModuleInfo } from '../stream/module.js';
import type { BodySink } from '../stream/sink.js';
import { Int32Array, isolate, listWith, Map, Uint8Array } from '../support/primordials.js';
import { worldOf } from '../support/world.js';
import { layoutOf } from './context-layout.js';
import { FunctionSpace, PlaceTooSmall } from './function-space.js';
import { OptimizingTier } from './optimizing.js';
import type { Answer, OptimizeRequest, OptimizerTarget, Request } from './tier-up-messages.js';

/** What is known of a module: the sections before its code. */
interface Known {
  readonly header: Uint8Array;
  readonly info: ModuleInfo;
  readonly layout: ContextLayout;
}

const noNames = { functionName: () => undefined, originOf: () => undefined } as never;
const fields = CodeMapChunk.fields;

/**
 * Compiles single functions of modules that the baseline tier has compiled. It touches nothing of the engine: the engine copies the
 * code to its place, and publishes it.
 */
export class FunctionOptimizer {
  static {
    isolate(this);
  }

  readonly #target: OptimizerTarget;
  readonly #space: FunctionSpace;
  readonly #modules = new Map<number, Known>();
  #tier: OptimizingTier | undefined;

  /** @param buffer what stands for the engine's code memory, from offset 0 on */
  constructor(target: OptimizerTarget, buffer: ArrayBufferLike) {
    this.#target = target;
    this.#space = new FunctionSpace(buffer);
  }

  /** Undefined where nothing is to be answered. */
  answer(request: Request): Answer | undefined {
    if (request.kind === 'optimize') return this.optimize(request);
    this.#modules.delete(request.module);
    return undefined;
  }

  optimize(request: OptimizeRequest): Answer {
    const { checksBounds, cpu, debug, stubs } = this.#target;
    this.#tier ??= new OptimizingTier(
      { code: this.#space, stubs, cpu, checksBounds, world: worldOf(debug.smallWorld) },
      debug,
    );
    const tier = this.#tier;
    const known = this.#known(request);
    this.#space.begin(request.place, request.slots);
    try {
      tier.beginModule(known.info, known.layout);
      const delta = this.#run(tier, known, request);
      if (tier.linearFunctions === 0) {
        const answer = this.#result(tier.finishModule() as ModuleCode, request, delta);
        if (tier.isBulky) this.#tier = undefined;
        return answer;
      }
      tier.abandonModule();
      return { kind: 'given up' };
    } catch (error) {
      // Left in the middle of a function.
      this.#tier = undefined;
      if (error instanceof PlaceTooSmall) return { kind: 'too small', part: error.part };
      return { kind: 'failed', message: String((error as Error)?.stack ?? error) };
    }
  }

  #known({ module, header }: OptimizeRequest): Known {
    const found = this.#modules.get(module);
    if (found !== undefined) return found;
    if (header === undefined) throw new Error(`internal error: nothing is known of module ${module}`);
    let layout: ContextLayout | undefined;
    const onHeader = (info: ModuleInfo): boolean => {
      layout = layoutOf(info);
      return true;
    };
    const decoder = new ModuleDecoder({} as BodySink, { onHeader, skipBodies: true });
    decoder.push(header, header.length);
    if (layout === undefined) throw new Error('internal error: a module without code');
    const known: Known = { header, info: decoder.info, layout };
    this.#modules.set(module, known);
    return known;
  }

  /**
   * The body is run behind the header: nobody looks at the bytes between.
   * @returns what is to be added to offsets in the module
   */
  #run(tier: OptimizingTier, { header, info }: Known, { body, bodyOffset, functionIndex }: OptimizeRequest): number {
    const start = header.length;
    const bytes = new Uint8Array(start + body.length);
    bytes.set(header);
    bytes.set(body, start);
    const bodies = tier.openBodies(info, noNames);
    bodies.begin(functionIndex, start, bytes.length);
    if (!bodies.run(bytes, bytes.length)) throw new Error(`internal error: function ${functionIndex} has no end`);
    return bodyOffset - start;
  }

  #result(code: ModuleCode, { place }: OptimizeRequest, delta: number): Answer {
    const { bytes, dataEnd, entry } = this.#space;
    const map = code.map.parts();
    const maps = code.stackMaps.parts();
    const sites = joined(map.chunks);
    for (let i = 1; i < sites.length; i += fields) sites[i] = (sites[i] as number) + delta;
    const end = code.spans[1] as number;
    return {
      kind: 'optimized',
      entry,
      end,
      code: bytes.slice(place.start, end),
      data: bytes.slice(place.data, dataEnd),
      mapSpans: joined(listWith<ArrayLike<number>>(map.spans)),
      sites,
      nodes: joined(maps.chunks),
      lists: joined(listWith<ArrayLike<number>>(maps.lists)),
    };
  }
}

/** In one piece, as look-ups want them. */
function joined(parts: readonly ArrayLike<number>[]): Int32Array {
  let length = 0;
  for (let i = 0; i < parts.length; i++) length += (parts[i] as ArrayLike<number>).length;
  const all = new Int32Array(length);
  let at = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as ArrayLike<number>;
    all.set(part, at);
    at += part.length;
  }
  return all;
}
