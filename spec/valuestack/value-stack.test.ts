/**
 * The value stack against a model: random sequences of what opcodes do with it. Its bookkeeping stays consistent after
 * each step, and the code it emits, executed, has every operand and every local where the value stack says.
 */
import test from 'ava';
import fc from 'fast-check';
import { type Command, command, Harness } from './harness.js';

function check(commands: readonly Command[]): void {
  const harness = new Harness();
  for (const each of commands) harness.step(each);
  harness.finish();
}

test('short sequences', (t) => {
  fc.assert(fc.property(fc.array(command, { maxLength: 30 }), check), { numRuns: 2500 });
  t.pass();
});

test('long sequences, beyond the window', (t) => {
  fc.assert(fc.property(fc.array(command, { minLength: 200, maxLength: 500, size: 'max' }), check), { numRuns: 150 });
  t.pass();
});
