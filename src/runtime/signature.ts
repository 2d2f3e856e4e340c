/**
 * Function signatures, canonical within an engine, and where the calling convention puts each parameter and result.
 */

import { assignPlaces } from '../backends/abi/call-layout.js';
import { Int16Array, isolate, Map, String, Uint8Array, WeakMap } from '../support/primordials.js';

const vector = 0x7b;
const exnref = 0x69;

/** A function type. Two signatures of one registry with equal types are the same object with the same id. */
export interface Signature {
  /** Value type bytes of the parameters. */
  readonly params: Uint8Array;
  /** Value type bytes of the results. */
  readonly results: Uint8Array;
  /** Canonical type id, unique in the engine, not 0; what `FunctionRecord.typeId` holds. */
  readonly id: number;
  /** What the engine's machine has written for it: code offsets, 0 for what nobody needed yet. */
  readonly stubs: SignatureStubs;
}

export interface SignatureStubs {
  /** The stub that enters functions of the signature. */
  entry: number;
  /** The thunk of host functions, and the slot (in data memory) that holds its address. */
  thunk: number;
  hostSlot: number;
}

/**
 * Places of parameters and results: 0..15 a general register, `xmmPlace + n` xmm n, `stackPlace + k` the k-th stack
 * item, a vector the items k and k + 1 (stack argument k is at `[rbp + 16 + 8 * (stackParams - 1 - k)]` of the callee, stack result k at
 * `[rbp + 16 + 8 * stackParams + 8 * (stackResults - 1 - k)]`).
 */
export interface CallLayout {
  readonly paramPlace: Int16Array;
  readonly resultPlace: Int16Array;
  readonly stackParams: number;
  readonly stackResults: number;
}

/** There are vectors among the values. */
export function carriesVector(signature: Pick<Signature, 'params' | 'results'>): boolean {
  return signature.params.includes(vector) || signature.results.includes(vector);
}

/** JS has no vectors, and no exceptions as references: functions that carry them can be called only by wasm. */
export function isForWasmOnly(signature: Pick<Signature, 'params' | 'results'>): boolean {
  return carriesVector(signature) || signature.params.includes(exnref) || signature.results.includes(exnref);
}

/** A signature, and how many times it is in use. */
interface Entry {
  readonly signature: Signature;
  uses: number;
}

function keyOf(params: ArrayLike<number>, results: ArrayLike<number>): string {
  let key = '';
  for (let i = 0; i < params.length; i++) key += String.fromCharCode(params[i] as number);
  key += '>';
  for (let i = 0; i < results.length; i++) key += String.fromCharCode(results[i] as number);
  return key;
}

/** Ids are what code compares: 32 bits. The last one stays free. */
const mostIds = 2 ** 32 - 1;

function copyOf(types: ArrayLike<number>): Uint8Array {
  const copy = new Uint8Array(types.length);
  for (let i = 0; i < copy.length; i++) copy[i] = types[i] as number;
  return copy;
}

/** Interns signatures: one per engine. */
export class SignatureRegistry {
  static {
    isolate(this);
  }

  readonly #byKey = new Map<string, Entry>();
  readonly #byId = new Map<number, Entry>();
  #nextId: number;
  /** Told of each signature that nobody uses any more: no module has it, so no function of it can be called or is active. */
  onReleased: ((signature: Signature) => void) | undefined = undefined;

  /** @param firstId not 0, which stands in elements of tables that are null */
  constructor(firstId = 1) {
    this.#nextId = firstId;
  }

  /**
   * The signature with these value types (copied when it is new). It stays until it is released as often as it was asked for.
   * @throws RangeError if the engine has had 2^32 signatures: an id that came again would pass for another one
   */
  intern(params: ArrayLike<number>, results: ArrayLike<number>): Signature {
    const key = keyOf(params, results);
    let entry = this.#byKey.get(key);
    if (entry === undefined) {
      if (this.#nextId === mostIds) throw new RangeError('the engine has had 2^32 function types');
      const signature = {
        params: copyOf(params),
        results: copyOf(results),
        id: this.#nextId++,
        stubs: { entry: 0, thunk: 0, hostSlot: 0 },
      };
      entry = { signature, uses: 0 };
      this.#byKey.set(key, entry);
      this.#byId.set(signature.id, entry);
    }
    entry.uses++;
    return entry.signature;
  }

  /** One user less. Ids are never given to another signature. */
  release(signature: Signature): void {
    const { id, params, results } = signature;
    const entry = this.#byId.get(id) as Entry;
    if (--entry.uses > 0) return;
    this.#byId.delete(id);
    this.#byKey.delete(keyOf(params, results));
    this.onReleased?.(signature);
  }

  /** The signature with this canonical id, or undefined. */
  byId(id: number): Signature | undefined {
    return this.#byId.get(id)?.signature;
  }

  /** Number of distinct signatures. */
  get size(): number {
    return this.#byId.size;
  }
}

const layouts = new WeakMap<object, CallLayout>();

/** Where the calling convention puts parameters and results; computed once per signature. */
export function callLayout(signature: Pick<Signature, 'params' | 'results'>): CallLayout {
  let layout = layouts.get(signature);
  if (layout === undefined) {
    const paramPlace = new Int16Array(signature.params.length);
    const resultPlace = new Int16Array(signature.results.length);
    const stackParams = assignPlaces(signature.params, paramPlace);
    const stackResults = assignPlaces(signature.results, resultPlace);
    layout = { paramPlace, resultPlace, stackParams, stackResults };
    layouts.set(signature, layout);
  }
  return layout;
}
