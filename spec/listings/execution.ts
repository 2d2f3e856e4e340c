/** The cases of the listings, executed. */
import test from 'ava';
import { loadEngine } from '../support/engine.js';
import { execute, listingCases } from './cases.js';

/** Declare a test per case that has runs, in Beamline with the given options. */
export function testExecution(options: object): void {
  for (const listingCase of listingCases()) {
    if (listingCase.runs.length === 0) continue;
    test(listingCase.name, async (t) => {
      const results = execute(listingCase, await loadEngine('beamline', options));
      listingCase.runs.forEach((run, i) => {
        t.is<string | undefined, string | undefined>(results[i], run.expected, run.call);
      });
    });
  }
}
