/**
 * Built-in functions as they were when the engine was loaded. What decides about memory safety uses these: a program can
 * redefine every property, iterators and methods of collections included.
 */
const { apply } = Reflect;
const setAdd = Set.prototype.add;
const setDelete = Set.prototype.delete;
const setForEach = Set.prototype.forEach;

/** The classes of that time. */
export const OwnSet: SetConstructor = Set;
export const OwnUint8Array: Uint8ArrayConstructor = Uint8Array;

export function addTo<T>(set: Set<T>, value: T): void {
  apply(setAdd, set, [value]);
}

export function deleteFrom<T>(set: Set<T>, value: T): void {
  apply(setDelete, set, [value]);
}

/** In order; what is added on the way is visited as well. */
export function forEachIn<T>(set: ReadonlySet<T>, visit: (value: T) => void): void {
  apply(setForEach, set, [visit]);
}
