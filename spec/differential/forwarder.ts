/** A module that stands between a caller and an imported function, with a memory and globals of its own. */
import { Op } from '../support/instructions.js';
import { type FunctionType, I32, Kind, Section } from '../support/wasm-types.js';
import { ByteWriter } from '../support/writer.js';

/**
 * Bytes of a module that imports `f`, and exports an `f` of the same type that counts calls in its memory and in a
 * global, traps if the two differ (one of them was not its own), and calls the imported function.
 */
export function forwarder(type: FunctionType): Uint8Array {
  const writer = new ByteWriter().header();
  writer.section(Section.type, (out) => out.u32(1).functionType(type));
  writer.section(Section.import, (out) => out.u32(1).name('').name('f').byte(Kind.function, 0));
  writer.section(Section.function, (out) => out.u32(1).u32(0));
  writer.section(Section.memory, (out) => out.u32(1).limits(1, 1));
  writer.section(Section.global, (out) => out.u32(1).byte(I32, 1, Op.i32Const, 0, Op.end));
  writer.section(Section.export, (out) => out.u32(1).name('f').byte(Kind.function, 1));
  writer.section(Section.code, (out) =>
    out.u32(1).sized((body) => {
      body.u32(0);
      check(body);
      // Count in the global, and the same number into the memory.
      body.byte(Op.globalGet, 0, Op.i32Const, 1, 0x6a, Op.globalSet, 0); // i32.add
      body.byte(Op.i32Const, 16, Op.globalGet, 0, 0x36, 2, 0); // i32.store
      for (const i of type.params.keys()) body.byte(Op.localGet).u32(i);
      body.byte(Op.call, 0);
      check(body);
      body.byte(Op.end);
    }),
  );
  return writer.finish();
}

/** Trap if memory and global differ. */
function check(body: ByteWriter): void {
  body.byte(Op.i32Const, 16, 0x28, 2, 0, Op.globalGet, 0, 0x47, Op.if, 0x40, Op.unreachable, Op.end); // load, i32.ne
}
