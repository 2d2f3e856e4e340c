import { MemoryBudget } from '../support/memory-budget.js';
import { Int32Array, isolate, List, Uint8Array, Uint32Array } from '../support/primordials.js';
import {
  CustomSectionList,
  DataList,
  ElementList,
  ExportList,
  GlobalList,
  ImportList,
  TableList,
  TagList,
  TypeList,
  type WireHolder,
} from './item-lists.js';
import { FunctionNameTable } from './names.js';
import { NumberList } from './number-list.js';

export const importKindNames: readonly string[] = ['function', 'table', 'memory', 'global', 'tag'];
export const exportKindNames: readonly string[] = importKindNames;

export interface MemoryType {
  /** Pages. */
  readonly initial: number;
  readonly maximum: number | undefined;
  readonly shared: boolean;
  /** Its addresses have 64 bits. */
  readonly is64: boolean;
  /** Its pages are single bytes, not 64 KiB. */
  readonly bytePages: boolean;
}

/**
 * What a module says, apart from its code. Filled section by section while the bytes come; all but data, names and
 * custom sections is complete before the first function body.
 */
export class ModuleInfo implements WireHolder {
  static {
    isolate(this);
  }

  /** What the module and its compilation hold. */
  readonly memory: MemoryBudget;
  readonly types: TypeList;
  readonly imports: ImportList;
  /** Type index per function, imported ones first. */
  functionTypes: Uint32Array = new Uint32Array(0);
  importedFunctions = 0;
  importedTables = 0;
  importedMemories = 0;
  importedGlobals = 0;
  importedTags = 0;
  readonly tables: TableList;
  readonly memories: MemoryType[] = new List();
  readonly globals: GlobalList;
  readonly tags: TagList;
  readonly exports: ExportList;
  /** Function index, or -1. */
  start = -1;
  readonly elements: ElementList;
  readonly data: DataList;
  /** Of the data count section, or -1. */
  dataCount = -1;
  readonly customSections: CustomSectionList;
  /** Module offset and size of each own function's body, filled as the bodies come. */
  readonly bodyOffset: NumberList;
  readonly bodySize: NumberList;
  /** Byte range of the code section's payload, 0 if there is none. */
  codeStart = 0;
  codeEnd = 0;
  /** Own functions that can be referenced (exported, in element segments or global initialisers), in order of discovery. */
  readonly referencedFunctions: NumberList;
  /** Per function: 1 + its place in `referencedFunctions`, or 0; imported ones are marked with -1. */
  #reference = new Int32Array(0);
  /** The module's bytes in engine memory. */
  wire: Uint8Array = new Uint8Array(0);
  #names: FunctionNameTable | undefined;

  constructor(memory: MemoryBudget = new MemoryBudget()) {
    this.memory = memory;
    this.bodyOffset = new NumberList(memory);
    this.bodySize = new NumberList(memory);
    this.types = new TypeList(this);
    this.imports = new ImportList(this);
    this.tables = new TableList(this);
    this.globals = new GlobalList(this);
    this.tags = new TagList(this);
    this.exports = new ExportList(this);
    this.elements = new ElementList(this);
    this.data = new DataList(this);
    this.customSections = new CustomSectionList(this);
    this.referencedFunctions = new NumberList(memory);
  }

  /** Number of functions, imported ones included. */
  get functionCount(): number {
    return this.functionTypes.length;
  }

  /** Pages that memory 0 has at least. */
  get leastPages(): number {
    const first = this.memories[0];
    return first === undefined || first.bytePages ? 0 : first.initial;
  }

  /** The memory is shared: others can grow it at any time. */
  isShared(memory: number): boolean {
    return this.memories[memory]?.shared === true;
  }

  /** Pages of the memory are single bytes. */
  hasBytePages(memory: number): boolean {
    return this.memories[memory]?.bytePages === true;
  }

  /** Addresses of the memory have 64 bits. */
  is64(memory: number): boolean {
    return this.memories[memory]?.is64 === true;
  }

  /**
   * The function section was read: references seen from now on are recorded in place.
   * @param references own functions that are known to be referenced: all that are in `referencedFunctions`
   */
  setFunctions(types: Uint32Array, references?: NumberList): void {
    this.memory.take(4 * types.length);
    this.functionTypes = types;
    this.#reference = new Int32Array(types.length);
    if (references === undefined) return;
    for (let i = 0; i < references.length; i++) this.#reference[references.at(i)] = i + 1;
  }

  /** A function can be referenced from now on. */
  declareReference(functionIndex: number): void {
    if (this.#reference[functionIndex] !== 0) return;
    if (functionIndex < this.importedFunctions) {
      this.#reference[functionIndex] = -1;
      return;
    }
    this.referencedFunctions.push(functionIndex);
    this.#reference[functionIndex] = this.referencedFunctions.length;
  }

  /** Per function: 1 + its place in `referencedFunctions`, 0, or -1 for imported ones that can be referenced. */
  copyReferences(target: Int32Array): void {
    target.set(this.#reference);
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

  /** Name from the name section, or undefined; the section is looked through when first asked. */
  functionName(functionIndex: number): string | undefined {
    if (this.#names === undefined) {
      const section = this.customSections.find('name');
      // Debug switches ask while the functions come: the section may be on its way.
      if (section < 0) return undefined;
      this.#names = new FunctionNameTable(this.customSections.bytes(section), this.functionCount);
    }
    return this.#names.name(functionIndex);
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
