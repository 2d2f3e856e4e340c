/**
 * Rewrites a valid module so that two engines must agree on it to the bit, and so that it ends:
 *
 * - a fuel counter, checked at function entries and loop headers, makes both stop at the same point;
 * - the bits of a NaN are made canonical where they become visible (stores, reinterpretations, sign copies), those in
 *   vectors where they come into being: any vector instruction can look at them;
 * - memories and tables can grow a little only;
 * - memories, tables and globals are exported, so that they can be compared.
 */
import { newInstruction, Op, readInstruction, readLocals } from '../support/instructions.js';
import { ByteReader, type ModuleShape, readModule, type SectionRange } from '../support/reader.js';
import { F32, F64, I32, isReference, Kind, Section, V128 } from '../support/wasm-types.js';
import { ByteWriter } from '../support/writer.js';

/** Names of what is added begin with this. */
export const prefix = '__differential_';
export const fuelExport = `${prefix}fuel`;
/** What one call may burn: a loop iteration costs 1. */
export const fuelPerCall = 20_000;
/** Cost of entering a function: recursion has to end before the stack does. */
const entryCost = 8;
/** The same where loops burn nothing: what one call does is bounded by the number of entries then. */
const entryCostWithoutLoops = 20;

const growth = { pages: 8, elements: 64 };
const maxExported = 200;

/** Section order of the binary format, for those that may have to be added. */
const order = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/**
 * Where fuel is burnt. The check is a branch and a merge of its own, and hides what a compiler does at a loop header or
 * with parameters on entry: modules whose loops are known to end are better off without.
 */
export type FuelPlaces = 'everywhere' | 'calls';

/**
 * The instrumented module, or null if the module uses what cannot be compared (shared memories, vectors that come from
 * outside) or is not read here.
 * @param places `calls`: only in functions that call others, at their entry
 */
export function instrument(bytes: Uint8Array, places: FuelPlaces = 'everywhere'): Uint8Array | null {
  let shape: ModuleShape;
  try {
    shape = readModule(bytes);
    if (importsVectors(shape) || shape.memories.some(({ shared, wide }) => shared || wide)) return null;
    return rewrite(shape, places);
  } catch {
    return null;
  }
}

/** Prefix of vector instructions. */
const vector = 0xfd << 16;

interface Fuel {
  /** Index of the counter. */
  global: number;
  places: FuelPlaces;
}

/** JavaScript cannot give vectors. */
function importsVectors(shape: ModuleShape): boolean {
  return shape.imports.some((entry) => {
    if (entry.kind === Kind.global) return entry.type === V128;
    if (entry.kind !== Kind.function) return false;
    const { params, results } = shape.types[entry.type]!;
    return params.includes(V128) || results.includes(V128);
  });
}

function rewrite(shape: ModuleShape, places: FuelPlaces): Uint8Array {
  const fuel: Fuel = { global: shape.globals.length, places };
  const writer = new ByteWriter(shape.bytes.length * 2).header();
  const needed = new Set<number>([Section.global, Section.export]);
  for (const section of shape.sections) {
    if (section.id !== Section.custom) addMissing(shape, writer, needed, section.id, fuel);
    needed.delete(section.id);
    writeSection(shape, writer, section, fuel);
  }
  addMissing(shape, writer, needed, Section.data + 1, fuel);
  return writer.finish();
}

/** Write the sections that the module does not have, and that belong before section `next`. */
function addMissing(shape: ModuleShape, writer: ByteWriter, needed: Set<number>, next: number, fuel: Fuel): void {
  const position = order.indexOf(next);
  for (const id of needed) {
    if (position >= 0 && order.indexOf(id) >= position) continue;
    needed.delete(id);
    writeSection(shape, writer, { id, start: 0, payload: 0, end: 0 }, fuel);
  }
}

function writeSection(shape: ModuleShape, writer: ByteWriter, section: SectionRange, fuel: Fuel): void {
  const { bytes } = shape;
  switch (section.id) {
    case Section.table:
      if (bytes.subarray(section.payload, section.end).includes(0x40)) break;
      writer.section(Section.table, (out) =>
        out.vector(shape.tables.slice(shape.importedTables), ({ element, min, max }) =>
          out.byte(element).limits(min, Math.min(max ?? 1e7, min + growth.elements)),
        ),
      );
      return;
    case Section.memory:
      writer.section(Section.memory, (out) =>
        out.vector(shape.memories.slice(shape.importedMemories), ({ min, max }) =>
          out.limits(min, Math.min(max ?? 65536, min + growth.pages)),
        ),
      );
      return;
    case Section.global:
      writer.section(Section.global, (out) => {
        appendVector(out, bytes, section, 1);
        out.byte(I32, 1, Op.i32Const).s32(fuelPerCall).byte(Op.end);
      });
      return;
    case Section.export:
      writer.section(Section.export, (out) => writeExports(out, shape, section, fuel.global));
      return;
    case Section.code:
      writer.section(Section.code, (out) =>
        out.vector(shape.bodies, ({ start, end }, i) => {
          const type = shape.types[shape.functions[shape.importedFunctions + i]!]!;
          out.sized((body) => rewriteBody(body, bytes, start, end, type.params.length, fuel));
        }),
      );
      return;
  }
  writer.bytes(bytes.subarray(section.start, section.end));
}

/** A vector's old items behind a count that is `more` larger. */
function appendVector(out: ByteWriter, bytes: Uint8Array, section: SectionRange, more: number): void {
  if (section.end === section.payload) {
    out.u32(more);
    return;
  }
  const reader = new ByteReader(bytes, section.payload, section.end);
  out.u32(reader.unsigned() + more).bytes(bytes.subarray(reader.position, section.end));
}

function writeExports(out: ByteWriter, shape: ModuleShape, section: SectionRange, fuel: number): void {
  const added: [string, Kind, number][] = [[fuelExport, Kind.global, fuel]];
  for (const i of shape.memories.keys()) added.push([`${prefix}memory${i}`, Kind.memory, i]);
  shape.tables.slice(0, maxExported).forEach(({ element }, i) => {
    if (isReference(element)) added.push([`${prefix}table${i}`, Kind.table, i]);
  });
  shape.globals.slice(0, maxExported).forEach(({ mutable }, i) => {
    if (mutable) added.push([`${prefix}global${i}`, Kind.global, i]);
  });
  appendVector(out, shape.bytes, section, added.length);
  for (const [name, kind, index] of added) out.name(name).byte(kind).u32(index);
}

/** Locals that keep a float or vector while it is looked at. */
interface NanLocals {
  readonly [type: number]: number;
  readonly [V128]: number;
}

function rewriteBody(out: ByteWriter, bytes: Uint8Array, start: number, end: number, params: number, fuel: Fuel): void {
  const reader = new ByteReader(bytes, start, end);
  const runs = readLocals(reader);
  const single = runs.reduce((sum, run) => sum + run.count, params);
  const locals: NanLocals = { [F32]: single, [F64]: single + 1, [V128]: single + 2 };
  runs.push({ count: 1, type: F32 }, { count: 1, type: F64 });
  if (has(bytes, reader.position, end, (opcode) => laneType(opcode) !== 0)) runs.push({ count: 1, type: V128 });
  out.vector(runs, ({ count, type }) => out.u32(count).byte(type));
  if (fuel.places === 'everywhere') burnFuel(out, fuel.global, entryCost);
  else if (has(bytes, reader.position, end, isCall)) burnFuel(out, fuel.global, entryCostWithoutLoops);
  const instruction = newInstruction();
  // Instructions without a change are copied in runs.
  let copied = reader.position;
  while (reader.position < end) {
    readInstruction(reader, instruction);
    const { opcode } = instruction;
    const nan = nanType(opcode);
    const lanes = laneType(opcode);
    if (nan === 0 && lanes === 0 && (opcode !== Op.loop || fuel.places === 'calls')) continue;
    const until = nan === 0 ? instruction.end : instruction.start;
    out.bytes(bytes.subarray(copied, until));
    copied = until;
    if (nan !== 0) canonicalise(out, nan, locals[nan]!);
    else if (lanes !== 0) canonicaliseLanes(out, lanes, locals[V128]);
    else burnFuel(out, fuel.global, 1);
  }
  out.bytes(bytes.subarray(copied, end));
}

function isCall(opcode: number): boolean {
  return opcode >= Op.call && opcode <= Op.returnCallIndirect;
}

/** There is such an opcode among the instructions in [start, end). */
function has(bytes: Uint8Array, start: number, end: number, wanted: (opcode: number) => boolean): boolean {
  const reader = new ByteReader(bytes, start, end);
  const instruction = newInstruction();
  while (reader.position < end) {
    readInstruction(reader, instruction);
    if (wanted(instruction.opcode)) return true;
  }
  return false;
}

function burnFuel(out: ByteWriter, fuel: number, cost: number): void {
  out.byte(Op.globalGet).u32(fuel).byte(Op.i32Const, 0, 0x4c, Op.if, 0x40, Op.unreachable, Op.end); // i32.le_s
  out.byte(Op.globalGet).u32(fuel).byte(Op.i32Const).s32(cost).byte(0x6b, Op.globalSet).u32(fuel);
}

/** Type of the float on top whose bits this opcode makes visible, or 0. */
function nanType(opcode: number): number {
  switch (opcode) {
    case Op.f32Store:
    case Op.i32ReinterpretF32:
    case Op.f32Copysign:
    case vector | 19: // f32x4.splat
    case vector | 32: // f32x4.replace_lane
      return F32;
    case Op.f64Store:
    case Op.i64ReinterpretF64:
    case Op.f64Copysign:
    case vector | 20:
    case vector | 34:
      return F64;
    default:
      return 0;
  }
}

/** Type of the float lanes that the vector instruction computes, whose NaNs can have any bits; or 0. */
function laneType(opcode: number): number {
  if (opcode >>> 16 !== 0xfd) return 0;
  const number = opcode & 0xffff;
  // f32x4: demote, rounding, sqrt, add to max. f64x2: promote, rounding, sqrt, add to max.
  if (number === 94 || (number >= 103 && number <= 106) || (number >= 227 && number <= 233)) return F32;
  if (number === 95 || [116, 117, 122, 148].includes(number) || (number >= 239 && number <= 245)) return F64;
  return 0;
}

/** Replace the NaNs in the vector on top: `bitselect(x, nan, x == x)`. */
function canonicaliseLanes(out: ByteWriter, type: number, local: number): void {
  out.byte(Op.localTee).u32(local).byte(0xfd, 12);
  for (let i = 0; i < 4; i++) {
    if (type === F32) out.f32Bits(0x7fc00000);
    else if (i < 2) out.f64Bits(0x7ff8000000000000n);
  }
  out.byte(Op.localGet).u32(local).byte(Op.localGet).u32(local);
  out.byte(0xfd, type === F32 ? 65 : 71, 0xfd, 82); // f32x4.eq, f64x2.eq, v128.bitselect
}

/** Replace a NaN on top by the canonical one: `x == x ? x : nan`. */
function canonicalise(out: ByteWriter, type: number, local: number): void {
  out.byte(Op.localTee).u32(local);
  if (type === F32) out.byte(Op.f32Const).f32Bits(0x7fc00000);
  else out.byte(Op.f64Const).f64Bits(0x7ff8000000000000n);
  out.byte(Op.localGet).u32(local).byte(Op.localGet).u32(local);
  out.byte(type === F32 ? 0x5b : 0x61, Op.select);
}
