/**
 * Whoever calls a function of another library goes through a slot that the dynamic linker has filled. Those for `sigaction`,
 * in the program and in each library that is loaded, get another function: so libuv (a listener of `process` for a
 * signal), Node, V8 and native addons call it. System V ABI, "Dynamic Linking"; glibc's link.h.
 */
import {
  BigInt,
  BigUint64Array,
  charCodeAt,
  List,
  Map,
  Number,
  Uint8Array,
  Uint32Array,
} from '../../../support/primordials.js';
import { findSymbol, isWritable, nativeView, Prot, protect } from '../os.js';

const functionName = 'sigaction';
const pageSize = 4096;

/** struct r_debug. */
const enum Debug {
  map = 8,
}

/** struct link_map. */
const enum LinkMap {
  base = 0,
  dynamic = 16,
  next = 24,
  size = 40,
}

const enum DynamicTag {
  end = 0,
  pltRelocationsSize = 2,
  hash = 4,
  strings = 5,
  symbols = 6,
  relocations = 7,
  relocationsSize = 8,
  stringsSize = 10,
  pltRelocations = 23,
  gnuHash = 0x6ffffef5,
}

const enum RelocationType {
  globalData = 6,
  jumpSlot = 7,
}

/** Elf64_Rela, Elf64_Sym in units of 4 bytes. */
const relocationWords = 6;
const symbolWords = 6;

/** Let all calls of `sigaction` go to this address. */
export function redirectSigaction(target: number): void {
  for (const slot of findSlots()) {
    // Slots that are filled before the program starts are usually read-only from then on.
    const page = slot - (slot % pageSize);
    const isProtected = !isWritable(slot, 8);
    if (isProtected) protect(page, pageSize, Prot.readWrite);
    new BigUint64Array(nativeView(slot, 8))[0] = BigInt(target);
    if (isProtected) protect(page, pageSize, Prot.read);
  }
}

/** Addresses of all slots. */
function findSlots(): number[] {
  const debug = findSymbol('_r_debug');
  const slots: number[] = new List();
  if (debug === undefined) return slots;
  for (let map = word(debug + Debug.map); map !== 0; map = word(map + LinkMap.next)) {
    slotsOf(word(map + LinkMap.base), word(map + LinkMap.dynamic), slots);
  }
  return slots;
}

function word(address: number): number {
  return Number(new BigUint64Array(nativeView(address, 8))[0]);
}

/** No dynamic section is longer, in bytes; it is read to its end only. */
const dynamicBytes = 4096;

/** The slots of one object, loaded at `base`. */
function slotsOf(base: number, dynamic: number, slots: number[]): void {
  const tags = new Map<number, number>();
  const section = new Uint32Array(nativeView(dynamic, dynamicBytes));
  for (let i = 0; i < section.length && section[i] !== DynamicTag.end; i += 4) {
    tags.set(section[i] as number, (section[i + 2] as number) + (section[i + 3] as number) * 4294967296);
  }
  // The linker has added the base to the addresses of objects that it has loaded, not to those of the kernel's.
  const address = (tag: DynamicTag): number => {
    const value = tags.get(tag) ?? 0;
    return value === 0 || value >= base ? value : base + value;
  };
  const symbol = findImport(address, tags.get(DynamicTag.stringsSize) ?? 0);
  if (symbol < 0) return;
  for (let k = 0; k < 2; k++) {
    const table = k === 0 ? DynamicTag.relocations : DynamicTag.pltRelocations;
    const size = k === 0 ? DynamicTag.relocationsSize : DynamicTag.pltRelocationsSize;
    const bytes = tags.get(size) ?? 0;
    if (bytes === 0) continue;
    // r_offset, r_info (type, symbol), r_addend
    const list = new Uint32Array(nativeView(address(table), bytes));
    for (let i = 0; i < list.length; i += relocationWords) {
      if (list[i + 3] !== symbol) continue;
      const type = list[i + 2];
      if (type !== RelocationType.jumpSlot && type !== RelocationType.globalData) continue;
      slots.push(base + (list[i] as number) + (list[i + 1] as number) * 4294967296);
    }
  }
}

/** The number of the function among the symbols that an object imports, -1 if it does not. */
function findImport(address: (tag: DynamicTag) => number, stringsSize: number): number {
  const gnuHash = address(DynamicTag.gnuHash);
  const hash = address(DynamicTag.hash);
  // The GNU table begins with the first symbol that is no import; the other one has them all. Second word of each.
  const table = gnuHash !== 0 ? gnuHash : hash;
  if (table === 0) return -1;
  const count = new Uint32Array(nativeView(table, 8))[1] as number;
  const names = new Uint8Array(nativeView(address(DynamicTag.strings), stringsSize));
  const symbols = new Uint32Array(nativeView(address(DynamicTag.symbols), 4 * symbolWords * count));
  for (let i = 1; i < count; i++) if (isSigaction(names, symbols[symbolWords * i] as number)) return i;
  return -1;
}

/** The zero-terminated name at this place is that of the function. */
function isSigaction(names: Uint8Array, at: number): boolean {
  for (let i = 0; i < functionName.length; i++) if (names[at + i] !== charCodeAt(functionName, i)) return false;
  return names[at + functionName.length] === 0;
}
