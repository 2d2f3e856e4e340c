/** The opcode table against a second source: wabt names each opcode, V8 checks its signature. */
import test from 'ava';
import loadWabt from 'wabt';
import { Op } from '../../src/stream/op.js';
import { opcodeText } from '../../src/stream/opcode-text.js';
import { atomicSize, Immediate, type Opcode, opcodeInfo, opcodes, proposalOf } from '../../src/stream/opcodes.js';
import { disagreement, leb, moduleOf, name, record, sized, verdict } from './harness.js';

const wabt = await loadWabt();

const end = 0x0b;
/** Locals of the functions below: two of each type. */
const localOf: Readonly<Record<string, number>> = { i: 0, l: 2, f: 4, d: 6, r: 8, v: 10 };
const locals = [6, 2, 0x7f, 2, 0x7e, 2, 0x7d, 2, 0x7c, 2, 0x70, 2, 0x7b];

/** Bytes of an opcode, without immediates. */
function encoding(code: number): number[] {
  if (code > 0xffff) return [code >> 12, ...leb(code & 0xfff)];
  return code > 0xff ? [code >> 8, ...leb(code & 0xff)] : [code];
}

/** Some valid immediates of each kind. */
const immediates: Readonly<Partial<Record<Immediate, number[]>>> = {
  [Immediate.none]: [],
  [Immediate.functionIndex]: [0],
  [Immediate.callIndirect]: [0, 0],
  [Immediate.localIndex]: [0],
  [Immediate.globalIndex]: [0],
  [Immediate.tableIndex]: [0],
  [Immediate.memory]: [0, 4],
  [Immediate.memoryIndex]: [0],
  [Immediate.i32]: [42],
  [Immediate.i64]: [42],
  [Immediate.f32]: [0, 0, 0x80, 0x3f],
  [Immediate.f64]: [0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
  [Immediate.selectTypes]: [1, 0x7f],
  [Immediate.refType]: [0x70],
  [Immediate.memoryInit]: [0, 0],
  [Immediate.dataIndex]: [0],
  [Immediate.memoryCopy]: [0, 0],
  [Immediate.tableInit]: [0, 0],
  [Immediate.elementIndex]: [0],
  [Immediate.tableCopy]: [0, 0],
  [Immediate.v128]: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [Immediate.shuffle]: [31, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [Immediate.lane]: [1],
  [Immediate.memoryLane]: [0, 4, 1],
};

/** Atomic accesses have their natural alignment. */
function immediatesOf({ code, immediate }: Opcode): number[] {
  if (code >> 8 === Op.prefixAtomic && immediate === Immediate.memory) return [atomicSize[code & 0xff] as number, 4];
  return immediates[immediate] as number[];
}

/** Signatures of opcodes whose immediates decide them, for the immediates above. */
const chosen: Readonly<Record<string, string>> = {
  unreachable: ':',
  return: ':',
  call: ':',
  call_indirect: 'i:',
  return_call: ':',
  return_call_indirect: 'i:',
  drop: 'i:',
  select: 'iii:i',
  'local.get': ':i',
  'local.set': 'i:',
  'local.tee': 'i:i',
  'global.get': ':i',
  'global.set': 'i:',
  'table.get': 'i:r',
  'table.set': 'ir:',
  'table.grow': 'ri:i',
  'table.fill': 'iri:',
  'ref.null': ':r',
  'ref.is_null': 'r:i',
  'ref.func': ':r',
};

/** Opcodes that only make sense together are tested below. */
const structured = new Set(['block', 'loop', 'if', 'else', 'end', 'br', 'br_if', 'br_table']);

function signatureOf(opcode: Opcode): string {
  return opcode.signature || (chosen[opcode.name] as string);
}

/** A body that takes operands from locals and puts the result into one. */
function bodyFor(opcode: Opcode, signature = signatureOf(opcode)): number[] {
  const [params, results] = signature.split(':') as [string, string];
  const code = [...params].flatMap((letter) => [0x20, localOf[letter] as number]);
  code.push(...encoding(opcode.code), ...immediatesOf(opcode));
  for (const letter of results) code.push(0x21, localOf[letter] as number);
  return [...locals, ...code, end];
}

function moduleWith(bodies: readonly number[][]): Uint8Array {
  return moduleOf(
    [1, [1, 0x60, 0, 0]],
    [3, [...leb(bodies.length), ...bodies.map(() => 0)]],
    [4, [1, 0x70, 0, 5]],
    [5, [1, 0, 1]],
    [6, [1, 0x7f, 1, 0x41, 0, end]],
    [7, [1, ...name('f'), 0, 0]],
    [9, [1, 1, 0, 1, 0]],
    [12, [1]],
    [10, [...leb(bodies.length), ...bodies.flatMap((body) => sized(body))]],
    [11, [1, 1, 1, 7]],
  );
}

/** Those of exceptions are tested in spec/stream/exceptions.test.ts. */
const decoded = opcodes.filter(
  ({ immediate, feature }) => immediate !== Immediate.unsupported && !feature.endsWith('exceptions'),
);
/** What wabt or V8 of each Node has not: `spec/emitter/wide.test.ts`, `relaxed-simd.test.ts`. */
const isNewer = ({ feature }: Opcode): boolean => feature === 'wide-arithmetic' || feature === 'relaxed-simd';
const plain = decoded.filter((opcode) => !structured.has(opcode.name));

test('WebAssembly 2.0 is complete, and what is there beside it', (t) => {
  // 172 instructions of 1.0, 5 sign extensions, 8 saturating truncations, 10 bulk and table ones, 5 of references
  // (one more select among them), table.get and table.set, 236 of SIMD; two tail calls, 67 atomic ones.
  const newer = decoded.filter(isNewer);
  t.is(decoded.length - newer.length, 172 + 5 + 8 + 10 + 4 + 2 + 236 + 2 + 67);
  t.is(newer.length, 4 + 20);
});

test("names are wabt's, signatures are V8's", (t) => {
  const all = moduleWith(plain.map((opcode) => bodyFor(opcode)));
  t.deepEqual(verdict(all), ['valid', '']);
  const known = plain.filter((opcode) => !isNewer(opcode));
  const bytes = moduleWith(known.map((opcode) => bodyFor(opcode)));
  t.is(disagreement(bytes), undefined);
  t.deepEqual(verdict(bytes), ['valid', '']);
  const module = wabt.readWasm(bytes, {
    bulk_memory: true,
    reference_types: true,
    sign_extension: true,
    sat_float_to_int: true,
    simd: true,
    tail_call: true,
    threads: true,
  });
  const text = module.toText({ foldExprs: false, inlineExport: false });
  module.destroy();
  const functions = text.split(/^ {2}\(func /m).slice(1);
  t.is(functions.length, known.length);
  known.forEach((opcode, i) => {
    const [params, results] = signatureOf(opcode).split(':') as [string, string];
    const lines = (functions[i] as string)
      .split('\n')
      .slice(2)
      .map((line) => line.trim());
    const line = lines[params.length] as string;
    t.is(/^[a-z0-9_.]+/.exec(line)?.[0], opcode.name, line);
    t.true(lines.length >= params.length + 1 + results.length);
  });
});

test('a wrong type at any operand or result is refused', (t) => {
  for (const opcode of plain) {
    if (/^(drop|unreachable|return.*)$/.test(opcode.name)) continue;
    const signature = signatureOf(opcode);
    for (let k = 0; k < signature.length; k++) {
      if (signature[k] === ':') continue;
      const wrong = signature[k] === 'f' ? 'd' : 'f';
      const bytes = moduleWith([bodyFor(opcode, signature.slice(0, k) + wrong + signature.slice(k + 1))]);
      t.is(verdict(bytes)[0], 'invalid', `${opcode.name} ${k}`);
      t.is(disagreement(bytes), undefined, `${opcode.name} ${k}`);
    }
    const [params, results] = signature.split(':') as [string, string];
    if (params !== '') t.is(verdict(moduleWith([bodyFor(opcode, `${params.slice(1)}:${results}`)]))[0], 'invalid');
    t.is(verdict(moduleWith([bodyFor(opcode, `i${params}:${results}`)]))[0], 'invalid', opcode.name);
  }
});

test('structured opcodes', (t) => {
  const code = [
    ...[0x02, 0x40, 0x03, 0x40, 0x20, 0, 0x04, 0x40, 0x0c, 0, 0x05, 0x20, 0, 0x0d, 1, end],
    ...[0x20, 0, 0x0e, 2, 0, 1, 2, end, end, end],
  ];
  const bytes = moduleWith([[...locals, ...code]]);
  t.is(disagreement(bytes), undefined);
  const { calls } = record(bytes);
  const offsets = calls.filter((call) => call.startsWith('at ')).map((call) => Number(call.slice(3)));
  t.deepEqual(
    offsets.map((offset) => opcodeText(bytes, offset)),
    [
      ...['block', 'loop', 'local.get 0', 'if', 'br 0', 'else', 'local.get 0', 'br_if 1', 'end'],
      ...['local.get 0', 'br_table 0 1 2', 'end', 'end', 'end'],
    ],
  );
});

test('opcodes of missing features are told apart from those without a meaning', (t) => {
  const known = new Set(opcodes.map((opcode) => opcode.code));
  for (let code = 0; code < 256; code++) {
    if (code >= 0xfc && code <= 0xfe) continue;
    const [kind, message] = verdict(moduleWith([[0, code, 0, 0, 0, 0, end]]));
    const proposal = proposalOf(code);
    if (proposal !== undefined) t.deepEqual([kind, message.includes(proposal)], ['unsupported', true]);
    else if (!known.has(code))
      t.deepEqual([kind, message.includes(`invalid opcode 0x${code.toString(16)}`)], ['invalid', true]);
    else if (opcodeInfo(code)?.immediate === Immediate.unsupported) {
      t.is(kind, 'unsupported');
      t.true(message.includes(opcodeInfo(code)?.feature as string), message);
    }
  }
});

test('text of instructions', (t) => {
  const rows: readonly (readonly [number[], string])[] = [
    [[0x41, 0x80, 0x80, 0x80, 0x80, 0x78], 'i32.const -2147483648'],
    [[0x41, 0xff, 0x00], 'i32.const 127'],
    [[0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f], 'i64.const -9223372036854775808'],
    [[0x43, 0, 0, 0xc0, 0x7f], 'f32.const nan 0x7fc00000'],
    [[0x43, 0, 0, 0, 0x80], 'f32.const -0'],
    [[0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0xff], 'f64.const -inf'],
    [[0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f], 'f64.const 1.5'],
    [[0x28, 2, 0], 'i32.load'],
    [[0x37, 3, 0xff, 0xff, 0xff, 0xff, 0x0f], 'i64.store offset=4294967295'],
    [[0x02, 0x7e], 'block (result i64)'],
    [[0x04, 3], 'if (type 3)'],
    [[0x10, 5], 'call $five'],
    [[0x10, 6], 'call 6'],
    [[0x12, 5], 'return_call $five'],
    [[0x13, 2, 1], 'return_call_indirect 1 (type 2)'],
    [[0x11, 2, 0], 'call_indirect (type 2)'],
    [[0x11, 2, 1], 'call_indirect 1 (type 2)'],
    [[0x1c, 1, 0x70], 'select (result funcref)'],
    [[0xd0, 0x6f], 'ref.null extern'],
    [[0xfc, 0x88, 0x00, 3, 0], 'memory.init 3'],
    [[0xfc, 0x0a, 0, 0], 'memory.copy'],
    [[0xfc, 0x0c, 3, 1], 'table.init 1 3'],
    [[0xfc, 0x0e, 1, 2], 'table.copy 1 2'],
    [[0xfd, 0x00, 4, 16], 'v128.load offset=16'],
    [[0xfd, 0x8e, 0x81, 0x00, 0], 'i16x8.add'],
    [
      [0xfd, 0x0c, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0xf0],
      'v128.const i32x4 0x00000001 0x00000002 0x00000003 0xf0000000',
    ],
    [
      [0xfd, 0x0d, 31, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
      'i8x16.shuffle 31 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14',
    ],
    [[0xfd, 21, 15], 'i8x16.extract_lane_s 15'],
    [[0xfd, 84, 0, 0, 15], 'v128.load8_lane 15'],
    [[0xfd, 91, 3, 8, 1], 'v128.store64_lane offset=8 1'],
    [[0xfb, 0], 'gc prefix'],
    [[0xfe, 0, 2, 4], 'memory.atomic.notify offset=4'],
    [[0xff], '0xff'],
  ];
  const functionName = (index: number) => (index === 5 ? 'five' : undefined);
  for (const [bytes, text] of rows) t.is(opcodeText(Uint8Array.from([0, ...bytes]), 1, { functionName }), text);
});
