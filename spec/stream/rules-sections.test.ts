/** Sections at the edges of the rules: the verdict is V8's, but for the differences that are named. */
import test from 'ava';
import { disagreement, join, leb, many, moduleOf, name, type SectionBytes, sized, verdict } from './harness.js';

type Row = readonly [title: string, bytes: Uint8Array];

const end = 0x0b;
const zeros = (count: number): number[] => new Array<number>(count).fill(0);
const types: SectionBytes = [1, [1, 0x60, 0, 0]];
const oneFunction: SectionBytes = [3, [1, 0]];
const oneBody: SectionBytes = [10, [1, 2, 0, end]];

function check(title: string, rows: readonly Row[]): void {
  test(title, (t) => {
    for (const [row, bytes] of rows) t.is(disagreement(bytes), undefined, row);
  });
}

check('header', [
  ['nothing', new Uint8Array(0)],
  ['magic word only', moduleOf().subarray(0, 4)],
  ['seven bytes', moduleOf().subarray(0, 7)],
  ['empty module', moduleOf()],
  ['version 2', Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0)],
  ['component', Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)],
  ['wrong magic word', Uint8Array.of(0, 0x61, 0x73, 0x6e, 1, 0, 0, 0)],
]);

check('section headers and order', [
  ['length, padded', join(moduleOf(), [1, 0x81, 0x80, 0x80, 0x80, 0, 0])],
  ['length of six bytes', join(moduleOf(), [1, 0x81, 0x80, 0x80, 0x80, 0x80, 0, 0])],
  ['longer than the module', join(moduleOf(), [1, 5, 0])],
  ['id only', join(moduleOf(), [1])],
  ['custom, longer than the module', join(moduleOf(), [0, 50, 1, 0x61])],
  ['custom, 4 GiB', join(moduleOf(), [0, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 0x61])],
  ['twice', moduleOf(types, types)],
  ['function before type', moduleOf([3, [0]], [1, [0]])],
  ['export before function', moduleOf([7, [0]], [3, [0]])],
  ['data count after code', moduleOf(types, oneFunction, oneBody, [12, [0]])],
  ['data count before element', moduleOf([4, [1, 0x70, 0, 1]], [12, [0]], [9, [0]])],
  ['data count twice', moduleOf([12, [0]], [12, [0]])],
  ['count, padded', moduleOf([1, [0x80, 0x80, 0x80, 0x80, 0]])],
  ['count of six bytes', moduleOf([1, [0x80, 0x80, 0x80, 0x80, 0x80, 0]])],
  ['count of 33 bits', moduleOf([1, [0x80, 0x80, 0x80, 0x80, 0x10]])],
  ['count larger than the section', moduleOf([1, [0xff, 0xff, 0x0f]])],
  ...Array.from({ length: 20 }, (_, id): Row[] => [
    [`section ${id}, empty`, moduleOf([id, []])],
    [`section ${id}, no items`, moduleOf([id, [0]])],
    [`section ${id}, a byte too many`, moduleOf([id, [0, 0]])],
  ]).flat(),
  ['section 200', moduleOf([200, []])],
]);

const customNames = [
  ...['name', 'sourceMappingURL', '.debug_info', 'external_debug_info', 'compilationHints', 'linking', 'build_id'],
  ...['metadata.code.branch_hint', 'dylink.0', 'producers'],
];
const customContents = [[], [0xff], [1, 0xff], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [1, 5, 1, 0, 3, 0x61], [0, 1, 0]];

check('custom sections', [
  ['empty', moduleOf([0, []])],
  ['name is not UTF-8', moduleOf([0, [1, 0xff]])],
  ['name longer than the section', moduleOf([0, [5, 0x61]])],
  ['name of 100,001 bytes', moduleOf([0, many(100001, [0x61])])],
  ['name length, padded', moduleOf([0, [0x80, 0x80, 0x80, 0x80, 0]])],
  ['name length of six bytes', moduleOf([0, [0x80, 0x80, 0x80, 0x80, 0x80, 0]])],
  ['name length cut off', moduleOf([0, [0x80]])],
  ...customNames.flatMap((section) =>
    customContents.map((contents): Row => {
      const custom: SectionBytes = [0, [...name(section), ...contents]];
      return [`${section} ${contents}`, moduleOf(types, oneFunction, custom, oneBody, custom)];
    }),
  ),
]);

check('types', [
  ...[1000, 1001].map((n): Row => [`${n} parameters`, moduleOf([1, join([1, 0x60], many(n, [0x7f]), [0])])]),
  ...[1000, 1001].map((n): Row => [`${n} results`, moduleOf([1, join([1, 0x60, 0], many(n, [0x7f]))])]),
  ...[0, 0x30, 0x31, 0x40, 0x4e, 0x4f, 0x50, 0x5d, 0x5e, 0x5f, 0x61, 0x7f, 0xe0].map(
    (form): Row => [`form ${form}`, moduleOf([1, [1, form, 0, 0]])],
  ),
  ['form, padded', moduleOf([1, [1, 0xe0, 0x7f, 0, 0]])],
  ...Array.from({ length: 256 }, (_, type): Row[] => [
    [`value type ${type}`, moduleOf([1, [1, 0x60, 1, type, 0]])],
    [`value type ${type} and 0x70`, moduleOf([1, [1, 0x60, 1, type, 0x70, 0]])],
    [`value type ${type} and 0x7f`, moduleOf([1, [1, 0x60, 1, type, 0x7f, 0]])],
  ]).flat(),
  ['one million', moduleOf([1, many(1000000, [0x60, 0, 0])])],
  ['one million and one', moduleOf([1, many(1000001, [0x60, 0, 0])])],
]);

const imports = (...bytes: number[]): Uint8Array => moduleOf(types, [2, bytes]);

check('imports', [
  ['function', imports(1, 0, 0, 0, 0)],
  ['function of no type', imports(1, 0, 0, 0, 1)],
  ['tag', imports(1, 0, 0, 4, 0, 0)],
  ['kind 5', imports(1, 0, 0, 5, 0)],
  ['name is not UTF-8', imports(1, 1, 0xff, 0, 0, 0)],
  ['name cut off', imports(1, 0, 1, 0xc0, 0, 0)],
  ['surrogate', imports(1, 3, 0xed, 0xa0, 0x80, 0, 0, 0)],
  ['byte order mark', imports(1, 3, 0xef, 0xbb, 0xbf, 0, 0, 0)],
  ['largest code point', imports(1, 4, 0xf4, 0x8f, 0xbf, 0xbf, 0, 0, 0)],
  ['beyond the largest code point', imports(1, 4, 0xf4, 0x90, 0x80, 0x80, 0, 0, 0)],
  ['overlong', imports(1, 2, 0xc1, 0xbf, 0, 0, 0)],
  ['overlong, three bytes', imports(1, 3, 0xe0, 0x9f, 0xbf, 0, 0, 0)],
  ['NUL', imports(1, 1, 0, 0, 0, 0)],
  ...[100000, 100001, 1000000].map(
    (n): Row => [`name of ${n} bytes`, moduleOf(types, [2, join([1], many(n, [0x61]), [0, 0, 0])])],
  ),
  ['100,000', moduleOf(types, [2, many(100000, [0, 0, 0, 0])])],
  ['1,000,001', moduleOf(types, [2, many(1000001, [0, 0, 0, 0])])],
]);

check('functions and code', [
  ['no code section', moduleOf(types, oneFunction)],
  ['no code section, no functions', moduleOf(types, [3, [0]])],
  ['no function section, no bodies', moduleOf([10, [0]])],
  ['no function section', moduleOf(types, oneBody)],
  ['fewer bodies', moduleOf(types, [3, [2, 0, 0]], oneBody)],
  ['body of no bytes', moduleOf(types, oneFunction, [10, [1, 0]])],
  ['body without end', moduleOf(types, oneFunction, [10, [1, 1, 0]])],
  ['body longer than the section', moduleOf(types, oneFunction, [10, [1, 5, 0, end]])],
  ['bytes behind the last body', moduleOf(types, oneFunction, [10, [1, 2, 0, end, 0]])],
  ...[1000000, 1000001].map(
    (n): Row => [`${n} functions`, moduleOf(types, [3, many(n, [0])], [10, many(n, [2, 0, end])])],
  ),
  [
    'a million besides an import',
    moduleOf(types, [2, [1, 0, 0, 0, 0]], [3, many(1e6, [0])], [10, many(1e6, [2, 0, end])]),
  ],
]);

const limitFlags = [0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 0x80, 0x81];
const tableSizes = [10000000, 10000001, 0x7fffffff, 0x80000000, 0xffffffff];
const memorySizes = [65535, 65536, 65537, 0xffffffff];

check('tables', [
  ...limitFlags.map((flags): Row => [`flags ${flags}`, moduleOf([4, [1, 0x70, flags, 1, 5]])]),
  ...tableSizes.flatMap((n): Row[] => [
    [`initial ${n}`, moduleOf([4, [1, 0x70, 0, ...leb(n)]])],
    [`maximum ${n}`, moduleOf([4, [1, 0x70, 1, 0, ...leb(n)]])],
    [`imported, initial ${n}`, imports(1, 0, 0, 1, 0x70, 0, ...leb(n))],
    [`imported, maximum ${n}`, imports(1, 0, 0, 1, 0x70, 1, 0, ...leb(n))],
  ]),
  ['maximum below initial', moduleOf([4, [1, 0x70, 1, 5, 4]])],
  ['with a value', moduleOf([4, [1, 0x40, 0, 0x70, 0, 1, 0xd0, 0x70, end]])],
  ['with a value, reserved byte', moduleOf([4, [1, 0x40, 1, 0x70, 0, 1, 0xd0, 0x70, end]])],
  ['with a value of another type', moduleOf([4, [1, 0x40, 0, 0x70, 0, 1, 0xd0, 0x6f, end]])],
  ['with a value of a number type', moduleOf([4, [1, 0x40, 0, 0x7f, 0, 1, 0x41, 0, end]])],
  ['with no value', moduleOf([4, [1, 0x40, 0, 0x70, 0, 1, end]])],
  ['with two values', moduleOf([4, [1, 0x40, 0, 0x70, 0, 1, 0xd0, 0x70, 0xd0, 0x70, end]])],
  ['with a value that is cut off', moduleOf([4, [1, 0x40]])],
  ['imported, with a value', imports(1, 0, 0, 1, 0x40, 0, 0x70, 0, 1, 0xd0, 0x70, end)],
  ...[0xf0, 0x7f, 0x6e, 0x63].map((type): Row => [`type ${type}`, moduleOf([4, [1, type, 0, 1]])]),
  ['100,000', moduleOf([4, many(100000, [0x70, 0, 0])])],
  ['100,001', moduleOf([4, many(100001, [0x70, 0, 0])])],
  ['100,000 and an imported one', moduleOf([2, [1, 0, 0, 1, 0x70, 0, 0]], [4, many(100000, [0x70, 0, 0])])],
]);

check('memories', [
  ...limitFlags.map((flags): Row => [`flags ${flags} with maximum`, moduleOf([5, [1, flags, 1, 5]])]),
  ...limitFlags.map((flags): Row => [`flags ${flags}`, moduleOf([5, [1, flags, 1]])]),
  ['flags, padded', moduleOf([5, [1, 0x80, 0, 1]])],
  ...memorySizes.flatMap((n): Row[] => [
    [`initial ${n}`, moduleOf([5, [1, 0, ...leb(n)]])],
    [`maximum ${n}`, moduleOf([5, [1, 1, 0, ...leb(n)]])],
    [`imported, initial ${n}`, imports(1, 0, 0, 2, 0, ...leb(n))],
    [`imported, maximum ${n}`, imports(1, 0, 0, 2, 1, 0, ...leb(n))],
  ]),
  ['two', moduleOf([5, [2, 0, 1, 0, 1]])],
  ['two imported', imports(2, 0, 0, 2, 0, 1, 0, 0, 2, 0, 1)],
  ['one imported, one own', moduleOf([2, [1, 0, 0, 2, 0, 1]], [5, [1, 0, 1]])],
  ['none', moduleOf([5, [0]])],
]);

/** Global 0 is an imported constant, 1 an imported variable, both i32. */
const globals = (...bytes: number[]): Uint8Array =>
  moduleOf(types, [2, [3, 0, 0, 3, 0x7f, 0, 0, 0, 3, 0x7f, 1, 0, 0, 0, 0]], [6, bytes]);

check('globals and constant expressions', [
  ['of an imported constant', globals(1, 0x7f, 0, 0x23, 0, end)],
  ['of an imported constant, padded', globals(1, 0x7f, 0, 0x23, 0x80, 0, end)],
  ['of an imported variable', globals(1, 0x7f, 0, 0x23, 1, end)],
  ['of an own constant', globals(2, 0x7f, 0, 0x41, 0, end, 0x7f, 0, 0x23, 2, end)],
  ['of itself', globals(1, 0x7f, 0, 0x23, 2, end)],
  ['out of range', globals(1, 0x7f, 0, 0x23, 9, end)],
  ['sum', globals(1, 0x7f, 0, 0x41, 0, 0x41, 0, 0x6a, end)],
  ['sum of one', globals(1, 0x7f, 0, 0x41, 0, 0x6a, end)],
  ['sum of two types', globals(1, 0x7f, 0, 0x41, 0, 0x42, 0, 0x6a, end)],
  ['two values', globals(1, 0x7f, 0, 0x41, 0, 0x41, 0, end)],
  ['no value', globals(1, 0x7f, 0, end)],
  ['another type', globals(1, 0x7e, 0, 0x41, 0, end)],
  ['mutability 2', globals(1, 0x7f, 2, 0x41, 0, end)],
  ['mutability, padded', globals(1, 0x7f, 0x80, 0, 0x41, 0, end)],
  ['function', globals(1, 0x70, 0, 0xd2, 0, end)],
  ['function out of range', globals(1, 0x70, 0, 0xd2, 9, end)],
  ['null', globals(1, 0x6f, 0, 0xd0, 0x6f, end)],
  ['null of another type', globals(1, 0x6f, 0, 0xd0, 0x70, end)],
  ['null, padded', globals(1, 0x70, 0, 0xd0, 0xf0, 0x7f, end)],
  ['null of a type index', globals(1, 0x70, 0, 0xd0, 0, end)],
  ['nop', globals(1, 0x7f, 0, 0x01, 0x41, 0, end)],
  ['unreachable', globals(1, 0x7f, 0, 0x00, end)],
  ['no end', globals(1, 0x7f, 0, 0x41, 0)],
  ['i32, padded', globals(1, 0x7f, 0, 0x41, 0x80, 0x80, 0x80, 0x80, 0, end)],
  ['i32, extra bits', globals(1, 0x7f, 0, 0x41, 0x80, 0x80, 0x80, 0x80, 0x10, end)],
  ['i64, extra bits', globals(1, 0x7e, 0, 0x42, ...zeros(9).fill(0x80), 2, end)],
  ['vector', globals(1, 0x7b, 0, 0xfd, 0x0c, ...zeros(16), end)],
  ['vector, opcode padded', globals(1, 0x7b, 0, 0xfd, 0x8c, 0x80, 0x80, 0x80, 0, ...zeros(16), end)],
  ['vector, opcode of six bytes', globals(1, 0x7b, 0, 0xfd, 0x8c, 0x80, 0x80, 0x80, 0x80, 0, ...zeros(16), end)],
  ['vector of 15 bytes', globals(1, 0x7b, 0, 0xfd, 0x0c, ...zeros(15), end)],
  ['vector as a number', globals(1, 0x7f, 0, 0xfd, 0x0c, ...zeros(16), end)],
  ['number as a vector', globals(1, 0x7b, 0, 0x41, 0, end)],
  ['two vectors', globals(1, 0x7b, 0, 0xfd, 0x0c, ...zeros(16), 0xfd, 0x0c, ...zeros(16), end)],
  ['splat', globals(1, 0x7b, 0, 0x41, 0, 0xfd, 15, end)],
  ['not of a vector', globals(1, 0x7b, 0, 0xfd, 0x0c, ...zeros(16), 0xfd, 77, end)],
  ['relaxed opcode', globals(1, 0x7b, 0, 0xfd, 0x8c, 0x02, ...zeros(16), end)],
  ['function index as a vector', globals(1, 0x7b, 0, 0xd2, 0, end)],
  ['one million', moduleOf([6, many(1000000, [0x7f, 0, 0x41, 0, end])])],
  ['one million and one', moduleOf([6, many(1000001, [0x7f, 0, 0x41, 0, end])])],
  ['a million besides an import', moduleOf([2, [1, 0, 0, 3, 0x7f, 0]], [6, many(1000000, [0x7f, 0, 0x41, 0, end])])],
]);

/** Two functions, a table, a memory, an imported constant and an own variable. */
const before: SectionBytes[] = [
  types,
  [2, [2, 0, 0, 0, 0, 0, 0, 3, 0x7f, 0]],
  oneFunction,
  [4, [1, 0x70, 0, 1]],
  [5, [1, 0, 1]],
  [6, [1, 0x7f, 1, 0x41, 0, end]],
];
const exports = (...bytes: number[]): Uint8Array => moduleOf(...before, [7, bytes], oneBody);

/** Exports of function 0 under different names. */
function manyExports(count: number): Uint8Array {
  const bytes = many(count, [4, 0, 0, 0, 0, 0, 0]);
  const first = bytes.length - 7 * count;
  for (let i = 0; i < count; i++) {
    for (let digit = 0; digit < 4; digit++) bytes[first + 7 * i + 1 + digit] = 0x30 + ((i >> (5 * digit)) & 31);
  }
  return moduleOf(...before, [7, bytes], oneBody);
}

check('exports', [
  ['all kinds', exports(4, 1, 0x61, 0, 0, 1, 0x62, 1, 0, 1, 0x63, 2, 0, 1, 0x64, 3, 1)],
  ...[0, 1, 2, 3, 4, 5].map((kind): Row => [`kind ${kind}, out of range`, exports(1, 1, 0x61, kind, 9)]),
  ['same name', exports(2, 1, 0x61, 0, 0, 1, 0x61, 0, 1)],
  ['same name, other kind', exports(2, 1, 0x61, 0, 0, 1, 0x61, 1, 0)],
  ['name is not UTF-8', exports(1, 1, 0x80, 0, 0)],
  ['index, padded', exports(1, 1, 0x61, 0, 0x80, 0)],
  ['100,000', manyExports(100000)],
]);

const start = (...bytes: number[]): Uint8Array =>
  moduleOf([1, [2, 0x60, 0, 0, 0x60, 0, 1, 0x7f]], [2, [1, 0, 0, 0, 1]], oneFunction, [8, bytes], oneBody);

check('start', [
  ['function', start(1)],
  ['with a result', start(0)],
  ['out of range', start(2)],
  ['a byte too many', start(1, 0)],
  ['padded', start(0x81, 0)],
  ['none', start()],
]);

const elements = (...bytes: number[]): Uint8Array => moduleOf(...before, [9, bytes], oneBody);

check('element segments', [
  ...Array.from({ length: 10 }, (_, flags): Row[] =>
    [
      [1, flags, 0x41, 0, end, 1, 0],
      [1, flags, 0, 1, 0],
      [1, flags, 0, 0x41, 0, end, 0, 1, 0],
      [1, flags, 0x41, 0, end, 1, 0xd2, 0, end],
      [1, flags, 0x70, 1, 0xd2, 0, end],
      [1, flags, 0, 0x41, 0, end, 0x70, 1, 0xd2, 0, end],
      [1, flags, 0x70, 2, 0xd0, 0x70, end, 0xd2, 0, end],
      [1, flags, 0x6f, 1, 0xd0, 0x6f, end],
      [1, flags, 0, 0x41, 0, end, 0x6f, 1, 0xd0, 0x6f, end],
    ].map((bytes) => [`${bytes}`, elements(...bytes)]),
  ).flat(),
  ['table out of range', elements(1, 2, 9, 0x41, 0, end, 0, 0)],
  ['offset of type i64', elements(1, 0, 0x42, 0, end, 0)],
  ['offset of an imported constant', elements(1, 0, 0x23, 0, end, 0)],
  ['offset of a variable', elements(1, 0, 0x23, 1, end, 0)],
  ['flags, padded', elements(1, 0x80, 0, 0x41, 0, end, 0)],
  ['kind 1', elements(1, 1, 1, 0)],
  ['function out of range', elements(1, 0, 0x41, 0, end, 1, 9)],
  ['number as entry', elements(1, 5, 0x70, 1, 0x41, 0, end)],
  ['imported number as entry', elements(1, 5, 0x70, 1, 0x23, 0, end)],
  ['two instructions as entry', elements(1, 5, 0x70, 1, 0xd2, 0, 0xd2, 0, end)],
  ['type, padded', elements(1, 5, 0xf0, 0x7f, 0)],
  ['count of 2^32 - 1', elements(1, 1, 0, 0xff, 0xff, 0xff, 0xff, 0x0f)],
  ['a byte too many', elements(1, 1, 0, 0, 0)],
  ['no table', moduleOf(types, [9, [1, 0, 0x41, 0, end, 0]])],
  ['no table, passive', moduleOf(types, [9, [1, 1, 0, 0]])],
  ['no table, declarative', moduleOf(types, oneFunction, [9, [1, 3, 0, 1, 0]], oneBody)],
  ['10,000,000 entries', moduleOf(...before, [9, join([1, 1, 0], many(10000000, [0]))], oneBody)],
  ['10,000,001 entries', moduleOf(...before, [9, join([1, 1, 0], many(10000001, [0]))], oneBody)],
]);

const data = (...bytes: number[]): Uint8Array => moduleOf(...before, oneBody, [11, bytes]);

check('data segments', [
  ...[0, 1, 2, 3, 4].flatMap((flags): Row[] =>
    [
      [1, flags, 0x41, 0, end, 1, 0],
      [1, flags, 1, 0],
      [1, flags, 0, 0x41, 0, end, 1, 0],
      [1, flags, 1, 0x41, 0, end, 1, 0],
    ].map((bytes) => [`${bytes}`, data(...bytes)]),
  ),
  ['longer than the section', data(1, 1, 5, 0)],
  ['flags, padded', data(1, 0x81, 0, 0)],
  ['memory, padded', data(1, 2, 0x80, 0, 0x41, 0, end, 0)],
  ['offset of type i64', data(1, 0, 0x42, 0, end, 0)],
  ['a byte too many', data(1, 1, 0, 0)],
  ['no memory', moduleOf([11, [1, 0, 0x41, 0, end, 0]])],
  ['no memory, passive', moduleOf([11, [1, 1, 0]])],
  ['count 0, no section', moduleOf([12, [0]])],
  ['count 1, no section', moduleOf([12, [1]])],
  ['count 1, no segments', moduleOf([12, [1]], [11, [0]])],
  ['count 0, one segment', moduleOf([5, [1, 0, 1]], [12, [0]], [11, [1, 1, 0]])],
  ['count 100,001', moduleOf([12, leb(100001)])],
  ['no count, but data.drop', moduleOf(types, oneFunction, [10, [1, ...sized([0, 0xfc, 9, 0, end])]], [11, [1, 1, 0]])],
  ['100,000', moduleOf([11, many(100000, [1, 0])])],
  ['100,001', moduleOf([11, many(100001, [1, 0])])],
]);

test('differences: V8 in Node 20 has older limits, and takes an element segment of numbers', (t) => {
  // The JavaScript API's limit is a million (V8: 100,000).
  t.is(verdict(moduleOf(types, [2, many(1000000, [0, 0, 0, 0])]))[0], 'valid');
  t.is(verdict(manyExports(1000000))[0], 'valid');
  t.is(verdict(elements(1, 5, 0x7f, 1, 0x41, 0, end))[0], 'invalid');
});
