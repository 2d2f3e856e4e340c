/**
 * Each case's machine code is what its file shows. After a deliberate change of the code generator, read the
 * difference that this makes:
 *
 *     npm run listings:update
 */
import { writeFileSync } from 'node:fs';
import test from 'ava';
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
