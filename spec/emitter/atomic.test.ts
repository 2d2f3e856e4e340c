/** Every atomic opcode beside V8: all ways in which operands can be there, both tiers, with and without guard pages. */
import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { Engine, type EngineOptions } from '../../src/index.js';
import type { Instance, Memory } from '../../src/runtime/webidl/api-types.js';
import { Op } from '../../src/stream/op.js';
import { type Opcode, opcodes } from '../../src/stream/opcodes.js';
import { leb, moduleOf, name, sized } from '../stream/harness.js';
import { v8 } from '../support/engine.js';

const accesses = opcodes.filter(
  ({ code }) => code >> 8 === Op.prefixAtomic && code >= Op.i32AtomicLoad && code <= Op.i64AtomicRmw32CmpxchgU,
);

function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = Number(value & 0x7fn);
    value >>= 7n;
    if ((value === 0n && low < 0x40) || (value === -1n && low >= 0x40)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

/** How the operand of a type gets to the stack: from local k, whose value is known. */
const forms: readonly ((type: string, local: number, value: bigint) => number[])[] = [
  (_, local) => [0x20, local],
  (type, _, value) => [type === 'i' ? 0x41 : 0x42, ...signed(value)],
  // In a register of its own.
  (type, local) => (type === 'i' ? [0x20, local, 0x41, 0, 0x6a] : [0x20, local, 0x42, 0, 0x7c]),
  // In its slot.
  (_, local) => [0x20, local, 0x02, 0x40, 0x0b],
];

/** log2 of the access's size, by its name. */
function sizeOf({ name: text }: Opcode): number {
  const [, type, bits] = /^i(\d+)\.atomic\.[a-z]+(\d*)/.exec(text) as RegExpExecArray;
  return Math.log2(Number(bits || type) / 8);
}

/** A function "f" of three i32 and three i64; what is below on the stack must survive. Memory "m" is filled before. */
function moduleWith(
  opcode: Opcode,
  chosen: readonly (readonly [number, number])[],
  values: readonly bigint[],
  at: bigint,
) {
  const [params, results] = opcode.signature.split(':') as [string, string];
  const operands = [...params].flatMap((type, k) => {
    const [form, local] = chosen[k] as [number, number];
    if (k === 0) return forms[form]!('i', 0, BigInt.asIntN(32, at));
    const index = type === 'i' ? local : 3 + local;
    return forms[form]!(type, index, values[index] as bigint);
  });
  const access = [0xfe, ...leb(opcode.code & 0xff), ...leb(sizeOf(opcode)), ...leb(chosen[3]![0] * 8)];
  const result = results === '' ? [0x42, 7] : results === 'i' ? [0xad] : [];
  const body = [
    ...[0, 0x20, 1, 0x41, 5, 0x6a],
    ...[...operands, ...access, ...result],
    // The result and what was below, and all locals as they are.
    ...[0x21, 3, 0xac, 0x20, 3, 0x85, 0x20, 4, 0x85, 0x20, 5, 0x85, 0x20, 0, 0xac, 0x85, 0x20, 2, 0xac, 0x85, 0x0b],
  ];
  return moduleOf(
    [1, [1, 0x60, 6, 0x7f, 0x7f, 0x7f, 0x7e, 0x7e, 0x7e, 1, 0x7e]],
    [3, [1, 0]],
    [5, [1, 1, 1, 2]],
    [7, [2, ...name('f'), 0, 0, ...name('m'), 2, 0]],
    [10, [1, ...sized(body)]],
  );
}

type F = (...args: (number | bigint)[]) => bigint;

/** What happens, and what the memory is then. */
function outcome({ exports }: Instance, values: readonly bigint[], at: bigint): unknown {
  const { f, m } = exports as unknown as { f: F; m: Memory };
  const bytes = new Uint8Array(m.buffer);
  for (let i = 0; i < 256; i++) bytes[i] = 37 * i;
  let result: bigint | string;
  try {
    result = f(Number(at), ...values.slice(1, 3).map((v) => Number(BigInt.asIntN(32, v))), ...values.slice(3));
  } catch (error) {
    result = (error as Error).message;
    // Which of both is looked at first is an implementation's choice: V8 has changed it.
    if (/unaligned|out of bounds/.test(result)) result = 'unaligned or out of bounds';
  }
  return [result, ...bytes.slice(0, 256)];
}

const variants: Readonly<Record<string, EngineOptions>> = {
  native: {},
  'reference build': { core: 'js' },
  'forced spills': { debug: { forceSpills: true, checkInvariants: true } },
  'small world': { debug: { smallWorld: true, checkInvariants: true } },
  'bounds checks': { bounds: 'check' },
  optimizing: { tier: 'optimizing' },
  'optimizing, forced spills': { tier: 'optimizing', debug: { forceSpills: true, checkInvariants: true } },
};

const edges = [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 32n, 2n ** 31n, 0x25n, 0x4a25n, 255n];
const number = fc.oneof(fc.constantFrom(...edges), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
const addresses = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0n, 8n, 16n, 64n) },
  fc.constantFrom(1n, 2n, 4n, 6n, 65528n, 65534n, 65536n, 0xfffffff8n),
);

for (const [title, options] of Object.entries(variants)) {
  test(`all opcodes as V8 does them (${title})`, (t) => {
    t.timeout(240_000);
    const engine = new Engine({ limits: { codeMemory: 64 << 20 }, ...options });
    const place = fc.tuple(fc.nat(forms.length - 1), fc.nat(2));
    for (const opcode of accesses) {
      fc.assert(
        fc.property(
          fc.array(number, { minLength: 6, maxLength: 6 }),
          fc.array(place, { minLength: 4, maxLength: 4 }),
          addresses,
          (values, chosen, at) => {
            const numbers = values.map((value, k) =>
              k === 0 ? BigInt.asIntN(32, at) : k < 3 ? BigInt.asIntN(32, value) : value,
            );
            const bytes = moduleWith(opcode, chosen, numbers, at);
            const expected = outcome(new v8.Instance(new v8.Module(bytes)), numbers, at);
            const module = new engine.WebAssembly.Module(bytes);
            const instance = new engine.WebAssembly.Instance(module);
            assert.deepEqual(outcome(instance, numbers, at), expected, opcode.name);
          },
        ),
        { numRuns: 12 },
      );
    }
    t.pass();
  });
}
