/** The binary tools of the harnesses, against V8. */
import test from 'ava';
import { generateModule } from '../fuzz/generate.js';
import { v8 } from './engine.js';
import { newInstruction, readInstruction, readLocals } from './instructions.js';
import { Random, randomF32Bits, randomF64Bits, randomI32, randomI64 } from './random.js';
import { ByteReader, readModule } from './reader.js';
import { F32, F64, I32, I64, Kind, Section } from './wasm-types.js';
import { ByteWriter } from './writer.js';

const kindNames = ['function', 'table', 'memory', 'global'];

test('LEB128 numbers come back', (t) => {
  for (const value of [0, 1, 63, 64, 127, 128, 300, 0x7fffffff, 0x80000000, 0xffffffff]) {
    t.is(new ByteReader(new ByteWriter().u32(value).finish()).unsigned(), value);
    t.is(new ByteReader(new ByteWriter().s32(value).finish()).signed(), value | 0);
    t.is(new ByteReader(new ByteWriter().s32(-value).finish()).signed(), -value | 0);
  }
});

test('the reader sees the imports and exports that V8 sees', (t) => {
  for (let seed = 0; seed < 50; seed++) {
    const bytes = generateModule(seed);
    const shape = readModule(bytes);
    const module = new v8.Module(bytes);
    t.deepEqual(
      shape.exports.map(({ name, kind }) => ({ name, kind: kindNames[kind] })),
      v8.Module.exports(module) as unknown[],
    );
    t.deepEqual(
      shape.imports.map(({ module: from, name, kind }) => ({ module: from, name, kind: kindNames[kind] })),
      v8.Module.imports(module) as unknown[],
    );
  }
});

test('the walker ends at the end of each body, with as many ends as blocks', (t) => {
  const instruction = newInstruction();
  for (let seed = 0; seed < 50; seed++) {
    const bytes = generateModule(seed);
    for (const { start, end } of readModule(bytes).bodies) {
      const reader = new ByteReader(bytes, start, end);
      readLocals(reader);
      let open = 1;
      while (reader.position < end) {
        t.true(open > 0);
        readInstruction(reader, instruction);
        if (instruction.opcode >= 0x02 && instruction.opcode <= 0x04) open++;
        if (instruction.opcode === 0x0b) open--;
      }
      t.is(open, 0);
      t.is(reader.position, end);
    }
  }
});

test('a written module runs', (t) => {
  const writer = new ByteWriter().header();
  writer.section(Section.type, (out) => out.u32(1).functionType({ params: [], results: [I32, I64, F32, F64] }));
  writer.section(Section.function, (out) => out.u32(1).u32(0));
  writer.section(Section.export, (out) => out.u32(1).name('f').byte(Kind.function, 0));
  writer.section(Section.code, (out) =>
    out.u32(1).sized((body) => {
      body
        .u32(0)
        .byte(0x41)
        .s32(-5)
        .byte(0x42)
        .s64(-(1n << 63n))
        .byte(0x43)
        .f32Bits(0x3fc00000);
      body.byte(0x44).f64Bits(0xc004000000000000n).byte(0x0b);
    }),
  );
  const { f } = new v8.Instance(new v8.Module(writer.finish())).exports;
  t.deepEqual(f(), [-5, -(1n << 63n), 1.5, -2.5]);
});

test('random values: the same for the same seed, and of their range', (t) => {
  const draw = (): unknown[] => {
    const random = new Random(1, 2);
    return Array.from({ length: 100 }, () => [
      randomI32(random),
      randomI64(random),
      randomF32Bits(random),
      randomF64Bits(random),
      random.below(7),
      random.weighted([0, 1, 2]),
    ]);
  };
  t.deepEqual(draw(), draw());
  t.notDeepEqual(new Random(1).u64(), new Random(2).u64());
  const random = new Random(3);
  for (let i = 0; i < 1000; i++) {
    const number = randomI32(random);
    t.is(number, number | 0);
    t.true(random.below(3) < 3);
    t.not(random.weighted([1, 0, 1]), 1);
    const wide = randomI64(random);
    t.is(wide, BigInt.asIntN(64, wide));
  }
});
