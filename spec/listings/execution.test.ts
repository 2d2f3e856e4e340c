/** The cases of the listings give the results that their files tell, in Beamline and in V8. */
import test from 'ava';
import { v8 } from '../support/engine.js';
import { execute, listingCases } from './cases.js';
import { testExecution } from './execution.js';

testExecution({ debug: { checkInvariants: true, checkUpperHalves: true } });

test('V8 agrees', (t) => {
  for (const listingCase of listingCases()) {
    const expected = listingCase.runs.map((run) => run.expected);
    t.deepEqual(execute(listingCase, v8), expected as string[], listingCase.name);
  }
});
