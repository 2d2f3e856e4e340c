/**
 * All debug switches of the engine, in one place: `new Engine({ debug: { ... } })`. Each is off by default, and each can
 * be limited to some functions by `functions`.
 */
import { zod } from './support/zod.js';

/** The switches. */
export interface Debug {
  /** Print each wasm opcode with its offset as it is decoded. */
  readonly dumpWasm: boolean;
  /** Print the machine code of each function when its body ends. */
  readonly dumpCode: boolean;
  /** Print the value stack (where each value is) after each opcode. */
  readonly traceStack: boolean;
  /** Check the invariants of value stack and register file after each opcode. */
  readonly checkInvariants: boolean;
  /** Keep no value in a register across opcodes: every result goes to its slot. */
  readonly forceSpills: boolean;
  /** Emit code that traps when the upper half of a register that holds an i32 is not zero. */
  readonly checkUpperHalves: boolean;
  /** Collect references at every safepoint, and use no freed id again soon: what was freed too early fails loudly. */
  readonly gcStress: boolean;
  /** Windows, thresholds and pools tiny, counters near their wrap: what is rare happens all the time (`world.ts`). */
  readonly smallWorld: boolean;
  /** With `tier: 'auto'`: functions are optimized as soon as their module is there, in this thread, whether they are hot or not. */
  readonly eagerTierUp: boolean;
  /**
   * Limit the switches above (all but `gcStress` and `smallWorld`) to these functions: by index in their module (imports counted), or by
   * name.
   */
  readonly functions?: readonly (number | string | RegExp)[] | undefined;
}

/** What a caller may write. */
export type DebugOptions = Partial<Debug>;

/** All switches off. */
export const noDebug: Debug = {
  dumpWasm: false,
  dumpCode: false,
  traceStack: false,
  checkInvariants: false,
  forceSpills: false,
  checkUpperHalves: false,
  gcStress: false,
  smallWorld: false,
  eagerTierUp: false,
};

/** Some of the switches that only the reference build of the compiler has are on. */
export function needsReference(debug: Debug): boolean {
  const { dumpWasm, dumpCode, traceStack, checkInvariants, forceSpills, checkUpperHalves } = debug;
  return dumpWasm || dumpCode || traceStack || checkInvariants || forceSpills || checkUpperHalves;
}

/** Names of the switches. */
export const debugSwitches: readonly string[] = Object.keys(noDebug);

/** The zod schema of the switches. */
export function debugSchema() {
  const z = zod();
  const flag = z.boolean().default(false);
  return z.strictObject({
    dumpWasm: flag,
    dumpCode: flag,
    traceStack: flag,
    checkInvariants: flag,
    forceSpills: flag,
    checkUpperHalves: flag,
    gcStress: flag,
    smallWorld: flag,
    eagerTierUp: flag,
    functions: z
      .array(z.union([z.int().nonnegative(), z.string(), z.instanceof(RegExp)]))
      .readonly()
      .optional(),
  } satisfies Record<keyof Debug, unknown>);
}

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
