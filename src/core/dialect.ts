/**
 * The platform of the compiler core in AssemblyScript: the twin of `src/support/dialect.ts`. An array is the address of its
 * header: its length and the size of an element. The elements are behind it, so that instructions reach both by constant
 * offsets. Elements are read as i32, and stores take the low bits, as in JavaScript. Unlike there, an index outside of
 * the array is a trap.
 */

/** Length, size of an element in bytes, and the length that there is room for. */
export const header: usize = 16;

function newBlock(length: i32, width: i32, room: i32): usize {
  if (<u32>length > <u32>room || <u32>room > <u32>(0x10000000 / width)) unreachable();
  const block = heap.alloc(<usize>(room * width) + header);
  store<i32>(block, length);
  store<i32>(block, width, 4);
  store<i32>(block, room, 8);
  return block;
}

function newArray(length: i32, width: i32): usize {
  const array = newBlock(length, width, length);
  memory.fill(array + header, 0, <usize>(length * width));
  return array;
}

/**
 * The array with a greater length, or one in its place that has room for `most` elements: what is not touched of that is
 * not there. Elements behind the old length have no value.
 */
export function lengthened<T>(array: T, length: i32, most: i32): T {
  const from = changetype<usize>(array);
  if (length > most) unreachable();
  if (load<i32>(from, 8) >= most) {
    store<i32>(from, length);
    return array;
  }
  const width = load<i32>(from, 4);
  const grown = newBlock(length, width, most);
  memory.copy(grown + header, from + header, <usize>(load<i32>(from) * width));
  return changetype<T>(grown);
}

export function sizeOf<T>(array: T): i32 {
  return load<i32>(changetype<usize>(array), 4);
}

// @ts-ignore: decorator
@inline
export function lengthOf(array: usize): i32 {
  return load<i32>(array);
}

/** Where the elements are. */
// @ts-ignore: decorator
@inline
export function elementsOf(array: usize): usize {
  return array + header;
}

/** The address of an element, less `header`. */
// @ts-ignore: decorator
@inline
function place(array: usize, index: i32, shift: i32): usize {
  if (<u32>index >= <u32>load<i32>(array)) unreachable();
  return array + (<usize>index << shift);
}

@unmanaged
@final
export class Int8Array {
  constructor(length: i32) {
    return changetype<Int8Array>(newArray(length, 1));
  }
  static of(a: i32): Int8Array {
    const array = new Int8Array(1);
    array[0] = a;
    return array;
  }
  @inline get length(): i32 {
    return lengthOf(changetype<usize>(this));
  }
  @inline @operator('[]') __get(index: i32): i32 {
    return load<i8>(place(changetype<usize>(this), index, 0), header);
  }
  @inline @operator('[]=') __set(index: i32, value: i32): void {
    store<i8>(place(changetype<usize>(this), index, 0), <i8>value, header);
  }
  includes(value: i32): bool {
    for (let i = 0, n = this.length; i < n; i++) if (this[i] == value) return true;
    return false;
  }
  fill(value: i32, from: i32 = 0, to: i32 = i32.MAX_VALUE): Int8Array {
    const end = to < this.length ? to : this.length;
    if (from < 0) unreachable();
    if (from < end) memory.fill(elementsOf(changetype<usize>(this)) + from, <u8>value, end - from);
    return this;
  }
  set<T>(source: T, at: i32 = 0): void {
    const count = lengthOf(changetype<usize>(source));
    if (at < 0 || count > this.length - at) unreachable();
    memory.copy(elementsOf(changetype<usize>(this)) + at, elementsOf(changetype<usize>(source)), count);
  }
}

@unmanaged
@final
export class Uint8Array {
  constructor(length: i32) {
    return changetype<Uint8Array>(newArray(length, 1));
  }
  @inline get length(): i32 {
    return lengthOf(changetype<usize>(this));
  }
  @inline @operator('[]') __get(index: i32): i32 {
    return load<u8>(place(changetype<usize>(this), index, 0), header);
  }
  @inline @operator('[]=') __set(index: i32, value: i32): void {
    store<u8>(place(changetype<usize>(this), index, 0), <u8>value, header);
  }
  /** No element is negative. */
  static of(a: i32, b: i32 = -1, c: i32 = -1, d: i32 = -1, e: i32 = -1): Uint8Array {
    const array = new Uint8Array(b < 0 ? 1 : c < 0 ? 2 : d < 0 ? 3 : e < 0 ? 4 : 5);
    array[0] = a;
    if (b >= 0) array[1] = b;
    if (c >= 0) array[2] = c;
    if (d >= 0) array[3] = d;
    if (e >= 0) array[4] = e;
    return array;
  }
}

@unmanaged
@final
export class Int16Array {
  constructor(length: i32) {
    return changetype<Int16Array>(newArray(length, 2));
  }
  @inline get length(): i32 {
    return lengthOf(changetype<usize>(this));
  }
  @inline @operator('[]') __get(index: i32): i32 {
    return load<i16>(place(changetype<usize>(this), index, 1), header);
  }
  @inline @operator('[]=') __set(index: i32, value: i32): void {
    store<i16>(place(changetype<usize>(this), index, 1), <i16>value, header);
  }
}

@unmanaged
@final
export class Uint16Array {
  constructor(length: i32) {
    return changetype<Uint16Array>(newArray(length, 2));
  }
  @inline get length(): i32 {
    return lengthOf(changetype<usize>(this));
  }
  @inline @operator('[]') __get(index: i32): i32 {
    return load<u16>(place(changetype<usize>(this), index, 1), header);
  }
  @inline @operator('[]=') __set(index: i32, value: i32): void {
    store<u16>(place(changetype<usize>(this), index, 1), <u16>value, header);
  }
  set<T>(source: T, at: i32 = 0): void {
    const count = lengthOf(changetype<usize>(source));
    if (at < 0 || count > this.length - at) unreachable();
    memory.copy(elementsOf(changetype<usize>(this)) + (<usize>at << 1), elementsOf(changetype<usize>(source)), <usize>count << 1);
  }
}

@unmanaged
@final
export class Int32Array {
  constructor(length: i32) {
    return changetype<Int32Array>(newArray(length, 4));
  }
  @inline get length(): i32 {
    return lengthOf(changetype<usize>(this));
  }
  @inline @operator('[]') __get(index: i32): i32 {
    return load<i32>(place(changetype<usize>(this), index, 2), header);
  }
  @inline @operator('[]=') __set(index: i32, value: i32): void {
    store<i32>(place(changetype<usize>(this), index, 2), value, header);
  }
  fill(value: i32): Int32Array {
    for (let i = 0, n = this.length; i < n; i++) this[i] = value;
    return this;
  }
  set(source: Int32Array): void {
    if (source.length > this.length) unreachable();
    memory.copy(elementsOf(changetype<usize>(this)), elementsOf(changetype<usize>(source)), <usize>source.length << 2);
  }
}

@unmanaged
@final
export class Uint32Array {
  constructor(length: i32) {
    return changetype<Uint32Array>(newArray(length, 4));
  }
  @inline get length(): i32 {
    return lengthOf(changetype<usize>(this));
  }
  @inline @operator('[]') __get(index: i32): i32 {
    return load<i32>(place(changetype<usize>(this), index, 2), header);
  }
  @inline @operator('[]=') __set(index: i32, value: i32): void {
    store<i32>(place(changetype<usize>(this), index, 2), value, header);
  }
  fill(value: i32): Uint32Array {
    for (let i = 0, n = this.length; i < n; i++) this[i] = value;
    return this;
  }
}

/**
 * Code memory: mapped behind this memory's length, where V8 lets accesses pass because it relies on faults. Who writes there
 * has checked the place; the assembler's stores go through `spanOf`.
 */
@unmanaged
@final
export class CodeBytes {
  @inline @operator('[]') __get(index: i32): i32 {
    return load<u8>(changetype<usize>(this) + <usize>index);
  }
  @inline @operator('[]=') __set(index: i32, value: i32): void {
    store<u8>(changetype<usize>(this) + <usize>index, <u8>value);
  }
  get length(): i32 {
    return 0;
  }
}

@unmanaged
@final
export class CodeWords {
  @inline @operator('[]') __get(index: i32): i32 {
    return load<i32>(changetype<usize>(this) + (<usize>index << 2));
  }
  @inline @operator('[]=') __set(index: i32, value: i32): void {
    store<i32>(changetype<usize>(this) + (<usize>index << 2), value);
  }
}

/** The bytes up to `end`, as an array: its header lies in the page before code memory, so there is one at a time. */
export function spanOf(code: CodeBytes, end: i32): Uint8Array {
  const array = changetype<usize>(code) - header;
  store<i32>(array, end);
  return changetype<Uint8Array>(array);
}

/** Arithmetic on int32. */
export namespace Math {
  // @ts-ignore: decorator
  @inline
  export function min(a: i32, b: i32): i32 {
    return a < b ? a : b;
  }
  // @ts-ignore: decorator
  @inline
  export function max(a: i32, b: i32): i32 {
    return a > b ? a : b;
  }
  // @ts-ignore: decorator
  @inline
  export function abs(a: i32): i32 {
    return a < 0 ? -a : a;
  }
  // @ts-ignore: decorator
  @inline
  export function imul(a: i32, b: i32): i32 {
    return a * b;
  }
  // @ts-ignore: decorator
  @inline
  export function clz32(a: i32): i32 {
    return clz<i32>(a);
  }
}

// @ts-ignore: decorator
@inline
export function unsigned(value: i32): u32 {
  return <u32>value;
}

// @ts-ignore: decorator
@inline
export function below(value: u32, bound: i32): bool {
  return value < <u32>bound;
}

// @ts-ignore: decorator
@inline
export function product(a: i32, b: i32): f64 {
  return <f64>a * <f64>b;
}

export function wordAt(bytes: Uint8Array, i: i32): i32 {
  return load<i32>(place(changetype<usize>(bytes), 4 * i + 3, 0), header - 3);
}

export function setWord(bytes: Uint8Array, i: i32, value: i32): void {
  store<i32>(place(changetype<usize>(bytes), 4 * i + 3, 0), value, header - 3);
}

/** What `support/bulk.ts` has: parts of arrays of bytes. */
export function fillBytes(array: Int8Array, value: i32, from: i32, to: i32): void {
  array.fill(value, from, to);
}

export function copyBytes<T>(array: Int8Array, source: T): void {
  const length = lengthOf(changetype<usize>(source));
  if (length > array.length) unreachable();
  memory.copy(elementsOf(changetype<usize>(array)), elementsOf(changetype<usize>(source)), length);
}

export function sameBytes<A, B>(a: A, i: i32, b: B, j: i32, count: i32): bool {
  const p = changetype<usize>(a);
  const q = changetype<usize>(b);
  if (count < 0 || i < 0 || j < 0 || i + count > lengthOf(p) || j + count > lengthOf(q)) unreachable();
  return memory.compare(elementsOf(p) + i, elementsOf(q) + j, count) == 0;
}

export function newList<T>(): T[] {
  return new Array<T>();
}
