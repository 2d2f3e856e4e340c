/** The table of a thread's stacks, which several copies of the package can have. */
import test from 'ava';
import { isReadable } from '../../../src/runtime/machine/os.js';
import { mostStacks, StackTable } from '../../../src/runtime/machine/stack-table.js';
import { ThreadRecord } from '../../../src/runtime/machine/thread.js';
import { Random } from '../../support/random.js';

type Place = NonNullable<ReturnType<StackTable['allocate']>>;

test('no place is taken twice, whoever frees it', (t) => {
  const thread = ThreadRecord.current();
  const copies = [new StackTable(thread), new StackTable(thread)].map((table) => ({ table, held: [] as Place[] }));
  const random = new Random(0x7461626c);
  for (let i = 0; i < 3000; i++) {
    const { table, held } = copies[random.below(2)] as (typeof copies)[number];
    const place = random.below(2) === 0 && held.length > 0 ? undefined : table.allocate();
    if (place !== undefined) held.push(place);
    else table.free(held.splice(random.below(held.length), 1)[0]!.index);
    const all = copies.flatMap((copy) => copy.held);
    t.is(new Set(all.map(({ index }) => index)).size, all.length);
    t.is(new Set(all.map(({ address }) => address)).size, all.length);
  }
  const top = (1 << 18) + (1 << 20) - 8;
  for (const { table, held } of copies) {
    for (const { address } of held) t.true(isReadable(address + top, 8));
    for (const { index } of held) table.free(index);
  }
});

test('there is a last place', (t) => {
  const table = new StackTable(ThreadRecord.current());
  const places: Place[] = [];
  for (let place = table.allocate(); place !== undefined; place = table.allocate()) places.push(place);
  t.is(places.length, mostStacks);
  table.free(places[4321]!.index);
  t.is(table.allocate()?.index, places[4321]?.index);
  t.is(table.allocate(), undefined);
  for (const { index } of places) table.free(index);
});
