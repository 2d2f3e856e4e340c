/**
 * Each case's machine code is what its file shows. After a deliberate change of the code generator, read the
 * difference that this makes:
 *
 *     npm run listings:update
 */
import { writeFileSync } from 'node:fs';
import test from 'ava';
import { Immediate, opcodes, prefixedOpcode } from '../../src/stream/opcodes.js';
import { record } from '../stream/harness.js';
import { v8 } from '../support/engine.js';
import { execute, listingCases, makeListing, updatedText } from './cases.js';

const update = process.env['UPDATE_LISTINGS'] === '1';

for (const listingCase of listingCases()) {
  test(listingCase.name, async (t) => {
    const listing = await makeListing(listingCase);
    if (update) writeFileSync(listingCase.path, updatedText(listingCase, listing, execute(listingCase, v8)));
    else t.is(listing, listingCase.listing);
    t.is(await makeListing(listingCase), listing, 'the same module gives the same code');
  });
}

test('every opcode is in a case', (t) => {
  // The compiler is not told of nop.
  const nop = 0x01;
  const seen = new Set<number>([nop]);
  for (const { bytes } of listingCases()) {
    for (const call of record(bytes).calls) {
      if (!call.startsWith('at ')) continue;
      const at = Number(call.slice(3));
      const [code, sub, more] = bytes.subarray(at, at + 3) as unknown as [number, number, number];
      // Numbers behind a prefix are one byte of LEB128, or two.
      const number = sub < 0x80 ? sub : (sub & 0x7f) | (more << 7);
      seen.add(code >= 0xfc && code <= 0xfe ? prefixedOpcode(code, number) : code);
    }
  }
  const missing = opcodes.filter(({ code, immediate }) => immediate !== Immediate.unsupported && !seen.has(code));
  t.deepEqual(
    missing.map((opcode) => opcode.name),
    [],
  );
});
