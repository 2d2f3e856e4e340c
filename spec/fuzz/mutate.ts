/** Mutates real modules: some edits keep the structure, so that the result is often valid, others break it anywhere. */
import {
  Immediate,
  type Instruction,
  immediateOf,
  newInstruction,
  prefixedImmediate,
  readInstruction,
  readLocals,
} from '../support/instructions.js';
import { type Random, randomI32, randomI64 } from '../support/random.js';
import { type BodyRange, ByteReader, findSection, type ModuleShape, readModule } from '../support/reader.js';
import { Section } from '../support/wasm-types.js';
import { ByteWriter } from '../support/writer.js';

type Edit = (bytes: Uint8Array, random: Random, donor: Uint8Array) => Uint8Array;

const edits: readonly [Edit, number][] = [
  [truncate, 4],
  [flipBits, 5],
  [setByte, 3],
  [removeRange, 2],
  [repeatRange, 2],
  [spliceRange, 3],
  [swapOpcode, 16],
  [changeImmediate, 16],
  [removeInstruction, 6],
  [repeatInstruction, 6],
  [exchangeInstructions, 5],
  [exchangeBodies, 5],
  [lengthenLeb, 4],
  [changeSections, 3],
];
const weights = edits.map(([, weight]) => weight);

/**
 * A mutated copy: one to four edits.
 * @param donor another module, to splice from
 */
export function mutate(bytes: Uint8Array, donor: Uint8Array, random: Random): Uint8Array {
  let result = bytes;
  for (let count = random.oneIn(2) ? 1 : random.between(1, 4); count > 0; count--) {
    const [edit] = edits[random.weighted(weights)]!;
    try {
      result = edit(result, random, donor);
    } catch {
      // Not a module any more, or without what the edit needs.
      result = flipBits(result, random);
    }
  }
  return result;
}

function replaceRange(bytes: Uint8Array, from: number, to: number, by: Uint8Array): Uint8Array {
  const result = new Uint8Array(from + by.length + bytes.length - to);
  result.set(bytes.subarray(0, from));
  result.set(by, from);
  result.set(bytes.subarray(to), from + by.length);
  return result;
}

function truncate(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.slice(0, random.below(bytes.length + 1));
}

function flipBits(bytes: Uint8Array, random: Random): Uint8Array {
  const result = bytes.slice();
  for (let count = random.between(1, 3); count > 0 && result.length > 0; count--) {
    result[random.below(result.length)]! ^= 1 << random.below(8);
  }
  return result;
}

function setByte(bytes: Uint8Array, random: Random): Uint8Array {
  const result = bytes.slice();
  if (result.length > 0) result[random.below(result.length)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
  return result;
}

/** A short range of positions. */
function range(bytes: Uint8Array, random: Random): [number, number] {
  const from = random.below(bytes.length);
  return [from, Math.min(bytes.length, from + random.between(1, random.oneIn(4) ? 200 : 8))];
}

function removeRange(bytes: Uint8Array, random: Random): Uint8Array {
  const [from, to] = range(bytes, random);
  return replaceRange(bytes, from, to, new Uint8Array());
}

function repeatRange(bytes: Uint8Array, random: Random): Uint8Array {
  const [from, to] = range(bytes, random);
  return replaceRange(bytes, to, to, bytes.subarray(from, to));
}

function spliceRange(bytes: Uint8Array, random: Random, donor: Uint8Array): Uint8Array {
  const [from, to] = range(bytes, random);
  const [start, end] = range(donor, random);
  return replaceRange(bytes, from, random.oneIn(2) ? to : from, donor.subarray(start, end));
}

/** Replace a part of the code section by other bytes; the sizes around it are put right. */
export function replaceInBody(
  shape: ModuleShape,
  body: BodyRange,
  from: number,
  to: number,
  by: Uint8Array,
): Uint8Array {
  const { bytes } = shape;
  const section = findSection(shape, Section.code)!;
  const edited = replaceRange(bytes.subarray(body.start, body.end), from - body.start, to - body.start, by);
  const writer = new ByteWriter(bytes.length + by.length + 64);
  writer.bytes(bytes.subarray(0, section.start));
  writer.section(Section.code, (out) =>
    out.vector(shape.bodies, (other) => {
      const content = other === body ? edited : bytes.subarray(other.start, other.end);
      out.u32(content.length).bytes(content);
    }),
  );
  return writer.bytes(bytes.subarray(section.end)).finish();
}

interface Site {
  shape: ModuleShape;
  body: BodyRange;
  instruction: Instruction;
  /** The instruction after it, if any. */
  next: Instruction | undefined;
}

/** A random instruction of a random body. */
function pickInstruction(bytes: Uint8Array, random: Random, wanted: (found: Instruction) => boolean): Site {
  const shape = readModule(bytes);
  for (let attempt = 0; attempt < 8; attempt++) {
    const body = random.pick(shape.bodies);
    const reader = new ByteReader(bytes, body.start, body.end);
    readLocals(reader);
    const found: Instruction[] = [];
    while (reader.position < body.end) {
      const instruction = newInstruction();
      readInstruction(reader, instruction);
      found.push(instruction);
    }
    const fitting = found.filter(wanted);
    if (fitting.length === 0) continue;
    const instruction = random.pick(fitting);
    return { shape, body, instruction, next: found[found.indexOf(instruction) + 1] };
  }
  throw new Error('no such instruction');
}

function plainOpcodes(immediate: Immediate): number[] {
  return Array.from({ length: 0xd3 }, (_, opcode) => opcode).filter((opcode) => immediateOf(opcode) === immediate);
}

/** Another opcode with an immediate of the same kind. */
function swapOpcode(bytes: Uint8Array, random: Random): Uint8Array {
  const isVector = (opcode: number) => opcode >>> 16 === 0xfd;
  const site = pickInstruction(bytes, random, ({ opcode }) => (opcode <= 0xff && opcode !== 0x0b) || isVector(opcode));
  const { opcode, immediate, start } = site.instruction;
  if (isVector(opcode)) return swapVectorOpcode(site, random);
  const result = bytes.slice();
  // Neighbours in the opcode space have the same signature more often than not.
  const near = opcode + random.pick([-2, -1, 1, 2]);
  const choices = plainOpcodes(immediate);
  result[start] = choices.includes(near) && random.chance(70) ? near : random.pick(choices);
  return result;
}

/** As above; behind the prefix 0xfd, where some numbers have no meaning. */
function swapVectorOpcode({ shape, body, instruction }: Site, random: Random): Uint8Array {
  const { opcode, immediate, start, operand } = instruction;
  const near = (opcode & 0xffff) + random.pick([-2, -1, 1, 2]);
  const choices = Array.from({ length: 0x114 }, (_, number) => number).filter(
    (number) => prefixedImmediate(0xfd, number) === immediate,
  );
  const number = choices.includes(near) && random.chance(70) ? near : random.pick(choices);
  const by = new ByteWriter(8).byte(0xfd).u32(number);
  return replaceInBody(shape, body, start, operand, by.view());
}

function changeImmediate(bytes: Uint8Array, random: Random): Uint8Array {
  const site = pickInstruction(bytes, random, ({ immediate }) => immediate !== Immediate.none);
  const { operand, end, immediate } = site.instruction;
  const writer = new ByteWriter(32);
  const reader = new ByteReader(bytes, operand, end);
  const near = (value: number): number =>
    random.chance(80) ? Math.max(0, value + random.between(-3, 3)) : random.u32();
  switch (immediate) {
    case Immediate.index:
      writer.u32(near(reader.unsigned()));
      break;
    case Immediate.indexPair:
    case Immediate.memoryAccess:
      writer.u32(near(reader.unsigned())).u32(near(reader.unsigned()));
      break;
    case Immediate.memoryLane:
      writer.u32(near(reader.unsigned())).u32(near(reader.unsigned())).byte(near(reader.byte()));
      break;
    case Immediate.lane:
      writer.byte(near(reader.byte()));
      break;
    case Immediate.i32:
      writer.s32(randomI32(random));
      break;
    case Immediate.i64:
      writer.s64(randomI64(random));
      break;
    case Immediate.block:
      writer.byte(random.pick([0x40, 0x7f, 0x7e, 0x7d, 0x7c, 0x7b, random.below(16)]));
      break;
    case Immediate.branchTable:
      writer.vector(
        reader.vector(() => reader.unsigned()),
        (target) => writer.u32(random.oneIn(3) ? near(target) : target),
      );
      writer.u32(near(reader.unsigned()));
      break;
    default:
      writer.bytes(flipBits(bytes.subarray(operand, end), random));
  }
  return replaceInBody(site.shape, site.body, operand, end, writer.view());
}

function removeInstruction(bytes: Uint8Array, random: Random): Uint8Array {
  const { shape, body, instruction } = pickInstruction(bytes, random, () => true);
  return replaceInBody(shape, body, instruction.start, instruction.end, new Uint8Array());
}

function repeatInstruction(bytes: Uint8Array, random: Random): Uint8Array {
  const { shape, body, instruction } = pickInstruction(bytes, random, () => true);
  const { start, end } = instruction;
  return replaceInBody(shape, body, end, end, bytes.subarray(start, end));
}

function exchangeInstructions(bytes: Uint8Array, random: Random): Uint8Array {
  const { shape, body, instruction, next } = pickInstruction(bytes, random, () => true);
  if (next === undefined) throw new Error('nothing follows');
  const both = new ByteWriter(32);
  both.bytes(bytes.subarray(next.start, next.end)).bytes(bytes.subarray(instruction.start, instruction.end));
  return replaceInBody(shape, body, instruction.start, next.end, both.view());
}

/** The body of another function, of the same type more often than not. */
function exchangeBodies(bytes: Uint8Array, random: Random): Uint8Array {
  const shape = readModule(bytes);
  const index = random.below(shape.bodies.length);
  const type = shape.functions[shape.importedFunctions + index];
  const same = shape.bodies.filter((_, i) => i !== index && shape.functions[shape.importedFunctions + i] === type);
  const from = same.length > 0 && random.chance(80) ? random.pick(same) : random.pick(shape.bodies);
  const body = shape.bodies[index]!;
  return replaceInBody(shape, body, body.start, body.end, bytes.subarray(from.start, from.end));
}

/** An index or a small constant in more bytes than it needs, sometimes in too many. */
function lengthenLeb(bytes: Uint8Array, random: Random): Uint8Array {
  const { shape, body, instruction } = pickInstruction(
    bytes,
    random,
    ({ immediate }) => immediate === Immediate.index || immediate === Immediate.i32 || immediate === Immediate.i64,
  );
  const { operand, end, immediate } = instruction;
  const old = [...bytes.subarray(operand, end)];
  const last = old.pop()!;
  const negative = immediate !== Immediate.index && (last & 0x40) !== 0;
  const limit = immediate === Immediate.i64 ? 10 : 5;
  const length = Math.min(random.between(old.length + 2, limit + (random.oneIn(5) ? 1 : 0)), 11);
  old.push(last | 0x80);
  while (old.length < length - 1) old.push(negative ? 0xff : 0x80);
  old.push(negative ? 0x7f : 0);
  return replaceInBody(shape, body, operand, end, Uint8Array.from(old));
}

/** Sections removed, repeated or in another order. */
function changeSections(bytes: Uint8Array, random: Random): Uint8Array {
  const { sections } = readModule(bytes);
  const chosen = random.below(sections.length);
  const order = [...sections];
  const choice = random.below(3);
  if (choice === 0) order.splice(chosen, 1);
  else if (choice === 1) order.splice(random.below(sections.length), 0, sections[chosen]!);
  else order.push(...order.splice(chosen, 1));
  const writer = new ByteWriter(bytes.length).header();
  for (const section of order) writer.bytes(bytes.subarray(section.start, section.end));
  return writer.finish();
}
