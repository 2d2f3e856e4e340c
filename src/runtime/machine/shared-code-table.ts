/**
 * Machine code that threads share: a table in native memory, one per process, found by all threads and all copies of this
 * package. It says which code there is, in which region, and who uses it.
 *
 *     entry   code of one module: hash of its bytes, where it is, number of users; kept as long as there is one
 *     hold    a thread uses an entry: what the thread leaves behind when it is terminated can be released by others
 *     region  a code region: it stays mapped while its owner is there or an entry in it has users
 *
 * A thread can be terminated wherever JS makes a call or repeats a loop. What belongs together is therefore written by
 * straight code; a termination can lose an entry of the table, never release what is in use.
 */
import { Atomics, BigInt, Float64Array, Int32Array, isolate, Number } from '../../support/primordials.js';
import { mapAnonymous, nativeFree, nativeView, unmap } from './os.js';
import { processState } from './signals/trap-handler.js';

const enum Sizes {
  holds = 65536,
  regions = 8192,
  entries = 32768,
  /** An entry is in one of so many places behind the one that its hash names. */
  probes = 16,
}

/** In 32-bit words, as all that follows. */
const enum Hold {
  /** Node's id of the thread, plus 1; 0: free, -1: being taken. */
  thread = 0,
  entry = 1,
  size = 2,
}

const enum Region {
  state = 0,
  /** 1 for the owner, 1 for each entry that has users. */
  count = 1,
  /** Counts entries whose last user was not the owner: the owner frees their code. */
  returned = 2,
  codeStart = 3,
  dataStart = 4,
  limit = 5,
  base = 6,
  alias = 8,
  loops = 10,
  loopsEnd = 11,
  size = 16,
}

const enum Entry {
  state = 0,
  users = 1,
  region = 2,
  /** What the code depends on. */
  options = 3,
  /** SHA-256 of the module's bytes. */
  content = 4,
  /** Address of the description, a block of the C library's heap. */
  description = 12,
  length = 14,
  size = 16,
}

const enum State {
  free = 0,
  taken = 1,
  live = 2,
  /** Nobody uses it any more; the owner of the region has not freed the code yet. */
  returned = 3,
}

const contentWords = 8;

const holdsAt = 0;
const regionsAt = holdsAt + Sizes.holds * Hold.size;
const entriesAt = regionsAt + Sizes.regions * Region.size;
const tableBytes = 4 * (entriesAt + Sizes.entries * Entry.size);

/** What a thread looks for: equal in all fields means the same machine code. */
export interface CodeKey {
  /** SHA-256 of the module's bytes, in eight words. */
  readonly content: Int32Array;
  /** Length of the module. */
  readonly length: number;
  /** A hash of all options that the code depends on. */
  readonly options: number;
}

/** The use of an entry by this thread. */
export interface CodeHold {
  readonly entry: number;
  readonly slot: number;
  readonly region: number;
  readonly description: number;
  released: boolean;
}

export interface RegionPlace {
  readonly base: number;
  readonly alias: number;
  readonly limit: number;
  readonly codeStart: number;
  readonly dataStart: number;
  /** Stubs that run long, and can be interrupted like function code. */
  readonly loops: { readonly start: number; readonly end: number };
}

export class SharedCodeTable {
  static {
    isolate(this);
  }

  readonly #i32: Int32Array;
  readonly #f64: Float64Array;
  /** Where this thread looks for a free slot first. */
  #nextSlot = 0;

  private constructor(address: number) {
    const buffer = nativeView(address, tableBytes);
    this.#i32 = new Int32Array(buffer);
    this.#f64 = new Float64Array(buffer);
  }

  static #current: SharedCodeTable | undefined;

  /** The table of this process, as this thread sees it; made when it is first asked for. */
  static current(): SharedCodeTable {
    SharedCodeTable.#current ??= new SharedCodeTable(SharedCodeTable.#address());
    return SharedCodeTable.#current;
  }

  static #address(): number {
    const { sharedCode } = processState();
    const known = Number(Atomics.load(sharedCode, 0));
    if (known !== 0) return known;
    const own = mapAnonymous(tableBytes);
    const first = Number(Atomics.compareExchange(sharedCode, 0, 0n, BigInt(own)));
    if (first === 0) return own;
    unmap(own, tableBytes);
    return first;
  }

  /** Enter a region of the calling thread; its number, -1 if there are too many. */
  openRegion(place: RegionPlace): number {
    const i32 = this.#i32;
    for (let region = 0; region < Sizes.regions; region++) {
      const at = regionsAt + region * Region.size;
      if (Atomics.compareExchange(i32, at + Region.state, State.free, State.taken) !== State.free) continue;
      i32[at + Region.returned] = 0;
      i32[at + Region.codeStart] = place.codeStart;
      i32[at + Region.dataStart] = place.dataStart;
      i32[at + Region.limit] = place.limit;
      i32[at + Region.loops] = place.loops.start;
      i32[at + Region.loopsEnd] = place.loops.end;
      this.#f64[(at + Region.base) >>> 1] = place.base;
      this.#f64[(at + Region.alias) >>> 1] = place.alias;
      Atomics.store(i32, at + Region.count, 1);
      return region;
    }
    return -1;
  }

  /** Its owner does not use the region any more. It is unmapped when nobody does. */
  closeRegion(region: number): void {
    this.#leaveRegion(region);
  }

  /** Where a region is that somebody holds an entry of. */
  place(region: number): RegionPlace {
    const i32 = this.#i32;
    const at = regionsAt + region * Region.size;
    return {
      base: this.#f64[(at + Region.base) >>> 1] as number,
      alias: this.#f64[(at + Region.alias) >>> 1] as number,
      limit: i32[at + Region.limit] as number,
      codeStart: i32[at + Region.codeStart] as number,
      dataStart: i32[at + Region.dataStart] as number,
      loops: { start: i32[at + Region.loops] as number, end: i32[at + Region.loopsEnd] as number },
    };
  }

  /** Changes when code of the region was given back by others. */
  returned(region: number): number {
    return this.#i32[regionsAt + region * Region.size + Region.returned] as number;
  }

  /**
   * Enter code of a region of the calling thread, which holds it from now on. Undefined if there is no room.
   * @param description address of a block that is given back when nobody uses the code any more
   */
  publish(key: CodeKey, region: number, description: number, threadId: number): CodeHold | undefined {
    const i32 = this.#i32;
    const slot = this.#takeSlot();
    const at = slot < 0 ? -1 : this.#takeEntry(key);
    if (at < 0) {
      if (slot >= 0) this.#freeSlot(slot);
      return undefined;
    }
    const entry = (at - entriesAt) / Entry.size;
    const hold = { entry, slot, region, description, released: false };
    for (let k = 0; k < contentWords; k++) i32[at + Entry.content + k] = key.content[k] as number;
    i32[at + Entry.region] = region;
    i32[at + Entry.options] = key.options;
    i32[at + Entry.length] = key.length;
    this.#f64[(at + Entry.description) >>> 1] = description;
    const holdAt = holdsAt + slot * Hold.size;
    Atomics.add(i32, regionsAt + region * Region.size + Region.count, 1);
    Atomics.store(i32, at + Entry.users, 1);
    i32[holdAt + Hold.entry] = entry;
    Atomics.store(i32, holdAt + Hold.thread, threadId + 1);
    Atomics.store(i32, at + Entry.state, State.live);
    return hold;
  }

  /** Code that is there: held by the calling thread from now on. */
  acquire(key: CodeKey, threadId: number): CodeHold | undefined {
    const at = this.#find(key);
    const slot = at < 0 ? -1 : this.#takeSlot();
    if (slot < 0) return undefined;
    const i32 = this.#i32;
    const entry = (at - entriesAt) / Entry.size;
    const holdAt = holdsAt + slot * Hold.size;
    for (;;) {
      const users = Atomics.load(i32, at + Entry.users);
      if (users <= 0) {
        this.#freeSlot(slot);
        return undefined;
      }
      if (Atomics.compareExchange(i32, at + Entry.users, users, users + 1) !== users) continue;
      i32[holdAt + Hold.entry] = entry;
      Atomics.store(i32, holdAt + Hold.thread, threadId + 1);
      break;
    }
    const region = i32[at + Entry.region] as number;
    const description = this.#f64[(at + Entry.description) >>> 1] as number;
    const hold = { entry, slot, region, description, released: false };
    if (this.#matches(at, key)) return hold;
    // It was given back meanwhile, and something else took its place.
    this.release(hold);
    return undefined;
  }

  /** The thread does not use the code any more; somebody else frees it, if nobody does. */
  release(hold: CodeHold): void {
    if (this.#drop(hold)) this.#giveBack(hold.entry);
  }

  /**
   * The same for the owner of the region. True if nobody uses the code any more: the caller frees it, and then the entry
   * with `forget`. Otherwise it asks `isReturned` later.
   */
  releaseOwn(hold: CodeHold): boolean {
    if (!this.#drop(hold)) return false;
    this.#freeDescription(hold.entry);
    return true;
  }

  isReturned(hold: CodeHold): boolean {
    return Atomics.load(this.#i32, entriesAt + hold.entry * Entry.size) === State.returned;
  }

  /** The owner has freed the code. `last`: `releaseOwn` has said that nobody uses it. */
  forget(hold: CodeHold, last: boolean): void {
    Atomics.store(this.#i32, entriesAt + hold.entry * Entry.size, State.free);
    if (last) this.#leaveRegion(hold.region);
  }

  /** Release what a thread that has ended held. */
  releaseThread(threadId: number): void {
    const i32 = this.#i32;
    for (let slot = 0; slot < Sizes.holds; slot++) {
      const at = holdsAt + slot * Hold.size;
      if (Atomics.load(i32, at) !== threadId + 1) continue;
      const entry = i32[at + Hold.entry] as number;
      this.release({ entry, slot, region: 0, description: 0, released: false });
    }
  }

  /** True if the calling thread's hold was the last. */
  #drop(hold: CodeHold): boolean {
    if (hold.released) return false;
    hold.released = true;
    const i32 = this.#i32;
    const holdAt = holdsAt + hold.slot * Hold.size + Hold.thread;
    const usersAt = entriesAt + hold.entry * Entry.size + Entry.users;
    // Whoever frees the slot releases the hold: the thread itself, or who reaps it.
    if (Atomics.exchange(i32, holdAt, 0) <= 0) return false;
    return Atomics.sub(i32, usersAt, 1) === 1;
  }

  /** The last user is not the owner of the region. */
  #giveBack(entry: number): void {
    const i32 = this.#i32;
    const at = entriesAt + entry * Entry.size;
    const region = i32[at + Entry.region] as number;
    this.#freeDescription(entry);
    Atomics.store(i32, at + Entry.state, State.returned);
    Atomics.add(i32, regionsAt + region * Region.size + Region.returned, 1);
    this.#leaveRegion(region);
  }

  #freeDescription(entry: number): void {
    const at = (entriesAt + entry * Entry.size + Entry.description) >>> 1;
    const address = this.#f64[at] as number;
    this.#f64[at] = 0;
    nativeFree(address);
  }

  #leaveRegion(region: number): void {
    const i32 = this.#i32;
    const at = regionsAt + region * Region.size;
    if (Atomics.sub(i32, at + Region.count, 1) !== 1) return;
    const { base, alias, limit } = this.place(region);
    for (let e = entriesAt; e < entriesAt + Sizes.entries * Entry.size; e += Entry.size) {
      if (i32[e + Entry.region] === region) {
        Atomics.compareExchange(i32, e + Entry.state, State.returned, State.free);
      }
    }
    unmap(base, limit);
    unmap(alias, limit);
    Atomics.store(i32, at + Region.state, State.free);
  }

  #takeSlot(): number {
    for (let k = 0; k < Sizes.holds; k++) {
      const slot = this.#nextSlot;
      this.#nextSlot = (slot + 1) & (Sizes.holds - 1);
      if (Atomics.compareExchange(this.#i32, holdsAt + slot * Hold.size, 0, -1) === 0) return slot;
    }
    return -1;
  }

  #freeSlot(slot: number): void {
    Atomics.store(this.#i32, holdsAt + slot * Hold.size, 0);
  }

  #takeEntry(key: CodeKey): number {
    return this.#probe(key, (at) => {
      return Atomics.compareExchange(this.#i32, at + Entry.state, State.free, State.taken) === State.free;
    });
  }

  #find(key: CodeKey): number {
    return this.#probe(key, (at) => this.#matches(at, key));
  }

  #probe(key: CodeKey, fits: (at: number) => boolean): number {
    const first = (key.content[0] as number) & (Sizes.entries - 1);
    for (let k = 0; k < Sizes.probes; k++) {
      const at = entriesAt + ((first + k) & (Sizes.entries - 1)) * Entry.size;
      if (fits(at)) return at;
    }
    return -1;
  }

  #matches(at: number, key: CodeKey): boolean {
    const i32 = this.#i32;
    if (Atomics.load(i32, at + Entry.state) !== State.live) return false;
    for (let k = 0; k < contentWords; k++) if (i32[at + Entry.content + k] !== key.content[k]) return false;
    return i32[at + Entry.options] === key.options && i32[at + Entry.length] === key.length;
  }
}
