import { hexText, isolate, Math, Uint32Array } from '../support/primordials.js';
import { ConstExprReader } from './const-expr.js';
import { gcTypeForm } from './gc-opcodes.js';
import { ExportKind, ImportKind, importsOfType, importsWithTypes, tableWithValue } from './item-lists.js';
import { Limit } from './limits.js';
import type { MemoryType, ModuleInfo } from './module.js';
import { NameSet } from './name-set.js';
import { NumberList } from './number-list.js';
import { longestPlainHeader, PlainSegment } from './plain-segment.js';
import type { Reader } from './reader.js';
import { typeName, wrongType } from './type-names.js';
import { isReference, ValType } from './types.js';
import { decodeUtf8 } from './utf8.js';

/** Limits of a shared memory: it has a maximum. */
const sharedFlags = 3;
/** Limits of a memory with 64-bit addresses; 1 more: it has a maximum. */
const wideFlags = 4;
/** The size of a memory's pages follows. */
const pageSizeFlag = 8;
/** log2 of the bytes of a page, unless said otherwise. */
const usualPageSize = 16;
/** Pages that such a memory can declare as its maximum. */
const mostPages64 = 2 ** 48;

export const enum SectionId {
  custom = 0,
  type = 1,
  import = 2,
  function = 3,
  table = 4,
  memory = 5,
  global = 6,
  export = 7,
  start = 8,
  element = 9,
  code = 10,
  data = 11,
  dataCount = 12,
  tag = 13,
}

/** Sections have an order: tags come between memory and global, the data count between element and code. */
export const sectionOrder: readonly number[] = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6];
export const sectionNames: readonly string[] = [
  'custom',
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'code',
  'data',
  'data count',
  'tag',
];

/** Maximum number of items per section, by section id. */
export const sectionLimits: readonly number[] = [
  0,
  Limit.types,
  Limit.imports,
  Limit.functions,
  Limit.tables,
  100000,
  Limit.globals,
  Limit.exports,
  0,
  Limit.elementSegments,
  Limit.functions,
  Limit.dataSegments,
  0,
  Limit.tags,
];

/** State of sections whose items are read one at a time, beyond what is in `ModuleInfo`. */
export class SectionReader {
  static {
    isolate(this);
  }

  readonly #r: Reader;
  readonly #info: ModuleInfo;
  readonly #expressions: ConstExprReader;
  #exportNames: NameSet | undefined;
  functionTypes: Uint32Array = new Uint32Array(0);
  functionCount = 0;
  /** Type index per imported function. */
  readonly importedTypes: NumberList;
  // The element segment whose entries are being read.
  #entries = 0;
  #segmentAt = 0;
  #segmentType = 0;
  #segmentExpressions = false;
  // The import that was read last.
  #importKind: ImportKind = ImportKind.function;
  #importTypeAt = 0;
  #importSignature = 0;
  #importMemory!: MemoryType;
  // The group of imports that is being read.
  #groupLeft = 0;
  #groupHasType = false;

  constructor(reader: Reader, info: ModuleInfo) {
    this.#r = reader;
    this.#info = info;
    this.importedTypes = new NumberList(info.memory);
    this.#expressions = new ConstExprReader(reader, info);
  }

  #valueType(): number {
    const at = this.#r.pos;
    return this.#checkValueType(this.#r.u8('value type'), at);
  }

  #checkValueType(type: number, at: number): number {
    switch (type) {
      case ValType.i32:
      case ValType.i64:
      case ValType.f32:
      case ValType.f64:
      case ValType.funcref:
      case ValType.externref:
      case ValType.exnref:
      case ValType.v128:
        return type;
    }
    return this.#r.fail(wrongType('value type', type), at);
  }

  #referenceType(): number {
    const at = this.#r.pos;
    const type = this.#r.u8('reference type');
    if (!isReference(type)) {
      this.#r.fail(wrongType('reference type', type), at);
    }
    return type;
  }

  type(): void {
    const r = this.#r;
    const at = r.pos;
    const form = r.u8('type form');
    if (form !== 0x60) {
      const later = gcTypeForm(form);
      if (later !== undefined) r.fail(`${later}: not supported yet (garbage collection)`, at);
      if (form === 0x5d) r.fail('continuation type: not supported yet (stack switching)', at);
      if (form === 0x65) r.fail('shared type: not supported yet (shared-everything threads)', at);
      r.fail(`unknown type form: ${form}, expected 0x60`, at);
    }
    this.#typeList('param', Limit.params);
    this.#typeList('return', Limit.results);
    this.#info.types.add(at);
  }

  #typeList(what: string, limit: number): void {
    const r = this.#r;
    const at = r.pos;
    const count = r.u32(`${what} count`);
    if (count > limit) r.fail(`${what} count of ${count} exceeds internal limit of ${limit}`, at);
    r.need(count, `${what} types`);
    const start = r.pos;
    const { bytes } = r;
    for (let i = start; i < start + count; i++) this.#checkValueType(bytes[i], i);
    r.pos = start + count;
  }

  #limits(what: string, maximum: number): MemoryType {
    const r = this.#r;
    const at = r.pos;
    const flags = r.u8(`${what} limits flags`);
    const hasPageSize = (flags & pageSizeFlag) !== 0 && what === 'memory';
    const form = hasPageSize ? flags & ~pageSizeFlag : flags;
    const shared = form === sharedFlags && what === 'memory';
    const is64 = form === wideFlags || form === wideFlags + 1;
    if (form > 1 && !shared && !is64) {
      if (form === 2 && what === 'memory') r.fail('shared memory must have a maximum defined', at);
      if (form === 2 || form === 3) r.fail(`shared ${what}: not supported yet (shared-everything threads)`, at);
      if (form >= 4 && form <= 7) r.fail(`shared 64-bit ${what}: not supported yet (memory64)`, at);
      r.fail(`invalid ${what} limits flags 0x${hexText(flags, 1)}`, at);
    }
    if (shared && hasPageSize) r.fail('shared memory: not supported yet (custom page sizes)', at);
    const initialAt = r.pos;
    const initial = is64 ? r.u64(`initial ${what} size`) : r.u32(`initial ${what} size`);
    const maximumAt = r.pos;
    let max: number | undefined;
    if ((form & 1) !== 0) max = is64 ? r.u64(`maximum ${what} size`) : r.u32(`maximum ${what} size`);
    const bytePages = hasPageSize && this.#pageSize() === 0;
    // As many single bytes as there are addresses: what is too large for the machine is found when it is made.
    if (!bytePages) {
      if (initial > maximum)
        r.fail(`initial ${what} size (${initial}) is larger than implementation limit (${maximum})`, initialAt);
      const most = is64 ? mostPages64 : maximum;
      if (what === 'memory' && max !== undefined && max > most) {
        r.fail(`maximum memory size (${max} pages) is larger than implementation limit (${most} pages)`, maximumAt);
      }
    }
    if (max !== undefined && max < initial) {
      r.fail(`maximum ${what} size (${max}) is lower than the initial (${initial})`, maximumAt);
    }
    return { initial, maximum: max, shared, is64, bytePages };
  }

  /** log2 of the bytes of a page: 0 or 16. */
  #pageSize(): number {
    const r = this.#r;
    const at = r.pos;
    const log = r.u32('memory page size');
    if (log !== 0 && log !== usualPageSize)
      r.fail(`invalid custom page size: 2^${log} bytes, only 1 and 65536 are possible`, at);
    return log;
  }

  /** Returns the element type. */
  #tableType(): number {
    const at = this.#r.pos;
    const element = this.#r.u8('table element type');
    if (!isReference(element)) {
      this.#r.fail(wrongType('table element type', element), at);
    }
    this.#limits('table', 0xffffffff);
    return element;
  }

  #memoryType(): MemoryType {
    return this.#limits('memory', Limit.memoryPages);
  }

  /** Returns the value type. */
  #globalType(): number {
    const type = this.#valueType();
    const at = this.#r.pos;
    const mutability = this.#r.u8('mutability');
    if (mutability > 1) this.#r.fail(`invalid mutability bit bitmap 0x${hexText(mutability, 1)}`, at);
    return type;
  }

  #addMemory(type: MemoryType, at: number): void {
    const info = this.#info;
    if (info.memories.length >= Limit.memories) {
      this.#r.fail(`more than ${Limit.memories} memories: beyond the implementation limit`, at);
    }
    info.memories.push(type);
  }

  import(): void {
    const r = this.#r;
    const at = r.pos;
    r.skipName('module name');
    const hasName = r.skipName('field name') < r.pos;
    r.need(1, 'import kind');
    const kind = r.bytes[r.pos];
    if (!hasName && (kind === importsWithTypes || kind === importsOfType)) this.#importGroup(at, kind);
    else {
      this.#externType();
      this.#addImport(at);
    }
  }

  /** The group of imports that was begun has some left. */
  get inImports(): boolean {
    return this.#groupLeft > 0;
  }

  /** Header of a group of imports from one module, with a type each or with one type for all. */
  #importGroup(at: number, kind: number): void {
    const r = this.#r;
    const { imports } = this.#info;
    r.pos++;
    const typeAt = r.pos;
    if (kind === importsOfType) this.#externType();
    const countAt = r.pos;
    const count = r.u32('number of imports');
    if (count > Limit.imports - imports.length) {
      r.fail(`imports count exceeds internal limit of ${Limit.imports}`, countAt);
    }
    // Each has at least one byte.
    if (count > r.end - r.pos) r.fail(`number of imports ${count} is larger than the section`, countAt);
    this.#groupLeft = count;
    this.#groupHasType = kind === importsOfType;
    if (count > 0) imports.addGroup(count, at, this.#groupHasType ? typeAt : 0);
  }

  /** One import of the group. */
  groupedImport(): void {
    const at = this.#r.pos;
    this.#r.skipName('field name');
    if (!this.#groupHasType) this.#externType();
    this.#addImport(at);
    this.#groupLeft--;
  }

  /** Kind and type of an import, for `#addImport`. */
  #externType(): void {
    const r = this.#r;
    const kindAt = r.pos;
    const kind = r.u8('import kind');
    const typeAt = r.pos;
    switch (kind) {
      case ImportKind.function: {
        const { length } = this.#info.types;
        const type = r.u32('signature index');
        if (type >= length) r.fail(`no signature at index ${type} (${length} signatures)`, typeAt);
        this.#importSignature = type;
        break;
      }
      case ImportKind.table:
        this.#tableType();
        break;
      case ImportKind.memory:
        this.#importMemory = this.#memoryType();
        break;
      case ImportKind.global:
        this.#globalType();
        break;
      case ImportKind.tag:
        this.#tagType();
        break;
      default:
        r.fail(`unknown import kind 0x${hexText(kind, 1)}`, kindAt);
    }
    this.#importKind = kind;
    this.#importTypeAt = typeAt;
  }

  /** One more import, at `at`, of the kind and type that were read last. */
  #addImport(at: number): void {
    const info = this.#info;
    switch (this.#importKind) {
      case ImportKind.function:
        this.importedTypes.push(this.#importSignature);
        break;
      case ImportKind.table:
        info.tables.add(this.#importTypeAt);
        info.importedTables++;
        break;
      case ImportKind.memory:
        this.#addMemory(this.#importMemory, at);
        info.importedMemories++;
        break;
      case ImportKind.tag:
        info.tags.add(this.#importTypeAt);
        info.importedTags++;
        break;
      default:
        info.globals.add(this.#importTypeAt);
        info.importedGlobals++;
    }
    info.imports.add(at);
  }

  beginFunctions(count: number): void {
    const imported = this.importedTypes.length;
    this.#info.memory.take(4 * (imported + count));
    this.functionTypes = new Uint32Array(imported + count);
    this.importedTypes.copyTo(this.functionTypes);
    this.functionCount = imported;
  }

  function(): void {
    const r = this.#r;
    const at = r.pos;
    const type = r.u32('signature index');
    if (type >= this.#info.types.length)
      r.fail(`no signature at index ${type} (${this.#info.types.length} signatures)`, at);
    this.functionTypes[this.functionCount++] = type;
  }

  /** Functions whose types are one byte, as many as are here; what is unusual is left. Returns how many. */
  plainFunctions(most: number): number {
    const r = this.#r;
    const { bytes, pos } = r;
    const { functionTypes } = this;
    const known = Math.min(this.#info.types.length, 0x80);
    const end = Math.min(pos + most, r.limit, r.end);
    let at = pos;
    let count = this.functionCount;
    for (; at < end; at++) {
      const type = bytes[at];
      if (type >= known) break;
      functionTypes[count++] = type;
    }
    this.functionCount = count;
    r.pos = at;
    return at - pos;
  }

  /** A table, which can have a value for its elements. */
  table(): void {
    const r = this.#r;
    const at = r.pos;
    r.need(1, 'table element type');
    if (r.bytes[at] !== tableWithValue) this.#tableType();
    else {
      r.pos++;
      const reservedAt = r.pos;
      if (r.u8('reserved byte') !== 0) r.fail('Reserved byte must be 0x00', reservedAt);
      this.#expressions.read(this.#tableType());
    }
    this.#info.tables.add(at);
  }

  memory(): void {
    const at = this.#r.pos;
    this.#addMemory(this.#memoryType(), at);
  }

  global(): void {
    const at = this.#r.pos;
    this.#expressions.read(this.#globalType());
    this.#info.globals.add(at);
  }

  tag(): void {
    const at = this.#r.pos;
    this.#tagType();
    this.#info.tags.add(at);
  }

  /** A tag's type (Core Specification, 5.5.16). */
  #tagType(): void {
    const r = this.#r;
    const { types } = this.#info;
    const at = r.pos;
    const attribute = r.u8('exception attribute');
    if (attribute !== 0) r.fail(`exception attribute ${attribute} not supported`, at);
    const typeAt = r.pos;
    const type = r.u32('signature index');
    if (type >= types.length) r.fail(`no signature at index ${type} (${types.length} signatures)`, typeAt);
    if (types.at(type).results.length > 0) r.fail(`tag signature ${type} has non-void return`, typeAt);
  }

  beginExports(count: number): void {
    this.#exportNames = new NameSet(count, this.#info.memory);
  }

  endExports(): void {
    this.#exportNames?.release();
    this.#exportNames = undefined;
  }

  export(): void {
    const r = this.#r;
    const info = this.#info;
    const at = r.pos;
    const nameAt = r.skipName('field name');
    const nameEnd = r.pos;
    const kindAt = r.pos;
    const kind = r.u8('export kind');
    if (kind > ExportKind.tag) r.fail(`invalid export kind 0x${hexText(kind, 1)}`, kindAt);
    const indexAt = r.pos;
    const index = r.u32('export index');
    if (index >= this.#sizeOf(kind)) {
      r.fail(`export "${decodeUtf8(r.bytes, nameAt, nameEnd)}": index ${index} is out of range`, indexAt);
    }
    if (!(this.#exportNames as NameSet).add(r.bytes, at)) {
      r.fail(`Duplicate export name '${decodeUtf8(r.bytes, nameAt, nameEnd)}'`, at);
    }
    if (kind === ExportKind.function) info.declareReference(index);
    info.exports.add(at);
  }

  /** Size of an index space. */
  #sizeOf(kind: ExportKind): number {
    const { functionTypes, tables, memories, globals, tags } = this.#info;
    switch (kind) {
      case ExportKind.function:
        return functionTypes.length;
      case ExportKind.table:
        return tables.length;
      case ExportKind.memory:
        return memories.length;
      case ExportKind.global:
        return globals.length;
      default:
        return tags.length;
    }
  }

  start(): void {
    const r = this.#r;
    const at = r.pos;
    const index = r.u32('start function index');
    const info = this.#info;
    if (index >= info.functionTypes.length) r.fail(`function index ${index} out of bounds`, at);
    const type = info.types.at(info.functionTypes[index]);
    if (type.params.length > 0 || type.results.length > 0)
      r.fail('invalid start function: non-zero parameter or return count', at);
    info.start = index;
  }

  /** The segment whose header was read has entries left. */
  get inElement(): boolean {
    return this.#entries > 0;
  }

  /** Header of an element segment (Core Specification, 5.5.12: eight forms). */
  elementHeader(): void {
    const r = this.#r;
    const info = this.#info;
    const at = r.pos;
    const flags = r.u32('element segment flag');
    if (flags > 7) r.fail(`illegal flag value ${flags}`, at);
    const active = (flags & 1) === 0;
    const expressions = (flags & 4) !== 0;
    let table = 0;
    if (active) {
      const tableAt = r.pos;
      if ((flags & 2) !== 0) table = r.u32('table index');
      if (table >= info.tables.length) r.fail(`out of bounds table index ${table}`, tableAt);
      this.#expressions.read(info.tables.is64(table) ? ValType.i64 : ValType.i32);
    }
    let type: number = ValType.funcref;
    if ((flags & 3) !== 0) {
      const typeAt = r.pos;
      if (expressions) type = this.#referenceType();
      else {
        const kind = r.u8('element kind');
        if (kind !== 0) r.fail(`illegal element kind 0x${hexText(kind, 1)}. Must be 0x00`, typeAt);
      }
    }
    if (active && info.tables.element(table) !== type) {
      r.fail(
        `Element segment of type ${typeName(type)} is not a subtype of referenced table ${table} (type ${typeName(info.tables.element(table))})`,
        at,
      );
    }
    const countAt = r.pos;
    const count = r.u32('number of elements');
    if (count > Limit.elementEntries)
      r.fail(`number of elements ${count} exceeds internal limit of ${Limit.elementEntries}`, countAt);
    // Each entry has at least one byte: a hostile count must not allocate what the section cannot fill.
    if (count > r.end - r.pos) r.fail(`number of elements ${count} is larger than the section`, countAt);
    this.#segmentAt = at;
    this.#segmentType = type;
    this.#segmentExpressions = expressions;
    this.#entries = count;
    if (count === 0) info.elements.add(at);
  }

  element(): void {
    const r = this.#r;
    const info = this.#info;
    if (this.#segmentExpressions) this.#expressions.read(this.#segmentType);
    else {
      const at = r.pos;
      const index = r.u32('function index');
      if (index >= info.functionTypes.length)
        r.fail(`function index ${index} out of bounds (${info.functionTypes.length} entries)`, at);
      info.declareReference(index);
    }
    if (--this.#entries === 0) info.elements.add(this.#segmentAt);
  }

  /** Entries of at most two bytes, as many as are here, but not the last; what is unusual is left. False if there are none. */
  plainElements(): boolean {
    if (this.#segmentExpressions) return false;
    const r = this.#r;
    const info = this.#info;
    const { bytes } = r;
    const functions = info.functionTypes.length;
    const end = Math.min(r.limit, r.end) - 1;
    let at = r.pos;
    let left = this.#entries;
    for (; left > 1 && at < end; left--) {
      let index = bytes[at];
      let next = at + 1;
      if (index >= 0x80) {
        const high = bytes[next++];
        if (high >= 0x80) break;
        index = (index & 0x7f) | (high << 7);
      }
      if (index >= functions) break;
      info.declareReference(index);
      at = next;
    }
    if (at === r.pos) return false;
    this.#entries = left;
    r.pos = at;
    return true;
  }

  /** Data segments of the common form, as many as are here whole; what is unusual is left. Returns how many. */
  plainData(most: number): number {
    const r = this.#r;
    const { bytes } = r;
    const { data, memories } = this.#info;
    if (memories.length === 0 || this.#info.is64(0)) return 0;
    const end = Math.min(r.limit, r.end);
    const segment = new PlainSegment();
    let done = 0;
    for (let at = r.pos; done < most && at + longestPlainHeader <= end; done++) {
      if (!segment.read(bytes, at)) break;
      const next = segment.start + segment.size;
      if (next > end) break;
      data.add(at);
      r.pos = at = next;
    }
    return done;
  }

  /** Header of a data segment; so many bytes follow. */
  dataHeader(): number {
    const r = this.#r;
    const info = this.#info;
    const at = r.pos;
    const flags = r.u32('data segment flag');
    if (flags > 2) r.fail(`illegal flag value ${flags}`, at);
    const memoryAt = r.pos;
    const memory = flags === 2 ? r.u32('memory index') : 0;
    if (flags !== 1) {
      if (memory >= info.memories.length)
        r.fail(memory === 0 ? 'cannot load data without memory' : `invalid memory index: ${memory}`, memoryAt);
      this.#expressions.read(info.is64(memory) ? ValType.i64 : ValType.i32);
    }
    const sizeAt = r.pos;
    const size = r.u32('source size');
    if (size > r.end - r.pos) r.fail(`expected ${size} bytes of data, section has ${r.end - r.pos}`, sizeAt);
    return size;
  }
}
