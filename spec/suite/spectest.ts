/** The host module `spectest`: itself a wasm module, so that everything in it has the right type. */
import type { Namespace } from '../support/engine.js';
import { Op } from '../support/instructions.js';
import { F32, F64, FUNCREF, I32, I64, Kind, Section, type ValueType } from '../support/wasm-types.js';
import { ByteWriter } from '../support/writer.js';

const functions: readonly [string, ValueType[]][] = [
  ['print', []],
  ['print_i32', [I32]],
  ['print_i64', [I64]],
  ['print_f32', [F32]],
  ['print_f64', [F64]],
  ['print_i32_f32', [I32, F32]],
  ['print_f64_f64', [F64, F64]],
];

/** Bytes of the module. */
export function spectestModule(): Uint8Array {
  const writer = new ByteWriter().header();
  writer.section(Section.type, (section) =>
    section.vector(functions, ([, params]) => section.functionType({ params, results: [] })),
  );
  writer.section(Section.function, (section) => section.vector(functions, (_, index) => section.u32(index)));
  writer.section(Section.table, (section) => section.u32(1).byte(FUNCREF).limits(10, 20));
  writer.section(Section.memory, (section) => section.u32(1).limits(1, 2));
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat32(0, 666.6);
  const single = bits.getUint32(0);
  bits.setFloat64(0, 666.6);
  writer.section(Section.global, (section) =>
    section
      .u32(4)
      .byte(I32, 0, Op.i32Const)
      .s32(666)
      .byte(Op.end, I64, 0, Op.i64Const)
      .s64(666n)
      .byte(Op.end, F32, 0, Op.f32Const)
      .f32Bits(single)
      .byte(Op.end, F64, 0, Op.f64Const)
      .f64Bits(bits.getBigUint64(0))
      .byte(Op.end),
  );
  writer.section(Section.export, (section) => {
    section.u32(functions.length + 6);
    for (const [index, [name]] of functions.entries()) section.name(name).byte(Kind.function).u32(index);
    section.name('table').byte(Kind.table, 0).name('memory').byte(Kind.memory, 0);
    for (const [index, type] of ['i32', 'i64', 'f32', 'f64'].entries()) {
      section.name(`global_${type}`).byte(Kind.global, index);
    }
  });
  writer.section(Section.code, (section) =>
    section.vector(functions, () => section.sized((body) => body.u32(0).byte(Op.end))),
  );
  return writer.finish();
}

/** Bytes of a module that exports `table64`, for engines that know 64-bit tables. */
function table64Module(): Uint8Array {
  const writer = new ByteWriter().header();
  writer.section(Section.table, (section) => section.u32(1).byte(FUNCREF, 5).u32(10).u32(20));
  writer.section(Section.export, (section) => section.u32(1).name('table64').byte(Kind.table, 0));
  return writer.finish();
}

/** A fresh `spectest`. */
export function makeSpectest(engine: Namespace): Record<string, unknown> {
  const { exports } = new engine.Instance(new engine.Module(spectestModule()));
  const wide = table64Module();
  if (!engine.validate(wide)) return exports;
  return { ...exports, ...new engine.Instance(new engine.Module(wide)).exports };
}
