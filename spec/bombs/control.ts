/** Hostile control flow: many locals, many labels, deep nesting, wide tables, merges that move everything. */
import { EMPTY, F32, F64, I32, I64, type ValueType } from '../support/wasm-types.js';
import type { ByteWriter } from '../support/writer.js';
import type { Bomb } from './bomb.js';
import { buildModule, constant, constants, repeat, typesOf } from './build.js';

const get = (w: ByteWriter, local: number) => w.byte(0x20).u32(local);
const set = (w: ByteWriter, local: number) => w.byte(0x21).u32(local);

/** f: (i32) -> i32 with the given body; the sum of some locals is the result. */
function single(
  locals: [number, ValueType][],
  body: (w: ByteWriter) => void,
  result = (w: ByteWriter) => get(w, 1),
): Uint8Array {
  return buildModule({
    types: [
      { params: [I32], results: [I32] },
      { params: [], results: [] },
      { params: [], results: typesOf(1000, I32) },
    ],
    functions: [
      {
        type: 0,
        locals,
        body(w) {
          body(w);
          result(w);
        },
      },
      { type: 1, body: () => {} },
      { type: 2, body: (w) => constants(w, typesOf(1000, I32)) },
    ],
    entry: 0,
    table: [1],
  });
}

const calls = [[0], [1], [7], [-1]];

/** Eleven i64 and fifteen f64 locals, all dirty in registers, far away from the frame pointer. */
const firstDirty = 101;
const manyDirty: [number, ValueType][] = [
  [firstDirty - 1, I32],
  [11, I64],
  [15, F64],
];

function dirtyLocals(w: ByteWriter): void {
  for (let i = 0; i < 26; i++) {
    get(w, 0);
    if (i < 11) w.byte(0xac, 0x42).s64(BigInt(i)).byte(0x7c);
    else w.byte(0xb7);
    set(w, firstDirty + i);
  }
}

/** Sum of the locals that `dirtyLocals` writes. */
function sumLocals(w: ByteWriter): ByteWriter {
  w.byte(0x41, 0);
  for (let i = 0; i < 26; i++) {
    get(w, firstDirty + i);
    w.byte(i < 11 ? 0xa7 : 0xaa, 0x6a);
  }
  return w;
}

/** Dirty locals in registers, and then `piece` n times. */
function merges(name: string, bytes: number, piece: (w: ByteWriter) => void): Bomb {
  return {
    name,
    scale: Math.floor(100_000 / bytes),
    run: 40,
    calls,
    build: (n) =>
      single(
        manyDirty,
        (w) => {
          dirtyLocals(w);
          for (let i = 0; i < n; i++) piece(w);
        },
        sumLocals,
      ),
  };
}

/** Pieces whose conditions cost no bytes: a call leaves a thousand of them on the stack, before the locals get dirty. */
function freeConditions(name: string, bytes: number, piece: number[], conditions = 1): Bomb {
  return {
    name,
    scale: Math.floor(100_000 / bytes),
    run: 60,
    calls,
    build: (n) =>
      buildModule({
        types: [
          { params: [I32], results: [I32] },
          { params: [], results: [] },
          { params: [], results: typesOf(1000, I32) },
          { params: typesOf(conditions, I32), results: [] },
        ],
        functions: [
          {
            type: 0,
            locals: manyDirty,
            body(w) {
              let left = 0;
              for (let i = 0; i < n; i++) {
                if (left === 0) {
                  w.byte(0x10, 2);
                  dirtyLocals(w);
                  left = 1000;
                }
                left -= conditions;
                w.byte(...piece);
              }
              repeat(w, left, 0x1a);
              sumLocals(w);
            },
          },
          { type: 1, body: () => {} },
          { type: 2, body: (w) => repeat(w, 500, 0x41, 0, 0x41, 1) },
        ],
        entry: 0,
      }),
  };
}

function nested(name: string, opener: number[], middle: number[], closer: number[], bytes: number): Bomb {
  return {
    name,
    scale: Math.floor(100_000 / bytes),
    run: 500,
    calls,
    build: (n) =>
      single([[3, I32]], (w) => {
        repeat(w, n, ...opener);
        w.byte(...middle);
        repeat(w, n, ...closer);
      }),
  };
}

const manyLocals: [number, ValueType][] = [
  [24_500, I32],
  [24_500, F64],
];

function localsTimes(name: string, bytes: number, ...piece: number[]): Bomb {
  return {
    name: `49,000 locals x ${name}`,
    scale: Math.floor(100_000 / bytes),
    run: 100,
    calls,
    build: (n) => single(manyLocals, (w) => repeat(w, n, ...piece)),
  };
}

export const controlBombs: Bomb[] = [
  localsTimes('blocks', 3, 0x02, EMPTY, 0x0b),
  localsTimes('blocks with br_if', 7, 0x02, EMPTY, 0x20, 0, 0x0d, 0, 0x0b),
  localsTimes('if/else', 10, 0x20, 0, 0x04, EMPTY, 0x41, 3, 0x21, 1, 0x05, 0x0b),
  localsTimes('loops', 5, 0x03, EMPTY, 0x01, 0x01, 0x0b),
  localsTimes('loops with set', 9, 0x03, EMPTY, 0x41, 5, 0x21, 1, 0x0b, 0x01, 0x01),
  {
    name: '49,000 locals, all used in turn',
    scale: 12_000,
    run: 1000,
    calls,
    build: (n) =>
      single(manyLocals, (w) => {
        for (let i = 0; i < n; i++) {
          get(w, i % 24_500);
          set(w, 1 + ((i * 7919) % 24_499));
        }
      }),
  },
  {
    name: 'functions with 49,000 locals',
    most: 900_000,
    scale: 10_000,
    build: (n) =>
      buildModule({
        types: [{ params: [], results: [] }],
        functions: Array.from({ length: n }, (_, i) => ({
          type: 0,
          locals: [[49_000, i % 2 === 0 ? I32 : F64]] as [number, ValueType][],
          body: () => {},
        })),
      }),
  },
  {
    name: 'functions with 49,000 locals, the last one used',
    most: 900_000,
    scale: 6000,
    build: (n) =>
      buildModule({
        types: [{ params: [], results: [] }],
        functions: Array.from({ length: n }, (_, i) => ({
          type: 0,
          locals: [[49_000, i % 2 === 0 ? I32 : F64]] as [number, ValueType][],
          body: (w: ByteWriter) => {
            get(w, 48_999);
            set(w, 47_000);
          },
        })),
      }),
  },
  {
    name: 'functions with 32 locals and a label',
    most: 900_000,
    scale: 8000,
    build: (n) =>
      buildModule({
        types: [{ params: [], results: [] }],
        functions: Array.from({ length: n }, () => ({
          type: 0,
          locals: [[32, I64]] as [number, ValueType][],
          body: (w: ByteWriter) => w.byte(0x02, EMPTY, 0x20, 0, 0x50, 0x0d, 0, 0x0b),
        })),
      }),
  },
  merges('dirty locals x br_if', 7, (w) => w.byte(0x02, EMPTY, 0x20, 0, 0x0d, 0, 0x0b)),
  merges('dirty locals x call', 2, (w) => w.byte(0x10, 1)),
  merges('dirty locals x (if, else call)', 8, (w) => w.byte(0x20, 0, 0x04, EMPTY, 0x05, 0x10, 1, 0x0b)),
  merges('dirty locals x (if call else)', 8, (w) => w.byte(0x20, 0, 0x04, EMPTY, 0x10, 1, 0x05, 0x0b)),
  merges('dirty locals x (block br_if call)', 9, (w) => w.byte(0x02, EMPTY, 0x20, 0, 0x0d, 0, 0x10, 1, 0x0b)),
  merges('dirty locals x (loop, if else call)', 11, (w) =>
    w.byte(0x03, EMPTY, 0x20, 0, 0x04, EMPTY, 0x05, 0x10, 1, 0x0b, 0x0b),
  ),
  merges('dirty locals x br_table', 12, (w) => w.byte(0x02, EMPTY, 0x03, EMPTY, 0x20, 0, 0x0e, 1, 1, 1, 0x0b, 0x0b)),
  merges('dirty locals x br_table to a loop', 14, (w) =>
    w.byte(0x02, EMPTY, 0x03, EMPTY, 0x41, 1, 0x0e, 1, 0, 1, 0x0b, 0x0b),
  ),
  {
    name: 'one block, dirty locals, many (call, br_if)',
    scale: 16_000,
    run: 50,
    calls,
    build: (n) =>
      single(
        manyDirty,
        (w) => {
          w.byte(0x02, EMPTY);
          dirtyLocals(w);
          w.byte(0x20, 0, 0x0d, 0);
          for (let i = 0; i < n; i++) w.byte(0x10, 1, 0x20, 0, 0x0d, 0);
          w.byte(0x0b);
        },
        sumLocals,
      ),
  },
  {
    name: 'one loop, dirty locals, many (call, br_if)',
    scale: 16_000,
    run: 50,
    calls,
    build: (n) =>
      single(
        manyDirty,
        (w) => {
          dirtyLocals(w);
          w.byte(0x03, EMPTY);
          for (let i = 0; i < n; i++) w.byte(0x10, 1, 0x41, 0, 0x0d, 0);
          w.byte(0x0b);
        },
        sumLocals,
      ),
  },
  freeConditions('dirty locals x (if, else call), conditions for nothing', 6, [0x04, EMPTY, 0x05, 0x10, 1, 0x0b]),
  freeConditions('dirty locals x (if, call, else, end), conditions for nothing', 6, [0x04, EMPTY, 0x10, 1, 0x05, 0x0b]),
  freeConditions(
    'dirty locals x (block br_if call br_if end), conditions for nothing',
    9,
    [0x02, 3, 0x0d, 0, 0x10, 1, 0x0d, 0, 0x0b],
    2,
  ),
  freeConditions('dirty locals x (loop if else call end), conditions for nothing', 9, [
    0x03,
    3,
    0x04,
    EMPTY,
    0x05,
    0x10,
    1,
    0x0b,
    0x0b,
  ]),
  {
    name: 'nested blocks with states, each left by (call, end)',
    scale: 10_000,
    run: 300,
    calls,
    build: (n) =>
      single(
        manyDirty,
        (w) => {
          dirtyLocals(w);
          for (let i = 0; i < n; i++) w.byte(0x02, EMPTY, 0x20, 0, 0x0d, 0);
          for (let i = 0; i < n; i++) w.byte(0x10, 1, 0x0b);
        },
        sumLocals,
      ),
  },
  {
    name: 'br_if with four constants as values',
    scale: 25_000,
    run: 50,
    build: (n) =>
      buildModule({
        types: [
          { params: [I32], results: [F64, F64, F64, F64] },
          { params: [], results: [F64, F64, F64, F64] },
        ],
        functions: [
          {
            type: 0,
            body(w) {
              w.byte(0x02, 1);
              constants(w, typesOf(4, F64));
              repeat(w, n, 0x20, 0, 0x0d, 0);
              w.byte(0x0b);
            },
          },
        ],
        entry: 0,
      }),
    calls,
  },
  {
    name: 'br_if to the function, eight results',
    scale: 25_000,
    run: 50,
    build: (n) =>
      buildModule({
        types: [{ params: [I32], results: typesOf(8, F64) }],
        functions: [
          {
            type: 0,
            body(w) {
              constants(w, typesOf(8, F64));
              repeat(w, n, 0x20, 0, 0x0d, 0);
            },
          },
        ],
        entry: 0,
      }),
    calls,
  },
  nested('nested blocks', [0x02, EMPTY], [], [0x0b], 3),
  nested('nested loops', [0x03, EMPTY], [], [0x0b], 3),
  nested('nested ifs', [0x20, 0, 0x04, EMPTY], [], [0x0b], 5),
  nested('nested if/else', [0x20, 0, 0x04, EMPTY], [], [0x05, 0x01, 0x0b], 7),
  nested('nested elses', [0x20, 0, 0x04, EMPTY, 0x05], [], [0x0b], 6),
  nested('nested blocks, br to the outermost', [0x02, EMPTY, 0x20, 0, 0x0d, 0], [], [0x0b], 7),
  nested('nested loops, br_if in each', [0x03, EMPTY], [], [0x41, 0, 0x0d, 0, 0x0b], 7),
  nested('nested blocks in dead code', [0x02, EMPTY], [], [0x0b], 3),
  {
    name: 'nested blocks after unreachable',
    scale: 33_000,
    build: (n) =>
      single(
        [],
        (w) => {
          w.byte(0x00);
          repeat(w, n, 0x02, EMPTY);
          repeat(w, n, 0x0b);
        },
        (w) => w,
      ),
  },
  {
    name: 'dead code',
    scale: 20_000,
    build: (n) =>
      single(
        [],
        (w) => {
          w.byte(0x00);
          repeat(w, n, 0x41, 0, 0x45, 0x1a, 0x6a);
        },
        (w) => w,
      ),
  },
  {
    name: 'unreachable in blocks',
    scale: 20_000,
    build: (n) =>
      single([[1, I32]], (w) => {
        w.byte(0x02, EMPTY, 0x20, 0, 0x0d, 0);
        repeat(w, n, 0x20, 0, 0x04, EMPTY, 0x00, 0x0b);
        w.byte(0x0b);
      }),
  },
  {
    name: 'br_table with 65,520 targets',
    scale: 65_520 - 1,
    run: 200,
    calls: [[0], [1], [199], [200], [-1]],
    build: (n) => {
      const tables = Math.ceil(n / 65_520);
      return single([[1, I32]], (w) => {
        for (let t = 0; t < tables; t++) {
          const targets = Math.min(65_520, n - t * 65_520);
          w.byte(0x02, EMPTY, 0x02, EMPTY, 0x02, EMPTY, 0x20, 0, 0x0e).u32(targets);
          for (let i = 0; i <= targets; i++) w.byte(i % 3);
          w.byte(0x0b, 0x41, 1, 0x21, 1, 0x0b, 0x41, 2, 0x21, 1, 0x0b);
        }
      });
    },
  },
  ...[1, 2, 5, 1000].map(
    (count): Bomb => ({
      name: `br_table, ${count} values`,
      scale: 65_520 - 1,
      run: 100,
      calls: [[0], [1], [99], [100], [-1]],
      build: (n) => {
        const types = typesOf(count, I32, F32);
        const tables = Math.ceil(n / 65_520);
        return buildModule({
          types: [
            { params: [I32], results: types },
            { params: [], results: types },
          ],
          functions: [
            {
              type: 0,
              body(w) {
                for (let t = 0; t < tables; t++) {
                  const targets = Math.min(65_520, n - t * 65_520);
                  w.byte(0x02, 1, 0x02, 1);
                  constant(w, I32, 5);
                  constants(w, types);
                  w.byte(0x20, 0, 0x0e).u32(targets);
                  for (let i = 0; i <= targets; i++) w.byte(i % 2);
                  w.byte(0x0b);
                  repeat(w, count, 0x1a);
                  constants(
                    w,
                    [...types].map((type) => type),
                  );
                  w.byte(0x0b);
                  if (t + 1 < tables) repeat(w, count, 0x1a);
                }
              },
            },
          ],
          entry: 0,
        });
      },
    }),
  ),
  {
    name: 'br_table in dead code, 999 of 1000 values, two types in turn',
    scale: 65_000,
    build: (n) => {
      const types = typesOf(1000, I32, F32);
      const tables = Math.ceil(n / 65_000);
      return buildModule({
        types: [
          { params: [], results: [I32, ...types.slice(1)] },
          { params: [], results: [F32, ...types.slice(1)] },
        ],
        functions: [
          {
            type: 0,
            body(w) {
              for (let t = 0; t < tables; t++) {
                w.byte(0x02, 0, 0x02, 1, 0x00);
                constants(w, types.slice(1));
                const targets = Math.min(65_000, n - t * 65_000);
                w.byte(0x41, 0, 0x0e).u32(targets);
                for (let i = 0; i <= targets; i++) w.byte(i % 2);
                w.byte(0x0b, 0x00, 0x0b);
                if (t + 1 < tables) repeat(w, 1000, 0x1a);
              }
            },
          },
        ],
      });
    },
  },
  {
    name: 'one label, many br_if',
    scale: 25_000,
    run: 200,
    calls,
    build: (n) =>
      single([[1, I32]], (w) => {
        w.byte(0x02, EMPTY);
        for (let i = 0; i < n; i++) w.byte(0x20, 0, 0x0d, 0);
        w.byte(0x41, 7, 0x21, 1, 0x0b);
      }),
  },
  {
    name: 'one label, many (if br)',
    scale: 12_500,
    run: 200,
    calls,
    build: (n) =>
      single([[1, I32]], (w) => {
        w.byte(0x02, EMPTY);
        for (let i = 0; i < n; i++) w.byte(0x20, 0, 0x04, EMPTY, 0x0c, 1, 0x0b);
        w.byte(0x41, 7, 0x21, 1, 0x0b);
      }),
  },
  {
    name: '100 labels, many br_if to each, all ends in a row',
    scale: 25_000,
    run: 300,
    calls,
    build: (n) =>
      single([[1, I32]], (w) => {
        repeat(w, 100, 0x02, EMPTY);
        for (let i = 0; i < n; i++) w.byte(0x20, 0, 0x0d, i % 100);
        w.byte(0x41, 7, 0x21, 1);
        repeat(w, 100, 0x0b);
      }),
  },
  ...[
    ['blocks', 0x02],
    ['loops', 0x03],
  ].flatMap(([kind, opener]) =>
    [900, 20_000].map(
      (width): Bomb => ({
        name: `br_table to ${width} ${kind} around it, again and again`,
        scale: width === 900 ? 60 : 1,
        run: 2,
        calls: kind === 'loops' ? [[-1]] : [[0], [1], [500], [899], [900], [-1]],
        build: (n) =>
          single([[1, I32]], (w) => {
            w.byte(0x02, EMPTY);
            for (let k = 0; k < width; k++) w.byte(opener as number, EMPTY);
            for (let i = 0; i < n; i++) {
              w.byte(0x02, EMPTY, 0x20, 0, 0x41, 0, 0x48, 0x0d, 0, 0x20, 0, 0x0e).u32(width);
              for (let k = 0; k <= width; k++) w.u32(k === width ? width + 1 : k + 1);
              w.byte(0x0b);
            }
            w.byte(0x0c).u32(width);
            for (let k = 0; k < width; k++) {
              w.byte(0x0b);
              if (kind === 'blocks') w.byte(0x20, 1, 0x41, 1, 0x6a, 0x21, 1);
            }
            w.byte(0x0b);
          }),
      }),
    ),
  ),
  {
    name: 'many small br_tables',
    scale: 8000,
    run: 30,
    calls,
    build: (n) => single([[1, I32]], (w) => repeat(w, n, 0x02, EMPTY, 0x20, 0, 0x0e, 0, 0, 0x0b)),
  },
  {
    name: 'br_table to a loop with values',
    scale: 6000,
    run: 30,
    build: (n) =>
      buildModule({
        types: [
          { params: [I32], results: [I64] },
          { params: [I64, F64], results: [I64, F64] },
        ],
        functions: [
          {
            type: 0,
            locals: [[1, I32]],
            body(w) {
              constants(w, [I64, F64]);
              for (let i = 0; i < n; i++) {
                // Once round the loop, then out of it.
                w.byte(0x02, 1, 0x03, 1, 0x20, 1, 0x41, 1, 0x6a, 0x22, 1, 0x41, 1, 0x71, 0x0e, 1, 1, 0, 0x0b, 0x0b);
              }
              w.byte(0x1a);
            },
          },
        ],
        entry: 0,
      }),
    calls,
  },
];
