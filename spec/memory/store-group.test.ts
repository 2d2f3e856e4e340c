import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { NativeHeap } from '../../src/runtime/store/native-heap.js';
import { ReferenceSpace } from '../../src/runtime/store/references.js';
import { GroupSpace, StoreGroup } from '../../src/runtime/store/store-group.js';

const space = new ReferenceSpace();

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

async function collect(done: () => boolean): Promise<void> {
  for (let i = 0; i < 50 && !done(); i++) {
    gc();
    await turn();
  }
}

test('an unreachable group gives its blocks back', async (t) => {
  const heap = new NativeHeap();
  const groups = new GroupSpace();
  (() => {
    const group = new StoreGroup(heap, groups, space);
    group.allocate(100);
    group.free(group.allocate(200));
  })();
  await collect(() => groups.live === 0);
  t.is(groups.live, 0);
  t.is(heap.blocks, 0);
});

test('merged groups live and die together, in either direction', async (t) => {
  const heap = new NativeHeap();
  const groups = new GroupSpace();
  const kept: unknown[] = [];
  (() => {
    const a = new StoreGroup(heap, groups, space);
    const b = new StoreGroup(heap, groups, space);
    const c = new StoreGroup(heap, groups, space);
    for (const group of [a, b, c]) group.allocate(64);
    a.merge(b);
    c.merge(b);
    t.is(a.root(), c.root());
    kept.push(b);
  })();
  await collect(() => false);
  t.is(groups.live, 3);
  t.is(heap.blocks, 3);
  kept.length = 0;
  await collect(() => groups.live === 0);
  t.is(heap.blocks, 0);
});

test('a held group lives as long as its holder, and not the other way round', async (t) => {
  const heap = new NativeHeap();
  const groups = new GroupSpace();
  const kept: unknown[] = [];
  (() => {
    const library = new StoreGroup(heap, groups, space);
    const user = new StoreGroup(heap, groups, space);
    user.holdGroup(library);
    kept.push(user, library);
  })();
  kept.length = 2;
  const library = kept.pop();
  await collect(() => false);
  t.is(groups.live, 2);
  kept.length = 0;
  await collect(() => groups.live === 1);
  t.is(groups.live, 1);
  t.truthy(library);
});

test('host functions and instances are found by id through merged and held groups', (t) => {
  const heap = new NativeHeap();
  const shared = new GroupSpace();
  const groups = Array.from({ length: 4 }, () => new StoreGroup<{ id: number }, { name: string }>(heap, shared, space));
  const [a, b, c, d] = groups as [(typeof groups)[0], (typeof groups)[0], (typeof groups)[0], (typeof groups)[0]];
  for (const [i, group] of groups.entries()) {
    group.addHost({ id: i });
    group.addInstance(i, { name: `instance ${i}` });
  }
  a.merge(b);
  b.holdGroup(c);
  c.holdGroup(d);
  for (const id of [0, 1, 2, 3, 3, 2, 1, 0]) t.is(a.host(id).id, id);
  t.is(b.instance(3).name, 'instance 3');
  t.throws(() => d.host(0), { message: /not in the active store group/ });
});
