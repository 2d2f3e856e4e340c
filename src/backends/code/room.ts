/**
 * How many bytes of code are held ready, and for what. The assembler writes nothing beyond the end of a span whatever stands
 * here; a number that is too small ends the compilation of the module that needs more. `spec/emitter/room.test.ts` holds
 * them against what opcodes take.
 */
export const enum Room {
  /** What one opcode can emit, apart from what it asks for itself (`reserve`). Looked at once per opcode. */
  opcode = 3072,
  /** What br_table emits before its cells: everything that is in registers, or only promised, goes to memory. */
  tableHead = 3072,
  /** The jump from the end of a span to the next one. */
  jump = 16,
}
