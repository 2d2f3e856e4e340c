import test from 'ava';
import { MemoryBudget } from '../../src/support/memory-budget.js';
import { grow } from '../../src/support/reserve.js';

test('an array never grows beyond the most that it can need, and says so', (t) => {
  const most = 100_000;
  const array = grow(new Int32Array(10), 50_000, most, new MemoryBudget());
  t.is(grow(array, most, most, new MemoryBudget()).length, most);
  t.throws(() => grow(array, most + 1, most, new MemoryBudget()), { message: /^internal error/ });
});
