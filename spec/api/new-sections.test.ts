/** Tables whose elements have a value from the begin; imports in groups. */
import test from 'ava';
import { Engine, type EngineOptions } from '../../src/index.js';
import { moduleOf, name, sized } from '../stream/harness.js';

const end = 0x0b;

/**
 * Imports in two groups and one alone; table 1 has `own` in all elements, table 2 a value of the host, table 3 an imported function.
 * "call"(i) calls element i of table 1.
 */
const bytes = moduleOf(
  [1, [2, 0x60, 0, 1, 0x7f, 0x60, 1, 0x7f, 1, 0x7f]],
  [
    2,
    [
      ...[3, ...name('one'), 0, 0x7f, 3, ...name('f'), 0, 0, ...name('x'), 3, 0x6f, 0, ...name('t'), 1, 0x70, 0, 1],
      ...[...name('two'), 0, 0x7e, 3, 0x7f, 0, 2, ...name('a'), ...name('b')],
      ...[...name('three'), ...name('g'), 0, 0],
    ],
  ],
  [3, [2, 0, 1]],
  [4, [3, 0x40, 0, 0x70, 1, 5, 9, 0xd2, 2, end, 0x40, 0, 0x6f, 0, 3, 0x23, 0, end, 0x40, 0, 0x70, 0, 1, 0xd2, 0, end]],
  [
    7,
    [
      ...[5, ...name('own'), 0, 2, ...name('call'), 0, 3],
      ...[...name('functions'), 1, 1, ...name('values'), 1, 2, ...name('imported'), 1, 3],
    ],
  ],
  // Element 2 of table 1 is another one.
  [9, [1, 2, 1, 0x41, 2, end, 0, 1, 1]],
  [
    10,
    [
      2,
      // own: a + b
      ...sized([0, 0x23, 1, 0x23, 2, 0x6a, end]),
      ...sized([0, 0x20, 0, 0x11, 0, 1, end]),
    ],
  ],
);

const variants: Readonly<Record<string, EngineOptions>> = {
  usual: {},
  'reference build': { core: 'js' },
  'small world': { debug: { smallWorld: true, gcStress: true } },
  optimizing: { tier: 'optimizing' },
};

for (const [title, options] of Object.entries(variants)) {
  test(`a module with both (${title})`, async (t) => {
    // biome-ignore lint/suspicious/noExplicitAny: exports of test modules.
    const api = new Engine({ limits: { codeMemory: 64 << 20 }, ...options }).WebAssembly as any;
    const module = await api.compile(bytes);
    t.deepEqual(
      api.Module.imports(module).map(
        (i: { module: string; name: string; kind: string }) => `${i.module} ${i.name} ${i.kind}`,
      ),
      ['one f function', 'one x global', 'one t table', 'two a global', 'two b global', 'three g function'],
    );
    const value = { value: true };
    const imports = {
      one: { f: () => 7, x: value, t: new api.Table({ element: 'anyfunc', initial: 1 }) },
      two: { a: 40, b: 2 },
      three: { g: () => 99 },
    };
    const { exports } = await api.instantiate(module, imports);
    const { functions, values, imported, own, call } = exports;
    t.deepEqual([functions.length, values.length, imported.length], [5, 3, 1]);
    for (const i of [0, 1, 3, 4]) {
      t.is(functions.get(i), own);
      t.is(call(i), 42);
    }
    t.is(call(2), 99);
    for (const i of [0, 1, 2]) t.is(values.get(i), value);
    t.is(imported.get(0)(), 7);
    t.throws(() => call(5), { instanceOf: api.RuntimeError });
    functions.grow(2);
    t.is(functions.get(5), null);
    t.throws(() => new api.Instance(module, { ...imports, two: { a: 1 } }), {
      instanceOf: api.LinkError,
      message: /two.*b/,
    });
  });
}
