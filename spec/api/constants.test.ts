/** Constant expressions of several instructions (extended constant expressions), and of globals of the module itself. */
import test from 'ava';
import fc from 'fast-check';
import { WebAssembly } from '../../src/index.js';
import { leb, moduleOf, name, sized } from '../stream/harness.js';

type Type = 'i32' | 'i64';

/** An expression, and its value. */
interface Expression {
  readonly code: readonly number[];
  readonly value: bigint;
}

const asInt = { i32: (x: bigint) => BigInt.asIntN(32, x), i64: (x: bigint) => BigInt.asIntN(64, x) };
const opcodes = { i32: [0x6a, 0x6b, 0x6c], i64: [0x7c, 0x7d, 0x7e] };

function signedLeb(value: bigint): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = Number(value & 0x7fn);
    value >>= 7n;
    if ((value === 0n && low < 0x40) || (value === -1n && low >= 0x40)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

/** @param globals of the type, by index. */
function expressions(type: Type, globals: ReadonlyMap<number, bigint>): fc.Arbitrary<Expression> {
  const constant = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((x) => {
    const value = asInt[type](x);
    return { code: [type === 'i32' ? 0x41 : 0x42, ...signedLeb(value)], value };
  });
  const global = fc.constantFrom(...globals).map(([index, value]) => ({ code: [0x23, ...leb(index)], value }));
  const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 12, depthSize: 'large' },
      constant,
      global,
      fc.tuple(tie('tree'), tie('tree'), fc.nat(2)).map(([a, b, operator]) => ({
        code: [...a.code, ...b.code, opcodes[type][operator] as number],
        value: asInt[type]([a.value + b.value, a.value - b.value, a.value * b.value][operator] as bigint),
      })),
    ),
  }));
  return tree;
}

const bytesOf = { i32: 0x7f, i64: 0x7e };

test('values of globals', (t) => {
  const imported = { i32: 77n, i64: -(2n ** 40n) - 5n };
  for (const type of ['i32', 'i64'] as const) {
    // Global 0 is imported, 1 is the module's own, 2 is what is asked for.
    const known = new Map([
      [0, imported[type]],
      [1, 123n],
    ]);
    fc.assert(
      fc.property(expressions(type, known), ({ code, value }) => {
        const constant = type === 'i32' ? 0x41 : 0x42;
        const own = [bytesOf[type], 0, constant, ...signedLeb(123n), 0x0b];
        const bytes = moduleOf(
          [2, [1, ...name('m'), ...name('g'), 3, bytesOf[type], 0]],
          [6, [2, ...own, bytesOf[type], 1, ...code, 0x0b]],
          [7, [1, ...name('g'), 3, 2]],
        );
        const g = type === 'i32' ? Number(imported.i32) : imported.i64;
        const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { g } });
        t.is(BigInt((exports.g as { value: number | bigint }).value), value);
      }),
      { numRuns: 300 },
    );
  }
});

test('offsets of segments; references through own globals', (t) => {
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(
      moduleOf(
        [1, [1, 0x60, 0, 1, 0x7f]],
        [3, [1, 0]],
        [4, [1, 0x70, 0, 8]],
        [5, [1, 0, 1]],
        [
          6,
          [
            3,
            ...[0x7f, 0, 0x41, 2, 0x0b],
            ...[0x70, 0, 0xd2, 0, 0x0b],
            // Through another own global of functions.
            ...[0x70, 0, 0x23, 1, 0x0b],
          ],
        ],
        [7, [4, ...name('t'), 1, 0, ...name('m'), 2, 0, ...name('f'), 0, 0, ...name('g'), 3, 2]],
        // Offset 2 * 3 - 1; an entry is the value of global 2.
        [9, [1, 4, 0x23, 0, 0x41, 3, 0x6c, 0x41, 1, 0x6b, 0x0b, 1, 0x23, 2, 0x0b]],
        [10, [1, ...sized([0, 0x41, ...leb(42), 0x0b])]],
        [11, [1, 0, 0x41, 5, 0x23, 0, 0x6a, 0x0b, ...sized([9])]],
      ),
    ),
  ) as unknown as { exports: Record<string, never> };
  const {
    t: table,
    m: memory,
    f,
    g,
  } = exports as unknown as {
    t: { get(i: number): unknown };
    m: { buffer: ArrayBuffer };
    f: () => number;
    g: { value: unknown };
  };
  t.is(table.get(5), f);
  t.is(g.value, f);
  t.is(f(), 42);
  t.is(new Uint8Array(memory.buffer)[7], 9);
});

test('an expression of any depth, in pieces; segments outside trap', async (t) => {
  const depth = 50_000;
  const deep = [...new Array(depth).fill([0x41, 1]).flat(), ...new Array(depth - 1).fill(0x6a), 0x0b] as number[];
  const bytes = moduleOf([6, [1, 0x7f, 0, ...deep]], [7, [1, ...name('g'), 3, 0]]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  t.is((exports.g as unknown as { value: number }).value, depth);
  const short = moduleOf([5, [1, 0, 1]], [11, [1, 0, 0x41, 0x7f, 0x41, 0, 0x6a, 0x0b, 1, 7]]);
  t.throws(() => new WebAssembly.Instance(new WebAssembly.Module(short)), { instanceOf: WebAssembly.RuntimeError });
  for (const module of [bytes.subarray(0, 2000), short]) {
    // Bytes one by one give what all at once do.
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of module) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const response = new Response(pieces, { headers: { 'content-type': 'application/wasm' } });
    const streamed = await WebAssembly.compileStreaming(response).then(
      () => '',
      (error: Error) => error.message,
    );
    const whole = await WebAssembly.compile(Uint8Array.from(module)).then(
      () => '',
      (error: Error) => error.message,
    );
    t.is(streamed.replace('compileStreaming', 'compile'), whole);
  }
});
