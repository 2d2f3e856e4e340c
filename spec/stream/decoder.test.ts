/** What the decoder says about a module, what it calls for a body, and how it refuses. */
import test, { type ExecutionContext } from 'ava';
import { ModuleDecoder } from '../../src/stream/decoder.js';
import { ElementMode } from '../../src/stream/item-lists.js';
import { WireCursor } from '../../src/stream/wire-cursor.js';
import { wat } from '../api/wat.js';
import { emptySink, moduleOf, name, record, verdict } from './harness.js';

/** Sink calls of the only own function, without offsets. */
function callsOf(t: ExecutionContext, source: string): string[] {
  const { calls, error } = record(wat(source));
  t.is(error, undefined, error?.message);
  return calls.filter((call) => !/^(at|beginFunction|header|beginCode|endFunction) ?/.test(call));
}

/** The instruction at the cursor, without its `end`, which the cursor passes too. */
function expression(cursor: WireCursor): number[] {
  const start = cursor.pos;
  cursor.skipExpression();
  return [...cursor.bytes.subarray(start, cursor.pos - 1)];
}

test('sections', (t) => {
  const bytes = wat(`(module
    (type $t (func (param i32 i64) (result f32)))
    (import "a" "f" (func $f (type $t)))
    (import "a" "g" (global $g i32))
    (import "b" "t" (table $t0 2 10 funcref))
    (table $t1 1 funcref)
    (memory 1 3)
    (global $m (mut i64) (i64.const -2))
    (global $d f64 (f64.const 1))
    (global $r funcref (ref.func $own))
    (func $own)
    (func $main (drop (ref.func $f)) (data.drop 1))
    (export "main" (func $main))
    (export "memory" (memory 0))
    (start $own)
    (elem (table $t1) (global.get $g) func $own $f)
    (elem funcref (ref.null func) (ref.func $main))
    (elem declare func $f)
    (data (i32.const 7) "abc")
    (data "\\00\\01"))`);
  const { info, calls } = record(bytes);
  t.truthy(info);
  if (info === undefined) return;
  t.is(calls[0], 'header');
  const [type, empty] = [info.types.at(0), info.types.at(1)];
  t.deepEqual([[...type.params], [...type.results]], [[0x7f, 0x7e], [0x7d]]);
  t.deepEqual([empty.params.length, empty.results.length], [0, 0]);
  t.deepEqual(
    [...info.imports.toArray()].map((i) => [i.module, i.name, i.kind, i.index]),
    [
      ['a', 'f', 0, 0],
      ['a', 'g', 3, 0],
      ['b', 't', 1, 0],
    ],
  );
  t.deepEqual([...info.functionTypes], [0, 1, 1]);
  t.is(info.functionCount, 3);
  t.deepEqual([info.importedFunctions, info.importedTables, info.importedMemories, info.importedGlobals], [1, 1, 0, 1]);
  t.deepEqual(
    [0, 1].map((i) => [info.tables.element(i), info.tables.initial(i), info.tables.maximum(i)]),
    [
      [0x70, 2, 10],
      [0x70, 1, undefined],
    ],
  );
  t.deepEqual([...info.memories], [{ initial: 1, maximum: 3, shared: false, is64: false, bytePages: false }]);
  t.deepEqual(
    [0, 1, 2, 3].map((i) => [info.globals.type(i), info.globals.mutable(i)]),
    [
      [0x7f, false],
      [0x7e, true],
      [0x7c, false],
      [0x70, false],
    ],
  );
  t.deepEqual(
    [1, 2, 3].map((i) => expression(info.globals.initial(i))),
    [
      [0x42, 0x7e],
      [0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
      [0xd2, 1],
    ],
  );
  t.deepEqual(
    [...info.exports.toArray()],
    [
      { name: 'main', kind: 0, index: 2 },
      { name: 'memory', kind: 2, index: 0 },
    ],
  );
  t.is(info.start, 1);
  const elements = [0, 1, 2].map((i) => info.elements.read(i));
  t.deepEqual(
    elements.map(({ header: { mode, table, type, count, expressions } }) => [mode, table, type, count, expressions]),
    [
      [ElementMode.active, 1, 0x70, 2, false],
      [ElementMode.passive, 0, 0x70, 2, true],
      [ElementMode.declarative, 0, 0x70, 1, false],
    ],
  );
  const [active, passive] = elements as [(typeof elements)[0], (typeof elements)[0]];
  t.deepEqual([active.entries.u32(), active.entries.u32()], [1, 0]);
  t.deepEqual(expression(new WireCursor(bytes, active.header.offset)), [0x23, 0]);
  t.deepEqual(
    [expression(passive.entries), expression(passive.entries)],
    [
      [0xd0, 0x70],
      [0xd2, 2],
    ],
  );
  t.is(info.dataCount, 2);
  t.deepEqual(
    [0, 1].map((i) => {
      const { active, memory, start, end } = info.data.read(i);
      return [active, memory, ...bytes.subarray(start, end)];
    }),
    [
      [true, 0, 0x61, 0x62, 0x63],
      [false, 0, 0, 1],
    ],
  );
  t.deepEqual(expression(new WireCursor(bytes, info.data.read(0).offset)), [0x41, 7]);
  const referenced = [0, 1].map((i) => info.referencedFunctions.at(i));
  t.deepEqual([info.referencedFunctions.length, ...referenced.toSorted()], [2, 1, 2]);
  t.is(info.referencedOrdinal(referenced[1] as number), 1);
  t.is(info.referencedOrdinal(0), -1);
  t.true(info.isReferenced(0));
  const [from, size] = [info.bodyOffset.at(1), info.bodySize.at(1)];
  t.is(info.bodyOffset.length, 2);
  t.is(bytes[from + size - 1], 0x0b);
  t.is(info.functionAtOffset(from), 2);
  t.is(info.functionAtOffset(from + size), -1);
  t.is(info.functionAtOffset(info.bodyOffset.at(0)), 1);
  t.is(info.codeEnd, from + size);
  t.is(info.functionName(1), 'own');
  t.is(info.functionName(99), undefined);
  t.deepEqual([info.customSections.length, info.customSections.name(0)], [1, 'name']);
});

test('one call per live opcode', (t) => {
  t.deepEqual(
    callsOf(
      t,
      `(module (memory 1) (func (param i32) (result i32) (local i64 i64 f32)
        (local.set 1 (i64.const 0x123456789abcdef0))
        (i32.store8 offset=5 (local.get 0) (i32.const -1))
        (block (result i32)
          (br_if 0 (i32.load16_u offset=0xffffffff (local.get 0)) (i32.eqz (local.get 0)))
          (if (result i32) (then (i32.const 1)) (else (i32.trunc_sat_f32_s (f32.const 1)))))))`,
    ),
    [
      ...['locals 2 126', 'locals 1 125', `i64Const ${0x9abcdef0 | 0} ${0x12345678}`, 'localSet 1'],
      ...['localGet 0', 'i32Const -1', `store ${0x3a} 5`, 'block 127', 'localGet 0', `load ${0x2f} 4294967295`],
      ...['localGet 0', `numeric ${0x45}`, 'brIf 0', 'if 127', 'i32Const 1', 'else true', `f32Const ${0x3f800000}`],
      ...[`numeric ${0xfc00}`, 'end true', 'end true', 'end true'],
    ],
  );
});

test('code that cannot be reached is validated and not shown', (t) => {
  const dead = '(drop (i32.add (local.get 0) (i32.const 1))) (block (drop (i64.const 1))) (loop (br 0))';
  const func = (body: string): string[] => callsOf(t, `(module (func (param i32) ${body}))`);
  t.deepEqual(func(`(return) ${dead}`), ['return', 'end false']);
  t.deepEqual(func(`(unreachable) (if (then ${dead}) (else ${dead}))`), ['unreachable', 'end false']);
  t.deepEqual(func(`(block (br 0) ${dead}) (nop)`), ['block -1', 'br 0', 'end false', 'end true']);
  t.deepEqual(func(`(block (return) ${dead}) ${dead}`), ['block -1', 'return', 'end false', 'end false']);
  t.deepEqual(func('(loop (br 0)) (drop (local.get 0))'), ['loop -1', 'br 0', 'end false', 'end false']);
  const both = ['localGet 0', 'if -1', 'return', 'else false', 'return', 'end false', 'end false'];
  t.deepEqual(func(`(if (local.get 0) (then (return) ${dead}) (else (return) ${dead}))`), both);
  const one = ['localGet 0', 'if -1', 'return', 'end false', 'localGet 0', 'drop', 'end true'];
  t.deepEqual(func(`(if (local.get 0) (then (return) ${dead})) (drop (local.get 0))`), one);
  const then = ['localGet 0', 'if -1', 'else true', 'return', 'end false', 'end true'];
  t.deepEqual(func('(if (local.get 0) (then) (else (return)))'), then);
});

test('br_table comes target by target, with depths as they are written', (t) => {
  t.deepEqual(callsOf(t, '(module (func (block (loop (br_table 1 0 2 1 (i32.const 3))))))'), [
    ...['block -1', 'loop -1', 'i32Const 3', 'brTableBegin 3', 'brTableTarget 1', 'brTableTarget 0'],
    ...['brTableTarget 2', 'brTableDefault 1', 'end false', 'end false', 'end true'],
  ]);
});

test('offsets are those of the opcodes', (t) => {
  const bytes = wat('(module (func (drop (i32.add (i32.const 300) (i32.const 2)))))');
  const { calls, info } = record(bytes);
  const at = calls.filter((call) => call.startsWith('at ')).map((call) => bytes[Number(call.slice(3))]);
  t.deepEqual(at, [0x41, 0x41, 0x6a, 0x1a, 0x0b]);
  t.is(calls[1], `beginFunction 0 0 ${info?.bodyOffset.at(0)}`);
});

test('64-bit constants are two halves', (t) => {
  const edges = [
    0n,
    -1n,
    1n,
    63n,
    64n,
    -64n,
    -65n,
    2n ** 27n,
    2n ** 28n,
    2n ** 31n,
    -(2n ** 31n),
    2n ** 32n - 1n,
    2n ** 34n,
  ];
  const values = [...edges, 2n ** 35n, -(2n ** 35n), 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n), 0x123456789abcdefn];
  for (const value of values) {
    for (let width = 1; width <= 10; width++) {
      const bytes: number[] = [];
      for (let i = 0; i < width; i++)
        bytes.push(Number((value >> BigInt(7 * i)) & 127n) | (i === width - 1 ? 0 : 0x80));
      // Not all of the value: a shorter number with the same first bits.
      const expected = BigInt.asIntN(64, BigInt.asIntN(7 * width, value));
      const body = [0, 0x42, ...bytes, 0x1a, 0x0b];
      const { calls, error } = record(moduleOf([1, [1, 0x60, 0, 0]], [3, [1, 0]], [10, [1, body.length, ...body]]));
      t.is(error, undefined);
      const call = calls.find((line) => line.startsWith('i64Const'));
      t.is(call, `i64Const ${Number(BigInt.asIntN(32, expected))} ${Number(BigInt.asIntN(32, expected >> 32n))}`);
    }
  }
});

test('errors say where, in which function, what was expected and what was found', (t) => {
  const bytes = wat('(module (func $first) (func $second (result i32) (i32.add (f64.const 1) (i32.const 2))))');
  const { error } = record(bytes);
  t.regex(
    error?.message ?? '',
    /^Compiling function #1:"second" failed: i32\.add\[0\] expected type i32, found f64\.const of type f64 @\+\d+$/,
  );
  t.is(error?.functionIndex, 1);
  t.is(error?.opcode, 0x6a);
  t.is(bytes[error?.offset ?? 0], 0x6a);
});

test('an operand is called after the block, call or prefixed instruction that made it', (t) => {
  const failing = (...code: number[]): string => {
    const body = [0, ...code, 0x0b];
    return verdict(
      moduleOf([1, [2, 0x60, 0, 0, 0x60, 0, 1, 0x7d]], [3, [2, 0, 1]], [10, [2, body.length, ...body, 3, 0, 0, 0x0b]]),
    )[1];
  };
  t.regex(
    failing(0x02, 0x7d, 0x43, 0, 0, 0, 0, 0x0b, 0x45),
    /i32\.eqz\[0\] expected type i32, found block of type f32/,
  );
  t.regex(failing(0x10, 1, 0x45), /found call of type f32/);
  t.regex(failing(0x43, 0, 0, 0, 0, 0xfc, 4, 0x45), /found i64\.trunc_sat_f32_s of type i64/);
  t.regex(failing(0x42, 0, 0xd1), /ref\.is_null\[0\] expected reference type, found i64\.const of type i64/);
  t.regex(failing(0x45), /not enough arguments on the stack for i32\.eqz \(need 1, got 0\)/);
  t.regex(failing(0x41, 0, 0x6a), /not enough arguments on the stack for i32\.add \(need 2, got 1\)/);
  t.regex(failing(0x02, 0x7f, 0x0c, 0, 0x0b), /expected 1 elements on the stack for branch, found 0/);
  t.regex(failing(0x41, 0), /expected 0 elements on the stack for fallthru, found 1/);
  const i64 = [0x42, 1];
  t.regex(failing(...i64, 0xfc, 0x15), /not enough arguments on the stack for i64\.mul_wide_s \(need 2, got 1\)/);
  t.regex(failing(...i64, ...i64, ...i64, 0xfc, 0x13), /for i64\.add128 \(need 4, got 3\)/);
  t.regex(failing(...i64, 0x41, 0, ...i64, ...i64, 0xfc, 0x14), /i64\.sub128\[1\] expected type i64, found i32\.const/);
  t.regex(
    failing(...i64, ...i64, 0xfc, 0x16, 0x45),
    /i32\.eqz\[0\] expected type i32, found i64\.mul_wide_u of type i64/,
  );
  const vector = [0xfd, 12, ...new Array<number>(16).fill(0)];
  t.regex(failing(0x41, 0, ...vector, 0xfd, 110), /i8x16\.add\[0\] expected type v128, found i32\.const of type i32/);
  t.regex(failing(...vector, 0xfd, 0xae, 1), /i32x4\.add \(need 2, got 1\)/);
  t.regex(failing(...vector, 0xfd, 29, 0, 0x45), /found i64x2\.extract_lane of type i64/);
  t.regex(failing(...vector, 0xfd, 21, 16), /invalid lane index/);
  t.regex(failing(...vector, ...vector, 0xfd, 13, ...new Array<number>(16).fill(32)), /invalid shuffle mask/);
  t.regex(failing(0xfd, 0x9a, 1), /invalid simd opcode/);
  t.regex(failing(0xfd, 0x80, 0x40), /Invalid prefixed opcode 8192/);
});

test('features that are missing are named', (t) => {
  const inBody = (...code: number[]): string => {
    const body = [0, ...code, 0x0b];
    return verdict(moduleOf([1, [1, 0x60, 0, 0]], [3, [1, 0]], [10, [1, body.length, ...body]]))[1];
  };
  t.regex(inBody(0xfd, 0x94, 2), /invalid simd opcode/);
  t.regex(inBody(0x15, 0), /return_call_ref: not supported yet \(tail calls\)/);
  t.regex(inBody(0x14, 0), /call_ref: not supported yet \(typed function references\)/);
  t.regex(inBody(0xfb, 0), /struct\.new: not supported yet \(garbage collection\)/);
  t.regex(inBody(0x27), /invalid opcode 0x27/);
  t.regex(verdict(moduleOf([5, [1, 7, 1, 1]]))[1], /shared 64-bit memory: not supported yet \(memory64\)/);
  t.regex(verdict(moduleOf([5, [1, 2, 1]]))[1], /shared memory must have a maximum defined/);
  t.regex(
    verdict(moduleOf([4, [1, 0x70, 3, 1, 1]]))[1],
    /shared table: not supported yet \(shared-everything threads\)/,
  );
  t.regex(inBody(0xe0, 0), /opcode 0xe0: not supported yet \(stack switching\)/);
  t.regex(inBody(0xfc, 0x12), /opcode 0xfc12: not supported yet \(memory control\)/);
  t.regex(inBody(0xfc, 0x17), /invalid opcode 0xfc17/);
  t.regex(inBody(0xd0, 0x6e, 0x1a), /heap type 0x6e, anyref: not supported yet \(garbage collection\)/);
  t.regex(verdict(moduleOf([14, [0, 0]]))[1], /unknown section code #0xe/);
  t.regex(verdict(moduleOf([5, [1, 8, 1, 1]]))[1], /invalid custom page size: 2\^1 bytes/);
  for (const [type, name] of [
    [0x63, '(ref null): not supported yet (typed function references)'],
    [0x64, '(ref): not supported yet (typed function references)'],
    [0x6e, 'anyref: not supported yet (garbage collection)'],
    [0x73, 'nullfuncref: not supported yet (garbage collection)'],
  ] as const) {
    const wanted = `type 0x${type.toString(16)}, ${name}`;
    t.true(verdict(moduleOf([1, [1, 0x60, 1, type, 0]]))[1].includes(`value ${wanted}`));
    t.true(verdict(moduleOf([4, [1, type, 0, 0]]))[1].includes(`table element ${wanted}`));
    t.true(verdict(moduleOf([6, [1, type, 0, 0]]))[1].includes(`value ${wanted}`));
  }
  for (const type of [0, 0x40, 0x60, 0x66, 0x77, 0x78, 0x80, 0xff]) {
    t.regex(verdict(moduleOf([1, [1, 0x60, 1, type, 0]]))[1], /invalid value type/, `${type}`);
  }
});

test('constant expressions of several instructions, and of own globals', (t) => {
  const global = (type: number, ...expression: number[]) => verdict(moduleOf([6, [1, type, 0, ...expression, 0x0b]]));
  t.is(global(0x7f, 0x41, 5, 0x41, 6, 0x6a)[0], 'valid');
  t.is(global(0x7e, 0x42, 5, 0x42, 6, 0x7d, 0x42, 6, 0x7e)[0], 'valid');
  // The words of V8 12 and later.
  for (const [type, expression, message] of [
    [0x7f, [0x41, 5, 0x6a], 'not enough arguments on the stack for i32.add (need 2, got 1)'],
    [0x7f, [0x6b], 'not enough arguments on the stack for i32.sub (need 2, got 0)'],
    [0x7f, [0x41, 5, 0x42, 6, 0x6a], 'i32.add[1] expected type i32, found i64.const of type i64'],
    [0x7f, [0x42, 5, 0x41, 6, 0x6c], 'i32.mul[0] expected type i32, found i64.const of type i64'],
    [0x7e, [0x42, 5, 0x42, 6, 0x6a], 'i32.add[0] expected type i32, found i64.const of type i64'],
    [0x7e, [0x42, 5, 0x42, 6, 0x7c, 0x41, 1, 0x7c], 'i64.add[1] expected type i64, found i32.const of type i32'],
    [0x7f, [0x41, 5, 0x41, 6], 'expected 1 elements on the stack for constant expression, found 2'],
    [0x7f, [0x41, 5, 0x41, 6, 0x6d], 'opcode i32.div_s is not allowed in constant expressions'],
    [0x7e, [0x41, 5, 0x41, 6, 0x6a], 'type error in constant expression[0] (expected i64, got i32)'],
    [0x7f, [0x23, 0], 'Invalid global index: 0'],
  ] as const) {
    const [result, text] = global(type, ...expression);
    t.is(result, 'invalid');
    t.true(text.includes(message), text);
  }
  const two = (mutable: number) => verdict(moduleOf([6, [2, 0x7f, mutable, 0x41, 5, 0x0b, 0x7f, 0, 0x23, 0, 0x0b]]));
  t.is(two(0)[0], 'valid');
  t.regex(two(1)[1], /mutable globals cannot be used in constant expressions/);
});

test('externref is accepted wherever it can be', (t) => {
  const sources = [
    '(module (func (param externref)))',
    '(module (func (result externref) (unreachable)))',
    '(module (import "a" "b" (func (param externref))))',
    '(module (import "a" "b" (global externref)))',
    '(module (table 1 externref))',
    '(module (elem externref (ref.null extern)))',
    '(module (global externref (ref.null extern)))',
    '(module (func (local externref)))',
    '(module (func (drop (ref.null extern))))',
    '(module (func (block (result externref) (unreachable)) (drop)))',
    '(module (func (drop (select (result externref) (unreachable)))))',
  ];
  for (const source of sources) t.is(verdict(wat(source))[0], 'valid', source);
});

test('vectors are accepted wherever they can be', (t) => {
  const zero = '(v128.const i64x2 0 0)';
  const sources = [
    '(module (func (param v128)))',
    '(module (func (result v128) (unreachable)))',
    '(module (import "a" "b" (global v128)))',
    `(module (global v128 ${zero}))`,
    '(module (func (local v128)))',
    `(module (func (drop ${zero})))`,
    '(module (func (drop (i8x16.splat (i32.const 0)))))',
    '(module (func (block (result v128) (unreachable)) (drop)))',
    '(module (func (drop (select (result v128) (unreachable)))))',
  ];
  for (const source of sources) t.is(verdict(wat(source))[0], 'valid', source);
});

test('progress: bytes consumed and bodies done', (t) => {
  const body = [2, 0, 0x0b];
  const bytes = moduleOf(
    [1, [1, 0x60, 0, 0]],
    [3, [2, 0, 0]],
    [10, [2, ...body, ...body]],
    [0, [...name('x'), 1, 2, 3]],
  );
  const events: number[] = [];
  const decoder: ModuleDecoder = new ModuleDecoder(emptySink(), { onHeader: () => void events.push(decoder.pos) });
  const done: number[] = [];
  for (let end = 0; end <= bytes.length; end++) {
    decoder.push(bytes, end);
    t.true(decoder.pos <= end && end - decoder.pos < 8);
    done.push(decoder.functionsDone);
  }
  t.is(decoder.functionsTotal, 2);
  t.is(decoder.pos, bytes.length);
  t.is(events.length, 1);
  t.deepEqual([...new Set(done)], [0, 1, 2]);
  t.is(decoder.finish(bytes, bytes.length), decoder.info);
});

test('names of functions that there are not are passed over', (t) => {
  const { info } = record(moduleOf([0, [...name('name'), 1, 4, 1, 0, ...name('a')]]));
  t.is(info?.functionName(0), undefined);
});

test('a broken name section gives the names up to the break', (t) => {
  const named = (...contents: number[]): (string | undefined)[] => {
    const imported = [...name('m'), ...name('f'), 0, 0];
    const { info } = record(
      moduleOf(
        [1, [1, 0x60, 0, 0]],
        [2, [3, ...imported, ...imported, ...imported]],
        [0, [...name('name'), ...contents]],
      ),
    );
    return [0, 1, 2].map((index) => info?.functionName(index));
  };
  t.deepEqual(named(1, 7, 2, 0, ...name('a'), 1, ...name('b')), ['a', 'b', undefined]);
  t.deepEqual(named(0, 2, ...name('m'), 1, 4, 1, 1, ...name('b')), [undefined, 'b', undefined]);
  t.deepEqual(named(1, 7, 2, 0, ...name('a'), 1, 9, 0x62), ['a', undefined, undefined]);
  t.deepEqual(named(1, 9, 2, 0, ...name('a')), [undefined, undefined, undefined]);
  t.deepEqual(named(1, 7, 2, 0, 1, 0xff, 1, ...name('b')), [undefined, 'b', undefined]);
  t.deepEqual(named(1, 0xff, 0xff), [undefined, undefined, undefined]);
});
