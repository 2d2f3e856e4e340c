/** Value types in error messages. */

import { ValType } from './types.js';

export function typeName(type: i32): string {
  switch (type) {
    case ValType.i32:
      return 'i32';
    case ValType.i64:
      return 'i64';
    case ValType.f32:
      return 'f32';
    case ValType.f64:
      return 'f64';
    case ValType.v128:
      return 'v128';
    case ValType.funcref:
      return 'funcref';
    case ValType.externref:
      return 'externref';
    case ValType.exnref:
      return 'exnref';
    default:
      return '<bot>';
  }
}

/** Names and proposals of value types and heap types that the decoder does not take, by their bytes. */
const laterTypes: Readonly<Record<number, readonly [name: string, feature: string]>> = {
  99: ['(ref null)', 'typed function references'],
  100: ['(ref)', 'typed function references'],
  101: ['shared type', 'shared-everything threads'],
  103: ['stringref', 'reference-typed strings'],
  104: ['contref', 'stack switching'],
  106: ['arrayref', 'garbage collection'],
  107: ['structref', 'garbage collection'],
  108: ['i31ref', 'garbage collection'],
  109: ['eqref', 'garbage collection'],
  110: ['anyref', 'garbage collection'],
  113: ['nullref', 'garbage collection'],
  114: ['nullexternref', 'garbage collection'],
  115: ['nullfuncref', 'garbage collection'],
  116: ['nullexnref', 'garbage collection'],
  117: ['nullcontref', 'stack switching'],
};

/** What is wrong with a type: that it is not there yet, or that it is none. */
export function wrongType(what: string, byte: i32): string {
  const later = laterTypes[byte];
  if (later === undefined) return `invalid ${what} 0x${byte.toString(16)}`;
  return `${what} 0x${byte.toString(16)}, ${later[0]}: not supported yet (${later[1]})`;
}

/** The same for a heap type, a negative number. */
export function wrongHeapType(value: i32): string {
  const isShort = value >= -27;
  return isShort ? wrongType('heap type', value + 128) : `invalid heap type ${value}`;
}
