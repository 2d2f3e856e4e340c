/**
 * Fewer fields for the loader: what the code refers to most, it refers to by way of the code itself. Each stub that is
 * used gets a jump behind the code, so that one field per stub is left. In a linked image, functions call each other
 * directly: then nothing can take the place of a function, and the slots are for callers from outside.
 */
import { Target } from './format.js';

/** Fields that refer to something outside the code: offsets by target, in ascending order. */
export type Fields = Map<number, number[]>;

const jumpBytes = 8;
/** jmp rel32, and int3 behind it */
const jump: readonly number[] = [0xe9, 0, 0, 0, 0, 0xcc, 0xcc, 0xcc];

/** `call [rip + rel32]`, the two bytes before the field. */
const callIndirect: readonly [number, number] = [0xff, 0x15];
/** The same length as `call rel32`: with a prefix that changes nothing (what linkers write there, too). */
const callDirect: readonly [number, number] = [0x67, 0xe8];

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The code with jumps to stubs behind it, and the fields that are left. */
export function routeStubs(code: Uint8Array, fields: Fields): { code: Uint8Array; fields: Fields } {
  const stubs = [...fields.keys()].filter((target) => target >= Target.firstStub).sort((a, b) => a - b);
  const table = (code.length + jumpBytes - 1) & -jumpBytes;
  const linked = new Uint8Array((table + jumpBytes * stubs.length + 15) & -16).fill(0xcc);
  linked.set(code);
  const view = viewOf(linked);
  const left: Fields = new Map([...fields].filter(([target]) => target < Target.firstStub));
  stubs.forEach((target, k) => {
    const at = table + jumpBytes * k;
    linked.set(jump, at);
    left.set(target, [at + 1]);
    for (const field of fields.get(target) as number[]) view.setInt32(field, at - (field + 4), true);
  });
  return { code: linked, fields: left };
}

/**
 * Calls of own functions without a detour, in `code` itself; returns the fields that are left.
 * @param slots where the slot array lies, from the code's begin on
 * @param entries of the functions, from the code's begin on
 */
export function callDirectly(code: Uint8Array, fields: Fields, slots: number, entries: readonly number[]): Fields {
  const view = viewOf(code);
  const left: number[] = [];
  for (const field of fields.get(Target.slots) ?? []) {
    const slot = view.getInt32(field, true) + field + 4 - slots;
    const entry = entries[slot / 8];
    if (code[field - 2] !== callIndirect[0] || code[field - 1] !== callIndirect[1] || entry === undefined) {
      left.push(field);
      continue;
    }
    code.set(callDirect, field - 2);
    view.setInt32(field, entry - (field + 4), true);
  }
  const others = new Map([...fields].filter(([target]) => target !== Target.slots));
  return left.length === 0 ? others : others.set(Target.slots, left);
}
