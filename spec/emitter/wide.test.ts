/** Wide arithmetic beside BigInt: all ways in which operands can be there, both tiers. */
import test from 'ava';
import fc from 'fast-check';
import { baselineCpu } from '../../src/backends/x64/cpu.js';
import { loadDisassembler } from '../../src/backends/x64/disassemble.js';
import { formatFunction, listModule } from '../../src/explore/listing.js';
import { Engine, type EngineOptions } from '../../src/index.js';
import { leb, moduleOf, name, sized } from '../stream/harness.js';

interface Operation {
  readonly opcode: number;
  readonly operands: number;
  /** The result, of any sign. */
  of(...values: bigint[]): bigint;
}

const wide = (low: bigint, high: bigint): bigint => BigInt.asUintN(64, low) | (BigInt.asUintN(64, high) << 64n);

const operations: Readonly<Record<string, Operation>> = {
  'i64.add128': { opcode: 0x13, operands: 4, of: (a, b, c, d) => wide(a!, b!) + wide(c!, d!) },
  'i64.sub128': { opcode: 0x14, operands: 4, of: (a, b, c, d) => wide(a!, b!) - wide(c!, d!) },
  'i64.mul_wide_s': { opcode: 0x15, operands: 2, of: (a, b) => BigInt.asIntN(64, a!) * BigInt.asIntN(64, b!) },
  'i64.mul_wide_u': { opcode: 0x16, operands: 2, of: (a, b) => BigInt.asUintN(64, a!) * BigInt.asUintN(64, b!) },
};

function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = Number(value & 0x7fn);
    value >>= 7n;
    if ((value === 0n && low < 0x40) || (value === -1n && low >= 0x40)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

/** How an operand gets to the stack: from local k, whose value is known. */
const forms: readonly ((local: number, value: bigint) => number[])[] = [
  (local) => [0x20, local],
  (_, value) => [0x42, ...signed(value)],
  // In a register of its own.
  (local) => [0x20, local, 0x42, 0, 0x7c],
  // In its slot.
  (local) => [0x20, local, 0x02, 0x40, 0x0b],
];

/** A function "f" of four i64 to two; what is below on the stack is added to both, so it must survive. */
function moduleWith(code: readonly number[]): Uint8Array {
  const below = [0x20, 0, 0x42, 5, 0x7c];
  const body = [
    ...[1, 3, 0x7e],
    ...[...below, ...code, 0x21, 5, 0x21, 4, 0x21, 6],
    // The locals are as they were.
    ...[0x20, 6, 0x20, 0, 0x42, 5, 0x7c, 0x52, 0x04, 0x40, 0, 0x0b],
    ...[0x20, 4, 0x20, 5, 0x0b],
  ];
  return moduleOf(
    [1, [1, 0x60, 4, 0x7e, 0x7e, 0x7e, 0x7e, 2, 0x7e, 0x7e]],
    [3, [1, 0]],
    [7, [1, ...name('f'), 0, 0]],
    [10, [1, ...sized(body)]],
  );
}

const variants: Readonly<Record<string, EngineOptions>> = {
  native: {},
  'forced spills': { debug: { forceSpills: true, checkInvariants: true } },
  'small world': { debug: { smallWorld: true, checkInvariants: true } },
  optimizing: { tier: 'optimizing' },
};

const edges = [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 32n, -(2n ** 32n), 2n ** 32n - 1n, 2n ** 31n];
const number = fc.oneof(fc.constantFrom(...edges), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));

for (const [title, options] of Object.entries(variants)) {
  test(`results (${title})`, (t) => {
    const { WebAssembly } = new Engine({ limits: { codeMemory: 64 << 20 }, ...options });
    for (const { opcode, operands, of } of Object.values(operations)) {
      const values = fc.array(number, { minLength: 4, maxLength: 4 });
      const places = fc.array(fc.tuple(fc.nat(forms.length - 1), fc.nat(3)), {
        minLength: operands,
        maxLength: operands,
      });
      fc.assert(
        fc.property(values, places, (locals, chosen) => {
          const code = chosen.flatMap(([form, local]) => forms[form]!(local, locals[local]!));
          const module = new WebAssembly.Module(moduleWith([...code, 0xfc, ...leb(opcode)]));
          const f = new WebAssembly.Instance(module).exports.f as (...args: bigint[]) => [bigint, bigint];
          const [low, high] = f(...(locals as [bigint, bigint, bigint, bigint]));
          const expected = of(...chosen.map(([, local]) => locals[local]!));
          t.is(low, BigInt.asIntN(64, expected));
          t.is(high, BigInt.asIntN(64, expected >> 64n));
        }),
        { numRuns: 150 },
      );
    }
  });
}

test('the code: carries are not taken apart', async (t) => {
  const disassembler = await loadDisassembler();
  const body = (opcode: number, operands: number) => [
    ...Array.from({ length: operands }, (_, k) => [0x20, k]).flat(),
    ...[0xfc, opcode, 0x21, 0, 0x21, 1],
    ...[0x20, 1, 0x20, 0],
  ];
  for (const { opcode, operands } of Object.values(operations)) {
    const listing = listModule(moduleWith(body(opcode, operands)), disassembler, { cpu: baselineCpu });
    const text = listing.flatMap(formatFunction).join('\n');
    const instruction = {
      19: /add r\w+, r\w+\n\s+adc r/,
      20: /sub r\w+, r\w+\n\s+sbb r/,
      21: /imul r\w+\n/,
      22: /mul r\w+\n/,
    };
    t.regex(text, instruction[opcode as 19]);
  }
});
