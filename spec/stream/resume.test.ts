/** Modules in pieces: wherever they are cut, the sink is called the same way, and errors are the same. */
import test from 'ava';
import { generateModule } from '../fuzz/generate.js';
import { mutate } from '../fuzz/mutate.js';
import { Random } from '../support/random.js';
import { join, leb, many, moduleOf, name, type Recording, record, sized } from './harness.js';

/** The message, without the function's name: the name section comes last and may not be here yet. */
function anonymous(message: string | undefined): string | undefined {
  return message?.replace(/^(Compiling function #\d+):".*?" failed/, '$1 failed');
}

/** What a list says about each of its items. */
function each<T>({ length }: { length: number }, item: (i: number) => T): T[] {
  return Array.from({ length }, (_, i) => item(i));
}

/** All that can be seen from outside. */
function visible({ calls, info, error }: Recording): unknown {
  return {
    calls,
    error: error && [anonymous(error.message), error.offset, error.functionIndex, error.opcode],
    info: info && {
      ...info,
      types: each(info.types, (i) => info.types.at(i)),
      imports: [...info.imports.toArray()],
      tables: each(info.tables, (i) => [info.tables.element(i), info.tables.initial(i), info.tables.maximum(i)]),
      globals: each(info.globals, (i) => [info.globals.type(i), info.globals.mutable(i), info.globals.offset(i)]),
      exports: [...info.exports.toArray()],
      elements: each(info.elements, (i) => info.elements.read(i).header),
      data: each(info.data, (i) => info.data.read(i)),
      customSections: each(info.customSections, (i) => [info.customSections.name(i), info.customSections.bytes(i)]),
      referencedFunctions: each(info.referencedFunctions, (i) => info.referencedFunctions.at(i)),
      bodies: Array.from({ length: info.bodyOffset.length }, (_, i) => [info.bodyOffset.at(i), info.bodySize.at(i)]),
    },
  };
}

function everyByte(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

function randomCuts(length: number, random: Random): number[] {
  const cuts: number[] = [];
  for (let at = 0; at < length; at += random.between(1, random.oneIn(3) ? 3 : 60)) cuts.push(at);
  return cuts;
}

const end = 0x0b;
const vectorGlobal = [0x7b, 0, 0xfd, 0x8c, 0x00, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, end];
/** Vectors and numbers of many bytes: what is consumed piece by piece, or must be there as a whole. */
const everything = moduleOf(
  [1, [3, 0x60, 0, 0, 0x60, 2, 0x7f, 0x7e, 2, 0x7d, 0x7c, 0x60, 1, 0x7f, 1, 0x7f]],
  [2, [2, ...name('module'), ...name('field é'), 0, 0x80, 0, ...name('m'), ...name('g'), 3, 0x7f, 0]],
  [3, [1, 0]],
  [4, [1, 0x70, 1, 0x85, 0, 0x86, 0]],
  [5, [1, 1, 0x81, 0, 0x82, 0]],
  [
    6,
    [3, 0x7e, 1, 0x42, 0x80, 0x80, 0x80, 0x80, 0x78, end, 0x7c, 0, 0x44, 1, 2, 3, 4, 5, 6, 7, 8, end, ...vectorGlobal],
  ],
  [7, [1, ...name('exported'), 0, 1]],
  [8, [1]],
  [9, [2, 4, 0x23, 0, end, 3, 0xd2, 0x80, 0, end, 0xd0, 0x70, end, 0xd2, 1, end, 1, 0, 3, 0, 1, 0]],
  [12, [2]],
  [
    10,
    [
      1,
      ...sized([
        ...[2, 3, 0x7f, 0x80, 1, 0x7e],
        ...[0x02, 0x40, 0x41, 0xff, 0x00, 0x0e, 3, 0x80, 0x00, 0, 1, 0x80, 0x80, 0x00, end],
        ...[0x41, 0x80, 0x80, 0x80, 0x80, 0x78, 0x41, 1, 0x41, 0, 0x1c, 0x81, 0x00, 0x7f, 0x1a],
        ...[0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, 0x1a],
        ...[0x41, 0, 0x28, 0x82, 0x00, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x1a],
        ...[0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x88, 0x80, 0x00, 0x81, 0x00, 0x00],
        ...[0x02, 0x7b, 0xfd, 0x8c, 0x80, 0x80, 0x80, 0x00, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, end],
        ...[0x41, 0, 0xfd, 0x80, 0x00, 0x84, 0x00, 0x80, 0x01],
        ...[0xfd, 13, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 31, 0x41, 0, 0xfd, 15, 0xfd, 0xee, 0x00],
        ...[0xfd, 0xe7, 0x80, 0x00, 0xfd, 22, 15, 0x1a],
        ...[0x41, 0, 0x41, 1, 0xfd, 0x90, 0x00, 0xfd, 0xd8, 0x80, 0x00, 0x80, 0x00, 0xff, 0xff, 0xff, 0xff, 0x0f, 15],
        ...[0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0e, 0x80, 0x00, 0x00],
        ...[0x41, 0, 0x04, 0x40, 0x0f, 0x05, 0x00, 0x02, 0x40, end, end, 0x10, 0x80, 0x80, 0x00, end],
      ]),
    ],
  ],
  [11, [2, 0, 0x41, 0, end, 3, 1, 2, 3, 2, 0, 0x23, 0x80, 0, end, 0]],
  [0, [...name('name'), 1, 4, 1, 1, ...name('f')]],
);

test('a module with everything, byte by byte', (t) => {
  const whole = record(everything);
  t.is(whole.error, undefined);
  t.deepEqual(visible(record(everything, everyByte(everything.length))), visible(whole));
});

/** Imports in groups, between others; tables whose elements have a value. */
const grouped = moduleOf(
  [1, [1, 0x60, 0, 0]],
  [
    2,
    [
      ...[6, ...name('first'), ...name('x'), 3, 0x6f, 0],
      ...[...name('types'), 0, 0x7f, 3, ...name('f'), 0, 0, ...name('g'), 3, 0x7f, 1, ...name(''), 1, 0x70, 1, 0, 5],
      ...[...name('empty'), 0, 0x7f, 0, ...name('one'), 0, 0x7e, 3, 0x7e, 0, 0x82, 0, ...name('a'), ...name('b é')],
      ...[...name('none'), 0, 0x7e, 0, 0, 0],
      ...[...name('last'), ...name(''), 0, 0],
    ],
  ],
  [4, [3, 0x40, 0, 0x70, 1, 2, 3, 0xd2, 1, end, 0x70, 0, 0, 0x40, 0, 0x6f, 0, 0x81, 0, 0x23, 0, end]],
);

test('groups of imports and tables with values, byte by byte', (t) => {
  const whole = record(grouped);
  t.is(whole.error, undefined);
  t.deepEqual(visible(record(grouped, everyByte(grouped.length))), visible(whole));
  const { info } = whole;
  t.deepEqual(
    [...info!.imports.toArray()].map(({ module, name, kind, index }) => `${module}.${name} ${kind} ${index}`),
    ['first.x 3 0', 'types.f 0 0', 'types.g 3 1', 'types. 1 0', 'one.a 3 2', 'one.b é 3 3', 'last. 0 1'],
  );
  t.deepEqual(
    [0, 1, 2, 3].map((i) => [
      info!.tables.element(i),
      info!.tables.initial(i),
      info!.tables.maximum(i),
      info!.tables.hasValue(i),
    ]),
    [
      [0x70, 0, 5, false],
      [0x70, 2, 3, true],
      [0x70, 0, undefined, false],
      [0x6f, 1, undefined, true],
    ],
  );
});

/** Sections with many items, most of the common form, some not. */
function manyItems(): Uint8Array {
  const count = 300;
  const functions = Array.from({ length: count }, (_, i) =>
    leb(i % 7 === 0 ? 150 : i % 2, i % 11 === 0 ? 3 : 1),
  ).flat();
  const entries = Array.from({ length: count }, (_, i) => leb((i * 7) % count, i % 13 === 0 ? 4 : 1)).flat();
  const forms = [
    [0, 0x41],
    [2, 0, 0x41],
  ] as const;
  const segments = [0, 1, 127, 128, 300].flatMap((size) =>
    [[0x7f], [0x3f], [0x80, 0x7f], [0xff, 0xff, 0xff, 0x3f], [0x80, 0x80, 0x80, 0x80, 0x78]].flatMap((place) =>
      forms.map((head) => [
        ...head,
        ...place,
        end,
        ...leb(size, size === 1 ? 4 : 1),
        ...new Array<number>(size).fill(size & 0xff),
      ]),
    ),
  );
  return moduleOf(
    [1, many(160, [0x60, 0, 0])],
    [3, [...leb(count), ...functions]],
    [4, [1, 0x70, 0, 0]],
    [5, [1, 0, 1]],
    [9, [2, 1, 0, ...leb(count), ...entries, 0, 0x41, 0, end, 2, 1, 0]],
    [10, many(count, [2, 0, end])],
    [11, [...leb(segments.length), ...segments.flat()]],
  );
}

test('sections with many items, byte by byte and in random pieces', (t) => {
  const bytes = manyItems();
  const whole = record(bytes);
  t.is(whole.error, undefined);
  t.is(whole.info?.data.length, 50);
  t.deepEqual(visible(record(bytes, everyByte(bytes.length))), visible(whole));
  for (let seed = 0; seed < 20; seed++) {
    t.deepEqual(visible(record(bytes, randomCuts(bytes.length, new Random(3, seed)))), visible(whole), `seed ${seed}`);
  }
});

test('every truncation is an error, at the same place byte by byte', (t) => {
  for (let length = 0; length < everything.length; length++) {
    const bytes = everything.subarray(0, length);
    const whole = record(bytes);
    // Cut between two sections it may be a module of its own.
    if (whole.error === undefined) t.true(length === 8 || length > 20, `${length}`);
    t.deepEqual(visible(record(bytes, everyByte(length))), visible(whole), `${length}`);
  }
});

test('generated modules in random pieces', (t) => {
  for (let seed = 0; seed < 150; seed++) {
    const bytes = generateModule(seed);
    const whole = visible(record(bytes));
    t.deepEqual(visible(record(bytes, randomCuts(bytes.length, new Random(1, seed)))), whole, `seed ${seed}`);
    if (bytes.length < 600) t.deepEqual(visible(record(bytes, everyByte(bytes.length))), whole, `seed ${seed}`);
  }
});

test('mutants in random pieces', (t) => {
  const seeds = [everything, ...Array.from({ length: 60 }, (_, seed) => generateModule(seed, { size: 'small' }))];
  for (let seed = 0; seed < 5000; seed++) {
    const random = new Random(2, seed);
    const bytes = mutate(random.oneIn(3) ? everything : random.pick(seeds), random.pick(seeds), random);
    const cuts = bytes.length < 400 ? everyByte(bytes.length) : randomCuts(bytes.length, random);
    const whole = record(bytes);
    const pieces = record(bytes, cuts);
    t.is(anonymous(pieces.error?.message), anonymous(whole.error?.message), `seed ${seed}`);
    t.is(pieces.error?.opcode, whole.error?.opcode, `seed ${seed}`);
    t.is(pieces.calls.join('\n'), whole.calls.join('\n'), `seed ${seed}`);
  }
});

/** One function whose body is `code`. */
function withBody(code: Uint8Array): Uint8Array {
  return moduleOf([1, [1, 0x60, 0, 0]], [3, [1, 0]], [10, join([1], leb(code.length), code)]);
}

const types: readonly [number, number[]] = [1, [1, 0x60, 0, 0]];
const large: readonly (readonly [string, Uint8Array, valid: boolean])[] = [
  ['br_table', withBody(join([0, 0x41, 0, 0x0e], many(65520, [0]), [0, end])), true],
  ['br_table, targets padded', withBody(join([0, 0x41, 0, 0x0e], many(60000, [0x80, 0x80, 0]), [0, end])), true],
  ['runs of locals', withBody(join(many(100000, [0, 0x7f]), [end])), true],
  ['number without end among the locals', withBody(join([1], new Uint8Array(200000).fill(0x80))), false],
  ['number without end in the code', withBody(join([0, 0x41], new Uint8Array(200000).fill(0x80))), false],
  [
    'section of element entries',
    moduleOf(types, [3, [1, 0]], [9, join([1, 1, 0], many(200000, [0]))], [10, [1, 2, 0, end]]),
    true,
  ],
  ['element expressions', moduleOf([9, join([1, 5, 0x70], many(70000, [0xd0, 0x70, end]))]), true],
  ['data', moduleOf([11, join([1, 1], many(300000, [1]))]), true],
  ['data segments', moduleOf([11, many(100000, [1, 0])]), true],
  ['custom section', moduleOf([0, join(name('x'), new Uint8Array(300000))]), true],
  ['name of a section', moduleOf([0, many(300000, [0x61])]), true],
  ['name of an import', moduleOf(types, [2, join([1], many(300000, [0x61]), [0, 0, 0])]), true],
  ['constant expression', moduleOf([6, join([1, 0x7f, 0], new Uint8Array(200000).fill(0x41), [end])]), false],
  ['sums', moduleOf([6, join([1, 0x7f, 0, 0x41, 0], many(100000, [0x41, 0, 0x6a]).subarray(3), [end])]), true],
  ['types', moduleOf([1, many(100000, [0x60, 0, 0])]), true],
  ['parameters', moduleOf([1, join([1, 0x60], many(1000, [0x7f]), many(1000, [0x7e]))]), true],
  [
    'nested blocks',
    withBody(join([0], many(100000, [0x02, 0x40]).subarray(3), new Uint8Array(100001).fill(end))),
    true,
  ],
];

/** Milliseconds to take the module in pieces of one byte. */
function trickle(bytes: Uint8Array): [number, Recording] {
  const begin = performance.now();
  const recording = record(bytes, everyByte(bytes.length));
  return [performance.now() - begin, recording];
}

for (const [title, bytes, valid] of large) {
  test(`large items byte by byte: ${title}`, (t) => {
    const [ms, { error }] = trickle(bytes);
    t.is(error === undefined, valid, error?.message);
    // About 1 µs per byte; work that grows with the square takes minutes.
    t.true(ms < 20 * (bytes.length / 1000) + 1000, `${ms.toFixed(0)} ms for ${bytes.length} bytes`);
  });
}
