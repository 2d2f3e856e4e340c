/**
 * Numbered faults that are programs, not modules: hangs, lost output, ways out of the sandbox. Each runs in processes of
 * its own, once per `@runs` line; a signal, a time-out, an exit code or a missing `ok` is a failure.
 */
import test from 'ava';
import { listFaults, runFault } from './faults.js';

for (const fault of listFaults()) {
  for (const args of fault.runs) {
    // One after the other: as many processes at once as there are faults would all be late.
    test.serial(`${[fault.name, ...args].join(' ')}`, async (t) => {
      const { ok, report } = await runFault(fault, args);
      t.true(ok, report);
    });
  }
}

test('faults share the numbers of the cases beside them, none twice', (t) => {
  const numbers = listFaults().map((fault) => fault.name.slice(0, 4));
  t.deepEqual(numbers, [...new Set(numbers)]);
});
