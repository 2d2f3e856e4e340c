/**
 * Exceptions of wasm, and the class `WebAssembly.Exception`. In wasm an exception is a reference as externref is: an id of a group's
 * table, whose value is a `Thrown`. What JS throws is one, too, with the engine's JSTag.
 */

import { ValType } from '../../stream/types.js';
import {
  BigInt,
  BigInt64Array,
  Float32Array,
  Float64Array,
  isolate,
  List,
  Uint32Array,
} from '../../support/primordials.js';
import type { StackView } from '../machine/stack-walk.js';
import { isObject, restArgument, toIndex } from '../webidl/convert.js';
import { brand, type Constructor, finishClass, platformObject } from '../webidl/shape.js';
import type { EngineState, EngineStoreGroup } from './engine-state.js';
import { resolveRecord, type WasmFunction, wasmFunctionOf } from './exported-function.js';
import { type TagState, tagOf } from './tag.js';

/** An exception: its tag and its values. Belongs to no store group: values that are references are JS values. */
export class Thrown {
  static {
    isolate(this);
  }

  readonly tag: TagState;
  /** The values as in operand slots, `TagState.words` words; what references have there means nothing. */
  readonly words: number[];
  /** In the order of `TagState.references`: a JS value, `WasmFunction` or null, `Thrown` or null. */
  readonly references: unknown[];
  #object: object | undefined;

  constructor(tag: TagState, words: number[], references: unknown[]) {
    this.tag = tag;
    this.words = words;
    this.references = references;
  }

  /** What JS gets when the exception leaves wasm: always the same. */
  get value(): unknown {
    if (this.tag === this.tag.engine.jsTag) return this.references[0];
    this.#object ??= new this.tag.engine.classes.Exception(this as never, undefined);
    return this.#object;
  }

  setObject(object: object): void {
    this.#object = object;
  }
}

const exceptions = brand<Thrown>();
const noWords: number[] = new List();
const noReferences: unknown[] = new List();

/** What wasm of the engine catches when this is thrown: the exception that it stands for, or a new one with JSTag. */
export function thrownBy(engine: EngineState, value: unknown): Thrown {
  const known = exceptions.get(value);
  if (known?.tag.engine === engine) return known;
  return new Thrown(engine.jsTag, noWords, [value]);
}

/**
 * The exception that `throw` makes of the values in operand slots.
 * @param group of the code that throws
 * @param at index in the stack's words of the lowest slot
 */
export function captureThrown(tag: TagState, group: EngineStoreGroup, { words }: StackView, at: number): Thrown {
  const copy = copyWords(words, at, tag.words);
  if (tag.references.length === 0) return new Thrown(tag, copy, noReferences);
  const references = new List<unknown>();
  for (let k = 0; k < tag.references.length; k++) {
    const position = tag.references[k] as number;
    const word = tag.places[position] as number;
    references.push(referenceOf(tag, group, position, copy[word] as number, copy[word + 1] as number));
  }
  return new Thrown(tag, copy, references);
}

/** Most exceptions have one value or none: an array of two is ten times as fast as a list. */
function copyWords(words: Uint32Array, at: number, count: number): number[] {
  if (count === 0) return noWords;
  if (count === 2) return [words[at] as number, words[at + 1] as number];
  const copy = new List<number>();
  for (let i = 0; i < count; i++) copy.push(words[at + i] as number);
  return copy;
}

function referenceOf(tag: TagState, group: EngineStoreGroup, position: number, low: number, high: number): unknown {
  if (tag.params[position] !== ValType.funcref) return group.references.value(low);
  const record = low + high * 4294967296;
  return record === 0 ? null : resolveRecord(tag.engine, group, record);
}

/**
 * Write the values to slots of a frame of the group, which is about to have them: there is no safepoint before.
 * @param at index in the stack's words of the lowest slot
 */
export function placeThrown(
  { tag, words, references }: Thrown,
  group: EngineStoreGroup,
  stack: StackView,
  at: number,
): void {
  const target = stack.words;
  for (let i = 0; i < words.length; i++) target[at + i] = words[i] as number;
  for (let k = 0; k < references.length; k++) {
    const position = tag.references[k] as number;
    const word = at + (tag.places[position] as number);
    const value = references[k];
    let reference = 0;
    if (tag.params[position] !== ValType.funcref) reference = group.references.add(value);
    else if (value !== null) {
      const target = value as WasmFunction;
      group.merge(target.group);
      reference = target.record;
    }
    target[word] = reference >>> 0;
    target[word + 1] = (reference - (reference >>> 0)) / 4294967296;
  }
}

// One number as bits and as a value.
const wordPair = new Uint32Array(2);
const doubles = new Float64Array(wordPair.buffer);
const floats = new Float32Array(wordPair.buffer);
const bigints = new BigInt64Array(wordPair.buffer);

/** A value as JS sees it ("ToJSValue"). @throws TypeError for types that JS has no values of */
function valueOf({ tag, words, references }: Thrown, position: number): unknown {
  const type = tag.params[position] as ValType;
  const word = tag.places[position] as number;
  switch (type) {
    case ValType.v128:
    case ValType.exnref:
      throw new TypeError('type incompatibility when transforming from/to JS');
    case ValType.funcref:
    case ValType.externref: {
      const value = references[tag.references.indexOf(position)];
      return type === ValType.funcref && value !== null ? (value as WasmFunction).callable : value;
    }
  }
  wordPair[0] = words[word] as number;
  wordPair[1] = words[word + 1] as number;
  if (type === ValType.i32) return (wordPair[0] as number) | 0;
  if (type === ValType.f32) return floats[0];
  return type === ValType.f64 ? doubles[0] : bigints[0];
}

/** The words of a converted value. */
function writeWords(words: number[], word: number, type: ValType, value: unknown): void {
  wordPair[0] = wordPair[1] = 0;
  if (type === ValType.i32) wordPair[0] = value as number;
  else if (type === ValType.f32) floats[0] = value as number;
  else if (type === ValType.f64) doubles[0] = value as number;
  else bigints[0] = value as bigint;
  words[word] = wordPair[0] as number;
  words[word + 1] = wordPair[1] as number;
}

/** The class `WebAssembly.Exception` of an engine. */
export function defineException(engine: EngineState): new (tag: object, values: unknown) => object {
  const who = 'WebAssembly.Exception()';

  function own(value: unknown, what: string): Thrown {
    const thrown = exceptions.get(value);
    if (thrown === undefined) throw new TypeError(`${what}: Receiver is not a WebAssembly.Exception`);
    return thrown;
  }

  function tagArgument(value: unknown, what: string): TagState {
    const tag = tagOf(engine, value);
    if (tag === undefined) throw new TypeError(`${what}: Argument 0 must be a WebAssembly.Tag`);
    return tag;
  }

  function create(tagValue: unknown, given: unknown): Thrown {
    const tag = tagOf(engine, tagValue);
    if (tag === undefined) throw new TypeError(`${who}: Argument 0 must be a WebAssembly tag`);
    if (tag === engine.jsTag) throw new TypeError(`${who}: Argument 0 cannot be WebAssembly.JSTag`);
    if (!isIterable(given)) throw new TypeError(`${who}: Exception values must be an iterable object`);
    const values = [...given];
    const { params } = tag;
    if (values.length !== params.length) {
      throw new TypeError(`${who}: Number of exception values does not match signature length`);
    }
    const words = new List<number>();
    for (let i = 0; i < tag.words; i++) words.push(0);
    const references = new List<unknown>();
    for (let i = 0; i < params.length; i++) convert(tag, words, references, i, values[i]);
    return new Thrown(tag, words, references);
  }

  function convert(tag: TagState, words: number[], references: unknown[], i: number, value: unknown): void {
    const type = tag.params[i] as ValType;
    switch (type) {
      case ValType.v128:
      case ValType.exnref:
        throw new TypeError(`${who}: type incompatibility when transforming from/to JS`);
      case ValType.externref:
        references.push(value);
        break;
      case ValType.funcref: {
        const target = value === null ? null : wasmFunctionOf(engine, value);
        if (target === undefined) throw new TypeError(`${who}: type incompatibility when transforming from/to JS`);
        references.push(target);
        break;
      }
      default:
        writeWords(words, tag.places[i] as number, type, convertNumber(type, value));
    }
  }

  class Exception {
    constructor(tag: unknown, values: unknown, ...rest: unknown[]) {
      const thrown = tag instanceof Thrown ? tag : create(tag, values);
      const options = restArgument(rest, 0);
      if (options !== undefined && options !== null && !isObject(options)) {
        throw new TypeError(`${who}: Argument 2 is not an object`);
      }
      const tracesStack = isObject(options) && !!(options as { traceStack?: unknown }).traceStack;
      const object = platformObject(new.target as unknown as Constructor, Exception as unknown as Constructor);
      if (tracesStack) Error.captureStackTrace(object, new.target);
      exceptions.stamp(object, thrown);
      thrown.setObject(object);
      // biome-ignore lint/correctness/noConstructorReturn: an object of another kind than classes make.
      return object as Exception;
    }

    is(tag: unknown): boolean {
      const what = 'WebAssembly.Exception.is()';
      const thrown = own(this, what);
      return thrown.tag === tagArgument(tag, what);
    }

    getArg(tag: unknown, index: unknown): unknown {
      const what = 'WebAssembly.Exception.getArg()';
      const thrown = own(this, what);
      if (thrown.tag !== tagArgument(tag, what)) {
        throw new TypeError(`${what}: First argument does not match the exception tag`);
      }
      const position = toIndex(index, `${what}: Index`);
      if (position >= thrown.tag.params.length) throw new RangeError(`${what}: Index out of range`);
      return valueOf(thrown, position);
    }

    /** Those that were made with `traceStack` have a property of their own. */
    get stack(): undefined {
      own(this, 'WebAssembly.Exception.stack');
      return undefined;
    }
  }
  finishClass(Exception, 'WebAssembly.Exception', 2);
  return Exception as unknown as new (
    tag: object,
    values: unknown,
  ) => object;
}

const iteratorKey: typeof Symbol.iterator = Symbol.iterator;

function isIterable(value: unknown): value is Iterable<unknown> {
  return isObject(value) && typeof (value as { [Symbol.iterator]?: unknown })[iteratorKey] === 'function';
}

/** A number or BigInt ("ToWebAssemblyValue"). */
function convertNumber(type: ValType, value: unknown): unknown {
  return type === ValType.i64 ? BigInt.asIntN(64, value as bigint) : +(value as number);
}
