/** What is said of garbage collection, which is not there: by instruction, in bodies and in constant expressions. */
import test from 'ava';
import { leb, moduleOf, record, type Verdict, verdict } from './harness.js';

const externref = 0x6f;
const end = 0x0b;

/** A module whose function has the instruction with this number behind the prefix. */
function inBody(...number: number[]): Uint8Array {
  const body = [0, 0xfb, ...number, end];
  return moduleOf([1, [1, 0x60, 0, 0]], [3, [1, 0]], [10, [1, body.length, ...body]]);
}

/** A module whose global has the expression as its value. */
function inGlobal(...code: number[]): Uint8Array {
  return moduleOf([6, [1, externref, 0, ...code, end]]);
}

/** By number: the first and the last of each range, and what the message has. */
const ranges: readonly (readonly [first: number, last: number, kind: Verdict, message: RegExp])[] = [
  [0x00, 0x00, 'unsupported', /: struct\.new: not supported yet \(garbage collection\)/],
  [0x0f, 0x0f, 'unsupported', /: array\.len: not supported yet \(garbage collection\)/],
  [0x15, 0x15, 'unsupported', /: ref\.test null: not supported yet \(garbage collection\)/],
  [0x19, 0x19, 'unsupported', /: br_on_cast_fail: not supported yet \(garbage collection\)/],
  [0x1e, 0x1e, 'unsupported', /: i31\.get_u: not supported yet \(garbage collection\)/],
  [0x00, 0x1e, 'unsupported', /: [a-z0-9_]+[._][a-z0-9_ ]+: not supported yet \(garbage collection\)/],
  [0x1f, 0x1f, 'unsupported', /opcode 0xfb1f: not supported yet \(shared-everything threads\)/],
  [0x20, 0x26, 'unsupported', /opcode 0xfb2[0-6]: not supported yet \(custom descriptors\)/],
  [0x27, 0x7f, 'invalid', /: invalid gc opcode: fb[2-7][0-9a-f] @/],
  [0x80, 0xfff, 'unsupported', /opcode 0xfb[0-9a-f]+: not supported yet \(reference-typed strings\)/],
  [0x1000, 0x1010, 'invalid', /: Invalid prefixed opcode 4\d+ @/],
  [0xfffffff0, 0xffffffff, 'invalid', /: Invalid prefixed opcode 42949672\d\d @/],
];

test('each number behind the prefix is named, or refused as V8 refuses it', (t) => {
  for (const [first, last, kind, message] of ranges) {
    for (let number = first; number <= last; number++) {
      const [own, text] = verdict(inBody(...leb(number)));
      t.is(own, kind, text);
      t.regex(text, message);
    }
  }
});

test('the message does not depend on how the bytes come', (t) => {
  for (const number of [[0], [0x9e, 0], [0x40], [0x80, 0x80, 1], [0xff, 0xff, 0xff, 0xff, 0x0f]]) {
    const bytes = inBody(...number);
    const cuts = Array.from(bytes, (_, i) => i);
    t.is(record(bytes, cuts).error?.message, verdict(bytes)[1]);
  }
});

test('a body that ends behind the prefix, or in the number, is cut off', (t) => {
  const cutOff = (...tail: number[]): string => {
    const body = [0, ...tail];
    return verdict(moduleOf([1, [1, 0x60, 0, 0]], [3, [1, 0]], [10, [1, body.length, ...body]]))[1];
  };
  t.regex(cutOff(0xfb), /gc prefix: instruction runs over the end of the function/);
  t.regex(cutOff(0xfb, 0x80), /gc prefix: instruction runs over the end of the function/);
});

test('constant expressions: what may be there is not called wrong', (t) => {
  const nullExtern = [0xd0, externref];
  t.deepEqual(verdict(inGlobal(...nullExtern, 0xfb, 0x1a, 0xfb, 0x1b))[0], 'unsupported');
  for (const number of [0x00, 0x01, 0x06, 0x07, 0x08, 0x1a, 0x1b, 0x1c]) {
    t.regex(verdict(inGlobal(0xfb, number))[1], /not supported yet \(garbage collection\)/, `${number}`);
  }
  t.regex(verdict(inGlobal(0xfb, 0x02))[1], /opcode struct\.get is not allowed in constant expressions/);
  t.regex(verdict(inGlobal(0xfb, 0x0a))[1], /opcode array\.new_elem is not allowed in constant expressions/);
  t.regex(verdict(inGlobal(0xfb, 0x40))[1], /invalid gc opcode: fb40/);
  t.regex(verdict(inGlobal(0xfb, 0x80, 0x80, 1))[1], /Invalid prefixed opcode 16384/);
});

test('type definitions that are no function types are named', (t) => {
  const forms: readonly (readonly [number, string])[] = [
    [0x4e, 'recursive group of types'],
    [0x4f, 'final subtype'],
    [0x50, 'subtype'],
    [0x5e, 'array type'],
    [0x5f, 'struct type'],
  ];
  for (const [form, name] of forms) {
    const [kind, message] = verdict(moduleOf([1, [1, form, 0, 0, 0]]));
    t.is(kind, 'unsupported');
    t.true(message.includes(`${name}: not supported yet (garbage collection)`), message);
  }
});
