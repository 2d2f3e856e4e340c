/** The opcode table beside an independent one, and what is derived from it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
  Immediate,
  immediateBytes,
  immediateNumbers,
  naturalAlignment,
  opcodeInfo,
  opcodeName,
  opcodes,
  packedSaturating,
  packedSignature,
  simdAlignment,
  simdLanes,
  simdSignature,
} from '../../src/stream/opcodes.js';
import { wat } from '../api/wat.js';
import { projectRoot } from '../suite/format.js';
import { leb, record } from './harness.js';

const letters: Readonly<Record<string, [type: string, byte: number, constant: string]>> = {
  i: ['i32', 0x7f, '(i32.const 0)'],
  l: ['i64', 0x7e, '(i64.const 0)'],
  f: ['f32', 0x7d, '(f32.const 0)'],
  d: ['f64', 0x7c, '(f64.const 0)'],
  v: ['v128', 0x7b, '(v128.const i64x2 0 0)'],
};

/** Immediates that the text format wants. */
const immediateTexts: Readonly<Partial<Record<Immediate, string>>> = {
  [Immediate.dataIndex]: '0',
  [Immediate.elementIndex]: '0',
  [Immediate.memoryInit]: '0',
  [Immediate.tableInit]: '0 0',
  [Immediate.shuffle]: '0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15',
  [Immediate.lane]: '1',
  [Immediate.memoryLane]: '0',
};

test('codes are unique and in order', (t) => {
  for (let i = 1; i < opcodes.length; i++) t.true(opcodes[i].code > opcodes[i - 1].code, opcodes[i].name);
  for (const row of opcodes) t.is(opcodeInfo(row.code), row);
  t.is(opcodeInfo(0x27), undefined);
  t.is(opcodeName(0x6a), 'i32.add');
  t.is(opcodeName(0x27), '0x27');
});

test('each opcode has its name in `Op`, with an underscore if it is a reserved word', (t) => {
  const source = readFileSync(join(projectRoot(), 'src/stream/op.ts'), 'utf8');
  const members = [...source.matchAll(/^ {2}(\w+?)_? = (0x[0-9a-f]+),$/gm)].map(([, name, code]) => [
    name,
    Number(code),
  ]);
  const names = new Map<number, string>([
    [0x1c, 'selectTyped'],
    [0xfb, 'prefixGc'],
    [0xfc, 'prefixBulk'],
    [0xfd, 'prefixSimd'],
    [0xfe, 'prefixAtomic'],
  ]);
  const camel = (name: string) => name.replace(/[._](\w)/g, (_, letter: string) => letter.toUpperCase());
  for (const row of opcodes) if (!names.has(row.code)) names.set(row.code, camel(row.name));
  t.deepEqual(
    members,
    [...names].sort(([a], [b]) => a - b).map(([code, name]) => [name, code]),
  );
});

test('immediates end where the decoder says', (t) => {
  for (const row of opcodes) {
    if (row.immediate === Immediate.none || row.immediate === Immediate.unsupported) continue;
    t.true(immediateNumbers[row.immediate] + immediateBytes[row.immediate] > 0, row.name);
  }
});

test('wabt assembles each name to its code, with operands and results of its signature', (t) => {
  // It does not know wide arithmetic.
  const rows = opcodes.filter(
    (row) => row.signature.includes(':') && row.name !== 'nop' && row.feature !== 'wide-arithmetic',
  );
  for (const row of rows) {
    if (row.immediate === Immediate.i32 || row.immediate === Immediate.i64) continue;
    if (row.immediate === Immediate.f32 || row.immediate === Immediate.f64 || row.immediate === Immediate.v128)
      continue;
    const [params, results] = row.signature.split(':');
    const operands = [...params].map((letter) => letters[letter][2]).join(' ');
    const index = immediateTexts[row.immediate] ?? '';
    const result = [...results].map((letter) => `(result ${letters[letter][0]})`).join('');
    const bytes = wat(`(module (memory 1) (table 1 funcref) (elem func) (data "")
      (func ${result} (${row.name} ${index} ${operands})))`);
    const { calls, error } = record(bytes);
    t.is(error, undefined, `${row.name}: ${error?.message}`);
    const at = calls.filter((call) => call.startsWith('at ')).map((call) => Number(call.slice(3)));
    const place = at[at.length - 2];
    const long =
      row.code > 0xffff ? [row.code >> 12, ...leb(row.code & 0xfff)] : [row.code >> 8, ...leb(row.code & 0xff)];
    const encoded = row.code < 256 ? [row.code] : long;
    t.deepEqual([...bytes.subarray(place, place + encoded.length)], encoded, row.name);
  }
});

test('packed signatures', (t) => {
  t.is(packedSignature[0x6a], (2 << 24) | (0x7f << 16) | (0x7f << 8) | 0x7f);
  t.is(packedSignature[0xb9], (1 << 24) | (0x7c << 16) | 0x7e);
  t.is(packedSignature[0x38], (2 << 24) | (0x7d << 8) | 0x7f);
  t.is(packedSaturating[4], (1 << 24) | (0x7e << 16) | 0x7d);
  for (let op = 0x45; op <= 0xc4; op++) t.not(packedSignature[op], 0, opcodeName(op));
});

test('SIMD: signatures, lanes, alignments', (t) => {
  const code = (name: string) => (opcodes.find((row) => row.name === name)?.code as number) & 0xff;
  t.is(simdSignature[code('v128.bitselect')], 0x7b7b7b7b);
  t.is(simdSignature[code('i64x2.replace_lane')], 0x7b007e7b);
  t.is(simdSignature[code('v128.store8_lane')], 0x00007b7f);
  t.is(simdSignature[154], 0);
  for (const row of opcodes) if (row.feature === 'SIMD') t.not(simdSignature[row.code & 0xff], 0, row.name);
  const alignments = {
    load: 4,
    store: 4,
    load8x8_s: 3,
    load32x2_u: 3,
    load8_splat: 0,
    load16_splat: 1,
    load64_splat: 3,
  };
  for (const [name, alignment] of Object.entries(alignments))
    t.is(simdAlignment[code(`v128.${name}`)], alignment, name);
  const lanes = { load8_lane: 16, load16_lane: 8, load32_lane: 4, store64_lane: 2, load32_zero: 0 };
  for (const [name, count] of Object.entries(lanes)) t.is(simdLanes[code(`v128.${name}`)], count, name);
  t.is(simdLanes[code('i8x16.replace_lane')], 16);
  t.is(simdLanes[code('f64x2.extract_lane')], 2);
});

test('alignments', (t) => {
  const sizes: Readonly<Record<string, number>> = { i32: 2, i64: 3, f32: 2, f64: 3 };
  for (let op = 0x28; op <= 0x3e; op++) {
    const [, type, bits] = /^(\w\d\d)\.(?:load|store)(\d*)/.exec(opcodeName(op)) ?? [];
    t.is(naturalAlignment[op], bits === '' ? sizes[type] : Math.log2(Number(bits) / 8), opcodeName(op));
  }
});
