/**
 * Each case's machine code is what its file shows. After a deliberate change of the code generator, read the
 * difference that this makes:
 *
 *     npm run listings:update
 */
import { writeFileSync } from 'node:fs';
import test from 'ava';
import { Immediate, opcodes } from '../../src/stream/opcodes.js';
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
      seen.add(bytes[at] === 0xfc ? 0xfc00 | bytes[at + 1]! : bytes[at]!);
    }
  }
  const missing = opcodes.filter(
    // Vectors are only decoded and validated so far.
    ({ code, immediate, feature }) => immediate !== Immediate.unsupported && feature !== 'SIMD' && !seen.has(code),
  );
  t.deepEqual(
    missing.map((opcode) => opcode.name),
    [],
  );
});
