/**
 * What decoding has found out about a module, as 32-bit words. Who has them and the module's bytes has its `ModuleInfo` at
 * once: what a section says stays in the bytes, so the words are places, counts and type indices.
 */
import type { MemoryBudget } from '../support/memory-budget.js';
import { Int32Array, listWith, type Uint8Array, Uint32Array } from '../support/primordials.js';
import { ModuleInfo } from './module.js';
import type { NumberList } from './number-list.js';

/** Words in front of the lists. */
const enum Word {
  importedFunctions = 0,
  importedTables = 1,
  importedMemories = 2,
  importedGlobals = 3,
  importedTags = 4,
  start = 5,
  dataCount = 6,
  codeStart = 7,
  codeEnd = 8,
  memories = 9,
  functions = 10,
  /** From here on the lengths of the lists, in the order of `listsOf`; the lists follow in the same order. */
  lengths = 11,
}

const listCount = 13;
const headWords = Word.lengths + listCount;
/** A memory is five words: pages at first (two), pages at most (two), flags. */
const memoryWords = 5;
const enum MemoryFlag {
  shared = 1,
  is64 = 2,
  hasMaximum = 4,
  bytePages = 8,
}

/** The lists of numbers that a module has. */
function listsOf(info: ModuleInfo): readonly NumberList[] {
  const { types, imports, tables, globals, tags, exports, elements, data, customSections } = info;
  return listWith(
    types.places,
    imports.places,
    imports.groups,
    tables.places,
    globals.places,
    tags.places,
    exports.places,
    elements.places,
    data.places,
    customSections.places,
    info.bodyOffset,
    info.bodySize,
    info.referencedFunctions,
  );
}

/** A number in two words, the lower one first. */
function wordPair(words: Int32Array, at: number): number {
  return ((words[at] as number) >>> 0) + ((words[at + 1] as number) >>> 0) * 4294967296;
}

/** A module that was decoded whole, as words. The same module always gives the same. */
export function moduleWords(info: ModuleInfo): Int32Array {
  const lists = listsOf(info);
  const { memories, functionTypes } = info;
  let size = headWords + memoryWords * memories.length + functionTypes.length;
  for (const { length } of lists) size += length;
  const words = new Int32Array(size);
  words[Word.importedFunctions] = info.importedFunctions;
  words[Word.importedTables] = info.importedTables;
  words[Word.importedMemories] = info.importedMemories;
  words[Word.importedGlobals] = info.importedGlobals;
  words[Word.importedTags] = info.importedTags;
  words[Word.start] = info.start;
  words[Word.dataCount] = info.dataCount;
  words[Word.codeStart] = info.codeStart;
  words[Word.codeEnd] = info.codeEnd;
  words[Word.memories] = memories.length;
  words[Word.functions] = functionTypes.length;
  let at = headWords;
  for (const { initial, maximum, shared, is64, bytePages } of memories) {
    words[at++] = initial;
    words[at++] = initial / 4294967296;
    words[at++] = maximum ?? 0;
    words[at++] = (maximum ?? 0) / 4294967296;
    words[at++] =
      (shared ? MemoryFlag.shared : 0) |
      (is64 ? MemoryFlag.is64 : 0) |
      (bytePages ? MemoryFlag.bytePages : 0) |
      (maximum === undefined ? 0 : MemoryFlag.hasMaximum);
  }
  words.set(functionTypes, at);
  at += functionTypes.length;
  lists.forEach((list, k) => {
    words[Word.lengths + k] = list.length;
    list.copyTo(words.subarray(at, at + list.length));
    at += list.length;
  });
  return words;
}

/**
 * The module that the words were made from. Only their number is checked: they come from where code comes from.
 * @param wire the module's bytes
 * @param words are the module's from now on
 * @returns undefined if the words are none
 * @throws MemoryBudgetError
 */
export function moduleOfWords(words: Int32Array, wire: Uint8Array, memory: MemoryBudget): ModuleInfo | undefined {
  if (words.length < headWords) return undefined;
  memory.take(4 * words.length);
  const info = new ModuleInfo(memory);
  const lists = listsOf(info);
  const memories = words[Word.memories] as number;
  const functions = words[Word.functions] as number;
  if (!fits(memories, words) || !fits(functions, words)) return undefined;
  let size = headWords + memoryWords * memories + functions;
  for (let k = 0; k < lists.length; k++) {
    const length = words[Word.lengths + k] as number;
    if (!fits(length, words)) return undefined;
    size += length;
  }
  if (size !== words.length) return undefined;
  info.wire = wire;
  info.importedFunctions = words[Word.importedFunctions] as number;
  info.importedTables = words[Word.importedTables] as number;
  info.importedMemories = words[Word.importedMemories] as number;
  info.importedGlobals = words[Word.importedGlobals] as number;
  info.importedTags = words[Word.importedTags] as number;
  info.start = words[Word.start] as number;
  info.dataCount = words[Word.dataCount] as number;
  info.codeStart = words[Word.codeStart] as number;
  info.codeEnd = words[Word.codeEnd] as number;
  let at = headWords;
  for (let i = 0; i < memories; i++, at += memoryWords) {
    const maximum = wordPair(words, at + 2);
    const flags = words[at + 4] as number;
    info.memories[i] = {
      initial: wordPair(words, at),
      maximum: (flags & MemoryFlag.hasMaximum) === 0 ? undefined : maximum,
      shared: (flags & MemoryFlag.shared) !== 0,
      is64: (flags & MemoryFlag.is64) !== 0,
      bytePages: (flags & MemoryFlag.bytePages) !== 0,
    };
  }
  const types = new Uint32Array(words.buffer, words.byteOffset + 4 * at, functions);
  at += functions;
  for (let k = 0; k < lists.length; k++) {
    const length = words[Word.lengths + k] as number;
    (lists[k] as NumberList).fill(words.subarray(at, at + length));
    at += length;
  }
  info.setFunctions(types, info.referencedFunctions);
  return info;
}

function fits(count: number, { length }: Int32Array): boolean {
  return count >= 0 && count <= length;
}
