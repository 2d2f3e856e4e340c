/**
 * Makes a failing module smaller while it goes on failing: exports, sections, bodies, and ranges of instructions are
 * taken away. What "failing" means is asked for many candidates at once, since asking starts processes.
 */
import { newInstruction, Op, readInstruction, readLocals } from '../support/instructions.js';
import { ByteReader, type ModuleShape, readModule } from '../support/reader.js';
import { F32, F64, I32, I64, Section, type ValueType } from '../support/wasm-types.js';
import { ByteWriter } from '../support/writer.js';

/** For each candidate, whether it still fails in the way that matters. */
export type Interesting = (candidates: Uint8Array[]) => Promise<boolean[]>;

export interface ReduceOptions {
  /** Quick test whether a candidate is worth asking about: validity, usually. */
  plausible: (bytes: Uint8Array) => boolean;
  seconds?: number;
  onProgress?: (bytes: Uint8Array, step: string) => void;
}

const batchSize = 24;

export class Reducer {
  #best: Uint8Array;
  readonly #interesting: Interesting;
  readonly #options: ReduceOptions;
  readonly #deadline: number;

  constructor(bytes: Uint8Array, interesting: Interesting, options: ReduceOptions) {
    this.#best = bytes;
    this.#interesting = interesting;
    this.#options = options;
    this.#deadline = performance.now() + (options.seconds ?? 120) * 1000;
  }

  /** The smallest failing module that was found. */
  async run(): Promise<Uint8Array> {
    for (let before = -1; before !== this.#best.length && !this.#late; ) {
      before = this.#best.length;
      await this.#shrinkBytes();
      await this.#dropSections();
      await this.#dropExports();
      await this.#emptyBodies();
      await this.#shrinkBodies();
    }
    return this.#best;
  }

  get #late(): boolean {
    return performance.now() > this.#deadline;
  }

  /** Take the first candidate that still fails; its index, or -1. */
  async #take(candidates: Uint8Array[], step: string): Promise<number> {
    const plausible = candidates
      .map((bytes, index) => ({ bytes, index }))
      .filter(({ bytes }) => bytes.length < this.#best.length && this.#options.plausible(bytes));
    for (let from = 0; from < plausible.length && !this.#late; from += batchSize) {
      const batch = plausible.slice(from, from + batchSize);
      const found = (await this.#interesting(batch.map(({ bytes }) => bytes))).indexOf(true);
      if (found < 0) continue;
      this.#best = batch[found]!.bytes;
      this.#options.onProgress?.(this.#best, step);
      return batch[found]!.index;
    }
    return -1;
  }

  #shape(): ModuleShape | null {
    try {
      return readModule(this.#best);
    } catch {
      return null;
    }
  }

  /** Cut bytes out of what is not a readable module. */
  async #shrinkBytes(): Promise<void> {
    if (this.#shape() !== null) return;
    for (let size = this.#best.length >> 1; size >= 1 && !this.#late; size >>= 1) {
      for (let at = 8; at < this.#best.length && !this.#late; ) {
        const candidates: Uint8Array[] = [];
        for (let from = at; from < this.#best.length && candidates.length < batchSize; from += size) {
          const rest = [this.#best.subarray(0, from), this.#best.subarray(from + size)];
          candidates.push(new Uint8Array(Buffer.concat(rest)));
        }
        const taken = await this.#take(candidates, `cut ${size} bytes`);
        at = taken >= 0 ? at + taken * size : at + candidates.length * size;
      }
    }
  }

  async #dropSections(): Promise<void> {
    for (let again = true; again && !this.#late; ) {
      const shape = this.#shape();
      if (shape === null) return;
      const candidates = shape.sections.map(
        ({ start, end }) => new Uint8Array(Buffer.concat([this.#best.subarray(0, start), this.#best.subarray(end)])),
      );
      again = (await this.#take(candidates, 'drop a section')) >= 0;
    }
  }

  /** Try to drop ever smaller groups of `count` items. */
  async #dropGroups(count: number, build: (kept: number[]) => Uint8Array, step: string): Promise<void> {
    let kept = Array.from({ length: count }, (_, index) => index);
    for (let size = Math.ceil(count / 2); size >= 1 && !this.#late; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let again = true; again && kept.length > 0 && !this.#late; ) {
        const groups: number[][] = [];
        for (let from = 0; from < kept.length; from += size)
          groups.push([...kept.slice(0, from), ...kept.slice(from + size)]);
        const taken = await this.#take(groups.map(build), step);
        again = taken >= 0;
        if (again) kept = groups[taken]!;
      }
    }
  }

  async #dropExports(): Promise<void> {
    const shape = this.#shape();
    if (shape === null) return;
    const build = (kept: number[]): Uint8Array =>
      replaceSection(shape, Section.export, (out) =>
        out.vector(kept, (index) => {
          const entry = shape.exports[index]!;
          out.name(entry.name).byte(entry.kind).u32(entry.index);
        }),
      );
    await this.#dropGroups(shape.exports.length, build, 'drop exports');
  }

  /** Replace bodies by ones that return zeros. */
  async #emptyBodies(): Promise<void> {
    const shape = this.#shape();
    if (shape === null) return;
    const build = (kept: number[]): Uint8Array => {
      const keep = new Set(kept);
      return replaceSection(shape, Section.code, (out) =>
        out.vector(shape.bodies, ({ start, end }, index) => {
          const content = keep.has(index) ? shape.bytes.subarray(start, end) : emptyBody(shape, index);
          out.u32(content.length).bytes(content);
        }),
      );
    };
    await this.#dropGroups(shape.bodies.length, build, 'empty bodies');
  }

  async #shrinkBodies(): Promise<void> {
    const count = this.#shape()?.bodies.length ?? 0;
    for (let index = 0; index < count && !this.#late; index++) await this.#shrinkBody(index);
  }

  /** Take ranges of instructions out of a body, or replace them by something trivial. */
  async #shrinkBody(index: number): Promise<void> {
    for (let size = splitBody(this.#shape()!, index).length >> 1; size >= 1 && !this.#late; size >>= 1) {
      for (let at = 0; !this.#late; ) {
        const shape = this.#shape()!;
        const parts = splitBody(shape, index);
        // The first part are the locals, the last is the final `end`.
        const candidates: Uint8Array[] = [];
        const origin: number[] = [];
        for (let from = at + 1; from + size < parts.length && candidates.length < 200; from += Math.max(1, size >> 1)) {
          for (const filler of fillers(size)) {
            const edited = [...parts.slice(0, from), filler, ...parts.slice(from + size)];
            candidates.push(replaceBody(shape, index, new Uint8Array(Buffer.concat(edited))));
            origin.push(from - 1);
          }
        }
        if (candidates.length === 0) break;
        const taken = await this.#take(candidates, `function ${index}: take out ${size} instructions`);
        at = taken >= 0 ? origin[taken]! : origin[origin.length - 1]! + 1;
      }
    }
  }
}

const zero: readonly [ValueType, number[]][] = [
  [I32, [Op.i32Const, 0]],
  [I64, [Op.i64Const, 0]],
  [F32, [Op.f32Const, 0, 0, 0, 0]],
  [F64, [Op.f64Const, 0, 0, 0, 0, 0, 0, 0, 0]],
];
const zeros = new Map(zero);

/** What a range may be replaced by, simplest first. */
function fillers(size: number): Uint8Array[] {
  const found: number[][] = [[], ...zeros.values()];
  if (size > 1) {
    found.push([Op.drop], [Op.drop, Op.drop], [Op.unreachable]);
    for (const constant of zeros.values()) {
      if (size > 2) found.push([Op.drop, ...constant]);
      if (size > 3) found.push([Op.drop, Op.drop, ...constant]);
    }
  }
  return found.map((bytes) => Uint8Array.from(bytes));
}

function emptyBody(shape: ModuleShape, index: number): Uint8Array {
  const type = shape.types[shape.functions[shape.importedFunctions + index]!]!;
  const out = new ByteWriter(64).u32(0);
  for (const result of type.results) {
    const constant = zeros.get(result);
    if (constant !== undefined) out.byte(...constant);
    else out.byte(Op.refNull, result);
  }
  return out.byte(Op.end).finish();
}

/** Local declarations, then each instruction. */
function splitBody(shape: ModuleShape, index: number): Uint8Array[] {
  const { start, end } = shape.bodies[index]!;
  const { bytes } = shape;
  const reader = new ByteReader(bytes, start, end);
  readLocals(reader);
  const parts = [bytes.subarray(start, reader.position)];
  const instruction = newInstruction();
  while (reader.position < end) {
    try {
      readInstruction(reader, instruction);
    } catch {
      // The rest makes no sense: one part.
      parts.push(bytes.subarray(instruction.start, end));
      break;
    }
    parts.push(bytes.subarray(instruction.start, instruction.end));
  }
  return parts;
}

function replaceBody(shape: ModuleShape, index: number, body: Uint8Array): Uint8Array {
  return replaceSection(shape, Section.code, (out) =>
    out.vector(shape.bodies, ({ start, end }, i) => {
      const content = i === index ? body : shape.bytes.subarray(start, end);
      out.u32(content.length).bytes(content);
    }),
  );
}

function replaceSection(shape: ModuleShape, id: Section, write: (out: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter(shape.bytes.length).header();
  for (const section of shape.sections) {
    if (section.id === id) writer.section(id, write);
    else writer.bytes(shape.bytes.subarray(section.start, section.end));
  }
  return writer.finish();
}
