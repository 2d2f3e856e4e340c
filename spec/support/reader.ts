/**
 * Reads the parts of a binary module that the harnesses need: types, imports, exports and where the bodies are.
 * Independent of the engine's decoder on purpose: what tests the engine must not share its mistakes.
 */
import { type FunctionType, Kind, Section, type ValueType } from './wasm-types.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A cursor over bytes. Reading past the end throws. */
export class ByteReader {
  constructor(
    readonly bytes: Uint8Array,
    public position = 0,
    readonly end = bytes.length,
  ) {}

  byte(): number {
    if (this.position >= this.end) throw new RangeError(`unexpected end at ${this.position}`);
    return this.bytes[this.position++]!;
  }

  skip(count: number): void {
    if (count > this.end - this.position) throw new RangeError(`unexpected end at ${this.end}`);
    this.position += count;
  }

  /** An unsigned LEB128 number of up to 64 bits; exact up to 2^53. */
  unsigned(): number {
    let result = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      result += (byte & 0x7f) * scale;
      if (byte < 0x80) return result;
    }
  }

  /** A signed LEB128 number of 33 bits or fewer. */
  signed(): number {
    let result = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      result += (byte & 0x7f) * scale;
      if (byte < 0x80) return byte & 0x40 ? result - scale * 128 : result;
    }
  }

  skipLeb(): void {
    while (this.byte() >= 0x80);
  }

  name(): string {
    const length = this.unsigned();
    const start = this.position;
    this.skip(length);
    return utf8.decode(this.bytes.subarray(start, this.position));
  }

  vector<T>(read: () => T): T[] {
    const count = this.unsigned();
    if (count > this.end - this.position) throw new RangeError(`count ${count} is larger than the rest`);
    return Array.from({ length: count }, read);
  }
}

export interface Limits {
  min: number;
  max?: number;
  shared: boolean;
  wide: boolean;
}

export interface TableType extends Limits {
  element: ValueType;
}

export interface GlobalType {
  type: ValueType;
  mutable: boolean;
}

export type ImportedType =
  | { kind: Kind.function; type: number }
  | ({ kind: Kind.table } & TableType)
  | ({ kind: Kind.memory } & Limits)
  | ({ kind: Kind.global } & GlobalType)
  | { kind: Kind.tag; type: number };

export type Import = ImportedType & { module: string; name: string };

export interface Export {
  name: string;
  kind: Kind;
  index: number;
}

/** A section: `start` is its id byte, `payload` the first byte of the content, `end` one past it. */
export interface SectionRange {
  id: number;
  start: number;
  payload: number;
  end: number;
}

/** A function body without its size: local declarations and expression. */
export interface BodyRange {
  start: number;
  end: number;
}

/** What a module declares. Index spaces include imports. */
export interface ModuleShape {
  bytes: Uint8Array;
  sections: SectionRange[];
  types: FunctionType[];
  imports: Import[];
  /** Type index of each function, imported ones first. */
  functions: number[];
  importedFunctions: number;
  tables: TableType[];
  importedTables: number;
  memories: Limits[];
  importedMemories: number;
  globals: GlobalType[];
  importedGlobals: number;
  exports: Export[];
  start?: number;
  bodies: BodyRange[];
}

/**
 * Read a module's declarations.
 * @throws RangeError, Error if the bytes are no module, or use type forms that are not read here
 */
export function readModule(bytes: Uint8Array): ModuleShape {
  const shape: ModuleShape = {
    bytes,
    sections: readSections(bytes),
    types: [],
    imports: [],
    functions: [],
    importedFunctions: 0,
    tables: [],
    importedTables: 0,
    memories: [],
    importedMemories: 0,
    globals: [],
    importedGlobals: 0,
    exports: [],
    bodies: [],
  };
  for (const section of shape.sections) readSection(shape, section);
  return shape;
}

/** The sections of a module; content is not looked at. */
export function readSections(bytes: Uint8Array): SectionRange[] {
  const reader = new ByteReader(bytes, 8);
  if (bytes.length < 8 || new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) !== 0x0061736d) {
    throw new Error('no WebAssembly module');
  }
  const sections: SectionRange[] = [];
  while (reader.position < bytes.length) {
    const start = reader.position;
    const id = reader.byte();
    const size = reader.unsigned();
    const payload = reader.position;
    reader.skip(size);
    sections.push({ id, start, payload, end: reader.position });
  }
  return sections;
}

export function findSection(shape: ModuleShape, id: Section): SectionRange | undefined {
  return shape.sections.find((section) => section.id === id);
}

/** Signature of a function by its index. */
export function functionType(shape: ModuleShape, index: number): FunctionType {
  const type = shape.types[shape.functions[index]!];
  if (type === undefined) throw new Error(`function ${index} has no type`);
  return type;
}

export function findExport(shape: ModuleShape, name: string): Export | undefined {
  return shape.exports.find((entry) => entry.name === name);
}

function readSection(shape: ModuleShape, { id, payload, end }: SectionRange): void {
  const reader = new ByteReader(shape.bytes, payload, end);
  switch (id) {
    case Section.type:
      shape.types = reader.vector(() => readFunctionType(reader));
      break;
    case Section.import:
      shape.imports = reader.vector(() => readImport(reader));
      for (const entry of shape.imports) addImport(shape, entry);
      break;
    case Section.function:
      shape.functions.push(...reader.vector(() => reader.unsigned()));
      break;
    case Section.table:
      shape.tables.push(...reader.vector(() => readTableType(reader)));
      break;
    case Section.memory:
      shape.memories.push(...reader.vector(() => readLimits(reader)));
      break;
    case Section.global:
      shape.globals.push(
        ...reader.vector(() => {
          const type = readGlobalType(reader);
          skipConstant(reader);
          return type;
        }),
      );
      break;
    case Section.export:
      shape.exports = reader.vector(() => ({ name: reader.name(), kind: reader.byte(), index: reader.unsigned() }));
      break;
    case Section.start:
      shape.start = reader.unsigned();
      break;
    case Section.code:
      shape.bodies = reader.vector(() => {
        const size = reader.unsigned();
        const start = reader.position;
        reader.skip(size);
        return { start, end: reader.position };
      });
      break;
  }
}

function readFunctionType(reader: ByteReader): FunctionType {
  const form = reader.byte();
  if (form !== 0x60) throw new Error(`type form 0x${form.toString(16)} is not read here`);
  return { params: reader.vector(() => readValueType(reader)), results: reader.vector(() => readValueType(reader)) };
}

function readValueType(reader: ByteReader): ValueType {
  const type = reader.byte();
  if (type === 0x63 || type === 0x64) {
    // A typed reference: its heap type follows. All that matters here is that it is some reference.
    reader.skipLeb();
  }
  return type;
}

function readLimits(reader: ByteReader): Limits {
  const flags = reader.byte();
  const limits: Limits = { min: reader.unsigned(), shared: (flags & 2) !== 0, wide: (flags & 4) !== 0 };
  if (flags & 1) limits.max = reader.unsigned();
  if (flags & 8) reader.skipLeb();
  return limits;
}

function readTableType(reader: ByteReader): TableType {
  if (reader.bytes[reader.position] === 0x40) {
    // A table with an initialiser.
    reader.skip(2);
    const element = readValueType(reader);
    const limits = readLimits(reader);
    skipConstant(reader);
    return { element, ...limits };
  }
  return { element: readValueType(reader), ...readLimits(reader) };
}

function readGlobalType(reader: ByteReader): GlobalType {
  return { type: readValueType(reader), mutable: reader.byte() === 1 };
}

function readImport(reader: ByteReader): Import {
  const module = reader.name();
  const name = reader.name();
  const kind = reader.byte();
  switch (kind) {
    case Kind.function:
      return { module, name, kind, type: reader.unsigned() };
    case Kind.table:
      return { module, name, kind, ...readTableType(reader) };
    case Kind.memory:
      return { module, name, kind, ...readLimits(reader) };
    case Kind.global:
      return { module, name, kind, ...readGlobalType(reader) };
    case Kind.tag:
      reader.byte();
      return { module, name, kind, type: reader.unsigned() };
    default:
      throw new Error(`import kind ${kind} is not read here`);
  }
}

function addImport(shape: ModuleShape, entry: Import): void {
  if (entry.kind === Kind.function) {
    shape.functions.push(entry.type);
    shape.importedFunctions++;
  } else if (entry.kind === Kind.table) {
    shape.tables.push(entry);
    shape.importedTables++;
  } else if (entry.kind === Kind.memory) {
    shape.memories.push(entry);
    shape.importedMemories++;
  } else if (entry.kind === Kind.global) {
    shape.globals.push(entry);
    shape.importedGlobals++;
  }
}

/** Skip a constant expression with its `end`. */
export function skipConstant(reader: ByteReader): void {
  for (;;) {
    const opcode = reader.byte();
    switch (opcode) {
      case 0x0b:
        return;
      case 0x41: // i32.const
      case 0x42: // i64.const
      case 0x23: // global.get
      case 0xd0: // ref.null
      case 0xd2: // ref.func
        reader.skipLeb();
        break;
      case 0x43: // f32.const
        reader.skip(4);
        break;
      case 0x44: // f64.const
        reader.skip(8);
        break;
      case 0x6a: // i32.add, sub, mul, i64.add, sub, mul
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e:
        break;
      case 0xfd:
        if (reader.unsigned() !== 12) throw new Error('vector instruction in a constant expression');
        reader.skip(16);
        break;
      default:
        throw new Error(`opcode 0x${opcode.toString(16)} in a constant expression`);
    }
  }
}
