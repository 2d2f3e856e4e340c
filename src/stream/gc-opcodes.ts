/**
 * The opcodes behind the prefix 0xfb: garbage collection, and the proposals that share its prefix. None is implemented;
 * a module is told which instruction it is refused for, and a number without a meaning is an error as it is in V8.
 */

import { hexText } from '../support/primordials.js';

/** The largest number that V8 takes as an opcode behind a prefix. */
export const largestPrefixed = 0xfff;

/** In the order of their numbers (Core Specification 3.0, 5.4). */
const names: readonly string[] = (
  'struct.new|struct.new_default|struct.get|struct.get_s|struct.get_u|struct.set|array.new|array.new_default|' +
  'array.new_fixed|array.new_data|array.new_elem|array.get|array.get_s|array.get_u|array.set|array.len|array.fill|' +
  'array.copy|array.init_data|array.init_elem|ref.test|ref.test null|ref.cast|ref.cast null|br_on_cast|' +
  'br_on_cast_fail|any.convert_extern|extern.convert_any|ref.i31|i31.get_s|i31.get_u'
).split('|');

/** Those that constant expressions may have, by number (Core Specification 3.0, 3.4.13). */
function isConstant(number: number): boolean {
  return number <= 0x01 || (number >= 0x06 && number <= 0x08) || (number >= 0x1a && number <= 0x1c);
}

/** The proposal that has a number which garbage collection has not, or undefined. */
function laterProposal(number: number): string | undefined {
  if (number >= 0x20 && number <= 0x26) return 'custom descriptors';
  if (number === 0x1f) return 'shared-everything threads';
  return number >= 0x80 ? 'reference-typed strings' : undefined;
}

/** Why a function cannot have the instruction with this number behind the prefix. */
export function wrongGcOpcode(number: number): string {
  if (number > largestPrefixed) return `Invalid prefixed opcode ${number}`;
  if (number < names.length) return `${names[number]}: not supported yet (garbage collection)`;
  const code = `fb${hexText(number, 2)}`;
  const later = laterProposal(number);
  return later === undefined ? `invalid gc opcode: ${code}` : `opcode 0x${code}: not supported yet (${later})`;
}

/** Why a constant expression cannot have it. */
export function wrongConstantGcOpcode(number: number): string {
  if (number >= names.length || isConstant(number)) return wrongGcOpcode(number);
  return `opcode ${names[number]} is not allowed in constant expressions`;
}

/** What the first byte of a type definition stands for that is no function type, or undefined. */
export function gcTypeForm(form: number): string | undefined {
  switch (form) {
    case 0x4e:
      return 'recursive group of types';
    case 0x4f:
      return 'final subtype';
    case 0x50:
      return 'subtype';
    case 0x5e:
      return 'array type';
    case 0x5f:
      return 'struct type';
  }
  return undefined;
}
