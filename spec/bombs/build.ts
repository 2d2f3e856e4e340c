/** Builds the modules of the compilation bombs: a few function types, function bodies, and what they need. */

import {
  F32,
  F64,
  FUNCREF,
  type FunctionType,
  I32,
  I64,
  Kind,
  Section,
  type ValueType,
} from '../support/wasm-types.js';
import { ByteWriter } from '../support/writer.js';

export interface BombFunction {
  /** Index into `types`. */
  type: number;
  locals?: [count: number, type: ValueType][];
  /** Without the final `end`. */
  body(w: ByteWriter): void;
}

export interface BombModule {
  types: FunctionType[];
  /** Types of imported functions, all from `m`.`g`. */
  imports?: number[];
  functions: BombFunction[];
  /** Functions (own index) that are table elements, in a table of that size. */
  table?: number[];
  memory?: boolean;
  /** Mutable i32 globals. */
  globals?: number;
  /** Own index of the function exported as `f`. */
  entry?: number;
  /** Any further sections, written before the code. */
  before?(w: ByteWriter): void;
  after?(w: ByteWriter): void;
}

export function buildModule(m: BombModule): Uint8Array {
  const w = new ByteWriter(1 << 16);
  const imports = m.imports ?? [];
  w.header();
  w.section(Section.type, (s) => s.vector(m.types, (type) => s.functionType(type)));
  if (imports.length > 0) {
    w.section(Section.import, (s) => s.vector(imports, (type) => s.name('m').name('g').byte(Kind.function).u32(type)));
  }
  w.section(Section.function, (s) => s.vector(m.functions, (f) => s.u32(f.type)));
  if (m.table !== undefined) {
    w.section(Section.table, (s) =>
      s
        .u32(1)
        .byte(FUNCREF)
        .limits((m.table as number[]).length),
    );
  }
  if (m.memory) w.section(Section.memory, (s) => s.u32(1).limits(1, 4));
  if (m.globals !== undefined) {
    w.section(Section.global, (s) => {
      s.u32(m.globals as number);
      for (let i = 0; i < (m.globals as number); i++) s.byte(I32, 1, 0x41, 0, 0x0b);
    });
  }
  if (m.entry !== undefined) {
    w.section(Section.export, (s) =>
      s
        .u32(1)
        .name('f')
        .byte(Kind.function)
        .u32(imports.length + (m.entry as number)),
    );
  }
  if (m.table !== undefined) {
    w.section(Section.element, (s) => {
      s.u32(1).byte(0, 0x41, 0, 0x0b);
      s.vector(m.table as number[], (index) => s.u32(imports.length + index));
    });
  }
  m.before?.(w);
  w.section(Section.code, (s) => {
    s.u32(m.functions.length);
    for (const f of m.functions) {
      s.sized((b) => {
        b.vector(f.locals ?? [], ([count, type]) => b.u32(count).byte(type));
        f.body(b);
        b.byte(0x0b);
      });
    }
  });
  m.after?.(w);
  return w.finish();
}

/** `count` types, taken in turn from `pattern`. */
export function typesOf(count: number, ...pattern: ValueType[]): ValueType[] {
  return Array.from({ length: count }, (_, i) => pattern[i % pattern.length] as ValueType);
}

/** A constant of the type that tells its position. */
export function constant(w: ByteWriter, type: ValueType, value: number): void {
  switch (type) {
    case I32:
      w.byte(0x41).s32(value);
      return;
    case I64:
      w.byte(0x42).s64(BigInt(value) * 0x1_0000_0001n);
      return;
    case F32:
      w.byte(0x43).f32Bits(0x3f800000 + value);
      return;
    case F64:
      w.byte(0x44).f64Bits(0x3ff0000000000000n + BigInt(value));
      return;
    default:
      w.byte(0xd0, type);
  }
}

/** One constant for each type. */
export function constants(w: ByteWriter, types: readonly ValueType[]): void {
  types.forEach((type, i) => {
    constant(w, type, i + 1);
  });
}

/** Repeat bytes. */
export function repeat(w: ByteWriter, count: number, ...bytes: number[]): void {
  const piece = Uint8Array.from(bytes);
  for (let i = 0; i < count; i++) w.bytes(piece);
}
