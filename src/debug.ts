/**
 * All debug switches of the engine, in one place: `new Engine({ debug: { ... } })`. Each is off by default, and each can
 * be limited to some functions by `functions`.
 */
import { z } from 'zod';

/** Selects functions by index in their module (imports counted), or by name. */
const filter = z.array(z.union([z.int().nonnegative(), z.string(), z.instanceof(RegExp)])).readonly();

export const debugSchema = z.strictObject({
  /** Print each wasm opcode with its offset as it is decoded. */
  dumpWasm: z.boolean().default(false),
  /** Print the machine code of each function when its body ends. */
  dumpCode: z.boolean().default(false),
  /** Print the value stack (where each value is) after each opcode. */
  traceStack: z.boolean().default(false),
  /** Check the invariants of value stack and register file after each opcode. */
  checkInvariants: z.boolean().default(false),
  /** Keep no value in a register across opcodes: every result goes to its slot. */
  forceSpills: z.boolean().default(false),
  /** Emit code that traps when the upper half of a register that holds an i32 is not zero. */
  checkUpperHalves: z.boolean().default(false),
  /** Limit the switches above to these functions. */
  functions: filter.optional(),
});

/** What a caller may write. */
export type DebugOptions = z.input<typeof debugSchema>;

/** Validated switches, as the engine's parts read them. */
export type Debug = z.output<typeof debugSchema>;

/** All switches off. */
export const noDebug: Debug = debugSchema.parse({});

/** True if the switches apply to the function with this index and name. */
export function debugApplies(debug: Debug, index: number, name?: string): boolean {
  if (debug.functions === undefined) return true;
  for (const wanted of debug.functions) {
    if (typeof wanted === 'number' ? wanted === index : name !== undefined && matches(wanted, name)) return true;
  }
  return false;
}

function matches(wanted: string | RegExp, name: string): boolean {
  return typeof wanted === 'string' ? wanted === name : wanted.test(name);
}
