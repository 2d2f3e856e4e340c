/** Which optional features a module uses, found by a scan of its types and opcodes. */
import { newInstruction, readInstruction, readLocals } from '../support/instructions.js';
import { ByteReader, findSection, type ModuleShape, readModule, skipConstant } from '../support/reader.js';
import { EXTERNREF, Section, V128, type ValueType } from '../support/wasm-types.js';
import type { Command, Value } from './format.js';

/** Features that the list of what is supported can name. */
export type Feature = 'simd' | 'externref' | 'threads' | 'tail-call' | 'multi-memory' | 'memory64' | 'other';

/**
 * Features of a module. A module that is not valid gives those found up to where it stops making sense; `other` says
 * that it has forms newer than WebAssembly 2.0.
 */
export function moduleFeatures(bytes: Uint8Array, valid: boolean): Set<Feature> {
  const found = new Set<Feature>();
  let shape: ModuleShape;
  try {
    shape = readModule(bytes);
  } catch {
    if (valid) found.add('other');
    else scanBytes(bytes, found);
    return found;
  }
  for (const type of shape.types) for (const value of [...type.params, ...type.results]) addType(value, found);
  for (const global of shape.globals) addType(global.type, found);
  for (const table of shape.tables) {
    addType(table.element, found);
    if (table.wide) found.add('memory64');
  }
  for (const memory of shape.memories) {
    if (memory.wide) found.add('memory64');
    if (memory.shared) found.add('threads');
  }
  if (shape.memories.length > 1) found.add('multi-memory');
  try {
    scanElements(shape, found);
    for (const { start, end } of shape.bodies) scanBody(bytes, start, end, found);
  } catch {
    if (valid) found.add('other');
  }
  return found;
}

/** A module whose sections make no sense: a vector type or opcode anywhere may be what it is about. */
function scanBytes(bytes: Uint8Array, found: Set<Feature>): void {
  if (bytes.includes(V128) || bytes.includes(0xfd)) found.add('simd');
  if (bytes.includes(EXTERNREF)) found.add('externref');
}

function addType(type: ValueType, found: Set<Feature>): void {
  if (type === V128) found.add('simd');
  else if (type === EXTERNREF) found.add('externref');
  else if (type < 0x70 && type !== 0x6f) found.add('other');
}

/** Types of element segments. */
function scanElements(shape: ModuleShape, found: Set<Feature>): void {
  const section = findSection(shape, Section.element);
  if (section === undefined) return;
  const reader = new ByteReader(shape.bytes, section.payload, section.end);
  for (let count = reader.unsigned(); count > 0; count--) {
    const flags = reader.unsigned();
    if ((flags & 1) === 0) {
      if (flags & 2) reader.skipLeb();
      skipConstant(reader);
    }
    const type = flags & 3 ? reader.byte() : 0;
    if (flags & 4) {
      if (flags & 3) addType(type, found);
      reader.vector(() => skipConstant(reader));
    } else {
      reader.vector(() => reader.skipLeb());
    }
  }
}

function scanBody(bytes: Uint8Array, start: number, end: number, found: Set<Feature>): void {
  const reader = new ByteReader(bytes, start, end);
  for (const run of readLocals(reader)) addType(run.type, found);
  const instruction = newInstruction();
  while (reader.position < end) {
    const opcode = bytes[reader.position];
    if (opcode === 0xfd) found.add('simd');
    else if (opcode === 0xfe) found.add('threads');
    readInstruction(reader, instruction);
    if (instruction.opcode === 0x12 || instruction.opcode === 0x13) found.add('tail-call');
    const operand = bytes[instruction.operand];
    if (instruction.opcode === 0xd0 && operand === EXTERNREF) found.add('externref');
    // The type of a block, or of a select behind the count.
    const isBlock = instruction.opcode >= 0x02 && instruction.opcode <= 0x04;
    const type = instruction.opcode === 0x1c ? bytes[instruction.operand + 1] : isBlock ? operand : undefined;
    if (type === V128) found.add('simd');
    if (type === EXTERNREF) found.add('externref');
  }
}

/** Features that the values of a command need. */
export function valueFeatures(command: Command): Set<Feature> {
  const found = new Set<Feature>();
  const visit = (value: Value): void => {
    if (value.type === 'v128') found.add('simd');
    if (value.type === 'externref') found.add('externref');
    value.values?.forEach(visit);
  };
  command.action?.args?.forEach(visit);
  command.expected?.forEach(visit);
  return found;
}
