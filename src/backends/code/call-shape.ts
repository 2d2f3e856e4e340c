import { Int8Array, Int16Array, Int32Array, type Uint8Array, Uint16Array } from '../../support/dialect.js';
import { slotsOf, Type, typeOfByte } from '../../valuestack/types.js';
import { assignPlaces } from '../abi/call-layout.js';
import { Frame } from '../abi/layout.js';

/** A function type as the emitter needs it: machine types and places (see `callLayout`). */
export class CallShape {
  /** `Type` per parameter. */
  params: Int8Array = new Int8Array(0);
  results: Int8Array = new Int8Array(0);
  /** 0..15 general register, 16..31 xmm, 32 + k the k-th stack item (of a vector: its first). */
  paramPlace: Int16Array = new Int16Array(0);
  resultPlace: Int16Array = new Int16Array(0);
  /** Stack items of 8 bytes: vectors are two. */
  stackParams: i32 = 0;
  stackResults: i32 = 0;
  /** Parameters that come in registers. */
  registerParams: Uint16Array = new Uint16Array(0);
  /** Slots of 8 bytes that they have in the callee's frame. */
  registerParamSlots: i32 = 0;
  /** Displacement from rbp of each parameter in the callee: those in registers have the first slots of the frame. */
  paramDisp: Int32Array = new Int32Array(0);
  /** Code offsets of the type's marshalling code (see marshal.ts), 0 as long as nobody needed it. */
  passHelper: i32 = 0;
  takeHelper: i32 = 0;
  returnHelper: i32 = 0;
  /** Stack map of the parameters, -1 as long as no call needed it. */
  paramMap: i32 = -1;
}

export const enum PlaceOf {
  firstStack = 32,
}

function machineTypes(bytes: Uint8Array): Int8Array {
  const types = new Int8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) types[i] = typeOfByte(bytes[i]);
  return types;
}

export function callShape(params: Uint8Array, results: Uint8Array): CallShape {
  const paramPlace = new Int16Array(params.length);
  const resultPlace = new Int16Array(results.length);
  const stackParams = assignPlaces(params, paramPlace);
  const types = machineTypes(params);
  let inRegisters = 0;
  for (let i = 0; i < params.length; i++) if (paramPlace[i] < PlaceOf.firstStack) inRegisters++;
  const registerParams = new Uint16Array(inRegisters);
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
  const shape = new CallShape();
  shape.params = types;
  shape.results = machineTypes(results);
  shape.paramPlace = paramPlace;
  shape.resultPlace = resultPlace;
  shape.stackParams = stackParams;
  shape.stackResults = assignPlaces(results, resultPlace);
  shape.registerParams = registerParams;
  shape.registerParamSlots = slots;
  shape.paramDisp = paramDisp;
  return shape;
}

/** Block types with one value type need no entry in the type section. */
const singleTypes: Int8Array[] = [
  Int8Array.of(Type.i32),
  Int8Array.of(Type.i64),
  Int8Array.of(Type.f32),
  Int8Array.of(Type.f64),
  Int8Array.of(Type.v128),
  Int8Array.of(Type.ref),
  Int8Array.of(Type.externRef),
];
/** Machine type of a block type that is a value type byte. */
export function singleType(blockType: i32): Int8Array {
  return singleTypes[typeOfByte(blockType)];
}
export const noTypes: Int8Array = new Int8Array(0);
