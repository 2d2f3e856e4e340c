/**
 * Generates valid modules: the same seed and knobs give the same bytes. They use all of WebAssembly 1.0, sign
 * extension, saturating conversions, multi-value, bulk memory and several tables of funcref; vectors, tail calls, exceptions and
 * externref if they are asked for.
 */
import { Op } from '../support/instructions.js';
import { Random, randomF32Bits, randomF64Bits, randomI32, randomI64 } from '../support/random.js';
import {
  EXTERNREF,
  F32,
  F64,
  FUNCREF,
  type FunctionType,
  I32,
  I64,
  Kind,
  Section,
  V128,
  type ValueType,
} from '../support/wasm-types.js';
import { ByteWriter } from '../support/writer.js';
import { BodyGenerator } from './body.js';
import { Environment, hostTypes } from './environment.js';
import { generateBody } from './steps.js';

export type Size = 'small' | 'medium' | 'large';

export interface Knobs {
  /** By default small and medium ones, and a large one now and then. */
  size?: Size;
  memory?: boolean;
  tables?: boolean;
  hostFunctions?: boolean;
  /** v128 and its operators. */
  vectors?: boolean;
  /** Values of the host. */
  externref?: boolean;
  tailCalls?: boolean;
  /** The legacy encoding. */
  exceptions?: boolean;
}

const sizes: Record<Size, { functions: number; budget: [number, number]; locals: number; depth: number }> = {
  small: { functions: 3, budget: [10, 60], locals: 8, depth: 3 },
  medium: { functions: 6, budget: [40, 300], locals: 30, depth: 4 },
  large: { functions: 10, budget: [200, 2500], locals: 100, depth: 5 },
};

/** Bytes of a valid module. */
export function generateModule(seed: number, knobs: Knobs = {}): Uint8Array {
  const random = new Random(0x6265616d, seed);
  const size = sizes[knobs.size ?? (random.oneIn(12) ? 'large' : random.oneIn(3) ? 'small' : 'medium')];
  const environment = new Environment(knobs);
  const imports = knobs.hostFunctions === false ? 0 : random.below(4);
  declare(environment, random, imports + random.between(1, size.functions), imports, knobs);
  if (knobs.hostFunctions !== false) importSome(environment, random);
  const bodies: Uint8Array[] = [];
  // From the last to the first: calls go mostly to functions whose cost is known already.
  for (let index = environment.functions.length - 1; index >= imports; index--) {
    const [low, high] = size.budget;
    const limits = {
      budget: random.between(low, high),
      locals: random.below(size.locals + 1),
      depth: size.depth,
      nesting: random.oneIn(10) ? 80 : 12,
    };
    const body = new BodyGenerator(random, environment, index, limits);
    generateBody(body, random.chance(70));
    bodies.unshift(bodyBytes(body));
    Object.assign(environment.functions[index]!, { ready: true, cost: body.cost });
  }
  return write(environment, random, imports, bodies);
}

/** @param host functions of the host do not take or give vectors */
function randomSignature(random: Random, environment: Environment, host: boolean): FunctionType {
  const types = host ? hostTypes : environment.numberTypes;
  const list = (limit: number): ValueType[] =>
    Array.from({ length: limit }, () => (random.oneIn(30) ? environment.referenceType(random) : random.pick(types)));
  const results = random.oneIn(3) ? random.below(4) : random.oneIn(10) ? random.below(14) : 1;
  return { params: list(random.oneIn(10) ? random.below(20) : random.below(6)), results: list(results) };
}

function declare(environment: Environment, random: Random, count: number, imports: number, knobs: Knobs): void {
  for (let i = 0; i < count; i++) {
    const reuse = i > 0 && random.oneIn(3);
    const type = reuse
      ? environment.functions[random.below(i)]!.type
      : randomSignature(random, environment, i < imports);
    environment.typeIndex(type);
    environment.functions.push({ type, cost: 0, ready: i < imports });
  }
  for (let i = knobs.exceptions === true ? random.between(1, 3) : 0; i > 0; i--) {
    const limit = random.oneIn(8) ? 14 : random.below(4);
    const type = (): ValueType =>
      random.oneIn(12) ? environment.referenceType(random) : random.pick(environment.numberTypes);
    environment.tags.push(Array.from({ length: limit }, type));
  }
  environment.globals.push({ type: I64, mutable: true });
  for (let i = random.below(8); i > 0; i--) {
    environment.globals.push({
      type: random.oneIn(20) ? environment.referenceType(random) : random.pick(environment.numberTypes),
      mutable: !random.oneIn(4),
    });
  }
  if (knobs.memory !== false && !random.oneIn(8)) {
    const min = random.between(1, 2);
    environment.memory = { min, max: min + random.below(4) };
    environment.data = Array.from({ length: random.below(4) }, () => ({
      length: random.between(0, 200),
      passive: random.oneIn(2),
    }));
    // Loads should see something: most addresses are low.
    if (!random.oneIn(5)) environment.data.push({ length: random.between(200, 1200), passive: false });
  }
  if (knobs.tables === false) return;
  for (let i = random.below(3); i > 0; i--) {
    const min = random.between(4, 20);
    const elements = Array.from({ length: min }, () => (random.oneIn(5) ? null : random.below(count)));
    environment.tables.push({ min, max: min + random.below(10), type: FUNCREF, elements });
  }
  const functionTables = environment.tables.length;
  for (let i = knobs.externref === true ? random.below(3) : 0; i > 0; i--) {
    const min = random.between(1, 20);
    environment.tables.push({ min, max: min + random.below(10), type: EXTERNREF, elements: [] });
  }
  // The active segments first: they have been dropped when code runs. Then passive ones.
  environment.elements = Array.from({ length: functionTables }, () => 0);
  for (let i = random.below(3); i > 0; i--) environment.elements.push(random.below(6));
}

/** Some of what a module uses comes from outside. */
function importSome(environment: Environment, random: Random): void {
  const { imported, tables, globals, memory } = environment;
  imported.memory = memory !== null && random.oneIn(4);
  if (random.oneIn(4)) imported.tables = random.below(tables.length + 1);
  if (random.oneIn(4)) imported.globals = random.below(globals.length + 1);
  // Those that come from outside are the first: JavaScript has no vectors.
  const vector = globals.findIndex(({ type }) => type === V128);
  if (vector >= 0) imported.globals = Math.min(imported.globals, vector);
}

function bodyBytes(body: BodyGenerator): Uint8Array {
  const writer = new ByteWriter(body.code.length + 64);
  const runs: { type: ValueType; count: number }[] = [];
  for (const type of body.locals.slice(body.type.params.length)) {
    const last = runs[runs.length - 1];
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  writer.vector(runs, ({ type, count }) => writer.u32(count).byte(type));
  return writer.bytes(body.code.view()).finish();
}

function writeConstant(writer: ByteWriter, random: Random, type: ValueType): void {
  if (type === I32) writer.byte(Op.i32Const).s32(randomI32(random));
  else if (type === I64) writer.byte(Op.i64Const).s64(randomI64(random));
  else if (type === F32) writer.byte(Op.f32Const).f32Bits(randomF32Bits(random));
  else if (type === F64) writer.byte(Op.f64Const).f64Bits(randomF64Bits(random));
  else if (type === V128) writer.byte(0xfd, 12, ...Array.from({ length: 16 }, () => random.below(256)));
  else writer.byte(Op.refNull, type);
  writer.byte(Op.end);
}

function write(environment: Environment, random: Random, imports: number, bodies: Uint8Array[]): Uint8Array {
  const { functions, types, globals, tables, memory } = environment;
  const writer = new ByteWriter(4096).header();
  const typeIndices = functions.map(({ type }) => environment.typeIndex(type));
  const tagTypes = environment.tags.map((params) => environment.typeIndex({ params, results: [] }));
  writer.section(Section.type, (section) => section.vector(types, (type) => section.functionType(type)));
  const { imported } = environment;
  imported.functions = imports;
  const importCount = imports + imported.tables + imported.globals + (imported.memory ? 1 : 0);
  if (importCount > 0) {
    writer.section(Section.import, (section) => writeImports(section.u32(importCount), environment, typeIndices));
  }
  writer.section(Section.function, (section) =>
    section.vector(typeIndices.slice(imports), (type) => section.u32(type)),
  );
  if (tables.length > imported.tables) {
    writer.section(Section.table, (section) =>
      section.vector(tables.slice(imported.tables), ({ type, min, max }) => section.byte(type).limits(min, max)),
    );
  }
  if (memory !== null && !imported.memory) {
    writer.section(Section.memory, (section) => section.u32(1).limits(memory.min, memory.max));
  }
  if (tagTypes.length > 0) {
    writer.section(Section.tag, (section) => section.vector(tagTypes, (type) => section.byte(0).u32(type)));
  }
  writer.section(Section.global, (section) =>
    section.vector(globals.slice(imported.globals), ({ type, mutable }) => {
      section.byte(type, mutable ? 1 : 0);
      writeConstant(section, random, type);
    }),
  );
  writeExports(writer, environment, imports);
  const starts = functions.findIndex(({ type }, i) => i >= imports && type.params.length + type.results.length === 0);
  if (starts >= 0 && random.oneIn(3)) writer.section(Section.start, (section) => section.u32(starts));
  writeElements(writer, environment, random);
  if (environment.data.length > 0) writer.section(Section.dataCount, (section) => section.u32(environment.data.length));
  writer.section(Section.code, (section) => section.vector(bodies, (body) => section.u32(body.length).bytes(body)));
  if (environment.data.length > 0) writeData(writer, environment, random);
  return writer.finish();
}

function writeImports(section: ByteWriter, environment: Environment, typeIndices: number[]): void {
  const { imported, tables, globals, memory } = environment;
  for (const [i, type] of typeIndices.slice(0, imported.functions).entries()) {
    section.name('host').name(`f${i}`).byte(Kind.function).u32(type);
  }
  for (const [i, { type, min, max }] of tables.slice(0, imported.tables).entries()) {
    section.name('host').name(`t${i}`).byte(Kind.table, type).limits(min, max);
  }
  for (const [i, { type, mutable }] of globals.slice(0, imported.globals).entries()) {
    section
      .name('host')
      .name(`g${i}`)
      .byte(Kind.global, type, mutable ? 1 : 0);
  }
  if (imported.memory) section.name('host').name('memory').byte(Kind.memory).limits(memory!.min, memory!.max);
}

function writeExports(writer: ByteWriter, environment: Environment, imports: number): void {
  const { functions, globals, tables, memory } = environment;
  writer.section(Section.export, (section) => {
    section.u32(functions.length - imports + globals.length + tables.length + (memory === null ? 0 : 1));
    for (let i = imports; i < functions.length; i++) section.name(`f${i}`).byte(Kind.function).u32(i);
    for (let i = 0; i < globals.length; i++) section.name(`g${i}`).byte(Kind.global).u32(i);
    for (let i = 0; i < tables.length; i++) section.name(`t${i}`).byte(Kind.table).u32(i);
    if (memory !== null) section.name('memory').byte(Kind.memory, 0);
  });
}

/** One active segment per table, the passive ones, and one that declares all functions for `ref.func`. */
function writeElements(writer: ByteWriter, environment: Environment, random: Random): void {
  const { functions, elements } = environment;
  const tables = environment.tables.filter(({ type }) => type === FUNCREF);
  writer.section(Section.element, (section) => {
    section.u32(elements.length + 1);
    tables.forEach(({ elements: initial }, table) => {
      section.byte(6).u32(table).byte(Op.i32Const, 0, Op.end, FUNCREF);
      section.vector(initial, (index) => {
        if (index === null) section.byte(Op.refNull, FUNCREF, Op.end);
        else section.byte(Op.refFunc).u32(index).byte(Op.end);
      });
    });
    for (const length of elements.slice(tables.length)) {
      section.byte(1, 0).vector(Array.from({ length }), () => section.u32(random.below(functions.length)));
    }
    section.byte(3, 0).vector(functions, (_, index) => section.u32(index));
  });
}

function writeData(writer: ByteWriter, environment: Environment, random: Random): void {
  writer.section(Section.data, (section) =>
    section.vector(environment.data, ({ length, passive }) => {
      if (passive) section.byte(1);
      else
        section
          .byte(0, Op.i32Const)
          .s32(length >= 200 ? 0 : random.below(0x8000))
          .byte(Op.end);
      section.u32(length);
      for (let i = 0; i < length; i++) section.byte(random.below(256));
    }),
  );
}
