/** The opcode table beside an independent one, and what is derived from it. */
import test from 'ava';
import {
  Immediate,
  naturalAlignment,
  opcodeInfo,
  opcodeName,
  opcodes,
  packedSaturating,
  packedSignature,
} from '../../src/stream/opcodes.js';
import { wat } from '../api/wat.js';
import { record } from './harness.js';

const letters: Readonly<Record<string, [type: string, byte: number, constant: string]>> = {
  i: ['i32', 0x7f, '(i32.const 0)'],
  l: ['i64', 0x7e, '(i64.const 0)'],
  f: ['f32', 0x7d, '(f32.const 0)'],
  d: ['f64', 0x7c, '(f64.const 0)'],
};

test('codes are unique and in order', (t) => {
  for (let i = 1; i < opcodes.length; i++) t.true(opcodes[i].code > opcodes[i - 1].code, opcodes[i].name);
  for (const row of opcodes) t.is(opcodeInfo(row.code), row);
  t.is(opcodeInfo(0x27), undefined);
  t.is(opcodeName(0x6a), 'i32.add');
  t.is(opcodeName(0x27), '0x27');
});

test('wabt assembles each name to its code, with operands and results of its signature', (t) => {
  const rows = opcodes.filter((row) => row.signature.includes(':') && row.name !== 'nop');
  for (const row of rows) {
    if (row.immediate === Immediate.i32 || row.immediate === Immediate.i64) continue;
    if (row.immediate === Immediate.f32 || row.immediate === Immediate.f64) continue;
    const [params, results] = row.signature.split(':');
    const operands = [...params].map((letter) => letters[letter][2]).join(' ');
    const indices = { [Immediate.dataIndex]: '0', [Immediate.elementIndex]: '0', [Immediate.memoryInit]: '0' };
    const index = row.immediate === Immediate.tableInit ? '0 0' : (indices[row.immediate as Immediate.dataIndex] ?? '');
    const result = [...results].map((letter) => `(result ${letters[letter][0]})`).join('');
    const bytes = wat(`(module (memory 1) (table 1 funcref) (elem func) (data "")
      (func ${result} (${row.name} ${index} ${operands})))`);
    const { calls, error } = record(bytes);
    t.is(error, undefined, `${row.name}: ${error?.message}`);
    const at = calls.filter((call) => call.startsWith('at ')).map((call) => Number(call.slice(3)));
    const place = at[at.length - 2];
    const code = bytes[place] === 0xfc ? 0xfc00 | bytes[place + 1] : bytes[place];
    t.is(code, row.code, row.name);
  }
});

test('packed signatures', (t) => {
  t.is(packedSignature[0x6a], (2 << 24) | (0x7f << 16) | (0x7f << 8) | 0x7f);
  t.is(packedSignature[0xb9], (1 << 24) | (0x7c << 16) | 0x7e);
  t.is(packedSignature[0x38], (2 << 24) | (0x7d << 8) | 0x7f);
  t.is(packedSaturating[4], (1 << 24) | (0x7e << 16) | 0x7d);
  for (let op = 0x45; op <= 0xc4; op++) t.not(packedSignature[op], 0, opcodeName(op));
});

test('alignments', (t) => {
  const sizes: Readonly<Record<string, number>> = { i32: 2, i64: 3, f32: 2, f64: 3 };
  for (let op = 0x28; op <= 0x3e; op++) {
    const [, type, bits] = /^(\w\d\d)\.(?:load|store)(\d*)/.exec(opcodeName(op)) ?? [];
    t.is(naturalAlignment[op], bits === '' ? sizes[type] : Math.log2(Number(bits) / 8), opcodeName(op));
  }
});
