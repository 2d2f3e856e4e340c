import { Cost, type MemoryBudget } from '../memory-budget.js';
import { latin1 } from './utf8.js';

/** Longer lists are rare and stay as they are. */
const longest = 32;
const none = new Uint8Array(0);

/** Lists of value types, each kept once: modules name the same few again and again. */
export class TypeLists {
  readonly #memory: MemoryBudget;
  readonly #lists = new Map<string, Uint8Array>();

  constructor(memory: MemoryBudget) {
    this.#memory = memory;
  }

  /** Bytes of a list that is not kept once: counted when the type is complete. */
  static ownBytes(list: Uint8Array): number {
    return list.length > longest ? Cost.typeList + Cost.typeInList * list.length : 0;
  }

  /** The list whose bytes are [start, end). */
  intern(bytes: Uint8Array, start: number, end: number): Uint8Array {
    if (start === end) return none;
    if (end - start > longest) return bytes.slice(start, end);
    const key = latin1(bytes, start, end);
    let list = this.#lists.get(key);
    if (list === undefined) {
      this.#memory.take(Cost.typeList + Cost.typeInList * (end - start));
      list = bytes.slice(start, end);
      this.#lists.set(key, list);
    }
    return list;
  }
}
