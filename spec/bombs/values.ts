/** Hostile operand stacks: signatures of a thousand types, values that have to move at each branch. */
import { F32, F64, FUNCREF, I32, I64, type ValueType } from '../support/wasm-types.js';
import type { ByteWriter } from '../support/writer.js';
import type { Bomb } from './bomb.js';
import { buildModule, constant, constants, repeat, typesOf } from './build.js';

const mixes: [string, ValueType[]][] = [
  ['i32 f32', [I32, F32]],
  ['i64', [I64]],
  ['f64 f64 i32', [F64, F64, I32]],
];

/** g: types -> types that returns its parameters, f: () -> types that calls it n times. */
function chain(
  count: number,
  pattern: ValueType[],
  how: 'call' | 'import' | 'indirect' | 'return' | 'br_if',
  n: number,
) {
  const types = typesOf(count, ...pattern);
  return buildModule({
    types: [
      { params: types, results: types },
      { params: [], results: types },
    ],
    imports: how === 'import' ? [0] : [],
    functions: [
      {
        type: 1,
        body(w) {
          constants(w, types);
          if (how === 'indirect') repeat(w, n, 0x41, 0, 0x11, 0, 0);
          else repeat(w, n, 0x10, how === 'import' ? 0 : 1);
        },
      },
      {
        type: 0,
        body(w) {
          types.forEach((_, i) => {
            w.byte(0x20).u32(i);
          });
        },
      },
    ],
    table: [1],
    entry: 0,
  });
}

const chains: Bomb[] = [1, 4, 5, 8, 9, 14, 15, 18, 23, 40, 1000].flatMap((count) =>
  mixes.map(
    ([mix, pattern]): Bomb => ({
      name: `calls, ${count} -> ${count} of ${mix}`,
      scale: 50_000,
      run: 7,
      build: (n) => chain(count, pattern, 'call', n),
    }),
  ),
);

/** f pushes; the values of one type stay below. */
function sources(name: string, types: ValueType[], imported: boolean): Bomb {
  return {
    name,
    scale: types.length > 100 ? 5000 : 50_000,
    run: imported ? undefined : 5,
    withoutV8: types.length > 100,
    build: (n) =>
      buildModule({
        types: [{ params: [], results: types }],
        imports: imported ? [0] : [],
        functions: [
          {
            type: 0,
            body(w) {
              // Values below the last ones are left behind in dead code's shadow: return takes the top.
              repeat(w, n, 0x10, imported ? 0 : 1);
              w.byte(0x0f);
            },
          },
          { type: 0, body: (w) => constants(w, types) },
        ],
        entry: 0,
      }),
  } as Bomb;
}

/** Values pass from one signature to another that wants them elsewhere, with a call between that spills all. */
function shuffle(name: string, types: ValueType[], spill: boolean): Bomb {
  const rotated = [...types.slice(1), types[0] as ValueType];
  return {
    name,
    scale: 25_000,
    run: 9,
    build: (n) =>
      buildModule({
        types: [
          { params: types, results: rotated },
          { params: rotated, results: types },
          { params: [], results: [] },
          { params: [], results: types },
        ],
        functions: [
          {
            type: 3,
            body(w) {
              constants(w, types);
              repeat(w, n, 0x10, 1, ...(spill ? [0x10, 3] : []), 0x10, 2, ...(spill ? [0x10, 3] : []));
            },
          },
          { type: 0, body: (w) => constants(w, rotated) },
          { type: 1, body: (w) => constants(w, types) },
          { type: 2, body: () => {} },
        ],
        entry: 0,
      }),
  };
}

const fourteen: ValueType[] = [I64, F64, I64, F64, I64, F64, I64, F64, I64, F64, I64, F64, F64, F64];

/** Blocks, loops and ifs whose parameters and results are `count` values. */
function blocks(count: number): Bomb[] {
  const types = typesOf(count, I32, F32);
  const make = (name: string, bytes: number, piece: (w: ByteWriter) => void): Bomb => ({
    name: `${name}, ${count} values`,
    scale: Math.floor(100_000 / bytes),
    run: 20,
    calls: [[0], [1]],
    build: (n) =>
      buildModule({
        types: [
          { params: [I32], results: types },
          { params: types, results: types },
        ],
        functions: [
          {
            type: 0,
            body(w) {
              constants(w, types);
              for (let i = 0; i < n; i++) piece(w);
            },
          },
        ],
        entry: 0,
      }),
  });
  return [
    make('block end', 3, (w) => w.byte(0x02, 1, 0x0b)),
    make('loop end', 3, (w) => w.byte(0x03, 1, 0x0b)),
    make('if else end', 6, (w) => w.byte(0x20, 0, 0x04, 1, 0x05, 0x0b)),
    make('if end', 5, (w) => w.byte(0x20, 0, 0x04, 1, 0x0b)),
    make('block br_if end', 7, (w) => w.byte(0x02, 1, 0x20, 0, 0x0d, 0, 0x0b)),
    make('if return end', 6, (w) => w.byte(0x20, 0, 0x04, 1, 0x0f, 0x0b)),
    make('br_if to the function', 4, (w) => w.byte(0x20, 0, 0x0d, 0)),
    make('block br end', 5, (w) => w.byte(0x02, 1, 0x0c, 0, 0x0b)),
    make('block br_table end', 8, (w) => w.byte(0x02, 1, 0x20, 0, 0x0e, 1, 0, 0, 0x0b)),
  ];
}

/** A value under those that a branch carries: they must move down. */
function shifted(count: number): Bomb {
  const types = typesOf(count, I32, F32);
  return {
    name: `br_if over shifted values, ${count}`,
    scale: 25_000,
    run: 20,
    calls: [[0], [1]],
    build: (n) =>
      buildModule({
        types: [
          { params: [I32], results: types },
          { params: [], results: types },
        ],
        functions: [
          {
            type: 0,
            body(w) {
              w.byte(0x02, 1);
              constant(w, I64, 77);
              constants(w, types);
              for (let i = 0; i < n; i++) w.byte(0x20, 0, 0x0d, 0);
              w.byte(0x0c, 0, 0x0b);
            },
          },
        ],
        entry: 0,
      }),
  };
}

/** Functions of many results: each has its own way out. */
function manyReturns(name: string, count: number, body: number[]): Bomb {
  const types = typesOf(count, I32, F32);
  return {
    name,
    scale: 14_000,
    most: 900_000,
    run: 5,
    build: (n) =>
      buildModule({
        types: [{ params: [], results: types }],
        functions: [
          { type: 0, body: (w) => constants(w, types) },
          ...Array.from({ length: n }, () => ({ type: 0, body: (w: ByteWriter) => w.byte(...body) })),
        ],
        entry: 1,
      }),
  };
}

export const valueBombs: Bomb[] = [
  ...chains,
  ...mixes.map(
    ([mix, pattern]): Bomb => ({
      name: `call_indirect, 1000 -> 1000 of ${mix}`,
      scale: 20_000,
      run: 7,
      build: (n) => chain(1000, pattern, 'indirect', n),
    }),
  ),
  ...[2, 4, 14, 1000].map(
    (count): Bomb => ({
      name: `calls of an import, ${count} -> ${count}`,
      scale: 50_000,
      build: (n) => chain(count, [I32, F32], 'import', n),
    }),
  ),
  ...[3, 4, 5, 8, 14, 15].map((count) => sources(`calls, () -> ${count}`, fourteen.concat(I64).slice(0, count), false)),
  ...[2, 3, 4, 5, 14, 15].map((count) =>
    sources(`calls of an import, () -> ${count}`, fourteen.concat(I64).slice(0, count), true),
  ),
  sources('calls, () -> 1000: millions of operands', typesOf(1000, I32, F32), false),
  shuffle('rotated signatures, 4', fourteen.slice(0, 4), false),
  shuffle('rotated signatures, 14', fourteen, false),
  shuffle('rotated signatures, 14, spilled between', fourteen, true),
  shuffle('rotated signatures, 8, spilled between', fourteen.slice(0, 8), true),
  shuffle('rotated signatures, 1000', typesOf(1000, I32, F32, I64), false),
  ...blocks(1),
  ...blocks(4),
  ...blocks(5),
  ...blocks(1000),
  ...[1, 4, 5, 1000].map(shifted),
  manyReturns('functions with 1000 results, passing them on', 1000, [0x10, 0]),
  manyReturns('functions with 15 results, passing them on', 15, [0x10, 0]),
  manyReturns('functions with 1000 results, unreachable', 1000, [0x00]),
  {
    name: 'functions with 1000 parameters',
    most: 900_000,
    scale: 25_000,
    build: (n) =>
      buildModule({
        types: [{ params: typesOf(1000, I32, F32), results: [] }],
        functions: Array.from({ length: n }, () => ({ type: 0, body: () => {} })),
      }),
  },
  {
    name: 'types of 1000 parameters and results, each called once',
    scale: 40,
    run: 3,
    build: (n) => {
      const list = Array.from({ length: n }, (_, k) =>
        typesOf(1000, ...[I32, F32, I64, F64, F64, I64].slice(k % 5), I32),
      );
      return buildModule({
        types: [...list.map((types) => ({ params: types, results: types })), { params: [], results: [] }],
        functions: [
          ...list.map((types, k) => ({
            type: k,
            body: (w: ByteWriter) => {
              types.forEach((_, i) => {
                w.byte(0x20).u32(i);
              });
            },
          })),
          {
            type: n,
            body: (w) => {
              list.forEach((types, k) => {
                constants(w, types);
                w.byte(0x10).u32(k);
                repeat(w, 1000, 0x1a);
              });
            },
          },
        ],
        entry: n,
      });
    },
  },
  {
    name: 'select chains',
    scale: 16_000,
    run: 100,
    calls: [[0], [1]],
    build: (n) =>
      buildModule({
        types: [{ params: [I32], results: [F64, I64] }],
        functions: [
          {
            type: 0,
            locals: [[1, I64]],
            body(w) {
              constants(w, [F64]);
              for (let i = 0; i < n; i++) {
                constant(w, F64, i);
                w.byte(0x20, 0, 0x1b);
              }
              w.byte(0x20, 1);
              repeat(w, n, 0x20, 1, 0x20, 0, 0x1b);
            },
          },
        ],
        entry: 0,
      }),
  },
  {
    name: 'ref.func and table operations',
    scale: 10_000,
    run: 20,
    build: (n) =>
      buildModule({
        types: [{ params: [], results: [FUNCREF] }],
        functions: [
          {
            type: 0,
            body(w) {
              w.byte(0xd2, 0);
              // table.set 0 of it, table.get, is_null, table.size
              repeat(w, n, 0x1a, 0x41, 0, 0xd2, 0, 0x26, 0, 0x41, 0, 0x25, 0);
            },
          },
        ],
        table: [0],
        entry: 0,
      }),
  },
];
