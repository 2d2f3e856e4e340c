import { assignPlaces } from '../../runtime/signature.js';
import { slotsOf, Type, typeOfByte } from '../../valuestack/types.js';
import { Frame } from '../abi/layout.js';

/** A function type as the emitter needs it: machine types and places (see `callLayout`). */
export interface CallShape {
  /** `Type` per parameter. */
  readonly params: Int8Array;
  readonly results: Int8Array;
  /** 0..15 general register, 16..31 xmm, 32 + k the k-th stack item (of a vector: its first). */
  readonly paramPlace: Int16Array;
  readonly resultPlace: Int16Array;
  /** Stack items of 8 bytes: vectors are two. */
  readonly stackParams: number;
  readonly stackResults: number;
  /** Parameters that come in registers. */
  readonly registerParams: Uint16Array;
  /** Slots of 8 bytes that they have in the callee's frame. */
  readonly registerParamSlots: number;
  /** Displacement from rbp of each parameter in the callee: those in registers have the first slots of the frame. */
  readonly paramDisp: Int32Array;
  /** Code offsets of the type's marshalling code (see marshal.ts), 0 as long as nobody needed it. */
  passHelper: number;
  takeHelper: number;
  returnHelper: number;
  /** Stack map of the parameters, -1 as long as no call needed it. */
  paramMap: number;
}

export const enum PlaceOf {
  firstStack = 32,
}

function machineTypes(bytes: ArrayLike<number>): Int8Array {
  const types = new Int8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) types[i] = typeOfByte(bytes[i]);
  return types;
}

export function callShape(params: Uint8Array, results: Uint8Array): CallShape {
  const paramPlace = new Int16Array(params.length);
  const resultPlace = new Int16Array(results.length);
  const stackParams = assignPlaces(params, paramPlace);
  const types = machineTypes(params);
  const registerParams = new Uint16Array(paramPlace.filter((place) => place < PlaceOf.firstStack).length);
  const paramDisp = new Int32Array(params.length);
  let slots = 0;
  for (let i = 0, k = 0; i < params.length; i++) {
    const place = paramPlace[i];
    const size = slotsOf(types[i]);
    if (place < PlaceOf.firstStack) {
      registerParams[k++] = i;
      slots += size;
      paramDisp[i] = Frame.localsBase - 8 * slots;
    } else paramDisp[i] = Frame.stackArguments + 8 * (stackParams - size - (place - PlaceOf.firstStack));
  }
  return {
    params: types,
    results: machineTypes(results),
    paramPlace,
    resultPlace,
    stackParams,
    stackResults: assignPlaces(results, resultPlace),
    registerParams,
    registerParamSlots: slots,
    paramDisp,
    passHelper: 0,
    takeHelper: 0,
    returnHelper: 0,
    paramMap: -1,
  };
}

/** Block types with one value type need no entry in the type section. */
const singleTypes: readonly Int8Array[] = [
  Int8Array.of(Type.i32),
  Int8Array.of(Type.i64),
  Int8Array.of(Type.f32),
  Int8Array.of(Type.f64),
  Int8Array.of(Type.v128),
  Int8Array.of(Type.ref),
  Int8Array.of(Type.externRef),
];
/** Machine type of a block type that is a value type byte. */
export function singleType(blockType: number): Int8Array {
  return singleTypes[typeOfByte(blockType)];
}
export const noTypes: Int8Array = new Int8Array(0);
