import { Frame } from '../runtime/layout.js';
import { assignPlaces } from '../runtime/signature.js';
import { Type, typeOfByte } from '../valuestack/types.js';

/** A function type as the emitter needs it: machine types and places (see `callLayout`). */
export interface CallShape {
  /** `Type` per parameter. */
  readonly params: Uint8Array;
  readonly results: Uint8Array;
  /** 0..15 general register, 16..31 xmm, 32 + k the k-th stack item. */
  readonly paramPlace: Int16Array;
  readonly resultPlace: Int16Array;
  readonly stackParams: number;
  readonly stackResults: number;
  /** Parameters that come in registers. */
  readonly registerParams: Uint16Array;
  /** Displacement from rbp of each parameter in the callee: those in registers have the first slots of the frame. */
  readonly paramDisp: Int32Array;
  /** Code offsets of the type's marshalling code (see marshal.ts), 0 as long as nobody needed it. */
  passHelper: number;
  takeHelper: number;
  returnHelper: number;
}

/** Results of a call or function beyond this number go through operand slots, all of them. */
export const maxDirectResults = 4;

export const enum PlaceOf {
  firstStack = 32,
}

function machineTypes(bytes: ArrayLike<number>): Uint8Array {
  const types = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) types[i] = typeOfByte(bytes[i]);
  return types;
}

export function callShape(params: Uint8Array, results: Uint8Array): CallShape {
  const paramPlace = new Int16Array(params.length);
  const resultPlace = new Int16Array(results.length);
  const stackParams = assignPlaces(params, paramPlace);
  const registerParams = new Uint16Array(params.length - stackParams);
  const paramDisp = new Int32Array(params.length);
  for (let i = 0, slot = 0; i < params.length; i++) {
    const place = paramPlace[i];
    if (place < PlaceOf.firstStack) {
      registerParams[slot++] = i;
      paramDisp[i] = Frame.localsBase - 8 * slot;
    } else paramDisp[i] = Frame.stackArguments + 8 * (stackParams - 1 - (place - PlaceOf.firstStack));
  }
  return {
    params: machineTypes(params),
    results: machineTypes(results),
    paramPlace,
    resultPlace,
    stackParams,
    stackResults: assignPlaces(results, resultPlace),
    registerParams,
    paramDisp,
    passHelper: 0,
    takeHelper: 0,
    returnHelper: 0,
  };
}

/** Block types with one value type need no entry in the type section. */
export const singleTypes: readonly Uint8Array[] = [
  Uint8Array.of(Type.i32),
  Uint8Array.of(Type.i64),
  Uint8Array.of(Type.f32),
  Uint8Array.of(Type.f64),
  Uint8Array.of(Type.v128),
  Uint8Array.of(Type.ref),
];
export const noTypes: Uint8Array = new Uint8Array(0);
