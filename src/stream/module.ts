import { MemoryBudget } from '../memory-budget.js';
import { decodeFunctionNames } from './names.js';
import { NumberList } from './number-list.js';

export const enum ImportKind {
  function = 0,
  table = 1,
  memory = 2,
  global = 3,
}

/** Exports have the same kinds as imports. */
export const enum ExportKind {
  function = 0,
  table = 1,
  memory = 2,
  global = 3,
}

export const importKindNames: readonly string[] = ['function', 'table', 'memory', 'global'];
export const exportKindNames: readonly string[] = importKindNames;

/** A function type: value type bytes. */
export interface FunctionType {
  readonly params: Uint8Array;
  readonly results: Uint8Array;
}

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: ImportKind;
  /** In the index space of its kind. */
  readonly index: number;
}

export interface Export {
  readonly name: string;
  readonly kind: ExportKind;
  readonly index: number;
}

export interface TableType {
  /** Reference type byte. */
  readonly element: number;
  readonly initial: number;
  readonly maximum: number | undefined;
}

export interface MemoryType {
  /** Pages. */
  readonly initial: number;
  readonly maximum: number | undefined;
}

export const enum ConstKind {
  /** low, high: the bits of a number. */
  value = 0,
  /** low: global index. */
  globalGet = 1,
  /** low: reference type byte. */
  refNull = 2,
  /** low: function index. */
  refFunc = 3,
  /** low, high, third, fourth: the lanes of a v128 as int32. */
  vector = 4,
}

/** A constant expression: one instruction before its `end`. */
export interface ConstExpr {
  readonly kind: ConstKind;
  readonly type: number;
  readonly low: number;
  readonly high: number;
  /** Of vectors, else 0. */
  readonly third: number;
  readonly fourth: number;
}

export interface GlobalType {
  /** Value type byte. */
  readonly type: number;
  readonly mutable: boolean;
  readonly imported: boolean;
  /** Undefined for imported globals. */
  readonly init: ConstExpr | undefined;
}

export const enum ElementMode {
  active = 0,
  passive = 1,
  declarative = 2,
}

export interface ElementSegment {
  readonly mode: ElementMode;
  readonly table: number;
  /** For active segments. */
  readonly offset: ConstExpr | undefined;
  /** Reference type byte of the entries. */
  readonly type: number;
  readonly count: number;
  /** Function index per entry, -1 for null, -2 - g for the value of global g. */
  readonly entries: Int32Array;
}

/** Part of the module's bytes. */
class WireRange {
  readonly #info: ModuleInfo;
  /** Where the bytes are in the module. */
  readonly start: number;
  readonly end: number;

  constructor(info: ModuleInfo, start: number, end: number) {
    this.#info = info;
    this.start = start;
    this.end = end;
  }

  /** The bytes, in engine memory. Valid when the module is complete. */
  get bytes(): Uint8Array {
    return this.#info.wire.subarray(this.start, this.end);
  }
}

export class DataSegment extends WireRange {
  readonly active: boolean;
  readonly memory: number;
  /** For active segments. */
  readonly offset: ConstExpr | undefined;

  constructor(info: ModuleInfo, header: DataHeader, start: number) {
    super(info, start, start + header.size);
    this.active = header.active;
    this.memory = header.memory;
    this.offset = header.offset;
  }
}

/** What comes before the bytes of a data segment. */
export interface DataHeader {
  readonly active: boolean;
  readonly memory: number;
  readonly offset: ConstExpr | undefined;
  readonly size: number;
}

export class CustomSection extends WireRange {
  readonly name: string;

  constructor(info: ModuleInfo, name: string, start: number, end: number) {
    super(info, start, end);
    this.name = name;
  }
}

/**
 * What a module says, apart from its code. Filled section by section while the bytes come; all but data, names and
 * custom sections is complete before the first function body.
 */
export class ModuleInfo {
  /** What the module and its compilation hold. */
  readonly memory: MemoryBudget;
  readonly types: FunctionType[] = [];
  readonly imports: Import[] = [];
  /** Type index per function, imported ones first. */
  functionTypes: Uint32Array = new Uint32Array(0);
  importedFunctions = 0;
  importedTables = 0;
  importedMemories = 0;
  importedGlobals = 0;
  readonly tables: TableType[] = [];
  readonly memories: MemoryType[] = [];
  readonly globals: GlobalType[] = [];
  readonly exports: Export[] = [];
  /** Function index, or -1. */
  start = -1;
  readonly elements: ElementSegment[] = [];
  readonly data: DataSegment[] = [];
  /** Of the data count section, or -1. */
  dataCount = -1;
  readonly customSections: CustomSection[] = [];
  /** Module offset and size of each own function's body, filled as the bodies come. */
  readonly bodyOffset: NumberList;
  readonly bodySize: NumberList;
  /** Byte range of the code section's payload, 0 if there is none. */
  codeStart = 0;
  codeEnd = 0;
  /** Own functions that can be referenced (exported, in element segments or global initialisers), in order of discovery. */
  readonly referencedFunctions: number[] = [];
  /** Per function: 1 + its place in `referencedFunctions`, or 0; imported ones are marked with -1. */
  #reference = new Int32Array(0);
  /** The module's bytes in engine memory. */
  wire: Uint8Array = new Uint8Array(0);
  #names: Map<number, string> | undefined;

  constructor(memory: MemoryBudget = new MemoryBudget()) {
    this.memory = memory;
    this.bodyOffset = new NumberList(memory);
    this.bodySize = new NumberList(memory);
  }

  /** Number of functions, imported ones included. */
  get functionCount(): number {
    return this.functionTypes.length;
  }

  /** The function section was read: references seen from now on are recorded in place. */
  setFunctions(types: Uint32Array): void {
    this.memory.take(4 * types.length);
    this.functionTypes = types;
    this.#reference = new Int32Array(types.length);
  }

  /** A function can be referenced from now on. */
  declareReference(functionIndex: number): void {
    if (this.#reference[functionIndex] !== 0) return;
    if (functionIndex < this.importedFunctions) {
      this.#reference[functionIndex] = -1;
      return;
    }
    this.memory.take(24);
    this.referencedFunctions.push(functionIndex);
    this.#reference[functionIndex] = this.referencedFunctions.length;
  }

  /** True if `ref.func` may name the function. */
  isReferenced(functionIndex: number): boolean {
    return this.#reference[functionIndex] !== 0;
  }

  /** Place of an own function in `referencedFunctions`, or -1. */
  referencedOrdinal(functionIndex: number): number {
    const entry = this.#reference[functionIndex];
    return entry > 0 ? entry - 1 : -1;
  }

  /** Name from the name section, or undefined; the section is decoded when first asked. */
  functionName(functionIndex: number): string | undefined {
    if (this.#names === undefined) {
      const section = this.customSections.find((s) => s.name === 'name');
      if (section !== undefined) this.#names = decodeFunctionNames(section.bytes);
    }
    return this.#names?.get(functionIndex);
  }

  /** Own function whose body holds the module offset, imports counted, or -1. O(log n). */
  functionAtOffset(offset: number): number {
    let low = 0;
    let high = this.bodyOffset.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.bodyOffset.at(middle) <= offset) low = middle + 1;
      else high = middle;
    }
    const k = low - 1;
    return k >= 0 && offset < this.bodyOffset.at(k) + this.bodySize.at(k) ? k + this.importedFunctions : -1;
  }
}
